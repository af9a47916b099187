//! The metadata of a backup and its members.
use crate::clock::Time;
use serde::{Deserialize, Serialize};

/// The only format that this version writes and reads.
pub(super) const FORMAT: u32 = 1;

pub(super) const ABOUT: &str = "about.json";
pub(super) const KEYS: &str = "keys.sealed";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SEAL: &str = "seal";

/// The largest size of each that is read. Anything larger was not written by jet-admin.
pub(super) const LARGEST_ABOUT: u64 = 64 << 10;
pub(super) const LARGEST_KEYS: u64 = 1 << 20;
pub(super) const LARGEST_MANIFEST: u64 = 512 << 20;

/// The first member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BackupInfo {
    pub format: u32,
    /// The id of the backup. The keys are sealed for this id.
    pub id: String,
    /// The version of jet-admin that wrote it.
    pub version: String,
    /// The time of the data.
    pub at: Time,
    /// The schema versions of the workspace and of the runs.
    pub schemas: [usize; 2],
    /// The id for the marks of a restored directory. `None` if an earlier version wrote the databases.
    pub instance: Option<String>,
    pub epoch: u64,
    /// How keys are derived from the passphrase. `None` without a passphrase.
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
    /// As hexadecimal digits.
    pub salt: String,
}

/// A file in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackupMember {
    pub path: String,
    pub size: u64,
    pub sha256: String,
}

/// The last member before the seal: lists every member before it, in order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub members: Vec<BackupMember>,
}

/// The contents of the key files.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFiles {
    pub signing: Option<String>,
    pub secret: Option<String>,
}
