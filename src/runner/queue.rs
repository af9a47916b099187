//! Which run goes next: a bounded number at once, in turn between tenants.
use crate::lanes::Lanes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    lanes: Mutex<Lanes<Uuid>>,
    changed: Notify,
}

/// The right to be executed, until it is dropped.
pub struct Slot {
    queue: Arc<Queue>,
    tenant: Uuid,
}

impl Queue {
    pub fn new(slots: usize, share: usize) -> Arc<Self> {
        Arc::new(Self { lanes: Mutex::new(Lanes::new(slots, share)), changed: Notify::new() })
    }

    /// Whether one more run of the tenant may wait, where `most` may wait in all.
    pub fn has_room(&self, tenant: Uuid, most: usize) -> bool {
        self.lock().has_room(tenant, most)
    }

    pub fn push(&self, ticket: Ticket) {
        self.lock().push(ticket.tenant, ticket.run);
        self.changed.notify_one();
    }

    /// A slot at once, unless others of the tenant wait already.
    pub fn try_take(self: &Arc<Self>, tenant: Uuid) -> Option<Slot> {
        self.lock().try_take(tenant).then(|| self.slot(tenant))
    }

    /// The next run whose tenant may have a slot now.
    pub fn pop(self: &Arc<Self>) -> Option<(Ticket, Slot)> {
        let (tenant, run) = self.lock().pop()?;
        Some((Ticket { tenant, run }, self.slot(tenant)))
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
        self.lock().retain(tenant, |_| false);
    }

    fn slot(self: &Arc<Self>, tenant: Uuid) -> Slot {
        Slot { queue: Arc::clone(self), tenant }
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<Uuid>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.queue.lock().release(self.tenant);
        self.queue.changed.notify_one();
    }
}
