//! Enforces concurrency limits of workflows.
use super::queue::Ticket;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// The number of locks that serialize starts. Workflows that share one wait for each other.
const TURNS: usize = 32;

/// A gate for each workflow that has a concurrency limit and unfinished runs.
#[derive(Default)]
pub struct Gates {
    all: Mutex<HashMap<Uuid, Gate>>,
    /// Notified when a run whose end is being written has left, or stays.
    settled: Notify,
    turns: [tokio::sync::Mutex<()>; TURNS],
}

#[derive(Default)]
struct Gate {
    limit: usize,
    inside: BTreeSet<Uuid>,
    /// The admitted runs whose end is being written.
    ending: BTreeSet<Uuid>,
    /// By their IDs, which follow the order of the starts: runs that come from another server do not queue behind later ones.
    waiting: BTreeMap<Uuid, Ticket>,
}

impl Gate {
    /// Admits waiting runs up to the limit.
    fn admit(&mut self) -> Vec<Ticket> {
        let mut admitted = Vec::new();
        while self.inside.len() < self.limit {
            let Some((_, ticket)) = self.waiting.pop_first() else { break };
            self.inside.insert(ticket.run);
            admitted.push(ticket);
        }
        admitted
    }
}

impl Gates {
    /// Admits the run if the limit allows it and no run is waiting. Returns whether it was admitted.
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

    /// Admits a run regardless of the limit, because it was admitted before the server restarted.
    pub fn restore(&self, workflow: Uuid, run: Uuid, limit: usize) {
        let mut gates = self.lock();
        let gate = gates.entry(workflow).or_default();
        gate.limit = limit.max(1);
        gate.inside.insert(run);
    }

    /// Adds a waiting run. Returns the runs that are admitted now.
    pub fn wait(&self, workflow: Uuid, ticket: Ticket, limit: usize) -> Vec<Ticket> {
        let mut gates = self.lock();
        let gate = gates.entry(workflow).or_default();
        gate.limit = limit.max(1);
        gate.waiting.insert(ticket.run, ticket);
        gate.admit()
    }

    /// Returns the workflows with waiting runs, as pairs of tenant and workflow.
    pub fn crowded(&self) -> Vec<(Uuid, Uuid)> {
        let gates = self.lock();
        gates
            .iter()
            .filter_map(|(workflow, gate)| Some((gate.waiting.first_key_value()?.1.tenant, *workflow)))
            .collect()
    }

    /// Changes the limit. Returns the runs that are admitted now.
    pub fn change(&self, workflow: Uuid, limit: usize) -> Vec<Ticket> {
        let mut gates = self.lock();
        let Some(gate) = gates.get_mut(&workflow) else { return Vec::new() };
        gate.limit = limit.max(1);
        gate.admit()
    }

    /// Serializes the starts of a workflow, for starts that depend on whether the previous one was committed.
    pub async fn turn(&self, workflow: Uuid) -> tokio::sync::MutexGuard<'_, ()> {
        // the last byte of an id is random
        self.turns[usize::from(workflow.as_bytes()[15]) % TURNS].lock().await
    }

    /// Returns whether the run is waiting.
    pub fn has_waiting(&self, workflow: Uuid, run: Uuid) -> bool {
        self.lock().get(&workflow).is_some_and(|gate| gate.waiting.contains_key(&run))
    }

    /// Returns the number of waiting runs.
    pub fn waiting(&self, workflow: Uuid) -> usize {
        self.lock().get(&workflow).map_or(0, |gate| gate.waiting.len())
    }

    /// Returns the oldest admitted run.
    pub fn oldest(&self, workflow: Uuid) -> Option<Uuid> {
        self.lock().get(&workflow)?.inside.first().copied()
    }

    /// Marks an admitted run whose end is being written: it has its place until the end is stored, but who may see the end
    /// before that must not be told that there is no place.
    pub fn begin_end(&self, workflow: Uuid, run: Uuid) {
        if let Some(gate) = self.lock().get_mut(&workflow).filter(|gate| gate.inside.contains(&run)) {
            gate.ending.insert(run);
        }
    }

    /// Removes the mark of a run whose end could not be stored.
    pub fn cancel_end(&self, workflow: Uuid, run: Uuid) {
        if let Some(gate) = self.lock().get_mut(&workflow) {
            gate.ending.remove(&run);
        }
        self.settled.notify_waiters();
    }

    /// Waits for a run whose end is being written. Returns false if there is none.
    pub async fn wait_for_end(&self, workflow: Uuid) -> bool {
        let settled = self.settled.notified();
        let is_ending = self.lock().get(&workflow).is_some_and(|gate| !gate.ending.is_empty());
        if is_ending {
            settled.await;
        }
        is_ending
    }

    /// Removes a run that has ended, whether admitted or waiting. Returns the runs that are admitted now.
    pub fn leave(&self, workflow: Uuid, run: Uuid) -> Vec<Ticket> {
        let mut gates = self.lock();
        let Some(gate) = gates.get_mut(&workflow) else { return Vec::new() };
        if !gate.inside.remove(&run) {
            gate.waiting.remove(&run);
        }
        if gate.ending.remove(&run) {
            self.settled.notify_waiters();
        }
        let admitted = gate.admit();
        if gate.inside.is_empty() && gate.waiting.is_empty() {
            gates.remove(&workflow);
        }
        admitted
    }

    /// Forgets all runs.
    pub fn clear(&self) {
        self.lock().clear();
        self.settled.notify_waiters();
    }

    /// Removes a tenant's waiting runs. Admitted ones leave when they end.
    pub fn forget(&self, tenant: Uuid) {
        for gate in self.lock().values_mut() {
            gate.waiting.retain(|_, ticket| ticket.tenant != tenant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Gate>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn waiting_runs_are_admitted_in_order_as_others_leave() {
        let gates = Gates::default();
        assert!(gates.enter(WORKFLOW, Uuid::from_u128(1), 1));
        assert!(!gates.enter(WORKFLOW, Uuid::from_u128(2), 1));
        assert!(gates.wait(WORKFLOW, ticket(2), 1).is_empty());
        assert!(gates.wait(WORKFLOW, ticket(3), 1).is_empty());
        assert_eq!(gates.oldest(WORKFLOW), Some(Uuid::from_u128(1)));
        assert_eq!(gates.leave(WORKFLOW, Uuid::from_u128(1)), [ticket(2)]);
        // a waiting run may end as well
        assert!(gates.leave(WORKFLOW, Uuid::from_u128(3)).is_empty());
        assert!(gates.leave(WORKFLOW, Uuid::from_u128(2)).is_empty());
        assert!(gates.lock().is_empty());
    }

    #[tokio::test]
    async fn a_run_keeps_its_place_until_its_end_is_stored() {
        let (gates, one, two) = (Gates::default(), ticket(1).run, ticket(2).run);
        assert!(gates.enter(WORKFLOW, one, 1) && !gates.wait_for_end(WORKFLOW).await);
        gates.begin_end(WORKFLOW, one);
        let mut waiting = Box::pin(gates.wait_for_end(WORKFLOW));
        assert!(futures_util::poll!(&mut waiting).is_pending() && !gates.enter(WORKFLOW, two, 1));
        gates.cancel_end(WORKFLOW, one);
        assert!(waiting.await && !gates.wait_for_end(WORKFLOW).await && !gates.enter(WORKFLOW, two, 1));
        gates.begin_end(WORKFLOW, one);
        let mut waiting = Box::pin(gates.wait_for_end(WORKFLOW));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        gates.leave(WORKFLOW, one);
        assert!(waiting.await && gates.enter(WORKFLOW, two, 1));
    }

    #[test]
    fn runs_of_another_server_are_admitted_before_later_ones() {
        let gates = Gates::default();
        assert!(gates.enter(WORKFLOW, Uuid::from_u128(1), 1));
        for run in [5, 3, 2, 4] {
            assert!(gates.wait(WORKFLOW, ticket(run), 1).is_empty());
        }
        for run in 2..6 {
            assert_eq!(gates.leave(WORKFLOW, Uuid::from_u128(run - 1)), [ticket(run)]);
        }
    }

    #[test]
    fn a_higher_limit_admits_more_runs() {
        let gates = Gates::default();
        assert!(gates.enter(WORKFLOW, Uuid::from_u128(1), 1));
        assert!(gates.wait(WORKFLOW, ticket(2), 1).is_empty());
        assert_eq!(gates.wait(WORKFLOW, ticket(3), 3), [ticket(2), ticket(3)]);
    }

    #[test]
    fn a_changed_limit_applies_to_waiting_runs() {
        let gates = Gates::default();
        assert!(gates.enter(WORKFLOW, Uuid::from_u128(1), 1));
        for run in 2..6 {
            assert!(gates.wait(WORKFLOW, ticket(run), 1).is_empty());
        }
        assert_eq!(gates.crowded(), [(Uuid::from_u128(9), WORKFLOW)]);
        assert_eq!(gates.change(WORKFLOW, 2), [ticket(2)]);
        assert!(gates.change(WORKFLOW, 1).is_empty());
        assert_eq!(gates.change(WORKFLOW, usize::MAX), [ticket(3), ticket(4), ticket(5)]);
        assert!(gates.crowded().is_empty());
    }
}
