//! Which run goes next: a bounded number at once, in turn between tenants.
use crate::lanes::{Accounts, Lanes, Owner};
use std::{
    collections::HashSet,
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

/// Hands out slots to waiting runs.
pub struct Queue {
    accounts: Accounts,
    lanes: Mutex<Lanes<Uuid>>,
    changed: Notify,
}

/// The right to be executed, until it is dropped.
pub struct Slot {
    queue: Arc<Queue>,
    owner: Owner,
}

impl Queue {
    pub fn new(slots: usize, share: usize, accounts: Accounts) -> Arc<Self> {
        Arc::new(Self { accounts, lanes: Mutex::new(Lanes::new(slots, share)), changed: Notify::new() })
    }

    /// Whether one more run of the tenant may wait, where `most` may wait in all.
    pub fn has_room(&self, tenant: Uuid, most: usize) -> bool {
        let owner = self.accounts.owner(tenant);
        self.lock().has_room(owner, most)
    }

    pub fn push(&self, ticket: Ticket) {
        let owner = self.accounts.owner(ticket.tenant);
        self.lock().push(owner, ticket.run);
        self.changed.notify_one();
    }

    /// A slot at once, unless others of the tenant wait already.
    pub fn try_take(self: &Arc<Self>, tenant: Uuid) -> Option<Slot> {
        let owner = self.accounts.owner(tenant);
        self.lock().try_take(owner).then(|| self.slot(owner))
    }

    /// The next run whose tenant may have a slot now.
    pub fn pop(self: &Arc<Self>) -> Option<(Ticket, Slot)> {
        let (owner, run) = self.lock().pop()?;
        Some((Ticket { tenant: owner.tenant, run }, self.slot(owner)))
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

    /// Every run that waits.
    pub fn waiting(&self) -> HashSet<Uuid> {
        self.lock().waiting().copied().collect()
    }

    /// Drops the waiting runs of a tenant.
    pub fn forget(&self, tenant: Uuid) {
        self.lock().retain(tenant, |_| false);
    }

    fn slot(self: &Arc<Self>, owner: Owner) -> Slot {
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
