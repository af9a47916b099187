//! The tables and columns of a database.
use super::run::said;
use crate::{
    Result,
    connect::{ColumnInfo, Reference, TableInfo},
};
use tokio_postgres::{Client, Row};

/// At most 20 000 columns: a schema browser shows no more. A column in several foreign keys is told with the shortest.
const COLUMNS: &str = "
    select n.nspname, c.relname,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
           left(obj_description(c.oid, 'pg_class'), 2000), a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
           coalesce(a.attnum = any(i.indkey), false),
           case when a.attidentity <> '' then 'generated as identity'
                when a.attgenerated <> '' then 'generated as (' || left(pg_get_expr(d.adbin, d.adrelid), 2000) || ')'
                else left(pg_get_expr(d.adbin, d.adrelid), 2000) end,
           left(col_description(c.oid, a.attnum), 2000), f.nspname, f.relname, f.attname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    left join lateral (
        select fn.nspname, fc.relname, fa.attname
        from pg_constraint k
        cross join lateral unnest(k.conkey, k.confkey) as pair (own, other)
        join pg_class fc on fc.oid = k.confrelid
        join pg_namespace fn on fn.oid = fc.relnamespace
        join pg_attribute fa on fa.attrelid = k.confrelid and fa.attnum = pair.other
        where k.conrelid = c.oid and k.contype = 'f' and pair.own = a.attnum
        order by cardinality(k.conkey), k.conname
        limit 1
    ) f on true
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    order by n.nspname, c.relname, a.attnum
    limit 20000";

pub(super) async fn tables(client: &Client) -> Result<Vec<TableInfo>> {
    let rows = client.query(COLUMNS, &[]).await.map_err(|error| said(&error, None))?;
    let mut tables: Vec<TableInfo> = Vec::new();
    for row in rows {
        let (table, column) = read(&row).map_err(|error| said(&error, None))?;
        match tables.last_mut() {
            Some(last) if last.schema == table.schema && last.name == table.name => {
                last.columns.push(column);
            }
            _ => tables.push(TableInfo { columns: vec![column], ..table }),
        }
    }
    Ok(tables)
}

fn read(row: &Row) -> Result<(TableInfo, ColumnInfo), tokio_postgres::Error> {
    let table = TableInfo {
        schema: Some(row.try_get(0)?),
        name: row.try_get(1)?,
        kind: row.try_get(2)?,
        comment: row.try_get(3)?,
        columns: Vec::new(),
    };
    let target: Option<String> = row.try_get(11)?;
    let references = match target {
        Some(table) => Some(Reference { schema: row.try_get(10)?, table, column: row.try_get(12)? }),
        None => None,
    };
    let column = ColumnInfo {
        name: row.try_get(4)?,
        r#type: row.try_get(5)?,
        nullable: row.try_get(6)?,
        primary_key: row.try_get(7)?,
        references,
        default: row.try_get(8)?,
        comment: row.try_get(9)?,
    };
    Ok((table, column))
}
