//! What can go wrong with a statement.
use rusqlite::{ErrorCode, ffi};
use std::fmt;
use tokio_postgres::error::SqlState;

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
    /// A text contains U+0000, which PostgreSQL cannot store.
    ZeroCharacter,
    /// A parameter has another type, which is named.
    Type(String),
    /// SQLite refused it.
    Sqlite(rusqlite::Error),
    /// PostgreSQL refused it, or its connection was lost.
    Postgres(tokio_postgres::Error),
    /// The server did not answer.
    Silent,
}

impl SqlError {
    /// Returns whether a row with the same unique or primary key exists.
    pub fn is_duplicate(&self) -> bool {
        self.state() == Some(&SqlState::UNIQUE_VIOLATION)
            || matches!(self.code(), Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY))
    }

    /// Returns whether a row refers to one that does not exist.
    pub fn is_dangling(&self) -> bool {
        self.state() == Some(&SqlState::FOREIGN_KEY_VIOLATION) || self.code() == Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
    }

    /// Returns whether the connection to the server cannot be used any more.
    pub fn is_of_connection(&self) -> bool {
        match self {
            Self::Silent => true,
            Self::Postgres(error) => error.code().is_none_or(|state| {
                // the server stops, has become a standby, or cannot be reached by a pooler
                let code = state.code();
                code.starts_with("57P") || code.starts_with("08") || *state == SqlState::READ_ONLY_SQL_TRANSACTION
            }),
            _ => false,
        }
    }

    /// Returns whether a prepared statement is missing, or its name is taken: another server process serves the connection.
    pub fn is_of_prepared_statement(&self) -> bool {
        let states = [&SqlState::INVALID_SQL_STATEMENT_NAME, &SqlState::DUPLICATE_PSTATEMENT];
        self.state().is_some_and(|state| states.contains(&state))
    }

    /// Returns the message with those of its causes, for the operator.
    pub fn in_full(&self) -> String {
        let mut message = self.to_string();
        let mut cause = match self {
            Self::Postgres(error) if error.as_db_error().is_none() => std::error::Error::source(error),
            _ => None,
        };
        while let Some(next) = cause {
            message = format!("{message}: {next}");
            cause = next.source();
        }
        message
    }

    fn code(&self) -> Option<i32> {
        match self {
            Self::Sqlite(error) => error.sqlite_extended_error_code(),
            _ => None,
        }
    }

    /// Returns the code of PostgreSQL.
    pub fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(error) => error.code(),
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
            Self::ZeroCharacter => f.write_str("a text contains U+0000"),
            Self::Type(kind) => write!(f, "a parameter of the type {kind} has another type"),
            Self::Sqlite(error) => error.fmt(f),
            Self::Postgres(error) => match error.as_db_error() {
                Some(refused) => write!(f, "{} ({})", refused.message(), refused.code().code()),
                None => error.fmt(f),
            },
            Self::Silent => f.write_str("the database server does not answer"),
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

impl From<tokio_postgres::Error> for SqlError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

/// Returns whether a failed statement may succeed when it is tried again: connections and locks are short, and a server
/// that another one has replaced is a standby for a moment.
fn is_passing(state: &SqlState) -> bool {
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ]
    .contains(state)
}

const AWAY: crate::Error = crate::Error::Unavailable("the server's database is not available: try again");

impl From<SqlError> for crate::Error {
    fn from(error: SqlError) -> Self {
        Self::from(&error)
    }
}

/// Converts it to an error that is safe to show.
impl From<&SqlError> for crate::Error {
    fn from(error: &SqlError) -> Self {
        if error.is_of_connection() || error.state().is_some_and(is_passing) {
            tracing::warn!(%error, "the database did not do its work");
            return AWAY;
        }
        if error.state() == Some(&SqlState::DISK_FULL) {
            return Self::Unavailable("the disk of the server's database is full");
        }
        let code = match error {
            SqlError::ZeroCharacter => {
                return Self::invalid("", "a text contains the character U+0000, which cannot be stored: remove it");
            }
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
