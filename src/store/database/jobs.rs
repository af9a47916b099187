//! Reads and writes that wait for their turn, whatever database runs them.
use super::{
    ledger::Ledger,
    session::{Session, Tools},
};
use crate::{
    Error, Result,
    store::sql::Connection,
    turns::{Accounts, Turn, Turns},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// The most reads that may wait for their turn. A tenant may have at most as many waiting as places remain for others.
const QUEUE: usize = 1024;
/// How long a read waits for its turn, and after which delay a refused caller may try again.
const PATIENCE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_secs(1);

/// Creates the turns of all reads, for both databases.
pub fn turns(accounts: Accounts) -> Arc<Turns> {
    let readers = readers();
    Turns::new(readers, readers, QUEUE, accounts)
}

/// Returns the number of concurrent reads. A tenant gets half of them, and with less than four it could wait for
/// itself.
pub(super) fn readers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).max(4)
}

/// Waits for the turn of a tenant, or of the server itself.
///
/// # Errors
/// `RateLimited` if too many reads of the tenant are waiting, or if this one waited too long.
pub(super) async fn turn(turns: &Arc<Turns>, tenant: Option<Uuid>) -> Result<Turn> {
    let turn = match tenant {
        Some(tenant) => tokio::time::timeout(PATIENCE, turns.take(tenant)).await.ok().flatten(),
        None => turns.take_own().await,
    };
    turn.ok_or(Error::RateLimited { retry_after: AGAIN })
}

/// A read in a transaction, or the error that prevents it. It ends its turn itself.
pub(super) type ReadJob = Box<dyn FnOnce(Result<Connection<'_>>, Turn) + Send>;

/// Creates a job, and the receiver of its result.
pub(super) fn read_job<D: 'static, T: Send + 'static>(
    tools: Arc<Tools>,
    work: impl FnOnce(&Session<'_, D>) -> Result<T> + Send + 'static,
) -> (ReadJob, oneshot::Receiver<Result<T>>) {
    let (answer, outcome) = oneshot::channel();
    let job: ReadJob = Box::new(move |db, turn| {
        // the caller has gone away
        if answer.is_closed() {
            return;
        }
        let read = || work(&Session::new(db?, &tools, None));
        let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Error::internal("a read panicked")));
        // the turn ends with the read, before the caller gets the result, even if the caller has gone away
        drop(turn);
        let _ = answer.send(read);
    });
    (job, outcome)
}

/// What a write uses.
#[derive(Clone, Copy)]
pub(super) struct WriteTools<'c> {
    pub db: Connection<'c>,
    pub tools: &'c Tools,
    pub ledger: &'c Ledger,
}

/// A queued write: runs in a transaction or a savepoint, then gets the result of the commit.
pub(super) trait WriteJob: Send {
    /// Returns whether to keep its changes.
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
pub(super) fn write_job<D: 'static, T: Send + 'static>(
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
