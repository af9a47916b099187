//! Lists the tables and columns of a database file.
use crate::connect::{
    ColumnInfo, Generation, Reference, TableInfo,
    sql::{SqlDialect, allowed_values, checks_in},
};
use rusqlite::{CachedStatement, Connection, Result, Row};
use std::collections::{HashMap, HashSet};

/// The maximum number of columns, which is more than a schema browser shows.
const COLUMNS: usize = 20_000;

const TABLES: &str = "
    select l.name, l.type, l.wr, (select substr(m.sql, 1, 100000) from sqlite_schema m where m.type = 'table' and m.name = l.name)
    from pragma_table_list l
    where l.schema = 'main' and l.name not like 'sqlite\\_%' escape '\\' and l.type in ('table', 'view', 'virtual')
    order by l.name";
/// Skips the hidden columns of virtual tables, but not generated columns.
const TABLE: &str = "
    select name, type, \"notnull\", pk, case when hidden in (2, 3) then 'generated' else substr(dflt_value, 1, 2000) end
    from pragma_table_xinfo(?1) where hidden <> 1 order by cid";
/// A foreign key without named columns refers to the other table's primary key.
const KEYS: &str = "
    select k.\"from\", k.\"table\", coalesce(k.\"to\", (select name from pragma_table_info(k.\"table\") where pk = k.seq + 1)),
           (select count(*) from pragma_foreign_key_list(?1) other where other.id = k.id) > 1
    from pragma_foreign_key_list(?1) k
    order by (select count(*) from pragma_foreign_key_list(?1) other where other.id = k.id), k.id, k.seq";
const UNIQUE: &str = "
    select min(i.name) from pragma_index_list(?1) l, pragma_index_info(l.name) i
    where l.\"unique\" and not l.partial and l.origin <> 'pk' group by l.name having count(*) = 1 and min(i.name) is not null";

pub(super) fn tables(connection: &Connection) -> Result<Vec<TableInfo>> {
    let mut found = connection.prepare(TABLES)?;
    let mut columns = connection.prepare_cached(TABLE)?;
    let mut keys = connection.prepare_cached(KEYS)?;
    let mut unique = connection.prepare_cached(UNIQUE)?;
    let listed = |check: &str| allowed_values(check, SqlDialect::Sqlite);
    let (mut tables, mut count) = (Vec::new(), 0);
    let found = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for table in found {
        let (name, kind, has_no_row_id, create): (String, String, bool, Option<String>) = table?;
        let mut about = ColumnFacts {
            references: references(&mut keys, &name)?,
            unique: unique.query_map([&name], |row| row.get(0))?.take(COLUMNS).collect::<Result<_>>()?,
            values: create.iter().flat_map(|sql| checks_in(sql)).filter_map(listed).collect(),
        };
        let found = columns.query_map([&name], |row| column(row, &mut about))?;
        let mut columns: Vec<ColumnInfo> = found.take(COLUMNS - count).collect::<Result<_>>()?;
        if !has_no_row_id && kind == "table" {
            number_rows(&mut columns);
        }
        count += columns.len();
        tables.push(TableInfo { schema: None, name, kind, comment: None, columns });
        if count >= COLUMNS {
            break;
        }
    }
    Ok(tables)
}

/// What is known about the columns of a table besides their declarations.
struct ColumnFacts {
    references: HashMap<String, Reference>,
    unique: HashSet<String>,
    values: HashMap<String, Vec<String>>,
}

/// Marks the column that is another name of the row's number: the only one of the key, of the type `integer`.
fn number_rows(columns: &mut [ColumnInfo]) {
    let mut keys = columns.iter_mut().filter(|column| column.primary_key);
    if let (Some(key), None) = (keys.next(), keys.next())
        && key.r#type == "integer"
    {
        key.generated = Some(Generation::Identity);
    }
}

/// Returns the references of a table's columns. For a column in several foreign keys, the one with the fewest columns
/// counts.
fn references(keys: &mut CachedStatement<'_>, table: &str) -> Result<HashMap<String, Reference>> {
    let mut references = HashMap::new();
    let found = keys.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for key in found.take(COLUMNS) {
        let (own, table, other, composite): (String, String, Option<String>, bool) = key?;
        if let Some(column) = other {
            references.entry(own).or_insert(Reference { schema: None, table, column, composite });
        }
    }
    Ok(references)
}

fn column(row: &Row<'_>, about: &mut ColumnFacts) -> Result<ColumnInfo> {
    let name: String = row.get(0)?;
    let default: Option<String> = row.get(4)?;
    Ok(ColumnInfo {
        references: about.references.remove(&name),
        unique: about.unique.contains(&name),
        on_update: None,
        values: about.values.remove(&name).unwrap_or_default(),
        name,
        r#type: row.get::<_, String>(1)?.to_ascii_lowercase(),
        nullable: !row.get::<_, bool>(2)?,
        primary_key: row.get::<_, i64>(3)? > 0,
        generated: default.as_deref().filter(|default| *default == "generated").map(|_| Generation::Computed),
        default,
        comment: None,
    })
}
