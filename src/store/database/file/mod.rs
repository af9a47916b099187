//! A database file: a pool of readers, and a writer that commits in batches.
mod close;
pub mod errors;
mod readers;
mod writer;

use super::{
    jobs::{ReadJob, WriteJob},
    session::{Durability, Tools},
    signals::CommitSignals,
};
use crate::{Result, data_dir::private_file, turns::Turn};
use readers::{Readers, lookups, run};
use rusqlite::{Connection, OpenFlags};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use writer::FileWriter;

#[derive(Clone)]
pub(in crate::store) struct Connect {
    path: PathBuf,
    durability: Durability,
    /// Set when the database is closed: readers are discarded, and no new ones are opened.
    closed: Arc<AtomicBool>,
}

impl Connect {
    fn open(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        // setting it writes to the file even if it does not change
        if db.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, u8>(0))? != 2 {
            db.pragma_update(None, "auto_vacuum", "incremental")?;
        }
        let synchronous = match self.durability {
            Durability::Full => "full",
            Durability::Normal => "normal",
        };
        db.execute_batch(&format!(
            "pragma busy_timeout = 10000; pragma journal_mode = wal; pragma journal_size_limit = 67108864; pragma synchronous = {synchronous};
             pragma foreign_keys = on; pragma trusted_schema = off; pragma cache_size = -2048; pragma temp_store = memory;"
        ))?;
        db.set_prepared_statement_cache_capacity(128);
        Ok(db)
    }

    /// Opens a read-only connection.
    fn reader(&self) -> rusqlite::Result<Connection> {
        let db = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.pragma_update(None, "query_only", true)?;
        Ok(db)
    }
}

impl r2d2::ManageConnection for Connect {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Connection> {
        if self.closed.load(Ordering::Acquire) {
            return Err(rusqlite::Error::InvalidQuery);
        }
        self.reader()
    }
    fn is_valid(&self, db: &mut Connection) -> rusqlite::Result<()> {
        db.execute_batch("select 1")
    }
    /// Returns true for a reader that panicked and left its transaction open.
    fn has_broken(&self, db: &mut Connection) -> bool {
        !db.is_autocommit() || self.closed.load(Ordering::Acquire)
    }
}

/// A database in a file.
pub(super) struct FileDb {
    lookups: r2d2::Pool<Connect>,
    readers: Readers,
    writer: FileWriter,
    connect: Connect,
}

impl FileDb {
    /// Opens or creates the file, migrates its schema, and starts its writer.
    pub(super) fn open(
        path: &Path,
        durability: Durability,
        shared: (Arc<CommitSignals>, Arc<Tools>),
        migrate: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<Self> {
        private_file(path)?;
        let connect = Connect { path: path.to_path_buf(), durability, closed: Arc::default() };
        let writer = connect.open(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE);
        let mut writer = writer.map_err(|error| errors::explain(path, &error))?;
        migrate(&mut writer)?;
        let readers = Readers::start(&connect)?;
        let lookups = lookups(connect.clone())?;
        let (signals, tools) = shared;
        Ok(Self { lookups, readers, writer: FileWriter::start(writer, signals, tools)?, connect })
    }

    /// Begins a lookup. It takes microseconds and never waits for a scan.
    ///
    /// # Errors
    /// `Unavailable` if no connection becomes free within a second.
    pub(super) fn look_up(&self) -> Result<FileLookup> {
        self.check_open()?;
        let db = self.lookups.get()?;
        run(&db, "begin")?;
        Ok(FileLookup(db))
    }

    pub(super) fn read(&self, job: ReadJob, turn: Turn) -> Result<()> {
        self.readers.submit(job, turn)
    }

    pub(super) fn write(&self, job: Box<dyn WriteJob>) -> Result<()> {
        self.writer.submit(job)
    }
}

/// A connection in a read transaction.
pub(super) struct FileLookup(r2d2::PooledConnection<Connect>);

impl FileLookup {
    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }

    pub(super) fn end(&self) -> Result<()> {
        run(&self.0, "rollback")
    }
}
