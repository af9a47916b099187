//! Changes by the owner of an account: profile, password and email address, and the codes that verify an address.
use super::{
    Identity, IdentityRefusal, NewSession, OwnerProof, hash_secret,
    identity::{check_password, normal_email},
    notice::{AccountChange, PAUSE},
    password::{self, HashPurpose},
    random_secret,
};
use crate::{
    Error, Result,
    clock::Time,
    error::TokenProblem,
    store::{ActionCode, NO_PASSWORD, User},
};
use std::{net::IpAddr, sync::Arc, time::Duration};
use uuid::Uuid;

const CODE_LIFETIME: Duration = Duration::from_hours(1);
pub(super) const RESET: &str = "PASSWORD_RESET";
const VERIFY: &str = "VERIFY_EMAIL";
pub(super) const CHANGE: &str = "VERIFY_AND_CHANGE_EMAIL";

/// The changes of `update`. Absent fields stay unchanged.
#[derive(Default)]
pub struct ProfileChange {
    pub email: Option<String>,
    pub name: Option<String>,
    pub photo_url: Option<Option<String>>,
    pub password: Option<String>,
}

impl ProfileChange {
    /// Checks every field, and normalises the email address.
    fn check(&mut self) -> Result<(), IdentityRefusal> {
        if let Some(email) = &mut self.email {
            *email = normal_email(email)?;
        }
        if self.name.as_ref().is_some_and(|name| name.chars().count() > 255) {
            return Err(Error::invalid("displayName", "must be at most 255 characters").into());
        }
        let photo = self.photo_url.as_ref().and_then(Option::as_ref);
        if photo.is_some_and(|url| url.chars().count() > 2000 || !url.starts_with("https://")) {
            return Err(Error::invalid("photoUrl", "must be an https URL of at most 2000 characters").into());
        }
        self.password.as_deref().map_or(Ok(()), check_password)
    }

    /// Sets the name and the photo. The password and the email address are changed separately.
    fn apply(self, user: &mut User) {
        if let Some(name) = self.name {
            name.trim().clone_into(&mut user.name);
        }
        if let Some(photo) = self.photo_url {
            user.photo_url = photo;
        }
    }
}

/// An account after a change.
pub struct Updated {
    pub user: User,
    /// A new session, for a user who has just authenticated. A token alone does not get one, because it would become
    /// valid for a month.
    pub session: Option<NewSession>,
}

impl Identity {
    /// Changes the signed-in account. A new password ends its other sessions. A new email address applies once the code
    /// sent to it is used. Both require proof that the caller is the owner.
    ///
    /// # Errors
    /// `SignInTooOld` without that proof.
    pub async fn update(
        &self,
        id_token: &str,
        mut change: ProfileChange,
        proof: OwnerProof,
    ) -> Result<Updated, IdentityRefusal> {
        let (bearer, now) = (self.bearer(id_token).await?, Time::now());
        let id = bearer.user.id;
        change.check()?;
        if change.password.is_some() && !bearer.claims.is_own() {
            return Err(Error::conflict(NO_PASSWORD).into());
        }
        let new_email = change.email.take().filter(|email| *email != bearer.user.email);
        let proven = self.proven(&bearer, proof, now).await?;
        let is_sensitive = new_email.is_some() || change.password.is_some();
        if is_sensitive && proven.is_none() {
            return Err(IdentityRefusal::SignInTooOld);
        }
        if let Some(email) = &new_email {
            self.check_new_email(id, email).await?;
        }
        let hash = match change.password.take() {
            Some(password) => {
                self.meters.admit_password(id).await?;
                Some(password::hash(password, HashPurpose::Account(id)).await?)
            }
            None => None,
        };
        let has_new_password = hash.is_some();
        let saved = self.store.write(move |tx| {
            // read again, so that concurrent changes are not undone
            let mut user = tx.user(id)?;
            if user.disabled {
                return Err(Error::Unauthenticated(TokenProblem::Invalid));
            }
            change.apply(&mut user);
            tx.update_user(&user)?;
            if let Some(hash) = hash {
                tx.set_password(id, &hash, Self::end_of_sessions(now))?;
            }
            tx.user(id)
        });
        let user = saved.await.map_err(|error| match error {
            Error::NotFound(_) => IdentityRefusal::InvalidIdToken,
            other => other.into(),
        })?;
        if has_new_password {
            self.emails.notify(&user.email, AccountChange::NewPassword);
        }
        if let Some(email) = new_email {
            self.send_email_change(&user, email).await?;
        }
        let session = match proven.filter(|_| bearer.claims.is_own()) {
            Some(at) => Some(self.open_session(user.clone(), now, at).await?),
            None => None,
        };
        Ok(Updated { user, session })
    }

    /// Sends a code to the new email address of the account.
    ///
    /// # Errors
    /// `SignInTooOld` without proof that the caller is the owner, `EmailExists` for the address of another account.
    pub async fn request_email_change(
        &self,
        id_token: &str,
        email: &str,
        proof: OwnerProof,
    ) -> Result<(), IdentityRefusal> {
        let bearer = self.bearer(id_token).await?;
        let email = normal_email(email)?;
        self.must_prove(&bearer, proof, Time::now()).await?;
        self.check_new_email(bearer.user.id, &email).await?;
        self.send_email_change(&bearer.user, email).await
    }

    /// Refuses an address of another account, and requests that follow too quickly.
    async fn check_new_email(&self, user: Uuid, email: &str) -> Result<(), IdentityRefusal> {
        if self.store.get(|tx| tx.user_by_email(email))?.is_some_and(|(other, _)| other.id != user) {
            return Err(IdentityRefusal::EmailExists);
        }
        if !self.emails.may_send(user, CHANGE).await? {
            return Err(IdentityRefusal::TooManyAttempts { retry_after: PAUSE });
        }
        Ok(())
    }

    async fn send_email_change(&self, user: &User, email: String) -> Result<(), IdentityRefusal> {
        let link = self.link(user, CHANGE, "verify", Some(email.clone())).await?;
        self.emails.send_link(&email, CHANGE, &link);
        Ok(())
    }

    /// Returns the new email address that is waiting for confirmation, if any.
    pub fn pending_email(&self, user: Uuid) -> Result<Option<String>> {
        self.store.get(|tx| tx.pending_email(user, Time::now()))
    }

    /// Deletes the signed-in account, and revokes the credentials that act on its behalf.
    ///
    /// # Errors
    /// `SignInTooOld` without proof that the caller is the owner.
    pub async fn delete(&self, id_token: &str, proof: OwnerProof) -> Result<(), IdentityRefusal> {
        let (bearer, now) = (self.bearer(id_token).await?, Time::now());
        self.must_prove(&bearer, proof, now).await?;
        let id = bearer.user.id;
        Ok(self.store.write(move |tx| tx.delete_user(id, now)).await?)
    }

    /// Sends a password reset code if the account exists. The lookup starts after the response, so that neither its
    /// content nor its timing reveals whether the account exists.
    pub async fn send_reset(self: &Arc<Self>, email: &str, address: Option<IpAddr>) -> Result<(), IdentityRefusal> {
        let email = normal_email(email)?;
        self.meters.admit_code(address).await?;
        let identity = Arc::clone(self);
        tokio::spawn(async move {
            let sent = match identity.store.get(|tx| tx.user_by_email(&email)) {
                Ok(Some((user, _))) => identity.send_code(&user, RESET, "reset").await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(%error, "could not send a password reset");
            }
        });
        Ok(())
    }

    pub async fn send_verification(&self, id_token: &str) -> Result<String, IdentityRefusal> {
        let user = self.authenticate(id_token).await?;
        let email = user.email.clone();
        self.send_code(&user, VERIFY, "verify").await?;
        Ok(email)
    }

    /// Sends a code, unless one was sent within the last minute and still works.
    async fn send_code(&self, user: &User, purpose: &'static str, page: &str) -> Result<()> {
        if self.emails.may_send(user.id, purpose).await? {
            let link = self.code_link(user, purpose, page).await?;
            self.emails.send_link(&user.email, purpose, &link);
        }
        Ok(())
    }

    /// Creates a one-time link for the account.
    pub async fn code_link(&self, user: &User, purpose: &'static str, page: &str) -> Result<String> {
        self.link(user, purpose, page, None).await
    }

    async fn link(&self, user: &User, purpose: &'static str, page: &str, new_email: Option<String>) -> Result<String> {
        let code = random_secret();
        let (hash, expires_at) = (hash_secret(&code), Time::now().plus(CODE_LIFETIME));
        let link = format!("{}/{page}?oobCode={code}", self.public_url);
        let (purpose, email) = (purpose.to_owned(), user.email.clone());
        let entry = ActionCode { user: user.id, purpose, email, new_email };
        self.store.write(move |tx| tx.add_action_code(&hash, &entry, expires_at)).await?;
        Ok(link)
    }

    /// Returns a code without using it.
    pub fn look_at_code(&self, code: &str) -> Result<ActionCode, IdentityRefusal> {
        let hash = hash_secret(code);
        self.store.get(|tx| tx.action_code(&hash, Time::now()))?.ok_or(IdentityRefusal::InvalidCode)
    }

    /// Sets a new password for the account of a code. Returns its email address.
    pub async fn reset_password(&self, code: &str, password: String) -> Result<String, IdentityRefusal> {
        // before the hash is paid for
        let user = self.look_at_code(code)?.user;
        check_password(&password)?;
        self.meters.admit_password(user).await?;
        let password = password::hash(password, HashPurpose::Account(user)).await?;
        self.use_code(code, RESET, Some(password)).await
    }

    /// Uses a code that was sent to an email address. Marks the account's address as verified, or sets the new address,
    /// which ends the account's sessions. Returns the address.
    pub async fn verify_email(&self, code: &str) -> Result<String, IdentityRefusal> {
        let found = self.look_at_code(code)?;
        if found.purpose != CHANGE {
            return self.use_code(code, VERIFY, None).await;
        }
        let email = self.use_code(code, CHANGE, None).await?;
        self.emails.notify(&found.email, AccountChange::NewEmail(&email));
        Ok(email)
    }

    async fn use_code(
        &self,
        code: &str,
        purpose: &'static str,
        password: Option<String>,
    ) -> Result<String, IdentityRefusal> {
        let (hash, now, has_new_password) = (hash_secret(code), Time::now(), password.is_some());
        let used = self.store.write(move |tx| {
            let code = tx.action_code(&hash, now)?.filter(|code| code.purpose == purpose);
            let code = code.ok_or(Error::NotFound("code"))?;
            if !tx.take_action_code(&hash)? {
                return Err(Error::NotFound("code"));
            }
            let mut user = tx.user(code.user)?;
            if user.email != code.email {
                return Err(Error::NotFound("code"));
            }
            let is_change = code.new_email.is_some();
            // the code proves access to the mailbox of this address
            user.email = code.new_email.unwrap_or(code.email);
            user.email_verified = true;
            match tx.update_user(&user) {
                Err(Error::Conflict(_)) => return Ok(Err(IdentityRefusal::EmailExists)),
                other => other?,
            }
            if let Some(hash) = password {
                tx.set_password(user.id, &hash, Self::end_of_sessions(now))?;
            } else if is_change {
                tx.end_sessions(user.id, Self::end_of_sessions(now))?;
            }
            Ok(Ok(user.email))
        });
        let email = used.await.map_err(|error| match error {
            Error::NotFound(_) => IdentityRefusal::InvalidCode,
            other => other.into(),
        })??;
        if has_new_password {
            self.emails.notify(&email, AccountChange::NewPassword);
        }
        Ok(email)
    }
}
