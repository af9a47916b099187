//! What can go wrong with a statement.
use rusqlite::{ErrorCode, ffi};
use std::fmt;

pub type SqlResult<T> = Result<T, SqlError>;

/// Why a statement failed.
#[derive(Debug)]
pub enum SqlError {
    /// There is no row.
    NoRows,
    /// A column has an unexpected value.
    Column { at: usize, why: Box<dyn std::error::Error + Send + Sync> },
    /// The statement has another number of parameters.
    Parameters { given: usize, expected: usize },
    /// The value of a parameter is too large.
    TooLarge,
    /// The engine refused it.
    Sqlite(rusqlite::Error),
}

impl SqlError {
    /// Returns whether a row with the same unique or primary key exists.
    pub fn is_duplicate(&self) -> bool {
        matches!(self.code(), Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY))
    }

    /// Returns whether a row refers to one that does not exist.
    pub fn is_dangling(&self) -> bool {
        self.code() == Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
    }

    fn code(&self) -> Option<i32> {
        match self {
            Self::Sqlite(error) => error.sqlite_extended_error_code(),
            _ => None,
        }
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRows => f.write_str("a query returned no row"),
            Self::Column { at, why } => write!(f, "the column {at} cannot be read: {why}"),
            Self::Parameters { given, expected } => write!(f, "{given} parameters for a statement with {expected}"),
            Self::TooLarge => f.write_str("a number is too large"),
            Self::Sqlite(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SqlError {}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NoRows,
            error => Self::Sqlite(error),
        }
    }
}

impl From<SqlError> for crate::Error {
    fn from(error: SqlError) -> Self {
        Self::from(&error)
    }
}

/// Converts it to an error that is safe to show.
impl From<&SqlError> for crate::Error {
    fn from(error: &SqlError) -> Self {
        let code = match error {
            SqlError::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        };
        match code {
            Some(ErrorCode::DiskFull) => Self::Unavailable("the server's disk is full"),
            Some(ErrorCode::SystemIoFailure) => Self::Unavailable("the server's disk cannot be written or read"),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable("the server's database is in use by another process")
            }
            _ => Self::internal(error.to_string()),
        }
    }
}

/// Turns the absence of a row into `None`.
pub trait OptionalExtension<T> {
    /// # Errors
    /// Every other error.
    fn optional(self) -> SqlResult<Option<T>>;
}

impl<T> OptionalExtension<T> for SqlResult<T> {
    fn optional(self) -> SqlResult<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(SqlError::NoRows) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
