//! What a backup says of itself and of its members.
use crate::clock::Time;
use serde::{Deserialize, Serialize};

/// The format that this version writes, and the only one that it reads.
pub(super) const FORMAT: u32 = 1;

pub(super) const ABOUT: &str = "about.json";
pub(super) const KEYS: &str = "keys.sealed";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SEAL: &str = "seal";

/// The largest of each that is read: what is larger was not written by this program.
pub(super) const LARGEST_ABOUT: u64 = 64 << 10;
pub(super) const LARGEST_KEYS: u64 = 1 << 20;
pub(super) const LARGEST_MANIFEST: u64 = 512 << 20;

/// The first member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct About {
    pub format: u32,
    /// Of this backup; the keys are sealed for it alone.
    pub id: String,
    /// The program that wrote it.
    pub version: String,
    /// The moment that it shows.
    pub at: Time,
    /// The schema versions of the workspace and of the runs.
    pub schemas: [usize; 2],
    /// What the folders of a restored directory are marked with; none where an earlier version wrote the databases.
    pub instance: Option<String>,
    pub epoch: u64,
    /// How the passphrase becomes keys; none without a passphrase.
    pub kdf: Option<Kdf>,
}

/// The parameters of argon2id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Kdf {
    pub algorithm: String,
    pub memory_kib: u32,
    pub iterations: u32,
    pub lanes: u32,
    /// Hexadecimal digits.
    pub salt: String,
}

/// One file in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub path: String,
    pub size: u64,
    pub sha256: String,
}

/// The last member but the seal: every member before it, in order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub members: Vec<Member>,
}

/// The contents of the key files.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFiles {
    pub signing: Option<String>,
    pub secret: Option<String>,
}
