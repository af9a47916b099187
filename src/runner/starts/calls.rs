//! Sub-workflows: runs that steps of other runs start and wait for.
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Json, Scope, Workflow,
        run::{ApprovalRoles, Failure, Instance, RunTrigger, Status},
    },
    runner::{
        AcceptedRun, Inner, NewRun,
        engine::{RunEntry, StepKey, StepResult},
        execution::ActiveRun,
        inputs,
        nodes::{NodeFuture, RunnerAccess, WorkflowCall},
        waiting::{Signal, Ticket},
    },
    store::{Parent, RunsTx},
};
use std::{collections::HashSet, sync::Arc};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Maximum depth of calls between workflows.
const MAX_DEPTH: u32 = 10;

/// Returns the step that waits for a called run, as stored in the run's row. Each attempt of a step is another caller.
fn caller(step: &StepKey, failures: u32) -> String {
    if failures == 0 { step.to_string() } else { format!("{step}~{failures}") }
}

impl RunnerAccess for Arc<Inner> {
    /// Starts the call in its own task: it continues if the step is dropped, and the run it starts may then have to be
    /// stopped.
    fn call<'a>(&'a self, scope: &'a Scope, call: WorkflowCall) -> NodeFuture<'a, Result<Uuid>> {
        let (inner, scope, caller) = (Arc::clone(self), scope.clone(), call.caller);
        let (reply, answer) = oneshot::channel();
        let work = async move {
            let begun = inner.start_called(&scope, call).await;
            if reply.send(begun).is_err() {
                inner.post(Ticket { tenant: scope.tenant, run: caller }, Signal::Stray);
            }
        };
        Box::pin(async move {
            self.tasks.spawn(work);
            Ok(answer.await.unwrap_or_else(|_| Err(Error::Unavailable("the server is stopping")))?.id)
        })
    }

    fn asked(&self, scope: &Scope, roles: Vec<String>) -> Result<ApprovalRoles> {
        self.ask(scope, roles)
    }
}

impl Inner {
    async fn start_called(self: &Arc<Self>, scope: &Scope, call: WorkflowCall) -> Result<AcceptedRun> {
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
        let new = NewRun {
            workflow_id: Some(record.id),
            workflow_name: record.label.name,
            workflow_version: record.version,
            input: inputs::resolve_text(&definition.workflow.inputs, Json::of(&call.input)?)?,
            definition,
            trigger: RunTrigger::Workflow,
            is_test: call.is_test,
            idempotency_key: None,
            is_awaited: false,
            parent: Some(Parent { instance: call.caller, step: caller(&call.step, call.failures), depth: call.depth }),
            replay: None,
        };
        self.begin(scope, new).await
    }

    /// Applies the results of the ended runs that `active` waits for. Returns the new entries.
    pub(in crate::runner) async fn handle_ended_children(
        &self,
        active: &mut ActiveRun,
        now: Time,
    ) -> Result<Vec<RunEntry>> {
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
    pub(in crate::runner) async fn stop_strays(self: &Arc<Self>, active: &ActiveRun) -> Result<()> {
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
    pub(in crate::runner) fn stop_dropped(self: &Arc<Self>, active: &mut ActiveRun) {
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

    /// Stops the child runs of a run that has ended: no step waits for them.
    pub(in crate::runner) async fn stop_children(self: Arc<Self>, scope: &Scope, parent: Uuid) {
        let children = self.store.runs.get(|tx| tx.unfinished_children(scope, parent));
        let children = children.unwrap_or_default().into_iter().map(|(child, _)| child);
        self.stop_all(scope, children.collect()).await;
    }
}

/// Returns the result of the step that waits for `child`; `None` until the child has ended.
fn ending(child: &Instance) -> Option<Result<StepResult, Failure>> {
    let failed = |code: &str, why: String| Some(Err(Failure::new(code, why)));
    match child.status {
        Status::Completed => match child.output.as_ref().map(Json::value).transpose() {
            Ok(output) => Some(Ok(StepResult::out(output.unwrap_or_default()))),
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
