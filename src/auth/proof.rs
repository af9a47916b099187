//! Proof that a request comes from the owner of the account: the password, or a recent sign-in. A token alone is not
//! proof: it is kept in memory and passes through proxies and logs.
use super::{Bearer, Identity, IdentityRefusal};
use crate::{Result, clock::Time};
use std::{net::IpAddr, time::Duration};

/// How long a sign-in counts as recent.
const RECENT: Duration = Duration::from_mins(5);

/// The proof that comes with a change of the password or the email address, or the deletion of the account.
#[derive(Default)]
pub struct OwnerProof {
    /// The account's current password.
    pub password: Option<String>,
    pub address: Option<IpAddr>,
}

impl Identity {
    /// Returns when the owner of the account last authenticated: now, with the password, or when they recently signed
    /// in. `None` if that was too long ago.
    ///
    /// # Errors
    /// `InvalidCredentials` for a wrong password, `TooManyAttempts` after too many of them.
    pub(super) async fn proven(
        &self,
        bearer: &Bearer,
        proof: OwnerProof,
        now: Time,
    ) -> Result<Option<Time>, IdentityRefusal> {
        if let Some(password) = proof.password {
            let user = self.by_password(&bearer.user.email, password, proof.address).await?;
            return if user.id == bearer.user.id { Ok(Some(now)) } else { Err(IdentityRefusal::InvalidCredentials) };
        }
        Ok(bearer.claims.signed_in_at().filter(|at| now < at.plus(RECENT)))
    }

    /// Like [`Identity::proven`], but fails without proof.
    ///
    /// # Errors
    /// Also `SignInTooOld`.
    pub(super) async fn must_prove(
        &self,
        bearer: &Bearer,
        proof: OwnerProof,
        now: Time,
    ) -> Result<Time, IdentityRefusal> {
        self.proven(bearer, proof, now).await?.ok_or(IdentityRefusal::SignInTooOld)
    }
}
