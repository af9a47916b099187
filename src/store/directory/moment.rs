//! A consistent view of both databases while others write them, for backups.
//!
//! `SQLite` allows only one connection at a time to write to a file, across all processes. A connection with a write
//! transaction in each database blocks all other writers. Meanwhile nothing changes in the databases, nor in anything
//! that only changes within their transactions, such as the content of uploaded files. Read transactions that start
//! then keep seeing that state.
use super::look::Access;
use crate::{
    Error, Result,
    data_dir::{FolderMark, Paths},
    model::{File, Resource},
    store::{
        database::{column, errors},
        sql::{self, Sql},
    },
};
use rusqlite::{Connection, ErrorCode, OpenFlags, backup::Backup};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long to wait for both databases to be free at the same time, and how long to hold one while the other is busy.
const PATIENCE: Duration = Duration::from_mins(1);
const ONE_ALONE: Duration = Duration::from_millis(500);

/// A consistent view of both databases.
pub struct ConsistentView {
    workspace: Source,
    runs: Source,
    mark: Option<FolderMark>,
    /// How long writers were blocked.
    pub held: Duration,
}

/// A connection with a read transaction at that moment.
struct Source {
    db: Connection,
    path: PathBuf,
}

/// An uploaded file, according to its row.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    pub tenant: Uuid,
    pub id: Uuid,
    pub size: u64,
    pub sha256: String,
}

impl ConsistentView {
    /// Blocks all writers while `during` runs, and keeps read transactions at that moment. Writers wait for ten seconds
    /// at most, so `during` must be much shorter.
    ///
    /// # Errors
    /// `Conflict` if a database is missing or does not become free, and the errors of `during`.
    pub fn hold<T>(paths: &Paths, during: impl FnOnce() -> Result<T>) -> Result<(Self, T)> {
        let access = if crate::data_dir::is_in_use(paths.root()) { Access::Beside } else { Access::Owned };
        let parts = super::check(paths, access)?;
        if !parts.workspace.is_held() || !parts.runs.is_held() {
            return Err(Error::conflict(format!("there is no data in {} yet", paths.root().display())));
        }
        let [workspace, runs] = [paths.workspace_db(), paths.runs_db()];
        let barrier = [open(&workspace)?, open(&runs)?];
        let mut moment = Self {
            workspace: Source { db: open(&workspace)?, path: workspace },
            runs: Source { db: open(&runs)?, path: runs },
            mark: None,
            held: Duration::ZERO,
        };
        moment.stop_writers(&barrier)?;
        let begun = Instant::now();
        let taken = moment.begin().and_then(|()| during());
        for db in &barrier {
            // dropping the connection would do the same
            let _ = db.execute_batch("rollback");
        }
        moment.held = begun.elapsed();
        let taken = taken?;
        moment.mark = moment.directory_mark()?;
        Ok((moment, taken))
    }

    fn stop_writers(&self, [workspace, runs]: &[Connection; 2]) -> Result<()> {
        let begun = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let first =
                begin_writing(workspace, left).map_err(|error| errors::explain(&self.workspace.path, &error))?;
            // holding one for long would block the server
            if first && begin_writing(runs, ONE_ALONE).map_err(|error| errors::explain(&self.runs.path, &error))? {
                return Ok(());
            }
            if first {
                workspace.execute_batch("rollback")?;
                // let waiting writers go first
                thread::sleep(ONE_ALONE);
            }
            if begun.elapsed() >= PATIENCE {
                return Err(Error::conflict(
                    "the databases were busy for a minute: try again, or stop the server first",
                ));
            }
        }
    }

    /// Starts both read transactions, which see the current state from now on.
    fn begin(&self) -> Result<()> {
        for Source { db, path } in [&self.workspace, &self.runs] {
            db.execute_batch("begin; select 1 from sqlite_schema").map_err(|error| errors::explain(path, &error))?;
        }
        Ok(())
    }

    fn directory_mark(&self) -> Result<Option<FolderMark>> {
        let known = self.workspace.db.prepare("select 1 from sqlite_schema where name = 'directory'")?.exists(())?;
        if !known {
            return Ok(None);
        }
        let sql = "select instance, epoch from directory where settled > 0";
        let mut query = self.workspace.db.prepare(sql)?;
        let mut rows = query.query(())?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(FolderMark { instance: row.get(0)?, epoch: row.get(1)? }))
    }

    /// Returns the mark for the folders of a copy.
    pub fn mark(&self) -> Option<&FolderMark> {
        self.mark.as_ref()
    }

    /// Returns the schema versions of both databases.
    pub fn schemas(&self) -> Result<(usize, usize)> {
        let version = |source: &Source| source.db.query_row("pragma user_version", (), |row| row.get::<_, usize>(0));
        Ok((version(&self.workspace)?, version(&self.runs)?))
    }

    /// Passes each uploaded file at that moment, also in the trash, to `take`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_upload(&self, mut take: impl FnMut(UploadedFile) -> Result<()>) -> Result<()> {
        let sql = "select tenant_id, id, spec from objects where kind in (?1, 'trash/' || ?1) order by tenant_id, id";
        let mut query = sql::Connection::of(&self.workspace.db).prepare(Sql::composed(sql))?;
        let mut rows = query.query([File::KIND.name()])?;
        while let Some(row) = rows.next()? {
            let file: File = column::json(&row, 2)?;
            let (tenant, id) = (column::id(&row, 0)?, column::id(&row, 1)?);
            take(UploadedFile { tenant, id, size: file.size, sha256: file.sha256 })?;
        }
        Ok(())
    }

    /// Writes full copies of both databases, and checks them.
    ///
    /// # Errors
    /// `Conflict` if a database is damaged, or the disk is full.
    pub fn copy_to(&self, workspace: &Path, runs: &Path) -> Result<()> {
        for (source, to) in [(&self.workspace, workspace), (&self.runs, runs)] {
            let found = copy(&source.db, to).and_then(|()| check(to));
            let found = found.map_err(|error| explain_copy(&source.path, &error))?;
            if found != "ok" {
                let path = source.path.display();
                return Err(Error::conflict(format!(
                    "{path} is damaged ({found}), so a backup of it would be damaged too: restore an older backup"
                )));
            }
        }
        Ok(())
    }
}

/// Copies a database of another program to a new file, consistently.
///
/// # Errors
/// `Conflict` if it is not a database, or cannot be read.
pub fn copy_database(from: &Path, to: &Path) -> Result<()> {
    let work = || {
        let db = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW);
        let readable = || Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let db = db.or_else(|_| readable())?;
        db.busy_timeout(Duration::from_secs(10))?;
        copy(&db, to)
    };
    work().map_err(|error| explain_copy(from, &error))
}

fn explain_copy(from: &Path, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Error::conflict("the disk does not have enough space for the backup: free some space")
        }
        _ => errors::explain(from, error),
    }
}

fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| errors::explain(path, &error))
}

/// Starts a write transaction within `patience`. Tries often, because a busy server releases the file only briefly.
fn begin_writing(db: &Connection, patience: Duration) -> rusqlite::Result<bool> {
    db.busy_timeout(Duration::ZERO)?;
    let begun = Instant::now();
    loop {
        match db.execute_batch("begin immediate") {
            Ok(()) => return Ok(true),
            Err(error) if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) => return Err(error),
            Err(_) if begun.elapsed() >= patience => return Ok(false),
            Err(_) => thread::sleep(Duration::from_micros(200)),
        }
    }
}

fn copy(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut new = Connection::open(to)?;
    // written once, and synced by the caller
    new.execute_batch("pragma journal_mode = off; pragma synchronous = off")?;
    Backup::new(from, &mut new)?.run_to_completion(i32::MAX, Duration::from_millis(5), None)
}

fn check(path: &Path) -> rusqlite::Result<String> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let found = db.query_row("pragma quick_check(1)", (), |row| row.get(0))?;
    drop(db);
    // files that reading a database in WAL mode creates next to it
    for end in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = fs::remove_file(PathBuf::from(name));
    }
    Ok(found)
}
