//! The writer of a database file: runs queued writes in one transaction, and publishes what they changed.
use super::{
    db::{Session, Tools},
    ledger::Ledger,
};
use crate::{
    Error, Result,
    store::sql::{self, SqlResult},
};
use rusqlite::{Connection, TransactionBehavior};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
};
use tokio::sync::{oneshot, watch};

/// The most writes in a commit. Limits how long the first of them waits.
const BATCH: usize = 512;

/// The queue of the writer. `None` stops it.
pub(super) type WriteQueue = mpsc::Receiver<Option<Box<dyn WriteJob>>>;

/// What a write uses.
#[derive(Clone, Copy)]
pub(super) struct WriteTools<'c> {
    db: sql::Connection<'c>,
    tools: &'c Tools,
    ledger: &'c Ledger,
}

/// A queued write: runs in a savepoint, then gets the result of the commit.
pub(super) trait WriteJob: Send {
    /// Returns whether to keep the savepoint.
    fn run(&mut self, desk: WriteTools<'_>) -> bool;
    /// Whether it may have changed what others cache.
    fn changes(&self) -> bool;
    /// Whether it has changed permissions.
    fn regrants(&self) -> bool;
    fn finish(self: Box<Self>, committed: Result<()>);
}

/// A write, and where its result is sent.
struct Write<F, T> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    changes: bool,
    regrants: bool,
    answer: oneshot::Sender<Result<T>>,
}

/// Creates a job, and the receiver of its result. `changes` is false for work that changes nothing that is cached.
pub(super) fn job<D: 'static, T: Send + 'static>(
    changes: bool,
    work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
) -> (Box<dyn WriteJob>, oneshot::Receiver<Result<T>>) {
    let (answer, outcome) = oneshot::channel();
    let work = move |WriteTools { db, tools, ledger }: WriteTools<'_>| {
        let session = Session::new(db, tools, Some(ledger));
        (work(&session), session.has_regranted())
    };
    (Box::new(Write { work: Some(work), outcome: None, changes, regrants: false, answer }), outcome)
}

impl<F, T> WriteJob for Write<F, T>
where
    F: FnOnce(WriteTools<'_>) -> (Result<T>, bool) + Send,
    T: Send,
{
    fn run(&mut self, desk: WriteTools<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let (outcome, regrants) = catch_unwind(AssertUnwindSafe(|| work(desk)))
            .unwrap_or_else(|_| (Err(Error::internal("a write panicked")), false));
        let keep = outcome.is_ok();
        self.regrants = keep && regrants;
        self.outcome = Some(outcome);
        keep
    }

    fn changes(&self) -> bool {
        self.changes
    }

    fn regrants(&self) -> bool {
        self.regrants
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)), Err(error)) => Err(error),
            (Some(outcome), _) => outcome,
            (None, committed) => Err(committed.err().unwrap_or_else(|| Error::internal("a write did not run"))),
        };
        // the write is valid even if the caller has gone away
        let _ = self.answer.send(outcome);
    }
}

/// What the writer publishes.
#[derive(Default)]
pub(super) struct CommitSignals {
    /// How many transactions it has ended.
    pub commits: AtomicU64,
    /// How many of them may have changed what is cached.
    pub changes: AtomicU64,
    /// How many of them have changed permissions.
    pub permissions: AtomicU64,
    /// How many bytes of tenants' data were added.
    pub written: AtomicU64,
    pub regrants: watch::Sender<()>,
}

/// Runs each queued write in a savepoint, commits the batch, then sends the results.
pub(super) fn write_loop(db: &mut Connection, jobs: &WriteQueue, signals: &CommitSignals, tools: &Tools) {
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
        // before the results are sent: values cached from before this commit are now invalid
        signals.commits.fetch_add(1, Ordering::Release);
        if batch.iter().any(|job| job.changes()) {
            signals.changes.fetch_add(1, Ordering::Release);
        }
        if batch.iter().any(|job| job.regrants()) {
            signals.permissions.fetch_add(1, Ordering::Release);
            signals.regrants.send_replace(());
        }
        match &committed {
            Ok(added) => drop(signals.written.fetch_add(*added, Ordering::Relaxed)),
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
