//! What people do to runs: stop them, answer what they ask, run them again.
use super::{
    Accepted, Definition, Inner, New, Runner,
    active::Change,
    calls::{Ended, Signal},
    engine::{Done, Entry, Event, Graph, Place, StepKey},
    inputs,
    queue::Ticket,
    start::Replay,
};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope,
        run::{Instance, Status, Trigger},
        workflow::OnError,
    },
    store::{OpenTask, Progress, TaskChange},
};
use serde_json::{Map, Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// From where a run is run again.
pub struct Again {
    /// The node whose step is the first to run; its predecessors' outputs come from the record. None: all anew.
    pub from: Option<String>,
    /// Another version of the workflow than the one that ran, by number.
    pub version: Option<(u64, Arc<Definition>)>,
    pub trigger: Trigger,
}

/// An answer to what a step asks.
pub struct Answer {
    /// The handle that the run goes on through.
    pub decision: String,
    pub data: Value,
}

impl Runner {
    /// Cancels a run, whatever it is doing; its history stays.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it has ended.
    pub async fn stop(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        self.0.stop(scope, id).await?;
        self.get(scope, id)
    }

    /// The newest questions that wait for a person.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks(&self, scope: &Scope, limit: u32) -> Result<Vec<OpenTask>> {
        let scope = scope.clone();
        self.0.store.runs.read(move |tx| tx.tasks(&scope, limit)).await
    }

    /// A question that a run asks.
    ///
    /// # Errors
    /// `NotFound` also when it was answered.
    pub fn task(&self, scope: &Scope, instance: Uuid, task: Uuid) -> Result<OpenTask> {
        self.0.store.runs.get(|tx| tx.task(scope, instance, task)?.ok_or(Error::NotFound("task")))
    }

    /// Answers a question; the run has gone on when this answers.
    ///
    /// # Errors
    /// `Invalid` when the data does not fit the form, `Conflict` when it was answered meanwhile.
    pub async fn answer(&self, scope: &Scope, task: &OpenTask, answer: Answer) -> Result<()> {
        let data = if answer.decision == "approved" || !answer.data.is_null() {
            inputs::resolve_as("data", &task.task.fields, answer.data)?
        } else {
            Value::Object(Map::new())
        };
        let output = json!({
            "decision": answer.decision,
            "data": data,
            "by": &*scope.actor.label,
            "at": Time::now(),
        });
        let stored = self.0.store.runs.get(|tx| tx.instance(scope, task.instance))?;
        let stored = stored.ok_or(Error::NotFound("task"))?;
        let definition = self.0.definition(scope, &stored.definition)?;
        let key = StepKey { node: task.node.clone(), iteration: task.iteration.clone() };
        let place = Place::find(&definition.graph, &key).ok_or(Error::NotFound("task"))?;
        let (reply, told) = oneshot::channel();
        let signal = Signal::Answer { place, answer: Done::through(&answer.decision, output), reply };
        self.0.post(Ticket { tenant: scope.tenant, run: task.instance }, signal);
        told.await.unwrap_or_else(|_| Err(Error::conflict("the run does not wait for this answer any more")))
    }

    /// Runs a run again, as a new run.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` when there is no such step, or the input does not fit the version.
    pub async fn replay(&self, scope: &Scope, id: Uuid, again: Again) -> Result<Accepted> {
        let inner = &self.0;
        if inner.draining.is_cancelled() {
            return Err(Error::Unavailable("the server is stopping"));
        }
        let stored = inner.store.runs.get(|tx| tx.instance(scope, id)?.ok_or(Error::NotFound("instance")))?;
        let original = inner.definition(scope, &stored.definition)?;
        let old = stored.instance;
        let (version, definition) = again.version.unwrap_or((old.workflow_version, Arc::clone(&original)));
        let record = match &again.from {
            None => Vec::new(),
            Some(from) => {
                let mut latest = Latest::default();
                inner.each_part(scope, id, |part| latest.take(part))?;
                latest.before(&definition, from)?
            }
        };
        let new = New {
            input: inputs::resolve(&definition.workflow.inputs, old.input.unwrap_or_default())?,
            workflow_id: old.workflow_id,
            workflow_name: old.workflow_name,
            workflow_version: version,
            definition,
            trigger: again.trigger,
            is_test: old.is_test,
            idempotency_key: None,
            parent: None,
            replay: Some(Replay { of: id, record }),
        };
        inner.begin(scope, new).await
    }
}

impl Inner {
    pub(super) async fn stop(self: &Arc<Self>, scope: &Scope, id: Uuid) -> Result<()> {
        let owned = scope.clone();
        let cancelled = self.store.runs.write(move |tx| {
            let stored = tx.instance(&owned, id)?.ok_or(Error::NotFound("instance"))?;
            let instance = &stored.instance;
            if instance.status.is_final() {
                let status = instance.status.as_str();
                return Err(Error::conflict(format!("the run has ended already: it is {status}")));
            }
            let event = Event::RunCancelled { by: owned.actor.label.to_string() };
            let entry = Entry { seq: stored.seq + 1, at: Time::now(), event };
            let progress = Progress {
                status: Status::Cancelled,
                started_at: instance.started_at,
                finished_at: Some(entry.at),
                ..Progress::default()
            };
            let mut change = Change::single(&entry, stored.seq, instance.status, progress)?;
            change.tasks = vec![TaskChange::AllClosed];
            // it is over: what the tenant's runs take is less from here on
            let _ = super::active::write(tx, &owned, id, &change)?;
            Ok((entry, change, stored))
        });
        let (entry, change, stored) = cancelled.await?;
        self.revoke(id);
        if let Some(due) = stored.instance.due_at {
            self.timers.remove(due, Ticket { tenant: scope.tenant, run: id });
        }
        let definition = self.definition(scope, &stored.definition)?;
        self.tell(scope.tenant, id, stored.instance.workflow_id, &change);
        self.publish(id, &definition, &[entry]);
        self.after_end(&Ended {
            scope: Scope::system(scope.tenant),
            id,
            workflow_id: stored.instance.workflow_id,
            parent: stored.parent,
            is_limited: definition.workflow.settings.max_concurrent_runs.is_some(),
            has_calls: definition.has_calls,
            alarm: None,
        });
        Ok(())
    }
}

/// How each step outside loops has ended, by its node.
#[derive(Default)]
struct Latest {
    endings: HashMap<String, (u64, Event)>,
}

impl Latest {
    fn take(&mut self, journal: &[Entry]) {
        for entry in journal {
            let ends = matches!(
                entry.event,
                Event::StepCompleted { .. } | Event::StepFailed { .. } | Event::StepSkipped { .. }
            );
            if let Some(key) = entry.event.step().filter(|key| ends && key.iteration.is_empty()) {
                self.endings.insert(key.node.clone(), (entry.seq, entry.event.clone()));
            }
        }
    }

    /// What a run of `definition` that begins at the node `from` takes over: the record of each step that does not
    /// follow it, as long as all steps before that one are on record too.
    fn before(mut self, definition: &Definition, from: &str) -> Result<Vec<Event>> {
        let graph = &definition.graph;
        let first = graph.index_of(from).filter(|&node| graph.vertices()[node].parent.is_none());
        let first = first.ok_or_else(|| {
            let why = "must name a node of this version that is not inside a loop; choose the loop itself";
            Error::invalid("fromNodeID", why)
        })?;
        let after = following(graph, first);
        let mut record = Vec::new();
        for node in in_order(graph) {
            let vertex = &graph.vertices()[node];
            let sources = vertex.incoming.iter().map(|&edge| graph.edges()[edge].source);
            let known = sources.map(|source| &graph.vertices()[source].id).all(|id| self.endings.contains_key(id));
            let fails =
                |event: &Event| matches!(event, Event::StepFailed { .. }) && vertex.settings.on_error == OnError::Fail;
            let event = self.endings.get(&vertex.id).map(|(_, event)| event.clone());
            match event.filter(|event| known && !after.contains(&node) && !fails(event)) {
                // it will be skipped again by itself
                Some(Event::StepSkipped { .. }) => {}
                Some(event) => record.push(reused(event)),
                None => {
                    self.endings.remove(&vertex.id);
                }
            }
        }
        Ok(record)
    }
}

fn reused(mut event: Event) -> Event {
    if let Event::StepCompleted { notes, .. } | Event::StepFailed { notes, .. } = &mut event {
        notes.reused = true;
    }
    event
}

/// A node and all that edges lead to from it.
fn following(graph: &Graph, from: usize) -> HashSet<usize> {
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for &edge in &graph.vertices()[node].outgoing {
            let target = graph.edges()[edge].target;
            if seen.insert(target) {
                open.push(target);
            }
        }
    }
    seen
}

/// The workflow's own nodes, each after all that lead to it.
fn in_order(graph: &Graph) -> Vec<usize> {
    let mut left: HashMap<usize, usize> =
        graph.body(None).nodes.iter().map(|&node| (node, graph.vertices()[node].incoming.len())).collect();
    let mut free: Vec<usize> = graph.body(None).nodes.iter().copied().filter(|node| left[node] == 0).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while let Some(node) = free.pop() {
        ordered.push(node);
        for &edge in &graph.vertices()[node].outgoing {
            let target = graph.edges()[edge].target;
            if let Some(count) = left.get_mut(&target) {
                *count -= 1;
                if *count == 0 {
                    free.push(target);
                }
            }
        }
    }
    ordered
}
