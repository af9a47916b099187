//! Seals secrets at rest with XChaCha20-Poly1305 and a single key. Each is bound to the record that contains it.
use crate::{Error, Result, model::Sealed};
use base64::{Engine, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use std::path::Path;

const NONCE: usize = 24;

/// A value that can be sealed.
pub trait Secret: PartialEq + Sized {
    /// The start of its sealed text, which tells it from an older form.
    const MARK: &str;

    fn to_bytes(&self) -> Result<Vec<u8>>;
    fn from_bytes(bytes: Vec<u8>) -> Result<Self>;
}

impl Secret for String {
    const MARK: &str = "";

    fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(self.clone().into_bytes())
    }
    fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::from_utf8(bytes).map_err(Error::internal)
    }
}

/// The secret options of a datasource.
impl Secret for Map<String, Value> {
    const MARK: &str = "2.";

    fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }
    fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Encrypts and decrypts with the secret key.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    check: String,
}

impl Sealer {
    /// Creates a sealer with a key of 32 bytes: raw, as 64 hexadecimal digits, or as base64.
    ///
    /// # Errors
    /// If the key has a different length.
    pub fn new(key: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(key).map(str::trim).unwrap_or_default();
        let decoded = match key.len() {
            32 => Some(key.to_vec()),
            _ => hex::decode(text).ok().or_else(|| BASE64_STANDARD.decode(text).ok()),
        };
        let bytes: [u8; 32] = decoded
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| Error::conflict("the secret key must be 32 bytes, as 64 hexadecimal digits or base64"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&bytes).map_err(|error| Error::internal(error.to_string()))?;
        mac.update(b"jet-admin secret key");
        let check = hex::encode(mac.finalize().into_bytes());
        Ok(Self { cipher: XChaCha20Poly1305::new(&Key::from(bytes)), check })
    }

    /// Returns a digest that identifies the key without revealing it.
    pub fn check(&self) -> &str {
        &self.check
    }

    /// Creates a sealer with the key in `bytes`, which were read from the file at `path`.
    ///
    /// # Errors
    /// If they are not a key. The message names the file.
    pub fn of_file(path: &Path, bytes: &[u8]) -> Result<Self> {
        Self::new(bytes)
            .map_err(|error| Error::conflict(format!("{}: {error}: put it back from a backup", path.display())))
    }

    pub fn generate() -> Vec<u8> {
        let bytes: [u8; 32] = rand::random();
        hex::encode(bytes).into_bytes()
    }

    /// Encrypts `secret`. It can only be decrypted with the same `context`, such as the id of its owner.
    pub fn seal(&self, secret: &[u8], context: &str) -> Result<String> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret, aad: context.as_bytes() };
        let sealed =
            self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::internal("sealing failed"))?;
        Ok(BASE64_STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts the result of `seal`.
    ///
    /// # Errors
    /// If the key or the context differs, or the text was changed.
    pub fn open(&self, sealed: &str, context: &str) -> Result<Vec<u8>> {
        let broken =
            || Error::conflict("the stored secrets cannot be decrypted with this server's key: enter them again");
        let bytes = BASE64_STANDARD.decode(sealed).map_err(|_| broken())?;
        let (nonce, text) = bytes.split_at_checked(NONCE).ok_or_else(broken)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| broken())?;
        let payload = Payload { msg: text, aad: context.as_bytes() };
        self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| broken())
    }

    /// Encrypts `value`. Returns `old` if it is the same value, sealed for the same `context`.
    pub fn seal_value<T: Secret>(&self, value: &T, context: &str, old: Option<&Sealed<T>>) -> Result<Sealed<T>> {
        match old.filter(|old| self.open_value(old, context).is_ok_and(|old| old == *value)) {
            Some(old) => Ok(old.clone()),
            None => Ok(Sealed::new(format!("{}{}", T::MARK, self.seal(&value.to_bytes()?, context)?))),
        }
    }

    /// Decrypts the result of `seal_value`.
    ///
    /// # Errors
    /// If the key or the context differs, or the text was changed.
    pub fn open_value<T: Secret>(&self, sealed: &Sealed<T>, context: &str) -> Result<T> {
        // without its mark, the text does not decrypt
        T::from_bytes(self.open(sealed.text().strip_prefix(T::MARK).unwrap_or_default(), context)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Sealer;
    use serde_json::{Map, Value, json};

    #[test]
    fn a_secret_opens_only_with_its_key_and_context() {
        let key = Sealer::generate();
        let sealer = Sealer::new(&key).unwrap();
        let text = sealer.seal(b"pa55", "t/1").unwrap();
        assert!(!text.contains("pa55"));
        assert_eq!(Sealer::new(&key).unwrap().open(&text, "t/1").unwrap(), b"pa55");
        assert!(sealer.open(&text, "t/2").is_err());
        assert!(Sealer::new(&Sealer::generate()).unwrap().open(&text, "t/1").is_err());
        assert!(Sealer::new(b"short").is_err());
    }

    #[test]
    fn an_unchanged_value_keeps_its_seal() {
        let sealer = Sealer::new(&Sealer::generate()).unwrap();
        let value: Map<String, Value> = serde_json::from_value(json!({"password": "pa55"})).unwrap();
        let first = sealer.seal_value(&value, "t/1", None).unwrap();
        assert!(first.text().starts_with("2."));
        assert_eq!(sealer.open_value(&first, "t/1").unwrap(), value);
        assert_eq!(sealer.seal_value(&value, "t/1", Some(&first)).unwrap(), first);
        for (value, context) in [(&value, "t/2"), (&Map::new(), "t/1")] {
            let again = sealer.seal_value(value, context, Some(&first)).unwrap();
            assert_ne!(again, first);
            assert_eq!(sealer.open_value(&again, context).unwrap(), *value);
        }
        let text = sealer.seal_value(&"pa55".to_owned(), "t/1", None).unwrap();
        assert_eq!(sealer.open_value(&text, "t/1").unwrap(), "pa55");
    }
}
