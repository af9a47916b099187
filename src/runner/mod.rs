//! The workflow runner: durable runs in one process, truly parallel.
mod active;
mod definition;
pub mod engine;
mod events;
mod execute;
mod hub;
mod inputs;
pub mod nodes;
mod queue;
mod timers;
pub mod validate;
mod view;
mod worker;

use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope, Workflow,
        run::{Instance, Status, Trigger},
    },
    store::{InstanceFilter, JournalEntry, NewInstance, Paged, Progress, Store},
};
use active::{Active, Change, read_journal};
use engine::{Entry, Event};
use hub::Hub;
use queue::{Queue, Ticket};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use timers::Timers;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use worker::Start;

pub use definition::Definition;
pub use nodes::{Backend, Services};
pub use view::{EventData, LiveEvent};

/// How much is done at once.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Runs that are executed at once.
    pub runs: usize,
    /// Steps of one run that are executed at once.
    pub steps: usize,
    /// Runs that may wait for their turn; beyond that, `start` says to come back later. One tenant gets half at most.
    pub queued: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { runs: 256, steps: 16, queued: 10_000 }
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
    hub: Arc<Hub>,
    /// The runs in memory, each with its tenant and what takes it away from its driver.
    live: Mutex<HashMap<Uuid, (Uuid, CancellationToken)>>,
    definitions: definition::Cache,
    draining: CancellationToken,
    killed: CancellationToken,
    tasks: TaskTracker,
}

/// A run to be started.
pub struct Request {
    /// None in the test of a graph that was not saved.
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub workflow_version: u64,
    /// From [`Runner::prepare`].
    pub definition: Arc<Definition>,
    pub input: Value,
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
    pub fn new(store: Arc<Store>, services: Services, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            store,
            services: Arc::new(services),
            queue: Queue::new(limits.runs),
            limits,
            timers: Timers::default(),
            hub: Arc::default(),
            live: Mutex::default(),
            definitions: definition::cache(),
            draining: CancellationToken::new(),
            killed: CancellationToken::new(),
            tasks: TaskTracker::new(),
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
    }

    /// A workflow in the form that runs share.
    ///
    /// # Errors
    /// `Invalid` with everything that keeps it from running.
    pub fn prepare(&self, scope: &Scope, workflow: &Workflow) -> Result<Arc<Definition>> {
        let (hash, body) = definition::fingerprint(workflow)?;
        let key = (scope.tenant, Arc::clone(&hash));
        if let Some(known) = self.0.definitions.get(&key) {
            return Ok(known);
        }
        let definition = Arc::new(Definition::new(workflow.clone(), hash, body)?);
        self.0.definitions.insert(key, Arc::clone(&definition));
        Ok(definition)
    }

    /// Starts a run; it is committed when this answers. With a known idempotency key the answer is the first run's.
    ///
    /// # Errors
    /// `Invalid` for a bad input, `RateLimited` when too many runs wait, `Unavailable` while the server stops.
    pub async fn start(&self, scope: &Scope, request: Request) -> Result<Accepted> {
        let inner = &self.0;
        if inner.draining.is_cancelled() {
            return Err(Error::Unavailable("the server is stopping"));
        }
        let input = inputs::resolve(&request.definition.workflow.inputs, request.input)?;
        let now = Time::now();
        let instance = Instance {
            id: Uuid::now_v7(),
            workflow_id: request.workflow_id,
            workflow_name: request.workflow_name,
            workflow_version: request.workflow_version,
            status: Status::Pending,
            is_test: request.is_test,
            trigger: request.trigger,
            started_by: scope.actor.label.to_string(),
            input: Some(input),
            output: None,
            error: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            due_at: None,
            steps: None,
            nodes: None,
            edges: None,
        };
        inner.begin(scope, &instance, request.definition, request.idempotency_key).await
    }

    /// Cancels a run, whatever it is doing; its history stays.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it has ended.
    pub async fn stop(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        let inner = &self.0;
        let owned = scope.clone();
        let cancelled = inner.store.runs.write(move |tx| {
            let stored = tx.instance(&owned, id)?.ok_or(Error::NotFound("instance"))?;
            let instance = stored.instance;
            if instance.status.is_final() {
                let status = instance.status.as_str();
                return Err(Error::conflict(format!("the run has ended already: it is {status}")));
            }
            let entry = Entry {
                seq: stored.seq + 1,
                at: Time::now(),
                event: Event::RunCancelled { by: owned.actor.label.to_string() },
            };
            let progress = Progress {
                status: Status::Cancelled,
                started_at: instance.started_at,
                finished_at: Some(entry.at),
                ..Progress::default()
            };
            tx.advance_instance(&owned, id, stored.seq, entry.seq, &progress)?;
            let event = serde_json::to_string(&entry.event)?;
            tx.append_journal(&owned, id, &[JournalEntry { seq: entry.seq, at: entry.at, event }])?;
            Ok((entry, instance.due_at, stored.definition))
        });
        let (entry, due, hash) = cancelled.await?;
        inner.revoke(id);
        if let Some(due) = due {
            inner.timers.remove(due, Ticket { tenant: scope.tenant, run: id });
        }
        let definition = inner.definition(scope, &hash)?;
        inner.publish(id, &definition, &[entry]);
        self.get(scope, id)
    }

    /// A run with its steps and the graph that it runs on.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        let (stored, journal) = self.0.store.runs.get(|tx| {
            let stored = tx.instance(scope, id)?.ok_or(Error::NotFound("instance"))?;
            Ok((stored, tx.journal(scope, id, 0)?))
        })?;
        let definition = self.0.definition(scope, &stored.definition)?;
        let mut instance = stored.instance;
        instance.steps = Some(view::steps(&definition, &read_journal(&journal)?, instance.status));
        instance.nodes = Some(definition.workflow.nodes.clone());
        instance.edges = Some(definition.workflow.edges.clone());
        Ok(instance)
    }

    /// A page of runs, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, scope: &Scope, filter: InstanceFilter, limit: u32) -> Result<Paged<Instance>> {
        let scope = scope.clone();
        self.0.store.runs.read(move |tx| tx.instances(&scope, &filter, limit)).await
    }

    /// Stops and removes everything of the scope's tenant.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_tenant(&self, scope: &Scope) -> Result<()> {
        let owned = scope.clone();
        self.0.store.runs.write(move |tx| tx.delete_tenant_runs(&owned)).await?;
        self.0.queue.forget(scope.tenant);
        self.0.timers.forget(scope.tenant);
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.values().filter(|(tenant, _)| *tenant == scope.tenant).for_each(|(_, token)| token.cancel());
        Ok(())
    }
}

impl Inner {
    /// Writes a new run and, when a slot is free, its first transition with it.
    async fn begin(
        self: &Arc<Self>,
        scope: &Scope,
        instance: &Instance,
        definition: Arc<Definition>,
        key: Option<String>,
    ) -> Result<Accepted> {
        let ticket = Ticket { tenant: scope.tenant, run: instance.id };
        let new = NewInstance {
            id: instance.id,
            workflow_id: instance.workflow_id,
            workflow_name: instance.workflow_name.clone(),
            workflow_version: instance.workflow_version,
            definition: (definition.hash.to_string(), definition.body.to_string()),
            is_test: instance.is_test,
            trigger: instance.trigger,
            input: instance.input.as_ref().unwrap_or(&Value::Null).to_string(),
            created_at: instance.created_at,
            idempotency_key: key,
        };
        let in_background = !self.tasks.is_empty();
        let slot = if in_background { self.queue.try_take(scope.tenant) } else { None };
        if slot.is_none() && !self.queue.has_room(scope.tenant, self.limits.queued) {
            return Err(Error::RateLimited { retry_after: Duration::from_secs(1) });
        }
        let mut active = Active::new(scope.tenant, instance, definition);
        let (fresh, change, next) = if slot.is_some() {
            let fresh = active.run.begin(instance.created_at);
            let (fresh, change, next) =
                active.transition(fresh, self.limits.steps, &self.services, instance.created_at)?;
            (fresh, Some(change), Some(next))
        } else {
            (Vec::new(), None, None)
        };
        if let Some(first) = self.insert(scope, new, change).await? {
            return Ok(first);
        }
        let status = active.run.status();
        self.publish(active.id, &active.definition, &fresh);
        match (slot, next.zip(self.lease(ticket))) {
            (Some(slot), Some((active::Next::Go(started), lease))) => {
                let inner = Arc::clone(self);
                self.tasks.spawn(async move { inner.drive(active, Start::Begun(started), lease, slot).await });
            }
            (Some(_), _) => {}
            (None, _) => self.queue.push(ticket),
        }
        Ok(Accepted { id: ticket.run, status })
    }

    /// Writes a run, unless its key is known: then answers the run that has it.
    async fn insert(&self, scope: &Scope, new: NewInstance, change: Option<Change>) -> Result<Option<Accepted>> {
        let scope = scope.clone();
        let written = self.store.runs.write(move |tx| {
            if let (Some(workflow), Some(key)) = (new.workflow_id, &new.idempotency_key)
                && let Some(id) = tx.instance_by_key(&scope, workflow, key)?
            {
                let first = tx.instance(&scope, id)?.ok_or(Error::NotFound("instance"))?;
                let input: Value = serde_json::from_str(&new.input)?;
                if first.instance.input.as_ref() != Some(&input) {
                    return Err(Error::conflict("this Idempotency-Key has started a run with another input"));
                }
                return Ok(Some(Accepted { id, status: first.instance.status }));
            }
            tx.insert_instance(&scope, &new)?;
            if let Some(change) = &change {
                tx.advance_instance(&scope, new.id, change.from, change.to, &change.progress)?;
                tx.append_journal(&scope, new.id, &change.entries)?;
            }
            Ok(None)
        });
        written.await
    }

    /// The graph with this hash, of which the tenant has runs.
    fn definition(&self, scope: &Scope, hash: &str) -> Result<Arc<Definition>> {
        let hash: Arc<str> = hash.into();
        let key = (scope.tenant, Arc::clone(&hash));
        if let Some(known) = self.definitions.get(&key) {
            return Ok(known);
        }
        let body = self.store.runs.get(|tx| tx.definition(scope, &hash))?;
        let body = body.ok_or_else(|| Error::internal("a run's definition is gone"))?;
        let definition = Arc::new(Definition::stored(hash, &body)?);
        self.definitions.insert(key, Arc::clone(&definition));
        Ok(definition)
    }
}

#[cfg(test)]
mod tests;
