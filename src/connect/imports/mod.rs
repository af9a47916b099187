//! Rows of a file written to a table in one transaction: a table that is created for them, or one that exists.
mod fill;
mod fit;
mod statements;

use super::{
    Generation, TableInfo,
    edits::{CommitGate, EditSession},
    sql::SqlDialect,
};
use crate::{Error, Result, budget::Hold};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;

pub(super) use fill::fill;
pub(super) use statements::{create, table as qualified};

/// The maximum length of the name of a table or a column: that of PostgreSQL, in bytes.
const NAME: usize = 63;

/// A table to fill.
#[derive(Clone, Debug)]
pub struct TableImport {
    /// The schema or database of the table; `None` for the default one.
    pub schema: Option<String>,
    pub table: String,
    /// In the order of the values of each row.
    pub columns: Vec<ImportColumn>,
    /// `None` if the table exists: then its columns are matched by name.
    pub new: Option<NewTable>,
}

/// What a new table has besides its columns.
#[derive(Clone, Debug, Default)]
pub struct NewTable {
    /// The columns of the primary key.
    pub key: Vec<String>,
    /// A column that the database numbers, which is the primary key.
    pub numbered: Option<String>,
}

/// A column of a table to fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportColumn {
    pub name: String,
    pub kind: ImportType,
    pub nullable: bool,
    /// The number of decimal places of a `decimal`.
    pub decimals: Option<u8>,
    /// The type in the database, in lower case: that of an existing column, or else the one that it is created with.
    pub declared: String,
}

/// The type of a column of a new table. It decides how the values of the file are read, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportType {
    Text,
    /// 64 bits.
    Integer,
    /// A floating-point number of 64 bits.
    Real,
    /// A number with exactly the digits of the file. Not in SQLite.
    Decimal,
    Boolean,
    Date,
    /// A date with a time of day, without a time zone.
    Datetime,
    /// A moment: a date with a time of day and a time zone. Stored in UTC.
    Timestamp,
    Time,
    Json,
}

impl ImportType {
    /// Names one value of the type, for messages.
    pub fn value(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "an integer of 64 bits",
            Self::Real => "a number that floating point represents exactly",
            Self::Decimal => "a decimal number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Datetime => "a date with a time and without a time zone",
            Self::Timestamp => "a date with a time and a time zone",
            Self::Time => "a time of day",
            Self::Json => "JSON",
        }
    }
}

/// A part of the rows of a file.
#[derive(Debug)]
pub enum ImportPart {
    Rows(Vec<ImportRow>),
    /// All rows were sent. Without it, reading was stopped, and nothing may be kept.
    End,
}

/// A row of a file, with a value for each column.
#[derive(Debug)]
pub struct ImportRow {
    /// Its position, such as `line 17`.
    pub position: u64,
    pub values: Vec<Value>,
}

/// The rows of a file.
#[derive(Debug)]
pub struct ImportRows {
    /// What positions count: `row` or `line`.
    pub unit: &'static str,
    pub parts: Receiver<Result<ImportPart>>,
}

/// One import.
#[derive(Debug)]
pub struct ImportRequest {
    pub import: TableImport,
    pub rows: ImportRows,
    /// Asked before the commit.
    pub gate: CommitGate,
    /// Counts the memory of what the database returns.
    pub hold: Arc<Hold>,
}

/// An open transaction on a database that rows are written to.
pub(super) trait ImportSession: EditSession {
    /// The maximum number of rows in one statement.
    const ROWS: usize;
    /// Whether a statement that fails makes the whole transaction fail, unless it returns to a savepoint.
    const SAVEPOINTS: bool = false;
    /// Runs a statement without arguments and rows.
    fn command(&mut self, sql: &str) -> impl Future<Output = Result<()>> + Send;
}

impl TableImport {
    /// Checks the names, and completes the columns: with the types that they are created with, or with those of the
    /// existing table among `tables`.
    ///
    /// # Errors
    /// `Invalid`, with paths as in the API: `table`, `columns[2].name`.
    pub fn complete(&mut self, dialect: SqlDialect, tables: &[TableInfo]) -> Result<()> {
        let fits = |table: &&TableInfo| {
            same(dialect, &table.name, &self.table) && (self.schema.is_none() || table.schema == self.schema)
        };
        let found: Vec<&TableInfo> = tables.iter().filter(fits).collect();
        match &self.new {
            None => self.match_columns(dialect, &found),
            Some(new) => {
                check_name("table", &self.table)?;
                // a temporary table would be gone with the connection
                let is_own = |schema: &String| schema.starts_with("pg_") || schema == "information_schema";
                if dialect == SqlDialect::Postgresql && self.schema.as_ref().is_some_and(is_own) {
                    return Err(Error::invalid("schema", "belongs to the database itself: choose another"));
                }
                // without a schema, the table of another schema does not matter: the database decides
                if !found.is_empty() && (self.schema.is_some() || dialect != SqlDialect::Postgresql) {
                    return Err(taken(&self.table));
                }
                check_new(dialect, &self.columns, new)?;
                for (at, column) in self.columns.iter_mut().enumerate() {
                    let kind = statements::kind(dialect, column, new.key.contains(&column.name));
                    column.declared = kind.map_err(|why| Error::invalid(format!("columns[{at}].type"), why))?;
                }
                Ok(())
            }
        }
    }

    fn match_columns(&mut self, dialect: SqlDialect, found: &[&TableInfo]) -> Result<()> {
        let table = match found {
            [table] if table.kind == "table" => table,
            [_] => return Err(Error::invalid("table", format!("`{}` is not a table: name a table", self.table))),
            [] => return Err(Error::invalid("table", format!("there is no table `{}`: create it", self.table))),
            _ => return Err(Error::invalid("schema", "several schemas have this table: name one")),
        };
        self.table.clone_from(&table.name);
        for (at, column) in self.columns.iter_mut().enumerate() {
            let existing = table
                .columns
                .iter()
                .find(|one| one.name == column.name)
                .or_else(|| table.columns.iter().find(|one| one.name.eq_ignore_ascii_case(&column.name)));
            let path = || format!("columns[{at}].name");
            let Some(existing) = existing else {
                let names: Vec<&str> = table.columns.iter().take(20).map(|one| one.name.as_str()).collect();
                let why = format!("the table has no column `{}`: it has {}", column.name, names.join(", "));
                return Err(Error::invalid(path(), why));
            };
            if existing.generated == Some(Generation::Computed) {
                return Err(Error::invalid(path(), "the database computes this column: leave it out"));
            }
            column.name.clone_from(&existing.name);
            column.declared = existing.r#type.to_lowercase();
        }
        unique(dialect, &self.columns, None)
    }
}

fn check_new(dialect: SqlDialect, columns: &[ImportColumn], new: &NewTable) -> Result<()> {
    for (at, column) in columns.iter().enumerate() {
        check_name(&format!("columns[{at}].name"), &column.name)?;
        let is_key = new.key.contains(&column.name);
        if is_key && column.nullable {
            return Err(Error::invalid(format!("columns[{at}].nullable"), "must be false for a column of the key"));
        }
    }
    if let Some(at) = new.key.iter().position(|name| !columns.iter().any(|column| column.name == *name)) {
        return Err(Error::invalid(format!("key[{at}]"), "is not the name of one of the columns"));
    }
    if let Some(name) = &new.numbered {
        check_name("numbered", name)?;
        if !new.key.is_empty() {
            return Err(Error::invalid("numbered", "cannot be combined with `key`: a table has one primary key"));
        }
    }
    unique(dialect, columns, new.numbered.as_deref())
}

/// Refuses two columns of the same name.
fn unique(dialect: SqlDialect, columns: &[ImportColumn], numbered: Option<&str>) -> Result<()> {
    for (at, column) in columns.iter().enumerate() {
        let is_taken = |other: &str| same(dialect, other, &column.name);
        if columns[..at].iter().any(|other| is_taken(&other.name)) {
            return Err(Error::invalid(format!("columns[{at}].name"), "is the name of another column: choose another"));
        }
        if numbered.is_some_and(is_taken) {
            return Err(Error::invalid("numbered", "is the name of a column of the file: choose another"));
        }
    }
    Ok(())
}

/// Returns whether a database takes two names for the same one.
fn same(dialect: SqlDialect, one: &str, other: &str) -> bool {
    if dialect == SqlDialect::Postgresql { one == other } else { one.to_lowercase() == other.to_lowercase() }
}

fn check_name(path: &str, name: &str) -> Result<()> {
    let why = if name.trim().is_empty() || name.len() > NAME {
        "must be 1 to 63 bytes long"
    } else if name.trim() != name || name.chars().any(char::is_control) {
        "must not begin or end with a space, and must not contain line breaks or other control codes"
    } else if name.to_lowercase().starts_with("sqlite_") {
        "must not begin with `sqlite_`"
    } else {
        return Ok(());
    };
    Err(Error::invalid(path, why))
}

/// The error for a table that exists.
pub(super) fn taken(table: &str) -> Error {
    Error::invalid(
        "table",
        format!("there is already a table `{table}`: choose another name, or append the rows to it"),
    )
}

/// Returns the error of a statement that created a table; another name helps if this one is taken.
pub(super) fn of_creation(dialect: SqlDialect, error: Error, table: &str) -> Error {
    let Error::Datasource(problem) = &error else { return error };
    let code = problem.code.as_deref().and_then(|code| code.split(' ').next()).unwrap_or_default();
    let exists = match dialect {
        SqlDialect::Postgresql => code == "42P07",
        SqlDialect::Mysql => code == "1050",
        _ => problem.message.contains("already exists") || problem.message.contains("already another table"),
    };
    if exists { taken(table) } else { error }
}
