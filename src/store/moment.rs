//! One moment of both databases, beside whoever writes them: for a backup.
//!
//! `SQLite` lets one connection at a time write to a file, whatever process it is in. Whoever has begun to write in both
//! files holds up every other writer, and for as long as that lasts nothing changes in either of them, nor in what is
//! only changed within their transactions: the content of uploaded files. Reads that begin then see that moment until
//! they end.
use super::{column, directory, explain, look::Access};
use crate::{
    Error, Result,
    data_dir::{Mark, Paths},
    model::{File, Resource},
};
use rusqlite::{Connection, ErrorCode, OpenFlags, backup::Backup};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long both files may take to be free for writing at once, and how long one is held while the other is not.
const PATIENCE: Duration = Duration::from_mins(1);
const ONE_ALONE: Duration = Duration::from_millis(500);

/// Both databases as they were at one moment.
pub struct Moment {
    workspace: Source,
    runs: Source,
    mark: Option<Mark>,
    /// How long writers were held up.
    pub held: Duration,
}

/// A connection whose reads see that moment.
struct Source {
    db: Connection,
    path: PathBuf,
}

/// An uploaded file as its row describes it.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    pub tenant: Uuid,
    pub id: Uuid,
    pub size: u64,
    pub sha256: String,
}

impl Moment {
    /// Holds up every writer while `during` runs, and keeps that moment for reading. Writers wait for ten seconds at most:
    /// `during` must be much shorter.
    ///
    /// # Errors
    /// `Conflict` when a database is missing or does not become free; the errors of `during`.
    pub fn hold<T>(paths: &Paths, during: impl FnOnce() -> Result<T>) -> Result<(Self, T)> {
        let access = if crate::data_dir::is_in_use(paths.root()) { Access::Beside } else { Access::Owned };
        let parts = directory::check(paths, access)?;
        if !parts.workspace.is_held() || !parts.runs.is_held() {
            return Err(Error::conflict(format!("there is nothing in {} yet", paths.root().display())));
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
            let first = begin_writing(workspace, left).map_err(|error| explain::file(&self.workspace.path, &error))?;
            // holding one for long would stop the server
            if first && begin_writing(runs, ONE_ALONE).map_err(|error| explain::file(&self.runs.path, &error))? {
                return Ok(());
            }
            if first {
                workspace.execute_batch("rollback")?;
                // whoever waited for it goes first
                thread::sleep(ONE_ALONE);
            }
            if begun.elapsed() >= PATIENCE {
                return Err(Error::conflict(
                    "the databases were written without a pause for a minute: try again, or stop the server first",
                ));
            }
        }
    }

    /// Both reads begin: from here on they see what is there now.
    fn begin(&self) -> Result<()> {
        for Source { db, path } in [&self.workspace, &self.runs] {
            db.execute_batch("begin; select 1 from sqlite_schema").map_err(|error| explain::file(path, &error))?;
        }
        Ok(())
    }

    fn directory_mark(&self) -> Result<Option<Mark>> {
        let known = self.workspace.db.prepare("select 1 from sqlite_schema where name = 'directory'")?.exists(())?;
        if !known {
            return Ok(None);
        }
        let sql = "select instance, epoch from directory where settled > 0";
        let mut query = self.workspace.db.prepare(sql)?;
        let mut rows = query.query(())?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Mark { instance: row.get(0)?, epoch: row.get(1)? }))
    }

    /// What the folders of a copy are to be marked with.
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// The schema versions of both.
    pub fn schemas(&self) -> Result<(usize, usize)> {
        let version = |source: &Source| source.db.query_row("pragma user_version", (), |row| row.get::<_, usize>(0));
        Ok((version(&self.workspace)?, version(&self.runs)?))
    }

    /// Every uploaded file of that moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn each_upload(&self, mut take: impl FnMut(UploadedFile) -> Result<()>) -> Result<()> {
        let sql = "select tenant_id, id, spec from objects where kind = ?1 order by tenant_id, id";
        let mut query = self.workspace.db.prepare(sql)?;
        let mut rows = query.query([File::KIND.name])?;
        while let Some(row) = rows.next()? {
            let file: File = column::json(row, 2)?;
            let (tenant, id) = (column::id(row, 0)?, column::id(row, 1)?);
            take(UploadedFile { tenant, id, size: file.size, sha256: file.sha256 })?;
        }
        Ok(())
    }

    /// Writes whole copies of both databases, and checks them.
    ///
    /// # Errors
    /// `Conflict` when a database is damaged, or there is no room.
    pub fn copy_to(&self, workspace: &Path, runs: &Path) -> Result<()> {
        for (source, to) in [(&self.workspace, workspace), (&self.runs, runs)] {
            let found = copy(&source.db, to).and_then(|()| check(to));
            let found = found.map_err(|error| explain_copy(&source.path, &error))?;
            if found != "ok" {
                let path = source.path.display();
                return Err(Error::conflict(format!(
                    "{path} is damaged ({found}): a backup of it would be, too; restore an older one"
                )));
            }
        }
        Ok(())
    }
}

/// Copies another program's database to a new file, as it is at one moment.
///
/// # Errors
/// `Conflict` when it is no database, or cannot be read.
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
        Some(ErrorCode::DiskFull) => Error::conflict("the disk has no room for the backup: free some space"),
        _ => explain::file(from, error),
    }
}

fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| explain::file(path, &error))
}

/// Begins to write within `patience`; looks often, for a busy server leaves the file for moments only.
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
    // written once and synced by whoever keeps it
    new.execute_batch("pragma journal_mode = off; pragma synchronous = off")?;
    Backup::new(from, &mut new)?.run_to_completion(i32::MAX, Duration::from_millis(5), None)
}

fn check(path: &Path) -> rusqlite::Result<String> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let found = db.query_row("pragma quick_check(1)", (), |row| row.get(0))?;
    drop(db);
    // what reading a file in WAL mode makes beside it
    for end in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = fs::remove_file(PathBuf::from(name));
    }
    Ok(found)
}
