//! Password hashing with argon2id. The number of concurrent and of waiting hashes is limited, so that a burst cannot
//! exhaust memory or time.
use crate::{
    Error, Result,
    caller::network,
    turns::{Accounts, Turn, Turns},
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};
use uuid::Uuid;

/// The most hashes that may wait in each queue.
const WAITING: usize = 64;
/// When to try again if the queue is full.
const COME_BACK: Duration = Duration::from_secs(2);

/// Turns for strangers. Each turn takes 19 MiB. A network gets at most half of them.
static STRANGERS: LazyLock<Arc<Turns>> = LazyLock::new(|| Turns::new(2, 2, WAITING, Accounts::default()));
/// Turns for known users, so that they never wait for strangers.
static KNOWN: LazyLock<Arc<Turns>> = LazyLock::new(|| Turns::new(2, 2, WAITING, Accounts::default()));

/// Compared with if the account does not exist, so that this takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody's password").unwrap_or_default());

/// Whom a hash is for.
#[derive(Clone, Copy, Debug)]
pub enum HashPurpose {
    /// A stranger from this IP address.
    Stranger(Option<IpAddr>),
    /// The known owner of an account.
    Account(Uuid),
}

impl HashPurpose {
    async fn turn(self) -> Result<Turn> {
        let turn = match self {
            Self::Stranger(address) => {
                let bits = match address.map(network) {
                    Some(IpAddr::V4(address)) => u128::from(address.to_bits()),
                    Some(IpAddr::V6(address)) => address.to_bits(),
                    None => 0,
                };
                STRANGERS.take(Uuid::from_u128(bits)).await
            }
            Self::Account(id) => KNOWN.take(id).await,
        };
        turn.ok_or(Error::RateLimited { retry_after: COME_BACK })
    }
}

/// Hashes a password to a PHC string with a random salt.
///
/// # Errors
/// `RateLimited` if too many are waiting.
pub async fn hash(password: String, whom: HashPurpose) -> Result<String> {
    let turn = whom.turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        // the turn is held until the work is done, even if the caller gives up
        let _turn = turn;
        hash_now(&password)
    });
    hashed.await?
}

/// Returns whether `password` matches `hash`. Without a hash, takes as long and returns false.
///
/// # Errors
/// `RateLimited` if too many are waiting.
pub async fn verify(password: String, hash: Option<String>, whom: HashPurpose) -> Result<bool> {
    let turn = whom.turn().await?;
    let verified = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && matches
    });
    Ok(verified.await?)
}

fn hash_now(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
}
