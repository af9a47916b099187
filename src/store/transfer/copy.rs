//! Copies the rows of a table, and compares them afterwards.
use super::tables::{MovedTable, MovedValue};
use crate::{
    Error, Result,
    store::sql::{Connection, Sql, SqlResult},
};
use std::hash::{DefaultHasher, Hash, Hasher};

/// One of the two databases of a store.
#[derive(Clone, Copy)]
pub struct CopySide<'c> {
    pub db: Connection<'c>,
    pub is_runs: bool,
}

/// The number of rows of a table, and a sum of their digests, which does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableDigest {
    pub rows: u64,
    sum: u64,
}

impl TableDigest {
    fn add(&mut self, row: &[MovedValue]) {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        self.sum = self.sum.wrapping_add(hasher.finish());
        self.rows += 1;
    }
}

/// Reads every row of a table.
pub fn each_row(
    place: CopySide<'_>,
    table: &MovedTable,
    mut take: impl FnMut(Vec<MovedValue>) -> Result<()>,
) -> Result<()> {
    let name = table.place(place.is_runs, place.db.is_shared());
    let sql = format!("select {} from {name}", table.column_list());
    let mut query = place.db.prepare(Sql::composed(&sql))?;
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        take(table.read(&row)?)?;
    }
    Ok(())
}

pub fn digest(place: CopySide<'_>, table: &MovedTable) -> Result<TableDigest> {
    let mut digest = TableDigest::default();
    each_row(place, table, |row| {
        digest.add(&row);
        Ok(())
    })?;
    Ok(digest)
}

/// Copies all rows of a table, which is empty in `to`. Returns the digest of what was read.
pub fn copy(from: CopySide<'_>, to: CopySide<'_>, table: &MovedTable) -> Result<TableDigest> {
    let mut digest = TableDigest::default();
    let name = table.place(to.is_runs, to.db.is_shared());
    if let Connection::Postgres(session) = to.db {
        let mut copying = session.copy_in(name, table.columns.iter().map(|(name, _)| &**name))?;
        each_row(from, table, |row| {
            digest.add(&row);
            Ok(copying.add(row.as_slice())?)
        })?;
        copying.end()?;
    } else {
        let values = (1..=table.columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let sql = format!("insert into {name} ({}) values ({values})", table.column_list());
        let mut insert = to.db.prepare(Sql::composed(&sql))?;
        each_row(from, table, |row| {
            digest.add(&row);
            insert.execute(row.as_slice())?;
            Ok(())
        })?;
    }
    Ok(digest)
}

/// Checks that a table is the same in both places.
///
/// # Errors
/// `Conflict`, with the numbers of rows.
pub fn compare(found: TableDigest, expected: TableDigest, table: &MovedTable) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let (name, found, expected) = (&table.name, found.rows, expected.rows);
    Err(Error::conflict(format!(
        "the copy of the table {name} is not the same: {found} instead of {expected} rows, or other values; nothing was kept"
    )))
}

/// Returns whether a table has no rows.
pub fn is_empty(place: CopySide<'_>, table: &MovedTable) -> SqlResult<bool> {
    let name = table.place(place.is_runs, place.db.is_shared());
    Ok(!place.db.prepare(Sql::composed(&format!("select 1 from {name} limit 1")))?.exists(())?)
}
