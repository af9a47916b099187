//! Copies of both databases from before a migration. They get their names only when complete.
use super::DirectoryParts;
use crate::{
    Error, Result,
    clock::Time,
    data_dir::{MarkedFolder, Paths, Replacing, explain as explain_file, private_file, sync_folder},
    store::database::errors,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// How many snapshots of each database are kept.
const SNAPSHOTS: usize = 3;
const WORKSPACE: &str = "jet-admin";
const RUNS: &str = "runs";

/// Copies of both databases from before a migration.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub at: Time,
    pub workspace: PathBuf,
    pub runs: PathBuf,
    /// The schema versions of both.
    pub schemas: (usize, usize),
}

/// Takes a snapshot of both databases. Files with their final names are complete and synced to disk.
pub(in crate::store) fn take(paths: &Paths, parts: &DirectoryParts) -> Result<()> {
    let folder = paths.snapshots();
    fs::create_dir_all(&folder).map_err(|error| explain_file(&folder, "cannot be created", &error))?;
    remove_unfinished(&folder);
    let at = Time::now().0;
    let files =
        [(RUNS, paths.runs_db(), parts.runs.schema()), (WORKSPACE, paths.workspace_db(), parts.workspace.schema())];
    let mut made = Vec::new();
    for (name, from, schema) in files.into_iter().filter(|(_, _, schema)| *schema > 0) {
        let to = folder.join(format!("{name}-schema{schema}-{at}.db"));
        let part = folder.join(format!(".{name}-schema{schema}-{at}.part"));
        let copied = copy(&from, &part);
        copied.inspect_err(|_| drop(fs::remove_file(&part)))?;
        made.push((part, to));
    }
    // the workspace last: if it exists, the other exists too
    for (part, to) in made {
        fs::rename(&part, &to).map_err(|error| explain_file(&to, "cannot be written", &error))?;
    }
    sync_folder(&folder)?;
    [RUNS, WORKSPACE].into_iter().try_for_each(|name| keep_newest(&folder, &format!("{name}-schema")))
}

/// Writes a compact copy and checks it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    // the file may exist, but must be empty
    private_file(to)?;
    let work = || {
        let db = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.execute("vacuum into ?1", [to.to_string_lossy()])?;
        let copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        copy.query_row("pragma quick_check(1)", (), |row| row.get::<_, String>(0))
    };
    let found = work().map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Error::conflict(
            "the disk does not have enough space for the snapshot before the upgrade: free as much space as both \
             databases take",
        ),
        _ => errors::explain(from, &error),
    })?;
    if found != "ok" {
        return Err(Error::conflict(format!(
            "{} is damaged ({found}): restore a backup with `jet-admin restore` before the upgrade",
            from.display()
        )));
    }
    File::open(to)?.sync_all()?;
    Ok(())
}

/// Removes incomplete copies of an interrupted upgrade.
fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = [RUNS, WORKSPACE].iter().any(|of| name.starts_with(&format!(".{of}-schema")));
        let path = entry.path();
        if ours && path.extension().is_some_and(|end| end == "part" || end == "part-journal") {
            let _ = fs::remove_file(path);
        }
    }
}

/// Parses the schema version and the time in milliseconds from a name such as `…3-1764400000000.db`.
fn parse(path: &Path, prefix: &str) -> Option<(usize, i64)> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".db")?.strip_prefix(prefix)?;
    let (schema, at) = stem.split_once('-')?;
    Some((schema.parse().ok()?, at.parse().ok()?))
}

/// Deletes all but the newest snapshots whose names start with `prefix`.
fn keep_newest(folder: &Path, prefix: &str) -> Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some((_, at)) = parse(&path, prefix) {
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

/// Returns the snapshots of both databases, newest first.
pub fn list(paths: &Paths) -> Vec<Snapshot> {
    let mut runs = BTreeMap::new();
    let mut found = Vec::new();
    let entries = || fs::read_dir(paths.snapshots()).into_iter().flatten().flatten().map(|entry| entry.path());
    for path in entries() {
        if let Some((schema, at)) = parse(&path, "runs-schema") {
            runs.insert(at, (schema, path));
        }
    }
    for path in entries() {
        if let Some((schema, at)) = parse(&path, "jet-admin-schema")
            && let Some((of_runs, runs)) = runs.remove(&at)
        {
            found.push(Snapshot { at: Time(at), workspace: path, runs, schemas: (schema, of_runs) });
        }
    }
    found.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.at));
    found
}

/// The files of both databases.
pub const DATABASE_FILES: [&str; 6] =
    ["jet-admin.db", "jet-admin.db-wal", "jet-admin.db-shm", "runs.db", "runs.db-wal", "runs.db-shm"];

/// Replaces the current databases by a snapshot. Returns the folder that the current ones were moved to.
///
/// # Errors
/// If the snapshot cannot be copied. Nothing is changed then.
pub fn roll_back(paths: &Paths, snapshot: &Snapshot) -> Result<Option<PathBuf>> {
    let new = Replacing::begin(paths)?;
    let prepared = new.paths();
    for (from, to) in [(&snapshot.workspace, prepared.workspace_db()), (&snapshot.runs, prepared.runs_db())] {
        copy(from, &to)?;
    }
    let mut put = vec!["jet-admin.db", "runs.db"];
    let marks = MarkedFolder::ALL.map(MarkedFolder::mark_path);
    // the folders are kept, and marked as those of the snapshot
    if let Some(mark) = super::mark_of(&prepared)? {
        prepared.set_marks(&mark)?;
        put.extend(marks);
    }
    new.commit(&put, &[&DATABASE_FILES[..], &marks[..]].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_snapshots_are_kept() {
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
}
