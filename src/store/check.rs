//! Looks at a database file without changing it.
use super::migrate;
use crate::{Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// The file's schema version and size, when it is sound.
///
/// # Errors
/// When it is damaged or no database.
pub fn file(path: &Path) -> Result<String> {
    if !path.exists() {
        return Ok("not made yet".to_owned());
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let broken = |error: rusqlite::Error| Error::conflict(format!("{} cannot be read: {error}", path.display()));
    let found: String = db.query_row("pragma quick_check(1)", (), |row| row.get(0)).map_err(broken)?;
    if found != "ok" {
        return Err(Error::conflict(format!("{} is damaged ({found}): restore a backup", path.display())));
    }
    let schema: usize = db.query_row("pragma user_version", (), |row| row.get(0)).map_err(broken)?;
    if schema > migrate::newest() {
        return Err(Error::conflict(format!("{} is from a newer jet-admin (schema {schema})", path.display())));
    }
    Ok(format!("sound, schema {schema}, {} KiB", path.metadata()?.len() / 1024))
}
