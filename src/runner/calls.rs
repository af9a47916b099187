//! Runs that start other runs: sub-workflows, and error handlers.
use super::{
    Accepted, Inner, New,
    active::Active,
    inputs,
    nodes::{Call, Pending, Runs},
    queue::Ticket,
};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Json, Scope, Workflow,
        run::{Asked, Failure, Instance, Status, Task, Trigger},
    },
    runner::engine::{Done, Entry, Place, StepKey},
    store::{NewInstance, Parent, RunsTx},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Maximum depth of calls between workflows.
const MAX_DEPTH: u32 = 10;

/// A signal to a run from outside.
pub(super) enum Signal {
    /// A run that one of its steps waits for has ended.
    ChildEnded,
    /// A step that was dropped may have started a run, which is now orphaned.
    Stray,
    /// An answer to a waiting step, from an actor who may answer.
    Answer(Box<GivenAnswer>),
}

/// An answer. The permission is checked again before it is committed.
pub(super) struct GivenAnswer {
    pub place: Place,
    pub done: Done,
    pub by: Scope,
    pub task: Task,
    pub reply: oneshot::Sender<Result<()>>,
}

/// Signals that runs have not handled yet.
#[derive(Default)]
pub(super) struct Mail(Mutex<HashMap<Uuid, Vec<Signal>>>);

impl Mail {
    pub fn put(&self, run: Uuid, signal: Signal) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(run).or_default().push(signal);
    }

    pub fn take(&self, run: Uuid) -> Vec<Signal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&run).unwrap_or_default()
    }

    /// Rejects pending answers because the run cannot be read now. Keeps the other signals.
    pub fn refuse_answers(&self, run: Uuid) {
        for signal in self.take(run) {
            match signal {
                Signal::Answer(given) => {
                    // the caller may have disconnected
                    let _ = given.reply.send(Err(Error::Unavailable("the run cannot be read right now: try again")));
                }
                other => self.put(run, other),
            }
        }
    }

    pub fn is_empty_for(&self, run: Uuid) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&run)
    }
}

/// Returns the step that waits for a called run, as stored in the run's row. Each attempt of a step is another caller.
fn caller(step: &StepKey, failures: u32) -> String {
    if failures == 0 { step.to_string() } else { format!("{step}~{failures}") }
}

impl Runs for Arc<Inner> {
    /// Starts the call in its own task: it continues if the step is dropped, and the run it starts may then have to be
    /// stopped.
    fn call<'a>(&'a self, scope: &'a Scope, call: Call) -> Pending<'a, Result<Uuid>> {
        let (inner, scope, caller) = (Arc::clone(self), scope.clone(), call.caller);
        let (reply, told) = oneshot::channel();
        let work = async move {
            let begun = inner.start_called(&scope, call).await;
            if reply.send(begun).is_err() {
                inner.post(Ticket { tenant: scope.tenant, run: caller }, Signal::Stray);
            }
        };
        Box::pin(async move {
            self.tasks.spawn(work);
            Ok(told.await.unwrap_or_else(|_| Err(Error::Unavailable("the server is stopping")))?.id)
        })
    }

    fn asked(&self, scope: &Scope, roles: Vec<String>) -> Result<Asked> {
        self.ask(scope, roles)
    }
}

impl Inner {
    async fn start_called(self: &Arc<Self>, scope: &Scope, call: Call) -> Result<Accepted> {
        if call.depth > MAX_DEPTH {
            let why = format!("workflows can call each other at most {MAX_DEPTH} levels deep");
            return Err(Error::invalid("workflowID", why));
        }
        let found = self.store.get(|tx| tx.find::<Workflow>(scope, call.workflow));
        let record = found.map_err(|error| match error {
            Error::NotFound(_) => Error::invalid("workflowID", "this workflow does not exist"),
            other => other,
        })?;
        let definition = self.prepare(scope, &record.spec)?;
        let new = New {
            workflow_id: Some(record.id),
            workflow_name: record.label.name,
            workflow_version: record.version,
            input: inputs::resolve_text(&definition.workflow.inputs, Json::of(&call.input)?)?,
            definition,
            trigger: Trigger::Workflow,
            is_test: call.is_test,
            idempotency_key: None,
            parent: Some(Parent { instance: call.caller, step: caller(&call.step, call.failures), depth: call.depth }),
            replay: None,
        };
        self.begin(scope, new).await
    }

    /// Sends a signal to a run, whether or not it is in memory.
    pub(super) fn post(&self, ticket: Ticket, signal: Signal) {
        self.mail.put(ticket.run, signal);
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        match live.get(&ticket.run) {
            Some(live) => live.mail.notify_one(),
            None => self.queue.push(ticket),
        }
    }

    /// Applies the results of the ended runs that `active` waits for. Returns the new entries.
    pub(super) async fn hear_children(&self, active: &mut Active, now: Time) -> Result<Vec<Entry>> {
        let mut fresh = Vec::new();
        let children = active.run.children();
        let (scope, ids) = (active.scope.clone(), children.iter().map(|(_, child)| *child).collect::<Vec<_>>());
        if ids.is_empty() {
            return Ok(fresh);
        }
        let read = move |tx: &RunsTx<'_>| {
            let state = |id| match tx.instance_state(&scope, id)? {
                Some((status, _)) if !status.is_final() => Ok(None),
                _ => tx.instance(&scope, id).map(Some),
            };
            ids.into_iter().map(state).collect::<Result<Vec<_>>>()
        };
        // read on the server's behalf: a refused read would lose the steps that are being executed
        let ended = self.store.runs.survey(read).await?;
        for ((place, _), stored) in children.into_iter().zip(ended) {
            let Some(stored) = stored else { continue };
            let answer = match stored.map(|stored| stored.instance) {
                None => Err(Failure::new("NOT_FOUND", "the run that this step waited for no longer exists")),
                Some(child) => match ending(&child) {
                    Some(answer) => answer,
                    None => continue,
                },
            };
            fresh.extend(active.run.answer(&place, answer, now));
        }
        Ok(fresh)
    }

    /// Stops the runs that steps of `active` called and no longer wait for.
    pub(super) async fn stop_strays(self: &Arc<Self>, active: &Active) -> Result<()> {
        let unfinished = self.store.runs.get(|tx| tx.unfinished_children(&active.scope, active.id()))?;
        if unfinished.is_empty() {
            return Ok(());
        }
        let graph = active.run.graph();
        let callers: HashSet<String> =
            active.run.open().map(|(place, failures)| caller(&place.key(&graph), failures)).collect();
        let strays = unfinished.into_iter().filter(|(_, step)| !callers.contains(step)).map(|(child, _)| child);
        self.stop_all(&active.scope, strays.collect()).await;
        Ok(())
    }

    /// Stops the runs that dropped steps of `active` were waiting for.
    pub(super) fn stop_dropped(self: &Arc<Self>, active: &mut Active) {
        let dropped = active.run.take_children();
        if !dropped.is_empty() {
            let (inner, scope) = (Arc::clone(self), active.scope.clone());
            self.tasks.spawn(async move { inner.stop_all(&scope, dropped).await });
        }
    }

    /// Stops orphaned runs.
    pub(super) async fn stop_all(self: &Arc<Self>, scope: &Scope, runs: Vec<Uuid>) {
        for run in runs {
            match Box::pin(self.stop(scope, run)).await {
                Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => {}
                Err(error) => tracing::error!(instance = %run, %error, "could not stop a called run"),
            }
        }
    }

    /// Handles the end of a run, after it was committed.
    pub(super) fn after_end(self: &Arc<Self>, ended: &Ended) {
        let ticket = |run| Ticket { tenant: ended.scope.tenant, run };
        if ended.is_limited {
            self.leave_gate(ended.workflow_id, ended.id);
        }
        if let Some(parent) = &ended.parent {
            self.post(ticket(parent.instance), Signal::ChildEnded);
        }
        if let Some(alarm) = &ended.alarm {
            self.raise(&ended.scope, alarm);
        }
        if ended.has_calls {
            let (inner, scope, id) = (Arc::clone(self), ended.scope.clone(), ended.id);
            self.tasks.spawn(async move { inner.stop_children(&scope, id).await });
        }
    }

    /// Stops the child runs of a run that has ended: no step waits for them.
    pub(super) async fn stop_children(self: Arc<Self>, scope: &Scope, parent: Uuid) {
        let children = self.store.runs.get(|tx| tx.unfinished_children(scope, parent));
        let children = children.unwrap_or_default().into_iter().map(|(child, _)| child);
        self.stop_all(scope, children.collect()).await;
    }

    /// Returns the error handler run to start if `active` has failed.
    pub(super) fn alarm(self: &Arc<Self>, active: &Active) -> Option<NewInstance> {
        (active.run.status() == Status::Failed).then(|| self.alarm_about(active)).flatten()
    }

    /// Returns the error handler run to start for the failure of `active`; `None` if the workflow has no error handler.
    pub(super) fn alarm_about(self: &Arc<Self>, active: &Active) -> Option<NewInstance> {
        let instance = &active.instance;
        let handler = active.definition.workflow.settings.error_workflow_id?;
        // the person who started a test sees its failure; a failing error handler must not start another one
        if instance.is_test || instance.trigger == Trigger::Error {
            return None;
        }
        let prepared = self.store.get(|tx| tx.find::<Workflow>(&active.scope, handler)).and_then(|record| {
            let definition = self.prepare(&active.scope, &record.spec)?;
            Ok((record, definition))
        });
        let (record, definition) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                tracing::warn!(instance = %instance.id, %error, "the error handler workflow cannot run");
                return None;
            }
        };
        let told = Json::of(&Told {
            workflow: json!({"id": instance.workflow_id, "name": instance.workflow_name}),
            run: ToldRun {
                id: instance.id,
                trigger: instance.trigger,
                started_by: &instance.started_by,
                input: instance.input.as_ref(),
            },
            step: active.run.cause().and_then(|key| ToldStep::of(active, key)),
            error: instance.error.as_ref(),
        });
        let told = told.unwrap_or_default();
        let input = inputs::resolve_text(&definition.workflow.inputs, told.clone()).unwrap_or(told);
        Some(NewInstance {
            id: Uuid::now_v7(),
            workflow_id: Some(record.id),
            workflow_name: record.label.name,
            workflow_version: record.version,
            definition: (definition.hash.to_string(), definition.body.to_string()),
            is_test: false,
            trigger: Trigger::Error,
            input,
            created_at: Time::now(),
            idempotency_key: None,
            parent: None,
            replay_of: None,
        })
    }
}

/// What [`Inner::after_end`] needs to know about an ended run.
pub(super) struct Ended {
    pub scope: Scope,
    pub id: Uuid,
    pub workflow_id: Option<Uuid>,
    pub parent: Option<Parent>,
    pub is_limited: bool,
    pub has_calls: bool,
    pub alarm: Option<Alarm>,
}

/// A stored error handler run that has not begun.
pub(super) struct Alarm {
    pub run: Uuid,
    pub workflow: Option<Uuid>,
    /// The hash of its definition.
    pub definition: String,
}

impl Alarm {
    pub fn of(new: &NewInstance) -> Self {
        Self { run: new.id, workflow: new.workflow_id, definition: new.definition.0.clone() }
    }
}

impl Ended {
    pub fn of(active: &Active, alarm: Option<Alarm>) -> Self {
        Self {
            scope: active.scope.clone(),
            id: active.id(),
            workflow_id: active.instance.workflow_id,
            parent: active.parent.clone(),
            is_limited: active.definition.workflow.settings.max_concurrent_runs.is_some(),
            has_calls: active.definition.has_calls,
            alarm,
        }
    }
}

/// The input of an error handler run.
#[derive(Serialize)]
struct Told<'a> {
    workflow: Value,
    run: ToldRun<'a>,
    /// The step that failed; absent if the run failed as a whole, for example because it timed out.
    step: Option<ToldStep<'a>>,
    error: Option<&'a Failure>,
}

#[derive(Serialize)]
struct ToldStep<'a> {
    #[serde(rename = "nodeID")]
    node_id: &'a str,
    name: &'a str,
    r#type: &'a str,
    /// The item's index in each enclosing loop, outermost first (`4`, `4/0`); empty outside loops.
    iteration: &'a str,
}

impl<'a> ToldStep<'a> {
    fn of(active: &'a Active, key: &'a StepKey) -> Option<Self> {
        let node = &active.definition.workflow.nodes[active.definition.graph.index_of(&key.node)?];
        Some(Self { node_id: &node.id, name: &node.name, r#type: &node.r#type, iteration: &key.iteration })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldRun<'a> {
    id: Uuid,
    trigger: Trigger,
    started_by: &'a str,
    input: Option<&'a Json>,
}

/// Returns the result of the step that waits for `child`; `None` until the child has ended.
fn ending(child: &Instance) -> Option<Result<Done, Failure>> {
    let failed = |code: &str, why: String| Some(Err(Failure::new(code, why)));
    match child.status {
        Status::Completed => match child.output.as_ref().map(Json::value).transpose() {
            Ok(output) => Some(Ok(Done::out(output.unwrap_or_default()))),
            Err(error) => Some(Err(error.into())),
        },
        Status::Failed => {
            let error = child.error.clone().unwrap_or_else(|| Failure::new("FAILED", "the run failed"));
            let why = format!("`{}` failed: {}", child.workflow_name, error.message);
            // a retry of the step starts a new child run
            Some(Err(Failure { transient: true, ..Failure::new(&error.code, why) }))
        }
        Status::Cancelled => failed("CANCELLED", format!("`{}` was cancelled", child.workflow_name)),
        Status::Pending | Status::Running | Status::Waiting => None,
    }
}
