//! Checks whether a statement can be rolled back: not if it involves a table whose engine has no transactions.
use super::{
    refusal::refused,
    wire::{MysqlFault, MysqlWire},
};
use crate::{
    Error,
    connect::sql::{SqlDialect, words},
};
use mysql_common::Value as Sql;
use std::collections::BTreeSet;

/// The maximum depth of views, triggers and functions to follow, and the maximum number of names.
const STEPS: usize = 8;
const NAMES: usize = 1000;
/// The server's warning that a rollback was incomplete.
const INCOMPLETE: &str = "1196";

/// Checks every table that the words may refer to, including the tables that their views, triggers and functions use.
/// `consequence` says what is not possible then.
///
/// # Errors
/// `Datasource` if something cannot be rolled back, or its definition cannot be read.
pub(super) async fn check<E: From<MysqlFault> + From<Error>>(
    wire: &mut MysqlWire,
    of: &[String],
    consequence: &str,
) -> Result<(), E> {
    let mut seen = names_in(of);
    let mut fresh = seen.clone();
    for _ in 0..STEPS {
        if seen.len() > NAMES {
            break;
        }
        if let Some((table, engine)) = stuck(wire, &fresh, &seen).await? {
            return Err(E::from(refused(
                &format!("{consequence}: table `{table}` uses {engine}, which has no transactions"),
                "only changes to transactional tables, such as InnoDB tables, can be rolled back",
            )));
        }
        let mut found = BTreeSet::new();
        for (name, body) in behind(wire, &fresh, &seen).await? {
            let Some(body) = body.filter(|body| !body.is_empty()) else {
                return Err(E::from(refused(
                    &format!("{consequence}: the definition of `{name}` cannot be read"),
                    "allow the database user to see the definition",
                )));
            };
            found.append(&mut names_in(&words(&body, SqlDialect::Mysql)));
        }
        fresh = found.difference(&seen).cloned().collect();
        seen.append(&mut found);
        if fresh.is_empty() {
            return Ok(());
        }
    }
    Err(E::from(refused(&format!("{consequence}: too many tables are involved"), "preview a smaller statement")))
}

/// Returns the words that can be names: all except numbers.
fn names_in(words: &[String]) -> BTreeSet<String> {
    let named = words.iter().filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    named.map(|word| word.to_lowercase()).collect()
}

/// Returns whether the last rollback was incomplete.
pub(super) async fn incomplete(wire: &mut MysqlWire) -> Result<bool, MysqlFault> {
    if wire.warnings == 0 {
        return Ok(false);
    }
    let warnings = wire.ask("show warnings").await?;
    Ok(warnings.iter().any(|warning| warning.get(1).is_some_and(|code| code.as_deref() == Some(INCOMPLETE))))
}

/// Finds a table among `names` whose engine has no transactions, in the current database or a named one. Returns the
/// table and the engine.
async fn stuck(
    wire: &mut MysqlWire,
    names: &BTreeSet<String>,
    schemas: &BTreeSet<String>,
) -> Result<Option<(String, String)>, MysqlFault> {
    let sql = format!(
        "select t.table_name, t.engine from information_schema.tables t
         join information_schema.engines e on e.engine = t.engine
         where coalesce(e.transactions, 'NO') <> 'YES' and t.table_type = 'BASE TABLE' and t.table_name in ({}) and {}
         limit 1",
        marks(names),
        within("t.table_schema", schemas)
    );
    let rows = wire.ask_with(&sql, &bound(&[names, schemas])).await?;
    let first = rows.into_iter().next().map(|row| row.into_iter().map(Option::unwrap_or_default));
    Ok(first.map(|mut cells| (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())))
}

/// Finds the views, triggers and functions of `names`, each with its body if that is visible.
async fn behind(
    wire: &mut MysqlWire,
    names: &BTreeSet<String>,
    schemas: &BTreeSet<String>,
) -> Result<Vec<(String, Option<String>)>, MysqlFault> {
    let names_in = marks(names);
    let sql = format!(
        "select table_name, concat(table_schema, ' ', nullif(view_definition, '')) from information_schema.views
         where table_name in ({names_in}) and {}
         union all
         select trigger_name, concat(trigger_schema, ' ', action_statement) from information_schema.triggers
         where event_object_table in ({names_in}) and {}
         union all
         select routine_name, concat(routine_schema, ' ', routine_definition) from information_schema.routines
         where routine_name in ({names_in}) and {}
         limit 20000",
        within("table_schema", schemas),
        within("event_object_schema", schemas),
        within("routine_schema", schemas),
    );
    let rows = wire.ask_with(&sql, &bound(&[names, schemas, names, schemas, names, schemas])).await?;
    let pair = |row: Vec<Option<String>>| {
        let mut cells = row.into_iter();
        (cells.next().flatten().unwrap_or_default(), cells.next().flatten())
    };
    Ok(rows.into_iter().map(pair).collect())
}

fn within(column: &str, schemas: &BTreeSet<String>) -> String {
    format!("({column} = database() or {column} in ({}))", marks(schemas))
}

fn marks(names: &BTreeSet<String>) -> String {
    vec!["?"; names.len()].join(", ")
}

fn bound(lists: &[&BTreeSet<String>]) -> Vec<Sql> {
    let values = lists.iter().flat_map(|list| list.iter()).map(|name| Sql::Bytes(name.clone().into_bytes()));
    values.collect()
}
