//! Lists the tables and columns of a server's databases.
use super::wire::{MysqlFault, MysqlWire};
use crate::connect::{
    ColumnInfo, Generation, Reference, TableInfo,
    sql::{SqlDialect, allowed_values},
};
use std::collections::HashMap;

/// At most 20,000 columns, which is more than a schema browser shows. If no database is selected, lists every visible
/// one.
const COLUMNS: &str = "
    select c.table_schema, c.table_name, t.table_type, t.table_comment, c.column_name, c.column_type,
           c.is_nullable, c.column_key, c.column_default, c.column_comment, c.extra, version()
    from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = coalesce(database(), c.table_schema)
      and c.table_schema not in ('information_schema', 'mysql', 'performance_schema', 'sys')
    order by c.table_schema, c.table_name, c.ordinal_position
    limit 20000";
/// Foreign keys with fewer columns come first.
const KEYS: &str = "
    select k.table_schema, k.table_name, k.column_name, k.referenced_table_schema, k.referenced_table_name,
           k.referenced_column_name, n.parts > 1
    from information_schema.key_column_usage k
    join (
        select table_schema, table_name, constraint_name, count(*) as parts
        from information_schema.key_column_usage
        where table_schema = coalesce(database(), table_schema) and referenced_table_name is not null
        group by table_schema, table_name, constraint_name
    ) n on n.table_schema = k.table_schema and n.table_name = k.table_name and n.constraint_name = k.constraint_name
    where k.referenced_table_name is not null
    order by n.parts, k.constraint_name, k.ordinal_position
    limit 20000";
/// Check constraints with their tables. The first form is that of `MariaDB`, whose names are unique only within a table.
const CHECKS: [&str; 2] = [
    "select constraint_schema, table_name, left(check_clause, 4000) from information_schema.check_constraints
     where constraint_schema = coalesce(database(), constraint_schema) limit 20000",
    "select t.table_schema, t.table_name, left(c.check_clause, 4000)
     from information_schema.check_constraints c
     join information_schema.table_constraints t
       on t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name
     where t.table_schema = coalesce(database(), t.table_schema) limit 20000",
];

/// The schema, table and name of a column.
type ColumnKey = (String, String, String);

pub(super) async fn tables(wire: &mut MysqlWire) -> Result<Vec<TableInfo>, MysqlFault> {
    let mut leads: HashMap<ColumnKey, Reference> = HashMap::new();
    for row in wire.ask(KEYS).await? {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || cells.next().unwrap_or_default();
        let key = (next(), next(), next());
        let reference = Reference { schema: Some(next()), table: next(), column: next(), composite: next() == "1" };
        leads.entry(key).or_insert(reference);
    }
    let mut listed = checks(wire).await?;
    let mut tables: Vec<TableInfo> = Vec::new();
    for row in wire.ask(COLUMNS).await? {
        let (table, mut column) = read(row);
        let key = (table.schema.clone().unwrap_or_default(), table.name.clone(), column.name.clone());
        column.references = leads.remove(&key);
        if let Some(values) = listed.remove(&key) {
            column.values = values;
        }
        match tables.last_mut() {
            Some(last) if last.schema == table.schema && last.name == table.name => last.columns.push(column),
            _ => tables.push(TableInfo { columns: vec![column], ..table }),
        }
    }
    Ok(tables)
}

/// Returns the values that check constraints allow. Old servers have no check constraints.
async fn checks(wire: &mut MysqlWire) -> Result<HashMap<ColumnKey, Vec<String>>, MysqlFault> {
    let mut listed = HashMap::new();
    for form in CHECKS {
        let rows = match wire.ask(form).await {
            Ok(rows) => rows,
            Err(MysqlFault::Refused(_)) => continue,
            Err(fault) => return Err(fault),
        };
        for row in rows {
            let mut cells = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || cells.next().unwrap_or_default();
            let (schema, table, clause) = (next(), next(), next());
            if let Some((column, values)) = allowed_values(&clause, SqlDialect::Mysql) {
                listed.insert((schema, table, column), values);
            }
        }
        break;
    }
    Ok(listed)
}

fn read(row: Vec<Option<String>>) -> (TableInfo, ColumnInfo) {
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten();
    let (schema, table) = (cell(), cell().unwrap_or_default());
    let (kind, about) = (cell().unwrap_or_default(), cell());
    let (name, declared) = (cell().unwrap_or_default(), cell().unwrap_or_default());
    let (nullable, key) = (cell().is_some_and(|yes| yes == "YES"), cell().unwrap_or_default());
    let (default, comment) = (cell(), cell());
    let (extra, version) = (cell().unwrap_or_default().to_lowercase(), cell().unwrap_or_default());
    let kind = match kind.as_str() {
        "BASE TABLE" => "table".to_owned(),
        "SYSTEM VERSIONED" => "system versioned table".to_owned(),
        other => other.to_lowercase(),
    };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    // MariaDB returns the text NULL if there is no default
    let default = default.filter(|default| !(nullable && default == "NULL"));
    let is_literal = !version.contains("MariaDB") && !extra.contains("default_generated");
    let column = ColumnInfo {
        name,
        values: enum_values(&declared).unwrap_or_default(),
        r#type: declared,
        nullable,
        primary_key: key == "PRI",
        references: None,
        default: default.map(|default| if is_literal { literal(default) } else { default }),
        comment: filled(comment),
        unique: key == "UNI",
        on_update: extra.split_once("on update ").map(|(_, value)| value.to_owned()),
        generated: match extra {
            extra if extra.contains("auto_increment") => Some(Generation::Identity),
            extra if extra.contains("virtual generated") || extra.contains("stored generated") => {
                Some(Generation::Computed)
            }
            _ => None,
        },
    };
    // the comment of a view is just VIEW
    let comment = filled(about).filter(|_| kind != "view");
    (TableInfo { schema, name: table, kind, comment, columns: Vec::new() }, column)
}

/// Writes the default that `MySQL` returns without quotes as SQL, as `MariaDB` does.
fn literal(default: String) -> String {
    let is_sql = default.parse::<f64>().is_ok()
        || default.starts_with("b'")
        || default.to_lowercase().starts_with("current_timestamp");
    if is_sql { default } else { format!("'{}'", default.replace('\\', "\\\\").replace('\'', "''")) }
}

/// Returns the values of a type such as `enum('a','b')`.
fn enum_values(declared: &str) -> Option<Vec<String>> {
    let list = declared.strip_prefix("enum")?;
    allowed_values(&format!("value in {list}"), SqlDialect::Mysql).map(|(_, values)| values)
}

#[cfg(test)]
mod tests {
    use super::{enum_values, literal};

    #[test]
    fn the_values_of_an_enum_are_read_from_its_type() {
        let values = enum_values("enum('a','it''s','x,y')").unwrap_or_default();
        assert_eq!(values, ["a", "it's", "x,y"]);
        assert_eq!((enum_values("varchar(20)"), enum_values("set('a')")), (None, None));
    }

    #[test]
    fn a_default_without_quotes_becomes_sql() {
        for (default, sql) in [("0", "0"), ("b'1'", "b'1'"), ("CURRENT_TIMESTAMP(6)", "CURRENT_TIMESTAMP(6)")] {
            assert_eq!(literal(default.to_owned()), sql);
        }
        assert_eq!(literal("it's".to_owned()), "'it''s'");
    }
}
