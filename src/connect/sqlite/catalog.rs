//! Lists the tables and columns of a database file.
use crate::connect::{ColumnInfo, Reference, TableInfo};
use rusqlite::{CachedStatement, Connection, Result, Row};
use std::collections::HashMap;

/// The maximum number of columns, which is more than a schema browser shows.
const COLUMNS: usize = 20_000;

const TABLES: &str = "
    select name, type from pragma_table_list
    where schema = 'main' and name not like 'sqlite\\_%' escape '\\' and type in ('table', 'view', 'virtual')
    order by name";
/// Skips the hidden columns of virtual tables, but not generated columns.
const TABLE: &str = "
    select name, type, \"notnull\", pk, case when hidden in (2, 3) then 'generated' else substr(dflt_value, 1, 2000) end
    from pragma_table_xinfo(?1) where hidden <> 1 order by cid";
/// A foreign key without named columns refers to the other table's primary key.
const KEYS: &str = "
    select k.\"from\", k.\"table\", coalesce(k.\"to\", (select name from pragma_table_info(k.\"table\") where pk = k.seq + 1))
    from pragma_foreign_key_list(?1) k
    order by (select count(*) from pragma_foreign_key_list(?1) other where other.id = k.id), k.id, k.seq";

pub(super) fn tables(connection: &Connection) -> Result<Vec<TableInfo>> {
    let mut listed = connection.prepare(TABLES)?;
    let mut columns = connection.prepare_cached(TABLE)?;
    let mut keys = connection.prepare_cached(KEYS)?;
    let (mut tables, mut count) = (Vec::new(), 0);
    for table in listed.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (name, kind): (String, String) = table?;
        let mut references = references(&mut keys, &name)?;
        let found = columns.query_map([&name], |row| column(row, &mut references))?;
        let columns: Vec<ColumnInfo> = found.take(COLUMNS - count).collect::<Result<_>>()?;
        count += columns.len();
        tables.push(TableInfo { schema: None, name, kind, comment: None, columns });
        if count >= COLUMNS {
            break;
        }
    }
    Ok(tables)
}

/// Returns the references of a table's columns. For a column in several foreign keys, the one with the fewest columns
/// counts.
fn references(keys: &mut CachedStatement<'_>, table: &str) -> Result<HashMap<String, Reference>> {
    let mut references = HashMap::new();
    let found = keys.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for key in found.take(COLUMNS) {
        let (own, table, other): (String, String, Option<String>) = key?;
        if let Some(column) = other {
            references.entry(own).or_insert(Reference { schema: None, table, column });
        }
    }
    Ok(references)
}

fn column(row: &Row<'_>, references: &mut HashMap<String, Reference>) -> Result<ColumnInfo> {
    let name: String = row.get(0)?;
    Ok(ColumnInfo {
        references: references.remove(&name),
        name,
        r#type: row.get::<_, String>(1)?.to_ascii_lowercase(),
        nullable: !row.get::<_, bool>(2)?,
        primary_key: row.get::<_, i64>(3)? > 0,
        default: row.get(4)?,
        comment: None,
    })
}
