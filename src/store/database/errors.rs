//! Converts errors of the databases to those that callers may see.
use crate::Error;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        failure(&error)
    }
}

/// Converts a database error to one that is safe to show.
pub fn failure(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Error::Unavailable("the server's disk is full"),
        Some(rusqlite::ErrorCode::SystemIoFailure) => Error::Unavailable("the server's disk cannot be written or read"),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            Error::Unavailable("the server's database is in use by another process")
        }
        _ => Error::internal(error.to_string()),
    }
}

impl From<r2d2::Error> for Error {
    fn from(error: r2d2::Error) -> Self {
        Self::internal(error)
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
