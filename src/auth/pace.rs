//! Slows down password guessing without locking anyone out.
//!
//! Attempts queue in lanes: one for the account from its network, and, unless somebody has signed in to the account
//! from this network before, also one for the network and one for the account. A lane admits one attempt at a time, or
//! a few, and after a number of failures only after a pause that grows up to a limit. A right password always succeeds
//! once it is its turn. Users who have signed in from their network before never wait for strangers.
use crate::caller::network;
use moka::sync::Cache;
use std::{
    hash::Hash,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
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

impl Rule {
    /// Returns the pause before the next attempt after this many failures.
    fn pause(&self, failures: u32) -> Duration {
        let Some(beyond) = failures.checked_sub(self.free) else { return Duration::ZERO };
        FIRST_PAUSE.saturating_mul(1 << beyond.min(16)).min(self.longest)
    }
}

struct Lane {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Attempts that failed or are still running.
    failures: AtomicU32,
}

struct Lanes<K> {
    rule: Rule,
    lanes: Cache<K, Arc<Lane>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Lanes<K> {
    fn new(rule: Rule) -> Self {
        Self { rule, lanes: Cache::builder().max_capacity(50_000).time_to_idle(WINDOW).build() }
    }

    /// Waits for a turn. If too many are waiting, returns when to try again.
    async fn enter(&self, key: K) -> Result<Turn, Duration> {
        let lane = self.lanes.get_with(key, || {
            let turns = Arc::new(Semaphore::new(self.rule.at_once));
            Arc::new(Lane { turns, waiting: AtomicUsize::new(0), failures: AtomicU32::new(0) })
        });
        let waiting = Waiting(Arc::clone(&lane));
        if lane.waiting.fetch_add(1, Ordering::Relaxed) >= self.rule.waiting + self.rule.at_once {
            return Err(self.rule.longest);
        }
        let permit = Arc::clone(&lane.turns).acquire_owned().await.map_err(|_| self.rule.longest)?;
        // counted before the outcome is known, so that concurrent attempts count each other
        let pause = self.rule.pause(lane.failures.fetch_add(1, Ordering::Relaxed));
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        drop(waiting);
        Ok(Turn { lane, _permit: permit })
    }
}

/// An attempt that waits in a lane. It stops counting when dropped, even if the caller gives up.
struct Waiting(Arc<Lane>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A turn in a lane. Counts as a failure unless it is marked as succeeded.
struct Turn {
    lane: Arc<Lane>,
    _permit: OwnedSemaphorePermit,
}

impl Turn {
    fn succeeded(&self, clears: bool) {
        if clears {
            self.lane.failures.store(0, Ordering::Relaxed);
        } else {
            // subtract only this attempt: many people may share a network
            let _ = self.lane.failures.try_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        }
    }
}

/// An account and the network it signs in from. Without an IP address (in tests of the store), all share one network.
type Pair = (String, Option<IpAddr>);

/// The lanes of a server.
pub struct Pace {
    known: Cache<Pair, ()>,
    pairs: Lanes<Pair>,
    networks: Lanes<IpAddr>,
    accounts: Lanes<String>,
}

/// An admitted attempt.
pub struct Attempt {
    pair: Pair,
    /// Whether somebody has signed in to this account from this network before.
    pub is_known: bool,
    turns: Vec<Turn>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            known: Cache::builder().max_capacity(50_000).time_to_live(KNOWN).build(),
            pairs: Lanes::new(PAIR),
            networks: Lanes::new(NETWORK),
            accounts: Lanes::new(ACCOUNT),
        }
    }
}

impl Pace {
    /// Waits until an attempt for `email` from `address` may be made.
    ///
    /// # Errors
    /// If too many are waiting: when to try again.
    pub async fn admit(&self, email: &str, address: Option<IpAddr>) -> Result<Attempt, Duration> {
        let pair = (email.to_owned(), address.map(network));
        let is_known = self.known.contains_key(&pair);
        let mut turns = vec![self.pairs.enter(pair.clone()).await?];
        if !is_known {
            if let Some(network) = pair.1 {
                turns.push(self.networks.enter(network).await?);
            }
            turns.push(self.accounts.enter(pair.0.clone()).await?);
        }
        Ok(Attempt { pair, is_known, turns })
    }

    /// Marks an attempt as succeeded: clears the account's failures from this network, and does not count as a failure
    /// of the others.
    pub fn succeeded(&self, attempt: &Attempt) {
        for (place, turn) in attempt.turns.iter().enumerate() {
            turn.succeeded(place == 0);
        }
        self.known.insert(attempt.pair.clone(), ());
    }

    /// Marks the network of `address` as known to `email`, as a refresh token proves.
    pub fn is_here(&self, email: &str, address: Option<IpAddr>) {
        self.known.insert((email.to_owned(), address.map(network)), ());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{FIRST_PAUSE, NETWORK, PAIR, Pace};
    use std::{future::Future, net::IpAddr, task::Poll, time::Duration};

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

    #[test]
    fn pauses_grow_to_a_limit() {
        assert_eq!(PAIR.pause(PAIR.free - 1), Duration::ZERO);
        assert_eq!(PAIR.pause(PAIR.free), FIRST_PAUSE);
        assert_eq!(PAIR.pause(PAIR.free + 1), 2 * FIRST_PAUSE);
        assert_eq!(PAIR.pause(u32::MAX), PAIR.longest);
    }

    #[tokio::test]
    async fn guesses_are_slowed_down_and_do_not_delay_the_owner_elsewhere() {
        let pace = Pace::default();
        for _ in 0..PAIR.free {
            drop(now(pace.admit("ada@x", HERE)).await.expect("no pause yet").ok().unwrap());
        }
        assert!(now(pace.admit("ada@x", HERE)).await.is_none(), "a pause");
        let owner = now(pace.admit("ada@x", THERE)).await.expect("no pause").ok().unwrap();
        pace.succeeded(&owner);
        assert!(now(pace.admit("bob@x", HERE)).await.is_some(), "another account");
    }

    #[tokio::test]
    async fn a_right_password_clears_the_failures_of_the_account() {
        let pace = Pace::default();
        for _ in 0..PAIR.free {
            drop(now(pace.admit("ada@x", HERE)).await.unwrap().ok().unwrap());
        }
        let attempt = pace.admit("ada@x", HERE).await.ok().unwrap();
        pace.succeeded(&attempt);
        drop(attempt);
        for _ in 0..PAIR.free {
            assert!(now(pace.admit("ada@x", HERE)).await.is_some());
        }
    }

    #[tokio::test]
    async fn trying_many_accounts_slows_down_a_network_except_for_known_accounts() {
        let pace = Pace::default();
        pace.is_here("owner@x", HERE);
        for account in 0..NETWORK.free {
            drop(now(pace.admit(&format!("{account}@x"), HERE)).await.unwrap().ok().unwrap());
        }
        assert!(now(pace.admit("fresh@x", HERE)).await.is_none(), "a pause");
        assert!(now(pace.admit("owner@x", HERE)).await.is_some(), "known here");
        assert!(now(pace.admit("fresh@x", THERE)).await.is_some(), "elsewhere");
    }

    #[tokio::test]
    async fn many_people_in_one_network_sign_in_without_a_pause() {
        let pace = Pace::default();
        for account in 0..4 * NETWORK.free {
            let attempt = now(pace.admit(&format!("{account}@x"), HERE)).await.expect("no pause").ok().unwrap();
            pace.succeeded(&attempt);
        }
    }

    #[tokio::test]
    async fn the_number_of_waiting_attempts_is_limited() {
        let pace = Pace::default();
        let held = pace.admit("ada@x", HERE).await.ok().unwrap();
        let mut waiting = Vec::new();
        let refused = loop {
            let mut next = Box::pin(pace.admit("ada@x", HERE));
            match now(&mut next).await {
                Some(outcome) => break outcome.err().unwrap(),
                None => waiting.push(next),
            }
        };
        assert!(refused > Duration::ZERO && waiting.len() >= PAIR.waiting, "{}", waiting.len());
        drop(held);
        drop(waiting.remove(1));
        waiting.swap_remove(0).await.expect("its turn has come");
    }
}
