//! A run in memory: its state, the scopes of its expressions, and how both are loaded from the store and advanced.
use super::{
    execute::{FinishedStep, StepJob},
    room::within,
    scopes::{Scopes, Size},
};
use crate::{
    Result,
    budget::Hold,
    clock::Time,
    model::{
        Json, Scope,
        run::{Failure, Instance, Status},
        workflow::VARIABLES,
    },
    runner::{
        Inner,
        definition::Definition,
        engine::{ReusedResults, RunEntry, RunEvent, RunState, StepOutcome, StepPlace},
        journal::Change,
    },
    store::{ChangedBy, JournalEntry, Parent, Progress, TaskChange},
    variables::Vars,
};
use futures_util::FutureExt;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// A run that is being executed.
pub struct ActiveRun {
    pub scope: Scope,
    pub instance: Instance,
    pub definition: Arc<Definition>,
    pub run: RunState,
    /// The step of another run that waits for this run.
    pub parent: Option<Parent>,
    /// Set if the tenant's unfinished runs exceed their quota and this run has grown: the run must fail with this
    /// error.
    pub overrun: Option<Failure>,
    /// Whether runs that it called may be orphaned: no step waits for them.
    pub has_strays: bool,
    /// Whether the memory budget is exhausted: starts no step until other runs have released memory.
    pub is_starved: bool,
    pub(super) scopes: Scopes,
    pub(super) vars: Arc<Vars>,
    progress: Progress,
    pub(super) hold: Hold,
    /// The maximum memory that it may hold, in bytes.
    most: usize,
}

/// What the worker does after a transition.
pub enum NextAction {
    /// Execute these steps, which were started.
    Go(Vec<StepPlace>),
    /// Wait until this time; `None` waits for a signal.
    Rest(Option<Time>),
    Ended,
}

impl ActiveRun {
    /// Creates a run that was accepted and has no journal entries yet.
    ///
    /// # Errors
    /// If the tenant's variables cannot be read.
    pub fn new(
        instance: Instance,
        definition: Arc<Definition>,
        parent: Option<Parent>,
        inner: &Inner,
        hold: Hold,
        tenant: Uuid,
    ) -> Result<Self> {
        let scope = acting(tenant, &instance);
        let mentioned = definition.body.contains(VARIABLES);
        let vars = if mentioned { inner.services.backend.variables(&scope)? } else { Arc::default() };
        let limit = definition.workflow.settings.timeout_seconds;
        let limit = limit.map(|seconds| Duration::from_secs(seconds.into()));
        let (_, seed) = instance.id.as_u64_pair();
        let progress = Progress {
            status: instance.status,
            started_at: instance.started_at,
            finished_at: instance.finished_at,
            due_at: instance.due_at,
            output: None,
            error: None,
        };
        let input = instance.input.as_ref().map(Json::value).transpose()?.unwrap_or_default();
        Ok(Self {
            scope,
            is_starved: false,
            has_strays: false,
            most: inner.memory_of_one(),
            hold,
            run: RunState::new(Arc::clone(&definition.graph), seed, limit),
            scopes: Scopes::new(&instance, input, &vars),
            overrun: None,
            instance,
            definition,
            parent,
            vars,
            progress,
        })
    }

    /// Returns the memory that its values take, in bytes.
    pub fn memory(&self) -> usize {
        self.scopes.size().memory
    }

    pub fn id(&self) -> Uuid {
        self.instance.id
    }

    /// Replays the journal.
    pub fn replay(&mut self, journal: &[RunEntry]) {
        for entry in journal {
            self.run.replay(entry);
            self.track(entry);
        }
        self.scopes.tidy(&self.run);
    }

    /// Begins the run, or recovers it after it was loaded from the store. Returns the new entries.
    pub fn resume(&mut self, now: Time) -> Vec<RunEntry> {
        if self.run.status() == Status::Pending {
            return self.run.begin(now, ReusedResults::default());
        }
        let mut fresh = self.run.recover(now);
        fresh.extend(self.run.wake(now));
        fresh
    }

    /// Applies finished executions and everything that is due. Returns the new entries.
    pub fn finish(&mut self, finished: Vec<FinishedStep>, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        let mut size = self.scopes.size();
        for FinishedStep { place, outcome, notes } in finished {
            let outcome = within(outcome, &mut size, self.most);
            if let StepOutcome::Failed(failure) = &outcome {
                tracing::debug!(instance = %self.id(), node = place.node, code = failure.code, "a step failed");
            }
            fresh.extend(self.run.finish(&place, outcome, notes, now));
        }
        fresh.extend(self.run.wake(now));
        fresh
    }

    /// Applies everything that follows from `fresh`. Returns the entries, the change to write in one transaction, and
    /// what the worker does once it is committed.
    pub fn transition(
        &mut self,
        mut fresh: Vec<RunEntry>,
        limit: usize,
        inner: &Arc<Inner>,
        now: Time,
    ) -> Result<(Vec<RunEntry>, Change, NextAction)> {
        let from = fresh.first().map_or(self.run.seq(), |first| first.seq - 1);
        let started = self.proceed(&mut fresh, limit, inner, now);
        let next = if self.run.status().is_final() {
            NextAction::Ended
        } else if limit > 0 && !self.run.is_busy() {
            let rests = self.run.status() == Status::Waiting;
            if !rests {
                fresh.extend(self.run.rest(now));
            }
            NextAction::Rest(self.run.next_due())
        } else {
            NextAction::Go(started)
        };
        let was = std::mem::replace(&mut self.progress.status, self.run.status());
        self.progress.due_at = match &next {
            NextAction::Rest(due) => *due,
            _ => None,
        };
        let line = |entry: &RunEntry| {
            let event = serde_json::to_string(&entry.event)?;
            Ok(JournalEntry { seq: entry.seq, at: entry.at, event })
        };
        let change = Change {
            from,
            to: self.run.seq(),
            by: ChangedBy::Owner,
            entries: fresh.iter().map(line).collect::<Result<_>>()?,
            was,
            progress: self.progress.clone(),
            tasks: self.task_changes(&fresh),
            error_handler: None,
        };
        Ok((fresh, change, next))
    }

    /// Returns the approvals that `fresh` opens and closes.
    fn task_changes(&self, fresh: &[RunEntry]) -> Vec<TaskChange> {
        if !self.definition.has_tasks {
            return Vec::new();
        }
        let change = |entry: &RunEntry| match &entry.event {
            RunEvent::StepWaiting { step, wait, .. } => Some(TaskChange::Opened {
                task: wait.task.clone()?,
                node: step.node.clone(),
                iteration: step.iteration.clone(),
                at: entry.at,
                due: wait.due,
            }),
            event if event.leaves_step() => {
                let step = event.step()?;
                Some(TaskChange::Closed { node: step.node.clone(), iteration: step.iteration.clone() })
            }
            event => event.is_last().then_some(TaskChange::AllClosed),
        };
        fresh.iter().filter_map(change).collect()
    }

    /// Applies everything that needs no I/O and starts ready steps. The start step waits for nothing, so it is executed
    /// here instead of in a task.
    fn proceed(&mut self, fresh: &mut Vec<RunEntry>, limit: usize, inner: &Arc<Inner>, now: Time) -> Vec<StepPlace> {
        let mut all = Vec::new();
        let mut seen = 0;
        loop {
            fresh.extend(self.run.settle(now));
            let (started, entries) = self.run.start(limit, now);
            fresh.extend(entries);
            all.extend(started);
            for entry in &fresh[seen..] {
                self.track(entry);
            }
            seen = fresh.len();
            self.scopes.tidy(&self.run);
            let start = StepPlace::root(self.definition.graph.start());
            let Some(at) = all.iter().position(|place| *place == start) else { return all };
            let Some(finished) = self.job(inner, start.clone()).execute().now_or_never() else { return all };
            all.remove(at);
            fresh.extend(self.run.finish(&start, finished.outcome, finished.notes, now));
        }
    }

    /// Reports the run's memory to the budget and sets `is_starved`.
    pub fn account(&mut self) {
        let memory = self.memory();
        // a run stored before this limit existed may hold more than `most`; it must be able to continue
        self.is_starved = self.hold.set(memory).is_err() && memory <= self.most;
    }

    pub fn job(&mut self, inner: &Arc<Inner>, place: StepPlace) -> StepJob {
        StepJob {
            scope: self.scope.clone(),
            instance: self.instance.id,
            is_test: self.instance.is_test,
            failures: self.run.failures(&place),
            depth: self.parent.as_ref().map_or(0, |parent| parent.depth),
            definition: Arc::clone(&self.definition),
            globals: self.scopes.of(&self.run, &place).clone(),
            vars: Arc::clone(&self.vars),
            inner: Arc::clone(inner),
            place,
        }
    }

    /// Updates what expressions and the run's row show.
    fn track(&mut self, entry: &RunEntry) {
        match &entry.event {
            RunEvent::RunStarted { .. } => {
                self.progress.started_at = Some(entry.at);
                self.scopes.begun(entry.at);
            }
            RunEvent::RunCompleted { output } => {
                self.progress.finished_at = Some(entry.at);
                self.progress.output = Some(output.to_string());
            }
            RunEvent::RunFailed { error, output } => {
                self.progress.finished_at = Some(entry.at);
                self.progress.output = Some(output.to_string());
                self.progress.error = serde_json::to_string(error).ok();
                self.instance.error = Some(error.clone());
            }
            RunEvent::RunCancelled { .. } => self.progress.finished_at = Some(entry.at),
            event => {
                let graph = &self.definition.graph;
                let place = event.step().and_then(|step| StepPlace::find(graph, step));
                if let (Some(place), RunEvent::StepLooping { looping, .. }) = (&place, event) {
                    looping.items.iter().for_each(|item| self.scopes.weigh(&self.run, place, Size::of(item)));
                }
                if let (Some(place), Some(output)) = (place, event.output()) {
                    self.scopes.set_output(&self.run, &place, &graph.vertices()[place.node].name, output);
                }
            }
        }
    }
}

/// Acts as the workflow itself. Saving it required the permissions for everything that its nodes use, and it keeps
/// running after the member who saved it has left.
fn acting(tenant: Uuid, instance: &Instance) -> Scope {
    let mut scope = Scope::system(tenant);
    scope.actor.id = instance.workflow_id.unwrap_or_default();
    scope.actor.label = format!("workflow {}", instance.workflow_name).into();
    scope
}
