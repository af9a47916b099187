//! A database in a schema on a PostgreSQL server: a pool of connections, each for one transaction at a time.
//! Threads block while they wait for the server, so there are never more of them than connections, and a few that wait.
mod pool;
mod statistics;

use super::{
    jobs::{ReadJob, WriteJob, WriteTools},
    ledger::Ledger,
    session::{Durability, Tools},
    signals::CommitSignals,
    tallies::RecentTotals,
};
use crate::{
    Error, Result,
    store::sql::{
        Connection,
        postgres::{ConnectPostgres, PgSession},
    },
    turns::Turn,
};
use pool::{StoreLease, StorePool};
use statistics::Statistics;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{AcquireError, Semaphore, SemaphorePermit},
    task, time,
};

/// How long a server counts as alive after it was seen.
pub const LEASE_MILLIS: u64 = 3000;
/// The most reads and writes that may wait for a connection, and how long one waits.
const QUEUE: usize = 4096;
const PATIENCE: Duration = Duration::from_secs(5);
/// How many connections only lookups and the signs of life use.
const RESERVED: u32 = 2;
/// How long closing waits for running reads and writes.
const CLOSING: Duration = Duration::from_secs(10);

const BUSY: Error = Error::Unavailable("the server's database is busy: try again");

/// How a server uses its database.
#[derive(Clone, Copy, Debug)]
pub struct PostgresLimits {
    /// The number of connections, of which each of the two schemas gets half.
    pub connections: u32,
    pub durability: Durability,
}

/// A schema, and the statement that lets writes to it follow one another: it locks a row until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct PgSchema {
    pub name: &'static str,
    pub realm: Option<&'static str>,
    /// The table whose statistics tell whether plans for any parameters are good enough to be kept. If absent, each
    /// statement is planned for its parameters.
    pub planned_by: Option<&'static str>,
}

/// What begins transactions.
struct Begin {
    read: String,
    write: String,
    /// Set when the server knows enough about the rows to keep its plans.
    keeps_plans: AtomicBool,
}

impl Begin {
    /// The statement that makes the server plan each execution. A plan that is made while a table is nearly empty, and kept,
    /// can read all rows of a tenant to find one.
    const PLANNED_EACH_TIME: &str = "; set local plan_cache_mode to force_custom_plan";

    fn of(schema: PgSchema, durability: Durability) -> Self {
        // `local`, because a pooler may give the next transaction to another server process
        // a server that hangs in a transaction holds its locks no longer than its life lasts, and others wait longer
        let settings = format!(
            "set local search_path to {}; set local statement_timeout to 12000; set local lock_timeout to 8000; \
             set local idle_in_transaction_session_timeout to {LEASE_MILLIS}",
            schema.name
        );
        let commit = if durability == Durability::Full { "" } else { "; set local synchronous_commit to off" };
        let realm = schema.realm.map_or_else(String::new, |lock| format!("; {lock}"));
        Self {
            read: format!("begin isolation level repeatable read, read only; {settings}"),
            write: format!("begin isolation level read committed, read write; {settings}{commit}{realm}"),
            keeps_plans: AtomicBool::new(false),
        }
    }

    fn with_plans(&self, begin: &str) -> String {
        let plans = if self.keeps_plans.load(Ordering::Relaxed) { "" } else { Self::PLANNED_EACH_TIME };
        format!("{begin}{plans}")
    }
}

/// The right to begin a write, and a connection.
type Place<'a> = (Option<SemaphorePermit<'a>>, SemaphorePermit<'a>);

/// A database in a schema of a server.
pub(in crate::store) struct PgDb(Arc<Inner>);

struct Inner {
    pool: StorePool,
    begin: Begin,
    /// The connections that reads and writes may use.
    places: Semaphore,
    /// How many writes may begin. One if they follow one another anyway: a server that hangs then holds their lock once,
    /// instead of once more for each write that waited for it.
    writes: Semaphore,
    /// How many reads and writes have not ended.
    waiting: AtomicUsize,
    signals: Arc<CommitSignals>,
    tools: Arc<Tools>,
    recent: Arc<RecentTotals>,
    statistics: Option<Statistics>,
}

impl PgDb {
    pub(in crate::store) fn open(
        connect: ConnectPostgres,
        schema: PgSchema,
        limits: PostgresLimits,
        (signals, tools): (Arc<CommitSignals>, Arc<Tools>),
    ) -> Result<Self> {
        let size = (limits.connections / 2).max(RESERVED + 1);
        let places = Semaphore::new((size - RESERVED) as usize);
        let writes = Semaphore::new(if schema.realm.is_some() { 1 } else { Semaphore::MAX_PERMITS });
        let begin = Begin::of(schema, limits.durability);
        let pool = StorePool::new(connect, size)?;
        let (waiting, recent, statistics) = (AtomicUsize::new(0), Arc::default(), Statistics::of(schema));
        Ok(Self(Arc::new(Inner { pool, begin, places, writes, waiting, signals, tools, recent, statistics })))
    }

    /// Returns how many connections it may use.
    pub(in crate::store) fn connections(&self) -> u32 {
        self.0.pool.size()
    }

    /// Begins a lookup.
    ///
    /// # Errors
    /// `Unavailable` if the server cannot be reached, or too many lookups wait for a connection.
    pub(in crate::store::database) fn look_up(&self) -> Result<PgLookup> {
        let lease = self.0.pool.lease()?;
        lease.begin(self.0.begin.with_plans(&self.0.begin.read));
        Ok(PgLookup(lease))
    }

    /// Runs a read on a thread that may block.
    pub(in crate::store::database) fn read(&self, job: ReadJob, turn: Turn) -> Result<()> {
        self.0.submit(false, move |inner| match inner {
            Ok(inner) => inner.read(job, turn),
            Err(refused) => job(Err(refused), turn),
        })
    }

    /// Runs a write on a thread that may block.
    pub(in crate::store::database) fn write(&self, job: Box<dyn WriteJob>) -> Result<()> {
        self.0.submit(true, move |inner| match inner {
            Ok(inner) => inner.write(job),
            Err(refused) => job.finish(Err(refused)),
        })
    }

    /// Runs a write on another thread, with a connection that is reserved for what is short.
    pub(in crate::store::database) fn write_first(&self, job: Box<dyn WriteJob>) {
        let inner = Arc::clone(&self.0);
        task::spawn_blocking(move || inner.write(job));
    }

    /// Runs a write on this thread, which may block.
    pub(in crate::store::database) fn write_here(&self, job: Box<dyn WriteJob>) {
        self.0.write(job);
    }

    /// Waits for running reads and writes, and closes every connection.
    pub(in crate::store::database) fn close(&self) {
        let begun = Instant::now();
        while self.0.waiting.load(Ordering::Acquire) > 0 && begun.elapsed() < CLOSING {
            thread::sleep(Duration::from_millis(5));
        }
        self.0.pool.close();
    }
}

impl Inner {
    /// Runs `work` when a connection is free, even if the caller has gone away.
    fn submit(self: &Arc<Self>, writes: bool, work: impl FnOnce(Result<&Self>) + Send + 'static) -> Result<()> {
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= QUEUE {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(BUSY);
        }
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let place = time::timeout(PATIENCE, inner.place(writes)).await;
            let counted = Arc::clone(&inner);
            let done = match place {
                Ok(Ok(_place)) => task::spawn_blocking(move || work(Ok(&counted))).await.is_ok(),
                _ => task::spawn_blocking(move || work(Err(BUSY))).await.is_ok(),
            };
            inner.waiting.fetch_sub(1, Ordering::AcqRel);
            if !done {
                tracing::error!("a transaction panicked");
            }
        });
        Ok(())
    }

    /// Waits for a connection, and as a write first for those before it.
    async fn place(&self, writes: bool) -> std::result::Result<Place<'_>, AcquireError> {
        let begun = if writes { Some(self.writes.acquire().await?) } else { None };
        Ok((begun, self.places.acquire().await?))
    }

    fn read(&self, job: ReadJob, turn: Turn) {
        match self.pool.lease() {
            Err(error) => job(Err(error), turn),
            Ok(lease) => {
                lease.begin(self.begin.with_plans(&self.begin.read));
                job(Ok(Connection::Postgres(&lease)), turn);
                lease.roll_back();
            }
        }
    }

    fn write(&self, mut job: Box<dyn WriteJob>) {
        let committed = self.transact(&mut *job);
        // before the results are sent: values cached from before this commit are now invalid
        self.signals.publish(job.changes(), job.regrants());
        job.finish(committed);
        if !self.begin.keeps_plans.load(Ordering::Relaxed)
            && let Some(statistics) = self.statistics.as_ref().filter(|statistics| statistics.is_time())
            && let Err(error) = self.look_for(statistics)
        {
            tracing::debug!(why = error.in_full(), "plans are not kept yet");
        }
    }

    /// Lets the server keep its plans if it has statistics.
    fn look_for(&self, statistics: &Statistics) -> Result<()> {
        let lease = self.pool.lease()?;
        lease.begin(self.begin.write.clone());
        let found = statistics.find_or_collect(&lease).inspect_err(|_| lease.roll_back())?;
        lease.commit()?;
        self.begin.keeps_plans.store(found, Ordering::Relaxed);
        Ok(())
    }

    fn transact(&self, job: &mut dyn WriteJob) -> Result<()> {
        let lease = self.pool.lease()?;
        lease.begin(self.begin.with_plans(&self.begin.write));
        let ledger = Ledger::shared(&self.recent);
        let db = Connection::Postgres(&lease);
        if !job.run(WriteTools { db, tools: &self.tools, ledger: &ledger }) {
            lease.roll_back();
            return Ok(());
        }
        ledger.settle(true);
        let added = ledger.flush(db).inspect_err(|_| lease.roll_back())?;
        lease.commit()?;
        self.signals.add_written(added);
        Ok(())
    }
}

/// A connection in a read transaction.
pub(in crate::store::database) struct PgLookup(StoreLease);

impl PgLookup {
    pub(in crate::store::database) fn connection(&self) -> &PgSession {
        &self.0
    }

    pub(in crate::store::database) fn end(&self) {
        self.0.roll_back();
    }
}

/// Runs what blocks the thread, so that the other tasks of the runtime go on.
pub(in crate::store::database) fn blocking(run: &mut dyn FnMut()) {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => task::block_in_place(run),
        _ => run(),
    }
}
