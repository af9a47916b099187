//! Waiting runs that stay in memory because loading them again would be expensive: a long loop that waits in each
//! iteration would read its whole journal in each. They have their own memory limit, apart from the budget.
use super::active::ActiveRun;
use crate::{
    Error, Result,
    clock::Time,
    json::in_place,
    model::workflow::VARIABLES,
    runner::{Inner, waiting::Ticket},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
};
use uuid::Uuid;

/// Runs with fewer journal entries are loaded again, which is cheap enough.
const SHORT: u64 = 256;
/// Approximate memory of a run for each node in addition to its values, in bytes.
const NODE: usize = 256;

/// The parked runs. The one parked first is evicted first.
pub struct Parked<T> {
    /// Maximum memory of all runs, in bytes. The runs of one tenant may take half of it.
    most: usize,
    state: Mutex<State<T>>,
    /// The number of journal entries read to load runs.
    pub replayed: AtomicU64,
}

struct State<T> {
    runs: HashMap<Uuid, Space<T>>,
    /// The runs in the order in which they were parked.
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

    /// Parks a run that takes `bytes`, unless it is too large. Returns the runs that were evicted or not parked.
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

    /// Removes and returns a run.
    pub fn take(&self, run: Uuid) -> Option<T> {
        self.lock().take(run)
    }

    /// Removes and returns all runs of a tenant.
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
    /// Parks a run that waits until `due` or for a signal, if loading it again would be expensive and there is room.
    pub(super) fn park(&self, mut active: ActiveRun, due: Option<Time>) {
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

impl ActiveRun {
    /// Returns the memory that it takes while parked, in bytes.
    fn parked_bytes(&self) -> usize {
        self.scopes.size().memory + self.run.held() + self.run.graph().vertices().len() * NODE
    }

    /// Counts towards the budget again, and reloads the tenant's variables.
    ///
    /// # Errors
    /// `ShortOfMemory` while there is not enough memory, and errors of reading the variables.
    pub fn unpark(&mut self, inner: &Inner) -> Result<()> {
        self.account();
        if self.is_starved {
            return Err(Error::ShortOfMemory("there is not enough memory for this run right now"));
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
    fn the_oldest_is_evicted_and_no_tenant_has_more_than_half() {
        let parked = Parked::new(100);
        assert_eq!(parked.put(ticket(1, 1), 51, 'a'), ['a']);
        assert!(parked.put(ticket(1, 1), 30, 'a').is_empty());
        assert_eq!(parked.put(ticket(1, 2), 30, 'b'), ['a']);
        assert!(parked.put(ticket(1, 3), 20, 'c').is_empty());
        assert!(parked.put(ticket(2, 4), 50, 'd').is_empty());
        assert_eq!(parked.put(ticket(3, 5), 10, 'e'), ['b']);
        assert_eq!(parked.put(ticket(3, 5), 20, 'f'), ['e'], "it is parked once");
        assert_eq!((parked.take(Uuid::from_u128(4)), parked.take(Uuid::from_u128(4))), (Some('d'), None));
        assert_eq!(parked.forget(Uuid::from_u128(1)), ['c']);
        let state = parked.lock();
        assert_eq!((state.bytes, state.runs.len(), state.order.len(), state.tenants.len()), (20, 1, 1, 1));
    }
}
