//! What can go wrong, said without HTTP: one message for the caller, one for the log.
use std::{fmt, time::Duration};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure that leaves a layer. `api::problem` gives each its status and code.
#[derive(Debug)]
pub enum Error {
    /// The input breaks rules; each problem names its field.
    Invalid(Vec<FieldProblem>),
    /// The tenant header is missing, malformed, or not the tenant of the path.
    InvalidTenant(&'static str),
    Unauthenticated(TokenProblem),
    Forbidden(String),
    /// No such object of this kind in this tenant.
    NotFound(&'static str),
    /// The state of things does not allow it: a name taken, an object in use.
    Conflict(String),
    /// The caller's version is not the present one.
    VersionConflict {
        current: u64,
    },
    RateLimited {
        retry_after: Duration,
    },
    /// The external system refused or failed, in its own words without secrets.
    Datasource(Box<DatasourceProblem>),
    Unavailable(&'static str),
    /// The tenant has used up what it may store; says of what, how much, and what to do.
    QuotaExceeded(String),
    Timeout(String),
    /// A bug or a broken disk: logged in full, answered without internals.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// One broken rule: `path` is the field in JSON notation (`nodes[2].config.url`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub path: String,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenProblem {
    Missing,
    Invalid,
    Expired,
}

/// What an external system said when it refused; every part is safe to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasourceProblem {
    pub message: String,
    /// The system's own code, such as SQLSTATE `42P01` or an HTTP status.
    pub code: Option<String>,
    /// 1-based character position in the query text.
    pub position: Option<u32>,
    pub hint: Option<String>,
    /// May pass by itself: time-outs, broken connections, 429 and 5xx.
    pub transient: bool,
    /// How long the system asked to be left alone (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// There was no sensible answer: no connection, no sign-in, another protocol.
    pub unreachable: bool,
}

impl Error {
    pub fn internal(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(why.into())
    }

    /// One broken rule at `path`.
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem { path: path.into(), message: message.into() }])
    }

    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict(why.into())
    }

    /// A refusal by an external system, not worth a retry.
    pub fn datasource(message: impl Into<String>) -> Self {
        Self::Datasource(Box::new(DatasourceProblem { message: message.into(), ..DatasourceProblem::default() }))
    }

    /// The external system does not answer as its kind does.
    pub fn unreachable(message: impl Into<String>) -> Self {
        let problem = DatasourceProblem { message: message.into(), unreachable: true, ..DatasourceProblem::default() };
        Self::Datasource(Box::new(problem))
    }

    /// What the log says of it: internals are not left out.
    pub fn in_full(&self) -> String {
        match self {
            Self::Internal(cause) => cause.to_string(),
            other => other.to_string(),
        }
    }

    /// The least wait before trying again, where the other side has said one.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Datasource(problem) => problem.retry_after,
            Self::RateLimited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Whether trying the same again later may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Datasource(problem) => problem.transient,
            Self::RateLimited { .. } | Self::Unavailable(_) | Self::Timeout(_) | Self::QuotaExceeded(_) => true,
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
            Self::InvalidTenant(why) | Self::Unavailable(why) => f.write_str(why),
            Self::Unauthenticated(TokenProblem::Missing) => {
                f.write_str("sign in first: send `Authorization: Bearer <token>`")
            }
            Self::Unauthenticated(TokenProblem::Invalid) => f.write_str("the token is not valid"),
            Self::Unauthenticated(TokenProblem::Expired) => f.write_str("the token has expired: refresh it"),
            Self::Forbidden(why) | Self::Conflict(why) | Self::Timeout(why) | Self::QuotaExceeded(why) => {
                f.write_str(why)
            }
            Self::NotFound(what) => write!(f, "{what} not found"),
            Self::VersionConflict { current } => write!(f, "someone else changed it: the current version is {current}"),
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
