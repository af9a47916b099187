//! The crate's error type, independent of HTTP: one message for the caller, and one for the log.
use serde_json::{Map, Value};
use std::{fmt, time::Duration};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure that a layer returns. `api::responses::problem` maps each to an HTTP status and an error code.
#[derive(Debug)]
pub enum Error {
    /// The input is invalid; each problem names its field.
    Invalid(Vec<FieldProblem>),
    /// The tenant header is missing, malformed, or not the tenant of the path.
    InvalidTenant(&'static str),
    Unauthenticated(TokenProblem),
    Forbidden(String),
    /// The tenant has no such record; holds the kind of record.
    NotFound(&'static str),
    /// The current state does not allow it, for example because a name is taken or a record is in use.
    Conflict(String),
    /// A query would change data where only its rows are shown. It was not executed, or the database refused it.
    ChangesData(String),
    /// The caller's version is not the current one.
    VersionConflict {
        current: u64,
        /// Where the record is in the request, and what it is, such as `widget "Revenue"`; `None` if the request is
        /// about a single record.
        record: Option<Box<ConflictingRecord>>,
    },
    /// Rows of a datasource that someone else changed or deleted in the meantime. Nothing was written.
    RowConflicts(Vec<RowConflict>),
    RateLimited {
        retry_after: Duration,
    },
    /// The external system refused or failed; holds its message, without secrets.
    Datasource(Box<DatasourceProblem>),
    Unavailable(&'static str),
    /// Others hold the memory that this needs.
    ShortOfMemory(&'static str),
    /// Something that reads data needs a value that is not there yet; holds the path of what has none, such as
    /// `vars.region` or `user.email`.
    NoValue(String),
    /// The tenant has reached a quota; the message names the quota, its size and what to do.
    QuotaExceeded(String),
    Timeout(String),
    /// A bug or a failing disk. It is logged in full, but the response reveals no internals.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// One of several records in a request whose version is not the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictingRecord {
    pub path: String,
    pub label: String,
}

/// A problem with one field: `path` locates it in the JSON input (`nodes[2].config.url`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub path: String,
    pub message: String,
}

/// A row that no longer has the values that its change expects.
#[derive(Debug, Clone, PartialEq)]
pub struct RowConflict {
    /// The index of the change in the request.
    pub change: usize,
    pub key: Map<String, Value>,
    /// The present values of its columns; `None` if the row does not exist any more.
    pub current: Option<Map<String, Value>>,
    /// The columns that have other values than expected.
    pub fields: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenProblem {
    Missing,
    Invalid,
    Expired,
}

/// The error of an external system. Every part is safe to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasourceProblem {
    pub message: String,
    /// The system's error code, such as SQLSTATE `42P01` or an HTTP status.
    pub code: Option<String>,
    /// 1-based character position in the query text.
    pub position: Option<u32>,
    pub hint: Option<String>,
    /// Whether a retry may succeed: timeouts, broken connections, 429 and 5xx.
    pub transient: bool,
    /// How long the system asked clients to wait before a retry (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// Whether the system could not be used at all: the connection or the sign-in failed, or it speaks another
    /// protocol.
    pub unreachable: bool,
}

impl Error {
    pub fn internal(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(why.into())
    }

    /// Returns an `Invalid` error with one problem, at `path`.
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem { path: path.into(), message: message.into() }])
    }

    /// Returns the error with the paths of its problems below `path`.
    #[must_use]
    pub fn below(self, path: &str) -> Self {
        match self {
            Self::Invalid(problems) => {
                let below = |one: FieldProblem| FieldProblem { path: format!("{path}.{}", one.path), ..one };
                Self::Invalid(problems.into_iter().map(below).collect())
            }
            other => other,
        }
    }

    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict(why.into())
    }

    /// Returns a `Datasource` error that a retry does not fix.
    pub fn datasource(message: impl Into<String>) -> Self {
        Self::Datasource(Box::new(DatasourceProblem { message: message.into(), ..DatasourceProblem::default() }))
    }

    /// Returns a `Datasource` error for a system that cannot be reached or does not speak the expected protocol.
    pub fn unreachable(message: impl Into<String>) -> Self {
        let problem = DatasourceProblem { message: message.into(), unreachable: true, ..DatasourceProblem::default() };
        Self::Datasource(Box::new(problem))
    }

    /// Returns the error for a part of the input: `path` comes before the paths of its problems.
    #[must_use]
    pub fn within(self, path: &str) -> Self {
        match self {
            Self::Invalid(mut problems) => {
                for problem in &mut problems {
                    let separator = if problem.path.is_empty() || problem.path.starts_with('[') { "" } else { "." };
                    problem.path = format!("{path}{separator}{}", problem.path);
                }
                Self::Invalid(problems)
            }
            Self::Forbidden(why) => Self::Forbidden(format!("{path}: {why}")),
            Self::Conflict(why) => Self::Conflict(format!("{path}: {why}")),
            other => other,
        }
    }

    /// Returns the message for the log, which includes internals.
    pub fn in_full(&self) -> String {
        match self {
            Self::Internal(cause) => cause.to_string(),
            other => other.to_string(),
        }
    }

    /// Returns how long to wait at least before a retry, if the other side asked for it.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Datasource(problem) => problem.retry_after,
            Self::RateLimited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Returns whether a retry may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Datasource(problem) => problem.transient,
            Self::RateLimited { .. }
            | Self::Unavailable(_)
            | Self::ShortOfMemory(_)
            | Self::Timeout(_)
            | Self::QuotaExceeded(_) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(problems) => match problems.as_slice() {
                [] => f.write_str("the request is not valid"),
                [one] if one.path.is_empty() => f.write_str(&one.message),
                [one] => write!(f, "{}: {}", one.path, one.message),
                [first, rest @ ..] => {
                    write!(f, "{}: {} (and {} more)", first.path, first.message, rest.len())
                }
            },
            Self::InvalidTenant(why) | Self::Unavailable(why) | Self::ShortOfMemory(why) => f.write_str(why),
            Self::Unauthenticated(TokenProblem::Missing) => {
                f.write_str("sign in first: send `Authorization: Bearer <token>`")
            }
            Self::Unauthenticated(TokenProblem::Invalid) => f.write_str("the token is not valid"),
            Self::Unauthenticated(TokenProblem::Expired) => f.write_str("the token has expired: refresh it"),
            Self::Forbidden(why)
            | Self::Conflict(why)
            | Self::ChangesData(why)
            | Self::Timeout(why)
            | Self::QuotaExceeded(why) => f.write_str(why),
            Self::NotFound(what) => write!(f, "{what} not found"),
            Self::NoValue(path) if path.starts_with("user") => {
                write!(f, "shows data of the person who is signed in: `{path}` has no value here")
            }
            Self::NoValue(path) => write!(f, "waits for a value: `{path}` is not set"),
            Self::VersionConflict { current, record: Some(record) } => {
                let ConflictingRecord { path, label } = &**record;
                write!(f, "{path}: the {label} was changed in the meantime: its current version is {current}")
            }
            Self::VersionConflict { current, record: None } => {
                write!(f, "the record was changed in the meantime: its current version is {current}")
            }
            Self::RowConflicts(rows) => match rows.len() {
                1 => f.write_str("a row was changed or deleted in the meantime: nothing was written"),
                count => write!(f, "{count} rows were changed or deleted in the meantime: nothing was written"),
            },
            Self::RateLimited { .. } => f.write_str("too many requests: try again later"),
            Self::Datasource(problem) => f.write_str(&problem.message),
            Self::Internal(_) => f.write_str("something went wrong on the server"),
        }
    }
}

impl std::error::Error for Error {}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}
