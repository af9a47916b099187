//! Starts runs: writes them with their first transition, or queues them.
use super::entrance::{Admission, ConcurrencyLimit, Gate};
use crate::{
    Error, Result,
    budget::MemoryOwner,
    clock::Time,
    json::in_place,
    model::{
        Json, Scope, Workflow,
        run::{Instance, Omitted, RunTrigger, Status},
    },
    runner::{
        AcceptedRun, Definition, Inner, definition,
        engine::ReusedResults,
        execution::{ActiveRun, Conclusion, DriverStart, EndedRun, ErrorHandlerRun, NextAction, memory_for},
        fleet::FleetNotice,
        journal::{Change, write_new},
        waiting::Ticket,
    },
    shield::Shielded,
    store::{ChangedBy, NewInstance, Parent, RunsTx},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Maximum nesting of an input. The journal nests it deeper, and must remain parseable.
const MAX_DEPTH: usize = 100;

/// A run to start, with its input resolved.
pub struct NewRun {
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub workflow_version: u64,
    pub definition: Arc<Definition>,
    pub input: Json,
    pub trigger: RunTrigger,
    pub is_test: bool,
    pub idempotency_key: Option<String>,
    /// Whether its caller waits for it.
    pub is_awaited: bool,
    pub parent: Option<Parent>,
    pub replay: Option<Replay>,
}

/// The earlier run that a run replays, and what it reuses from it.
pub struct Replay {
    pub of: Uuid,
    pub record: ReusedResults,
}

impl AcceptedRun {
    pub(super) fn unfollowed(id: Uuid, status: Status) -> Self {
        Self { id, status, follower: None }
    }
}

impl NewRun {
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
            owner: None,
        }
    }
}

impl Inner {
    /// Validates a workflow and returns the definition that its runs share. Triggers are not part of it.
    pub(in crate::runner) fn prepare(&self, scope: &Scope, workflow: &Workflow) -> Result<Arc<Definition>> {
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

    /// Returns the stored definition with this hash.
    pub(in crate::runner) fn definition(&self, scope: &Scope, hash: &str) -> Result<Arc<Definition>> {
        let hash: Arc<str> = hash.into();
        let key = (scope.tenant, Arc::clone(&hash));
        if let Some(known) = self.definitions.get(&key) {
            return Ok(known);
        }
        let body = self.store.runs.get(|tx| tx.definition(scope, &hash))?;
        let body = body.ok_or_else(|| Error::internal("a run's definition is missing"))?;
        let definition = Arc::new(Definition::stored(hash, &body)?);
        self.definitions.insert(key, Arc::clone(&definition));
        Ok(definition)
    }

    /// Accepts a run. It is committed when this returns. Completes even if the caller is dropped.
    pub(in crate::runner) fn begin(self: &Arc<Self>, scope: &Scope, new: NewRun) -> Shielded<Result<AcceptedRun>> {
        let (inner, scope) = (Arc::clone(self), scope.clone());
        self.shield.run(async move { inner.accept(&scope, new).await })
    }

    async fn accept(self: &Arc<Self>, scope: &Scope, new: NewRun) -> Result<AcceptedRun> {
        if self.is_deleted(scope.tenant) {
            return Err(Error::NotFound("tenant"));
        }
        self.expect_life().await?;
        let (instance, bound) = (new.instance(scope), ConcurrencyLimit::of(&new));
        let row = new.row(&instance);
        let _turn = match &bound {
            Some(bound) if bound.takes_turns(&row) => Some(self.gates.turn(bound.workflow).await),
            _ => None,
        };
        // a run that already exists must not replace another run or be rejected
        if let Some(known) = self.store.runs.get(|tx| known(tx, scope, &row))? {
            return Ok(known);
        }
        self.check(&new)?;
        if let Some(bound) = &bound
            && let Some(keeper) = self.gatekeeper(scope.tenant, bound.workflow).await?
        {
            return self.forward(scope, new, NewInstance { owner: Some(keeper), ..row }, instance).await;
        }
        let ticket = Ticket { tenant: scope.tenant, run: instance.id };
        match self.gate(scope, bound.as_ref(), ticket.run).await? {
            Gate::Open => {
                let admission = Admission { inner: Arc::clone(self), workflow: new.workflow_id, run: ticket.run };
                let begun = self.begin_at_once(scope, new, row, instance).await?;
                if begun.id == ticket.run {
                    admission.keep();
                }
                Ok(begun)
            }
            Gate::Closed { workflow, limit } => {
                self.check_room(ticket.tenant, self.gates.waiting(workflow))?;
                let status = instance.status;
                if let Some(first) = self.insert(scope, row, None, &new.definition).await? {
                    return Ok(first);
                }
                self.wait_at_gate(workflow, ticket, limit);
                Ok(AcceptedRun::unfollowed(ticket.run, status))
            }
            Gate::Skip { limit } => self.skip(scope, &new, row, &instance, limit).await,
        }
    }

    /// Checks the limits that apply to every new run.
    fn check(&self, new: &NewRun) -> Result<()> {
        self.store.quotas().disk.check()?;
        if new.input.depth() > MAX_DEPTH {
            return Err(Error::invalid("input", format!("must not nest deeper than {MAX_DEPTH} levels")));
        }
        if memory_for(Some(&new.input)) > self.memory_of_one() {
            return Err(Error::invalid("input", "has too many values: send less data"));
        }
        Ok(())
    }

    /// Admits waiting runs of workflows whose concurrency limit has changed.
    pub(in crate::runner) fn limits_changed(&self) -> Result<()> {
        for (tenant, workflow) in self.gates.crowded() {
            let found = self.store.get(|tx| tx.find::<Workflow>(&Scope::system(tenant), workflow));
            let limit = match found {
                Ok(record) => record.spec.settings.max_concurrent_runs.map_or(usize::MAX, |limit| limit as usize),
                // runs of a deleted workflow keep their limit
                Err(Error::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            self.gates.change(workflow, limit).into_iter().for_each(|one| self.queue.push(one));
        }
        Ok(())
    }

    fn check_room(&self, tenant: Uuid, waiting: usize) -> Result<()> {
        if waiting < self.limits.queued && self.queue.has_room(tenant, self.limits.queued) {
            return Ok(());
        }
        Err(Error::RateLimited { retry_after: Duration::from_secs(1) })
    }

    /// Writes a new run together with its first transition, if a slot is free; otherwise queues it.
    async fn begin_at_once(
        self: &Arc<Self>,
        scope: &Scope,
        mut new: NewRun,
        row: NewInstance,
        instance: Instance,
    ) -> Result<AcceptedRun> {
        let ticket = Ticket { tenant: scope.tenant, run: instance.id };
        let (now, owner) = (instance.created_at, MemoryOwner::Tenant(scope.tenant));
        let in_background = !self.tasks.is_empty();
        let slot = if in_background { self.queue.try_take(scope.tenant) } else { None };
        // without memory the run waits as if there were no slot
        let memory = memory_for(instance.input.as_ref());
        let hold = slot.as_ref().and_then(|_| self.budget.reserve(owner, memory).ok());
        let slot = slot.filter(|_| hold.is_some());
        if slot.is_none() && new.parent.is_none() {
            self.check_room(scope.tenant, 0)?;
        }
        let record = new.replay.take().map(|replay| replay.record).unwrap_or_default();
        let is_replay = !record.endings.is_empty();
        if slot.is_none() && !is_replay {
            let status = instance.status;
            let known = self.insert(scope, row, None, &new.definition).await?;
            return Ok(known.unwrap_or_else(|| {
                self.queue.push(ticket);
                AcceptedRun::unfollowed(ticket.run, status)
            }));
        }
        let follower = new.is_awaited.then(|| self.hub.follow(scope.tenant, ticket.run));
        let (parent, hold) = (new.parent.take(), hold.unwrap_or_else(|| self.budget.hold(owner)));
        let definition = Arc::clone(&new.definition);
        let mut active = in_place(memory, || ActiveRun::new(instance, definition, parent, self, hold, scope.tenant))?;
        let (change, next) = {
            let fresh = active.run.begin(now, record);
            let limit = if slot.is_some() { self.limits.steps } else { 0 };
            let (_, mut change, next) = in_place(memory, || active.transition(fresh, limit, self, now))?;
            if matches!(next, NextAction::Ended) {
                self.leave_gate(new.workflow_id, ticket.run);
                change.error_handler = self.error_handler_run(&active).map(Box::new);
            }
            (change, next)
        };
        let error_handler = change.error_handler.as_deref().map(ErrorHandlerRun::of);
        if let Some(known) = self.insert(scope, row, Some(change), &new.definition).await? {
            return Ok(known);
        }
        let status = active.run.status();
        match (slot, next) {
            (_, NextAction::Ended) => self.after_end(&EndedRun::of(&active, error_handler)),
            (Some(slot), NextAction::Go(started)) => {
                if let Some(lease) = self.lease(ticket) {
                    let inner = Arc::clone(self);
                    self.tasks
                        .spawn(async move { inner.drive(active, DriverStart::Begun(started), lease, slot).await });
                }
            }
            (Some(_), NextAction::Rest(Some(due))) => self.timers.add(due, ticket),
            (Some(_), NextAction::Rest(None)) => {}
            (None, _) => self.queue.push(ticket),
        }
        Ok(AcceptedRun { id: ticket.run, status, follower })
    }

    /// Stores a run for the server that admits the runs of its workflow. A replay has begun already, because its first
    /// entries contain what it reuses.
    async fn forward(
        self: &Arc<Self>,
        scope: &Scope,
        mut new: NewRun,
        row: NewInstance,
        instance: Instance,
    ) -> Result<AcceptedRun> {
        let (id, status, now) = (instance.id, instance.status, instance.created_at);
        let record = new.replay.take().map(|replay| replay.record).unwrap_or_default();
        let mut change = None;
        if !record.endings.is_empty() {
            let (definition, hold) = (Arc::clone(&new.definition), self.budget.hold(MemoryOwner::Tenant(scope.tenant)));
            let mut active = ActiveRun::new(instance, definition, new.parent.take(), self, hold, scope.tenant)?;
            let fresh = active.run.begin(now, record);
            let (_, begun, _) = active.transition(fresh, 0, self, now)?;
            change = Some(Change { by: ChangedBy::Anyone, ..begun });
        }
        let known = self.insert(scope, row, change, &new.definition).await?;
        Ok(known.unwrap_or_else(|| AcceptedRun::unfollowed(id, status)))
    }

    /// Stores a skipped run, so that it appears in the list of runs.
    async fn skip(
        &self,
        scope: &Scope,
        new: &NewRun,
        row: NewInstance,
        instance: &Instance,
        limit: usize,
    ) -> Result<AcceptedRun> {
        let change = Conclusion::skipped(limit).change(instance, 0, instance.created_at)?;
        let known = self.insert(scope, row, Some(change), &new.definition).await?;
        Ok(known.unwrap_or_else(|| AcceptedRun::unfollowed(instance.id, Status::Cancelled)))
    }

    /// Writes a run, unless it already exists. Returns the existing run in this case.
    async fn insert(
        &self,
        scope: &Scope,
        new: NewInstance,
        change: Option<Change>,
        definition: &Definition,
    ) -> Result<Option<AcceptedRun>> {
        let (tenant, id, workflow) = (scope.tenant, new.id, new.workflow_id);
        let (scope, change) = (scope.clone(), Arc::new(change));
        let written = Arc::clone(&change);
        let known = self.store.runs.write(move |tx| {
            if let Some(known) = known(tx, &scope, &new)? {
                return Ok(Some(known));
            }
            if let Some(parent) = &new.parent
                && tx.instance_state(&scope, parent.instance)?.is_none_or(|(status, _)| status.is_final())
            {
                return Err(Error::conflict("the run that called this one has ended"));
            }
            let journal: usize = written.iter().flat_map(|change| &change.entries).map(|entry| entry.event.len()).sum();
            tx.admit_run(scope.tenant, (new.input.text().len() + journal) as u64)?;
            if !write_new(tx, &scope, &new, written.as_ref().as_ref())? {
                // another server has just started it
                return known(tx, &scope, &new)?.map(Some).ok_or_else(|| Error::conflict("the run exists already"));
            }
            if new.owner.is_some() {
                tx.tell(&FleetNotice::Take { tenant: scope.tenant, run: new.id }.text()?)?;
            }
            Ok(None)
        });
        let known = known.await?;
        if known.is_none() {
            self.notify_begun(tenant, id, workflow);
            if let Some(change) = &*change {
                self.notify_watchers(tenant, id, workflow, change);
                self.publish(id, definition, &change.entries);
            }
        }
        Ok(known)
    }
}

/// Returns the run that was started with the same key, or by the same attempt of the same step.
///
/// # Errors
/// `Conflict` if the key has already started a run with another input.
fn known(tx: &RunsTx<'_>, scope: &Scope, new: &NewInstance) -> Result<Option<AcceptedRun>> {
    if let (Some(workflow), Some(key)) = (new.workflow_id, &new.idempotency_key)
        && let Some(id) = tx.instance_by_key(scope, workflow, key)?
    {
        let first = tx.instance(scope, id)?.ok_or(Error::NotFound("instance"))?;
        if !is_same(first.instance.input.as_ref(), &new.input)? {
            return Err(Error::conflict("this Idempotency-Key was already used with another input"));
        }
        return Ok(Some(AcceptedRun::unfollowed(id, first.instance.status)));
    }
    let Some(parent) = &new.parent else { return Ok(None) };
    // the caller was interrupted after it had started the run
    let Some(id) = tx.child(scope, parent.instance, &parent.step)? else { return Ok(None) };
    let status = tx.instance_state(scope, id)?.map_or(Status::Pending, |(status, _)| status);
    Ok(Some(AcceptedRun::unfollowed(id, status)))
}

/// Returns whether two inputs are the same JSON, regardless of formatting.
fn is_same(first: Option<&Json>, second: &Json) -> Result<bool> {
    let Some(first) = first else { return Ok(false) };
    Ok(first.text() == second.text() || first.value()? == second.value()?)
}
