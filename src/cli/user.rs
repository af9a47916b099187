//! `jet-admin user …`: manages accounts on the server's machine, even while the server is running.
use super::{DatabaseOption, DirectoryOption, runtime, say};
use crate::{
    Error, Result,
    auth::{
        Identity, IdentityRefusal,
        identity::{check_password, normal_email},
        password::{self, HashPurpose},
    },
    clock::Time,
    data_dir::DataDir,
    quota::Quotas,
    store::{Credential, Durability, NewUser, PostgresLimits, Store, User as Account, exam::ServerExam},
};
use clap::{Args, Subcommand};
use std::{
    io::{IsTerminal, Read},
    sync::Arc,
};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Create an account; prompts for the password, or reads it from standard input.
    Create(Create),
    /// List accounts.
    List(AccountPlace),
    /// Set a new password and sign the account out everywhere.
    ResetPassword(AccountName),
    /// Disable an account and end its sessions; `--undo` enables it again.
    Disable(Disable),
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    named: AccountName,
    #[arg(long, default_value = "")]
    name: String,
}

#[derive(Args)]
pub(super) struct AccountName {
    /// Email address of the account.
    email: String,
    #[command(flatten)]
    place: AccountPlace,
}

/// Where the accounts are.
#[derive(Args)]
pub(super) struct AccountPlace {
    #[command(flatten)]
    directory: DirectoryOption,
    #[command(flatten)]
    database: DatabaseOption,
}

#[derive(Args)]
pub(super) struct Disable {
    #[command(flatten)]
    named: AccountName,
    #[arg(long)]
    undo: bool,
}

impl UserCommand {
    pub(super) fn run(self) -> Result<()> {
        runtime()?.block_on(async {
            match self {
                Self::Create(create) => create.run().await,
                Self::List(place) => list(&place),
                Self::ResetPassword(named) => reset_password(&named).await,
                Self::Disable(disable) => disable.run().await,
            }
        })
    }
}

fn open(place: &AccountPlace) -> Result<(Option<DataDir>, Store)> {
    let quotas = Arc::new(Quotas::unlimited());
    if let Some(url) = place.database.url()? {
        let limits = PostgresLimits { connections: 2, durability: Durability::Full };
        return Ok((None, Store::connect(&url, limits, &quotas)?));
    }
    let (lock, paths) = DataDir::open_or_join(&place.directory.path()?)?;
    let store = match &lock {
        Some(held) => Store::open(held, Durability::Full, &quotas)?,
        None => Store::join(&paths, Durability::Full, &quotas)?,
    };
    Ok((lock, store))
}

/// Opens what has been used before: a place that was named by mistake stays as it is.
fn open_used(place: &AccountPlace) -> Result<(Option<DataDir>, Store)> {
    let (name, is_empty) = if let Some(url) = place.database.url()? {
        (url.to_string(), ServerExam::begin(&url)?.schemas()?.are_missing)
    } else {
        let path = place.directory.path()?;
        let is_empty = std::fs::read_dir(&path).map_or(true, |mut entries| entries.next().is_none());
        (path.display().to_string(), is_empty)
    };
    if is_empty {
        return Err(Error::conflict(format!("{name} contains no data of jet-admin: name another one")));
    }
    open(place)
}

/// Finds the account that signs in with a password on this server.
fn local(store: &Store, email: &str) -> Result<Account> {
    let found = store.get(|tx| tx.user_by_email(&email.trim().to_lowercase()))?;
    found
        .map(|(user, _)| user)
        .ok_or_else(|| Error::conflict(format!("no local account has the email address {email}")))
}

/// Finds all accounts with the email address, including those of external issuers.
fn all(store: &Store, email: &str) -> Result<Vec<Account>> {
    let wanted = email.trim().to_lowercase();
    let mut found = store.get(|tx| tx.users())?;
    found.retain(|user| user.email == wanted);
    if found.is_empty() {
        return Err(Error::conflict(format!("no account has the email address {email}")));
    }
    Ok(found)
}

impl Create {
    async fn run(self) -> Result<()> {
        let email = normal_email(&self.named.email).map_err(explain)?;
        let password = ask_password()?;
        let (_lock, store) = open(&self.named.place)?;
        let credential = Credential::Password(password::hash(password, HashPurpose::Stranger(None)).await?);
        let new = NewUser { email, email_verified: true, name: self.name, photo_url: None, credential };
        let user = store.write(move |tx| tx.create_user(&new, Time::now())).await?;
        let admin = if user.is_instance_admin { " (instance admin)" } else { "" };
        say(&format!("created {}{admin}", user.email));
        Ok(())
    }
}

fn list(place: &AccountPlace) -> Result<()> {
    let (_lock, store) = open_used(place)?;
    for user in store.get(|tx| tx.users())? {
        let state = if user.disabled { "disabled" } else { "active" };
        let admin = if user.is_instance_admin { "admin" } else { "" };
        let last = user.last_login_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        // a tab inside a field would start another field
        let fields = [user.email.as_str(), &user.name, state, admin, &last].map(|field| field.replace('\t', " "));
        say(&fields.join("\t"));
    }
    Ok(())
}

async fn reset_password(named: &AccountName) -> Result<()> {
    let (_lock, store) = open_used(&named.place)?;
    let user = local(&store, &named.email)?;
    let hash = password::hash(ask_password()?, HashPurpose::Stranger(None)).await?;
    store.write(move |tx| tx.set_password(user.id, &hash, Identity::end_of_sessions(Time::now()))).await?;
    say("password changed; all sessions of the account were ended");
    Ok(())
}

impl Disable {
    async fn run(self) -> Result<()> {
        let (_lock, store) = open_used(&self.named.place)?;
        let users = all(&store, &self.named.email)?;
        let disabled = !self.undo;
        store
            .write(move |tx| {
                for user in users {
                    tx.update_user(&Account { disabled, ..tx.user(user.id)? })?;
                    tx.end_sessions(user.id, Identity::end_of_sessions(Time::now()))?;
                }
                Ok(())
            })
            .await?;
        say(if self.undo { "account enabled" } else { "account disabled; all its sessions were ended" });
        Ok(())
    }
}

/// Reads the password from the terminal without echo, or from the first line of standard input.
fn ask_password() -> Result<String> {
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("Password: ")?
    } else {
        let mut text = String::new();
        std::io::stdin().take(4096).read_to_string(&mut text)?;
        text.lines().next().unwrap_or_default().to_owned()
    };
    check_password(&password).map_err(explain)?;
    Ok(password)
}

fn explain(refusal: IdentityRefusal) -> Error {
    match refusal {
        IdentityRefusal::WeakPassword => Error::conflict("the password must be 8 to 1024 characters"),
        IdentityRefusal::InvalidEmail => Error::conflict("the email address is not valid"),
        IdentityRefusal::Other(error) => error,
        other => Error::internal(format!("{other:?}")),
    }
}
