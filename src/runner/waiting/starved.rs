//! Runs that ran out of memory. Only one per tenant is resumed at a time: several would fill the tenant's share
//! together without any of them having enough to continue.
use super::queue::Ticket;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

#[derive(Default)]
pub struct Starved(Mutex<State>);

#[derive(Default)]
struct State {
    runs: HashSet<Uuid>,
    /// The run of each tenant that is being resumed.
    tried: HashMap<Uuid, Uuid>,
}

impl Starved {
    /// Returns whether the run may be loaded now. A starved run may not while another one of its tenant is being
    /// resumed.
    pub fn may_load(&self, ticket: Ticket) -> bool {
        let mut state = self.lock();
        !state.runs.contains(&ticket.run) || *state.tried.entry(ticket.tenant).or_insert(ticket.run) == ticket.run
    }

    /// Records that the run was unloaded, and whether because it ran out of memory.
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
    fn one_starved_run_of_each_tenant_is_resumed_at_a_time() {
        let starved = Starved::default();
        let (one, two, other) = (ticket(1, 1), ticket(1, 2), ticket(2, 3));
        assert!(starved.may_load(one) && starved.may_load(two));
        for run in [one, two, other] {
            starved.left(run, true);
        }
        assert!(starved.may_load(one) && !starved.may_load(two) && starved.may_load(other));
        assert!(starved.may_load(one), "it is the one being resumed");
        assert!(starved.may_load(ticket(1, 4)), "a run that was never starved");
        starved.left(one, true);
        assert!(starved.may_load(two) && !starved.may_load(one));
        starved.left(two, false);
        assert!(starved.may_load(one));
        starved.left(one, false);
        assert!(starved.may_load(two) && starved.may_load(one));
    }
}
