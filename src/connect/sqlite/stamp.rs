//! Detects whether the file at a path is still the one that was opened.
use std::{
    fs::{self, Metadata},
    path::Path,
    time::SystemTime,
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamp {
    identity: (u64, u64),
    /// Modification time and size, for files that only others write: copying another file over it keeps the identity,
    /// and SQLite may not notice the change.
    content: Option<(SystemTime, u64)>,
}

impl Stamp {
    /// Returns the stamp of a file, following links; `None` if there is no file.
    pub fn of(path: &Path, read_only: bool) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let content = if read_only { Some((metadata.modified().ok()?, metadata.len())) } else { None };
        Some(Self { identity: identity(&metadata), content })
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Identifies a file by its creation time, where there are no inode numbers.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> (u64, u64) {
    let born = metadata.created().ok().and_then(|born| born.duration_since(SystemTime::UNIX_EPOCH).ok());
    born.map_or((0, 0), |born| (born.as_secs(), born.subsec_nanos().into()))
}
