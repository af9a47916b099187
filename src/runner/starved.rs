//! Runs that had no memory for what comes next. Of each tenant one at a time is taken up again: several would fill the
//! tenant's share together, each without room to go on.
use super::queue::Ticket;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Starved(Mutex<State>);

#[derive(Default)]
struct State {
    runs: HashSet<Uuid>,
    /// The run of each tenant that is being tried again.
    tried: HashMap<Uuid, Uuid>,
}

impl Starved {
    /// Whether the run may be loaded now; one that was starved only when no other of its tenant is tried again.
    pub fn may_load(&self, ticket: Ticket) -> bool {
        let mut state = self.lock();
        !state.runs.contains(&ticket.run) || *state.tried.entry(ticket.tenant).or_insert(ticket.run) == ticket.run
    }

    /// Notes that the run has left memory, and whether for lack of it.
    pub fn left(&self, ticket: Ticket, is_starved: bool) {
        let mut state = self.lock();
        if is_starved {
            state.runs.insert(ticket.run);
        } else if !state.runs.is_empty() {
            state.runs.remove(&ticket.run);
        }
        if state.tried.get(&ticket.tenant) == Some(&ticket.run) {
            state.tried.remove(&ticket.tenant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Starved, Ticket};
    use uuid::Uuid;

    fn ticket(tenant: u128, run: u128) -> Ticket {
        Ticket { tenant: Uuid::from_u128(tenant), run: Uuid::from_u128(run) }
    }

    #[test]
    fn of_each_tenant_one_starved_run_is_tried_at_a_time() {
        let starved = Starved::default();
        let (one, two, other) = (ticket(1, 1), ticket(1, 2), ticket(2, 3));
        assert!(starved.may_load(one) && starved.may_load(two));
        for run in [one, two, other] {
            starved.left(run, true);
        }
        assert!(starved.may_load(one) && !starved.may_load(two) && starved.may_load(other));
        assert!(starved.may_load(one), "it is the one that is tried");
        assert!(starved.may_load(ticket(1, 4)), "one that was never starved");
        starved.left(one, true);
        assert!(starved.may_load(two) && !starved.may_load(one));
        starved.left(two, false);
        assert!(starved.may_load(one));
        starved.left(one, false);
        assert!(starved.may_load(two) && starved.may_load(one));
    }
}
