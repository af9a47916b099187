//! Lists the tables and columns of a database.
use super::{errors::to_error, wire::PgWire};
use crate::{
    Error, Result,
    connect::{
        ColumnInfo, Generation, Reference, TableInfo,
        sql::{SqlDialect, allowed_values},
    },
};

/// Separates the items of a list in one cell.
const SEPARATOR: char = '\u{1f}';

/// At most 20,000 columns, which is more than a schema browser shows. For a column in several foreign keys, the one
/// with the fewest columns counts.
const COLUMNS: &str = "
    select n.nspname, c.relname,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
           left(obj_description(c.oid, 'pg_class'), 2000), a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
           coalesce(a.attnum = any(i.indkey), false),
           case when a.attidentity <> '' then 'generated as identity'
                when a.attgenerated <> '' then 'generated as (' || left(pg_get_expr(d.adbin, d.adrelid), 2000) || ')'
                else left(pg_get_expr(d.adbin, d.adrelid), 2000) end,
           left(col_description(c.oid, a.attnum), 2000), f.nspname, f.relname, f.attname, coalesce(f.composite, false),
           exists (select 1 from pg_index u where u.indrelid = c.oid and u.indisunique and not u.indisprimary and u.indnatts = 1
                   and u.indkey[0] = a.attnum and u.indpred is null),
           case when a.attgenerated <> '' then 'computed'
                when a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%' then 'identity' end,
           (select string_agg(e.enumlabel, chr(31) order by e.enumsortorder) from pg_enum e
            where e.enumtypid = coalesce(nullif(t.typbasetype, 0), t.oid)),
           (select string_agg(left(pg_get_constraintdef(k.oid), 4000), chr(31)) from pg_constraint k
            where k.contype = 'c' and ((k.conrelid = c.oid and k.conkey = array[a.attnum]) or
                                       (k.contypid = a.atttypid and t.typtype = 'd')))
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    left join lateral (
        select fn.nspname, fc.relname, fa.attname, cardinality(k.conkey) > 1 as composite
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

pub(super) async fn tables(wire: &mut PgWire) -> Result<Vec<TableInfo>> {
    let rows = wire.ask(COLUMNS).await.map_err(|fault| to_error(&fault, None))?;
    let mut tables: Vec<TableInfo> = Vec::new();
    for row in rows {
        let (table, column) =
            read(row).ok_or_else(|| Error::datasource("the server returned an unexpected list of tables"))?;
        match tables.last_mut() {
            Some(last) if last.schema == table.schema && last.name == table.name => {
                last.columns.push(column);
            }
            _ => tables.push(TableInfo { columns: vec![column], ..table }),
        }
    }
    Ok(tables)
}

fn read(row: Vec<Option<String>>) -> Option<(TableInfo, ColumnInfo)> {
    let [schema, name, kind, about, column, declared, nullable, key, default, comment, rest @ ..] =
        <[_; 18]>::try_from(row).ok()?;
    let [to_schema, to_table, to_column, composite, unique, generated, labels, checks] = rest;
    let table = TableInfo { schema: Some(schema?), name: name?, kind: kind?, comment: about, columns: Vec::new() };
    let composite = composite? == "t";
    let reference = |(table, column)| Reference { schema: to_schema, table, column, composite };
    let listed_in = |check: &str| allowed_values(check, SqlDialect::Postgresql);
    let listed = || checks?.split(SEPARATOR).find_map(listed_in).map(|(_, values)| values);
    let values = match labels {
        Some(labels) => Some(labels.split(SEPARATOR).map(str::to_owned).collect()),
        None => listed(),
    };
    let column = ColumnInfo {
        name: column?,
        r#type: declared?,
        nullable: nullable? == "t",
        primary_key: key? == "t",
        references: to_table.zip(to_column).map(reference),
        default,
        comment,
        unique: unique? == "t",
        on_update: None,
        generated: match generated.as_deref() {
            Some("computed") => Some(Generation::Computed),
            Some(_) => Some(Generation::Identity),
            None => None,
        },
        values: values.unwrap_or_default(),
    };
    Some((table, column))
}
