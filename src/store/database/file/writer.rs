//! The writer of a database file: runs queued writes in one transaction, and publishes what they changed.
use crate::{
    Error, Result,
    store::{
        database::{
            jobs::{WriteJob, WriteTools},
            ledger::Ledger,
            session::Tools,
            signals::CommitSignals,
        },
        sql::{self, SqlResult},
    },
};
use rusqlite::{Connection, TransactionBehavior};
use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

/// The most writes that may wait for the writer before further ones are refused.
const QUEUE: usize = 16_384;
/// The most writes in a commit. Limits how long the first of them waits.
const BATCH: usize = 512;

/// The thread that writes, and its queue. `None` stops it.
pub(super) struct FileWriter {
    jobs: mpsc::SyncSender<Option<Box<dyn WriteJob>>>,
    thread: Mutex<Option<thread::JoinHandle<()>>>,
}

impl FileWriter {
    pub(super) fn start(mut db: Connection, signals: Arc<CommitSignals>, tools: Arc<Tools>) -> Result<Self> {
        let (jobs, queue) = mpsc::sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_loop(&mut db, &queue, &signals, &tools))?;
        Ok(Self { jobs, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn submit(&self, job: Box<dyn WriteJob>) -> Result<()> {
        self.jobs.try_send(Some(job)).map_err(|error| match error {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many writes are waiting: try again"),
            mpsc::TrySendError::Disconnected(_) => Error::Unavailable("the server is stopping"),
        })
    }

    /// Writes everything in the queue, and ends the thread.
    pub(super) fn stop(&self) {
        let _ = self.jobs.send(None);
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

/// Runs each queued write in a savepoint, commits the batch, then sends the results.
fn write_loop(
    db: &mut Connection,
    jobs: &mpsc::Receiver<Option<Box<dyn WriteJob>>>,
    signals: &CommitSignals,
    tools: &Tools,
) {
    let ledger = Ledger::default();
    let mut is_last = false;
    while !is_last && let Ok(Some(first)) = jobs.recv() {
        let mut batch = vec![first];
        for next in jobs.try_iter().take(BATCH - 1) {
            let Some(next) = next else {
                is_last = true;
                break;
            };
            batch.push(next);
        }
        let committed = write_batch(db, &mut batch, tools, &ledger);
        signals.publish(batch.iter().any(|job| job.changes()), batch.iter().any(|job| job.regrants()));
        match &committed {
            Ok(added) => signals.add_written(*added),
            Err(error) => {
                ledger.clear();
                tracing::error!(%error, "a transaction could not be written");
            }
        }
        for job in batch {
            job.finish(committed.as_ref().map(|_| ()).map_err(Error::from));
        }
    }
}

/// Returns how many bytes of tenants' data were added.
fn write_batch(db: &mut Connection, batch: &mut [Box<dyn WriteJob>], tools: &Tools, ledger: &Ledger) -> SqlResult<u64> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        let db = sql::Connection::of(&tx);
        tx.prepare_cached("savepoint job")?.execute(())?;
        let kept = job.run(WriteTools { db, tools, ledger });
        if !kept {
            tx.prepare_cached("rollback to job")?.execute(())?;
        }
        ledger.settle(kept);
        tx.prepare_cached("release job")?.execute(())?;
    }
    let added = ledger.flush(sql::Connection::of(&tx))?;
    tx.commit()?;
    Ok(added)
}
