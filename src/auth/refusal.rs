//! Why the identity service says no.
use crate::Error;
use std::time::Duration;

/// Why the identity service says no.
#[derive(Debug)]
pub enum Refusal {
    EmailExists,
    InvalidEmail,
    WeakPassword,
    InvalidCredentials,
    /// The sign-in is too long ago for this change, and no password came with it.
    SignInTooOld,
    UserDisabled,
    TooManyAttempts {
        retry_after: Duration,
    },
    SignupClosed,
    InvalidRefreshToken,
    InvalidIdToken,
    InvalidCode,
    Other(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated(_) => Self::InvalidIdToken,
            Error::RateLimited { retry_after } => Self::TooManyAttempts { retry_after },
            other => Self::Other(other),
        }
    }
}
