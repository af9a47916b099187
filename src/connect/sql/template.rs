//! Parses a statement into code and parameters, and binds the parameters.
use super::{
    BoundSql, SqlDialect,
    place::{ListOperator, ListParameter},
    quoting::{is_executed, placeholder, quoted},
};
use crate::{
    Error, Result,
    connect::Params,
    model::parameter::{Parameter, ParameterType},
    script::template::{Segment, follow_path, parse_path},
};
use chrono::DateTime;
use serde_json::Value;
use std::fmt::Write;

/// The maximum number of arguments per statement, within the limit of every database.
const ARGUMENTS: usize = 32_000;

/// Returns whether a template, a quote, a comment or a placeholder can start with this byte, in any dialect.
fn special(byte: u8) -> bool {
    matches!(byte, b'{' | b'\'' | b'"' | b'`' | b'[' | b'$' | b'-' | b'/' | b'#' | b'?' | b':')
}

/// A parsed statement whose parameters are not bound yet.
#[derive(Debug)]
pub(super) struct SqlTemplate {
    dialect: SqlDialect,
    pieces: Vec<SqlPiece>,
    /// The code after the last parameter.
    rest: String,
}

/// A piece of code and the parameter that follows it.
#[derive(Debug)]
struct SqlPiece {
    code: String,
    /// The number of characters in `code`.
    length: usize,
    slot: Slot,
    /// Set if the parameter is alone in the parentheses of an operator.
    place: Option<ListParameter>,
    /// The text between the braces.
    source: String,
    /// The path within the parameters, starting with the parameter's name.
    path: Vec<Segment>,
    /// The start and end of the parameter in the user's SQL, in characters.
    begins: usize,
    ends: usize,
}

/// How a parameter is inserted.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// As a value, or as one value per item of a list.
    Value,
    /// As a list in one value.
    List,
    /// As the name of a column or a table.
    Name,
    /// As `asc` or `desc`.
    Direction,
}

impl SqlTemplate {
    /// Parses a statement.
    ///
    /// # Errors
    /// `Invalid` at `options.sql` for a placeholder that is inside quotes or not a parameter.
    pub fn parse(sql: &str, dialect: SqlDialect) -> Result<Self> {
        let template = Self { dialect, pieces: Vec::new(), rest: String::new() };
        let mut parser = Parser { sql, at: 0, characters: (0, 0), template };
        match parser.run() {
            Ok(()) => Ok(parser.template),
            Err(message) => Err(at(parser.characters(), &message)),
        }
    }

    /// Binds the parameters.
    ///
    /// # Errors
    /// `Invalid` at `options.sql` for an undeclared parameter, or a name that is not allowed.
    pub fn bind(&self, params: &Params) -> Result<BoundSql> {
        let mut statement = BoundSql::default();
        let mut length = 0;
        for piece in &self.pieces {
            let refused = |message: String| at(piece.begins, &message);
            let value = self.value(piece, params).map_err(refused)?;
            let empty = matches!(&value, Some(Value::Array(items)) if items.is_empty());
            let place = piece.place.filter(|place| empty && place.is_rewritten(self.dialect));
            let code = place.map_or(&*piece.code, |place| &piece.code[..place.from]);
            statement.text.push_str(code);
            let before = statement.text.len();
            self.fill(&mut statement, piece, value, params).map_err(refused)?;
            let filled = statement.text[before..].chars().count();
            length += filled + place.map_or(piece.length, |_| code.chars().count());
            statement.shifts.push((length, piece.ends));
        }
        statement.text.push_str(&self.rest);
        Ok(statement)
    }

    /// Appends a parameter to the statement. `value` is `None` for a name.
    fn fill(
        &self,
        statement: &mut BoundSql,
        piece: &SqlPiece,
        value: Option<Value>,
        params: &Params,
    ) -> Result<(), String> {
        let name = piece.name();
        let Some(value) = value else {
            let declared = params.declaration(name).ok_or_else(|| undeclared(name))?;
            return self.name(statement, piece, declared, params.values.get(name));
        };
        match (piece.slot, value) {
            (Slot::Value, list @ Value::Array(_)) if piece.is_array(self.dialect) => self.place(statement, list),
            (Slot::Value, Value::Array(items)) if items.is_empty() => self.nothing(statement, piece),
            (Slot::Value, Value::Array(items)) => {
                if piece.is_negated() && items.contains(&Value::Null) {
                    return Err(format!(
                        "`params.{name}` contains null, with which `not in` matches nothing: remove it"
                    ));
                }
                for (i, item) in items.into_iter().enumerate() {
                    statement.text.push_str(if i == 0 { "" } else { ", " });
                    self.place(statement, item)?;
                }
                Ok(())
            }
            (Slot::Value, Value::Null) if piece.is_negated() && is_list(name, params) => Err(format!(
                "`params.{name}` has no value, and `not in (null)` matches nothing: send a list, which may be empty"
            )),
            (Slot::Direction, value) => {
                let word = ["asc", "desc"].into_iter().find(|word| value.as_str() == Some(word));
                statement.text.push_str(word.ok_or_else(|| format!("`params.{name}` must be \"asc\" or \"desc\""))?);
                Ok(())
            }
            (_, value) => self.place(statement, value),
        }
    }

    /// Appends an empty list, for which `in` matches nothing and `not in` everything.
    fn nothing(&self, statement: &mut BoundSql, piece: &SqlPiece) -> Result<(), String> {
        match (piece.place, self.dialect) {
            (Some(place), SqlDialect::Postgresql) => {
                statement.text.push_str(if place.operator == ListOperator::NotIn { "<> all (" } else { "= any (" });
                self.place(statement, Value::Array(Vec::new()))
            }
            (Some(_), SqlDialect::Sqlite) => Ok(()),
            (Some(_), SqlDialect::Mysql) => {
                statement.text.push_str("select null from dual where false");
                Ok(())
            }
            _ => {
                let name = piece.name();
                Err(format!(
                    "`params.{name}` is an empty list, which is only allowed alone in `in (…)`: send at least one item, \
                     or bind the list as one value with `array(params.{name})`"
                ))
            }
        }
    }

    /// Returns the value at the parameter's path; `None` for a name.
    fn value(&self, piece: &SqlPiece, params: &Params) -> Result<Option<Value>, String> {
        let name = piece.name();
        let declared = params.declaration(name).ok_or_else(|| undeclared(name))?;
        if matches!(piece.slot, Slot::Name) {
            return Ok(None);
        }
        let found = follow_path(&piece.path, &params.values);
        let value = found.ok_or_else(|| format!("`{}` does not exist", piece.source))??;
        let is_date = declared.r#type == ParameterType::Date;
        Ok(Some(if is_date && self.dialect == SqlDialect::Mysql { without_zone(value) } else { value }))
    }

    fn place(&self, statement: &mut BoundSql, value: Value) -> Result<(), String> {
        if statement.arguments.len() >= ARGUMENTS {
            return Err(format!("a statement can bind at most {ARGUMENTS} values: send shorter lists"));
        }
        let number = statement.arguments.len() + 1;
        let text = &mut statement.text;
        let _ = match self.dialect {
            SqlDialect::Sqlite => write!(text, "?{number}"),
            SqlDialect::Postgresql => write!(text, "${number}"),
            SqlDialect::Mysql => text.write_char('?'),
            SqlDialect::Clickhouse => write!(text, "{{p{number}:{}}}", clickhouse_type(&value)),
        };
        statement.arguments.push(value);
        Ok(())
    }

    /// Appends a quoted column or table name, which must be one of the parameter's allowed values.
    fn name(
        &self,
        statement: &mut BoundSql,
        piece: &SqlPiece,
        declared: &Parameter,
        value: Option<&Value>,
    ) -> Result<(), String> {
        let (name, allowed) = (&declared.name, &declared.allowed);
        if allowed.is_empty() || piece.path.len() > 1 {
            return Err(format!("`ident(params.{name})` requires a parameter with a list of allowed values"));
        }
        match value {
            Some(value @ Value::String(text)) if allowed.contains(value) && !text.contains('\0') => {
                let clickhouse = self.dialect == SqlDialect::Clickhouse;
                let text = if clickhouse { text.replace('\\', "\\\\") } else { text.clone() };
                let quote = if self.dialect == SqlDialect::Mysql { '`' } else { '"' };
                let doubled = text.replace(quote, &format!("{quote}{quote}"));
                let _ = write!(statement.text, "{quote}{doubled}{quote}");
                Ok(())
            }
            _ => Err(format!("`ident(params.{name})` requires one of the parameter's allowed values")),
        }
    }
}

impl SqlPiece {
    fn name(&self) -> &str {
        match self.path.first() {
            Some(Segment::Key(name)) => name,
            _ => "",
        }
    }

    fn is_negated(&self) -> bool {
        self.place.is_some_and(|place| place.operator == ListOperator::NotIn)
    }

    /// Returns whether a list is bound as one value here.
    fn is_array(&self, dialect: SqlDialect) -> bool {
        dialect == SqlDialect::Postgresql && self.place.is_some_and(|place| place.operator == ListOperator::Any)
    }
}

fn is_list(name: &str, params: &Params) -> bool {
    params.declaration(name).is_some_and(|declared| declared.r#type == ParameterType::Array)
}

fn undeclared(name: &str) -> String {
    format!("`{name}` is not a parameter of this query: declare it first")
}

/// Creates an error for a position in the user's SQL, in characters from 0.
fn at(characters: usize, message: &str) -> Error {
    Error::invalid("options.sql", format!("{message} (at character {})", characters + 1))
}

struct Parser<'a> {
    sql: &'a str,
    at: usize,
    /// A byte offset and the number of characters before it, so that counting continues from the last position.
    characters: (usize, usize),
    template: SqlTemplate,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), String> {
        if self.sql.contains('\0') {
            return Err("the statement contains a NUL character".to_owned());
        }
        while let Some(first) = self.rest().chars().next() {
            let plain = self.rest().bytes().position(special).unwrap_or(self.rest().len());
            if plain > 0 {
                self.code(plain);
                continue;
            }
            if self.rest().starts_with("{{") {
                self.parameter()?;
                continue;
            }
            let length = quoted(self.sql, self.at, self.template.dialect).unwrap_or(first.len_utf8());
            let code = length == first.len_utf8();
            if self.template.dialect == SqlDialect::Mysql && code && placeholder(self.rest()) {
                return Err("write values as `{{ params.name }}`, not as placeholders".to_owned());
            }
            let piece = &self.rest()[..length];
            if !code && holds_template(piece) {
                let comment = piece.starts_with(['-', '/', '#']);
                if comment && is_executed(piece) {
                    return Err(
                        "a parameter cannot be used in a comment that the database interprets: remove it".to_owned()
                    );
                }
                if !comment {
                    return Err(
                        "a parameter cannot be used inside quotes: remove the quotes; values are bound, not inserted"
                            .to_owned(),
                    );
                }
            }
            self.code(length);
        }
        Ok(())
    }

    fn rest(&self) -> &'a str {
        &self.sql[self.at..]
    }

    /// Consumes `length` bytes as code.
    fn code(&mut self, length: usize) {
        self.template.rest.push_str(&self.rest()[..length]);
        self.at += length;
    }

    /// Returns the number of characters before the current position.
    fn characters(&mut self) -> usize {
        let (byte, count) = self.characters;
        self.characters = (self.at, count + self.sql[byte..self.at].chars().count());
        self.characters.1
    }

    fn parameter(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let end = rest.find("}}").ok_or("`{{` is not closed by `}}`")?;
        let source = rest[2..end].trim();
        let call = source.strip_suffix(')').and_then(|call| call.split_once('('));
        let (slot, source) = match call {
            Some(("ident", inner)) => (Slot::Name, inner.trim()),
            Some(("array", inner)) => (Slot::List, inner.trim()),
            Some(("direction", inner)) => (Slot::Direction, inner.trim()),
            _ => (Slot::Value, source),
        };
        let path = path(source)?;
        let begins = self.characters();
        self.at += end + 2;
        let (code, ends) = (std::mem::take(&mut self.template.rest), self.characters());
        let length = code.chars().count();
        let place = ListParameter::find(&code, self.rest(), self.template.dialect);
        self.template.pieces.push(SqlPiece {
            code,
            length,
            slot,
            place,
            source: source.to_owned(),
            path,
            begins,
            ends,
        });
        Ok(())
    }
}

/// Parses a path and returns it without the leading `params`.
fn path(source: &str) -> Result<Vec<Segment>, String> {
    let mut path = parse_path(source).unwrap_or_default();
    match path.as_slice() {
        [Segment::Key(params), Segment::Key(_), ..] if params == "params" => {
            path.remove(0);
            Ok(path)
        }
        _ => {
            let short: String = source.chars().take(60).collect();
            Err(format!(
                "`{{{{ {short} }}}}` is not a parameter: write `{{{{ params.name }}}}`, \
                 or `{{{{ ident(params.name) }}}}` for a column name"
            ))
        }
    }
}

/// Returns the type of a value for a placeholder, which `ClickHouse` requires in the text.
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

/// Converts a time with an offset to UTC: `MySQL` has no such type, and its sessions are set to UTC.
fn without_zone(value: Value) -> Value {
    if let Some(zero) = value.as_str().filter(|text| text.starts_with("0000-00-00")) {
        return zero.trim_end_matches('Z').into();
    }
    match value.as_str().map(DateTime::parse_from_rfc3339) {
        Some(Ok(time)) => time.naive_utc().format("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
        _ => value,
    }
}

/// Returns whether quoted text or a comment contains what looks like a parameter.
fn holds_template(text: &str) -> bool {
    text.match_indices("{{").any(|(at, _)| {
        let inner = text[at + 2..].trim_start();
        ["params", "ident(", "array(", "direction("].iter().any(|start| inner.starts_with(start))
    })
}
