//! Creates a database from `schema.sql`, or migrates an old one by numbered steps. A test checks that both give the
//! same schema.
pub mod postgres;
mod rewrite;
mod usable;
mod versions;

pub use usable::{some_tables, tables_without_rights};
pub use versions::{SchemaStep, SchemaVersions};
pub(in crate::store) use versions::{SchemaVerdict, judge};

use crate::{Error, Result, model::email, store::database::errors};
use rusqlite::Connection;
use std::path::Path;

const SCHEMA: &str = include_str!("../../../schema.sql");
/// The line in `schema.sql` where the part of the second database starts.
const RUNS_PART: &str = "-- == runs: runs.db ==";

/// Released steps are never edited: existing databases have already run them.
const WORKSPACE_STEPS: &[&str] = &[
    include_str!("0001_workspace.sql"),
    include_str!("0002_triggers.sql"),
    include_str!("0003_shares.sql"),
    include_str!("0004_disk.sql"),
    include_str!("0005_assignees.sql"),
    include_str!("0006_accounts.sql"),
    include_str!("0007_audit.sql"),
    include_str!("0008_directory.sql"),
    include_str!("0009_trash.sql"),
    include_str!("0010_forms.sql"),
    include_str!("0011_dashboards.sql"),
    include_str!("0012_ordered.sql"),
    include_str!("0013_parts.sql"),
    include_str!("0014_signing_key.sql"),
    include_str!("0015_access.sql"),
];
const RUNS_STEPS: &[&str] = &[
    include_str!("0001_runs.sql"),
    include_str!("0002_query_run_mode.sql"),
    include_str!("0003_runs.sql"),
    include_str!("0004_disk_runs.sql"),
    include_str!("0005_run_lists.sql"),
    include_str!("0006_directory_runs.sql"),
    include_str!("0007_owners.sql"),
];

pub fn workspace(db: &mut Connection, path: &Path) -> Result<()> {
    up(db, parts().0, WORKSPACE_STEPS, path)?;
    one_spelling(db).map_err(|error| errors::explain(path, &error))
}

/// The columns with email addresses.
const ADDRESSES: [(&str, &str); 5] = [
    ("users", "email"),
    ("credentials", "email"),
    ("action_codes", "email"),
    ("action_codes", "new_email"),
    ("invitations", "email"),
];

/// Normalises email addresses of an earlier version. Only addresses with non-ASCII letters can change. An account keeps
/// its old spelling if another account already has the new one.
fn one_spelling(db: &Connection) -> rusqlite::Result<()> {
    for (table, column) in ADDRESSES {
        let foreign = format!("select distinct {column} from {table} where {column} glob '*[^ -~]*'");
        let found =
            db.prepare(&foreign)?.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        for old in found {
            let Some(new) = email::normal(&old).filter(|new| *new != old) else { continue };
            let changed = format!("update or ignore {table} set {column} = ?2 where {column} = ?1");
            if db.execute(&changed, (&old, &new))? == 0 {
                tracing::warn!(
                    address = old,
                    "two accounts have this email address: delete one of them or change its address"
                );
            }
        }
    }
    Ok(())
}

pub fn runs(db: &mut Connection, path: &Path) -> Result<()> {
    up(db, parts().1, RUNS_STEPS, path)?;
    // a file of an earlier version cannot return free space: it is rewritten once
    if db.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, u8>(0))? == 0 {
        db.execute_batch("pragma auto_vacuum = incremental; vacuum")?;
    }
    Ok(())
}

/// Returns the schema versions of the workspace and of the runs in this version of jet-admin.
pub fn newest() -> (usize, usize) {
    (WORKSPACE_STEPS.len(), RUNS_STEPS.len())
}

/// Returns the schemas of the workspace and of the runs.
pub fn parts() -> (&'static str, &'static str) {
    SCHEMA.split_once(RUNS_PART).unwrap_or((SCHEMA, ""))
}

/// Returns the schema number of a database, even of another program.
pub fn number(db: &Connection, path: &Path) -> Result<i64> {
    db.query_row("pragma user_version", (), |row| row.get(0)).map_err(|error| errors::explain(path, &error))
}

/// Returns the schema version of a database; 0 if it has no schema yet.
///
/// # Errors
/// `Conflict` if it is not a version that this version of jet-admin supports.
pub fn version(db: &Connection, newest: usize, path: &Path) -> Result<usize> {
    let at = number(db, path)?;
    let name = path.display();
    match usize::try_from(at) {
        Err(_) => Err(Error::conflict(format!(
            "{name} has the invalid schema version {at}: restore a backup with `jet-admin restore`"
        ))),
        Ok(at) if at > newest => Err(Error::conflict(format!(
            "{name} is from a newer jet-admin (schema {at}, this version supports up to {newest}): use that version, \
             or return to the snapshot from before the upgrade with `jet-admin rollback`"
        ))),
        Ok(at) => Ok(at),
    }
}

fn up(db: &mut Connection, schema: &str, steps: &[&str], path: &Path) -> Result<()> {
    let at = version(db, steps.len(), path)?;
    if at == steps.len() {
        return Ok(());
    }
    let mut work = || {
        // a step may create a table again: dropping the old one must not delete what refers to it
        db.pragma_update(None, "foreign_keys", false)?;
        let tx = db.transaction()?;
        if at == 0 {
            tx.execute_batch(schema)?;
        } else {
            steps[at..].iter().try_for_each(|step| tx.execute_batch(step))?;
        }
        tx.pragma_update(None, "user_version", steps.len())?;
        tx.commit()?;
        db.pragma_update(None, "foreign_keys", true)
    };
    work().map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
        None | Some(rusqlite::ErrorCode::Unknown) if at > 0 => Error::conflict(format!(
            "the tables of {} do not match its schema version {at} ({}), so it was not changed: restore a backup with \
             `jet-admin restore`",
            path.display(),
            errors::short(&error)
        )),
        _ => errors::explain(path, &error),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses_of_an_earlier_version_are_normalised() {
        let mut db = Connection::open_in_memory().unwrap();
        workspace(&mut db, Path::new("test.db")).unwrap();
        db.execute_batch("pragma foreign_keys = off").unwrap();
        for (user, address) in
            [("1", "anna@münchen.example"), ("2", "bo@bücher.example"), ("3", "bo@xn--bcher-kva.example")]
        {
            db.execute("insert into credentials (user_id, email, password_hash) values (?1, ?2, '')", (user, address))
                .unwrap();
        }
        one_spelling(&db).unwrap();
        one_spelling(&db).unwrap();
        let mut query = db.prepare("select email from credentials order by user_id").unwrap();
        let kept: Vec<String> = query.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(kept, ["anna@xn--mnchen-3ya.example", "bo@bücher.example", "bo@xn--bcher-kva.example"]);
    }

    /// Returns every table and index in a comparable form: each column and constraint of a table in any order, with its
    /// checks and options, and each index with its columns and its condition.
    fn shape(scripts: &[&str]) -> Vec<String> {
        let db = Connection::open_in_memory().unwrap();
        for script in scripts {
            db.execute_batch(script).unwrap();
        }
        let mut query = db.prepare("select type, name, tbl_name, coalesce(sql, '') from sqlite_schema").unwrap();
        let text = |row: &rusqlite::Row<'_>, at: usize| row.get::<_, String>(at).unwrap();
        let rows = query.query_map((), |row| Ok([0, 1, 2, 3].map(|at| text(row, at)))).unwrap().map(Result::unwrap);
        let mut shape = Vec::new();
        for [kind, name, table, sql] in rows {
            let sql = plain(&sql);
            let (Some(first), Some(last)) = (sql.find('('), sql.rfind(')')) else {
                shape.push(format!("{kind} {name} of {table}"));
                continue;
            };
            if kind == "index" {
                let unique = if sql.starts_with("create unique") { "unique " } else { "" };
                shape.push(format!("{unique}index {name} of {table}: {}", &sql[first..]));
                continue;
            }
            shape.push(format!("{kind} {name}: {}", sql[last + 1..].replace(' ', "")));
            shape.extend(parts_of(&sql[first + 1..last]).into_iter().map(|part| format!("{name}: {part}")));
        }
        shape.sort_unstable();
        shape
    }

    /// Returns a statement without comments, quotes and redundant spaces, in lower case.
    fn plain(sql: &str) -> String {
        let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        let text = lines.collect::<Vec<_>>().join(" ").to_lowercase().replace('"', "");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        [(" (", "("), ("( ", "("), (" )", ")"), (" ,", ","), (", ", ",")]
            .iter()
            .fold(text, |text, (a, b)| text.replace(a, b))
    }

    /// Splits a list at the commas outside parentheses.
    fn parts_of(list: &str) -> Vec<String> {
        let (mut parts, mut depth) = (vec![String::new()], 0);
        for c in list.chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            match parts.last_mut() {
                Some(part) if c != ',' || depth > 0 => part.push(c),
                _ => parts.push(String::new()),
            }
        }
        parts
    }

    #[test]
    fn the_comparison_finds_every_relevant_difference() {
        let whole =
            "create table t (a text not null check (a in ('x', 'y')), b any, primary key (a)) strict, without rowid;
            create index i on t(b) where b is not null;";
        let same = "create table old (a text not null check (a in ('x','y')), -- why
              primary key (a)) strict, without rowid; alter table old add column b any;
            alter table old rename to t; create index i on t (b) where b is not null;";
        assert_eq!(shape(&[whole]), shape(&[same]));
        for (part, other) in [
            ("'y'", "'z'"),
            (" check (a in ('x', 'y'))", ""),
            (" where b is not null", ""),
            ("where b is not null", "where b is null"),
            ("strict, ", ""),
            (", without rowid", ""),
            (" not null check", " check"),
            ("create index", "create unique index"),
            ("on t(b)", "on t(a, b)"),
        ] {
            assert!(whole.contains(part));
            assert_ne!(shape(&[whole]), shape(&[&whole.replacen(part, other, 1)]), "{part}");
        }
    }

    #[test]
    fn the_schema_equals_the_result_of_all_steps() {
        assert_eq!(shape(&[parts().0]), shape(WORKSPACE_STEPS));
        assert_eq!(shape(&[parts().1]), shape(RUNS_STEPS));
        assert!(!shape(RUNS_STEPS).is_empty());
    }

    #[test]
    fn each_step_has_its_counterpart_on_postgresql() {
        assert_eq!(newest(), postgres::newest(), "add the step to `postgres.rs` and `schema.pg.sql` too");
    }

    #[test]
    fn errors_about_unsupported_databases_contain_no_sql() {
        let path = Path::new("some/a.db");
        let mut db = Connection::open_in_memory().unwrap();
        let (first, second) = ("create table a (id text) strict;", "alter table a add column b text;");
        up(&mut db, first, &[first], path).unwrap();
        up(&mut db, "", &[first, second], path).unwrap();
        assert!(db.execute("insert into a (b) values ('')", ()).is_ok());
        for (number, expected) in
            [(3, "newer jet-admin"), (-1, "invalid schema version"), (1, "do not match its schema version")]
        {
            db.pragma_update(None, "user_version", number).unwrap();
            let refused = up(&mut db, "", &[first, second], path).unwrap_err().to_string();
            assert!(refused.contains(expected) && refused.contains("some/a.db"), "{refused}");
            assert!(!refused.contains("alter table"), "{refused}");
        }
    }

    /// Creates a database with the steps before the one that contains `mark`, inserts `rows`, and runs that step.
    fn upgraded(steps: &[&str], mark: &str, rows: &str) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        let at = steps.iter().position(|step| step.contains(mark)).unwrap();
        for step in &steps[..at] {
            db.execute_batch(step).unwrap();
        }
        db.execute_batch(rows).unwrap();
        db.execute_batch(steps[at]).unwrap();
        db
    }

    fn usage(db: &Connection) -> Vec<(String, i64, i64)> {
        let mut query = db.prepare("select kind, bytes, row_count from usage order by kind").unwrap();
        let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn the_migration_counts_the_data_of_a_workspace() {
        let rows = "
            insert into tenants (id, name, created_at, updated_at, version) values ('t', 'T', 0, 0, 1);
            insert into objects (tenant_id, id, kind, name, description, search, spec, created_at, updated_at, version)
              values ('t', 'o', 'widget', 'N\u{fc}', '', '', '{}', 0, 0, 2);
            insert into versions values ('t', 'o', 1, 'N', '', '{}', 0, ''), ('t', 'o', 2, 'N', '', '{}', 0, '');
            insert into audit (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name)
              values ('t', 'a', 0, 'user', '', 'ada', '', '', '', 'name');";
        let db = upgraded(WORKSPACE_STEPS, "create table usage", rows);
        let expected = [("auditLog", 407, 1), ("records", 605, 1), ("versions", 406, 2)];
        assert_eq!(usage(&db), expected.map(|(kind, bytes, rows)| (kind.to_owned(), bytes, rows)));
        let kept: i64 = db.query_row("select versions_bytes from objects", (), |row| row.get(0)).unwrap();
        assert_eq!(kept, 406);
    }

    #[test]
    fn the_migration_counts_the_data_of_runs() {
        let rows = "
            insert into definitions values ('t', 'h', '{}');
            insert into instances (tenant_id, id, workflow_name, workflow_version, definition, status, is_test, cause, actor_kind, actor_id, actor_label, input, output, created_at, finished_at, seq)
              values ('t', 'i', '', 1, 'h', 'COMPLETED', 0, 'manual', '', '', '', '{}', '[1]', 0, 1, 1),
                     ('t', 'j', '', 1, 'h', 'WAITING', 0, 'manual', '', '', '', '{}', null, 0, null, 1);
            insert into journal values ('t', 'i', 1, 0, 'abc'), ('t', 'j', 1, 0, x'00');
            insert into query_runs (tenant_id, id, query_id, query_version, at, actor_kind, actor_id, actor_label, duration_us, cache, error)
              values ('t', 'q', 'q', 1, 0, '', '', '', 1, 'off', 'no');";
        let db = upgraded(RUNS_STEPS, "create table usage", rows);
        let expected =
            [("definitions", 152, 1), ("endedRuns", 1628, 1), ("queryHistory", 402, 1), ("unfinishedRuns", 1623, 1)];
        assert_eq!(usage(&db), expected.map(|(kind, bytes, rows)| (kind.to_owned(), bytes, rows)));
    }
}
