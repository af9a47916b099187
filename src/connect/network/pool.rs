//! Connection pools: bounded, with idle connections kept for reuse. A query is stopped when its caller disconnects.
use crate::{Error, Result};
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The maximum age of a connection.
const LIFETIME: Duration = Duration::from_mins(30);
/// Timeout for stopping an abandoned query.
const ABANDON: Duration = Duration::from_secs(10);

/// How to open, check and close connections to one server.
pub trait Dial: Send + Sync + 'static {
    type Connection: Send + 'static;
    fn dial(&self) -> impl Future<Output = Result<Self::Connection>> + Send;
    fn is_open(connection: &Self::Connection) -> bool;
    /// Returns whether an idle connection still works. The default is true, for servers where a check costs more than a
    /// failed query.
    fn is_alive(&self, _: &mut Self::Connection) -> impl Future<Output = bool> + Send {
        async { true }
    }
    /// Stops the running query, also on the server, and closes the connection. Returns false if the server could not be
    /// reached.
    fn abandon(&self, connection: Self::Connection) -> impl Future<Output = bool> + Send;
}

pub struct ConnectionPool<D: Dial> {
    pub dialer: D,
    idle: Mutex<Vec<IdleConnection<D::Connection>>>,
    turns: Arc<Semaphore>,
    /// How many callers have or open a connection.
    busy: AtomicUsize,
    /// Tells one waiting caller that a connection may be free.
    ended: Notify,
}

struct IdleConnection<C> {
    connection: C,
    born: Instant,
    /// Whether it has served a query.
    used: bool,
}

impl<C> IdleConnection<C> {
    fn new(connection: C) -> Self {
        Self { connection, born: Instant::now(), used: false }
    }
}

/// A connection for one query. If it is dropped before [`ConnectionLease::finish`], the query is stopped and the
/// connection closed.
pub struct ConnectionLease<D: Dial> {
    pool: Arc<ConnectionPool<D>>,
    held: Option<IdleConnection<D::Connection>>,
    busy: Option<Busy<D>>,
    _turn: OwnedSemaphorePermit,
}

/// Counts a caller as one that has or opens a connection, until it is dropped.
struct Busy<D: Dial>(Option<Arc<ConnectionPool<D>>>);

impl<D: Dial> Busy<D> {
    fn new(pool: &Arc<ConnectionPool<D>>) -> Self {
        pool.busy.fetch_add(1, Ordering::SeqCst);
        Self(Some(Arc::clone(pool)))
    }

    /// Ends without a connection. Returns whether another caller has one, opens one, or has just returned one.
    fn fail(mut self) -> bool {
        let Some(pool) = self.0.take() else { return false };
        let others = pool.busy.fetch_sub(1, Ordering::SeqCst) > 1;
        others || !pool.idle.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl<D: Dial> Drop for Busy<D> {
    fn drop(&mut self) {
        if let Some(pool) = &self.0 {
            pool.busy.fetch_sub(1, Ordering::SeqCst);
            pool.ended.notify_one();
        }
    }
}

impl<D: Dial> ConnectionPool<D> {
    /// Creates a pool of at most `size` connections in use at once.
    pub fn new(dialer: D, size: usize) -> Self {
        let turns = Arc::new(Semaphore::new(size));
        Self { dialer, idle: Mutex::default(), turns, busy: AtomicUsize::new(0), ended: Notify::new() }
    }

    /// Waits for a free slot and returns an idle connection or a new one.
    pub async fn lease(self: &Arc<Self>) -> Result<ConnectionLease<D>> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)?;
        let (held, busy) = loop {
            let busy = Busy::new(self);
            if let Some(mut held) = self.take_idle() {
                if self.dialer.is_alive(&mut held.connection).await {
                    break (held, busy);
                }
                continue;
            }
            // from before the attempt, so that no end is missed
            let mut ended = pin!(self.ended.notified());
            ended.as_mut().enable();
            // boxed: the future of connecting is much larger than that of a check
            match Box::pin(self.dialer.dial()).await {
                Ok(connection) => break (IdleConnection::new(connection), busy),
                // servers and poolers may accept fewer connections than `size`
                Err(_) if busy.fail() => ended.await,
                Err(error) => {
                    self.ended.notify_one();
                    return Err(error);
                }
            }
        };
        Ok(ConnectionLease { pool: Arc::clone(self), held: Some(held), busy: Some(busy), _turn: turn })
    }

    fn take_idle(&self) -> Option<IdleConnection<D::Connection>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(held) = idle.pop() {
            if D::is_open(&held.connection) && held.born.elapsed() < LIFETIME {
                return Some(held);
            }
        }
        None
    }
}

impl<D: Dial> ConnectionLease<D> {
    pub fn connection(&mut self) -> &mut D::Connection {
        &mut self.held().connection
    }

    #[allow(clippy::expect_used)] // only `close`, `finish` and `drop` take it, and each ends the lease
    fn held(&mut self) -> &mut IdleConnection<D::Connection> {
        self.held.as_mut().expect("a lease holds a connection until it ends")
    }

    /// Returns whether the connection was used before: it may have broken while idle.
    pub fn was_reused(&mut self) -> bool {
        self.held().used
    }

    /// Replaces a broken connection with a new one.
    pub async fn replace(&mut self) -> Result<()> {
        self.held = Some(IdleConnection::new(Box::pin(self.pool.dialer.dial()).await?));
        Ok(())
    }

    /// Replaces the connection with a new one if it was used before.
    ///
    /// # Errors
    /// Those of [`Dial::dial`].
    pub async fn renew(&mut self) -> Result<()> {
        if self.was_reused() { self.replace().await } else { Ok(()) }
    }

    /// Ends the lease and closes the connection.
    pub fn close(mut self) {
        self.held = None;
    }

    /// Ends the lease and returns the connection to the pool.
    pub fn finish(mut self) {
        if let Some(mut held) = self.held.take().filter(|held| D::is_open(&held.connection)) {
            held.used = true;
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(held);
        }
    }
}

impl<D: Dial> Drop for ConnectionLease<D> {
    fn drop(&mut self) {
        let (Some(held), Ok(runtime)) = (self.held.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (pool, busy) = (Arc::clone(&self.pool), self.busy.take());
        runtime.spawn(async move {
            let stopped = tokio::time::timeout(ABANDON, pool.dialer.abandon(held.connection)).await;
            if stopped != Ok(true) {
                tracing::debug!("a query could not be stopped on its server");
            }
            drop(busy);
        });
    }
}
