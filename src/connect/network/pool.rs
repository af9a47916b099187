//! Connection pools: bounded, with idle connections kept for reuse. A query is stopped when its caller disconnects.
use crate::{Error, Result};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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
    fn wakes(&self, _: &mut Self::Connection) -> impl Future<Output = bool> + Send {
        async { true }
    }
    /// Stops the running query, also on the server, and closes the connection. Returns false if the server could not be
    /// reached.
    fn abandon(&self, connection: Self::Connection) -> impl Future<Output = bool> + Send;
}

pub struct Pool<D: Dial> {
    pub dialer: D,
    idle: Mutex<Vec<Held<D::Connection>>>,
    turns: Arc<Semaphore>,
}

struct Held<C> {
    connection: C,
    born: Instant,
    /// Whether it has served a query.
    used: bool,
}

impl<C> Held<C> {
    fn new(connection: C) -> Self {
        Self { connection, born: Instant::now(), used: false }
    }
}

/// A connection for one query. If it is dropped before [`Lease::finish`], the query is stopped and the connection
/// closed.
pub struct Lease<D: Dial> {
    pool: Arc<Pool<D>>,
    held: Option<Held<D::Connection>>,
    _turn: OwnedSemaphorePermit,
}

impl<D: Dial> Pool<D> {
    /// Creates a pool of at most `size` connections in use at once.
    pub fn new(dialer: D, size: usize) -> Self {
        Self { dialer, idle: Mutex::default(), turns: Arc::new(Semaphore::new(size)) }
    }

    /// Waits for a free slot and returns an idle connection or a new one.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease<D>> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)?;
        let held = loop {
            // boxed: the future of connecting is much larger than that of a check
            let Some(mut held) = self.take_idle() else { break Held::new(Box::pin(self.dialer.dial()).await?) };
            if self.dialer.wakes(&mut held.connection).await {
                break held;
            }
        };
        Ok(Lease { pool: Arc::clone(self), held: Some(held), _turn: turn })
    }

    fn take_idle(&self) -> Option<Held<D::Connection>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(held) = idle.pop() {
            if D::is_open(&held.connection) && held.born.elapsed() < LIFETIME {
                return Some(held);
            }
        }
        None
    }
}

impl<D: Dial> Lease<D> {
    pub fn connection(&mut self) -> &mut D::Connection {
        &mut self.held().connection
    }

    #[allow(clippy::expect_used)] // only `close`, `finish` and `drop` take it, and each ends the lease
    fn held(&mut self) -> &mut Held<D::Connection> {
        self.held.as_mut().expect("a lease holds a connection until it ends")
    }

    /// Returns whether the connection was used before: it may have broken while idle.
    pub fn rested(&mut self) -> bool {
        self.held().used
    }

    /// Replaces a broken connection with a new one.
    pub async fn replace(&mut self) -> Result<()> {
        self.held = Some(Held::new(Box::pin(self.pool.dialer.dial()).await?));
        Ok(())
    }

    /// Replaces the connection with a new one if it was used before.
    ///
    /// # Errors
    /// Those of [`Dial::dial`].
    pub async fn renew(&mut self) -> Result<()> {
        if self.rested() { self.replace().await } else { Ok(()) }
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

impl<D: Dial> Drop for Lease<D> {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let pool = Arc::clone(&self.pool);
        runtime.spawn(async move {
            let stopped = tokio::time::timeout(ABANDON, pool.dialer.abandon(held.connection)).await;
            if stopped != Ok(true) {
                tracing::debug!("a query could not be stopped on its server");
            }
        });
    }
}
