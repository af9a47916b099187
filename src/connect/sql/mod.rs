//! SQL with `{{ params.x }}` in it: every value becomes a bound argument. Nothing here can paste text into a statement.
mod quoting;
mod reading;
mod server;

use super::{Params, Request};
use crate::{
    Error, Result,
    model::{
        data_query::{Parameter, ParameterType},
        parse,
    },
    script::template::{Segment, follow_path, parse_path},
};
use chrono::DateTime;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write;

use quoting::{placeholder, quoted};
pub(super) use {
    quoting::words,
    reading::{Reading, Readings},
    server::ServerOptions,
};

/// Arguments that one statement may have; within every database's own limit.
const ARGUMENTS: usize = 32_000;

/// Whether a template, a quote, a comment or a placeholder can begin with it, in any dialect.
fn special(byte: u8) -> bool {
    matches!(byte, b'{' | b'\'' | b'"' | b'`' | b'[' | b'$' | b'-' | b'/' | b'#' | b'?' | b':')
}

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

/// Reads a request's SQL and binds its parameters.
///
/// # Errors
/// `Invalid` at `options.sql` for a template inside quotes or comments, or one that is no parameter.
pub(super) fn compile(request: &Request, dialect: Dialect) -> Result<Compiled> {
    match request.options.get("sql") {
        Some(Value::String(sql)) if request.options.len() == 1 => bind(sql, dialect, &request.params),
        // what is wrong is said by the one who reads options
        _ => {
            let statement: Statement = parse::from_value(Value::Object((*request.options).clone()), "options")?;
            bind(&statement.sql, dialect, &request.params)
        }
    }
}

pub(super) fn bind(sql: &str, dialect: Dialect, params: &Params) -> Result<Compiled> {
    let mut compiler = Compiler { sql, at: 0, dialect, params, statement: Compiled::default() };
    match compiler.run() {
        Ok(()) => Ok(compiler.statement),
        Err(message) => {
            let position = sql[..compiler.at].chars().count() + 1;
            let message = format!("{message} (at character {position})");
            Err(Error::invalid("options.sql", message))
        }
    }
}

struct Compiler<'a> {
    sql: &'a str,
    at: usize,
    dialect: Dialect,
    params: &'a Params,
    statement: Compiled,
}

impl<'a> Compiler<'a> {
    fn run(&mut self) -> Result<(), String> {
        if self.sql.contains('\0') {
            return Err("the statement holds a NUL character".to_owned());
        }
        while let Some(first) = self.rest().chars().next() {
            let plain = self.rest().bytes().position(special).unwrap_or(self.rest().len());
            if plain > 0 {
                self.statement.text.push_str(&self.rest()[..plain]);
                self.at += plain;
                continue;
            }
            if self.rest().starts_with("{{") {
                self.template()?;
                continue;
            }
            let length = quoted(self.sql, self.at, self.dialect).unwrap_or(first.len_utf8());
            if self.dialect == Dialect::Mysql && length == first.len_utf8() && placeholder(self.rest()) {
                return Err("write values as `{{ params.name }}`, not as placeholders".to_owned());
            }
            let end = self.at + length;
            let piece = &self.sql[self.at..end];
            if length > first.len_utf8() && holds_template(piece) {
                return Err(if piece.starts_with(['-', '/', '#']) {
                    "a parameter cannot stand in a comment: take it out".to_owned()
                } else {
                    "a parameter cannot stand inside quotes: take the quotes away, values are bound, never pasted"
                        .to_owned()
                });
            }
            self.statement.text.push_str(piece);
            self.at = end;
        }
        Ok(())
    }

    fn rest(&self) -> &'a str {
        &self.sql[self.at..]
    }

    fn template(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let end = rest.find("}}").ok_or("`{{` is never closed by `}}`")?;
        let source = rest[2..end].trim();
        let call = source.strip_suffix(')').and_then(|call| call.split_once('('));
        match call {
            Some(("ident", inner)) => self.identifier(inner.trim())?,
            Some(("array", inner)) => {
                let value = self.follow(inner.trim())?;
                self.bind(value)?;
            }
            _ => self.value(source)?,
        }
        self.at += end + 2;
        let text = self.statement.text.chars().count();
        self.statement.shifts.push((text, self.sql[..self.at].chars().count()));
        Ok(())
    }

    /// The path below `params`, whose first segment is a declared parameter.
    fn path(&self, source: &str) -> Result<(&'a Parameter, Vec<Segment>), String> {
        let path = parse_path(source).unwrap_or_default();
        match path.as_slice() {
            [Segment::Key(params), Segment::Key(name), ..] if params == "params" => {
                let declared = self.params.declaration(name);
                let declared = declared.ok_or_else(|| format!("`{name}` is not declared as a parameter"))?;
                Ok((declared, path))
            }
            _ => Err(no_parameter(source)),
        }
    }

    /// What the path leads to.
    fn follow(&self, source: &str) -> Result<Value, String> {
        let (declared, path) = self.path(source)?;
        let value =
            follow_path(&path[1..], &self.params.values).ok_or_else(|| format!("`{source}` leads to nothing"))??;
        let is_date = declared.r#type == ParameterType::Date;
        Ok(if is_date && self.dialect == Dialect::Mysql { without_zone(value) } else { value })
    }

    fn value(&mut self, source: &str) -> Result<(), String> {
        match self.follow(source)? {
            Value::Array(items) if items.is_empty() => self.statement.text.push_str("NULL"),
            Value::Array(items) => {
                for (i, item) in items.into_iter().enumerate() {
                    self.statement.text.push_str(if i == 0 { "" } else { ", " });
                    self.bind(item)?;
                }
            }
            value => self.bind(value)?,
        }
        Ok(())
    }

    fn bind(&mut self, value: Value) -> Result<(), String> {
        if self.statement.arguments.len() >= ARGUMENTS {
            return Err(format!("at most {ARGUMENTS} values can be bound"));
        }
        let text = &mut self.statement.text;
        let number = self.statement.arguments.len() + 1;
        let _ = match self.dialect {
            Dialect::Sqlite => write!(text, "?{number}"),
            Dialect::Postgresql => write!(text, "${number}"),
            Dialect::Mysql => text.write_char('?'),
            Dialect::Clickhouse => write!(text, "{{p{number}:{}}}", clickhouse_type(&value)),
        };
        self.statement.arguments.push(value);
        Ok(())
    }

    /// A column or table name: one of those that the parameter's declaration allows, and quoted.
    fn identifier(&mut self, source: &str) -> Result<(), String> {
        let (declared, path) = self.path(source)?;
        let (name, allowed) = (&declared.name, &declared.allowed);
        if allowed.is_empty() || path.len() > 2 {
            return Err(format!("`ident(params.{name})` needs the parameter's `allowed` list of names"));
        }
        match self.params.values.get(name) {
            Some(value @ Value::String(text)) if allowed.contains(value) && !text.contains('\0') => {
                let text = if self.dialect == Dialect::Clickhouse { text.replace('\\', "\\\\") } else { text.clone() };
                let quote = if self.dialect == Dialect::Mysql { '`' } else { '"' };
                let doubled = text.replace(quote, &format!("{quote}{quote}"));
                let _ = write!(self.statement.text, "{quote}{doubled}{quote}");
                Ok(())
            }
            _ => Err(format!("`ident(params.{name})` needs one of the allowed names")),
        }
    }
}

fn no_parameter(source: &str) -> String {
    let short: String = source.chars().take(60).collect();
    format!(
        "`{{{{ {short} }}}}` is no parameter: write `{{{{ params.name }}}}`, or `{{{{ ident(params.name) }}}}` for a column"
    )
}

/// The type that a placeholder names: there it is part of the text.
fn clickhouse_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "Nullable(String)",
        Value::Bool(_) => "Bool",
        Value::Number(number) if number.is_i64() => "Int64",
        Value::Number(number) if number.is_u64() => "UInt64",
        Value::Number(_) => "Float64",
        _ => "String",
    }
}

/// `MySQL` knows no times with a zone: such a one becomes that in UTC, which its sessions are set to.
fn without_zone(value: Value) -> Value {
    match value.as_str().map(DateTime::parse_from_rfc3339) {
        Some(Ok(time)) => time.naive_utc().format("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
        _ => value,
    }
}

/// Whether text that is not code holds what was meant as a parameter.
fn holds_template(text: &str) -> bool {
    text.match_indices("{{").any(|(at, _)| {
        let inner = text[at + 2..].trim_start();
        inner.starts_with("params") || inner.starts_with("ident(") || inner.starts_with("array(")
    })
}

#[cfg(test)]
mod tests;
