//! The workflow runner: durable, parallel runs in one process.
mod approvals;
mod definition;
pub mod engine;
mod execution;
mod fleet;
mod inputs;
mod journal;
pub mod nodes;
mod starts;
pub mod triggers;
pub mod validate;
mod waiting;

use crate::{
    Error, Result,
    budget::Budget,
    clock::Time,
    lanes::Accounts,
    model::{
        Json, Scope, Workflow,
        run::{Instance, RunTrigger, Status},
    },
    shield::Shield,
    store::{InstanceFilter, Paged, Store},
};
use execution::{ActiveRun, LiveRun, Parked};
use journal::{Feeds, Hub};
use starts::NewRun;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use waiting::{Gates, PendingSignals, Queue, Starved, Timers};

pub use approvals::ApprovalAnswer;
pub use definition::Definition;
pub use engine::StepKey;
pub use journal::{EventData, FeedNotice, Follower, LiveEvent, RunNotice, RunValue};
pub use nodes::{Backend, Services, response_headers};
pub use starts::{ReplayOptions, SavedWorkflow, StartOptions, Workflows};

/// How many journals are read at the same time to show runs.
const READERS: usize = 4;

/// Concurrency limits of the runner.
#[derive(Clone, Debug)]
pub struct RunnerLimits {
    /// Maximum number of runs executed at once.
    pub runs: usize,
    /// Maximum number of runs of one tenant executed at once.
    pub share: usize,
    /// Maximum number of steps of one run executed at once.
    pub steps: usize,
    /// Maximum number of queued runs; beyond it, `start` returns `RateLimited`. One tenant may use half of it.
    pub queued: usize,
    /// Which tenants share a turn in the queue.
    pub accounts: Accounts,
}

impl Default for RunnerLimits {
    fn default() -> Self {
        Self::running(512)
    }
}

impl RunnerLimits {
    /// Returns the default limits for `runs` runs at once, of which one tenant may use a quarter.
    pub fn running(runs: usize) -> Self {
        Self { runs, share: (runs / 4).max(1), steps: 32, queued: 10_000, accounts: Accounts::default() }
    }
}

/// The runner; cheap to clone.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

pub(crate) struct Inner {
    store: Arc<Store>,
    services: Arc<Services>,
    limits: RunnerLimits,
    queue: Arc<Queue>,
    timers: Timers,
    gates: Gates,
    hub: Arc<Hub>,
    feeds: Arc<Feeds>,
    fleet: fleet::Fleet,
    /// Tenants deleted since the process started. No runs start in them.
    deleted: RwLock<HashSet<Uuid>>,
    /// The runs in memory.
    live: Mutex<HashMap<Uuid, LiveRun>>,
    signals: PendingSignals,
    definitions: definition::Cache,
    /// The memory of runs.
    budget: Budget,
    /// Waiting runs that are kept in memory.
    parked: Parked<ActiveRun>,
    /// Runs that wait for memory.
    starved: Starved,
    /// Limits how many whole journals are read at once.
    reading: Semaphore,
    draining: CancellationToken,
    /// Until when callers may wait after it was told to stop.
    stops_at: OnceLock<Instant>,
    killed: CancellationToken,
    tasks: TaskTracker,
    /// Completes operations even if their caller is dropped.
    shield: Shield,
}

/// A run to be started.
pub struct RunRequest {
    /// `None` for tests that name no workflow.
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub workflow_version: u64,
    /// From [`Runner::prepare`].
    pub definition: Arc<Definition>,
    pub input: Json,
    pub trigger: RunTrigger,
    pub is_test: bool,
    /// The same key starts only one run of the same workflow.
    pub idempotency_key: Option<String>,
    /// Whether the caller waits for it.
    pub is_awaited: bool,
}

/// A run that was accepted and committed.
#[derive(Debug)]
pub struct AcceptedRun {
    pub id: Uuid,
    pub status: Status,
    /// Follows it from its first event, if it is awaited and began at once.
    pub follower: Option<Follower>,
}

impl Runner {
    /// Creates a runner. It does no work in the background before [`Runner::run`].
    pub fn new(store: Arc<Store>, services: Services, limits: RunnerLimits, budget: Budget) -> Self {
        Self(Arc::new(Inner {
            store,
            services: Arc::new(services),
            queue: Queue::new(limits.runs, limits.share, limits.accounts.clone()),
            limits,
            timers: Timers::default(),
            gates: Gates::default(),
            hub: Arc::default(),
            feeds: Arc::default(),
            fleet: fleet::Fleet::default(),
            deleted: RwLock::default(),
            live: Mutex::default(),
            signals: PendingSignals::default(),
            definitions: definition::cache(),
            parked: Parked::new(budget.total() / 8),
            budget,
            starved: Starved::default(),
            reading: Semaphore::new(READERS),
            draining: CancellationToken::new(),
            stops_at: OnceLock::new(),
            killed: CancellationToken::new(),
            tasks: TaskTracker::new(),
            shield: Shield::default(),
        }))
    }

    /// Joins the servers that share the database. Does nothing if the databases are files. Must be called before
    /// [`Runner::run`].
    ///
    /// # Errors
    /// `Conflict` if the clock of this machine is wrong, and if the database cannot be written.
    pub async fn join(&self) -> Result<()> {
        if self.0.store.is_shared() {
            self.0.join().await?;
        }
        Ok(())
    }

    /// Resumes all unfinished runs of this server, and executes runs until [`Runner::shut_down`]. Returns the number of unfinished
    /// runs.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn run(&self) -> Result<usize> {
        let unfinished = self.0.enqueue_unfinished()?;
        self.0.tasks.spawn(Arc::clone(&self.0).dispatch());
        self.0.tasks.spawn(Arc::clone(&self.0).watch_timers());
        self.0.tasks.spawn(Arc::clone(&self.0).watch_lost());
        Ok(unfinished)
    }

    /// Executes the next due run until it ends or waits. Returns `false` if none is due. For tests without background
    /// work.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn step_once(&self) -> Result<bool> {
        while let Some(ticket) = self.0.timers.pop(Time::now()) {
            self.0.queue.push(ticket);
        }
        let Some((ticket, slot)) = self.0.queue.pop() else { return Ok(false) };
        Arc::clone(&self.0).resume(ticket, slot).await;
        Ok(true)
    }

    /// Returns whether the runner takes no more work.
    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    /// Returns whether the other servers of the database certainly think that this one lives.
    pub fn has_life(&self) -> bool {
        self.0.has_life()
    }

    /// Stops taking work and lets running steps finish for at most `grace`. The rest resumes after the next start.
    pub async fn shut_down(&self, grace: Duration) {
        // before their connections are closed
        let _ = self.0.stops_at.set(Instant::now() + grace * 4 / 5);
        self.0.draining.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(grace, self.0.tasks.wait()).await.is_err() {
            self.0.killed.cancel();
            self.0.tasks.wait().await;
        }
        // starts and ends of runs that are being written
        self.0.shield.finish(grace).await;
        self.0.leave().await;
    }

    /// Validates a workflow and returns the definition that its runs share.
    ///
    /// # Errors
    /// `Invalid` with every problem that prevents it from running.
    pub fn prepare(&self, scope: &Scope, workflow: &Workflow) -> Result<Arc<Definition>> {
        self.0.prepare(scope, workflow)
    }

    /// Starts a run; it is committed when this returns. With a known idempotency key, returns the first run. Completes
    /// even if the caller is dropped.
    ///
    /// # Errors
    /// `Invalid` for an invalid input, `RateLimited` if too many runs are queued, `Unavailable` while the server stops.
    pub async fn start(&self, scope: &Scope, request: RunRequest) -> Result<AcceptedRun> {
        let inner = &self.0;
        if inner.draining.is_cancelled() {
            return Err(Error::Unavailable("the server is stopping"));
        }
        let new = NewRun {
            input: inputs::resolve_text(&request.definition.workflow.inputs, request.input)?,
            workflow_id: request.workflow_id,
            workflow_name: request.workflow_name,
            workflow_version: request.workflow_version,
            definition: request.definition,
            trigger: request.trigger,
            is_test: request.is_test,
            idempotency_key: request.idempotency_key,
            is_awaited: request.is_awaited,
            parent: None,
            replay: None,
        };
        inner.begin(scope, new).await
    }

    /// Applies changed concurrency limits. Must be called after workflows were saved: waiting runs may begin.
    pub fn limits_changed(&self) {
        if let Err(error) = self.0.limits_changed() {
            tracing::error!(%error, "could not read the concurrency limits of workflows");
        }
        self.0.tell(fleet::FleetNotice::Limits);
    }

    /// Returns a page of runs, newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn list(&self, scope: &Scope, filter: InstanceFilter, limit: u32) -> Result<Paged<Instance>> {
        let scope = scope.clone();
        self.0.store.runs.read(scope.tenant, move |tx| tx.instances(&scope, &filter, limit)).await
    }

    /// Stops all runs of a deleted tenant, and starts no more.
    pub fn forget_tenant(&self, tenant: Uuid) {
        self.0.forget_tenant_here(tenant);
        self.0.tell(fleet::FleetNotice::Forget { tenant });
    }
}

impl Inner {
    fn forget_tenant_here(&self, tenant: Uuid) {
        self.deleted.write().unwrap_or_else(PoisonError::into_inner).insert(tenant);
        self.queue.forget(tenant);
        self.gates.forget(tenant);
        self.timers.forget(tenant);
        drop(self.parked.forget(tenant));
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.values().filter(|live| live.tenant == tenant).for_each(|live| live.token.cancel());
    }

    fn is_deleted(&self, tenant: Uuid) -> bool {
        self.deleted.read().unwrap_or_else(PoisonError::into_inner).contains(&tenant)
    }
}

#[cfg(test)]
mod tests;
