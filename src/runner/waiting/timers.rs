//! The due times of waiting runs, in one ordered set. A single task sleeps until the earliest one.
use super::queue::Ticket;
use crate::clock::{Time, sleep_until_or_look};
use std::{
    collections::{BTreeSet, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// The due times of waiting runs, of about 50 bytes each.
#[derive(Default)]
pub struct Timers {
    due: Mutex<BTreeSet<(Time, Uuid, Uuid)>>,
    changed: Notify,
}

impl Timers {
    pub fn add(&self, at: Time, ticket: Ticket) {
        let mut due = self.lock();
        due.insert((at, ticket.tenant, ticket.run));
        let is_first = due.first().is_some_and(|first| first.2 == ticket.run);
        drop(due);
        if is_first {
            self.changed.notify_one();
        }
    }

    pub fn remove(&self, at: Time, ticket: Ticket) {
        self.lock().remove(&(at, ticket.tenant, ticket.run));
    }

    pub fn has(&self, at: Time, ticket: Ticket) -> bool {
        self.lock().contains(&(at, ticket.tenant, ticket.run))
    }

    /// Returns all runs that wait for a due time.
    pub fn waiting(&self) -> HashSet<Uuid> {
        self.lock().iter().map(|(.., run)| *run).collect()
    }

    /// Removes the due times of a tenant's runs.
    pub fn forget(&self, tenant: Uuid) {
        self.lock().retain(|(_, owner, _)| *owner != tenant);
    }

    /// Removes and returns the earliest run that is due at `now`.
    pub fn pop(&self, now: Time) -> Option<Ticket> {
        let mut due = self.lock();
        let first = due.first().filter(|(at, ..)| *at <= now).copied()?;
        due.remove(&first);
        Some(Ticket { tenant: first.1, run: first.2 })
    }

    /// Waits until the next run is due, and removes and returns it.
    pub async fn next(&self) -> Ticket {
        loop {
            let changed = self.changed.notified();
            if let Some(ticket) = self.pop(Time::now()) {
                return ticket;
            }
            let first = self.lock().first().map(|(at, ..)| *at);
            match first {
                Some(at) => tokio::select! {
                    () = sleep_until_or_look(Some(at)) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<(Time, Uuid, Uuid)>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
