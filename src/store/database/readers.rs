//! Reads of a database file: lookups by key on the calling thread, everything else on reader threads, in fair turns.
use super::db::{Connect, Session, Tools};
use crate::{
    Error, Result,
    store::sql,
    turns::{Accounts, Turn, Turns},
};
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// The most reads that may wait for their turn. A tenant may have at most as many waiting as places remain for others.
const QUEUE: usize = 1024;
/// How long a read waits for its turn, and after which delay a refused caller may try again.
const PATIENCE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_secs(1);
/// The niceness of reader threads, so that the threads that answer requests have priority.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;
/// How long a lookup waits for a connection, which blocks the thread of a request. There are more connections than
/// threads that answer requests.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(1);

/// Creates the turns of all reads, for both databases.
pub fn turns(accounts: Accounts) -> Arc<Turns> {
    let readers = readers();
    Turns::new(readers, readers, QUEUE, accounts)
}

/// Returns the number of concurrent reads. A tenant gets half of them, and with less than four it could wait for
/// itself.
fn readers() -> usize {
    processors().max(4)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Creates the connections for lookups: more than there are threads that use them.
pub(super) fn lookups(connect: Connect) -> Result<r2d2::Pool<Connect>> {
    let size = u32::try_from(processors() + 6).unwrap_or(64);
    Ok(r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(LOOKUP_PATIENCE)
        .error_handler(Box::new(r2d2::NopErrorHandler))
        .build(connect)?)
}

/// Runs `work` in a read transaction, so that all its statements see the same state.
pub(super) fn snapshot<D, T>(
    db: &Connection,
    tools: &Tools,
    work: impl FnOnce(&Session<'_, D>) -> Result<T>,
) -> Result<T> {
    run(db, "begin")?;
    let outcome = work(&Session::new(sql::Connection::of(db), tools, None));
    run(db, "rollback")?;
    outcome
}

fn run(db: &Connection, sql: &str) -> Result<()> {
    db.prepare_cached(sql)?.execute(())?;
    Ok(())
}

/// A read, which ends its turn itself.
type ReadJob = Box<dyn FnOnce(Result<&Connection>, Turn) + Send>;

/// Reader threads. Each opens its connection on first use.
pub(super) struct Readers {
    jobs: Mutex<Option<mpsc::Sender<(ReadJob, Turn)>>>,
    threads: Vec<JoinHandle<()>>,
    turns: Arc<Turns>,
}

impl Readers {
    pub(super) fn start(connect: &Connect, turns: Arc<Turns>) -> Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let read = || {
            let (connect, receiver) = (connect.clone(), Arc::clone(&receiver));
            thread::Builder::new().name("store-reader".to_owned()).spawn(move || {
                be_nice();
                serve(&connect, &receiver);
            })
        };
        let threads = (0..readers()).map(|_| read()).collect::<std::io::Result<_>>()?;
        Ok(Self { jobs: Mutex::new(Some(sender)), threads, turns })
    }

    /// Runs a read when it is the tenant's turn, or the server's own.
    ///
    /// # Errors
    /// `RateLimited` if too many reads of the tenant are waiting, or if this one waited too long.
    pub(super) async fn read<D: 'static, T: Send + 'static>(
        &self,
        tenant: Option<Uuid>,
        tools: Arc<Tools>,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        let job: ReadJob = Box::new(move |db, turn| {
            // the caller has gone away
            if answer.is_closed() {
                return;
            }
            let read = || db.and_then(|db| snapshot(db, &tools, work));
            let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Error::internal("a read panicked")));
            // the turn ends with the read, before the caller gets the result, even if the caller has gone away
            drop(turn);
            let _ = answer.send(read);
        });
        self.submit(tenant, job).await?;
        outcome.await.map_err(|_| stopping())?
    }

    /// Passes a read to the threads when it is its turn.
    async fn submit(&self, tenant: Option<Uuid>, job: ReadJob) -> Result<()> {
        let turn = match tenant {
            Some(tenant) => tokio::time::timeout(PATIENCE, self.turns.take(tenant)).await.ok().flatten(),
            None => self.turns.take_own().await,
        };
        let turn = turn.ok_or(Error::RateLimited { retry_after: AGAIN })?;
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().and_then(|jobs| jobs.send((job, turn)).ok()).ok_or_else(stopping)
    }
}

fn stopping() -> Error {
    Error::Unavailable("the server is stopping")
}

impl Readers {
    /// Starts no more reads, and waits up to `patience` for running ones.
    pub(super) fn close(&self, patience: Duration) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let begun = Instant::now();
        while begun.elapsed() < patience && !self.threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Readers {
    /// Waits for running reads, so that no connection stays open.
    fn drop(&mut self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        for thread in self.threads.drain(..) {
            // a thread that panicked has also closed its connection
            let _ = thread.join();
        }
    }
}

fn serve(connect: &Connect, jobs: &Mutex<mpsc::Receiver<(ReadJob, Turn)>>) {
    let mut db = None;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((job, turn)) = job else { return };
        if db.is_none() {
            match connect.reader() {
                Ok(opened) => db = Some(opened),
                Err(error) => {
                    job(Err(error.into()), turn);
                    continue;
                }
            }
        }
        if let Some(open) = &db {
            job(Ok(open), turn);
            // a read that panicked has left its transaction open
            if !open.is_autocommit() {
                db = None;
            }
        }
    }
}

/// Gives requests priority when processors are busy. It is not a problem if this fails.
#[cfg(target_os = "linux")]
fn be_nice() {
    use rustix::{process, thread::gettid};
    let _ = process::setpriority_process(Some(gettid()), NICENESS);
}

#[cfg(not(target_os = "linux"))]
fn be_nice() {}
