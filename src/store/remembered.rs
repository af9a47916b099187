//! Caches small results from the workspace until it changes.
use super::Store;
use crate::Result;
use std::{hash::Hash, time::Duration};

/// How long results are cached, because another process (another server or the command line) may write. A change is seen
/// everywhere within a second, with the request that reads it.
pub(super) const AT_MOST: Duration = Duration::from_millis(900);

/// Cached results by key, each valid until this process changes the workspace, for less than a second.
pub struct Remembered<K, V> {
    answers: moka::sync::Cache<K, (u64, V)>,
    /// Returns a number that changes when the results become invalid.
    state: fn(&Store) -> u64,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Remembered<K, V> {
    pub fn new(capacity: u64) -> Self {
        Self::until(capacity, Store::changes)
    }

    /// Caches results that depend only on accounts and permissions, so that other writes leave them valid.
    pub fn of_permissions(capacity: u64) -> Self {
        Self::until(capacity, Store::permissions)
    }

    fn until(capacity: u64, state: fn(&Store) -> u64) -> Self {
        Self { answers: moka::sync::Cache::builder().max_capacity(capacity).time_to_live(AT_MOST).build(), state }
    }

    /// Returns the result for `key`, from the cache or from `ask`.
    pub fn get(&self, store: &Store, key: K, ask: impl FnOnce() -> Result<V>) -> Result<V> {
        // read first, so that a write during `ask` makes the result stale
        let state = (self.state)(store);
        if let Some((seen, answer)) = self.answers.get(&key)
            && seen == state
        {
            return Ok(answer);
        }
        let answer = ask()?;
        self.answers.insert(key, (state, answer.clone()));
        Ok(answer)
    }
}
