//! Who reads a database file: look-ups by key on the spot, everything else on threads of its own, in fair turns.
use super::db::{Connect, Session, Tools};
use crate::{
    Error, Result,
    turns::{Accounts, Turns},
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

/// How many reads may wait for their turn in all. One tenant may have as many waiting as it leaves to others.
const QUEUE: usize = 1024;
/// How long a read waits for its turn at most, and when a caller who got none may try again.
const PATIENCE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_secs(1);
/// How much nicer readers are than the threads that answer requests: those must go on whatever is read.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;
/// How long a look-up waits for a connection. There are more of them than threads that look something up.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(5);

/// The turns of all reads of a store, for both of its files.
pub(super) fn turns(accounts: Accounts) -> Arc<Turns> {
    let readers = readers();
    Turns::new(readers, readers, QUEUE, accounts)
}

/// How many reads there are at once: a tenant gets half of them, so that with less than four it might wait for itself.
fn readers() -> usize {
    processors().max(4)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The connections for look-ups: more than there are threads that look something up here and now.
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

/// Runs `work` so that all its statements see one state. Nothing is written: how it ends does not matter.
pub(super) fn snapshot<D, T>(
    db: &Connection,
    tools: &Tools,
    work: impl FnOnce(&Session<'_, D>) -> Result<T>,
) -> Result<T> {
    db.prepare_cached("begin")?.execute(())?;
    let outcome = work(&Session::new(db, tools, None));
    db.prepare_cached("rollback")?.execute(())?;
    outcome
}

type Job = Box<dyn FnOnce(Result<&Connection>) + Send>;

/// Threads that read, each with a connection that it opens when it is first needed.
pub(super) struct Readers {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    threads: Vec<JoinHandle<()>>,
    turns: Arc<Turns>,
}

impl Readers {
    pub(super) fn start(connect: &Connect, turns: Arc<Turns>) -> Result<Self> {
        let (sender, receiver) = mpsc::channel::<Job>();
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

    /// Runs a read in the tenant's turn, or in the server's own.
    ///
    /// # Errors
    /// `RateLimited` when too many of the tenant's reads wait already, or waited for too long.
    pub(super) async fn read<D: 'static, T: Send + 'static>(
        &self,
        tenant: Option<Uuid>,
        tools: Arc<Tools>,
        work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = match tenant {
            Some(tenant) => tokio::time::timeout(PATIENCE, self.turns.take(tenant)).await.ok().flatten(),
            None => self.turns.take_own().await,
        };
        let Some(turn) = turn else { return Err(Error::RateLimited { retry_after: AGAIN }) };
        let (answer, outcome) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            // nobody waits for it any more
            if answer.is_closed() {
                return;
            }
            let read = || db.and_then(|db| snapshot(db, &tools, work));
            let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Error::internal("a read panicked")));
            // a turn ends with the read, not with its caller, and before the caller hears of it
            drop(turn);
            let _ = answer.send(read);
        });
        let stopping = || Error::Unavailable("the server is stopping");
        let sent =
            self.jobs.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|jobs| jobs.send(job).ok());
        sent.ok_or_else(stopping)?;
        outcome.await.map_err(|_| stopping())?
    }
}

impl Readers {
    /// Begins no more reads, and waits for `patience` for those that were begun.
    pub(super) fn close(&self, patience: Duration) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let begun = Instant::now();
        while begun.elapsed() < patience && !self.threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Readers {
    /// Waits for the reads that were begun, so that no connection is open afterwards.
    fn drop(&mut self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        for thread in self.threads.drain(..) {
            // one that panicked has closed its connection, too
            let _ = thread.join();
        }
    }
}

fn serve(connect: &Connect, jobs: &Mutex<mpsc::Receiver<Job>>) {
    let mut db = None;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if db.is_none() {
            match connect.reader() {
                Ok(opened) => db = Some(opened),
                Err(error) => {
                    job(Err(error.into()));
                    continue;
                }
            }
        }
        if let Some(open) = &db {
            job(Ok(open));
            // a read that panicked has left its transaction open
            if !open.is_autocommit() {
                db = None;
            }
        }
    }
}

/// Lets requests go first where processors are busy. What this thread cannot have, it does without.
#[cfg(target_os = "linux")]
fn be_nice() {
    use rustix::{process, thread::gettid};
    let _ = process::setpriority_process(Some(gettid()), NICENESS);
}

#[cfg(not(target_os = "linux"))]
fn be_nice() {}
