//! SQL with `{{ params.x }}` placeholders. Every value becomes a bound argument; values are never inserted as text.
mod address;
mod checks;
mod effect;
mod own;
mod place;
mod quoting;
mod reading;
mod server;
mod session;
mod statements;
mod template;

use super::{Params, Rows, rows::RowChange};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(super) use {
    address::{ConnectionString, host_and_port, ignored, tls_mode},
    checks::{allowed_values, checks_in},
    effect::effect,
    own::InternalResult,
    quoting::words,
    reading::StatementAnalysis,
    server::ServerOptions,
    session::SessionIsolation,
    statements::Statements,
};

/// The SQL dialects that differ here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlDialect {
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
    /// One SQL statement. `{{ params.name }}` binds a value, or each item of a list as a separate value.
    /// `{{ array(params.name) }}` binds a list as a single value. `{{ ident(params.name) }}` inserts a column name,
    /// and `{{ direction(params.name) }}` inserts `asc` or `desc`.
    #[schemars(title = "SQL", length(min = 1, max = 100_000), extend("format" = "sql"))]
    sql: String,
}

/// A statement with placeholders, and the arguments bound to them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct BoundSql {
    pub text: String,
    pub arguments: Vec<Value>,
    /// The ends of the placeholders: (characters in `text`, characters in the user's SQL).
    shifts: Vec<(usize, usize)>,
}

impl BoundSql {
    /// Wraps a statement of the server itself.
    pub fn own(text: String, arguments: Vec<Value>) -> Self {
        Self { text, arguments, shifts: Vec::new() }
    }

    /// Maps a 1-based character position in `text` to the position in the user's SQL.
    pub fn origin(&self, position: u32) -> u32 {
        let position = position as usize;
        let before = self.shifts.iter().rev().find(|(text, _)| *text < position);
        let origin = before.map_or(position, |(text, source)| source + (position - text));
        u32::try_from(origin).unwrap_or(u32::MAX)
    }

    /// Prepends text to the statement; positions still map to the user's SQL.
    pub fn after(&self, before: &str) -> Self {
        let length = before.chars().count();
        let shifts = self.shifts.iter().map(|(text, source)| (text + length, *source));
        Self {
            text: format!("{before}{}", self.text),
            arguments: self.arguments.clone(),
            shifts: std::iter::once((length, 0)).chain(shifts).collect(),
        }
    }

    /// Returns the statement's first word in lower case, skipping comments and parentheses.
    pub fn verb(&self, dialect: SqlDialect) -> String {
        quoting::each_word(&self.text, dialect).next().unwrap_or_default()
    }

    /// Returns whether the statement removes rows, tables or indexes and writes nothing itself.
    pub fn only_deletes(&self, dialect: SqlDialect) -> bool {
        matches!(quoting::main_verb(&self.text, dialect).as_str(), "delete" | "drop")
    }

    /// Adds to the result of the statement what became of the rows that it changed.
    pub fn describe(&self, rows: Rows, dialect: SqlDialect) -> Rows {
        let change = rows.affected.and_then(|_| self.change(dialect));
        Rows { change, ..rows }
    }

    fn change(&self, dialect: SqlDialect) -> Option<RowChange> {
        match quoting::main_verb(&self.text, dialect).as_str() {
            "update" => Some(RowChange::Changed),
            "delete" => Some(RowChange::Deleted),
            // `insert or replace`, `on conflict do update` and `on duplicate key update` also change rows
            "insert" => {
                let mut words = quoting::each_word(&self.text, dialect);
                (!words.any(|word| matches!(word.as_str(), "replace" | "update"))).then_some(RowChange::Added)
            }
            _ => None,
        }
    }
}

/// The error for previewing a statement that cannot be rolled back.
pub(super) fn irreversible() -> Error {
    Error::invalid("mode", "this statement cannot be rolled back, so it cannot be previewed")
}

/// The error for a page of a statement that is not a plain read.
pub(super) fn not_pageable() -> Error {
    Error::invalid("slice", "pages are only supported for statements that read, such as `select`")
}

/// Binds the parameters of a statement outside a request.
///
/// # Errors
/// As [`Statements::compile`].
pub(super) fn bind(sql: &str, dialect: SqlDialect, params: &Params) -> Result<BoundSql> {
    template::SqlTemplate::parse(sql, dialect)?.bind(params)
}

/// The error for a statement that changes data although its rows are only shown, for example through a function.
pub(super) fn only_shows() -> Error {
    Error::ChangesData(
        "the statement changes data, so it is not executed to show its result: use it in an action, such as a button"
            .to_owned(),
    )
}

/// Checks that the parameters of a statement can be found in a dialect.
///
/// # Errors
/// `Invalid` at `options.sql`.
pub fn check_statement(sql: &str, dialect: SqlDialect) -> Result<()> {
    template::SqlTemplate::parse(sql, dialect).map(drop)
}

#[cfg(test)]
mod tests;
