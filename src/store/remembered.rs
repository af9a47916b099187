//! Caches small results from the workspace until anything in it changes.
use super::Store;
use crate::{Result, clock::Time};
use std::{hash::Hash, time::Duration};

/// How long results are cached, because another process (the command line) may write while the server runs.
const AT_MOST: Duration = Duration::from_secs(1);

/// Cached results by key, each valid until this process writes to the workspace, for at most a second.
pub struct Remembered<K, V> {
    answers: moka::sync::Cache<K, (u64, Time, V)>,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Remembered<K, V> {
    pub fn new(capacity: u64) -> Self {
        Self { answers: moka::sync::Cache::builder().max_capacity(capacity).time_to_live(AT_MOST).build() }
    }

    /// Returns the result for `key`, from the cache or from `ask`.
    pub fn get(&self, store: &Store, key: K, ask: impl FnOnce() -> Result<V>) -> Result<V> {
        // read first, so that a write during `ask` makes the result stale
        let commits = store.commits();
        let now = Time::now();
        if let Some((seen, until, answer)) = self.answers.get(&key)
            && seen == commits
            && now < until
        {
            return Ok(answer);
        }
        let answer = ask()?;
        self.answers.insert(key, (commits, now.plus(AT_MOST), answer.clone()));
        Ok(answer)
    }
}
