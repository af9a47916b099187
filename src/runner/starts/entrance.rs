//! Concurrency limits of workflows: a run beyond the limit waits, is skipped, or replaces the oldest run.
use crate::{
    Error, Result,
    model::{
        Scope,
        workflow::{Settings, WhenFull},
    },
    runner::{
        Inner, NewRun,
        execution::{Conclusion, ErrorHandlerRun},
        waiting::Ticket,
    },
    store::NewInstance,
};
use std::sync::Arc;
use uuid::Uuid;

/// The concurrency limit of a workflow, and what happens to a run beyond it.
pub(in crate::runner) struct ConcurrencyLimit {
    pub workflow: Uuid,
    pub limit: usize,
    when_full: WhenFull,
    /// The run whose step waits for this one.
    parent: Option<Uuid>,
}

/// The decision of a workflow's concurrency limit about a run.
pub(super) enum Gate {
    Open,
    Closed { workflow: Uuid, limit: usize },
    Skip { limit: usize },
}

/// A run's place within its workflow's concurrency limit. Released when dropped, unless it is kept.
pub(super) struct Admission {
    pub inner: Arc<Inner>,
    pub workflow: Option<Uuid>,
    pub run: Uuid,
}

impl Admission {
    /// Keeps the place until the run ends.
    pub fn keep(mut self) {
        self.workflow = None;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.inner.leave_gate(self.workflow, self.run);
    }
}

impl ConcurrencyLimit {
    pub fn of(new: &NewRun) -> Option<Self> {
        let parent = new.parent.as_ref().map(|parent| parent.instance);
        Self::new(new.workflow_id, &new.definition.workflow.settings, new.is_test, parent)
    }

    /// Returns `None` if the settings set no limit, and for test runs.
    pub fn new(workflow: Option<Uuid>, settings: &Settings, is_test: bool, parent: Option<Uuid>) -> Option<Self> {
        let limit = settings.max_concurrent_runs.filter(|_| !is_test)? as usize;
        Some(Self { workflow: workflow?, limit, when_full: settings.when_full, parent })
    }

    /// Returns whether starts must run one at a time, because this start depends on an earlier one that may not be
    /// committed yet: it replaces that run, or must not be skipped because of a run that its own idempotency key
    /// started.
    pub fn takes_turns(&self, new: &NewInstance) -> bool {
        match self.when_full {
            WhenFull::Replace => true,
            WhenFull::Skip => new.idempotency_key.is_some(),
            WhenFull::Queue => false,
        }
    }
}

impl Inner {
    /// Decides whether another run of the workflow may begin. If so, counts the run towards the limit.
    pub(super) async fn gate(
        self: &Arc<Self>,
        scope: &Scope,
        bound: Option<&ConcurrencyLimit>,
        run: Uuid,
    ) -> Result<Gate> {
        let Some(&ConcurrencyLimit { workflow, limit, when_full, parent }) = bound else { return Ok(Gate::Open) };
        loop {
            if self.gates.enter(workflow, run, limit) || self.is_above(scope, parent, workflow)? {
                return Ok(Gate::Open);
            }
            match when_full {
                WhenFull::Queue => return Ok(Gate::Closed { workflow, limit }),
                // the caller waits for a result
                WhenFull::Skip if parent.is_some() => return Ok(Gate::Closed { workflow, limit }),
                WhenFull::Skip if self.gates.wait_for_end(workflow).await => continue,
                WhenFull::Skip => return Ok(Gate::Skip { limit }),
                WhenFull::Replace => {}
            }
            let Some(oldest) = self.gates.oldest(workflow) else { return Ok(Gate::Closed { workflow, limit }) };
            match Box::pin(self.stop(scope, oldest)).await {
                // a run that has already ended, or no longer exists, makes room as well
                Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => self.leave_gate(Some(workflow), oldest),
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns whether `parent` or one of its ancestors is a run of `workflow`. Such a run waits for the new one, so
    /// waiting for its end would never finish.
    pub(super) fn is_above(&self, scope: &Scope, parent: Option<Uuid>, workflow: Uuid) -> Result<bool> {
        let Some(parent) = parent else { return Ok(false) };
        self.store.runs.get(|tx| tx.is_within(scope, parent, workflow))
    }

    /// Queues a stored run until its workflow's limit allows it to begin.
    pub(super) fn wait_at_gate(&self, workflow: Uuid, ticket: Ticket, limit: usize) {
        self.gates.wait(workflow, ticket, limit).into_iter().for_each(|one| self.queue.push(one));
    }

    /// Releases a run's place, so that another run of the workflow may begin.
    pub(in crate::runner) fn leave_gate(&self, workflow: Option<Uuid>, run: Uuid) {
        if let Some(workflow) = workflow {
            self.gates.leave(workflow, run).into_iter().for_each(|one| self.queue.push(one));
        }
    }

    /// Begins a stored error handler run, subject to its workflow's concurrency limit.
    pub(in crate::runner) fn start_error_handler(self: &Arc<Self>, scope: &Scope, error_handler: &ErrorHandlerRun) {
        self.start_stored(scope, error_handler, None);
    }

    /// Begins a stored run, subject to its workflow's concurrency limit. `parent` is the run whose step waits for it.
    pub(in crate::runner) fn start_stored(
        self: &Arc<Self>,
        scope: &Scope,
        error_handler: &ErrorHandlerRun,
        parent: Option<Uuid>,
    ) {
        let ticket = Ticket { tenant: scope.tenant, run: error_handler.run };
        let definition = self.definition(scope, &error_handler.definition);
        let settings = definition.as_ref().map(|definition| &definition.workflow.settings);
        let bound =
            settings.ok().and_then(|settings| ConcurrencyLimit::new(error_handler.workflow, settings, false, parent));
        let Some(bound) = bound else { return self.queue.push(ticket) };
        let (inner, scope) = (Arc::clone(self), scope.clone());
        self.tasks.spawn(async move {
            match inner.gatekeeper(scope.tenant, bound.workflow).await {
                Ok(None) => {}
                Ok(Some(keeper)) => {
                    if let Err(error) = inner.hand_over(ticket, keeper).await {
                        tracing::error!(instance = %ticket.run, %error, "could not hand a run over; it is found again in some minutes");
                    }
                    return;
                }
                Err(error) => {
                    tracing::error!(instance = %ticket.run, %error, "could not find the server that limits a workflow");
                    return;
                }
            }
            let _turn = inner.gates.turn(bound.workflow).await;
            match inner.gate(&scope, Some(&bound), ticket.run).await {
                Ok(Gate::Open) => inner.queue.push(ticket),
                Ok(Gate::Closed { workflow, limit }) => inner.wait_at_gate(workflow, ticket, limit),
                Ok(Gate::Skip { limit }) => {
                    // a run that was stopped in the meantime does not have to be skipped
                    let _ = inner.conclude(&scope, ticket.run, Conclusion::skipped(limit)).await;
                }
                Err(error) => {
                    tracing::error!(instance = %ticket.run, %error, "could not stop the oldest run; the new run waits");
                    inner.wait_at_gate(bound.workflow, ticket, bound.limit);
                }
            }
        });
    }
}
