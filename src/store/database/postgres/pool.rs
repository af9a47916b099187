//! The connections to a server. While it cannot be reached, callers get an error at once instead of waiting for it.
use crate::{
    Error, Result,
    store::sql::postgres::{ConnectPostgres, PgSession},
};
use r2d2::PooledConnection;
use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// How long to wait for a connection, and for how long nobody else waits after that was in vain.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(500);
/// How many threads may wait for each connection.
const WAITING: u32 = 16;

const AWAY: Error = Error::Unavailable("the server's database is not available: try again");

pub(super) struct StorePool {
    pool: r2d2::Pool<ConnectPostgres>,
    connect: ConnectPostgres,
    /// How many connections are in use or waited for.
    wanted: Arc<AtomicU32>,
    size: u32,
    /// Until when the server counts as unreachable.
    away: Mutex<Option<Instant>>,
}

/// A connection that is returned when it is dropped.
pub(super) struct StoreLease {
    session: PooledConnection<ConnectPostgres>,
    _wanted: Wanted,
}

struct Wanted(Arc<AtomicU32>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Deref for StoreLease {
    type Target = PgSession;
    fn deref(&self) -> &PgSession {
        &self.session
    }
}

impl StorePool {
    pub(super) fn new(connect: ConnectPostgres, size: u32) -> Result<Self> {
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .idle_timeout(Some(Duration::from_mins(5)))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(connect.clone())?;
        Ok(Self { pool, connect, wanted: Arc::default(), size, away: Mutex::default() })
    }

    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// Waits for a connection on this thread.
    ///
    /// # Errors
    /// `Unavailable` if the server cannot be reached, or too many wait already.
    pub(super) fn lease(&self) -> Result<StoreLease> {
        let wanted = Wanted(Arc::clone(&self.wanted));
        if self.wanted.fetch_add(1, Ordering::AcqRel) >= self.size * WAITING {
            return Err(Error::Unavailable("the server's database is busy: try again"));
        }
        if self.connect.closed.load(Ordering::Acquire) {
            return Err(Error::Unavailable("the server is stopping"));
        }
        if self.away().is_some_and(|until| Instant::now() < until) {
            return Err(AWAY);
        }
        // connections that the server has closed meanwhile are replaced
        for _ in 0..=self.size {
            match self.pool.get() {
                Err(error) => {
                    tracing::warn!(%error, "no connection to the database");
                    *self.away.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE);
                    return Err(AWAY);
                }
                Ok(session) if session.is_broken() => {}
                Ok(session) => return Ok(StoreLease { session, _wanted: wanted }),
            }
        }
        Err(AWAY)
    }

    fn away(&self) -> Option<Instant> {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn close(&self) {
        self.connect.closed.store(true, Ordering::Release);
        // idle connections are discarded when they are returned
        while self.pool.state().idle_connections > 0 && self.pool.try_get().is_some() {}
    }
}
