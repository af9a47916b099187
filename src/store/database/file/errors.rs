//! Converts errors of the databases to those that callers may see, and explains failures of their files to the operator.
use crate::{Error, store::sql::SqlError};
use rusqlite::ErrorCode;
use std::path::Path;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        SqlError::from(error).into()
    }
}

impl From<r2d2::Error> for Error {
    fn from(error: r2d2::Error) -> Self {
        tracing::warn!(%error, "a lookup got no connection to the database");
        Self::Unavailable("the server's database is busy: try again")
    }
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

/// Like [`explain`], for the error of a statement.
pub fn explain_statement(path: &Path, error: &SqlError) -> Error {
    match error {
        SqlError::Sqlite(error) => explain(path, error),
        other => Error::conflict(format!("{} cannot be used: {other}", path.display())),
    }
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
