//! `schema.sql` for a new database, the numbered steps for an old one; a test holds them equal.
use crate::{Error, Result, clock::Time};
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
    include_str!("migrations/0004_accounts.sql"),
];
const RUNS_STEPS: &[&str] = &[
    include_str!("migrations/0001_runs.sql"),
    include_str!("migrations/0002_query_run_mode.sql"),
    include_str!("migrations/0003_runs.sql"),
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
        db.execute("vacuum into ?1", [copy.to_string_lossy()])?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Every table's columns, foreign keys, checks and indexes, in a comparable form.
    fn shape(scripts: &[&str]) -> Vec<String> {
        let db = Connection::open_in_memory().unwrap();
        for script in scripts {
            db.execute_batch(script).unwrap();
        }
        let sql = "
            select m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '') || ' ' || c.pk
              from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table'
            union all
            select m.name || ' -> ' || f.\"table\" || ' ' || f.\"from\" || ' ' || coalesce(f.\"to\", '') || ' ' || f.on_delete
              from sqlite_schema m, pragma_foreign_key_list(m.name) f where m.type = 'table'
            union all
            select m.name || ' # ' || i.\"unique\" || ' ' || i.partial || ' ' || (select group_concat(name) from pragma_index_info(i.name))
              from sqlite_schema m, pragma_index_list(m.name) i where m.type = 'table'
            order by 1";
        let mut query = db.prepare(sql).unwrap();
        query.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
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
}
