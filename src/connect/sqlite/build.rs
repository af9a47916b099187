//! Builds a database file from rows, for datasources that are not databases.
use crate::{Error, Result};
use rusqlite::{
    Connection, ErrorCode, Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};
use std::{borrow::Cow, fmt::Write, path::Path};
use tempfile::TempPath;

const PAGE: u64 = 8192;

/// A value of a row.
pub(in crate::connect) enum Scalar<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
}

impl ToSql for Scalar<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A new database in a temporary file, which is deleted when this is dropped.
pub(in crate::connect) struct Builder {
    connection: Connection,
    path: TempPath,
    most: u64,
}

/// Inserts the rows of one table.
pub(in crate::connect) struct Insert<'b> {
    statement: Statement<'b>,
    most: u64,
}

impl Builder {
    /// Creates a file in `folder` of at most `most` bytes.
    pub fn new(folder: &Path, most: u64) -> Result<Self> {
        let path = tempfile::Builder::new().prefix(".table-").tempfile_in(folder)?.into_temp_path();
        let connection = Connection::open(&path).map_err(Error::internal)?;
        let set = |name: &str, value: &str| connection.pragma_update(None, name, value).map_err(Error::internal);
        // no journal: if the process crashes, the file is not needed any more
        set("journal_mode", "off")?;
        set("synchronous", "off")?;
        set("page_size", &PAGE.to_string())?;
        set("max_page_count", &(most / PAGE).to_string())?;
        connection.execute_batch("begin").map_err(Error::internal)?;
        Ok(Self { connection, path, most })
    }

    /// Creates a table with these columns and types, ready for its rows.
    pub fn table(&self, name: &str, columns: &[(String, &str)]) -> Result<Insert<'_>> {
        let mut definitions = String::new();
        let mut marks = String::new();
        for (at, (name, kind)) in columns.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(definitions, "{comma}{} {kind}", quoted(name));
            let _ = write!(marks, "{comma}?");
        }
        self.run(&format!("create table {} ({definitions})", quoted(name)))?;
        let insert = format!("insert into {} values ({marks})", quoted(name));
        let statement = self.connection.prepare(&insert).map_err(|error| failed(error, self.most))?;
        Ok(Insert { statement, most: self.most })
    }

    /// Adds a second name for a table.
    pub fn alias(&self, name: &str, table: &str) -> Result<()> {
        self.run(&format!("create view {} as select * from {}", quoted(name), quoted(table)))
    }

    /// Returns the finished file and its size in bytes.
    pub fn finish(self) -> Result<(TempPath, u64)> {
        self.run("commit")?;
        self.connection.close().map_err(|(_, error)| Error::internal(error))?;
        let size = self.path.metadata()?.len();
        Ok((self.path, size))
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|error| failed(error, self.most))
    }
}

impl Insert<'_> {
    pub fn add<'v>(&mut self, values: impl Iterator<Item = Scalar<'v>>) -> Result<()> {
        let inserted = self.statement.execute(rusqlite::params_from_iter(values));
        inserted.map(drop).map_err(|error| failed(error, self.most))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn failed(error: rusqlite::Error, most: u64) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Error::datasource(format!("the tables would take more than {} MiB: split the file", most >> 20))
        }
        _ => Error::internal(error),
    }
}
