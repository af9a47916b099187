//! Lists the tables and columns of a server's databases.
use super::wire::{MysqlFault, MysqlWire};
use crate::connect::{ColumnInfo, Reference, TableInfo};
use std::collections::HashMap;

/// At most 20,000 columns, which is more than a schema browser shows. If no database is selected, lists every visible
/// one.
const COLUMNS: &str = "
    select c.table_schema, c.table_name, t.table_type, t.table_comment, c.column_name, c.column_type,
           c.is_nullable, c.column_key, c.column_default, c.column_comment
    from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = coalesce(database(), c.table_schema)
      and c.table_schema not in ('information_schema', 'mysql', 'performance_schema', 'sys')
    order by c.table_schema, c.table_name, c.ordinal_position
    limit 20000";
const KEYS: &str = "
    select table_schema, table_name, column_name, referenced_table_schema, referenced_table_name, referenced_column_name
    from information_schema.key_column_usage
    where table_schema = coalesce(database(), table_schema) and referenced_table_name is not null
    order by constraint_name, ordinal_position
    limit 20000";

type Key = (String, String, String);

pub(super) async fn tables(wire: &mut MysqlWire) -> Result<Vec<TableInfo>, MysqlFault> {
    let mut leads: HashMap<Key, Reference> = HashMap::new();
    for row in wire.ask(KEYS).await? {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || cells.next().unwrap_or_default();
        let key = (next(), next(), next());
        let reference = Reference { schema: Some(next()), table: next(), column: next() };
        leads.entry(key).or_insert(reference);
    }
    let mut tables: Vec<TableInfo> = Vec::new();
    for row in wire.ask(COLUMNS).await? {
        let (table, mut column) = read(row);
        let schema = table.schema.clone().unwrap_or_default();
        column.references = leads.remove(&(schema, table.name.clone(), column.name.clone()));
        match tables.last_mut() {
            Some(last) if last.schema == table.schema && last.name == table.name => last.columns.push(column),
            _ => tables.push(TableInfo { columns: vec![column], ..table }),
        }
    }
    Ok(tables)
}

fn read(row: Vec<Option<String>>) -> (TableInfo, ColumnInfo) {
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten();
    let (schema, table) = (cell(), cell().unwrap_or_default());
    let (kind, about) = (cell().unwrap_or_default(), cell());
    let (name, declared) = (cell().unwrap_or_default(), cell().unwrap_or_default());
    let (nullable, key) = (cell().is_some_and(|yes| yes == "YES"), cell().unwrap_or_default());
    let (default, comment) = (cell(), cell());
    let kind = match kind.as_str() {
        "BASE TABLE" => "table".to_owned(),
        "SYSTEM VERSIONED" => "system versioned table".to_owned(),
        other => other.to_lowercase(),
    };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let column = ColumnInfo {
        name,
        r#type: declared,
        nullable,
        primary_key: key == "PRI",
        references: None,
        // MariaDB returns the text NULL if there is no default
        default: default.filter(|default| !(nullable && default == "NULL")),
        comment: filled(comment),
    };
    // the comment of a view is just VIEW
    let comment = filled(about).filter(|_| kind != "view");
    (TableInfo { schema, name: table, kind, comment, columns: Vec::new() }, column)
}
