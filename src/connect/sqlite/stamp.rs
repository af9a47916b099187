//! What tells whether the file at a path is still the one that was opened.
use std::{
    fs::{self, Metadata},
    path::Path,
    time::SystemTime,
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamp {
    identity: (u64, u64),
    /// When it was last written and its size, of a file that only others write: one that is copied over it keeps its
    /// identity, and need not look changed to the library.
    content: Option<(SystemTime, u64)>,
}

impl Stamp {
    /// Follows links. `None` where there is no file.
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

/// Without a number of its own, a file is told by its birth.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> (u64, u64) {
    let born = metadata.created().ok().and_then(|born| born.duration_since(SystemTime::UNIX_EPOCH).ok());
    born.map_or((0, 0), |born| (born.as_secs(), born.subsec_nanos().into()))
}
