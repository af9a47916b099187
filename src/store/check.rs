//! Looks at a database file without changing it.
use super::migrate;
use crate::{Error, Result, quota::UsageKind};
use rusqlite::{Connection, OpenFlags};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};
use uuid::Uuid;

/// What a tenant has in both databases.
pub struct Stored {
    pub tenant: Uuid,
    pub name: String,
    pub kinds: BTreeMap<UsageKind, u64>,
}

/// What every tenant has stored, as the databases count it.
///
/// # Errors
/// When a file cannot be read, or does not count yet.
pub fn stored(workspace: &Path, runs: &Path) -> Result<Vec<Stored>> {
    let mut all: HashMap<Uuid, Stored> = HashMap::new();
    let db = Connection::open_with_flags(workspace, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut query = db.prepare("select id, name from tenants")?;
    for row in query.query_map((), |row| Ok((super::column::id(row, 0)?, row.get(1)?)))? {
        let (tenant, name) = row?;
        all.insert(tenant, Stored { tenant, name, kinds: BTreeMap::new() });
    }
    drop(query);
    for db in [db, Connection::open_with_flags(runs, OpenFlags::SQLITE_OPEN_READ_WRITE)?] {
        let mut query = db.prepare("select tenant_id, kind, bytes from usage")?;
        let rows = query.query_map((), |row| {
            Ok((super::column::id(row, 0)?, UsageKind::parse(row.get_ref(1)?.as_str()?), row.get::<_, u64>(2)?))
        })?;
        for row in rows {
            let (tenant, kind, bytes) = row?;
            if let (Some(stored), Some(kind)) = (all.get_mut(&tenant), kind) {
                stored.kinds.insert(kind, bytes);
            }
        }
    }
    Ok(all.into_values().collect())
}

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
