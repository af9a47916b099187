//! `jet-admin user …`: accounts, from the machine itself; works beside a running server.
use super::{Place, runtime, say};
use crate::{
    Error, Result,
    auth::{
        Identity, Refusal,
        identity::{check_password, normal_email},
        password::{self, For},
    },
    clock::Time,
    data_dir::DataDir,
    quota::Quotas,
    store::{Durability, NewUser, Store, User as Account, WayIn},
};
use clap::{Args, Subcommand};
use std::{
    io::{IsTerminal, Read},
    sync::Arc,
};

#[derive(Subcommand)]
pub(super) enum User {
    /// Make an account; asks for the password, or reads it from standard input.
    Create(Create),
    /// List accounts.
    List(Place),
    /// Set a new password and sign the account out everywhere.
    ResetPassword(Named),
    /// Refuse sign-in and end all sessions; `--undo` allows it again.
    Disable(Disable),
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    named: Named,
    #[arg(long, default_value = "")]
    name: String,
}

#[derive(Args)]
pub(super) struct Named {
    /// The account's e-mail address.
    email: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct Disable {
    #[command(flatten)]
    named: Named,
    #[arg(long)]
    undo: bool,
}

impl User {
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

fn open(place: &Place) -> Result<(Option<DataDir>, Store)> {
    let (lock, paths) = DataDir::open_or_join(&place.path()?)?;
    let quotas = Arc::new(Quotas::unlimited());
    let store = match &lock {
        Some(held) => Store::open(held, Durability::Full, quotas)?,
        None => Store::join(&paths, Durability::Full, quotas)?,
    };
    Ok((lock, store))
}

/// The account with a password here.
fn local(store: &Store, email: &str) -> Result<Account> {
    let found = store.get(|tx| tx.user_by_email(&email.trim().to_lowercase()))?;
    found.map(|(user, _)| user).ok_or_else(|| Error::conflict(format!("no local account has the address {email}")))
}

/// Every account of the address, wherever it signs in.
fn all(store: &Store, email: &str) -> Result<Vec<Account>> {
    let wanted = email.trim().to_lowercase();
    let mut found = store.get(|tx| tx.users())?;
    found.retain(|user| user.email == wanted);
    if found.is_empty() {
        return Err(Error::conflict(format!("no account has the address {email}")));
    }
    Ok(found)
}

impl Create {
    async fn run(self) -> Result<()> {
        let email = normal_email(&self.named.email).map_err(explain)?;
        let password = ask_password()?;
        let (_lock, store) = open(&self.named.place)?;
        let way_in = WayIn::Password(password::hash(password, For::Stranger(None)).await?);
        let new = NewUser { email, email_verified: true, name: self.name, photo_url: None, way_in };
        let user = store.write(move |tx| tx.create_user(&new, Time::now())).await?;
        let admin = if user.is_instance_admin { ", the instance's admin" } else { "" };
        say(&format!("made {}{admin}", user.email));
        Ok(())
    }
}

fn list(place: &Place) -> Result<()> {
    let (_lock, store) = open(place)?;
    for user in store.get(|tx| tx.users())? {
        let state = if user.disabled { "disabled" } else { "active" };
        let admin = if user.is_instance_admin { "admin" } else { "" };
        let last = user.last_login_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        // a tab within a field would be one more field
        let fields = [user.email.as_str(), &user.name, state, admin, &last].map(|field| field.replace('\t', " "));
        say(&fields.join("\t"));
    }
    Ok(())
}

async fn reset_password(named: &Named) -> Result<()> {
    let (_lock, store) = open(&named.place)?;
    let user = local(&store, &named.email)?;
    let hash = password::hash(ask_password()?, For::Stranger(None)).await?;
    store.write(move |tx| tx.set_password(user.id, &hash, Identity::end_of_sessions(Time::now()))).await?;
    say("the password is set; every session of the account has ended");
    Ok(())
}

impl Disable {
    async fn run(self) -> Result<()> {
        let (_lock, store) = open(&self.named.place)?;
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
        say(if self.undo {
            "the account may sign in again"
        } else {
            "the account is disabled; its sessions have ended"
        });
        Ok(())
    }
}

/// From the terminal without echo, or the first line of standard input.
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

fn explain(refusal: Refusal) -> Error {
    match refusal {
        Refusal::WeakPassword => Error::conflict("the password must be 8 to 1024 characters"),
        Refusal::InvalidEmail => Error::conflict("that is not an e-mail address"),
        Refusal::Other(error) => error,
        other => Error::internal(format!("{other:?}")),
    }
}
