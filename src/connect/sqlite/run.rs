//! Runs one statement on a connection within the limits, and commits it or rolls it back.
use super::{Open, limits::room, open::unguarded, to_error};
use crate::{
    Error, Result,
    connect::{
        Column, Mode, QueryRequest, Rows, Sink, Written,
        rows::{Collector, float, integer, not_text, with_unique_names},
        sql::{BoundSql, SqlDialect, irreversible, not_pageable, only_shows},
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

/// The maximum number of statements whose columns are cached per connection.
const KNOWN: usize = 100;

type Known = HashMap<String, Arc<[Column]>>;

pub(super) fn run(open: &mut Open, statement: &BoundSql, request: &QueryRequest) -> Result<Rows> {
    match request.mode {
        Mode::Run => rows(open, statement, request),
        Mode::Explain => {
            let rows = rows(open, &statement.after("explain query plan "), request)?;
            Ok(Rows { affected: None, written: Written::Nothing, ..rows })
        }
        Mode::Preview => {
            if statement.verb(SqlDialect::Sqlite) == "vacuum" {
                return Err(irreversible());
            }
            unguarded(open, "begin")?;
            let rows = rows(open, statement, request);
            // `insert or rollback` may have ended the transaction already
            if !open.connection.is_autocommit() {
                unguarded(open, "rollback")?;
            }
            Ok(Rows { written: Written::Nothing, ..rows? })
        }
    }
}

pub(super) fn rows(open: &mut Open, statement: &BoundSql, request: &QueryRequest) -> Result<Rows> {
    let Open { connection, columns: known, rooms, watch, .. } = open;
    let to_error = |error| watch.to_error(&error, Some(statement));
    let _run = watch.begin();
    room::settle(connection, rooms, &statement.text).map_err(to_error)?;
    if matches!(statement.verb(SqlDialect::Sqlite).as_str(), "create" | "alter") {
        know_schema(connection).map_err(to_error)?;
    }
    let mut prepared = connection.prepare_cached(&statement.text).map_err(to_error)?;
    let may_write = writes(&prepared);
    if may_write && request.must_read {
        return Err(only_shows());
    }
    let _allowed =
        if may_write { Some(watch.allow(connection, statement.only_deletes(SqlDialect::Sqlite))?) } else { None };
    if request.slice.is_some() && (may_write || prepared.column_count() == 0) {
        return Err(not_pageable());
    }
    let columns = columns(&prepared, &statement.text, known);
    let mut collector = Collector::new(Arc::clone(&columns), request.limits.clone());
    let before = connection.total_changes();
    let mut found = prepared.query(arguments(statement)?).map_err(to_error)?;
    for _ in 0..request.slice.map_or(0, |slice| slice.offset) {
        if found.next().map_err(to_error)?.is_none() {
            break;
        }
    }
    while let Some(row) = found.next().map_err(to_error)? {
        // a statement that writes runs to completion, even if only a part of the result is kept
        if !collector.push(cells(row, &columns)?)? && !may_write {
            break;
        }
    }
    drop(found);
    // `changes` keeps the value of an earlier statement if this one changes nothing, and `total_changes` also counts
    // triggers
    let changed = if connection.total_changes() == before { 0 } else { connection.changes() };
    let affected = (may_write || columns.is_empty()).then_some(changed);
    let written = if changed > 0 { Written::Something } else { Written::perhaps(may_write) };
    Ok(Rows { affected, written, ..collector.finish() })
}

/// Returns whether executing a statement may write. Explaining one does not execute it.
fn writes(prepared: &CachedStatement<'_>) -> bool {
    !prepared.readonly() && prepared.is_explain() == 0
}

/// Reads the present schema: what another connection has dropped would still exist when `create`
/// or `alter` is prepared.
fn know_schema(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("select 1 from sqlite_schema limit 1")?.exists(()).map(drop)
}

/// Streams all rows from this thread.
pub(super) fn stream(open: &mut Open, statement: &BoundSql, request: &QueryRequest, sink: &Sink) -> Result<()> {
    let Open { connection, columns: known, rooms, watch, .. } = open;
    let to_error = |error| watch.to_error(&error, Some(statement));
    let _run = watch.begin();
    room::settle(connection, rooms, &statement.text).map_err(to_error)?;
    let mut prepared = connection.prepare_cached(&statement.text).map_err(to_error)?;
    let _allowed = if !writes(&prepared) {
        None
    } else if request.must_read {
        return Err(only_shows());
    } else {
        Some(watch.allow(connection, statement.only_deletes(SqlDialect::Sqlite))?)
    };
    let columns = columns(&prepared, &statement.text, known);
    let mut batch = Batch::new(Arc::clone(&columns));
    let mut found = prepared.query(arguments(statement)?).map_err(to_error)?;
    while let Some(row) = found.next().map_err(to_error)? {
        for part in batch.push(cells(row, &columns)?, request.limits.bytes)? {
            sink.send_blocking(part)?;
        }
    }
    batch.finish().try_for_each(|part| sink.send_blocking(part))
}

/// Returns the statement's columns, from the cache unless a table has changed.
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
    let columns = with_unique_names(prepared.columns().map(column).collect());
    if known.len() >= KNOWN {
        known.clear();
    }
    known.insert(text.to_owned(), Arc::clone(&columns));
    columns
}

fn cells(row: &Row<'_>, columns: &[Column]) -> Result<Vec<Value>> {
    let cell = |(i, column): (usize, &Column)| {
        let value = row.get_ref(i).map_err(|error| to_error(&error, None))?;
        json(value, column.r#type == "boolean").ok_or_else(|| {
            not_text(&column.name, &format!("select it as bytes, such as hex({0}) or cast({0} as blob)", column.name))
        })
    };
    columns.iter().enumerate().map(cell).collect()
}

fn arguments(statement: &BoundSql) -> Result<impl rusqlite::Params> {
    let values: Result<Vec<Sql>> = statement.arguments.iter().map(bound).collect();
    Ok(rusqlite::params_from_iter(values?))
}

fn bound(value: &Value) -> Result<Sql> {
    Ok(match value {
        Value::Null => Sql::Null,
        Value::Bool(value) => Sql::Integer((*value).into()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Sql::Integer(integer),
            (None, _) if number.is_u64() => {
                let text = format!("{number} exceeds the largest integer of the database, {}", i64::MAX);
                return Err(Error::invalid("parameters", text));
            }
            (None, float) => Sql::Real(float.unwrap_or_default()),
        },
        Value::String(text) => Sql::Text(text.clone()),
        nested => Sql::Text(nested.to_string()),
    })
}

/// Converts a value to JSON; `None` for text that is not UTF-8. SQLite has no boolean type: columns declared as
/// `boolean` contain 0 and 1.
fn json(value: ValueRef<'_>, boolean: bool) -> Option<Value> {
    Some(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value @ 0..=1) if boolean => (value == 1).into(),
        ValueRef::Integer(value) => integer(value),
        ValueRef::Real(value) => float(value),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.into(),
        ValueRef::Blob(bytes) => BASE64.encode(bytes).into(),
    })
}
