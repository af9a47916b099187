//! The connections of one datasource: a few at once, kept while idle, and stopped when their query's caller goes away.
use crate::{Error, Result};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How old a connection may get.
const LIFETIME: Duration = Duration::from_mins(30);
/// How long it may take to stop what a caller has left behind.
const ABANDON: Duration = Duration::from_secs(10);

/// How connections to one server come and go.
pub(super) trait Dial: Send + Sync + 'static {
    type Connection: Send + 'static;
    fn dial(&self) -> impl Future<Output = Result<Self::Connection>> + Send;
    fn is_open(connection: &Self::Connection) -> bool;
    /// Whether a connection that has rested still answers. True where asking would cost more than finding out later.
    fn wakes(&self, _: &mut Self::Connection) -> impl Future<Output = bool> + Send {
        async { true }
    }
    /// Stops what runs on a connection, on the server too, and closes it. False when the server could not be told.
    fn abandon(&self, connection: Self::Connection) -> impl Future<Output = bool> + Send;
}

pub(super) struct Pool<D: Dial> {
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

/// A connection for one query. Dropped before [`Lease::finish`], it stops what runs and closes.
pub(super) struct Lease<D: Dial> {
    pool: Arc<Pool<D>>,
    held: Option<Held<D::Connection>>,
    _turn: OwnedSemaphorePermit,
}

impl<D: Dial> Pool<D> {
    /// At most `size` connections serve queries at once.
    pub fn new(dialer: D, size: usize) -> Self {
        Self { dialer, idle: Mutex::default(), turns: Arc::new(Semaphore::new(size)) }
    }

    /// A connection: an idle one, or a new one.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease<D>> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)?;
        let held = loop {
            // boxed: to dial takes much more room than to ask
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

    #[allow(clippy::expect_used)] // only `finish` and `drop` take it, and both end the lease
    fn held(&mut self) -> &mut Held<D::Connection> {
        self.held.as_mut().expect("a lease holds a connection until it ends")
    }

    /// Whether the connection has served a query before: it may have broken meanwhile.
    pub fn rested(&mut self) -> bool {
        self.held().used
    }

    /// A new connection in place of one that has broken.
    pub async fn replace(&mut self) -> Result<()> {
        self.held = Some(Held::new(Box::pin(self.pool.dialer.dial()).await?));
        Ok(())
    }

    /// A connection that nobody has used yet, in place of one that has served a query.
    ///
    /// # Errors
    /// Those of dialling.
    pub async fn renew(&mut self) -> Result<()> {
        if self.rested() { self.replace().await } else { Ok(()) }
    }

    /// The query is over, and the connection is not to be used again.
    pub fn close(mut self) {
        self.held = None;
    }

    /// The query is over: the connection may serve the next.
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
