//! How a run begins: written with its first transition, or lined up.
use super::{
    Accepted, Definition, Inner,
    active::{Active, Change, Next, write},
    calls::Ended,
    definition,
    engine::{Entry, Event},
    queue::Ticket,
    room::memory_for,
    worker::Start,
};
use crate::{
    Error, Result,
    budget::Owner,
    clock::Time,
    json::in_place,
    model::{
        Json, Scope, Workflow,
        run::{Failure, Instance, Omitted, Status, Trigger},
        workflow::WhenFull,
    },
    store::{NewInstance, Parent, Progress},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How deep an input may nest: a journal, which holds it deeper inside, must be readable.
const MAX_DEPTH: usize = 100;

/// A run that is to begin, with its input resolved.
pub(super) struct New {
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub workflow_version: u64,
    pub definition: Arc<Definition>,
    pub input: Json,
    pub trigger: Trigger,
    pub is_test: bool,
    pub idempotency_key: Option<String>,
    pub parent: Option<Parent>,
    pub replay: Option<Replay>,
}

/// What a run takes over from an earlier one.
pub(super) struct Replay {
    pub of: Uuid,
    pub record: Vec<Event>,
}

impl New {
    fn instance(&self, scope: &Scope) -> Instance {
        Instance {
            id: Uuid::now_v7(),
            workflow_id: self.workflow_id,
            workflow_name: self.workflow_name.clone(),
            workflow_version: self.workflow_version,
            status: Status::Pending,
            is_test: self.is_test,
            trigger: self.trigger,
            started_by: scope.actor.label.to_string(),
            input: Some(self.input.clone()),
            output: None,
            omitted: Omitted::default(),
            error: None,
            created_at: Time::now(),
            started_at: None,
            finished_at: None,
            due_at: None,
            parent_id: self.parent.as_ref().map(|parent| parent.instance),
            replay_of: self.replay.as_ref().map(|replay| replay.of),
            steps: None,
            step_count: None,
            nodes: None,
            edges: None,
        }
    }

    fn row(&self, instance: &Instance) -> NewInstance {
        NewInstance {
            id: instance.id,
            workflow_id: self.workflow_id,
            workflow_name: self.workflow_name.clone(),
            workflow_version: self.workflow_version,
            definition: (self.definition.hash.to_string(), self.definition.body.to_string()),
            is_test: self.is_test,
            trigger: self.trigger,
            input: self.input.clone(),
            created_at: instance.created_at,
            idempotency_key: self.idempotency_key.clone(),
            parent: self.parent.clone(),
            replay_of: instance.replay_of,
        }
    }
}

impl Inner {
    /// A workflow in the form that runs share; what starts them is no part of it.
    pub(super) fn prepare(&self, scope: &Scope, workflow: &Workflow) -> Result<Arc<Definition>> {
        if !workflow.triggers.is_empty() {
            return self.prepare(scope, &Workflow { triggers: Vec::new(), ..workflow.clone() });
        }
        let (hash, body) = definition::fingerprint(workflow)?;
        let key = (scope.tenant, Arc::clone(&hash));
        if let Some(known) = self.definitions.get(&key) {
            return Ok(known);
        }
        let definition = Arc::new(Definition::new(workflow.clone(), hash, body)?);
        self.definitions.insert(key, Arc::clone(&definition));
        Ok(definition)
    }

    /// The graph with this hash, of which the tenant has runs.
    pub(super) fn definition(&self, scope: &Scope, hash: &str) -> Result<Arc<Definition>> {
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

    /// Accepts a run: once this answers it survives.
    pub(super) async fn begin(self: &Arc<Self>, scope: &Scope, new: New) -> Result<Accepted> {
        self.store.quotas().disk.check()?;
        if self.is_deleted(scope.tenant) {
            return Err(Error::NotFound("tenant"));
        }
        if new.input.depth() > MAX_DEPTH {
            return Err(Error::invalid("input", format!("must not nest deeper than {MAX_DEPTH} levels")));
        }
        if memory_for(Some(&new.input)) > self.memory_of_one() {
            return Err(Error::invalid("input", "has too many values: send less at once"));
        }
        let instance = new.instance(scope);
        let ticket = Ticket { tenant: scope.tenant, run: instance.id };
        match self.gate(scope, &new, ticket).await? {
            Gate::Open => {
                let workflow = new.workflow_id;
                let begun = self.begin_at_once(scope, new, instance).await;
                if begun.as_ref().map_or(true, |accepted| accepted.id != ticket.run) {
                    // it is not under way: refused, or the same as one before
                    self.leave_gate(workflow, ticket.run);
                }
                begun
            }
            Gate::Closed { workflow, limit } => {
                self.check_room(ticket.tenant, self.gates.waiting(workflow))?;
                let (row, status) = (new.row(&instance), instance.status);
                if let Some(first) = self.insert(scope, row, None, &new.definition).await? {
                    return Ok(first);
                }
                self.gates.wait(workflow, ticket, limit).into_iter().for_each(|one| self.queue.push(one));
                Ok(Accepted { id: ticket.run, status })
            }
            Gate::Skip { limit } => self.skip(scope, &new, &instance, limit).await,
        }
    }

    /// Whether one more run of the workflow may be under way.
    async fn gate(self: &Arc<Self>, scope: &Scope, new: &New, ticket: Ticket) -> Result<Gate> {
        let settings = &new.definition.workflow.settings;
        let limit = settings.max_concurrent_runs.filter(|_| !new.is_test).map(|limit| limit as usize);
        let Some((workflow, limit)) = new.workflow_id.zip(limit) else { return Ok(Gate::Open) };
        loop {
            if self.gates.enter(workflow, ticket.run, limit) || self.is_above(scope, new, workflow)? {
                return Ok(Gate::Open);
            }
            match settings.when_full {
                WhenFull::Queue => return Ok(Gate::Closed { workflow, limit }),
                // whoever calls waits for a result
                WhenFull::Skip if new.parent.is_some() => return Ok(Gate::Closed { workflow, limit }),
                WhenFull::Skip => return Ok(Gate::Skip { limit }),
                WhenFull::Replace => {}
            }
            let Some(oldest) = self.gates.oldest(workflow) else { return Ok(Gate::Closed { workflow, limit }) };
            match Box::pin(self.stop(scope, oldest)).await {
                // one that is on its way out leaves by itself
                Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => {
                    self.gates.leave(workflow, oldest).into_iter().for_each(|one| self.queue.push(one));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a run of `workflow` waits for the new one: then waiting for that would be for ever.
    fn is_above(&self, scope: &Scope, new: &New, workflow: Uuid) -> Result<bool> {
        let mut above = new.parent.as_ref().map(|parent| parent.instance);
        while let Some(id) = above {
            let stored = self.store.runs.get(|tx| tx.instance(scope, id))?;
            let Some(stored) = stored else { return Ok(false) };
            if stored.instance.workflow_id == Some(workflow) {
                return Ok(true);
            }
            above = stored.instance.parent_id;
        }
        Ok(false)
    }

    fn check_room(&self, tenant: Uuid, waiting: usize) -> Result<()> {
        if waiting < self.limits.queued && self.queue.has_room(tenant, self.limits.queued) {
            return Ok(());
        }
        Err(Error::RateLimited { retry_after: Duration::from_secs(1) })
    }

    /// Writes a new run and, when a slot is free, its first transition with it.
    async fn begin_at_once(self: &Arc<Self>, scope: &Scope, mut new: New, instance: Instance) -> Result<Accepted> {
        let ticket = Ticket { tenant: scope.tenant, run: instance.id };
        let (now, owner) = (instance.created_at, Owner::Tenant(scope.tenant));
        let in_background = !self.tasks.is_empty();
        let slot = if in_background { self.queue.try_take(scope.tenant) } else { None };
        // a run that finds no memory waits like one that finds no slot
        let memory = memory_for(instance.input.as_ref());
        let hold = slot.as_ref().and_then(|_| self.budget.reserve(owner, memory).ok());
        let slot = slot.filter(|_| hold.is_some());
        if slot.is_none() && new.parent.is_none() {
            self.check_room(scope.tenant, 0)?;
        }
        let row = new.row(&instance);
        let record = new.replay.take().map(|replay| replay.record).unwrap_or_default();
        let is_replay = !record.is_empty();
        if slot.is_none() && !is_replay {
            let status = instance.status;
            let known = self.insert(scope, row, None, &new.definition).await?;
            return Ok(known.unwrap_or_else(|| {
                self.queue.push(ticket);
                Accepted { id: ticket.run, status }
            }));
        }
        let (parent, hold) = (new.parent.take(), hold.unwrap_or_else(|| self.budget.hold(owner)));
        let definition = Arc::clone(&new.definition);
        let mut active = in_place(memory, || Active::new(instance, definition, parent, self, hold, scope.tenant))?;
        let (change, next) = {
            let fresh = active.run.begin(now, record);
            let limit = if slot.is_some() { self.limits.steps } else { 0 };
            let (_, mut change, next) = in_place(memory, || active.transition(fresh, limit, self, now))?;
            if matches!(next, Next::Ended) {
                self.leave_gate(new.workflow_id, ticket.run);
                change.alarm = self.alarm(&active).map(Box::new);
            }
            (change, next)
        };
        let alarm = change.alarm.as_ref().map(|alarm| alarm.id);
        if let Some(known) = self.insert(scope, row, Some(change), &new.definition).await? {
            return Ok(known);
        }
        let status = active.run.status();
        match (slot, next) {
            (_, Next::Ended) => self.after_end(&Ended::of(&active, alarm)),
            (Some(slot), Next::Go(started)) => {
                if let Some(lease) = self.lease(ticket) {
                    let inner = Arc::clone(self);
                    self.tasks.spawn(async move { inner.drive(active, Start::Begun(started), lease, slot).await });
                }
            }
            (Some(_), Next::Rest(Some(due))) => self.timers.add(due, ticket),
            (Some(_), Next::Rest(None)) => {}
            (None, _) => self.queue.push(ticket),
        }
        Ok(Accepted { id: ticket.run, status })
    }

    /// Makes room for another run of the workflow; nothing when it had none.
    pub(super) fn leave_gate(&self, workflow: Option<Uuid>, run: Uuid) {
        if let Some(workflow) = workflow {
            self.gates.leave(workflow, run).into_iter().for_each(|one| self.queue.push(one));
        }
    }

    /// Keeps a run that may not begin, for whoever wonders where it is.
    async fn skip(&self, scope: &Scope, new: &New, instance: &Instance, limit: usize) -> Result<Accepted> {
        let why = format!("{limit} of its runs were under way, as many as its settings allow");
        let error = Failure::new("SKIPPED", why);
        let event = Event::RunCancelled { by: "maxConcurrentRuns".to_owned() };
        let progress = Progress {
            status: Status::Cancelled,
            finished_at: Some(instance.created_at),
            error: Some(serde_json::to_string(&error)?),
            ..Progress::default()
        };
        let entry = Entry { seq: 1, at: instance.created_at, event };
        let change = Change::single(&entry, 0, Status::Pending, progress)?;
        let known = self.insert(scope, new.row(instance), Some(change), &new.definition).await?;
        Ok(known.unwrap_or(Accepted { id: instance.id, status: Status::Cancelled }))
    }

    /// Writes a run, unless its key is known: then answers the run that has it.
    async fn insert(
        &self,
        scope: &Scope,
        new: NewInstance,
        change: Option<Change>,
        definition: &Definition,
    ) -> Result<Option<Accepted>> {
        let (tenant, id, workflow) = (scope.tenant, new.id, new.workflow_id);
        let (scope, change) = (scope.clone(), Arc::new(change));
        let written = Arc::clone(&change);
        let known = self.store.runs.write(move |tx| {
            if let (Some(workflow), Some(key)) = (new.workflow_id, &new.idempotency_key)
                && let Some(id) = tx.instance_by_key(&scope, workflow, key)?
            {
                let first = tx.instance(&scope, id)?.ok_or(Error::NotFound("instance"))?;
                if !is_same(first.instance.input.as_ref(), &new.input)? {
                    return Err(Error::conflict("this Idempotency-Key has started a run with another input"));
                }
                return Ok(Some(Accepted { id, status: first.instance.status }));
            }
            if let Some(parent) = &new.parent
                && let Some(id) = tx.child(&scope, parent.instance, &parent.step)?
            {
                // the caller was interrupted after it had started this one
                let status = tx.instance_state(&scope, id)?.map_or(Status::Pending, |(status, _)| status);
                return Ok(Some(Accepted { id, status }));
            }
            let journal: usize = written.iter().flat_map(|change| &change.entries).map(|entry| entry.event.len()).sum();
            tx.admit_run(scope.tenant, (new.input.text().len() + journal) as u64)?;
            tx.insert_instance(&scope, &new)?;
            if let Some(change) = &*written {
                // what it takes was looked at a moment ago
                let _ = write(tx, &scope, new.id, change)?;
            }
            Ok(None)
        });
        let known = known.await?;
        if known.is_none() {
            self.feeds.begun(tenant, id, workflow);
            if let Some(change) = &*change {
                self.tell(tenant, id, workflow, change);
                self.publish(id, definition, &change.entries);
            }
        }
        Ok(known)
    }
}

/// Whether two inputs are the same, however they are written.
fn is_same(first: Option<&Json>, second: &Json) -> Result<bool> {
    let Some(first) = first else { return Ok(false) };
    Ok(first.text() == second.text() || first.value()? == second.value()?)
}

/// What a workflow's limit says to a new run.
enum Gate {
    Open,
    Closed { workflow: Uuid, limit: usize },
    Skip { limit: usize },
}
