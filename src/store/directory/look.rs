//! Opens databases for reading, changing as few files as possible, or none at all.
use crate::{
    Error, Result,
    data_dir::{self, Paths},
    quota::size,
    store::database::errors,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    time::Duration,
};

/// What may change in the files of a database while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// This process holds the data directory: changes that a crash left in the write-ahead log are recovered.
    Owned,
    /// A server uses the data directory: the database is read while the server runs.
    Beside,
    /// Nobody uses the data directory, and nothing in it is changed. It may be on a read-only disk.
    Untouched,
}

impl Access {
    /// Returns the access for a command that only reads.
    pub fn looking(paths: &Paths) -> Self {
        if data_dir::is_in_use(paths.root()) { Self::Beside } else { Self::Untouched }
    }
}

/// A database that is opened for reading.
pub(in crate::store) struct ReadOnlyDatabase {
    db: Connection,
    _copy: Option<tempfile::TempDir>,
}

impl Deref for ReadOnlyDatabase {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.db
    }
}

/// # Errors
/// `Conflict`, with the file and what to do.
pub(in crate::store) fn open(path: &Path, access: Access) -> Result<ReadOnlyDatabase> {
    let explained = |error: rusqlite::Error| errors::explain(path, &error);
    let (db, copy) = match access {
        Access::Owned => (Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)), None),
        Access::Beside => (Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY)), None),
        Access::Untouched if log_bytes(path) == 0 => (unchanging(path), None),
        // the write-ahead log can only be read by writing next to it, so read a copy
        Access::Untouched => {
            let folder = copied(path)?;
            let copy = folder.path().join("copy.db");
            (Connection::open_with_flags(copy, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)), Some(folder))
        }
    };
    let db = db.map_err(explained)?;
    db.busy_timeout(Duration::from_secs(10)).map_err(explained)?;
    // this fails for a file that is not a database
    db.query_row("pragma schema_version", (), |_| Ok(())).map_err(explained)?;
    Ok(ReadOnlyDatabase { db, _copy: copy })
}

fn flags(flags: OpenFlags) -> OpenFlags {
    flags | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn unchanging(path: &Path) -> rusqlite::Result<Connection> {
    let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = flags(OpenFlags::SQLITE_OPEN_READ_ONLY) | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn log_bytes(path: &Path) -> u64 {
    log_of(path).metadata().map_or(0, |about| about.len())
}

/// Copies a database and its write-ahead log to the system's temporary folder.
fn copied(path: &Path) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let needed = path.metadata().map_or(0, |about| about.len()) + log_bytes(path);
    let copy = |from: &Path, to: &str| fs::copy(from, folder.path().join(to));
    let copied = copy(path, "copy.db").and_then(|_| copy(&log_of(path), "copy.db-wal"));
    copied.map_err(|error| {
        Error::conflict(format!(
            "{} has changes in its -wal file that can only be read from a copy, which needs {} in {}: {error}",
            path.display(),
            size(needed),
            std::env::temp_dir().display()
        ))
    })?;
    Ok(folder)
}
