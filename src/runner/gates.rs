//! How many runs of one workflow are under way at once, where its settings say a number.
use super::queue::Ticket;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// How many workflows take turns apart from each other.
const TURNS: usize = 32;

/// One gate for each workflow that limits its runs and has some.
#[derive(Default)]
pub struct Gates {
    gates: Mutex<HashMap<Uuid, Gate>>,
    turns: [tokio::sync::Mutex<()>; TURNS],
}

#[derive(Default)]
struct Gate {
    limit: usize,
    inside: BTreeSet<Uuid>,
    waiting: VecDeque<Ticket>,
}

impl Gate {
    /// Lets in those that wait, as far as there is room.
    fn admit(&mut self) -> Vec<Ticket> {
        let mut admitted = Vec::new();
        while self.inside.len() < self.limit {
            let Some(ticket) = self.waiting.pop_front() else { break };
            self.inside.insert(ticket.run);
            admitted.push(ticket);
        }
        admitted
    }
}

impl Gates {
    /// Whether the run may go on; then it is inside until it leaves. Nobody overtakes those that wait.
    pub fn enter(&self, workflow: Uuid, run: Uuid, limit: usize) -> bool {
        let mut gates = self.lock();
        let gate = gates.entry(workflow).or_default();
        gate.limit = limit.max(1);
        let enters = gate.waiting.is_empty() && gate.inside.len() < gate.limit;
        if enters {
            gate.inside.insert(run);
        }
        enters
    }

    /// Takes a run in whatever the limit says: it was inside before the server started.
    pub fn restore(&self, workflow: Uuid, run: Uuid, limit: usize) {
        let mut gates = self.lock();
        let gate = gates.entry(workflow).or_default();
        gate.limit = limit.max(1);
        gate.inside.insert(run);
    }

    /// Lines up; answers those that may go at once.
    pub fn wait(&self, workflow: Uuid, ticket: Ticket, limit: usize) -> Vec<Ticket> {
        let mut gates = self.lock();
        let gate = gates.entry(workflow).or_default();
        gate.limit = limit.max(1);
        gate.waiting.push_back(ticket);
        gate.admit()
    }

    /// Lets the starts of a workflow come one at a time, where what one finds depends on whether the one before it has
    /// been committed.
    pub async fn turn(&self, workflow: Uuid) -> tokio::sync::MutexGuard<'_, ()> {
        // the last byte of an id is random
        self.turns[usize::from(workflow.as_bytes()[15]) % TURNS].lock().await
    }

    /// Whether the run waits.
    pub fn has_waiting(&self, workflow: Uuid, run: Uuid) -> bool {
        self.lock().get(&workflow).is_some_and(|gate| gate.waiting.iter().any(|ticket| ticket.run == run))
    }

    /// How many wait.
    pub fn waiting(&self, workflow: Uuid) -> usize {
        self.lock().get(&workflow).map_or(0, |gate| gate.waiting.len())
    }

    /// The run that has been inside for longest.
    pub fn oldest(&self, workflow: Uuid) -> Option<Uuid> {
        self.lock().get(&workflow)?.inside.first().copied()
    }

    /// The run has ended, wherever it was; answers those that may go now.
    pub fn leave(&self, workflow: Uuid, run: Uuid) -> Vec<Ticket> {
        let mut gates = self.lock();
        let Some(gate) = gates.get_mut(&workflow) else { return Vec::new() };
        if !gate.inside.remove(&run) {
            gate.waiting.retain(|ticket| ticket.run != run);
        }
        let admitted = gate.admit();
        if gate.inside.is_empty() && gate.waiting.is_empty() {
            gates.remove(&workflow);
        }
        admitted
    }

    /// Drops those of a tenant that wait; what is inside leaves by itself.
    pub fn forget(&self, tenant: Uuid) {
        for gate in self.lock().values_mut() {
            gate.waiting.retain(|ticket| ticket.tenant != tenant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Gate>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKFLOW: Uuid = Uuid::from_u128(1);

    fn ticket(run: u128) -> Ticket {
        Ticket { tenant: Uuid::from_u128(9), run: Uuid::from_u128(run) }
    }

    #[test]
    fn those_that_wait_go_in_their_order_as_others_leave() {
        let gates = Gates::default();
        assert!(gates.enter(WORKFLOW, Uuid::from_u128(1), 1));
        assert!(!gates.enter(WORKFLOW, Uuid::from_u128(2), 1));
        assert!(gates.wait(WORKFLOW, ticket(2), 1).is_empty());
        assert!(gates.wait(WORKFLOW, ticket(3), 1).is_empty());
        assert_eq!(gates.oldest(WORKFLOW), Some(Uuid::from_u128(1)));
        assert_eq!(gates.leave(WORKFLOW, Uuid::from_u128(1)), [ticket(2)]);
        // one that waits may end as well
        assert!(gates.leave(WORKFLOW, Uuid::from_u128(3)).is_empty());
        assert!(gates.leave(WORKFLOW, Uuid::from_u128(2)).is_empty());
        assert!(gates.lock().is_empty());
    }

    #[test]
    fn a_higher_limit_lets_more_in() {
        let gates = Gates::default();
        assert!(gates.enter(WORKFLOW, Uuid::from_u128(1), 1));
        assert!(gates.wait(WORKFLOW, ticket(2), 1).is_empty());
        assert_eq!(gates.wait(WORKFLOW, ticket(3), 3), [ticket(2), ticket(3)]);
    }
}
