//! The identity service: sign-up, sign-in, refresh, profile, codes, and the verification of tokens.
use super::{
    Claims, ExternalIssuer, IdentityRefusal, Outbox, Signer,
    ended::EndedSignIns,
    hash_secret,
    limit::AccountMeters,
    notice::AccountEmails,
    pace::Pace,
    password::{self, HashPurpose},
    random_secret,
    token::{LIFETIME, PROJECT, SignIn, external::refusal},
};
use crate::{
    Error, Result,
    clock::Time,
    error::TokenProblem,
    model::email,
    store::{Credential, MemoryPlace, NewUser, Remembered, Rotation, Store, Tx, User},
};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, sync::Arc, time::Duration};
use uuid::Uuid;

const REFRESH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Who may create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Signup {
    Open,
    /// Anyone with the link of a pending invitation, for the email address of the invitation.
    Invite,
    Closed,
}

/// A new session.
pub struct NewSession {
    pub id_token: String,
    pub refresh_token: String,
    pub user: User,
}

impl NewSession {
    pub const EXPIRES_IN: u64 = LIFETIME.as_secs();
}

/// The user that a token belongs to, and its claims.
pub struct Bearer {
    pub user: Arc<User>,
    pub claims: Arc<Claims>,
}

/// The identity service, of which a server has one.
pub struct Identity {
    pub(super) store: Arc<Store>,
    signer: Signer,
    external: Vec<ExternalIssuer>,
    signup: Option<Signup>,
    pub(super) pace: Pace,
    pub(super) meters: AccountMeters,
    ended: EndedSignIns,
    verified: moka::sync::Cache<[u8; 32], Arc<Claims>>,
    users: Remembered<Uuid, Arc<User>>,
    pub(super) public_url: String,
    pub(super) emails: AccountEmails,
}

impl Identity {
    /// Creates the service. If `signup` is `None`, sign-up is open until an account exists, and then by invitation.
    pub fn new(
        store: Arc<Store>,
        signer: Signer,
        external: Vec<ExternalIssuer>,
        signup: Option<Signup>,
        public_url: String,
        outbox: Option<Outbox>,
    ) -> Self {
        let verified = moka::sync::Cache::builder().max_capacity(10_000).time_to_live(LIFETIME).build();
        let place = MemoryPlace::of(&store);
        Self {
            store,
            signer,
            external,
            signup,
            pace: Pace::new(&place),
            meters: AccountMeters::new(&place),
            ended: EndedSignIns::default(),
            verified,
            users: Remembered::of_permissions(10_000),
            public_url,
            emails: AccountEmails::new(outbox, place),
        }
    }

    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Returns the path of the public URL: empty, or such as `/jet`.
    pub fn base(&self) -> &str {
        let after = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        after.find('/').map_or("", |at| &after[at..])
    }

    pub fn signup(&self) -> Result<Signup> {
        match self.signup {
            Some(mode) => Ok(mode),
            None => Ok(if self.store.get(|tx| tx.has_users())? { Signup::Invite } else { Signup::Open }),
        }
    }

    /// Returns the time to store so that every token issued until `now` is refused, but a new token issued in the same
    /// second is valid.
    pub fn end_of_sessions(now: Time) -> Time {
        Time((now.seconds() + 1) * 1000)
    }

    /// Creates an account. `invitation` is the secret of an invitation's link, which permits sign-up with its email
    /// address.
    pub async fn sign_up(
        &self,
        email: &str,
        password: String,
        name: &str,
        invitation: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<NewSession, IdentityRefusal> {
        let email = normal_email(email)?;
        check_password(&password)?;
        if name.chars().count() > 255 {
            return Err(Error::invalid("name", "must be at most 255 characters").into());
        }
        let (name, mode, now) = (name.trim().to_owned(), self.signup, Time::now());
        let invitation = invitation.map(hash_secret);
        // check before the expensive hash
        if !self.store.get(|tx| admits(tx, mode, &email, invitation.as_deref(), now))? {
            return Err(IdentityRefusal::SignupClosed);
        }
        self.meters.admit_sign_up(address).await?;
        let hash = password::hash(password, HashPurpose::Stranger(address)).await?;
        let user = self.store.write(move |tx| {
            if !admits(tx, mode, &email, invitation.as_deref(), now)? {
                return Ok(Err(IdentityRefusal::SignupClosed));
            }
            if tx.user_by_email(&email)?.is_some() {
                return Ok(Err(IdentityRefusal::EmailExists));
            }
            let new =
                NewUser { email, email_verified: false, name, photo_url: None, credential: Credential::Password(hash) };
            tx.create_user(&new, now).map(Ok)
        });
        let user = user.await??;
        self.open_session(user, now, now).await
    }

    /// Creates an account for the operator, regardless of the sign-up mode, without signing in.
    pub async fn add_account(&self, email: &str, password: String, name: &str) -> Result<User, IdentityRefusal> {
        let email = normal_email(email)?;
        check_password(&password)?;
        let credential = Credential::Password(password::hash(password, HashPurpose::Stranger(None)).await?);
        let new = NewUser { email, email_verified: true, name: name.to_owned(), photo_url: None, credential };
        let made = self.store.write(move |tx| tx.create_user(&new, Time::now())).await;
        made.map_err(|error| match error {
            Error::Conflict(_) => IdentityRefusal::EmailExists,
            other => other.into(),
        })
    }

    pub async fn sign_in(
        &self,
        email: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<NewSession, IdentityRefusal> {
        let (user, now) = (self.by_password(email, password, address).await?, Time::now());
        self.open_session(user, now, now).await
    }

    /// Returns the account with this email address if the password is right.
    pub(super) async fn by_password(
        &self,
        email: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<User, IdentityRefusal> {
        let email = normal_email(email)?;
        // counts as a failure unless it succeeds, even if the caller goes away
        let attempt = self.pace.admit(&email, address).await?;
        let found = self.store.get(|tx| tx.user_by_email(&email))?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let whom = match &found {
            Some((user, _)) if attempt.is_known => HashPurpose::Account(user.id),
            _ => HashPurpose::Stranger(address),
        };
        if is_too_long(&password) || !password::verify(password, hash, whom).await? {
            return Err(IdentityRefusal::InvalidCredentials);
        }
        let (user, _) = found.ok_or(IdentityRefusal::InvalidCredentials)?;
        if user.disabled {
            return Err(IdentityRefusal::UserDisabled);
        }
        self.pace.succeeded(&attempt).await?;
        Ok(user)
    }

    /// Starts a session of a user who authenticated at `signed_in_at`.
    pub(super) async fn open_session(
        &self,
        user: User,
        now: Time,
        signed_in_at: Time,
    ) -> Result<NewSession, IdentityRefusal> {
        let refresh_token = random_secret();
        let (hash, id) = (hash_secret(&refresh_token), user.id);
        let family = self.store.write(move |tx| {
            tx.record_login(id, now)?;
            tx.add_refresh_token(id, &hash, signed_in_at, now, now.plus(REFRESH_LIFETIME))
        });
        let sign_in = SignIn { family: Some(family.await?), at: signed_in_at };
        Ok(NewSession { id_token: self.signer.issue_in(&user, now, sign_in)?, refresh_token, user })
    }

    /// Exchanges a refresh token for a new one and a new ID token.
    pub async fn refresh(&self, refresh_token: &str, address: Option<IpAddr>) -> Result<NewSession, IdentityRefusal> {
        let (old, next, now) = (hash_secret(refresh_token), random_secret(), Time::now());
        let new = hash_secret(&next);
        let rotation =
            self.store.write(move |tx| tx.rotate_refresh_token(&old, &new, now, now.plus(REFRESH_LIFETIME))).await?;
        let (user, sign_in) = match rotation {
            Rotation::Rotated { user, family, signed_in_at } => {
                (user, SignIn { family: Some(family), at: signed_in_at })
            }
            Rotation::Reused { user, family } => {
                self.ended.add(family);
                tracing::warn!(%user, "a refresh token was used again: its session is revoked");
                return Err(IdentityRefusal::InvalidRefreshToken);
            }
            Rotation::Unknown => return Err(IdentityRefusal::InvalidRefreshToken),
        };
        let user = self.store.get(|tx| tx.user(user))?;
        if user.disabled {
            return Err(IdentityRefusal::UserDisabled);
        }
        self.pace.is_here(&user.email, address).await;
        Ok(NewSession { id_token: self.signer.issue_in(&user, now, sign_in)?, refresh_token: next, user })
    }

    /// Ends the sign-in that a refresh token belongs to, including its ID tokens.
    pub async fn sign_out(&self, refresh_token: &str) -> Result<()> {
        let hash = hash_secret(refresh_token);
        if let Some(family) = self.store.write(move |tx| tx.end_family(&hash)).await? {
            self.ended.add(family);
        }
        Ok(())
    }

    /// Returns the user that a token belongs to. A verified subject of an external issuer gets an account on first use,
    /// if sign-up permits it.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>> {
        Ok(self.bearer(token).await?.user)
    }

    /// Returns the user that a token belongs to, and its claims.
    pub async fn bearer(&self, token: &str) -> Result<Bearer> {
        let claims = self.claims(token).await?;
        let invalid = Error::Unauthenticated(TokenProblem::Invalid);
        let user = if claims.iss == PROJECT {
            let id = Uuid::parse_str(&claims.sub).map_err(|_| Error::Unauthenticated(TokenProblem::Invalid))?;
            match self.users.get(&self.store, id, || self.store.get(|tx| tx.user(id)).map(Arc::new)) {
                Err(Error::NotFound(_)) => return Err(invalid),
                other => other?,
            }
        } else {
            match self.store.get(|tx| tx.user_by_identity(&claims.iss, &claims.sub))? {
                Some(user) => Arc::new(user),
                None => Arc::new(self.adopt(&claims).await?),
            }
        };
        if !self.counts(&user, &claims)? {
            return Err(invalid);
        }
        Ok(Bearer { user, claims })
    }

    /// Returns whether a token with these claims is still valid for the account in its current state.
    fn counts(&self, user: &User, claims: &Claims) -> Result<bool> {
        let has_ended = claims.jet_sign_in.map_or(Ok(false), |family| self.ended.contains(&self.store, family))?;
        Ok(!has_ended && !user.disabled && claims.iat >= user.tokens_valid_after.seconds())
    }

    /// Returns whether a token that was valid at the start of a response is still valid.
    pub fn still_counts(&self, user: Uuid, claims: &Claims) -> bool {
        let user = self.users.get(&self.store, user, || self.store.get(|tx| tx.user(user)).map(Arc::new));
        user.is_ok_and(|user| self.counts(&user, claims).unwrap_or(false))
    }

    async fn claims(&self, token: &str) -> Result<Arc<Claims>> {
        let now = Time::now();
        let key: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let skew = i64::try_from(super::token::SKEW_SECONDS).unwrap_or(0);
        if let Some(claims) = self.verified.get(&key) {
            if claims.exp + skew < now.seconds() {
                return Err(Error::Unauthenticated(TokenProblem::Expired));
            }
            return Ok(claims);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| refusal(&error))?;
        let issuer =
            jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token).map_err(|error| refusal(&error))?;
        let claims = match self.external.iter().find(|external| external.issuer() == issuer.iss) {
            Some(external) => external.verify(token, &header, now).await?,
            None => self.own_claims(token)?,
        };
        let claims = Arc::new(claims);
        self.verified.insert(key, Arc::clone(&claims));
        Ok(claims)
    }

    /// Verifies a token of this server whose sign-in has not ended, and returns its claims.
    fn own_claims(&self, token: &str) -> Result<Claims> {
        let claims = self.signer.verify(token).map_err(|error| refusal(&error))?;
        match claims.jet_sign_in {
            Some(family) if !self.store.get(|tx| tx.has_family(family))? => {
                Err(Error::Unauthenticated(TokenProblem::Invalid))
            }
            _ => Ok(claims),
        }
    }

    async fn adopt(&self, claims: &Claims) -> Result<User> {
        let email = claims.email.as_deref().map(normal_email).and_then(Result::ok).unwrap_or_default();
        let (mode, now, verified) = (self.signup, Time::now(), claims.email_verified);
        let new = NewUser {
            email: email.clone(),
            email_verified: claims.email_verified,
            name: claims.name.clone().unwrap_or_default().chars().take(255).collect(),
            photo_url: claims.picture.clone().filter(|url| url.len() <= 2000),
            credential: Credential::Identity { issuer: claims.iss.clone(), subject: claims.sub.clone() },
        };
        let (issuer, subject) = (claims.iss.clone(), claims.sub.clone());
        self.store
            .write(move |tx| {
                // two first requests may run at the same time
                if let Some(user) = tx.user_by_identity(&issuer, &subject)? {
                    return Ok(user);
                }
                let invited = verified && tx.is_invited(&email, now)?;
                match mode {
                    Some(Signup::Closed) => Err(Error::Unauthenticated(TokenProblem::Invalid)),
                    Some(Signup::Invite) if !invited => Err(Error::Unauthenticated(TokenProblem::Invalid)),
                    // the operator trusts the users of a configured issuer, so the default permits them
                    _ => tx.create_user(&new, now),
                }
            })
            .await
    }
}

#[derive(serde::Deserialize)]
struct Issuer {
    iss: String,
}

/// Returns whether the sign-up mode permits a new account with this email address. `invitation` is the hash of an
/// invitation's secret.
fn admits(tx: &Tx<'_>, mode: Option<Signup>, email: &str, invitation: Option<&str>, now: Time) -> Result<bool> {
    let invited = || match invitation.map(|hash| tx.invitation_by_token(hash, now)) {
        None | Some(Err(Error::NotFound(_))) => Ok(false),
        Some(found) => found.map(|(invitation, ..)| invitation.email == email),
    };
    Ok(match mode {
        Some(Signup::Open) => true,
        Some(Signup::Closed) => false,
        Some(Signup::Invite) => invited()?,
        None => !tx.has_users()? || invited()?,
    })
}

const MAX_PASSWORD: usize = 1024;

/// Checks the length of a new password: at least 8 characters, and limited so that hashing stays cheap.
pub fn check_password(password: &str) -> Result<(), IdentityRefusal> {
    if password.chars().count() < 8 || is_too_long(password) {
        return Err(IdentityRefusal::WeakPassword);
    }
    Ok(())
}

fn is_too_long(password: &str) -> bool {
    password.chars().count() > MAX_PASSWORD
}

/// Normalises an email address: see [`email::normal`].
pub fn normal_email(email: &str) -> Result<String, IdentityRefusal> {
    email::normal(email).ok_or(IdentityRefusal::InvalidEmail)
}
