//! A thread pool for each file: two threads while they keep up, more when work waits behind slow statements. A thread
//! takes the next statement without being woken, because waking is most of the cost of a short statement: in a trial with
//! 32 callers at once, a lookup by key took 14 to 18 µs of processor time and 0.4 context switches, and 38 to 65 µs and
//! 3 switches on a blocking thread for each statement. `cargo bench --bench data -- point` measures the whole engine.
use super::{Database, Open};
use crate::{
    Error, Result,
    turns::{Accounts, Turn, Turns},
};
use std::{
    collections::VecDeque,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    time::sleep,
};

/// The number of threads that start immediately, and the maximum number.
const HOT: usize = 2;
const MOST: usize = 16;
/// Limits for concurrent statements on all files: of all tenants together, and of one tenant. Both exceed the limits
/// for exports, which last as long as their readers take.
const SEATS: usize = 128;
const SHARE: usize = 16;
/// The maximum number of statements that wait for a seat, and `Retry-After` beyond that.
const WAITING: usize = 4096;
const BUSY: Duration = Duration::from_secs(5);
/// The maximum number of threads of all pools. More than seats, because some may still look for work when others start.
const THREADS: usize = 2 * SEATS;
/// How long work waits before another thread is started.
const PATIENCE: Duration = Duration::from_millis(1);
/// The number of checks without waiting work after which watching stops.
const QUIET: u32 = 20;
/// How often a thread without work yields before it ends, because new work may arrive.
const LINGER: u32 = 3;

/// The threads of all pools. They are separate from the rest of the server, because a statement may be in a function
/// that cannot be interrupted.
static POOL: LazyLock<std::io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_current_thread().thread_name("sqlite").max_blocking_threads(THREADS).build());

/// Limits concurrent statements on files. A seat is held until the statement has actually ended, even if its caller is
/// gone.
pub fn seats(accounts: Accounts) -> Arc<Turns> {
    Turns::new(SEATS, SHARE, WAITING, accounts)
}

pub(super) struct SqliteThreads {
    database: Database,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<WaitingStatement>,
    idle: Vec<Open>,
    threads: usize,
    watched: bool,
}

struct WaitingStatement {
    since: Instant,
    /// Set when the caller is gone.
    stop: Arc<AtomicBool>,
    work: Work,
    _seat: Option<Turn>,
}

type Work = Box<dyn FnOnce(Result<&mut Open>) + Send>;

enum NextThread {
    Thread,
    Watch,
    Nobody,
}

impl SqliteThreads {
    pub fn of(database: Database) -> Arc<Self> {
        Arc::new(Self { database, state: Mutex::default() })
    }

    /// Returns whether the first statement would create the file.
    pub fn is_to_come(&self) -> Result<bool> {
        self.database.is_to_come()
    }

    /// Runs `work` on a blocking thread with its own connection. Dropping the future stops the statement.
    pub async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Open) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let seat = self.seat().await?;
        let (sender, receiver) = oneshot::channel();
        let mut caller = Caller { stop: Arc::default(), waits: true };
        let work = Box::new(move |open: Result<&mut Open>| drop(sender.send(open.and_then(work))));
        match self.line_up(WaitingStatement {
            since: Instant::now(),
            stop: Arc::clone(&caller.stop),
            work,
            _seat: seat,
        }) {
            NextThread::Thread => self.thread(),
            NextThread::Watch => drop(tokio::spawn(Arc::clone(self).watch())),
            NextThread::Nobody => {}
        }
        let done = receiver.await;
        caller.waits = false;
        done.map_err(Error::internal)?
    }

    async fn seat(&self) -> Result<Option<Turn>> {
        let files = &self.database.files;
        let Some((seats, tenant)) = files.seats.as_ref().zip(files.tenant) else { return Ok(None) };
        seats.take(tenant).await.map(Some).ok_or(Error::RateLimited { retry_after: BUSY })
    }

    fn line_up(&self, task: WaitingStatement) -> NextThread {
        let mut state = self.state();
        state.waiting.push_back(task);
        if state.threads < HOT {
            state.threads += 1;
            NextThread::Thread
        } else if state.watched {
            NextThread::Nobody
        } else {
            state.watched = true;
            NextThread::Watch
        }
    }

    fn thread(self: &Arc<Self>) {
        let thread = Thread { threads: Arc::clone(self), open: None, began: false };
        match &*POOL {
            Ok(pool) => drop(pool.spawn_blocking(move || thread.run())),
            Err(_) => drop(tokio::task::spawn_blocking(move || thread.run())),
        }
    }

    /// Starts threads for work that has waited too long.
    async fn watch(self: Arc<Self>) {
        let mut quiet = 0;
        while quiet < QUIET {
            sleep(PATIENCE).await;
            let more = {
                let mut state = self.state();
                quiet = if state.waiting.is_empty() { quiet + 1 } else { 0 };
                state.watched = quiet < QUIET;
                let late = state.waiting.iter().take(MOST).take_while(|task| task.since.elapsed() >= PATIENCE).count();
                let more = late.min(MOST.saturating_sub(state.threads));
                state.threads += more;
                more
            };
            for _ in 0..more {
                self.thread();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread of the pool, with its connection.
struct Thread {
    threads: Arc<SqliteThreads>,
    open: Option<Open>,
    /// Whether the thread has started: it never does while the server shuts down.
    began: bool,
}

impl Thread {
    fn run(mut self) {
        self.began = true;
        let mut lingered = 0;
        while lingered < LINGER {
            let next = {
                let mut state = self.threads.state();
                if self.open.is_none() && !state.waiting.is_empty() {
                    self.open = state.idle.pop();
                }
                state.waiting.pop_front()
            };
            if let Some(task) = next {
                self.serve(task);
                lingered = 0;
            } else {
                std::thread::yield_now();
                lingered += 1;
            }
        }
    }

    fn serve(&mut self, task: WaitingStatement) {
        if task.stop.load(Ordering::Relaxed) {
            return;
        }
        // taken out, so that a connection is never reused after a panic or a stopped statement
        let kept = self.open.take().filter(|open| self.threads.database.is_current(open));
        let opened = kept.map_or_else(|| self.threads.database.open(), Ok);
        let WaitingStatement { stop, work, _seat, .. } = task;
        match opened.and_then(|mut open| open.cancel_when(Arc::clone(&stop)).map(|()| open)) {
            Ok(mut open) => {
                work(Ok(&mut open));
                let clean = open.connection.is_autocommit() && !stop.load(Ordering::Relaxed);
                self.open = clean.then_some(open);
            }
            Err(error) => work(Err(error)),
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        let more = {
            let mut state = self.threads.state();
            state.idle.extend(self.open.take());
            // work may have arrived since the last check, and after a panic there may be a lot
            let more = self.began && !state.waiting.is_empty() && state.threads <= HOT;
            state.threads -= usize::from(!more);
            more
        };
        if more {
            self.threads.thread();
        }
    }
}

/// Stops the statement if it is dropped while the caller still waits.
struct Caller {
    stop: Arc<AtomicBool>,
    waits: bool,
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.waits {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{HOT, MOST, SqliteThreads};
    use crate::{
        Error,
        connect::{Files, sqlite::Database},
        turns::{Accounts, Turns},
    };
    use std::{path::PathBuf, sync::Arc};
    use tokio::task::JoinSet;
    use uuid::Uuid;

    const ENDLESS: &str =
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n where i < 0";

    fn threads(folder: &tempfile::TempDir) -> Arc<SqliteThreads> {
        let files = Files { own: folder.path().to_path_buf(), ..Files::default() };
        SqliteThreads::of(Database { files, path: PathBuf::from("a.db"), read_only: false })
    }

    async fn ask(threads: &Arc<SqliteThreads>, sql: &'static str) -> Result<i64, Error> {
        threads.work(move |open| open.connection.query_row(sql, [], |row| row.get(0)).map_err(Error::internal)).await
    }

    /// Waits until a condition holds for the pool.
    async fn until(threads: &Arc<SqliteThreads>, holds: impl Fn(&super::State) -> bool) {
        while !holds(&threads.state()) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn short_work_does_not_wait_for_slow_statements() {
        let folder = tempfile::tempdir().unwrap();
        let threads = threads(&folder);
        let mut slow = JoinSet::new();
        for _ in 0..MOST - 1 {
            let threads = Arc::clone(&threads);
            slow.spawn(async move { ask(&threads, ENDLESS).await });
        }
        for _ in 0..100 {
            assert_eq!(ask(&threads, "select 7").await.unwrap(), 7);
        }
        assert!(slow.try_join_next().is_none());
        slow.shutdown().await;
        until(&threads, |state| state.threads == 0 && !state.watched).await;
        assert!(threads.state().idle.len() <= HOT, "the connections of stopped statements are not reused");
    }

    #[tokio::test]
    async fn the_number_of_threads_is_limited_and_all_work_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let threads = threads(&folder);
        let mut asked = JoinSet::new();
        for _ in 0..500 {
            let threads = Arc::clone(&threads);
            asked.spawn(async move {
                let sum = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select sum(i) from n";
                let sum = ask(&threads, sum).await.unwrap();
                (sum, threads.state().threads)
            });
        }
        assert!(asked.join_all().await.into_iter().all(|(sum, threads)| sum == 12_502_500 && threads <= MOST));
    }

    #[tokio::test]
    async fn a_seat_is_held_until_the_work_has_actually_ended() {
        let folder = tempfile::tempdir().unwrap();
        let seats = Turns::new(1, 1, 10, Accounts::default());
        let own = folder.path().to_path_buf();
        let files = Files { own, seats: Some(seats), tenant: Some(Uuid::nil()), ..Files::default() };
        let threads = SqliteThreads::of(Database { files, path: PathBuf::from("a.db"), read_only: false });
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (begins, begun) = tokio::sync::oneshot::channel();
        let mut left = Box::pin(threads.work(move |_| {
            let _ = begins.send(());
            wait.recv().map_err(Error::internal)
        }));
        tokio::select! {
            _ = &mut left => panic!("ended"),
            started = begun => started.unwrap(),
        }
        drop(left);
        let next = ask(&threads, "select 7");
        let mut next = Box::pin(next);
        let early = tokio::time::timeout(std::time::Duration::from_millis(50), &mut next).await;
        assert!(early.is_err(), "the caller of the first statement is gone, but it has not ended");
        go.send(()).unwrap();
        assert_eq!(next.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_panic_drops_its_connection_but_no_other_work() {
        let folder = tempfile::tempdir().unwrap();
        let threads = threads(&folder);
        for _ in 0..2 * MOST {
            let broken = threads.work(|_| -> Result<(), Error> { panic!("a bug") }).await;
            assert!(broken.is_err());
            assert_eq!(ask(&threads, "select 7").await.unwrap(), 7);
        }
        until(&threads, |state| state.threads == 0).await;
    }
}
