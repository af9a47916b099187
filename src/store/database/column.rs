//! Converts columns to Rust types.
use crate::clock::Time;
use rusqlite::{Row, types::Type};
use uuid::Uuid;

pub fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<Uuid> {
    parse_id(at, row.get_ref(at)?.as_str()?)
}

pub fn optional_id(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Uuid>> {
    let text = row.get_ref(at)?.as_str_or_null()?;
    text.map(|text| parse_id(at, text)).transpose()
}

pub fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Time> {
    row.get(at).map(Time)
}

pub fn optional_time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Time>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Time))
}

pub fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(|error| broken(at, error))
}

/// Creates the error for a column with invalid text.
pub fn broken(at: usize, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Text, why.into())
}

fn parse_id(at: usize, text: &str) -> rusqlite::Result<Uuid> {
    Uuid::parse_str(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}

/// Converts a size to a signed change.
pub fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
