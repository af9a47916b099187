//! What a tenant's statements may add to the disk: the pages of the database by `max_page_count`, its journals and what
//! it sorts in temporary files by looking at them while the statement runs.
use super::{memory::Crowd, said, spill};
use crate::{
    Error, Result,
    connect::sql::Compiled,
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

/// How often a running statement is looked at.
const LOOK: Duration = Duration::from_millis(1);
/// How often what it has written is.
const LOOK_AT_TEMPORARY: Duration = Duration::from_millis(10);
/// When a statement that was stopped because of the memory of all may be tried again.
const CROWD: Duration = Duration::from_secs(5);
/// How long a statement that only reads may go on while the disk is low: its sorting may fill the rest.
const BRIEF: Duration = Duration::from_secs(1);

/// The limits of one connection.
pub(super) struct Watch {
    space: Option<Arc<FileSpace>>,
    crowd: Option<Crowd>,
    /// The file that counts towards the tenant's quota; none for one in a folder that the operator has opened.
    counted: Option<PathBuf>,
    state: Mutex<State>,
    /// Set while statements of our own run.
    trusted: AtomicBool,
}

#[derive(Default)]
struct State {
    growth: Option<Growth>,
    temporary: Option<Sorting>,
    stopped: Option<Error>,
}

/// What a statement has in temporary files.
struct Sorting {
    taken: Temporary,
    /// What its thread had written at the first look: a short statement has nothing to count.
    before: Option<u64>,
}

impl Sorting {
    /// Counts what it has now: all that a statement has written which `only_reads`.
    fn look(&mut self, only_reads: bool) -> Result<()> {
        let Some(written) = spill::written() else { return Ok(()) };
        let since = written.saturating_sub(*self.before.get_or_insert(written));
        self.taken.set(if only_reads { since } else { spill::at_most(since) })
    }
}

/// From before a statement is prepared until it is gone, and its temporary files with it.
pub(super) struct Run<'w>(&'w Watch);

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let sorting = self.0.state().temporary.take();
        drop(sorting);
    }
}

/// Ends what [`Watch::allow`] began.
pub(super) struct Allowed<'w>(&'w Watch);

impl Drop for Allowed<'_> {
    fn drop(&mut self) {
        let growth = self.0.state().growth.take();
        drop(growth);
    }
}

impl Watch {
    pub fn new(space: Option<Arc<FileSpace>>, crowd: Option<Crowd>, counted: Option<PathBuf>) -> Self {
        Self { space, crowd, counted, state: Mutex::default(), trusted: AtomicBool::new(false) }
    }

    /// Whether what its statements add to the disk is counted.
    pub fn is_limited(&self) -> bool {
        self.space.is_some()
    }

    /// Before a statement is prepared, on the thread that runs it to its end.
    pub fn begin(&self) -> Run<'_> {
        let sorting = |space: &Arc<FileSpace>| Sorting { taken: space.temporary(), before: None };
        self.state().temporary = self.space.as_ref().map(sorting);
        Run(self)
    }

    /// Whether the authorizer lets everything pass.
    pub fn trusts(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    pub fn trust(&self, on: bool) {
        self.trusted.store(on, Ordering::Relaxed);
    }

    /// Before a statement that writes: gives it what the quota leaves.
    ///
    /// # Errors
    /// `QuotaExceeded`, `Unavailable`.
    pub fn allow(&self, connection: &Connection) -> Result<Allowed<'_>> {
        if let Some(space) = &self.space {
            space.check_disk()?;
            let growth = self.counted.as_deref().map(|path| space.grow(path)).transpose()?.flatten();
            if let Some(growth) = growth {
                let page: u64 = connection
                    .pragma_query_value(None, "page_size", |row| row.get(0))
                    .map_err(|error| said(&error, None))?;
                self.trust(true);
                let set = connection.pragma_update(None, "max_page_count", growth.most() / page.max(1));
                self.trust(false);
                set.map_err(|error| said(&error, None))?;
                self.state().growth = Some(growth);
            }
        }
        Ok(Allowed(self))
    }

    /// A look at a running statement, at times; true stops it.
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

    /// Whether the statement that has run for so long must stop; what it has in temporary files is looked at at times.
    fn must_stop(&self, elapsed: Duration, temporary: bool) -> bool {
        if temporary && self.crowd.as_ref().is_some_and(Crowd::must_yield) {
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

    /// What the library said, or why the statement was stopped.
    pub fn told(&self, error: &rusqlite::Error, statement: Option<&Compiled>) -> Error {
        let mut state = self.state();
        match (error.sqlite_error_code(), &state.growth) {
            (Some(ErrorCode::OperationInterrupted), _) => {
                state.stopped.take().unwrap_or_else(|| said(error, statement))
            }
            (Some(ErrorCode::DiskFull), Some(growth)) => growth.refusal(),
            _ => said(error, statement),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
