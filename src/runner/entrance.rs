//! Who may begin: the runs of a workflow that limits them wait, are skipped, or take another's place.
use super::{Inner, New, calls::Alarm, control::Conclusion, queue::Ticket};
use crate::{
    Error, Result,
    model::{
        Scope,
        workflow::{Settings, WhenFull},
    },
    store::NewInstance,
};
use std::sync::Arc;
use uuid::Uuid;

/// How many runs of a workflow may be under way, and what happens to a further one.
pub(super) struct Bound {
    pub workflow: Uuid,
    pub limit: usize,
    when_full: WhenFull,
    /// The run whose step waits for this one.
    parent: Option<Uuid>,
}

/// What a workflow's limit says to a run.
pub(super) enum Gate {
    Open,
    Closed { workflow: Uuid, limit: usize },
    Skip { limit: usize },
}

/// A run's place among those of its workflow that are under way: given back when dropped, unless it is kept.
pub(super) struct Admission {
    pub inner: Arc<Inner>,
    pub workflow: Option<Uuid>,
    pub run: Uuid,
}

impl Admission {
    /// The run is under way: its end gives the place back.
    pub fn keep(mut self) {
        self.workflow = None;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.inner.leave_gate(self.workflow, self.run);
    }
}

impl Bound {
    pub fn of(new: &New) -> Option<Self> {
        let parent = new.parent.as_ref().map(|parent| parent.instance);
        Self::new(new.workflow_id, &new.definition.workflow.settings, new.is_test, parent)
    }

    /// None where the settings set no limit, and for tests.
    pub fn new(workflow: Option<Uuid>, settings: &Settings, is_test: bool, parent: Option<Uuid>) -> Option<Self> {
        let limit = settings.max_concurrent_runs.filter(|_| !is_test)? as usize;
        Some(Self { workflow: workflow?, limit, when_full: settings.when_full, parent })
    }

    /// Whether what this start finds depends on one that is not yet committed: which run it takes the place of, or whether
    /// it is skipped for the sake of the run that its own key has started.
    pub fn takes_turns(&self, new: &NewInstance) -> bool {
        match self.when_full {
            WhenFull::Replace => true,
            WhenFull::Skip => new.idempotency_key.is_some(),
            WhenFull::Queue => false,
        }
    }
}

impl Inner {
    /// Whether one more run of the workflow may be under way; then it is among those inside.
    pub(super) async fn gate(self: &Arc<Self>, scope: &Scope, bound: Option<&Bound>, run: Uuid) -> Result<Gate> {
        let Some(&Bound { workflow, limit, when_full, parent }) = bound else { return Ok(Gate::Open) };
        loop {
            if self.gates.enter(workflow, run, limit) || self.is_above(scope, parent, workflow)? {
                return Ok(Gate::Open);
            }
            match when_full {
                WhenFull::Queue => return Ok(Gate::Closed { workflow, limit }),
                // whoever calls waits for a result
                WhenFull::Skip if parent.is_some() => return Ok(Gate::Closed { workflow, limit }),
                WhenFull::Skip => return Ok(Gate::Skip { limit }),
                WhenFull::Replace => {}
            }
            let Some(oldest) = self.gates.oldest(workflow) else { return Ok(Gate::Closed { workflow, limit }) };
            match Box::pin(self.stop(scope, oldest)).await {
                // one that is on its way out leaves by itself
                Ok(()) | Err(Error::Conflict(_) | Error::NotFound(_)) => self.leave_gate(Some(workflow), oldest),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a run of `workflow` is `parent` or above it, and so waits for the new one: then waiting for that would be
    /// for ever.
    pub(super) fn is_above(&self, scope: &Scope, parent: Option<Uuid>, workflow: Uuid) -> Result<bool> {
        let Some(parent) = parent else { return Ok(false) };
        self.store.runs.get(|tx| tx.is_within(scope, parent, workflow))
    }

    /// Lets a run that is stored begin as soon as its workflow's limit allows.
    pub(super) fn wait_at_gate(&self, workflow: Uuid, ticket: Ticket, limit: usize) {
        self.gates.wait(workflow, ticket, limit).into_iter().for_each(|one| self.queue.push(one));
    }

    /// Makes room for another run of the workflow; nothing when it had none.
    pub(super) fn leave_gate(&self, workflow: Option<Uuid>, run: Uuid) {
        if let Some(workflow) = workflow {
            self.gates.leave(workflow, run).into_iter().for_each(|one| self.queue.push(one));
        }
    }

    /// Begins a run that was written together with the failure that it is told of, as its workflow's limit says.
    pub(super) fn raise(self: &Arc<Self>, scope: &Scope, alarm: &Alarm) {
        let ticket = Ticket { tenant: scope.tenant, run: alarm.run };
        let definition = self.definition(scope, &alarm.definition);
        let settings = definition.as_ref().map(|definition| &definition.workflow.settings);
        let bound = settings.ok().and_then(|settings| Bound::new(alarm.workflow, settings, false, None));
        let Some(bound) = bound else { return self.queue.push(ticket) };
        let (inner, scope) = (Arc::clone(self), scope.clone());
        self.tasks.spawn(async move {
            let _turn = inner.gates.turn(bound.workflow).await;
            match inner.gate(&scope, Some(&bound), ticket.run).await {
                Ok(Gate::Open) => inner.queue.push(ticket),
                Ok(Gate::Closed { workflow, limit }) => inner.wait_at_gate(workflow, ticket, limit),
                Ok(Gate::Skip { limit }) => {
                    // one that was stopped meanwhile needs no skipping
                    let _ = inner.conclude(&scope, ticket.run, Conclusion::skipped(limit)).await;
                }
                Err(error) => {
                    tracing::error!(instance = %ticket.run, %error, "a run waits for those of its workflow instead of ending one");
                    inner.wait_at_gate(bound.workflow, ticket, bound.limit);
                }
            }
        });
    }
}
