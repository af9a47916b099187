//! What follows from the end of a run: its caller continues, its error handler starts.
use super::active::ActiveRun;
use crate::{
    clock::Time,
    model::{
        Json, Scope, Workflow,
        run::{Failure, RunTrigger, Status},
    },
    runner::{
        Inner,
        engine::StepKey,
        inputs,
        waiting::{Signal, Ticket},
    },
    store::{NewInstance, Parent},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// What [`Inner::after_end`] needs to know about an ended run.
pub struct EndedRun {
    pub scope: Scope,
    pub id: Uuid,
    pub workflow_id: Option<Uuid>,
    pub parent: Option<Parent>,
    pub is_limited: bool,
    pub has_calls: bool,
    pub error_handler: Option<ErrorHandlerRun>,
}

/// A stored error handler run that has not begun.
pub struct ErrorHandlerRun {
    pub run: Uuid,
    pub workflow: Option<Uuid>,
    /// The hash of its definition.
    pub definition: String,
}

impl ErrorHandlerRun {
    pub fn of(new: &NewInstance) -> Self {
        Self { run: new.id, workflow: new.workflow_id, definition: new.definition.0.clone() }
    }
}

impl EndedRun {
    pub fn of(active: &ActiveRun, error_handler: Option<ErrorHandlerRun>) -> Self {
        Self {
            scope: active.scope.clone(),
            id: active.id(),
            workflow_id: active.instance.workflow_id,
            parent: active.parent.clone(),
            is_limited: active.definition.workflow.settings.max_concurrent_runs.is_some(),
            has_calls: active.definition.has_calls,
            error_handler,
        }
    }
}

impl Inner {
    /// Handles the end of a run, after it was committed.
    pub(in crate::runner) fn after_end(self: &Arc<Self>, ended: &EndedRun) {
        let ticket = |run| Ticket { tenant: ended.scope.tenant, run };
        if ended.is_limited {
            self.leave_gate(ended.workflow_id, ended.id);
        }
        if let Some(parent) = &ended.parent {
            self.post(ticket(parent.instance), Signal::ChildEnded);
        }
        if let Some(error_handler) = &ended.error_handler {
            self.start_error_handler(&ended.scope, error_handler);
        }
        if ended.has_calls {
            let (inner, scope, id) = (Arc::clone(self), ended.scope.clone(), ended.id);
            self.tasks.spawn(async move { inner.stop_children(&scope, id).await });
        }
    }

    /// Returns the error handler run to start if `active` has failed.
    pub(in crate::runner) fn error_handler_run(self: &Arc<Self>, active: &ActiveRun) -> Option<NewInstance> {
        (active.run.status() == Status::Failed).then(|| self.error_handler_for(active)).flatten()
    }

    /// Returns the error handler run to start for the failure of `active`; `None` if the workflow has no error handler.
    pub(super) fn error_handler_for(self: &Arc<Self>, active: &ActiveRun) -> Option<NewInstance> {
        let instance = &active.instance;
        let handler = active.definition.workflow.settings.error_workflow_id?;
        // the person who started a test sees its failure; a failing error handler must not start another one
        if instance.is_test || instance.trigger == RunTrigger::Error {
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
        let input = Json::of(&ErrorHandlerInput {
            workflow: json!({"id": instance.workflow_id, "name": instance.workflow_name}),
            run: FailedRun {
                id: instance.id,
                trigger: instance.trigger,
                started_by: &instance.started_by,
                input: instance.input.as_ref(),
            },
            step: active.run.cause().and_then(|key| FailedStep::of(active, key)),
            error: instance.error.as_ref(),
        });
        let input = input.unwrap_or_default();
        let input = inputs::resolve_text(&definition.workflow.inputs, input.clone()).unwrap_or(input);
        Some(NewInstance {
            id: Uuid::now_v7(),
            workflow_id: Some(record.id),
            workflow_name: record.label.name,
            workflow_version: record.version,
            definition: (definition.hash.to_string(), definition.body.to_string()),
            is_test: false,
            trigger: RunTrigger::Error,
            input,
            created_at: Time::now(),
            idempotency_key: None,
            parent: None,
            replay_of: None,
            owner: None,
        })
    }
}

/// The input of an error handler run.
#[derive(Serialize)]
struct ErrorHandlerInput<'a> {
    workflow: Value,
    run: FailedRun<'a>,
    /// The step that failed; absent if the run failed as a whole, for example because it timed out.
    step: Option<FailedStep<'a>>,
    error: Option<&'a Failure>,
}

#[derive(Serialize)]
struct FailedStep<'a> {
    #[serde(rename = "nodeID")]
    node_id: &'a str,
    name: &'a str,
    r#type: &'a str,
    /// The item's index in each enclosing loop, outermost first (`4`, `4/0`); empty outside loops.
    iteration: &'a str,
}

impl<'a> FailedStep<'a> {
    fn of(active: &'a ActiveRun, key: &'a StepKey) -> Option<Self> {
        let node = &active.definition.workflow.nodes[active.definition.graph.index_of(&key.node)?];
        Some(Self { node_id: &node.id, name: &node.name, r#type: &node.r#type, iteration: &key.iteration })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailedRun<'a> {
    id: Uuid,
    trigger: RunTrigger,
    started_by: &'a str,
    input: Option<&'a Json>,
}
