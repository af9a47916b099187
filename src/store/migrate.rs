//! `schema.sql` for a new database, the numbered steps for an old one; a test holds them equal.
use crate::{Error, Result, clock::Time, data_dir::private_file};
use rusqlite::Connection;
use std::{fs, path::Path};

const SCHEMA: &str = include_str!("../../schema.sql");
/// The line in `schema.sql` where the second database's part starts.
const RUNS_PART: &str = "-- == runs: runs.db ==";

/// A released step is never edited: databases in the field have run it.
const WORKSPACE_STEPS: &[&str] = &[
    include_str!("migrations/0001_workspace.sql"),
    include_str!("migrations/0002_triggers.sql"),
    include_str!("migrations/0003_shares.sql"),
    include_str!("migrations/0004_disk.sql"),
    include_str!("migrations/0005_assignees.sql"),
    include_str!("migrations/0006_accounts.sql"),
    include_str!("migrations/0007_audit.sql"),
];
const RUNS_STEPS: &[&str] = &[
    include_str!("migrations/0001_runs.sql"),
    include_str!("migrations/0002_query_run_mode.sql"),
    include_str!("migrations/0003_runs.sql"),
    include_str!("migrations/0004_disk_runs.sql"),
    include_str!("migrations/0005_run_lists.sql"),
];

pub(super) fn workspace(db: &mut Connection, snapshots: &Path) -> Result<()> {
    up(db, parts().0, WORKSPACE_STEPS, snapshots, "jet-admin")
}

pub(super) fn runs(db: &mut Connection, snapshots: &Path) -> Result<()> {
    up(db, parts().1, RUNS_STEPS, snapshots, "runs")?;
    // a file from before could not give room back: it is written anew, once
    if db.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, u8>(0))? == 0 {
        db.execute_batch("pragma auto_vacuum = incremental; vacuum")?;
    }
    Ok(())
}

/// The newest schema version of either file.
pub(super) fn newest() -> usize {
    WORKSPACE_STEPS.len().max(RUNS_STEPS.len())
}

fn parts() -> (&'static str, &'static str) {
    SCHEMA.split_once(RUNS_PART).unwrap_or((SCHEMA, ""))
}

fn up(db: &mut Connection, schema: &str, steps: &[&str], snapshots: &Path, name: &str) -> Result<()> {
    let at: usize = db.query_row("pragma user_version", (), |row| row.get(0))?;
    if at > steps.len() {
        return Err(Error::conflict(format!(
            "the data directory's {name}.db is from a newer jet-admin (schema {at}, this one knows {}): use that version, or restore a snapshot",
            steps.len()
        )));
    }
    if at == steps.len() {
        return Ok(());
    }
    if at > 0 {
        fs::create_dir_all(snapshots)?;
        let copy = snapshots.join(format!("{name}-schema{at}-{}.db", Time::now().0));
        // it may be there, but must be empty
        private_file(&copy)?;
        db.execute("vacuum into ?1", [copy.to_string_lossy()])?;
        keep_newest(snapshots, &format!("{name}-schema"))?;
    }
    let tx = db.transaction()?;
    if at == 0 {
        tx.execute_batch(schema)?;
    } else {
        for step in &steps[at..] {
            tx.execute_batch(step)?;
        }
    }
    tx.pragma_update(None, "user_version", steps.len())?;
    Ok(tx.commit()?)
}

/// How many snapshots of one database are kept.
const SNAPSHOTS: usize = 3;

/// Deletes all but the newest snapshots whose names begin with `prefix`.
fn keep_newest(folder: &Path, prefix: &str) -> Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.strip_prefix(prefix));
        // `3-1764400000000`: schema and time
        if let Some(at) = stem.and_then(|stem| stem.split_once('-')?.1.parse::<i64>().ok()) {
            found.push((at, path));
        }
    }
    found.sort_unstable();
    let surplus = found.len().saturating_sub(SNAPSHOTS);
    for (_, path) in found.into_iter().take(surplus) {
        fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What `sqlite_schema` says of every table and index, in a comparable form: each column and constraint of a table,
    /// whatever their order, with its checks and options, and each index with its columns and its condition.
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

    /// The statement without comments, quotes, capitals and more spaces than it needs.
    fn plain(sql: &str) -> String {
        let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        let text = lines.collect::<Vec<_>>().join(" ").to_lowercase().replace('"', "");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        [(" (", "("), ("( ", "("), (" )", ")"), (" ,", ","), (", ", ",")]
            .iter()
            .fold(text, |text, (a, b)| text.replace(a, b))
    }

    /// The parts between the commas that are in no parentheses.
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
    fn the_comparison_sees_every_difference_that_counts() {
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
    fn the_schema_is_what_the_steps_lead_to() {
        assert_eq!(shape(&[parts().0]), shape(WORKSPACE_STEPS));
        assert_eq!(shape(&[parts().1]), shape(RUNS_STEPS));
        assert!(!shape(RUNS_STEPS).is_empty());
    }

    #[test]
    fn a_newer_database_is_refused_and_an_old_one_copied_aside() {
        let dir = tempfile::tempdir().unwrap();
        let mut db = Connection::open(dir.path().join("a.db")).unwrap();
        let first = "create table a (id text) strict;";
        up(&mut db, first, &[first], dir.path(), "a").unwrap();
        up(&mut db, "", &[first, "alter table a add column b text;"], dir.path(), "a").unwrap();
        let copies = fs::read_dir(dir.path()).unwrap().flatten();
        let copy = copies.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("a-schema1-")).unwrap();
        let old = Connection::open(copy).unwrap();
        assert!(old.execute("insert into a (b) values ('')", ()).is_err());
        assert!(db.execute("insert into a (b) values ('')", ()).is_ok());
        let refused = up(&mut db, "", &[first], dir.path(), "a").unwrap_err();
        assert!(refused.to_string().contains("newer jet-admin"), "{refused}");
    }

    #[test]
    fn snapshots_do_not_pile_up() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "runs-schema1-100.db",
            "runs-schema2-200.db",
            "runs-schema3-30.db",
            "runs-schema4-400.db",
            "runs-x.db",
            "a-schema1-1.db",
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        keep_newest(dir.path(), "runs-schema").unwrap();
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            ["a-schema1-1.db", "runs-schema1-100.db", "runs-schema2-200.db", "runs-schema4-400.db", "runs-x.db"]
        );
    }

    /// A database after the steps before the one that holds `mark`, `rows` in it, and then that step.
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
    fn what_an_older_workspace_holds_is_counted() {
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
    fn what_older_runs_take_is_counted() {
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
