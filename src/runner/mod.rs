//! The workflow runner: durable runs in one process, truly parallel.
mod active;
mod approvers;
mod calls;
mod commit;
mod control;
mod definition;
pub mod engine;
mod entrance;
mod events;
mod execute;
mod feed;
mod gates;
mod hub;
mod inputs;
mod line;
pub mod nodes;
mod queue;
mod recovery;
mod replays;
mod room;
mod saved;
mod scopes;
mod start;
mod starved;
mod stored;
mod timers;
pub mod triggers;
pub mod validate;
mod values;
mod view;
mod worker;

use crate::{
    Error, Result,
    budget::Budget,
    clock::Time,
    lanes::Accounts,
    model::{
        Json, Scope, Workflow,
        run::{Instance, Status, Trigger},
    },
    shield::Shield,
    store::{InstanceFilter, Paged, Store},
};
use calls::Mail;
use feed::Feeds;
use gates::Gates;
use hub::Hub;
use queue::Queue;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use timers::Timers;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use worker::Live;

use start::New;

pub use control::Answer;
pub use definition::Definition;
pub use engine::StepKey;
pub use feed::{Notice, NoticeData};
pub use line::Part;
pub use nodes::{Backend, Services, response_headers};
pub use replays::Again;
pub use saved::{Cause, Saved, Workflows};
pub use view::{EventData, LiveEvent};

/// How many journals are read at once for those who look at runs.
const READERS: usize = 4;

/// How much is done at once.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Runs that are executed at once, and how many of them may be one tenant's.
    pub runs: usize,
    pub share: usize,
    /// Steps of one run that are executed at once.
    pub steps: usize,
    /// Runs that may wait for their turn; beyond that, `start` says to come back later. One tenant gets half at most.
    pub queued: usize,
    /// Whose tenants share turns.
    pub accounts: Accounts,
}

impl Default for Limits {
    fn default() -> Self {
        Self::running(512)
    }
}

impl Limits {
    /// The usual limits around so many runs at once, a quarter of them for one tenant.
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
    limits: Limits,
    queue: Arc<Queue>,
    timers: Timers,
    gates: Gates,
    hub: Arc<Hub>,
    feeds: Arc<Feeds>,
    /// Tenants that were deleted while this process runs: nothing starts in them.
    deleted: RwLock<HashSet<Uuid>>,
    /// The runs in memory.
    live: Mutex<HashMap<Uuid, Live>>,
    mail: Mail,
    definitions: definition::Cache,
    /// What runs in memory hold.
    budget: Budget,
    /// Runs that had no memory.
    starved: starved::Starved,
    /// Whole journals that are read at once.
    reading: Semaphore,
    draining: CancellationToken,
    killed: CancellationToken,
    tasks: TaskTracker,
    /// Finishes what must not end half done when whoever waits for it goes away.
    shield: Shield,
}

/// A run to be started.
pub struct Request {
    /// None in the test of a graph that was not saved.
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub workflow_version: u64,
    /// From [`Runner::prepare`].
    pub definition: Arc<Definition>,
    pub input: Json,
    pub trigger: Trigger,
    pub is_test: bool,
    /// The same key, for the same workflow, starts one run only.
    pub idempotency_key: Option<String>,
}

/// A run that was accepted: it survives from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub id: Uuid,
    pub status: Status,
}

impl Runner {
    /// A runner that does nothing by itself before [`Runner::run`].
    pub fn new(store: Arc<Store>, services: Services, limits: Limits, budget: Budget) -> Self {
        Self(Arc::new(Inner {
            store,
            services: Arc::new(services),
            queue: Queue::new(limits.runs, limits.share, limits.accounts.clone()),
            limits,
            timers: Timers::default(),
            gates: Gates::default(),
            hub: Arc::default(),
            feeds: Arc::default(),
            deleted: RwLock::default(),
            live: Mutex::default(),
            mail: Mail::default(),
            definitions: definition::cache(),
            budget,
            starved: starved::Starved::default(),
            reading: Semaphore::new(READERS),
            draining: CancellationToken::new(),
            killed: CancellationToken::new(),
            tasks: TaskTracker::new(),
            shield: Shield::default(),
        }))
    }

    /// Takes up every run that has not ended, and goes on until [`Runner::shut_down`]. Answers how many there were.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn run(&self) -> Result<usize> {
        let unfinished = self.0.enqueue_unfinished()?;
        self.0.tasks.spawn(Arc::clone(&self.0).dispatch());
        self.0.tasks.spawn(Arc::clone(&self.0).watch_timers());
        self.0.tasks.spawn(Arc::clone(&self.0).watch_lost());
        Ok(unfinished)
    }

    /// Drives the next run that is due until it ends or waits; false when none is. For tests that want no background.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn step_once(&self) -> Result<bool> {
        while let Some(ticket) = self.0.timers.pop(Time::now()) {
            self.0.queue.push(ticket);
        }
        let Some((ticket, slot)) = self.0.queue.pop() else { return Ok(false) };
        Arc::clone(&self.0).resume(ticket, slot).await;
        Ok(true)
    }

    /// Takes no more work, lets running steps finish for `grace`, and leaves the rest to the next start.
    pub async fn shut_down(&self, grace: Duration) {
        self.0.draining.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(grace, self.0.tasks.wait()).await.is_err() {
            self.0.killed.cancel();
            self.0.tasks.wait().await;
        }
        // starts and ends that are being written
        self.0.shield.finish(grace).await;
    }

    /// A workflow in the form that runs share.
    ///
    /// # Errors
    /// `Invalid` with everything that keeps it from running.
    pub fn prepare(&self, scope: &Scope, workflow: &Workflow) -> Result<Arc<Definition>> {
        self.0.prepare(scope, workflow)
    }

    /// Starts a run; it is committed when this answers. With a known idempotency key the answer is the first run's. A
    /// start that has begun is finished even if its caller goes away.
    ///
    /// # Errors
    /// `Invalid` for a bad input, `RateLimited` when too many runs wait, `Unavailable` while the server stops.
    pub async fn start(&self, scope: &Scope, request: Request) -> Result<Accepted> {
        let inner = &self.0;
        if inner.draining.is_cancelled() {
            return Err(Error::Unavailable("the server is stopping"));
        }
        let new = New {
            input: inputs::resolve_text(&request.definition.workflow.inputs, request.input)?,
            workflow_id: request.workflow_id,
            workflow_name: request.workflow_name,
            workflow_version: request.workflow_version,
            definition: request.definition,
            trigger: request.trigger,
            is_test: request.is_test,
            idempotency_key: request.idempotency_key,
            parent: None,
            replay: None,
        };
        inner.begin(scope, new).await
    }

    /// A page of runs, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, scope: &Scope, filter: InstanceFilter, limit: u32) -> Result<Paged<Instance>> {
        let scope = scope.clone();
        self.0.store.runs.read(scope.tenant, move |tx| tx.instances(&scope, &filter, limit)).await
    }

    /// Stops every run of a tenant that is deleted, and starts none any more.
    pub fn forget_tenant(&self, tenant: Uuid) {
        self.0.deleted.write().unwrap_or_else(PoisonError::into_inner).insert(tenant);
        self.0.queue.forget(tenant);
        self.0.gates.forget(tenant);
        self.0.timers.forget(tenant);
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.values().filter(|live| live.tenant == tenant).for_each(|live| live.token.cancel());
    }
}

impl Inner {
    fn is_deleted(&self, tenant: Uuid) -> bool {
        self.deleted.read().unwrap_or_else(PoisonError::into_inner).contains(&tenant)
    }
}

#[cfg(test)]
mod tests;
