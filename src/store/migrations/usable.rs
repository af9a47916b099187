//! Whether the parts of a schema on a PostgreSQL server are there, and can be used.
use super::versions::SchemaVersions;
use crate::store::sql::{
    Connection, Sql, SqlResult,
    postgres::{PgSession, quoted},
};

/// How many tables are named.
const NAMED: usize = 5;

impl SchemaVersions<'_> {
    /// Returns the tables and views of the newest version that the schema lacks.
    pub(super) fn missing(&self, session: &PgSession) -> SqlResult<Vec<String>> {
        let wanted: Vec<_> = created(self.script).map(quoted).collect();
        let sql = format!(
            "select distinct wanted from unnest(array[{}]::text[]) as wanted where not exists (select from pg_class c
               join pg_namespace n on n.oid = c.relnamespace where n.nspname = {} and c.relname = wanted) order by 1",
            wanted.join(", "),
            quoted(self.name)
        );
        texts(Connection::Postgres(session), &sql)
    }
}

/// Returns the names of the tables and views that a script creates. One that it renames is named twice, because another one
/// takes its place.
fn created(script: &str) -> impl Iterator<Item = &str> {
    let parts = script.lines().filter_map(|line| {
        let created = ["create table ", "create view "].iter().find_map(|start| line.trim_start().strip_prefix(start));
        created.or_else(|| line.split_once(" rename to ").map(|(_, renamed)| renamed))
    });
    parts.filter_map(|rest| rest.split([' ', '(', ';']).next())
}

/// Returns the tables of both schemas that the user may not use.
pub fn tables_without_rights(db: Connection<'_>) -> SqlResult<Vec<String>> {
    texts(
        db,
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('jet_admin', 'jet_admin_runs') and c.relkind in ('r', 'v')
           and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
             and (c.relkind = 'v' or has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update')
               and has_table_privilege(c.oid, 'delete')))
         order by 1",
    )
}

/// Names the first few tables, and says how many more there are.
pub fn some_tables(tables: &[String]) -> String {
    let named = tables[..tables.len().min(NAMED)].join(", ");
    match tables.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more tables"),
    }
}

fn texts(db: Connection<'_>, sql: &str) -> SqlResult<Vec<String>> {
    let mut query = db.prepare(Sql::composed(sql))?;
    query.query_map((), |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_views_of_a_script_are_found() {
        let script =
            "create table a (x text);\ncreate index b on a(x);\nalter table a rename to d;\n  create view a as x;";
        assert_eq!(created(script).collect::<Vec<_>>(), ["a", "d", "a"]);
    }
}
