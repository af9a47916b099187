//! The executions of one run.
use super::{
    Inner,
    active::Active,
    engine::{Phase, Place},
    execute::Finished,
    nodes::SUB_WORKFLOW,
};
use crate::{
    Result,
    clock::{Time, sleep_until_or_look},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::{
    sync::Notify,
    task::{AbortHandle, Id, JoinSet},
};

/// Its steps that are being executed; dropped, it ends them.
#[derive(Default)]
pub(super) struct Crew {
    tasks: JoinSet<Finished>,
    handles: HashMap<Place, AbortHandle>,
    /// Executions that were stopped while they called another run, and whether one of them is over.
    calls: HashSet<Id>,
    is_lost: bool,
}

impl Crew {
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn execute(&mut self, active: &mut Active, inner: &Arc<Inner>, place: Place) {
        let handle = self.tasks.spawn(active.job(inner, place.clone()).execute());
        self.handles.insert(place, handle);
    }

    /// Whether executions that were stopped may still call another run.
    pub fn is_calling(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether an execution is over that may have called a run of which nobody knows, since this was last asked.
    pub fn take_lost(&mut self) -> bool {
        std::mem::take(&mut self.is_lost)
    }

    /// Stops executions that the run has given up.
    pub fn dismiss(&mut self, active: &Active) {
        let calls = |place: &Place| active.definition.workflow.nodes[place.node].r#type == SUB_WORKFLOW;
        self.handles.retain(|place, handle| {
            let runs = active.run.phase(place) == Some(&Phase::Running);
            if !runs {
                handle.abort();
                self.calls.extend(calls(place).then(|| handle.id()));
            }
            runs
        });
    }

    /// Waits until executions end, something is due, or there is mail; takes all executions that have ended by then.
    pub async fn wait(&mut self, due: Option<Time>, mail: &Notify) -> Result<Vec<Finished>> {
        let mut finished = Vec::new();
        let mut ended = tokio::select! {
            first = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => first,
            () = sleep_until_or_look(due) => None,
            () = mail.notified() => None,
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
