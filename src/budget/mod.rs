//! A memory budget for requests, responses and runs: a limit for the process, and a share for each owner.
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

/// What a hold may use before it is counted. The number of concurrent requests limits the sum.
const UNCOUNTED: usize = 16 << 10;
/// Bytes are taken and returned in steps of this size.
const STEP: usize = 64 << 10;
/// When to try again after a refusal.
const RETRY: Duration = Duration::from_secs(2);

/// The owner of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemoryOwner {
    /// May hold at most half of the budget.
    Tenant(Uuid),
    /// A webhook, by any unique id. May hold at most an eighth.
    Hook(Uuid),
    /// An account, outside tenants. May hold at most an eighth.
    Account(Uuid),
    /// The server itself, for example to read the tables of a datasource. May hold at most an eighth.
    Server,
    /// A caller without an account: an IPv4 address, or a 64-bit IPv6 network. May hold at most an eighth.
    Address(IpAddr),
}

impl MemoryOwner {
    /// Returns the owner for a caller's IP address. Callers without an address share one owner.
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

/// The budget of a server. Cheap to clone.
#[derive(Clone)]
pub struct Budget(Arc<Inner>);

struct Inner {
    total: usize,
    state: Mutex<State>,
    /// Notified when bytes are returned, if anyone waits.
    freed: Notify,
    waiting: AtomicUsize,
}

struct State {
    free: usize,
    owners: HashMap<MemoryOwner, usize>,
}

/// The budget on behalf of an owner.
#[derive(Clone)]
pub struct Account {
    budget: Budget,
    owner: MemoryOwner,
}

impl Account {
    /// Returns the same budget on behalf of another owner.
    #[must_use]
    pub fn of(&self, owner: MemoryOwner) -> Self {
        Self { budget: self.budget.clone(), owner }
    }

    /// Returns the owner's id; nil if it has none.
    pub fn id(&self) -> Uuid {
        match self.owner {
            MemoryOwner::Tenant(id) | MemoryOwner::Hook(id) | MemoryOwner::Account(id) => id,
            MemoryOwner::Server | MemoryOwner::Address(_) => Uuid::nil(),
        }
    }

    /// Creates an empty hold.
    pub fn hold(&self) -> Arc<Hold> {
        Arc::new(self.budget.hold(self.owner))
    }
}

impl From<Budget> for Account {
    /// On behalf of the server itself.
    fn from(budget: Budget) -> Self {
        Self { budget, owner: MemoryOwner::Server }
    }
}

/// Bytes in use, returned when dropped. Grows while data is read.
pub struct Hold {
    budget: Budget,
    owners: [Option<MemoryOwner>; 2],
    /// Bytes in use.
    used: AtomicUsize,
    /// Bytes taken from the budget.
    taken: AtomicUsize,
}

impl Budget {
    /// Creates a budget of `bytes`.
    pub fn new(bytes: usize) -> Self {
        let state = State { free: bytes, owners: HashMap::new() };
        let (freed, waiting) = (Notify::new(), AtomicUsize::new(0));
        Self(Arc::new(Inner { total: bytes, state: Mutex::new(state), freed, waiting }))
    }

    /// Creates an empty hold of `owner`.
    pub fn hold(&self, owner: MemoryOwner) -> Hold {
        self.hold_of([Some(owner), None])
    }

    /// Creates an empty hold of two owners, such as a webhook and its tenant. The shares of both limit it.
    pub fn hold_both(&self, one: MemoryOwner, other: MemoryOwner) -> Hold {
        self.hold_of([Some(one), Some(other)])
    }

    fn hold_of(&self, owners: [Option<MemoryOwner>; 2]) -> Hold {
        Hold { budget: self.clone(), owners, used: AtomicUsize::new(0), taken: AtomicUsize::new(0) }
    }

    /// Creates a hold of `bytes` without waiting.
    ///
    /// # Errors
    /// `RateLimited` if the owner's share is used up, `Unavailable` if the whole budget is.
    pub fn reserve(&self, owner: MemoryOwner, bytes: usize) -> Result<Hold> {
        let hold = self.hold(owner);
        hold.grow(bytes)?;
        Ok(hold)
    }

    /// Creates a hold of `bytes`, and waits up to `patience` for others to return bytes. Call it without another hold:
    /// holds that wait for each other would all time out.
    ///
    /// # Errors
    /// As [`Budget::reserve`].
    pub async fn reserve_within(&self, owner: MemoryOwner, bytes: usize, patience: Duration) -> Result<Hold> {
        let hold = self.hold(owner);
        let until = Instant::now() + patience;
        self.0.waiting.fetch_add(1, Relaxed);
        let _waiting = Waiting(&self.0.waiting);
        loop {
            let mut freed = std::pin::pin!(self.0.freed.notified());
            // from here on, so that no notification is missed
            freed.as_mut().enable();
            match hold.grow(bytes) {
                Ok(()) => return Ok(hold),
                Err(refused) if tokio::time::timeout_at(until, freed).await.is_err() => return Err(refused),
                Err(_) => {}
            }
        }
    }

    /// Returns the bytes in use by all owners.
    pub fn in_use(&self) -> usize {
        self.0.total - self.lock().free
    }

    /// Returns the size of the budget in bytes.
    pub fn total(&self) -> usize {
        self.0.total
    }

    /// Takes bytes for owners. An owner never holds more than its share, nor more than it leaves free, so another owner
    /// always gets some.
    fn take(&self, owners: [Option<MemoryOwner>; 2], bytes: usize) -> Result<()> {
        let mut state = self.lock();
        let left = state.free.checked_sub(bytes);
        for owner in owners.into_iter().flatten() {
            let wanted = state.owners.get(&owner).copied().unwrap_or(0) + bytes;
            if wanted > owner.share(self.0.total) {
                return Err(Error::RateLimited { retry_after: RETRY });
            }
            if left.is_none_or(|left| wanted > left) {
                return Err(Error::ShortOfMemory("the server is short of memory: try again in a few seconds"));
            }
        }
        state.free = left.unwrap_or(0);
        for owner in owners.into_iter().flatten() {
            *state.owners.entry(owner).or_default() += bytes;
        }
        Ok(())
    }

    fn give(&self, owners: [Option<MemoryOwner>; 2], bytes: usize) {
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
    /// `RateLimited` if an owner's share is used up, `Unavailable` if the whole budget is. The hold does not grow then.
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

    /// Sets the used bytes to `bytes`.
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

/// A part of a hold that is returned before the rest.
#[derive(Debug)]
pub struct HoldPortion {
    hold: Arc<Hold>,
    bytes: usize,
}

impl HoldPortion {
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

    /// Keeps the bytes in the hold.
    pub fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for HoldPortion {
    fn drop(&mut self) {
        self.hold.shrink(self.bytes);
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hold").field("owners", &self.owners).field("used", &self.used).finish_non_exhaustive()
    }
}
