//! A database file: a pool of readers and a writer that commits in batches.
use super::{
    errors,
    ledger::Ledger,
    readers::{Readers, lookups, snapshot},
    writer::{CommitSignals, WriteJob, job, write_loop},
};
use crate::{
    Error, Result,
    data_dir::private_file,
    quota::Quotas,
    store::{Sealer, sql},
    turns::Turns,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    cell::Cell,
    marker::PhantomData,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

/// The most writes that may wait for the writer before further ones are refused.
const QUEUE: usize = 16_384;

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// Written to disk: survives a power failure.
    #[default]
    Full,
    /// Passed to the operating system: survives a crash of the process.
    Normal,
}

/// A connection to the database `D` in a transaction. Every query is a method of it.
pub struct Session<'c, D> {
    pub(in crate::store) db: sql::Connection<'c>,
    pub(in crate::store) quotas: &'c Quotas,
    /// Where a write counts what it adds. `None` for reads.
    pub(in crate::store) ledger: Option<&'c Ledger>,
    sealer: &'c OnceLock<Sealer>,
    /// Whether it has changed permissions.
    regrants: Cell<bool>,
    of: PhantomData<D>,
}

impl<'c, D> Session<'c, D> {
    pub(super) fn new(db: sql::Connection<'c>, tools: &'c Tools, ledger: Option<&'c Ledger>) -> Self {
        let Tools { quotas, sealer } = tools;
        Self { db, quotas, ledger, sealer, regrants: Cell::new(false), of: PhantomData }
    }

    /// Marks that this transaction changes permissions: open streams check their callers again after its commit.
    pub(in crate::store) fn mark_regrant(&self) {
        self.regrants.set(true);
    }

    pub(super) fn has_regranted(&self) -> bool {
        self.regrants.get()
    }

    /// Returns the sealer of the secrets in this database.
    pub(in crate::store) fn sealer(&self) -> Result<&'c Sealer> {
        self.sealer.get().ok_or_else(|| Error::internal("the store was opened without the secret key"))
    }
}

/// What every session of a database shares.
pub(super) struct Tools {
    quotas: Arc<Quotas>,
    sealer: OnceLock<Sealer>,
}

#[derive(Clone)]
pub(super) struct Connect {
    pub(super) path: PathBuf,
    durability: Durability,
    /// Set when the database is closed: readers are discarded, and no new ones are opened.
    pub(super) closed: Arc<AtomicBool>,
}

impl Connect {
    pub(super) fn open(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
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
    pub(super) fn reader(&self) -> rusqlite::Result<Connection> {
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

/// A database file of kind `D`.
pub struct Db<D> {
    pub(super) lookups: r2d2::Pool<Connect>,
    pub(super) readers: Readers,
    /// `None` stops the writer.
    pub(super) writer: mpsc::SyncSender<Option<Box<dyn WriteJob>>>,
    pub(super) thread: Mutex<Option<thread::JoinHandle<()>>>,
    pub(super) connect: Connect,
    signals: Arc<CommitSignals>,
    tools: Arc<Tools>,
    of: PhantomData<fn() -> D>,
}

impl<D: 'static> Db<D> {
    /// Opens or creates the file, migrates its schema, and starts its writer.
    pub fn open(
        path: &Path,
        durability: Durability,
        quotas: &Arc<Quotas>,
        turns: Arc<Turns>,
        migrate: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<Self> {
        private_file(path)?;
        let connect = Connect { path: path.to_path_buf(), durability, closed: Arc::default() };
        let writer = connect.open(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE);
        let mut writer = writer.map_err(|error| errors::explain(path, &error))?;
        migrate(&mut writer)?;
        let readers = Readers::start(&connect, turns)?;
        let lookups = lookups(connect.clone())?;
        let (sender, queue) = mpsc::sync_channel(QUEUE);
        let signals = Arc::<CommitSignals>::default();
        let tools = Arc::new(Tools { quotas: Arc::clone(quotas), sealer: OnceLock::new() });
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn({
            let (signals, tools) = (Arc::clone(&signals), Arc::clone(&tools));
            move || write_loop(&mut writer, &queue, &signals, &tools)
        })?;
        let thread = Mutex::new(Some(thread));
        let of = PhantomData;
        let writer = sender;
        Ok(Self { lookups, readers, writer, thread, connect, signals, tools, of })
    }

    /// Sets the key that seals secrets in this database.
    pub fn set_sealer(&self, sealer: Sealer) {
        // the key never changes while the process runs
        let _ = self.tools.sealer.set(sealer);
    }

    /// Returns a receiver that is notified of each commit that changes permissions.
    pub fn regrants(&self) -> watch::Receiver<()> {
        self.signals.regrants.subscribe()
    }

    /// Returns the number of this process's commits.
    pub fn commits(&self) -> u64 {
        self.signals.commits.load(Ordering::Acquire)
    }

    /// Returns the number of this process's commits that may have changed what is cached. Anything read before the
    /// latest one may be out of date.
    pub fn changes(&self) -> u64 {
        self.signals.changes.load(Ordering::Acquire)
    }

    /// Returns the number of this process's commits that changed permissions.
    pub fn permissions(&self) -> u64 {
        self.signals.permissions.load(Ordering::Acquire)
    }

    /// Returns how many bytes were added since the last call.
    pub fn take_written(&self) -> u64 {
        self.signals.written.swap(0, Ordering::Relaxed)
    }

    /// Runs a short read on this thread, such as a lookup by key. It takes microseconds and never waits for a scan.
    ///
    /// # Errors
    /// `Unavailable` if no connection becomes free within a second, and the errors of `work`.
    pub fn get<T>(&self, work: impl FnOnce(&Session<'_, D>) -> Result<T>) -> Result<T> {
        self.check_open()?;
        snapshot(&*self.lookups.get()?, &self.tools, work)
    }

    /// Runs a read that may scan or decompress a lot on a reader thread, when it is the tenant's turn.
    ///
    /// # Errors
    /// `RateLimited` if too many reads of the tenant are waiting, and the errors of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        tenant: Uuid,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(Some(tenant), Arc::clone(&self.tools), work).await
    }

    /// Runs a read of the server itself, across all tenants.
    ///
    /// # Errors
    /// The errors of `work`.
    pub async fn survey<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(None, Arc::clone(&self.tools), work).await
    }

    /// Copies the write-ahead log into the file as far as no reader needs it, without blocking anyone.
    pub(super) async fn copy_log(&self) {
        let lookups = self.lookups.clone();
        let copy = move || lookups.get().map(|db| db.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())));
        if !matches!(tokio::task::spawn_blocking(copy).await, Ok(Ok(Ok(())))) {
            tracing::debug!("the log was not copied");
        }
    }

    /// Copies the write-ahead log into the file and empties the log, unless a reader uses it.
    pub fn checkpoint(&self) {
        let moved = self.lookups.get().map(|db| db.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())));
        if !matches!(moved, Ok(Ok(()))) {
            tracing::debug!("the log was not emptied");
        }
    }

    /// Runs `work` in the writer's next transaction, and returns after its commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(true, work)?.await.map_err(|_| Error::Unavailable("the server is stopping"))?
    }

    /// Like [`Db::write`], for work that changes nothing that is cached, such as an entry of the audit log: cached
    /// results stay valid.
    pub async fn write_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(false, work)?.await.map_err(|_| Error::Unavailable("the server is stopping"))?
    }

    /// Like [`Db::write`], for threads that may block.
    pub fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(true, work)?.blocking_recv().map_err(|_| Error::Unavailable("the server is stopping"))?
    }

    fn submit<T: Send + 'static>(
        &self,
        changes: bool,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (job, outcome) = job(changes, work);
        self.writer.try_send(Some(job)).map_err(|error| match error {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many writes are waiting: try again"),
            mpsc::TrySendError::Disconnected(_) => Error::Unavailable("the server is stopping"),
        })?;
        Ok(outcome)
    }
}
