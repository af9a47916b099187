//! Slows down password guessing without locking anyone out.
//!
//! Attempts queue in lanes: one for the account from its network, and, unless somebody has signed in to the account
//! from this network before, also one for the network and one for the account. A lane admits one attempt at a time, or
//! a few, and after a number of failures only after a pause that grows up to a limit. A right password always succeeds
//! once it is its turn. Users who have signed in from their network before never wait for strangers.
use crate::{
    Error, Result,
    caller::network,
    store::{AttemptRule, Attempts, Mark, Marks, MemoryPlace, Pauses},
};
use moka::sync::Cache;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long failures count after the last attempt.
const WINDOW: Duration = Duration::from_mins(15);
/// How long a network is known to an account after a sign-in.
const KNOWN: Duration = Duration::from_hours(30 * 24);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The limits of a lane.
#[derive(Clone, Copy)]
struct Rule {
    /// The number of failures before pauses start.
    free: u32,
    /// The number of concurrent attempts.
    at_once: usize,
    /// The number of attempts that may wait for their turn. Further ones are refused.
    waiting: usize,
    longest: Duration,
}

const PAIR: Rule = Rule { free: 5, at_once: 1, waiting: 8, longest: Duration::from_secs(8) };
const NETWORK: Rule = Rule { free: 50, at_once: 4, waiting: 64, longest: Duration::from_secs(2) };
const ACCOUNT: Rule = Rule { free: 50, at_once: 1, waiting: 32, longest: Duration::from_secs(2) };

/// The queue of a lane, of this process alone: it bounds what waits here.
struct Lane {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Lanes by key. Failures count on all servers together.
struct Lanes {
    rule: Rule,
    by_key: Cache<String, Arc<Lane>>,
    /// Attempts that failed or are still running.
    failures: Attempts,
}

impl Lanes {
    fn new(kind: &'static str, rule: Rule, place: MemoryPlace) -> Self {
        let by_key = Cache::builder().max_capacity(50_000).time_to_idle(WINDOW).build();
        let pauses = Pauses { free: rule.free, first: FIRST_PAUSE, longest: rule.longest };
        let counting = AttemptRule { window: WINDOW, slides: true, pauses: Some(pauses) };
        Self { rule, by_key, failures: Attempts::new(kind, counting, place) }
    }

    /// Returns when to try again if an attempt would be refused at once.
    fn is_full(&self, key: &str) -> Option<Duration> {
        let waiting = self.by_key.get(key)?.waiting.load(Ordering::Relaxed);
        (waiting >= self.rule.waiting + self.rule.at_once).then_some(self.rule.longest)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `RateLimited` if too many are waiting.
    async fn enter(&self, key: &str) -> Result<OwnedSemaphorePermit> {
        let lane = self.by_key.get_with_by_ref(key, || {
            let turns = Arc::new(Semaphore::new(self.rule.at_once));
            Arc::new(Lane { turns, waiting: AtomicUsize::new(0) })
        });
        let refused = || Error::RateLimited { retry_after: self.rule.longest };
        let waiting = Waiting(Arc::clone(&lane));
        if lane.waiting.fetch_add(1, Ordering::Relaxed) >= self.rule.waiting + self.rule.at_once {
            return Err(refused());
        }
        let permit = Arc::clone(&lane.turns).acquire_owned().await.map_err(|_| refused())?;
        // counted before the outcome is known, so that concurrent attempts count each other
        let pause = self.failures.count(key).await?.pause;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        drop(waiting);
        Ok(permit)
    }
}

/// An attempt that waits in a lane. It stops counting when dropped, even if the caller gives up.
struct Waiting(Arc<Lane>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The lanes of a server.
pub struct Pace {
    /// Accounts with the networks that somebody has signed in from.
    known: Marks,
    pairs: Lanes,
    networks: Lanes,
    accounts: Lanes,
}

/// An admitted attempt. Counts as a failure unless it is marked as succeeded.
pub struct Attempt {
    email: String,
    network: String,
    /// Whether somebody has signed in to this account from this network before.
    pub is_known: bool,
    _turns: Vec<OwnedSemaphorePermit>,
}

/// Returns the key of a network. Without an IP address (in tests of the store), all share one network.
fn network_key(address: Option<IpAddr>) -> String {
    address.map(|address| network(address).to_string()).unwrap_or_default()
}

/// Returns the key of an account and a network. Neither contains a space.
fn pair_key(email: &str, network: &str) -> String {
    format!("{network} {email}")
}

impl Pace {
    pub fn new(place: &MemoryPlace) -> Self {
        let lanes = |kind, rule| Lanes::new(kind, rule, place.clone());
        Self {
            known: Marks::new("known", KNOWN, place.clone()),
            pairs: lanes("pair", PAIR),
            networks: lanes("network", NETWORK),
            accounts: lanes("account", ACCOUNT),
        }
    }

    /// Waits until an attempt for `email` from `address` may be made.
    ///
    /// # Errors
    /// `RateLimited` if too many are waiting, with the time after which to try again.
    pub async fn admit(&self, email: &str, address: Option<IpAddr>) -> Result<Attempt> {
        let network = network_key(address);
        let pair = pair_key(email, &network);
        let is_known_here = self.known.is_set_here(&pair);
        // a flood that is refused anyway does not reach the database
        if let Some(retry_after) = self.networks.is_full(&network).filter(|_| !is_known_here && address.is_some()) {
            return Err(Error::RateLimited { retry_after });
        }
        let is_known = is_known_here || self.known.is_set(&pair).await?;
        let mut turns = vec![self.pairs.enter(&pair).await?];
        if !is_known {
            if address.is_some() {
                turns.push(self.networks.enter(&network).await?);
            }
            turns.push(self.accounts.enter(email).await?);
        }
        Ok(Attempt { email: email.to_owned(), network, is_known, _turns: turns })
    }

    /// Marks an attempt as succeeded: clears the account's failures from this network, and does not count as a failure
    /// of the others.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn succeeded(&self, attempt: &Attempt) -> Result<()> {
        let pair = pair_key(&attempt.email, &attempt.network);
        self.pairs.failures.forget(&pair).await?;
        if !attempt.is_known {
            // only this attempt: many people may share a network
            if !attempt.network.is_empty() {
                self.networks.failures.take_back(&attempt.network).await?;
            }
            self.accounts.failures.take_back(&attempt.email).await?;
        }
        self.knows(pair).await
    }

    /// Marks the network of `address` as known to `email`, as a refresh token proves. It is replaced by now, so a failure
    /// must not keep the caller from its successor.
    pub async fn is_here(&self, email: &str, address: Option<IpAddr>) {
        if let Err(error) = self.knows(pair_key(email, &network_key(address))).await {
            tracing::warn!(%error, "could not store from where an account is used");
        }
    }

    async fn knows(&self, pair: String) -> Result<()> {
        self.known.set(Mark { key: pair, lifetime: KNOWN, is_final: true, ..Mark::default() }).await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{NETWORK, PAIR, Pace};
    use crate::{Error, store::MemoryPlace};
    use std::{future::Future, net::IpAddr, task::Poll};

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    /// Returns the outcome of a future if it does not have to wait.
    async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        // Tokio makes a busy task yield, which is not a pause of a lane
        let mut future = Box::pin(tokio::task::unconstrained(future));
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    #[tokio::test]
    async fn guesses_are_slowed_down_and_do_not_delay_the_owner_elsewhere() {
        let pace = Pace::new(&MemoryPlace::Process);
        for _ in 0..PAIR.free {
            drop(now(pace.admit("ada@x", HERE)).await.expect("no pause yet").ok().unwrap());
        }
        assert!(now(pace.admit("ada@x", HERE)).await.is_none(), "a pause");
        let owner = now(pace.admit("ada@x", THERE)).await.expect("no pause").ok().unwrap();
        pace.succeeded(&owner).await.unwrap();
        assert!(now(pace.admit("bob@x", HERE)).await.is_some(), "another account");
    }

    #[tokio::test]
    async fn a_right_password_clears_the_failures_of_the_account() {
        let pace = Pace::new(&MemoryPlace::Process);
        for _ in 0..PAIR.free {
            drop(now(pace.admit("ada@x", HERE)).await.unwrap().ok().unwrap());
        }
        let attempt = pace.admit("ada@x", HERE).await.ok().unwrap();
        pace.succeeded(&attempt).await.unwrap();
        drop(attempt);
        for _ in 0..PAIR.free {
            assert!(now(pace.admit("ada@x", HERE)).await.is_some());
        }
    }

    #[tokio::test]
    async fn trying_many_accounts_slows_down_a_network_except_for_known_accounts() {
        let pace = Pace::new(&MemoryPlace::Process);
        pace.is_here("owner@x", HERE).await;
        for account in 0..NETWORK.free {
            drop(now(pace.admit(&format!("{account}@x"), HERE)).await.unwrap().ok().unwrap());
        }
        assert!(now(pace.admit("fresh@x", HERE)).await.is_none(), "a pause");
        assert!(now(pace.admit("owner@x", HERE)).await.is_some(), "known here");
        assert!(now(pace.admit("fresh@x", THERE)).await.is_some(), "elsewhere");
    }

    #[tokio::test]
    async fn many_people_in_one_network_sign_in_without_a_pause() {
        let pace = Pace::new(&MemoryPlace::Process);
        for account in 0..4 * NETWORK.free {
            let attempt = now(pace.admit(&format!("{account}@x"), HERE)).await.expect("no pause").ok().unwrap();
            pace.succeeded(&attempt).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_number_of_waiting_attempts_is_limited() {
        let pace = Pace::new(&MemoryPlace::Process);
        let held = pace.admit("ada@x", HERE).await.ok().unwrap();
        let mut waiting = Vec::new();
        let refused = loop {
            let mut next = Box::pin(pace.admit("ada@x", HERE));
            match now(&mut next).await {
                Some(outcome) => break outcome.err().unwrap(),
                None => waiting.push(next),
            }
        };
        assert!(matches!(refused, Error::RateLimited { retry_after } if retry_after == PAIR.longest), "{refused}");
        assert!(waiting.len() >= PAIR.waiting, "{}", waiting.len());
        drop(held);
        drop(waiting.remove(1));
        waiting.swap_remove(0).await.expect("its turn has come");
    }
}
