//! The tables and columns of a server's databases.
use crate::connect::{ColumnInfo, Reference, TableInfo};
use mysql_async::{Conn, Error as MyError, FromRowError, Row, from_row_opt, prelude::Queryable};
use std::collections::HashMap;

/// At most 20 000 columns: a schema browser shows no more. Without a database, those of every one that can be seen.
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

pub(super) async fn tables(conn: &mut Conn) -> Result<Vec<TableInfo>, MyError> {
    let keys: Vec<(String, String, String, String, String, String)> = conn.query(KEYS).await?;
    let mut leads: HashMap<Key, Reference> = HashMap::new();
    for (schema, table, column, to_schema, to_table, to_column) in keys {
        let reference = Reference { schema: Some(to_schema), table: to_table, column: to_column };
        leads.entry((schema, table, column)).or_insert(reference);
    }
    let rows: Vec<Row> = conn.query(COLUMNS).await?;
    let mut tables: Vec<TableInfo> = Vec::new();
    for row in rows {
        let (table, mut column) = read(row).map_err(|error| MyError::Other(Box::new(error)))?;
        let schema = table.schema.clone().unwrap_or_default();
        column.references = leads.remove(&(schema, table.name.clone(), column.name.clone()));
        match tables.last_mut() {
            Some(last) if last.schema == table.schema && last.name == table.name => last.columns.push(column),
            _ => tables.push(TableInfo { columns: vec![column], ..table }),
        }
    }
    Ok(tables)
}

fn read(row: Row) -> Result<(TableInfo, ColumnInfo), FromRowError> {
    type Columns =
        (String, String, String, Option<String>, String, String, String, String, Option<String>, Option<String>);
    let (schema, table, kind, about, name, declared, nullable, key, default, comment): Columns = from_row_opt(row)?;
    let kind = match kind.as_str() {
        "BASE TABLE" => "table".to_owned(),
        "SYSTEM VERSIONED" => "system versioned table".to_owned(),
        other => other.to_lowercase(),
    };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let nullable = nullable == "YES";
    let column = ColumnInfo {
        name,
        r#type: declared,
        nullable,
        primary_key: key == "PRI",
        references: None,
        // MariaDB writes out that there is none
        default: default.filter(|default| !(nullable && default == "NULL")),
        comment: filled(comment),
    };
    // a view's comment is the word VIEW
    let comment = filled(about).filter(|_| kind != "view");
    Ok((TableInfo { schema: Some(schema), name: table, kind, comment, columns: Vec::new() }, column))
}
