//! Limits what a tenant's statements add to the disk: the database by `max_page_count`, its journals and temporary
//! files by checks while the statement runs.
use super::{memory::StatementOwner, spill};
use crate::{
    Error, Result,
    connect::{sql::BoundSql, sqlite::to_error},
    quota::{DiskSpace, FileSpace, Growth, Temporary},
};
use rusqlite::{Connection, ErrorCode};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// The interval of checks of a running statement.
const LOOK: Duration = Duration::from_millis(1);
/// The interval of checks of its temporary files.
const LOOK_AT_TEMPORARY: Duration = Duration::from_millis(10);
/// When a statement that was stopped because memory is short may be retried.
const CROWD: Duration = Duration::from_secs(5);
/// How long a read may continue while disk space is low: sorting could fill the rest.
const BRIEF: Duration = Duration::from_secs(1);

/// The limits of one connection.
pub struct StatementWatch {
    space: Option<Arc<FileSpace>>,
    owner: Option<StatementOwner>,
    /// The file that counts towards the tenant's quota; `None` for a file in a shared folder.
    counted: Option<PathBuf>,
    state: Mutex<State>,
    /// Set while internal statements run.
    trusted: AtomicBool,
}

#[derive(Default)]
struct State {
    growth: Option<Growth>,
    temporary: Option<Sorting>,
    stopped: Option<Error>,
}

/// The temporary files of a statement.
struct Sorting {
    taken: Temporary,
    /// The bytes that its thread had written at the first check; a short statement has no check.
    before: Option<u64>,
}

impl Sorting {
    /// Updates the size of the temporary files. With `only_reads`, everything that the statement has written counts.
    fn look(&mut self, only_reads: bool) -> Result<()> {
        let Some(written) = spill::written() else { return Ok(()) };
        let since = written.saturating_sub(*self.before.get_or_insert(written));
        self.taken.set(if only_reads { since } else { spill::at_most(since) })
    }
}

/// Counts the temporary files of a statement, from before it is prepared until it is dropped.
pub struct RunningStatement<'w>(&'w StatementWatch);

impl Drop for RunningStatement<'_> {
    fn drop(&mut self) {
        let sorting = self.0.state().temporary.take();
        drop(sorting);
    }
}

/// Ends what [`StatementWatch::allow`] started.
pub struct AllowedGrowth<'w>(&'w StatementWatch);

impl Drop for AllowedGrowth<'_> {
    fn drop(&mut self) {
        let growth = self.0.state().growth.take();
        drop(growth);
    }
}

impl StatementWatch {
    pub fn new(space: Option<Arc<FileSpace>>, owner: Option<StatementOwner>, counted: Option<PathBuf>) -> Self {
        Self { space, owner, counted, state: Mutex::default(), trusted: AtomicBool::new(false) }
    }

    /// Returns whether disk usage is limited.
    pub fn is_limited(&self) -> bool {
        self.space.is_some()
    }

    /// Starts counting. Call it before a statement is prepared, on the thread that runs it.
    pub fn begin(&self) -> RunningStatement<'_> {
        let sorting = |space: &Arc<FileSpace>| Sorting { taken: space.temporary(), before: None };
        self.state().temporary = self.space.as_ref().map(sorting);
        RunningStatement(self)
    }

    /// Returns whether the authorizer allows everything.
    pub fn trusts(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    pub fn trust(&self, on: bool) {
        self.trusted.store(on, Ordering::Relaxed);
    }

    /// Allows a statement to write up to the rest of the quota; one that only `deletes` may use more. Call
    /// it before a statement that writes.
    ///
    /// # Errors
    /// `QuotaExceeded`, `Unavailable`.
    pub fn allow(&self, connection: &Connection, deletes: bool) -> Result<AllowedGrowth<'_>> {
        if let Some(space) = &self.space {
            space.check_disk()?;
            let growth = self.counted.as_deref().map(|path| space.grow(path)).transpose()?.flatten();
            if let Some(growth) = growth.map(|growth| if deletes { growth.for_deletion() } else { growth }) {
                let page: u64 = connection
                    .pragma_query_value(None, "page_size", |row| row.get(0))
                    .map_err(|error| to_error(&error, None))?;
                self.trust(true);
                let set = connection.pragma_update(None, "max_page_count", growth.most() / page.max(1));
                self.trust(false);
                set.map_err(|error| to_error(&error, None))?;
                self.state().growth = Some(growth);
            }
        }
        Ok(AllowedGrowth(self))
    }

    /// Returns the check of a running statement, which limits its own rate. True stops the statement.
    pub fn looker(self: &Arc<Self>) -> impl FnMut() -> bool + Send + 'static {
        let (watch, started) = (Arc::clone(self), Instant::now());
        watch.state().stopped = None;
        let (mut next, mut next_temporary) = (started + LOOK, started + LOOK);
        move || {
            let now = Instant::now();
            if now < next {
                return false;
            }
            next = now + LOOK;
            let temporary = now >= next_temporary;
            if temporary {
                next_temporary = now + LOOK_AT_TEMPORARY;
            }
            watch.must_stop(now - started, temporary)
        }
    }

    /// Returns whether a statement that has run for `elapsed` must stop. `temporary` tells whether to check its
    /// temporary files.
    fn must_stop(&self, elapsed: Duration, temporary: bool) -> bool {
        if temporary && self.owner.as_ref().is_some_and(StatementOwner::must_yield) {
            self.state().stopped = Some(Error::RateLimited { retry_after: CROWD });
            return true;
        }
        let Some(space) = &self.space else { return false };
        let mut state = self.state();
        let writes = state.growth.is_some();
        let sorting = state.temporary.as_mut().filter(|_| temporary);
        let sorted = sorting.map_or(Ok(()), |sorting| sorting.look(!writes));
        state.stopped = match &state.growth {
            _ if sorted.is_err() => sorted.err(),
            Some(growth) if growth.is_exhausted() => Some(growth.refusal()),
            _ if space.disk_is_low() && (writes || elapsed > BRIEF) => Some(DiskSpace::refusal()),
            _ => None,
        };
        state.stopped.is_some()
    }

    /// Converts an error of SQLite, or returns why the statement was stopped.
    pub fn to_error(&self, error: &rusqlite::Error, statement: Option<&BoundSql>) -> Error {
        let mut state = self.state();
        match (error.sqlite_error_code(), &state.growth) {
            (Some(ErrorCode::OperationInterrupted), _) => {
                state.stopped.take().unwrap_or_else(|| to_error(error, statement))
            }
            (Some(ErrorCode::DiskFull), Some(growth)) => growth.refusal(),
            _ => to_error(error, statement),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
