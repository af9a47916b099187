//! A run in memory: its state, what its expressions see, and how both are read from the store and moved on in it.
use super::{
    Inner,
    definition::Definition,
    engine::{Entry, Event, Outcome, Run},
    execute::{Finished, Job},
    nodes::Services,
    view::LiveEvent,
};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope,
        run::{Instance, Status},
    },
    script::Globals,
    store::{JournalEntry, Progress},
};
use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// A run that is being executed.
pub(super) struct Active {
    pub scope: Scope,
    pub id: Uuid,
    pub definition: Arc<Definition>,
    pub run: Run,
    is_test: bool,
    globals: Globals,
    progress: Progress,
}

/// What a transition leads to.
pub(super) enum Next {
    /// These steps were started: they are to be executed.
    Go(Vec<usize>),
    /// Nothing to do before then.
    Rest(Option<Time>),
    Ended,
}

/// What one transition writes.
pub(super) struct Change {
    pub from: u64,
    pub to: u64,
    pub entries: Vec<JournalEntry>,
    pub progress: Progress,
}

impl Active {
    /// A run as it was accepted, before anything happened in it.
    pub fn new(tenant: Uuid, instance: &Instance, definition: Arc<Definition>) -> Self {
        let limit = definition.workflow.settings.timeout_seconds;
        let limit = limit.map(|seconds| Duration::from_secs(seconds.into()));
        let (_, seed) = instance.id.as_u64_pair();
        let mut globals = Map::new();
        globals.insert("input".to_owned(), instance.input.clone().unwrap_or_default());
        globals.insert("steps".to_owned(), Value::Object(Map::new()));
        globals.insert(
            "run".to_owned(),
            json!({"id": instance.id, "workflowID": instance.workflow_id, "trigger": instance.trigger, "startedAt": null}),
        );
        let progress = Progress {
            status: instance.status,
            started_at: instance.started_at,
            finished_at: instance.finished_at,
            due_at: instance.due_at,
            output: None,
            error: None,
        };
        Self {
            scope: acting(tenant, instance),
            id: instance.id,
            run: Run::new(Arc::clone(&definition.graph), seed, limit),
            definition,
            is_test: instance.is_test,
            globals: Arc::new(globals),
            progress,
        }
    }

    /// Takes in what the journal tells.
    pub fn replay(&mut self, journal: &[Entry]) {
        for entry in journal {
            self.run.replay(entry);
            self.see(entry);
        }
    }

    /// What is new after the run was out of memory.
    pub fn resume(&mut self, now: Time) -> Vec<Entry> {
        if self.run.status() == Status::Pending {
            return self.run.begin(now);
        }
        let mut fresh = self.run.recover(now);
        fresh.extend(self.run.wake(now));
        fresh
    }

    /// What the end of executions, and the passing of time, lead to.
    pub fn finish(&mut self, finished: Vec<Finished>, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        for Finished { node, outcome, notes } in finished {
            if let Outcome::Failed(failure) = &outcome {
                tracing::debug!(instance = %self.id, node, code = failure.code, "a step failed");
            }
            fresh.extend(self.run.finish(node, outcome, notes, now));
        }
        fresh.extend(self.run.wake(now));
        fresh
    }

    /// Follows `fresh` to its end: what is to be written, in one transaction, and what comes after that.
    pub fn transition(
        &mut self,
        mut fresh: Vec<Entry>,
        limit: usize,
        services: &Arc<Services>,
        now: Time,
    ) -> Result<(Vec<Entry>, Change, Next)> {
        let from = fresh.first().map_or(self.run.seq(), |first| first.seq - 1);
        let started = self.proceed(&mut fresh, limit, services, now);
        let next = if self.run.status().is_final() {
            Next::Ended
        } else if limit > 0 && !self.run.is_busy() {
            let rests = self.run.status() == Status::Waiting;
            if !rests {
                fresh.extend(self.run.rest(now));
            }
            Next::Rest(self.run.next_due())
        } else {
            Next::Go(started)
        };
        self.progress.status = self.run.status();
        self.progress.due_at = match &next {
            Next::Rest(due) => *due,
            _ => None,
        };
        let line = |entry: &Entry| {
            let event = serde_json::to_string(&entry.event)?;
            Ok(JournalEntry { seq: entry.seq, at: entry.at, event })
        };
        let change = Change {
            from,
            to: self.run.seq(),
            entries: fresh.iter().map(line).collect::<Result<_>>()?,
            progress: self.progress.clone(),
        };
        Ok((fresh, change, next))
    }

    /// Lets happen what can happen at once; the start step is executed here and now, as it has nothing to wait for.
    fn proceed(&mut self, fresh: &mut Vec<Entry>, limit: usize, services: &Arc<Services>, now: Time) -> Vec<usize> {
        let mut all = Vec::new();
        let mut seen = 0;
        loop {
            fresh.extend(self.run.settle(now));
            let (started, entries) = self.run.start(limit, now);
            fresh.extend(entries);
            all.extend(started);
            for entry in &fresh[seen..] {
                self.see(entry);
            }
            seen = fresh.len();
            let start = self.definition.graph.start();
            let Some(at) = all.iter().position(|&node| node == start) else { return all };
            let Some(finished) = self.job(services, start).execute().now_or_never() else { return all };
            all.remove(at);
            fresh.extend(self.run.finish(start, finished.outcome, finished.notes, now));
        }
    }

    pub fn job(&self, services: &Arc<Services>, node: usize) -> Job {
        Job {
            scope: self.scope.clone(),
            instance: self.id,
            is_test: self.is_test,
            definition: Arc::clone(&self.definition),
            globals: Arc::clone(&self.globals),
            services: Arc::clone(services),
            node,
        }
    }

    /// Keeps of an entry what expressions and the run's own row show.
    fn see(&mut self, entry: &Entry) {
        match &entry.event {
            Event::RunStarted => {
                self.progress.started_at = Some(entry.at);
                self.global("run", "startedAt", json!(entry.at));
            }
            Event::RunCompleted { output } => {
                self.progress.finished_at = Some(entry.at);
                self.progress.output = Some(output.to_string());
            }
            Event::RunFailed { error, output } => {
                self.progress.finished_at = Some(entry.at);
                self.progress.output = Some(output.to_string());
                self.progress.error = serde_json::to_string(error).ok();
            }
            Event::RunCancelled { .. } => self.progress.finished_at = Some(entry.at),
            event => {
                let node = event.step().and_then(|step| self.definition.graph.index_of(&step.node));
                if let (Some(node), Some(output)) = (node, event.output()) {
                    let name = self.definition.workflow.nodes[node].name.clone();
                    self.global("steps", &name, output);
                }
            }
        }
    }

    fn global(&mut self, root: &str, name: &str, value: Value) {
        if let Some(Value::Object(fields)) = Arc::make_mut(&mut self.globals).get_mut(root) {
            fields.insert(name.to_owned(), value);
        }
    }
}

/// The workflow itself as who acts: its queries run with the rights of whoever built it.
fn acting(tenant: Uuid, instance: &Instance) -> Scope {
    let mut scope = Scope::system(tenant);
    scope.actor.id = instance.workflow_id.unwrap_or_default();
    scope.actor.label = format!("workflow {}", instance.workflow_name).into();
    scope
}

impl Inner {
    /// Reads a run and its journal; none when it is gone or has ended.
    pub(super) fn load(&self, scope: &Scope, id: Uuid) -> Result<Option<Active>> {
        let (stored, journal) = self.store.runs.get(|tx| {
            let stored = tx.instance(scope, id)?;
            let journal = if stored.is_some() { tx.journal(scope, id, 0)? } else { Vec::new() };
            Ok((stored, journal))
        })?;
        let Some(stored) = stored.filter(|stored| !stored.instance.status.is_final()) else { return Ok(None) };
        let definition = self.definition(scope, &stored.definition)?;
        let mut active = Active::new(scope.tenant, &stored.instance, definition);
        active.replay(&read_journal(&journal)?);
        Ok(Some(active))
    }

    /// Writes a transition; when the disk refuses, tries again until it takes it.
    ///
    /// # Errors
    /// `Conflict` when the run went on elsewhere: the caller's state is void.
    pub(super) async fn commit(&self, active: &Active, change: Change, fresh: &[Entry]) -> Result<()> {
        let change = Arc::new(change);
        let mut pause = Duration::from_millis(50);
        loop {
            let (scope, id, change) = (active.scope.clone(), active.id, Arc::clone(&change));
            let written = self.store.runs.write(move |tx| {
                tx.advance_instance(&scope, id, change.from, change.to, &change.progress)?;
                tx.append_journal(&scope, id, &change.entries)
            });
            match written.await {
                Ok(()) => break,
                Err(error @ Error::Conflict(_)) => return Err(error),
                Err(error) => {
                    tracing::error!(instance = %active.id, %error, "a run's progress could not be written; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
        self.publish(active.id, &active.definition, fresh);
        Ok(())
    }

    /// Tells followers what was committed.
    pub(super) fn publish(&self, id: Uuid, definition: &Definition, fresh: &[Entry]) {
        if self.hub.is_followed(id) {
            for entry in fresh {
                self.hub.publish(id, LiveEvent::of(entry, definition));
            }
        }
    }
}

pub(super) fn read_journal(lines: &[JournalEntry]) -> Result<Vec<Entry>> {
    let read = |line: &JournalEntry| {
        let event = serde_json::from_str(&line.event)?;
        Ok(Entry { seq: line.seq, at: line.at, event })
    };
    lines.iter().map(read).collect()
}
