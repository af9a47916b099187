//! Encrypted values.
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A `T` as encrypted text, which only the server's key decrypts, and only where it belongs.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed<T>(String, #[serde(skip)] PhantomData<fn() -> T>);

impl<T> Sealed<T> {
    /// Takes text that was encrypted.
    pub fn new(text: String) -> Self {
        Self(text, PhantomData)
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}
