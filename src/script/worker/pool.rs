//! The script workers: started on demand, reused, and ended when they are idle.
use super::{link::Worker, task::ScopedJob, wire::ScriptOutcome};
use crate::turns::Turn;
use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

/// After this many jobs, or if it holds this many KiB of memory, a worker is replaced.
const JOBS: u32 = 10_000;
const KIB: usize = 32 << 10;
/// How long the last idle worker is kept, and how long the others are.
const LAST: Duration = Duration::from_mins(5);
const OTHERS: Duration = Duration::from_secs(30);
const SWEEP: Duration = Duration::from_secs(10);
/// How long a worker may take to clean up after a job, and to stop a cancelled one.
const CLEAR: Duration = Duration::from_secs(2);
const GIVE_UP: Duration = Duration::from_millis(100);

pub(in crate::script) struct WorkerPool {
    program: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The most recently used worker is last.
    idle: Vec<(Worker, Instant)>,
    is_swept: bool,
    is_closed: bool,
}

impl WorkerPool {
    /// Creates a pool that starts workers from `program`, or from this process's own program.
    pub fn new(program: Option<PathBuf>) -> Arc<Self> {
        Arc::new(Self { program: program.or_else(own_program), state: Mutex::default() })
    }

    /// Returns a worker, for as long as the turn lasts.
    ///
    /// # Errors
    /// If no process can be started.
    pub fn lease(self: &Arc<Self>, turn: Turn) -> io::Result<WorkerLease> {
        let worker = loop {
            let idle = self.lock().idle.pop();
            let Some((mut worker, _)) = idle else { break self.start()? };
            if worker.is_alive() {
                break worker;
            }
        };
        let held = Some((worker, turn));
        Ok(WorkerLease { held, pool: Arc::clone(self), is_sent: false, longest: 0 })
    }

    /// Ends the idle workers, and keeps no others from now on.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    fn start(&self) -> io::Result<Worker> {
        match &self.program {
            Some(program) => Worker::spawn(program),
            None => without_program(),
        }
    }

    fn keep(self: &Arc<Self>, worker: Worker) {
        let mut state = self.lock();
        if state.is_closed {
            return;
        }
        state.idle.push((worker, Instant::now()));
        if !state.is_swept {
            state.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the program of this process, even if its file was replaced meanwhile. Unit tests have none to start.
fn own_program() -> Option<PathBuf> {
    let own = Path::new("/proc/self/exe");
    match () {
        () if cfg!(test) => None,
        () if own.exists() => Some(own.to_owned()),
        () => std::env::current_exe().ok(),
    }
}

#[cfg(not(test))]
fn without_program() -> io::Result<Worker> {
    Err(io::Error::other("the path of the program is unknown on this platform"))
}

/// Starts the worker as a thread, which cannot be killed.
#[cfg(test)]
fn without_program() -> io::Result<Worker> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    std::thread::spawn(move || super::serve(theirs.try_clone()?, theirs, |_| ()));
    let (output, input) = tokio::net::UnixStream::from_std(ours)?.into_split();
    Ok(Worker::new(input, output, None))
}

/// Ends idle workers until none are left.
async fn sweep(pool: Weak<WorkerPool>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut state = pool.lock();
        let last = state.idle.len().saturating_sub(1);
        let mut place = 0;
        let gone: Vec<_> = state
            .idle
            .extract_if(.., |(_, since)| {
                let most = if place == last { LAST } else { OTHERS };
                place += 1;
                since.elapsed() >= most
            })
            .collect();
        let is_over = state.idle.is_empty();
        state.is_swept = !is_over;
        drop(state);
        drop(gone);
        if is_over {
            return;
        }
    }
}

/// A worker for one job. The turn ends when the worker is ready for another job, or has ended.
pub(in crate::script) struct WorkerLease {
    held: Option<(Worker, Turn)>,
    pool: Arc<WorkerPool>,
    /// Whether the worker has the whole job.
    is_sent: bool,
    /// The maximum size of the job's outcome, in bytes.
    longest: usize,
}

impl WorkerLease {
    /// Runs the job. Dropping the lease meanwhile stops it.
    ///
    /// # Errors
    /// If the worker can no longer be used. [`WorkerLease::end`] then returns how it ended.
    pub async fn run(&mut self, task: &Arc<ScopedJob>) -> io::Result<ScriptOutcome> {
        self.longest = task.job.bounds.longest_outcome(task.job.programs.len());
        let Some((worker, _)) = &mut self.held else { return Err(io::ErrorKind::NotConnected.into()) };
        worker.run(task, &mut self.is_sent).await
    }

    /// Whether the worker has run other jobs before.
    pub fn is_reused(&self) -> bool {
        self.held.as_ref().is_some_and(|(worker, _)| worker.served > 1)
    }

    /// Ends the lease of a finished job: the worker cleans up and waits for another.
    pub fn finish(mut self) {
        let Some((mut worker, turn)) = self.held.take() else { return };
        let pool = Arc::clone(&self.pool);
        tokio::spawn(async move {
            match tokio::time::timeout(CLEAR, worker.ready()).await {
                Ok(Ok(kib)) if worker.served < JOBS && kib <= KIB => pool.keep(worker),
                _ => worker.kill().await,
            }
            drop(turn);
        });
    }

    /// Kills the worker, whatever it is doing.
    pub fn kill(mut self) {
        let Some((worker, turn)) = self.held.take() else { return };
        tokio::spawn(async move {
            worker.kill().await;
            drop(turn);
        });
    }

    /// Returns how the worker ended; kills it if it has not.
    pub async fn end(mut self) -> Option<ExitStatus> {
        let (worker, turn) = self.held.take()?;
        let status = worker.end().await;
        drop(turn);
        status
    }
}

impl Drop for WorkerLease {
    /// Cancels the job, because nobody waits for it any longer.
    fn drop(&mut self) {
        let Some((mut worker, turn)) = self.held.take() else { return };
        // without a runtime everything ends anyway, and the worker with its handle
        let Ok(runtime) = Handle::try_current() else { return };
        let (pool, longest, is_sent) = (Arc::clone(&self.pool), self.longest, self.is_sent);
        runtime.spawn(async move {
            let given_up = is_sent && matches!(tokio::time::timeout(GIVE_UP, worker.cancel(longest)).await, Ok(Ok(())));
            if given_up {
                WorkerLease { held: Some((worker, turn)), pool, is_sent: false, longest }.finish();
            } else {
                worker.kill().await;
                drop(turn);
            }
        });
    }
}
