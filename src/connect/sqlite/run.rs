//! One statement on one connection: bound, stepped through up to the limits, kept or undone.
use super::{Open, open::unguarded};
use crate::{
    Result,
    connect::{
        Column, Mode, Request, Rows, Sink,
        rows::{Collector, float, integer, told_apart},
        sql::{Compiled, Dialect, lasting, no_pages},
        stream::Batch,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use rusqlite::{
    CachedStatement, Row,
    types::{Value as Sql, ValueRef},
};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// Statements whose columns a connection remembers.
const KNOWN: usize = 100;

type Known = HashMap<String, Arc<[Column]>>;

pub(super) fn run(open: &mut Open, statement: &Compiled, request: &Request) -> Result<Rows> {
    match request.mode {
        Mode::Run => rows(open, statement, request),
        Mode::Explain => {
            let rows = rows(open, &statement.after("explain query plan "), request)?;
            Ok(Rows { affected: None, wrote: false, ..rows })
        }
        Mode::Preview => {
            if statement.verb(Dialect::Sqlite) == "vacuum" {
                return Err(lasting());
            }
            unguarded(open, "begin")?;
            let rows = rows(open, statement, request);
            // `insert or rollback` may have ended it already
            if !open.connection.is_autocommit() {
                unguarded(open, "rollback")?;
            }
            Ok(Rows { wrote: false, ..rows? })
        }
    }
}

fn rows(open: &mut Open, statement: &Compiled, request: &Request) -> Result<Rows> {
    let Open { connection, columns: known, watch } = open;
    let told = |error| watch.told(&error, Some(statement));
    let mut prepared = connection.prepare_cached(&statement.text).map_err(told)?;
    let wrote = !prepared.readonly();
    let _allowed = if wrote { Some(watch.allow(connection)?) } else { None };
    if request.slice.is_some() && (wrote || prepared.column_count() == 0) {
        return Err(no_pages());
    }
    let columns = columns(&prepared, &statement.text, known);
    let (booleans, mut collector) = (booleans(&columns), Collector::new(columns, request.limits.clone()));
    let before = connection.total_changes();
    let mut found = prepared.query(arguments(statement)).map_err(told)?;
    for _ in 0..request.slice.map_or(0, |slice| slice.offset) {
        if found.next().map_err(told)?.is_none() {
            break;
        }
    }
    while let Some(row) = found.next().map_err(told)? {
        // a statement that writes runs to its end, whatever part of its answer is kept
        if !collector.push(cells(row, &booleans).map_err(told)?)? && !wrote {
            break;
        }
    }
    drop(found);
    // the total counts what triggers did, too; the count of the last statement stays when one changes nothing
    let changed = if connection.total_changes() == before { 0 } else { connection.changes() };
    let affected = (wrote || booleans.is_empty()).then_some(changed);
    Ok(Rows { affected, wrote, ..collector.finish() })
}

/// Sends every row as it is stepped to, from this thread.
pub(super) fn stream(open: &mut Open, statement: &Compiled, request: &Request, sink: &Sink) -> Result<()> {
    let Open { connection, columns: known, watch } = open;
    let told = |error| watch.told(&error, Some(statement));
    let mut prepared = connection.prepare_cached(&statement.text).map_err(told)?;
    let _allowed = if prepared.readonly() { None } else { Some(watch.allow(connection)?) };
    let columns = columns(&prepared, &statement.text, known);
    let (booleans, mut batch) = (booleans(&columns), Batch::new(columns));
    let mut found = prepared.query(arguments(statement)).map_err(told)?;
    while let Some(row) = found.next().map_err(told)? {
        for part in batch.push(cells(row, &booleans).map_err(told)?, request.limits.bytes)? {
            sink.send_blocking(part)?;
        }
    }
    batch.finish().try_for_each(|part| sink.send_blocking(part))
}

/// The statement's columns: those that it had the last time, unless a table has changed since.
fn columns(prepared: &CachedStatement<'_>, text: &str, known: &mut Known) -> Arc<[Column]> {
    if let Some(columns) = known.get(text) {
        let same = |(column, now): (&Column, rusqlite::Column<'_>)| {
            column.name == now.name() && column.r#type.eq_ignore_ascii_case(now.decl_type().unwrap_or_default())
        };
        if columns.len() == prepared.column_count() && columns.iter().zip(prepared.columns()).all(same) {
            return Arc::clone(columns);
        }
    }
    let column = |column: rusqlite::Column<'_>| Column {
        name: column.name().to_owned(),
        r#type: column.decl_type().unwrap_or_default().to_ascii_lowercase(),
    };
    let columns = told_apart(prepared.columns().map(column).collect());
    if known.len() >= KNOWN {
        known.clear();
    }
    known.insert(text.to_owned(), Arc::clone(&columns));
    columns
}

/// Which columns are declared as `boolean`.
fn booleans(columns: &[Column]) -> Vec<bool> {
    columns.iter().map(|column| column.r#type == "boolean").collect()
}

fn cells(row: &Row<'_>, booleans: &[bool]) -> rusqlite::Result<Vec<Value>> {
    booleans.iter().enumerate().map(|(i, boolean)| Ok(json(row.get_ref(i)?, *boolean))).collect()
}

fn arguments(statement: &Compiled) -> impl rusqlite::Params {
    rusqlite::params_from_iter(statement.arguments.iter().map(bound))
}

fn bound(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(value) => Sql::Integer((*value).into()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Sql::Integer(integer),
            (None, float) => Sql::Real(float.unwrap_or_default()),
        },
        Value::String(text) => Sql::Text(text.clone()),
        nested => Sql::Text(nested.to_string()),
    }
}

/// A value as JSON. The database has no truth values: a column declared as `boolean` holds 0 and 1.
fn json(value: ValueRef<'_>, boolean: bool) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value @ 0..=1) if boolean => (value == 1).into(),
        ValueRef::Integer(value) => integer(value),
        ValueRef::Real(value) => float(value),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => BASE64.encode(bytes).into(),
    }
}
