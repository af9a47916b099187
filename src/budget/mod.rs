//! The bytes that requests, answers and runs hold at the same time: one bound for the process, a share for each owner.
#[cfg(test)]
mod tests;

use crate::{Error, Result};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

/// What a hold may use before it is counted: the number of requests at once bounds these.
const UNCOUNTED: usize = 16 << 10;
/// Bytes are taken and given back in pieces of this size.
const STEP: usize = 64 << 10;
/// When to try again after a refusal.
const RETRY: Duration = Duration::from_secs(2);

/// Who is responsible for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Holds at most half of the budget.
    Tenant(Uuid),
    /// A webhook, by any id that is unique to it. Holds at most an eighth.
    Hook(Uuid),
    /// A person with an account, outside of any tenant. Holds at most an eighth.
    Account(Uuid),
    /// What this server asks for itself: the tables of a datasource. Holds at most an eighth.
    Server,
    /// A caller without an account: an IPv4 address, or an IPv6 network of 64 bits. Holds at most an eighth.
    Address(IpAddr),
}

impl Owner {
    /// The owner of what `address` sends; callers without an address share one.
    pub fn address(address: Option<IpAddr>) -> Self {
        Self::Address(match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(six)) => IpAddr::V6((u128::from(six) & !u128::from(u64::MAX)).into()),
            Some(four) => four,
            None => IpAddr::from([0; 4]),
        })
    }

    fn share(self, total: usize) -> usize {
        match self {
            Self::Tenant(_) => total / 2,
            Self::Hook(_) | Self::Account(_) | Self::Server | Self::Address(_) => total / 8,
        }
    }
}

/// The budget of one server. Cheap to clone.
#[derive(Clone)]
pub struct Budget(Arc<Inner>);

struct Inner {
    total: usize,
    state: Mutex<State>,
    /// Told when bytes come back, if anyone waits.
    freed: Notify,
    waiting: AtomicUsize,
}

struct State {
    free: usize,
    owners: HashMap<Owner, usize>,
}

/// A budget in the name of one owner.
#[derive(Clone)]
pub struct Account {
    budget: Budget,
    owner: Owner,
}

impl Account {
    /// The same budget in another name.
    #[must_use]
    pub fn of(&self, owner: Owner) -> Self {
        Self { budget: self.budget.clone(), owner }
    }

    /// The owner's id; nil for one that has none.
    pub fn id(&self) -> Uuid {
        match self.owner {
            Owner::Tenant(id) | Owner::Hook(id) | Owner::Account(id) => id,
            Owner::Server | Owner::Address(_) => Uuid::nil(),
        }
    }

    /// A hold that uses nothing yet.
    pub fn hold(&self) -> Arc<Hold> {
        Arc::new(self.budget.hold(self.owner))
    }
}

impl From<Budget> for Account {
    /// In the server's own name.
    fn from(budget: Budget) -> Self {
        Self { budget, owner: Owner::Server }
    }
}

/// Bytes in use, given back when dropped. Grows while something is read.
pub struct Hold {
    budget: Budget,
    owners: [Option<Owner>; 2],
    /// Bytes in use.
    used: AtomicUsize,
    /// Bytes taken from the budget.
    taken: AtomicUsize,
}

impl Budget {
    /// `bytes` in all.
    pub fn new(bytes: usize) -> Self {
        let state = State { free: bytes, owners: HashMap::new() };
        let (freed, waiting) = (Notify::new(), AtomicUsize::new(0));
        Self(Arc::new(Inner { total: bytes, state: Mutex::new(state), freed, waiting }))
    }

    /// A hold of `owner` that uses nothing yet.
    pub fn hold(&self, owner: Owner) -> Hold {
        self.hold_of([Some(owner), None])
    }

    /// The same on two accounts at once, such as a webhook and its tenant: each of their shares bounds it.
    pub fn hold_both(&self, one: Owner, other: Owner) -> Hold {
        self.hold_of([Some(one), Some(other)])
    }

    fn hold_of(&self, owners: [Option<Owner>; 2]) -> Hold {
        Hold { budget: self.clone(), owners, used: AtomicUsize::new(0), taken: AtomicUsize::new(0) }
    }

    /// A hold of `bytes`, at once.
    ///
    /// # Errors
    /// `RateLimited` when the owner's share is used up, `Unavailable` when the whole budget is.
    pub fn reserve(&self, owner: Owner, bytes: usize) -> Result<Hold> {
        let hold = self.hold(owner);
        hold.grow(bytes)?;
        Ok(hold)
    }

    /// The same, waiting up to `patience` for others to give bytes back. Call it while holding nothing: holds that
    /// wait for each other would all run out of patience.
    ///
    /// # Errors
    /// As [`Budget::reserve`].
    pub async fn reserve_within(&self, owner: Owner, bytes: usize, patience: Duration) -> Result<Hold> {
        let hold = self.hold(owner);
        let until = Instant::now() + patience;
        self.0.waiting.fetch_add(1, Relaxed);
        let _waiting = Waiting(&self.0.waiting);
        loop {
            let mut freed = std::pin::pin!(self.0.freed.notified());
            // from here on, so that nothing that comes back meanwhile is missed
            freed.as_mut().enable();
            match hold.grow(bytes) {
                Ok(()) => return Ok(hold),
                Err(refused) if tokio::time::timeout_at(until, freed).await.is_err() => return Err(refused),
                Err(_) => {}
            }
        }
    }

    /// Bytes that are in use by all owners together.
    pub fn in_use(&self) -> usize {
        self.0.total - self.lock().free
    }

    /// How many bytes there are in all.
    pub fn total(&self) -> usize {
        self.0.total
    }

    /// An owner never holds more than its share, nor more than it leaves to others: there is always room for another.
    fn take(&self, owners: [Option<Owner>; 2], bytes: usize) -> Result<()> {
        let mut state = self.lock();
        let left = state.free.checked_sub(bytes);
        for owner in owners.into_iter().flatten() {
            let wanted = state.owners.get(&owner).copied().unwrap_or(0) + bytes;
            if wanted > owner.share(self.0.total) {
                return Err(Error::RateLimited { retry_after: RETRY });
            }
            if left.is_none_or(|left| wanted > left) {
                return Err(Error::Unavailable("the server is short of memory: try again in a few seconds"));
            }
        }
        state.free = left.unwrap_or(0);
        for owner in owners.into_iter().flatten() {
            *state.owners.entry(owner).or_default() += bytes;
        }
        Ok(())
    }

    fn give(&self, owners: [Option<Owner>; 2], bytes: usize) {
        if bytes == 0 {
            return;
        }
        {
            let mut state = self.lock();
            state.free += bytes;
            for owner in owners.into_iter().flatten() {
                let held = state.owners.entry(owner).or_default();
                *held = held.saturating_sub(bytes);
                if *held == 0 {
                    state.owners.remove(&owner);
                }
            }
        }
        if self.0.waiting.load(Relaxed) > 0 {
            self.0.freed.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Hold {
    /// Uses `bytes` more.
    ///
    /// # Errors
    /// `RateLimited` when an owner's share is used up, `Unavailable` when the whole budget is; nothing more is used then.
    pub fn grow(&self, bytes: usize) -> Result<()> {
        let used = self.used.fetch_add(bytes, Relaxed).saturating_add(bytes);
        let counted = used.saturating_sub(UNCOUNTED);
        let taken = self.taken.load(Relaxed);
        if counted <= taken {
            return Ok(());
        }
        let more = (counted - taken).next_multiple_of(STEP);
        match self.budget.take(self.owners, more) {
            Ok(()) => drop(self.taken.fetch_add(more, Relaxed)),
            Err(refused) => {
                self.used.fetch_sub(bytes, Relaxed);
                return Err(refused);
            }
        }
        Ok(())
    }

    /// Uses `bytes` less.
    pub fn shrink(&self, bytes: usize) {
        let before = self.used.fetch_update(Relaxed, Relaxed, |used| Some(used.saturating_sub(bytes))).unwrap_or(0);
        let counted = before.saturating_sub(bytes).saturating_sub(UNCOUNTED).next_multiple_of(STEP);
        let give = self.taken.fetch_update(Relaxed, Relaxed, |taken| Some(taken.min(counted))).unwrap_or(0);
        self.budget.give(self.owners, give.saturating_sub(counted));
    }

    /// Uses `bytes`, no more and no less.
    ///
    /// # Errors
    /// As [`Hold::grow`].
    pub fn set(&self, bytes: usize) -> Result<()> {
        let used = self.used();
        if bytes > used {
            return self.grow(bytes - used);
        }
        self.shrink(used - bytes);
        Ok(())
    }

    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.budget.give(self.owners, *self.taken.get_mut());
    }
}

/// A part of a hold that is given back before the rest of it.
#[derive(Debug)]
pub struct Portion {
    hold: Arc<Hold>,
    bytes: usize,
}

impl Portion {
    pub fn of(hold: Arc<Hold>) -> Self {
        Self { hold, bytes: 0 }
    }

    /// Uses `bytes` more.
    ///
    /// # Errors
    /// As [`Hold::grow`].
    pub fn grow(&mut self, bytes: usize) -> Result<()> {
        self.hold.grow(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    /// Leaves the bytes to the hold.
    pub fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        self.hold.shrink(self.bytes);
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hold").field("owners", &self.owners).field("used", &self.used).finish_non_exhaustive()
    }
}
