//! The memory that runs take: looked for before they are loaded, bounded while they grow.
use super::{Inner, active::Active, engine::Outcome, scopes::Size};
use crate::{
    Error, Result,
    budget::Owner,
    json::{cost_of_text, in_place},
    model::{Json, Scope, run::Failure},
};
use std::time::Duration;
use uuid::Uuid;

/// How many bytes of JSON one run may hold together: its input, the outputs of its steps and the items of its loops. What
/// an iteration gave goes with it.
const MAX_RUN: usize = 64 << 20;

/// How long a run waits for memory before it is put back.
const PATIENCE: Duration = Duration::from_millis(200);

impl Inner {
    /// Reads a run and its journal; none when it is gone or has ended.
    ///
    /// # Errors
    /// `RateLimited` or `Unavailable` while there is no memory for it.
    pub(super) async fn load(&self, scope: &Scope, id: Uuid) -> Result<Option<Active>> {
        let stored = self.stored(scope, id).await?;
        let Some(stored) = stored.filter(|stored| !stored.instance.status.is_final()) else { return Ok(None) };
        let definition = self.definition(scope, &stored.definition)?;
        let memory = memory_for(stored.instance.input.as_ref()).min(self.memory_of_one());
        let hold = self.budget.reserve_within(Owner::Tenant(scope.tenant), memory, PATIENCE).await?;
        let new = || Active::new(stored.instance, definition, stored.parent, self, hold, scope.tenant);
        let mut active = in_place(memory, new)?;
        let mut after = 0;
        loop {
            let (entries, text) = self.entries(scope, id, after).await?;
            let Some(last) = entries.last() else { return Ok(Some(active)) };
            after = last.seq;
            in_place(text, || active.replay(&entries));
            active.account();
            if active.is_starved {
                return Err(Error::Unavailable("there is no memory for this run now"));
            }
        }
    }

    /// What one run may hold in memory: no more than its tenant's share, so that it can be loaded again.
    pub(super) fn memory_of_one(&self) -> usize {
        (self.budget.total() / 8 * 3).saturating_sub(256 << 10)
    }
}

/// What a run takes when it begins: its input, and once more as the start step's output.
pub(super) fn memory_for(input: Option<&Json>) -> usize {
    input.map_or(0, |input| 2 * cost_of_text(input.text()))
}

/// `outcome`, unless the run would hold too much with it; `size` is what it holds by then.
pub(super) fn within(outcome: Outcome, size: &mut Size, most: usize) -> Outcome {
    match &outcome {
        Outcome::Done(done) => *size += Size::of(&done.output),
        Outcome::Wait(wait) => *size += Size::of(&wait.then.output),
        Outcome::Loop(looping) => looping.items.iter().for_each(|item| *size += Size::of(item)),
        Outcome::Failed(_) => {}
    }
    let why = if size.bytes > MAX_RUN {
        format!("the outputs of this run have more than {MAX_RUN} bytes together: return less from its steps")
    } else if size.memory > most {
        format!("the values of this run take more than {most} bytes of memory: return less from its steps")
    } else {
        return outcome;
    };
    match outcome {
        Outcome::Failed(failure) => Outcome::Failed(failure),
        _ => Outcome::Failed(Failure::new("OUTPUT_TOO_LARGE", why)),
    }
}
