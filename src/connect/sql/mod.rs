//! SQL with `{{ params.x }}` in it: every value becomes a bound argument. Nothing here can paste text into a statement.
mod address;
mod own;
mod place;
mod quoting;
mod reading;
mod server;
mod session;
mod statements;
mod template;

use super::Params;
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(super) use {
    address::{Address, host_and_port, ignored, tls_mode},
    own::OwnAnswer,
    quoting::words,
    reading::Reading,
    server::ServerOptions,
    session::Session,
    statements::Statements,
};

/// What differs between databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgresql,
    Clickhouse,
    /// `MariaDB` and `MySQL`, with `ANSI_QUOTES` and `NO_BACKSLASH_ESCAPES` off.
    Mysql,
}

/// An SQL statement
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Statement {
    /// One statement. `{{ params.name }}` is bound as a value, a list as one value for each item; `{{ array(params.name) }}`
    /// binds a list as a single value; `{{ ident(params.name) }}` names a column.
    #[schemars(title = "SQL", length(min = 1, max = 100_000), extend("format" = "sql"))]
    sql: String,
}

/// A statement with placeholders and what is bound to them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Compiled {
    pub text: String,
    pub arguments: Vec<Value>,
    /// Where placeholders made the text longer or shorter: (characters of `text`, characters of the source).
    shifts: Vec<(usize, usize)>,
}

impl Compiled {
    /// The 1-based character position in the user's SQL of one in `text`.
    pub fn origin(&self, position: u32) -> u32 {
        let position = position as usize;
        let before = self.shifts.iter().rev().find(|(text, _)| *text < position);
        let origin = before.map_or(position, |(text, source)| source + (position - text));
        u32::try_from(origin).unwrap_or(u32::MAX)
    }

    /// The same statement with more before it; positions still lead back to the user's SQL.
    pub fn after(&self, before: &str) -> Self {
        let length = before.chars().count();
        let shifts = self.shifts.iter().map(|(text, source)| (text + length, *source));
        Self {
            text: format!("{before}{}", self.text),
            arguments: self.arguments.clone(),
            shifts: std::iter::once((length, 0)).chain(shifts).collect(),
        }
    }

    /// The statement's first word in lower case, after comments and parentheses.
    pub fn verb(&self, dialect: Dialect) -> String {
        words(&self.text, dialect).into_iter().next().unwrap_or_default()
    }
}

/// The refusal of a preview of what no rollback takes back.
pub(super) fn lasting() -> Error {
    Error::invalid("mode", "this statement cannot be rolled back, so it cannot be previewed")
}

/// The refusal of a page of what is no plain read.
pub(super) fn no_pages() -> Error {
    Error::invalid("slice", "only the answer of a statement that reads, such as `select`, can be taken in pages")
}

/// Binds the parameters of a text that is no request's.
///
/// # Errors
/// As [`Statements::compile`].
pub(super) fn bind(sql: &str, dialect: Dialect, params: &Params) -> Result<Compiled> {
    template::Template::parse(sql, dialect)?.bind(params)
}

#[cfg(test)]
mod tests;
