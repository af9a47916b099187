//! What the owner of an account may change: profile, password, address; and the codes that prove an address.
use super::{
    Identity, Refusal, Session, hash_secret,
    identity::{check_password, normal_email},
    password::{self, For},
    random_secret,
};
use crate::{
    Error, Result,
    clock::Time,
    error::TokenProblem,
    store::{ActionCode, User},
};
use std::{net::IpAddr, sync::Arc, time::Duration};

const CODE_LIFETIME: Duration = Duration::from_hours(1);
pub(super) const RESET: &str = "PASSWORD_RESET";
const VERIFY: &str = "VERIFY_EMAIL";

/// What `update` changes; absent means unchanged.
#[derive(Default)]
pub struct ProfileChange {
    pub email: Option<String>,
    pub name: Option<String>,
    pub photo_url: Option<Option<String>>,
    pub password: Option<String>,
}

impl ProfileChange {
    /// Checks every field, and brings the address into its normal form.
    fn check(&mut self) -> Result<(), Refusal> {
        if let Some(email) = &mut self.email {
            *email = normal_email(email)?;
        }
        if self.name.as_ref().is_some_and(|name| name.chars().count() > 255) {
            return Err(Error::invalid("displayName", "must be at most 255 characters").into());
        }
        let photo = self.photo_url.as_ref().and_then(Option::as_ref);
        if photo.is_some_and(|url| url.chars().count() > 2000 || !url.starts_with("https://")) {
            return Err(Error::invalid("photoUrl", "must be a https address of at most 2000 characters").into());
        }
        self.password.as_deref().map_or(Ok(()), check_password)
    }

    /// Sets what a person can see of an account; the password is stored apart.
    fn apply(self, user: &mut User) {
        if let Some(email) = self.email.filter(|email| *email != user.email) {
            user.email = email;
            user.email_verified = false;
        }
        if let Some(name) = self.name {
            name.trim().clone_into(&mut user.name);
        }
        if let Some(photo) = self.photo_url {
            user.photo_url = photo;
        }
    }
}

impl Identity {
    /// Changes the signed-in account; a new password ends its other sessions.
    pub async fn update(&self, id_token: &str, mut change: ProfileChange) -> Result<Session, Refusal> {
        let id = self.authenticate(id_token).await?.id;
        change.check()?;
        let now = Time::now();
        let hash = match change.password.take() {
            Some(password) => {
                self.meters.admit_password(id)?;
                Some(password::hash(password, For::Account(id)).await?)
            }
            None => None,
        };
        let saved = self.store.write(move |tx| {
            // as it is now: what another process changed in the meantime must not come back
            let mut user = tx.user(id)?;
            if user.disabled {
                return Err(Error::Unauthenticated(TokenProblem::Invalid));
            }
            change.apply(&mut user);
            match tx.update_user(&user) {
                Err(Error::Conflict(_)) => return Ok(Err(Refusal::EmailExists)),
                other => other?,
            }
            if let Some(hash) = hash {
                tx.set_password(id, &hash, Self::end_of_sessions(now))?;
            }
            tx.user(id).map(Ok)
        });
        let user = saved.await.map_err(|error| match error {
            Error::NotFound(_) => Refusal::InvalidIdToken,
            other => other.into(),
        })??;
        self.open_session(user, now).await
    }

    /// Deletes the signed-in account.
    pub async fn delete(&self, id_token: &str) -> Result<(), Refusal> {
        let user = self.authenticate(id_token).await?;
        Ok(self.store.write(move |tx| tx.delete_user(user.id)).await?)
    }

    /// Sends a password-reset code, if there is such an account. Looking for it begins after the answer: neither what that
    /// says nor how long it takes tells whether there is one.
    pub fn send_reset(self: &Arc<Self>, email: &str, address: Option<IpAddr>) -> Result<(), Refusal> {
        let email = normal_email(email)?;
        self.meters.admit_code(address)?;
        let identity = Arc::clone(self);
        tokio::spawn(async move {
            let sent = match identity.store.get(|tx| tx.user_by_email(&email)) {
                Ok(Some((user, _))) => identity.send_code(&user, RESET, "reset").await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(%error, "a password reset was not sent");
            }
        });
        Ok(())
    }

    pub async fn send_verification(&self, id_token: &str) -> Result<String, Refusal> {
        let user = self.authenticate(id_token).await?;
        let email = user.email.clone();
        self.send_code(&user, VERIFY, "verify").await?;
        Ok(email)
    }

    /// Sends a code, unless one was sent within the last minute: that one still works.
    async fn send_code(&self, user: &User, purpose: &'static str, page: &str) -> Result<()> {
        if self.letters.may_send(user.id, purpose) {
            let link = self.code_link(user, purpose, page).await?;
            self.letters.send_link(&user.email, purpose, &link);
        }
        Ok(())
    }

    /// A one-time link for the account.
    pub async fn code_link(&self, user: &User, purpose: &'static str, page: &str) -> Result<String> {
        let code = random_secret();
        let (hash, expires_at) = (hash_secret(&code), Time::now().plus(CODE_LIFETIME));
        let link = format!("{}/{page}?oobCode={code}", self.public_url);
        let entry = ActionCode { user: user.id, purpose: purpose.to_owned(), email: user.email.clone() };
        self.store.write(move |tx| tx.add_action_code(&hash, &entry, expires_at)).await?;
        Ok(link)
    }

    /// What a code is for, without using it up.
    pub fn look_at_code(&self, code: &str) -> Result<ActionCode, Refusal> {
        let hash = hash_secret(code);
        self.store.get(|tx| tx.action_code(&hash, Time::now()))?.ok_or(Refusal::InvalidCode)
    }

    /// Sets the new password of the account that the code was sent to; gives its address.
    pub async fn reset_password(&self, code: &str, password: String) -> Result<String, Refusal> {
        // before the hash is paid for
        let user = self.look_at_code(code)?.user;
        check_password(&password)?;
        self.meters.admit_password(user)?;
        let password = password::hash(password, For::Account(user)).await?;
        self.use_code(code, RESET, Some(password)).await
    }

    /// Marks the address that the code was sent to as verified; gives it.
    pub async fn verify_email(&self, code: &str) -> Result<String, Refusal> {
        self.use_code(code, VERIFY, None).await
    }

    async fn use_code(&self, code: &str, purpose: &'static str, password: Option<String>) -> Result<String, Refusal> {
        let (hash, now) = (hash_secret(code), Time::now());
        let used = self.store.write(move |tx| {
            let code = tx.action_code(&hash, now)?.filter(|code| code.purpose == purpose);
            let code = code.ok_or(Error::NotFound("code"))?;
            tx.delete_action_code(&hash)?;
            let mut user = tx.user(code.user)?;
            if user.email != code.email {
                return Err(Error::NotFound("code"));
            }
            // whoever has the code reads the mail of this address
            user.email_verified = true;
            tx.update_user(&user)?;
            if let Some(hash) = password {
                tx.set_password(user.id, &hash, Self::end_of_sessions(now))?;
            }
            Ok(code.email)
        });
        used.await.map_err(|error| match error {
            Error::NotFound(_) => Refusal::InvalidCode,
            other => other.into(),
        })
    }
}
