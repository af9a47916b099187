//! Authentication: passwords, tokens, external issuers, and their rules.
mod ended;
pub mod identity;
pub mod limit;
mod notice;
pub mod pace;
pub mod password;
pub mod profile;
mod proof;
mod refusal;
pub mod token;

pub use identity::{Bearer, Identity, NewSession, Signup};
pub use notice::{AccountEmail, Outbox};
pub use profile::{ProfileChange, Updated};
pub use proof::OwnerProof;
pub use refusal::IdentityRefusal;
pub use token::{
    Claims, Signer,
    external::{ExternalIssuer, KeySource},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Generates a secret of 256 random bits, safe for URLs.
pub fn random_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the hash of a secret for the store. Secrets are random, so a fast hash is enough.
pub fn hash_secret(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
