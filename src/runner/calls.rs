//! Runs and the runs that wait for them: sub-workflows, and workflows that are told of a failure.
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
    runner::engine::{Done, Entry, Place},
    store::{NewInstance, Parent, RunsTx},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// How many runs may be above one.
const MAX_DEPTH: u32 = 10;

/// Something that a run is told from outside.
pub(super) enum Signal {
    /// A run that it waits for has ended.
    ChildEnded,
    /// An answer to a waiting step, from someone who may give it.
    Answer(Box<GivenAnswer>),
}

/// An answer, checked once more before it is committed.
pub(super) struct GivenAnswer {
    pub place: Place,
    pub done: Done,
    pub by: Scope,
    pub task: Task,
    pub reply: oneshot::Sender<Result<()>>,
}

/// What runs have been told and have not taken notice of.
#[derive(Default)]
pub(super) struct Mail(Mutex<HashMap<Uuid, Vec<Signal>>>);

impl Mail {
    pub fn put(&self, run: Uuid, signal: Signal) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(run).or_default().push(signal);
    }

    pub fn take(&self, run: Uuid) -> Vec<Signal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&run).unwrap_or_default()
    }

    pub fn is_empty_for(&self, run: Uuid) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&run)
    }
}

impl Runs for Arc<Inner> {
    fn call<'a>(&'a self, scope: &'a Scope, call: Call) -> Pending<'a, Result<Uuid>> {
        Box::pin(async move { Ok(self.start_called(scope, call).await?.id) })
    }

    fn asked(&self, scope: &Scope, roles: Vec<String>) -> Result<Asked> {
        self.ask(scope, roles)
    }
}

impl Inner {
    async fn start_called(self: &Arc<Self>, scope: &Scope, call: Call) -> Result<Accepted> {
        if call.depth > MAX_DEPTH {
            let why = format!("workflows may call each other {MAX_DEPTH} deep; this call goes deeper");
            return Err(Error::invalid("workflowID", why));
        }
        let found = self.store.get(|tx| tx.find::<Workflow>(scope, call.workflow));
        let record = found.map_err(|error| match error {
            Error::NotFound(_) => Error::invalid("workflowID", "there is no such workflow"),
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
            parent: Some(Parent { instance: call.caller, step: call.step, depth: call.depth }),
            replay: None,
        };
        self.begin(scope, new).await
    }

    /// Tells a run something, wherever it is.
    pub(super) fn post(&self, ticket: Ticket, signal: Signal) {
        self.mail.put(ticket.run, signal);
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        match live.get(&ticket.run) {
            Some(live) => live.mail.notify_one(),
            None => self.queue.push(ticket),
        }
    }

    /// What the runs that `active` waits for have come to.
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
        // in the server's own turn: being refused would cost the steps that are being executed
        let ended = self.store.runs.survey(read).await?;
        for ((place, _), stored) in children.into_iter().zip(ended) {
            let Some(stored) = stored else { continue };
            let answer = match stored.map(|stored| stored.instance) {
                None => Err(Failure::new("NOT_FOUND", "the run that this step waited for is gone")),
                Some(child) => match ending(&child) {
                    Some(answer) => answer,
                    None => continue,
                },
            };
            fresh.extend(active.run.answer(&place, answer, now));
        }
        Ok(fresh)
    }

    /// What follows from the end of a run, after it is committed.
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

    /// Nobody waits for the children of a run that has ended.
    pub(super) async fn stop_children(self: Arc<Self>, scope: &Scope, parent: Uuid) {
        let children = self.store.runs.get(|tx| tx.unfinished_children(scope, parent));
        for child in children.unwrap_or_default() {
            match Box::pin(self.stop(scope, child)).await {
                Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => {}
                Err(error) => tracing::error!(instance = %child, %error, "a called run could not be stopped"),
            }
        }
    }

    /// The run that is to be started because `active` has failed; none when it has not.
    pub(super) fn alarm(self: &Arc<Self>, active: &Active) -> Option<NewInstance> {
        (active.run.status() == Status::Failed).then(|| self.alarm_about(active)).flatten()
    }

    /// The run that is told of the failure of `active`.
    pub(super) fn alarm_about(self: &Arc<Self>, active: &Active) -> Option<NewInstance> {
        let instance = &active.instance;
        let handler = active.definition.workflow.settings.error_workflow_id?;
        // a test is looked at by whoever makes it; a handler's own failure calls nobody
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
                tracing::warn!(instance = %instance.id, %error, "the workflow to be told of the failure cannot run");
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

/// What must be known of a run that has ended.
pub(super) struct Ended {
    pub scope: Scope,
    pub id: Uuid,
    pub workflow_id: Option<Uuid>,
    pub parent: Option<Parent>,
    pub is_limited: bool,
    pub has_calls: bool,
    pub alarm: Option<Alarm>,
}

/// A run that was written because another one failed, and has not begun.
pub(super) struct Alarm {
    pub run: Uuid,
    pub workflow: Option<Uuid>,
    /// The hash of its graph.
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

/// What a workflow that handles failures is given.
#[derive(Serialize)]
struct Told<'a> {
    workflow: Value,
    run: ToldRun<'a>,
    error: Option<&'a Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldRun<'a> {
    id: Uuid,
    trigger: Trigger,
    started_by: &'a str,
    input: Option<&'a Json>,
}

/// What the step that waited for `child` comes to; none while it has not ended.
fn ending(child: &Instance) -> Option<Result<Done, Failure>> {
    let failed = |code: &str, why: String| Some(Err(Failure::new(code, why)));
    match child.status {
        Status::Completed => match child.output.as_ref().map(Json::value).transpose() {
            Ok(output) => Some(Ok(Done::out(output.unwrap_or_default()))),
            Err(error) => Some(Err(error.into())),
        },
        Status::Failed => {
            let error = child.error.clone().unwrap_or_else(|| Failure::new("FAILED", "it failed"));
            failed(&error.code, format!("`{}` failed: {}", child.workflow_name, error.message))
        }
        Status::Cancelled => failed("CANCELLED", format!("`{}` was cancelled", child.workflow_name)),
        Status::Pending | Status::Running | Status::Waiting => None,
    }
}
