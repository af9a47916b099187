//! The queue of runs: executes a limited number at once, and takes turns between tenants.
use crate::lanes::{Accounts, LaneOwner, Lanes};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// A queued run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub tenant: Uuid,
    pub run: Uuid,
}

/// Assigns slots to queued runs.
pub struct Queue {
    accounts: Accounts,
    lanes: Mutex<Lanes<Uuid>>,
    changed: Notify,
}

/// A slot for executing a run. Released when dropped.
pub struct Slot {
    queue: Arc<Queue>,
    owner: LaneOwner,
}

impl Queue {
    pub fn new(slots: usize, share: usize, accounts: Accounts) -> Arc<Self> {
        Arc::new(Self { accounts, lanes: Mutex::new(Lanes::new(slots, share)), changed: Notify::new() })
    }

    /// Returns whether another run of the tenant may be queued, if at most `most` runs may be queued in total.
    pub fn has_room(&self, tenant: Uuid, most: usize) -> bool {
        let owner = self.accounts.owner(tenant);
        self.lock().has_room(owner, most)
    }

    pub fn push(&self, ticket: Ticket) {
        let owner = self.accounts.owner(ticket.tenant);
        self.lock().push(owner, ticket.run);
        self.changed.notify_one();
    }

    /// Returns a slot immediately, unless none is free or other runs of the tenant are queued.
    pub fn try_take(self: &Arc<Self>, tenant: Uuid) -> Option<Slot> {
        let owner = self.accounts.owner(tenant);
        self.lock().try_take(owner).then(|| self.slot(owner))
    }

    /// Removes and returns the next run that may have a slot now.
    pub fn pop(self: &Arc<Self>) -> Option<(Ticket, Slot)> {
        let (owner, run) = self.lock().pop()?;
        Some((Ticket { tenant: owner.tenant, run }, self.slot(owner)))
    }

    /// Waits for the next run that may have a slot.
    pub async fn next(self: &Arc<Self>) -> (Ticket, Slot) {
        loop {
            let changed = self.changed.notified();
            if let Some(next) = self.pop() {
                return next;
            }
            changed.await;
        }
    }

    /// Returns all queued runs.
    pub fn waiting(&self) -> HashSet<Uuid> {
        self.lock().waiting().copied().collect()
    }

    /// Removes the queued runs of a tenant.
    pub fn forget(&self, tenant: Uuid) {
        self.lock().retain(tenant, |_| false);
    }

    fn slot(self: &Arc<Self>, owner: LaneOwner) -> Slot {
        Slot { queue: Arc::clone(self), owner }
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<Uuid>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.queue.lock().release(self.owner);
        self.queue.changed.notify_one();
    }
}
