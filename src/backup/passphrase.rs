//! Passphrases: seal the keys in a backup, and authenticate the rest of it.
use super::manifest::Kdf;
use crate::{Error, Result, store::Sealer};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The minimum number of characters of a passphrase.
const SHORTEST: usize = 8;
/// The cost of guessing a passphrase.
const MEMORY_KIB: u32 = 64 << 10;
const ITERATIONS: u32 = 3;
/// The highest cost that a backup may require.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_ITERATIONS: u32 = 32;

/// The keys that are derived from a passphrase.
pub(super) struct Passphrase {
    pub kdf: Kdf,
    sealer: Sealer,
    mac: [u8; 32],
}

impl Passphrase {
    /// Derives the keys for a new backup.
    ///
    /// # Errors
    /// `Conflict` if the passphrase is too short.
    pub fn new(text: &str) -> Result<Self> {
        if text.chars().count() < SHORTEST {
            return Err(Error::conflict(format!("the passphrase must have at least {SHORTEST} characters")));
        }
        let salt: [u8; 16] = rand::random();
        let kdf = Kdf {
            algorithm: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            iterations: ITERATIONS,
            lanes: 1,
            salt: hex::encode(salt),
        };
        Self::derive(text, kdf)
    }

    /// Derives the keys of an existing backup with its `kdf`.
    ///
    /// # Errors
    /// `Conflict` for parameters that jet-admin does not write.
    pub fn derive(text: &str, kdf: Kdf) -> Result<Self> {
        let odd = || Error::conflict("the backup was altered: it has invalid parameters for the passphrase");
        let is_known = kdf.algorithm == "argon2id"
            && kdf.memory_kib <= MOST_MEMORY_KIB
            && kdf.iterations <= MOST_ITERATIONS
            && kdf.lanes == 1;
        let salt = hex::decode(&kdf.salt).ok().filter(|salt| is_known && salt.len() == 16).ok_or_else(odd)?;
        let params = Params::new(kdf.memory_kib, kdf.iterations, kdf.lanes, Some(64)).map_err(|_| odd())?;
        let mut keys = [0; 64];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(text.as_bytes(), &salt, &mut keys)
            .map_err(|error| Error::internal(error.to_string()))?;
        let (seal, mac) = keys.split_at(32);
        let mac = mac.try_into().map_err(|_| odd())?;
        Ok(Self { kdf, sealer: Sealer::new(seal)?, mac })
    }

    /// Seals bytes for the backup with this id.
    pub fn seal(&self, bytes: &[u8], id: &str) -> Result<Vec<u8>> {
        self.sealer.seal(bytes, &context(id)).map(String::into_bytes)
    }

    /// # Errors
    /// `Conflict` if the passphrase is wrong, or the sealed text was altered.
    pub fn open(&self, sealed: &[u8], id: &str) -> Result<Vec<u8>> {
        let wrong = || Error::conflict("the keys in the backup cannot be decrypted with this passphrase");
        let text = std::str::from_utf8(sealed).map_err(|_| wrong())?;
        self.sealer.open(text, &context(id)).map_err(|_| wrong())
    }

    /// Returns the HMAC of a digest, which requires the passphrase.
    pub fn code(&self, digest: &[u8]) -> Result<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.mac).map_err(|error| Error::internal(error.to_string()))?;
        mac.update(digest);
        Ok(mac.finalize().into_bytes().into())
    }
}

fn context(id: &str) -> String {
    format!("backup/{id}/keys")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_passphrase_decrypts_what_it_sealed() {
        assert!(Passphrase::new("short").is_err());
        let one = Passphrase::new("correct horse").unwrap();
        let sealed = one.seal(b"key", "a").unwrap();
        let same = Passphrase::derive("correct horse", one.kdf.clone()).unwrap();
        assert_eq!(same.open(&sealed, "a").unwrap(), b"key");
        assert_eq!(same.code(b"digest").unwrap(), one.code(b"digest").unwrap());
        assert!(same.open(&sealed, "b").is_err(), "sealed for another backup");
        let other = Passphrase::derive("correct horsf", one.kdf.clone()).unwrap();
        assert!(other.open(&sealed, "a").is_err() && other.code(b"digest").unwrap() != one.code(b"digest").unwrap());
    }

    #[test]
    fn parameters_that_would_take_all_memory_are_refused() {
        let kdf = Passphrase::new("correct horse").unwrap().kdf;
        for kdf in [
            Kdf { memory_kib: u32::MAX, ..kdf.clone() },
            Kdf { iterations: u32::MAX, ..kdf.clone() },
            Kdf { lanes: 4, ..kdf.clone() },
            Kdf { salt: "00".to_owned(), ..kdf.clone() },
            Kdf { algorithm: "none".to_owned(), ..kdf },
        ] {
            assert!(Passphrase::derive("correct horse", kdf).is_err());
        }
    }
}
