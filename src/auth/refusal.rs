//! Why the identity service refuses a request.
use crate::Error;
use std::time::Duration;

/// Why the identity service refuses a request.
#[derive(Debug)]
pub enum IdentityRefusal {
    EmailExists,
    InvalidEmail,
    WeakPassword,
    InvalidCredentials,
    /// The change requires a recent sign-in or the password.
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

impl From<Error> for IdentityRefusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated(_) => Self::InvalidIdToken,
            Error::RateLimited { retry_after } => Self::TooManyAttempts { retry_after },
            other => Self::Other(other),
        }
    }
}
