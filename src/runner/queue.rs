//! Which run goes next: a bounded number at once, in turn between tenants.
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// A run that waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub tenant: Uuid,
    pub run: Uuid,
}

/// Hands out slots. A tenant gets one only while it holds fewer than are free: however many runs one has,
/// there is always a slot for another.
pub struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    free: usize,
    waiting: usize,
    lanes: HashMap<Uuid, Lane>,
    /// Tenants with waiting runs, in the order of their turns.
    turns: VecDeque<Uuid>,
}

#[derive(Default)]
struct Lane {
    held: usize,
    waiting: VecDeque<Uuid>,
}

/// The right to be executed, until it is dropped.
pub struct Slot {
    queue: Arc<Queue>,
    tenant: Uuid,
}

impl Queue {
    pub fn new(slots: usize) -> Arc<Self> {
        let state = State { free: slots, waiting: 0, lanes: HashMap::new(), turns: VecDeque::new() };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new() })
    }

    /// Whether one more run of the tenant may wait, where `most` may wait in all: it may have as many as it leaves
    /// to others.
    pub fn has_room(&self, tenant: Uuid, most: usize) -> bool {
        let state = self.lock();
        let own = state.lanes.get(&tenant).map_or(0, |lane| lane.waiting.len());
        own < most.saturating_sub(state.waiting)
    }

    pub fn push(&self, ticket: Ticket) {
        let mut state = self.lock();
        state.waiting += 1;
        let lane = state.lanes.entry(ticket.tenant).or_default();
        lane.waiting.push_back(ticket.run);
        if lane.waiting.len() == 1 {
            state.turns.push_back(ticket.tenant);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// A slot at once, unless others of the tenant wait already.
    pub fn try_take(self: &Arc<Self>, tenant: Uuid) -> Option<Slot> {
        let mut state = self.lock();
        let free = state.free;
        let lane = state.lanes.entry(tenant).or_default();
        if lane.waiting.is_empty() && lane.held < free {
            lane.held += 1;
            state.free -= 1;
            return Some(Slot { queue: Arc::clone(self), tenant });
        }
        state.tidy(tenant);
        None
    }

    /// The next run whose tenant may have a slot now.
    pub fn pop(self: &Arc<Self>) -> Option<(Ticket, Slot)> {
        let mut state = self.lock();
        for _ in 0..state.turns.len() {
            let tenant = state.turns.pop_front()?;
            let free = state.free;
            let Some(lane) = state.lanes.get_mut(&tenant) else { continue };
            let run = if lane.held < free { lane.waiting.pop_front() } else { None };
            lane.held += usize::from(run.is_some());
            if !lane.waiting.is_empty() {
                state.turns.push_back(tenant);
            }
            if let Some(run) = run {
                state.free -= 1;
                state.waiting -= 1;
                return Some((Ticket { tenant, run }, Slot { queue: Arc::clone(self), tenant }));
            }
        }
        None
    }

    /// Waits for a run that may go.
    pub async fn next(self: &Arc<Self>) -> (Ticket, Slot) {
        loop {
            let changed = self.changed.notified();
            if let Some(next) = self.pop() {
                return next;
            }
            changed.await;
        }
    }

    /// Drops the waiting runs of a tenant.
    pub fn forget(&self, tenant: Uuid) {
        let mut state = self.lock();
        let dropped = state.lanes.get_mut(&tenant).map_or(0, |lane| std::mem::take(&mut lane.waiting).len());
        state.waiting -= dropped;
        state.turns.retain(|one| *one != tenant);
        state.tidy(tenant);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tidy(&mut self, tenant: Uuid) {
        if self.lanes.get(&tenant).is_some_and(|lane| lane.held == 0 && lane.waiting.is_empty()) {
            self.lanes.remove(&tenant);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.free += 1;
        if let Some(lane) = state.lanes.get_mut(&self.tenant) {
            lane.held -= 1;
        }
        state.tidy(self.tenant);
        drop(state);
        self.queue.changed.notify_one();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fill(queue: &Queue, tenant: Uuid, runs: usize) {
        for _ in 0..runs {
            queue.push(Ticket { tenant, run: Uuid::now_v7() });
        }
    }

    #[test]
    fn a_thousand_runs_of_one_tenant_leave_room_for_another() {
        let queue = Queue::new(8);
        let (loud, quiet, late) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        fill(&queue, loud, 1000);
        let mut held: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(held.len(), 4);
        fill(&queue, quiet, 1);
        assert_eq!(queue.pop().map(|(ticket, slot)| (held.push((ticket, slot)), ticket.tenant).1), Some(quiet));
        assert!(queue.pop().is_none());
        held.push((Ticket { tenant: late, run: Uuid::nil() }, queue.try_take(late).unwrap()));
        assert!(queue.try_take(loud).is_none());
        drop(held);
        assert_eq!(queue.lock().waiting, 996);
        assert_eq!(queue.lock().free, 8);
        assert_eq!(queue.lock().lanes.len(), 1);
    }

    #[test]
    fn tenants_take_turns_and_a_tenants_runs_keep_their_order() {
        let queue = Queue::new(1);
        let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
        fill(&queue, a, 3);
        fill(&queue, b, 2);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop().map(|(ticket, _slot)| ticket)).collect();
        let tenants: Vec<_> = order.iter().map(|ticket| ticket.tenant).collect();
        assert_eq!(tenants, [a, b, a, b, a]);
        assert!(order[0].run < order[2].run && order[2].run < order[4].run);
        assert!(queue.lock().lanes.is_empty());
    }

    #[test]
    fn nobody_fills_the_queue_for_all() {
        let queue = Queue::new(1);
        let (loud, quiet) = (Uuid::now_v7(), Uuid::now_v7());
        while queue.has_room(loud, 100) {
            fill(&queue, loud, 1);
        }
        assert_eq!(queue.lock().waiting, 50);
        assert!(queue.has_room(quiet, 100));
    }

    #[test]
    fn a_forgotten_tenant_waits_no_more() {
        let queue = Queue::new(1);
        let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
        fill(&queue, a, 3);
        fill(&queue, b, 1);
        queue.forget(a);
        assert_eq!(queue.lock().waiting, 1);
        assert_eq!(queue.pop().unwrap().0.tenant, b);
        assert!(queue.pop().is_none());
    }
}
