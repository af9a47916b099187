//! A database: lookups, reads and writes, in a file or on a server.
use super::{
    file::{FileDb, FileLookup},
    jobs::{read_job, turn, write_job},
    postgres::{PgDb, PgLookup, PgSchema, PostgresLimits, blocking},
    session::{Durability, Session, Tools},
    signals::CommitSignals,
};
use crate::{
    Error, Result,
    quota::Quotas,
    store::{
        Sealer,
        sql::{self, postgres::ConnectPostgres},
    },
    turns::Turns,
};
use rusqlite::Connection;
use std::{
    marker::PhantomData,
    path::Path,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};
use tokio::sync::oneshot;
use uuid::Uuid;

enum Engine {
    File(FileDb),
    Postgres(PgDb),
}

/// A connection in a read transaction.
enum Lookup {
    File(FileLookup),
    Postgres(PgLookup),
}

/// A database of kind `D`.
pub struct Db<D> {
    engine: Engine,
    turns: Arc<Turns>,
    pub(in crate::store) signals: Arc<CommitSignals>,
    tools: Arc<Tools>,
    of: PhantomData<fn() -> D>,
}

impl<D: 'static> Db<D> {
    /// Opens or creates a file, migrates its schema, and starts its writer.
    pub fn open_file(
        path: &Path,
        durability: Durability,
        quotas: &Arc<Quotas>,
        turns: Arc<Turns>,
        migrate: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<Self> {
        Self::open(quotas, turns, |shared| Ok(Engine::File(FileDb::open(path, durability, shared, migrate)?)))
    }

    /// Opens a schema on a server, which is up to date.
    pub(in crate::store) fn open_postgres(
        connect: ConnectPostgres,
        schema: PgSchema,
        limits: PostgresLimits,
        quotas: &Arc<Quotas>,
        turns: Arc<Turns>,
    ) -> Result<Self> {
        Self::open(quotas, turns, |shared| Ok(Engine::Postgres(PgDb::open(connect, schema, limits, shared)?)))
    }

    fn open(
        quotas: &Arc<Quotas>,
        turns: Arc<Turns>,
        open: impl FnOnce((Arc<CommitSignals>, Arc<Tools>)) -> Result<Engine>,
    ) -> Result<Self> {
        let signals = Arc::<CommitSignals>::default();
        let tools =
            Arc::new(Tools { quotas: Arc::clone(quotas), sealer: OnceLock::new(), life: RwLock::new("".into()) });
        let engine = open((Arc::clone(&signals), Arc::clone(&tools)))?;
        Ok(Self { engine, turns, signals, tools, of: PhantomData })
    }

    /// Sets the key that seals secrets in this database.
    pub fn set_sealer(&self, sealer: Sealer) {
        // the key never changes while the process runs
        let _ = self.tools.sealer.set(sealer);
    }

    /// Returns the life of this server; empty if it is the only one.
    pub(in crate::store) fn life(&self) -> Arc<str> {
        self.tools.life()
    }

    /// Begins another life of this server.
    pub(in crate::store) fn set_life(&self, life: &str) {
        *self.tools.life.write().unwrap_or_else(PoisonError::into_inner) = life.into();
    }

    /// Returns whether other servers may use the database at the same time.
    pub(in crate::store) fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Returns how many connections to a server it may use.
    pub(in crate::store) fn connections(&self) -> u32 {
        match &self.engine {
            Engine::File(_) => 0,
            Engine::Postgres(db) => db.connections(),
        }
    }

    /// Runs a short read on this thread, such as a lookup by key. In a file it takes microseconds and never waits for a
    /// scan. On a server it waits for the network.
    ///
    /// # Errors
    /// `Unavailable` if no connection becomes free in time, and the errors of `work`.
    pub fn get<T>(&self, work: impl FnOnce(&Session<'_, D>) -> Result<T>) -> Result<T> {
        if matches!(self.engine, Engine::File(_)) {
            return self.look_up(work);
        }
        let (mut work, mut outcome) = (Some(work), None);
        blocking(&mut || outcome = work.take().map(|work| self.look_up(work)));
        outcome.unwrap_or_else(|| Err(Error::internal("a lookup did not run")))
    }

    fn look_up<T>(&self, work: impl FnOnce(&Session<'_, D>) -> Result<T>) -> Result<T> {
        let lookup = match &self.engine {
            Engine::File(db) => Lookup::File(db.look_up()?),
            Engine::Postgres(db) => Lookup::Postgres(db.look_up()?),
        };
        let outcome = work(&Session::new(lookup.connection(), &self.tools, None));
        lookup.end()?;
        outcome
    }

    /// Runs a read that may scan or decompress a lot on another thread, when it is the tenant's turn.
    ///
    /// # Errors
    /// `RateLimited` if too many reads of the tenant are waiting, and the errors of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        tenant: Uuid,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read_in_turn(Some(tenant), work).await
    }

    /// Runs a read of the server itself, across all tenants.
    ///
    /// # Errors
    /// The errors of `work`.
    pub async fn survey<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read_in_turn(None, work).await
    }

    async fn read_in_turn<T: Send + 'static>(
        &self,
        tenant: Option<Uuid>,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, outcome) = read_job(Arc::clone(&self.tools), work);
        let turn = turn(&self.turns, tenant).await?;
        match &self.engine {
            Engine::File(db) => db.read(job, turn)?,
            Engine::Postgres(db) => db.read(job, turn)?,
        }
        outcome.await.map_err(|_| STOPPING)?
    }

    /// Runs `work` in a transaction, and returns after its commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(true, work)?.await.map_err(|_| STOPPING)?
    }

    /// Like [`Db::write`], for work that changes nothing that is cached, such as an entry of the audit log: cached
    /// results stay valid.
    pub async fn write_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(false, work)?.await.map_err(|_| STOPPING)?
    }

    /// Like [`Db::write_aside`], before all writes that wait for a connection.
    pub(in crate::store) async fn write_first<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, outcome) = write_job(false, work);
        match &self.engine {
            Engine::File(db) => db.write(job)?,
            Engine::Postgres(db) => db.write_first(job),
        }
        outcome.await.map_err(|_| STOPPING)?
    }

    /// Like [`Db::write`], for threads that may block.
    pub fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, outcome) = write_job(true, work);
        match &self.engine {
            Engine::File(db) => db.write(job)?,
            Engine::Postgres(db) => db.write_here(job),
        }
        outcome.blocking_recv().map_err(|_| STOPPING)?
    }

    fn submit<T: Send + 'static>(
        &self,
        changes: bool,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (job, outcome) = write_job(changes, work);
        match &self.engine {
            Engine::File(db) => db.write(job)?,
            Engine::Postgres(db) => db.write(job)?,
        }
        Ok(outcome)
    }

    /// Copies the write-ahead log of a file into the file as far as no reader needs it. Committed transactions then
    /// survive a power failure, even if the durability setting does not ask for it.
    pub(in crate::store) fn copy_log(&self) {
        if let Engine::File(db) = &self.engine {
            db.copy_log();
        }
    }

    /// Like [`Db::copy_log`], on another thread. Returns whether no reader needed a part of the log.
    pub(in crate::store) async fn copy_log_aside(&self) -> bool {
        match &self.engine {
            Engine::File(db) => db.copy_log_aside().await,
            Engine::Postgres(_) => true,
        }
    }

    /// Copies the write-ahead log of a file into the file and empties the log, unless a reader uses it.
    pub(in crate::store) fn empty_log(&self) {
        if let Engine::File(db) = &self.engine {
            db.empty_log();
        }
    }

    /// Writes everything in the queue, and closes every connection.
    pub(in crate::store) fn close(&self) {
        match &self.engine {
            Engine::File(db) => db.close(),
            Engine::Postgres(db) => db.close(),
        }
    }
}

const STOPPING: Error = Error::Unavailable("the server is stopping");

impl Lookup {
    fn connection(&self) -> sql::Connection<'_> {
        match self {
            Self::File(lookup) => sql::Connection::Sqlite(lookup.connection()),
            Self::Postgres(lookup) => sql::Connection::Postgres(lookup.connection()),
        }
    }

    fn end(&self) -> Result<()> {
        match self {
            Self::File(lookup) => lookup.end(),
            Self::Postgres(lookup) => {
                lookup.end();
                Ok(())
            }
        }
    }
}
