//! Why a script failed, in terms of the script.
use crate::{Error, error::FieldProblem};
use std::{fmt, time::Duration};

/// A failed script, expression or template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptProblem {
    pub kind: ScriptProblemKind,
    /// What was thrown, such as `TypeError: cannot read property 'id' of undefined`.
    pub message: String,
    /// 1-based, in the text that the user wrote.
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// The string that failed within a value that was resolved as a whole, in JSON notation (`headers[0].value`); empty
    /// for a single script.
    pub path: String,
    /// What the script logged before it failed.
    pub logs: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptProblemKind {
    /// The text is not JavaScript, or not a template.
    Syntax,
    /// The script threw an exception.
    Thrown,
    /// The deadline passed.
    Timeout,
    /// Too much memory or output.
    Limit,
    /// Too many scripts are already waiting.
    Busy,
    /// The engine failed, not the script.
    Unavailable,
}

impl ScriptProblem {
    pub fn new(kind: ScriptProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), line: None, column: None, path: String::new(), logs: Vec::new() }
    }

    pub(super) fn timeout(deadline: Duration) -> Self {
        Self::new(ScriptProblemKind::Timeout, format!("the script was stopped after {} ms", deadline.as_millis()))
    }

    /// Converts the problem to a field problem, with its path below `prefix`.
    pub fn at(self, prefix: &str) -> Error {
        let path = match (prefix, self.path.as_str()) {
            ("", path) => path.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, path) if path.starts_with('[') => format!("{prefix}{path}"),
            (prefix, path) => format!("{prefix}.{path}"),
        };
        match self.kind {
            ScriptProblemKind::Timeout => Error::Timeout(self.to_string()),
            ScriptProblemKind::Busy => Error::RateLimited { retry_after: Duration::from_secs(1) },
            ScriptProblemKind::Unavailable => Error::Unavailable("the script engine is not available: try again"),
            _ => Error::Invalid(vec![FieldProblem { path, message: self.to_string() }]),
        }
    }
}

impl fmt::Display for ScriptProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, " (line {line}, column {column})"),
            (Some(line), None) => write!(f, " (line {line})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ScriptProblem {}

/// A script is part of the input: a bad one is a field problem without a path. Use [`ScriptProblem::at`] if the field
/// is known.
impl From<ScriptProblem> for Error {
    fn from(problem: ScriptProblem) -> Self {
        problem.at("")
    }
}
