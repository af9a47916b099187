//! Opening a database to look at it: as little as possible is touched, and nothing at all where nothing may be.
use super::explain;
use crate::{
    Error, Result,
    data_dir::{self, Paths},
    quota::size,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    time::Duration,
};

/// What may be done to the files of a database while it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// This process holds the data directory: what a crash has left in the log is recovered.
    Owned,
    /// A server is using it: it is read beside the server.
    Beside,
    /// Nobody uses it, and nothing in it is changed. The directory may be on a disk that is read-only.
    Untouched,
}

impl Access {
    /// For a command that only looks.
    pub fn looking(paths: &Paths) -> Self {
        if data_dir::is_in_use(paths.root()) { Self::Beside } else { Self::Untouched }
    }
}

/// A database that is open for looking.
pub(super) struct Look {
    db: Connection,
    _copy: Option<tempfile::TempDir>,
}

impl Deref for Look {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.db
    }
}

/// # Errors
/// `Conflict`, with the file and what to do.
pub(super) fn open(path: &Path, access: Access) -> Result<Look> {
    let explained = |error: rusqlite::Error| explain::file(path, &error);
    let (db, copy) = match access {
        Access::Owned => (Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)), None),
        Access::Beside => (Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY)), None),
        Access::Untouched if log_bytes(path) == 0 => (unchanging(path), None),
        // without writing beside it, the log can only be read in a copy
        Access::Untouched => {
            let folder = copied(path)?;
            let copy = folder.path().join("copy.db");
            (Connection::open_with_flags(copy, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)), Some(folder))
        }
    };
    let db = db.map_err(explained)?;
    db.busy_timeout(Duration::from_secs(10)).map_err(explained)?;
    // a file that is no database is noticed here, wherever it is opened
    db.query_row("pragma schema_version", (), |_| Ok(())).map_err(explained)?;
    Ok(Look { db, _copy: copy })
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

/// A copy of a database with its log, in the system's temporary folder.
fn copied(path: &Path) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let needed = path.metadata().map_or(0, |about| about.len()) + log_bytes(path);
    let copy = |from: &Path, to: &str| fs::copy(from, folder.path().join(to));
    let copied = copy(path, "copy.db").and_then(|_| copy(&log_of(path), "copy.db-wal"));
    copied.map_err(|error| {
        Error::conflict(format!(
            "{} has changes in its -wal file that can only be read in a copy, which needs {} in {}: {error}",
            path.display(),
            size(needed),
            std::env::temp_dir().display()
        ))
    })?;
    Ok(folder)
}
