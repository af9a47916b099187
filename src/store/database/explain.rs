//! Explains failures of database files to the operator: which file, what is wrong, and what to do.
use crate::Error;
use rusqlite::ErrorCode;
use std::path::Path;

/// Returns an error that says why a database file cannot be used. It never contains SQL.
pub fn file(path: &Path, error: &rusqlite::Error) -> Error {
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
