//! Converts columns to Rust types.
use crate::{
    clock::Time,
    store::sql::{Row, SqlError, SqlResult},
};
use uuid::Uuid;

pub fn id(row: &Row<'_>, at: usize) -> SqlResult<Uuid> {
    parse_id(at, row.text(at)?)
}

pub fn optional_id(row: &Row<'_>, at: usize) -> SqlResult<Option<Uuid>> {
    row.optional_text(at)?.map(|text| parse_id(at, text)).transpose()
}

pub fn time(row: &Row<'_>, at: usize) -> SqlResult<Time> {
    row.get(at).map(Time)
}

pub fn optional_time(row: &Row<'_>, at: usize) -> SqlResult<Option<Time>> {
    Ok(row.get::<Option<i64>>(at)?.map(Time))
}

pub fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, at: usize) -> SqlResult<T> {
    serde_json::from_str(row.text(at)?).map_err(|error| broken(at, error))
}

/// Creates the error for a column with invalid text.
pub fn broken(at: usize, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SqlError {
    SqlError::Column { at, why: why.into() }
}

fn parse_id(at: usize, text: &str) -> SqlResult<Uuid> {
    Uuid::parse_str(text).map_err(|error| broken(at, error))
}

/// Converts a size to a signed change.
pub fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
