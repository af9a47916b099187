//! What only SQLite does: its parameters, its file, and databases in memory for tests.
use super::{Param, SqlError, SqlParams, SqlResult};
use rusqlite::{
    CachedStatement, Connection,
    types::{ToSqlOutput, ValueRef},
};
use uuid::Uuid;

/// Binds all parameters of a statement.
#[inline]
pub fn bind(statement: &mut CachedStatement<'_>, params: impl SqlParams) -> SqlResult<()> {
    let (expected, mut given) = (statement.parameter_count(), 0);
    params.each(|param| {
        given += 1;
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        let value = match param {
            Param::Null => ValueRef::Null,
            Param::Integer(value) => ValueRef::Integer(value),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
            Param::Id(id) => ValueRef::Text(write_id(id, &mut text)),
        };
        Ok(statement.raw_bind_parameter(given, ToSqlOutput::Borrowed(value))?)
    })?;
    if given == expected { Ok(()) } else { Err(SqlError::Parameters { given, expected }) }
}

fn write_id(id: Uuid, text: &mut [u8; uuid::fmt::Hyphenated::LENGTH]) -> &[u8] {
    id.hyphenated().encode_lower(text).as_bytes()
}

/// Returns how many bytes the data in a file takes, without free space.
pub fn used_bytes(db: &Connection) -> SqlResult<u64> {
    let used = pragma(db, "page_count")?.saturating_sub(pragma(db, "freelist_count")?);
    Ok(used * pragma(db, "page_size")?)
}

/// Returns up to this many free pages to the file system. Returns whether there were any.
pub fn give_back(db: &Connection, pages: u32) -> SqlResult<bool> {
    let before = pragma(db, "freelist_count")?;
    if before > 0 {
        db.execute_batch(&format!("pragma incremental_vacuum({pages})"))?;
    }
    // some files cannot shrink
    Ok(pragma(db, "freelist_count")? < before)
}

fn pragma(db: &Connection, name: &str) -> SqlResult<u64> {
    Ok(db.pragma_query_value(None, name, |row| row.get(0))?)
}
