//! One database file: a pool of readers and one writer that commits in groups.
use super::{
    Sealer, explain,
    readers::{Readers, lookups, snapshot},
    usage::Ledger,
};
use crate::{Error, Result, data_dir::private_file, quota::Quotas, turns::Turns};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::{
    cell::Cell,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

/// How many closures one commit takes at most: bounds how long the first of them waits.
const BATCH: usize = 512;
/// How many closures may wait for the writer before callers are told to come back later.
const QUEUE: usize = 16_384;

/// What an acknowledged write has survived when the answer goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// The disk has it: it survives a power failure.
    #[default]
    Full,
    /// The operating system has it: it survives the death of the process.
    Normal,
}

/// An open connection inside a transaction, for the database `D`; every query is a method on it.
pub struct Session<'c, D> {
    pub(in crate::store) db: &'c Connection,
    pub(in crate::store) quotas: &'c Quotas,
    /// Where a write notes what it adds; none when reading.
    pub(in crate::store) ledger: Option<&'c Ledger>,
    sealer: &'c OnceLock<Sealer>,
    /// Whether it has changed what someone may do.
    regrants: Cell<bool>,
    of: PhantomData<D>,
}

impl<'c, D> Session<'c, D> {
    pub(super) fn new(db: &'c Connection, tools: &'c Tools, ledger: Option<&'c Ledger>) -> Self {
        let Tools { quotas, sealer } = tools;
        Self { db, quotas, ledger, sealer, regrants: Cell::new(false), of: PhantomData }
    }

    /// Notes that this transaction changes who may do what: open streams check their callers after its commit.
    pub(in crate::store) fn mark_regrant(&self) {
        self.regrants.set(true);
    }

    /// Seals and opens what this database keeps of secrets.
    pub(in crate::store) fn sealer(&self) -> Result<&'c Sealer> {
        self.sealer.get().ok_or_else(|| Error::internal("the store was opened without the secret key"))
    }
}

/// What every session of a database has at hand.
pub(super) struct Tools {
    quotas: Arc<Quotas>,
    sealer: OnceLock<Sealer>,
}

#[derive(Clone)]
pub(super) struct Connect {
    pub(super) path: PathBuf,
    durability: Durability,
    /// Set when the database is closed: readers go, and none comes.
    pub(super) closed: Arc<AtomicBool>,
}

impl Connect {
    pub(super) fn open(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        // setting it writes to the file, even where it is so already
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

    /// A connection that cannot write.
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
    /// A reader that panicked may have left its transaction open.
    fn has_broken(&self, db: &mut Connection) -> bool {
        !db.is_autocommit() || self.closed.load(Ordering::Acquire)
    }
}

/// What a write works with.
#[derive(Clone, Copy)]
pub(super) struct Desk<'c> {
    db: &'c Connection,
    tools: &'c Tools,
    ledger: &'c Ledger,
}

/// A write that waits for its turn: runs inside a savepoint, then hears how the commit went.
pub(super) trait Job: Send {
    /// Whether the savepoint should be kept.
    fn run(&mut self, desk: Desk<'_>) -> bool;
    /// Whether it has changed what someone may do.
    fn regrants(&self) -> bool;
    fn finish(self: Box<Self>, committed: Result<()>);
}

struct Write<F, T> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    regrants: bool,
    answer: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Write<F, T>
where
    F: FnOnce(Desk<'_>) -> (Result<T>, bool) + Send,
    T: Send,
{
    fn run(&mut self, desk: Desk<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let (outcome, regrants) = catch_unwind(AssertUnwindSafe(|| work(desk)))
            .unwrap_or_else(|_| (Err(Error::internal("a write panicked")), false));
        let keep = outcome.is_ok();
        self.regrants = keep && regrants;
        self.outcome = Some(outcome);
        keep
    }

    fn regrants(&self) -> bool {
        self.regrants
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)), Err(error)) => Err(error),
            (Some(outcome), _) => outcome,
            (None, committed) => Err(committed.err().unwrap_or_else(|| Error::internal("a write did not run"))),
        };
        // the caller may have gone away; the write stands all the same
        let _ = self.answer.send(outcome);
    }
}

/// A database file of kind `D`.
pub struct Db<D> {
    pub(super) lookups: r2d2::Pool<Connect>,
    pub(super) readers: Readers,
    /// `None` ends the writer.
    pub(super) writer: mpsc::SyncSender<Option<Box<dyn Job>>>,
    pub(super) thread: Mutex<Option<thread::JoinHandle<()>>>,
    pub(super) connect: Connect,
    commits: Arc<AtomicU64>,
    regrants: watch::Sender<()>,
    tools: Arc<Tools>,
    pub(super) written: Arc<AtomicU64>,
    of: PhantomData<fn() -> D>,
}

impl<D: 'static> Db<D> {
    /// Opens (or makes) the file, brings its schema up to date, and starts its writer.
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
        let mut writer = writer.map_err(|error| explain::file(path, &error))?;
        migrate(&mut writer)?;
        let readers = Readers::start(&connect, turns)?;
        let lookups = lookups(connect.clone())?;
        let (sender, queue) = mpsc::sync_channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let (written, regrants) = (Arc::new(AtomicU64::new(0)), watch::Sender::new(()));
        let tools = Arc::new(Tools { quotas: Arc::clone(quotas), sealer: OnceLock::new() });
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn({
            let (commits, written, tools) = (Arc::clone(&commits), Arc::clone(&written), Arc::clone(&tools));
            let told = Told { commits, written, regrants: regrants.clone() };
            move || write_loop(&mut writer, &queue, &told, &tools)
        })?;
        let thread = Mutex::new(Some(thread));
        let of = PhantomData;
        Ok(Self { lookups, readers, writer: sender, thread, connect, commits, regrants, tools, written, of })
    }

    /// Gives the key that seals secrets within this database.
    pub fn set_sealer(&self, sealer: Sealer) {
        // one key for the life of the process: a second one is the same
        let _ = self.tools.sealer.set(sealer);
    }

    /// Hears of each commit of this process that changes what someone may do.
    pub fn regrants(&self) -> watch::Receiver<()> {
        self.regrants.subscribe()
    }

    /// How often this process has written: what was read before the last change of it may be out of date.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// Runs a short read here and now: a look-up by key, microseconds. It never waits for a scan.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn get<T>(&self, work: impl FnOnce(&Session<'_, D>) -> Result<T>) -> Result<T> {
        self.check_open()?;
        snapshot(&*self.lookups.get()?, &self.tools, work)
    }

    /// Runs a read that may scan, or that unpacks much, on a thread of its own, when it is the tenant's turn.
    ///
    /// # Errors
    /// `RateLimited` when too many of the tenant's reads wait already; those of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        tenant: Uuid,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(Some(tenant), Arc::clone(&self.tools), work).await
    }

    /// The same for what the server reads for itself, over all tenants.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn survey<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(None, Arc::clone(&self.tools), work).await
    }

    /// Moves what is in the log into the file, as far as nobody reads it, without anybody waiting for it.
    pub(super) async fn copy_log(&self) {
        let lookups = self.lookups.clone();
        let copy = move || lookups.get().map(|db| db.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())));
        if !matches!(tokio::task::spawn_blocking(copy).await, Ok(Ok(Ok(())))) {
            tracing::debug!("the log was not copied");
        }
    }

    /// Moves what is in the log into the file and empties the log, unless someone is reading from it just now.
    pub fn checkpoint(&self) {
        let moved = self.lookups.get().map(|db| db.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())));
        if !matches!(moved, Ok(Ok(()))) {
            tracing::debug!("the log was not emptied");
        }
    }

    /// Runs `work` in the writer's next transaction; answers after its commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(work)?.await.map_err(|_| Error::Unavailable("the server is stopping"))?
    }

    /// The same from a thread that may block.
    pub fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(work)?.blocking_recv().map_err(|_| Error::Unavailable("the server is stopping"))?
    }

    fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (answer, outcome) = oneshot::channel();
        let work = move |Desk { db, tools, ledger }: Desk<'_>| {
            let session = Session::new(db, tools, Some(ledger));
            (work(&session), session.regrants.get())
        };
        let job = Write { work: Some(work), outcome: None, regrants: false, answer };
        self.writer.try_send(Some(Box::new(job))).map_err(|error| match error {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many writes are waiting: try again"),
            mpsc::TrySendError::Disconnected(_) => Error::Unavailable("the server is stopping"),
        })?;
        Ok(outcome)
    }
}

/// What the writer makes known.
struct Told {
    commits: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    regrants: watch::Sender<()>,
}

/// Takes what is queued, runs each closure in a savepoint, commits once, then answers.
fn write_loop(db: &mut Connection, queue: &mpsc::Receiver<Option<Box<dyn Job>>>, told: &Told, tools: &Tools) {
    let ledger = Ledger::default();
    let mut is_last = false;
    while !is_last && let Ok(Some(first)) = queue.recv() {
        let mut batch = vec![first];
        for next in queue.try_iter().take(BATCH - 1) {
            let Some(next) = next else {
                is_last = true;
                break;
            };
            batch.push(next);
        }
        let committed = write_batch(db, &mut batch, tools, &ledger);
        // before anyone hears of it: what was remembered from the state before is void
        told.commits.fetch_add(1, Ordering::Release);
        if batch.iter().any(|job| job.regrants()) {
            told.regrants.send_replace(());
        }
        match &committed {
            Ok(added) => drop(told.written.fetch_add(*added, Ordering::Relaxed)),
            Err(error) => {
                ledger.clear();
                tracing::error!(%error, "a transaction could not be written");
            }
        }
        for job in batch {
            job.finish(committed.as_ref().map(|_| ()).map_err(super::failure));
        }
    }
}

/// Answers how many bytes of tenants' data were added.
fn write_batch(
    db: &mut Connection,
    batch: &mut [Box<dyn Job>],
    tools: &Tools,
    ledger: &Ledger,
) -> rusqlite::Result<u64> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        tx.prepare_cached("savepoint job")?.execute(())?;
        let kept = job.run(Desk { db: &tx, tools, ledger });
        if !kept {
            tx.prepare_cached("rollback to job")?.execute(())?;
        }
        ledger.settle(kept);
        tx.prepare_cached("release job")?.execute(())?;
    }
    let added = ledger.flush(&tx)?;
    tx.commit()?;
    Ok(added)
}
