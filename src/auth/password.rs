//! Passwords: argon2id, a few at a time and a bounded number waiting, so that a burst cannot eat memory or time.
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

/// How many may wait in each line.
const WAITING: usize = 64;
/// When to come back when the line is full.
const COME_BACK: Duration = Duration::from_secs(2);

/// For work of strangers. Each turn takes 19 MiB; a network gets no more than half of them.
static STRANGERS: LazyLock<Arc<Turns>> = LazyLock::new(|| Turns::new(2, 2, WAITING, Accounts::default()));
/// For people who are signed in or have been, whom strangers must not keep waiting.
static KNOWN: LazyLock<Arc<Turns>> = LazyLock::new(|| Turns::new(2, 2, WAITING, Accounts::default()));

/// Hashed when the account does not exist, so that its absence takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody's password").unwrap_or_default());

/// Who waits for the work.
#[derive(Clone, Copy, Debug)]
pub enum For {
    /// Someone of that address.
    Stranger(Option<IpAddr>),
    /// The account, or its owner in person.
    Account(Uuid),
}

impl For {
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

/// A PHC string with a random salt.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub async fn hash(password: String, whom: For) -> Result<String> {
    let turn = whom.turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        // held by the work: who gives up waiting does not end it
        let _turn = turn;
        hash_now(&password)
    });
    hashed.await?
}

/// Whether `password` is the one of `hash`; with no hash it takes as long and is wrong.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub async fn verify(password: String, hash: Option<String>, whom: For) -> Result<bool> {
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
