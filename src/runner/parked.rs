//! Waiting runs that stay in memory because reading them again would cost much: of a long loop that waits in each
//! iteration, every entry would be read as often as there are iterations after it. They are beside the budget, in a
//! bound of their own.
use super::{Inner, active::Active, queue::Ticket};
use crate::{Error, Result, clock::Time, json::in_place, model::workflow::VARIABLES};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
};
use uuid::Uuid;

/// Runs with fewer journal entries are read again: what that costs is bounded.
const SHORT: u64 = 256;
/// What a run takes beside its values, about, for each node.
const NODE: usize = 256;

/// Parked runs; the one that has waited for longest makes room for others.
pub(super) struct Parked<T> {
    /// How many bytes they may take together; those of one tenant half of it.
    most: usize,
    state: Mutex<State<T>>,
    /// Journal entries that were read to take runs into memory.
    pub replayed: AtomicU64,
}

struct State<T> {
    runs: HashMap<Uuid, Space<T>>,
    /// By when each was parked.
    order: BTreeMap<u64, Uuid>,
    next: u64,
    bytes: usize,
    tenants: HashMap<Uuid, usize>,
}

struct Space<T> {
    run: T,
    tenant: Uuid,
    number: u64,
    bytes: usize,
}

impl<T> Parked<T> {
    pub fn new(most: usize) -> Self {
        let (runs, tenants) = (HashMap::new(), HashMap::new());
        let state = State { runs, order: BTreeMap::new(), next: 0, bytes: 0, tenants };
        Self { most, state: Mutex::new(state), replayed: AtomicU64::new(0) }
    }

    /// Keeps a run of `bytes`, unless it is too large. Answers what had to go for it.
    #[must_use = "dropped outside of the lock"]
    pub fn put(&self, ticket: Ticket, bytes: usize, run: T) -> Vec<T> {
        if bytes > self.most / 2 {
            return vec![run];
        }
        let mut state = self.lock();
        let mut gone: Vec<T> = state.take(ticket.run).into_iter().collect();
        while state.bytes + bytes > self.most {
            let Some((_, &oldest)) = state.order.first_key_value() else { break };
            gone.extend(state.take(oldest));
        }
        while state.tenants.get(&ticket.tenant).copied().unwrap_or(0) + bytes > self.most / 2 {
            let is_theirs = |run: &&Uuid| state.runs.get(run).is_some_and(|space| space.tenant == ticket.tenant);
            let Some(oldest) = state.order.values().find(is_theirs).copied() else { break };
            gone.extend(state.take(oldest));
        }
        let number = state.next;
        state.next += 1;
        state.bytes += bytes;
        *state.tenants.entry(ticket.tenant).or_default() += bytes;
        state.order.insert(number, ticket.run);
        state.runs.insert(ticket.run, Space { run, tenant: ticket.tenant, number, bytes });
        gone
    }

    /// Takes a run out: nobody else has it then.
    pub fn take(&self, run: Uuid) -> Option<T> {
        self.lock().take(run)
    }

    /// Takes out all of a tenant.
    #[must_use = "dropped outside of the lock"]
    pub fn forget(&self, tenant: Uuid) -> Vec<T> {
        let mut state = self.lock();
        let theirs: Vec<Uuid> =
            state.runs.iter().filter(|(_, space)| space.tenant == tenant).map(|(run, _)| *run).collect();
        theirs.into_iter().filter_map(|run| state.take(run)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn take(&mut self, run: Uuid) -> Option<T> {
        let Space { run, tenant, number, bytes } = self.runs.remove(&run)?;
        self.order.remove(&number);
        self.bytes -= bytes;
        if let Some(held) = self.tenants.get_mut(&tenant) {
            *held -= bytes;
            if *held == 0 {
                self.tenants.remove(&tenant);
            }
        }
        Some(run)
    }
}

impl Inner {
    /// Keeps a run that waits, at most until `due`, in memory, if it is worth it and there is room.
    pub(super) fn park(&self, mut active: Active, due: Option<Time>) {
        let memory = active.memory();
        if active.run.seq() < SHORT {
            return in_place(memory, move || drop(active));
        }
        active.hold.shrink(active.hold.used());
        active.instance.due_at = due;
        let ticket = Ticket { tenant: active.scope.tenant, run: active.id() };
        let gone = self.parked.put(ticket, active.parked_bytes(), active);
        in_place(memory, move || drop(gone));
    }
}

impl Active {
    /// What it takes while it waits in memory.
    fn parked_bytes(&self) -> usize {
        self.scopes.size().memory + self.run.held() + self.run.graph().vertices().len() * NODE
    }

    /// Counts in the budget again, and sees the variables as they are now.
    ///
    /// # Errors
    /// `Unavailable` while there is no memory for it; and when the tenant's variables cannot be read.
    pub fn unpark(&mut self, inner: &Inner) -> Result<()> {
        self.account();
        if self.is_starved {
            return Err(Error::Unavailable("there is no memory for this run now"));
        }
        if self.definition.body.contains(VARIABLES) {
            self.vars = inner.services.backend.variables(&self.scope)?;
            self.scopes.set_variables(&self.vars);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Parked, Ticket};
    use uuid::Uuid;

    fn ticket(tenant: u128, run: u128) -> Ticket {
        Ticket { tenant: Uuid::from_u128(tenant), run: Uuid::from_u128(run) }
    }

    #[test]
    fn the_oldest_makes_room_and_no_tenant_has_more_than_half() {
        let parked = Parked::new(100);
        assert_eq!(parked.put(ticket(1, 1), 51, 'a'), ['a']);
        assert!(parked.put(ticket(1, 1), 30, 'a').is_empty());
        assert_eq!(parked.put(ticket(1, 2), 30, 'b'), ['a']);
        assert!(parked.put(ticket(1, 3), 20, 'c').is_empty());
        assert!(parked.put(ticket(2, 4), 50, 'd').is_empty());
        assert_eq!(parked.put(ticket(3, 5), 10, 'e'), ['b']);
        assert_eq!(parked.put(ticket(3, 5), 20, 'f'), ['e'], "it is there once");
        assert_eq!((parked.take(Uuid::from_u128(4)), parked.take(Uuid::from_u128(4))), (Some('d'), None));
        assert_eq!(parked.forget(Uuid::from_u128(1)), ['c']);
        let state = parked.lock();
        assert_eq!((state.bytes, state.runs.len(), state.order.len(), state.tenants.len()), (20, 1, 1, 1));
    }
}
