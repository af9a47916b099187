//! The step executions of one run.
use super::{active::ActiveRun, execute::FinishedStep};
use crate::{
    Result,
    clock::{Time, sleep_until_or_look},
    runner::{
        Inner,
        engine::{Phase, StepPlace},
        nodes::SUB_WORKFLOW,
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::{
    sync::Notify,
    task::{AbortHandle, Id, JoinSet},
};

/// The steps of a run that are being executed. Dropping it aborts them.
#[derive(Default)]
pub(super) struct RunningSteps {
    tasks: JoinSet<FinishedStep>,
    handles: HashMap<StepPlace, AbortHandle>,
    /// Sub-workflow steps that were aborted and have not ended yet.
    calls: HashSet<Id>,
    /// Whether one of them has ended since `take_lost`.
    is_lost: bool,
}

impl RunningSteps {
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn execute(&mut self, active: &mut ActiveRun, inner: &Arc<Inner>, place: StepPlace) {
        let (job, inner) = (active.job(inner, place.clone()), Arc::clone(inner));
        let handle = self.tasks.spawn(async move {
            // after a pause, the run may belong to another server
            inner.wait_for_life().await;
            job.execute().await
        });
        self.handles.insert(place, handle);
    }

    /// Returns whether aborted executions may still start another run.
    pub fn is_calling(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Returns whether, since the last call, an execution has ended that may have started an orphaned run.
    pub fn take_lost(&mut self) -> bool {
        std::mem::take(&mut self.is_lost)
    }

    /// Aborts executions of steps that the run has dropped.
    pub fn dismiss(&mut self, active: &ActiveRun) {
        let calls = |place: &StepPlace| active.definition.workflow.nodes[place.node].r#type == SUB_WORKFLOW;
        self.handles.retain(|place, handle| {
            let runs = active.run.phase(place) == Some(&Phase::Running);
            if !runs {
                handle.abort();
                self.calls.extend(calls(place).then(|| handle.id()));
            }
            runs
        });
    }

    /// Waits until an execution ends, `due` is reached or a signal arrives. Returns all executions that have ended.
    pub async fn wait(&mut self, due: Option<Time>, wake: &Notify) -> Result<Vec<FinishedStep>> {
        let mut finished = Vec::new();
        let mut ended = tokio::select! {
            first = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => first,
            () = sleep_until_or_look(due) => None,
            () = wake.notified() => None,
        };
        while let Some(one) = ended {
            match one {
                Ok((id, one)) => {
                    self.calls.remove(&id);
                    self.handles.remove(&one.place);
                    finished.push(one);
                }
                Err(error) if error.is_cancelled() => self.is_lost |= self.calls.remove(&error.id()),
                Err(error) => return Err(error.into()),
            }
            ended = self.tasks.try_join_next_with_id();
        }
        Ok(finished)
    }
}
