//! Reads of a database file: lookups by key on the calling thread, everything else on reader threads.
use super::Connect;
use crate::{
    Error, Result,
    store::{
        database::jobs::{ReadJob, readers},
        sql,
    },
    turns::Turn,
};
use rusqlite::Connection;
use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The niceness of reader threads, so that the threads that answer requests have priority.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;
/// How long a lookup waits for a connection, which blocks the thread of a request. There are more connections than
/// threads that answer requests.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(1);

/// Creates the connections for lookups: more than there are threads that use them.
pub(super) fn lookups(connect: Connect) -> Result<r2d2::Pool<Connect>> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let size = u32::try_from(processors + 6).unwrap_or(64);
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

/// Begins or ends a read transaction, so that all its statements see the same state.
pub(super) fn run(db: &Connection, sql: &str) -> Result<()> {
    db.prepare_cached(sql)?.execute(())?;
    Ok(())
}

/// Reader threads. Each opens its connection on first use.
pub(super) struct Readers {
    jobs: Mutex<Option<mpsc::Sender<(ReadJob, Turn)>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(connect: &Connect) -> Result<Self> {
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
        Ok(Self { jobs: Mutex::new(Some(sender)), threads })
    }

    /// Passes a read to the threads.
    pub(super) fn submit(&self, job: ReadJob, turn: Turn) -> Result<()> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = jobs.as_ref().and_then(|jobs| jobs.send((job, turn)).ok());
        sent.ok_or(Error::Unavailable("the server is stopping"))
    }

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
            job(run(open, "begin").map(|()| sql::Connection::of(open)), turn);
            // a connection whose transaction cannot be ended is not used again
            if run(open, "rollback").is_err() && !open.is_autocommit() {
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
