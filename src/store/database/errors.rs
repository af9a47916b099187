//! Converts errors of the databases to those that callers may see, and explains failures of their files to the operator.
use crate::Error;
use rusqlite::ErrorCode;
use std::path::Path;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        failure(&error)
    }
}

/// Converts a database error to one that is safe to show.
pub fn failure(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Unavailable("the server's disk is full"),
        Some(ErrorCode::SystemIoFailure) => Error::Unavailable("the server's disk cannot be written or read"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::Unavailable("the server's database is in use by another process")
        }
        _ => Error::internal(error.to_string()),
    }
}

impl From<r2d2::Error> for Error {
    fn from(error: r2d2::Error) -> Self {
        tracing::warn!(%error, "a lookup got no connection to the database");
        Self::Unavailable("the server's database is busy: try again")
    }
}

/// Returns whether `error` is a violation of a unique or primary key constraint.
pub fn is_duplicate(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_extended_error_code(),
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
    )
}

/// Returns whether `error` is a violation of a foreign key constraint.
pub fn is_dangling(error: &rusqlite::Error) -> bool {
    error.sqlite_extended_error_code() == Some(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

/// Returns an error that says why a database file cannot be used. It never contains SQL.
pub fn explain(path: &Path, error: &rusqlite::Error) -> Error {
    let name = path.display();
    Error::conflict(match error.sqlite_error_code() {
        _ if path.is_dir() => {
            format!("{name} is a folder: move it away, and restore the database from a backup with `jet-admin restore`")
        }
        Some(ErrorCode::NotADatabase) => {
            format!("{name} is not a SQLite database: restore a backup with `jet-admin restore`")
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            format!(
                "{name} is damaged: run `jet-admin doctor` for details, and restore a backup with `jet-admin restore`"
            )
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => format!(
            "{name} cannot be written: it, its folder and its -wal and -shm files must belong to the user that runs \
             jet-admin, on a writable file system"
        ),
        Some(ErrorCode::CannotOpen) => format!(
            "{name} cannot be opened: it, its folder and its -wal and -shm files must belong to the user that runs \
             jet-admin"
        ),
        Some(ErrorCode::DiskFull) => format!("{name} cannot be written because the disk is full: free some space"),
        Some(ErrorCode::SystemIoFailure) => {
            format!("{name} cannot be read or written ({}): check the disk and the system's log", short(error))
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("{name} is locked by another program: stop it and try again")
        }
        Some(ErrorCode::FileLockingProtocolFailed) => {
            format!("{name} cannot be locked: put the data directory on a local file system")
        }
        _ => format!("{name} cannot be used: {}", short(error)),
    })
}

/// Returns the database's error message, without the statement.
pub fn short(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::SqliteFailure(_, Some(text)) | rusqlite::Error::SqlInputError { msg: text, .. } => {
            text.clone()
        }
        other => other.to_string(),
    }
}
