//! The memory of runs: reserved before they are loaded, and limited while they grow.
use super::{active::ActiveRun, scopes::Size};
use crate::{
    Error, Result,
    budget::MemoryOwner,
    json::{cost_of_text, in_place},
    model::{Json, Scope, run::Failure},
    runner::{Inner, engine::StepOutcome},
    store::StoredInstance,
};
use std::{sync::atomic::Ordering::Relaxed, time::Duration};
use uuid::Uuid;

/// Maximum size of a run's values as JSON, in bytes: its input, the outputs of its steps and the items of its loops.
/// Values of ended iterations do not count.
const MAX_RUN: usize = 64 << 20;

/// How long a run waits for memory before it is queued again.
const PATIENCE: Duration = Duration::from_millis(200);

impl Inner {
    /// Loads a run and its journal. Returns `None` if it was deleted, has ended, or is executed by another server.
    ///
    /// # Errors
    /// `RateLimited` or `Unavailable` while there is not enough memory.
    pub(in crate::runner) async fn load(&self, scope: &Scope, id: Uuid) -> Result<Option<ActiveRun>> {
        let stored = self.stored(scope, id).await?;
        let is_ours =
            |stored: &StoredInstance| !stored.instance.status.is_final() && *stored.owner == *self.store.life();
        let Some(stored) = stored.filter(is_ours) else { return Ok(None) };
        let definition = self.definition(scope, &stored.definition)?;
        let memory = memory_for(stored.instance.input.as_ref()).min(self.memory_of_one());
        let hold = self.budget.reserve_within(MemoryOwner::Tenant(scope.tenant), memory, PATIENCE).await?;
        let new = || ActiveRun::new(stored.instance, definition, stored.parent, self, hold, scope.tenant);
        let mut active = in_place(memory, new)?;
        active.has_strays = active.definition.has_calls;
        let mut after = 0;
        loop {
            let (entries, text) = self.entries(scope, id, after).await?;
            let Some(last) = entries.last() else {
                // orphaned children are found by `stop_strays`
                drop(active.run.take_children());
                return Ok(Some(active));
            };
            after = last.seq;
            self.parked.replayed.fetch_add(entries.len() as u64, Relaxed);
            in_place(text, || active.replay(&entries));
            active.account();
            if active.is_starved {
                return Err(Error::ShortOfMemory("there is not enough memory for this run right now"));
            }
        }
    }

    /// Returns the maximum memory of a run, in bytes. It is less than a tenant's share, so that the run can be loaded
    /// again.
    pub(in crate::runner) fn memory_of_one(&self) -> usize {
        (self.budget.total() / 8 * 3).saturating_sub(256 << 10)
    }
}

/// Returns the memory of a run when it begins, in bytes: its input, which is also the output of the start step.
pub fn memory_for(input: Option<&Json>) -> usize {
    input.map_or(0, |input| 2 * cost_of_text(input.text()))
}

/// Adds the outcome's values to `size`. Returns `outcome`, or a failure if the run would become too large.
pub(super) fn within(outcome: StepOutcome, size: &mut Size, most: usize) -> StepOutcome {
    match &outcome {
        StepOutcome::Done(done) => *size += Size::of(&done.output),
        StepOutcome::Wait(wait) => *size += Size::of(&wait.then.output),
        StepOutcome::Loop(looping) => looping.items.iter().for_each(|item| *size += Size::of(item)),
        StepOutcome::Failed(_) => {}
    }
    let why = if size.bytes > MAX_RUN {
        format!("the outputs of this run exceed {MAX_RUN} bytes in total: return less data from its steps")
    } else if size.memory > most {
        format!("the values of this run take more than {most} bytes of memory: return less data from its steps")
    } else {
        return outcome;
    };
    match outcome {
        StepOutcome::Failed(failure) => StepOutcome::Failed(failure),
        _ => StepOutcome::Failed(Failure::new("OUTPUT_TOO_LARGE", why)),
    }
}
