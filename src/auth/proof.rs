//! Proof that it is the owner of an account who asks: the password, or a sign-in of a moment ago. A token alone is none:
//! it lies in memory and passes through proxies and logs.
use super::{Bearer, Identity, Refusal};
use crate::{Result, clock::Time};
use std::{net::IpAddr, time::Duration};

/// How long a sign-in counts as recent.
const RECENT: Duration = Duration::from_mins(5);

/// What comes with a change of how an account is signed in to.
#[derive(Default)]
pub struct Proof {
    /// The account's current password.
    pub password: Option<String>,
    pub address: Option<IpAddr>,
}

impl Identity {
    /// When the owner of the account last proved who they are: now, by their password, or lately, by signing in.
    /// `None` when it was too long ago.
    ///
    /// # Errors
    /// `InvalidCredentials` for a wrong password, `TooManyAttempts` after too many of them.
    pub(super) async fn proven(&self, bearer: &Bearer, proof: Proof, now: Time) -> Result<Option<Time>, Refusal> {
        if let Some(password) = proof.password {
            let user = self.by_password(&bearer.user.email, password, proof.address).await?;
            return if user.id == bearer.user.id { Ok(Some(now)) } else { Err(Refusal::InvalidCredentials) };
        }
        Ok(bearer.claims.signed_in_at().filter(|at| now < at.plus(RECENT)))
    }

    /// The same where nothing goes on without it.
    ///
    /// # Errors
    /// Also `SignInTooOld`.
    pub(super) async fn must_prove(&self, bearer: &Bearer, proof: Proof, now: Time) -> Result<Time, Refusal> {
        self.proven(bearer, proof, now).await?.ok_or(Refusal::SignInTooOld)
    }
}
