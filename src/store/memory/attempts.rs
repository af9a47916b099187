//! Counts attempts by key, for limits.
use super::{MOST, MemoryPlace, SOON};
use crate::{
    Result,
    store::{RunsTx, sql::Sql},
};
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// How attempts are counted.
#[derive(Clone, Copy, Debug)]
pub struct AttemptRule {
    /// How long attempts count: all of them from the first one, or from the latest one if the window `slides`.
    pub window: Duration,
    pub slides: bool,
    pub pauses: Option<Pauses>,
}

/// Pauses between attempts.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    /// The number of attempts before pauses start.
    pub free: u32,
    /// The first pause. Each further one is twice as long as the one before, up to the longest.
    pub first: Duration,
    pub longest: Duration,
}

/// An attempt that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedAttempt {
    /// How many attempts count that were made before.
    pub before: u32,
    /// How long to wait before the attempt is made.
    pub pause: Duration,
}

/// Attempts of one kind, counted by key. In the memory of a process, pauses are those of a caller that makes one attempt at
/// a time; in a database, attempts on all servers keep their distance from each other.
pub struct Attempts {
    kind: &'static str,
    rule: AttemptRule,
    here: Cache<String, Arc<AtomicU32>>,
    place: MemoryPlace,
}

impl Pauses {
    /// Returns the pause before the next attempt after this many.
    pub fn after(&self, attempts: u32) -> Duration {
        let Some(beyond) = attempts.checked_sub(self.free) else { return Duration::ZERO };
        self.first.saturating_mul(1 << beyond.min(16)).min(self.longest)
    }
}

impl Attempts {
    /// `kind` must differ from that of all others.
    pub fn new(kind: &'static str, rule: AttemptRule, place: MemoryPlace) -> Self {
        let here = Cache::builder().max_capacity(MOST);
        let here = if rule.slides { here.time_to_idle(rule.window) } else { here.time_to_live(rule.window) };
        Self { kind, rule, here: here.build(), place }
    }

    /// Counts an attempt, before it is made.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn count(&self, key: &str) -> Result<CountedAttempt> {
        let MemoryPlace::Servers(store) = &self.place else {
            let count = self.here.get_with_by_ref(key, Arc::default);
            let before = count.fetch_add(1, Ordering::Relaxed);
            let pause = self.rule.pauses.map_or(Duration::ZERO, |pauses| pauses.after(before));
            return Ok(CountedAttempt { before, pause });
        };
        let (key, rule) = (self.place_of(key), self.rule);
        store.runs.write_aside(move |tx| tx.count_attempt(&key, &rule)).await
    }

    /// Does not count an attempt any more, because it succeeded.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn take_back(&self, key: &str) -> Result<()> {
        let MemoryPlace::Servers(store) = &self.place else {
            if let Some(count) = self.here.get(key) {
                let _ = count.try_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
            }
            return Ok(());
        };
        let key = self.place_of(key);
        store.runs.write_aside(move |tx| tx.take_attempt_back(&key)).await
    }

    /// Forgets all attempts with this key.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn forget(&self, key: &str) -> Result<()> {
        let MemoryPlace::Servers(store) = &self.place else {
            self.here.invalidate(key);
            return Ok(());
        };
        let key = self.place_of(key);
        store.runs.write_aside(move |tx| tx.forget_attempts(&key)).await
    }

    fn place_of(&self, key: &str) -> String {
        super::stored_key(self.kind, key)
    }
}

impl RunsTx<'_> {
    fn count_attempt(&self, key: &str, rule: &AttemptRule) -> Result<CountedAttempt> {
        let sql = format!(
            "insert into attempts as a (key, count, next, until)
               select ?1, 1, clock_timestamp(), clock_timestamp() + cast(?2 as bigint) * interval '1 millisecond' from {SOON}
             on conflict (key) do update set
               count = case when a.until > clock_timestamp() then a.count + 1 else 1 end,
               next = case when a.until > clock_timestamp() then greatest(a.next, clock_timestamp()) else clock_timestamp() end
                 + case when a.until > clock_timestamp() and a.count >= cast(?4 as bigint)
                     then least(cast(?5 as bigint) * power(2, least(a.count - cast(?4 as bigint), 16)), cast(?6 as bigint)) else 0 end
                   * interval '1 millisecond',
               until = case when a.until > clock_timestamp() and cast(?3 as bigint) = 0 then a.until else excluded.until end
             returning count - 1, cast(ceil(greatest(extract(epoch from next - clock_timestamp()), 0) * 1000) as bigint)"
        );
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let pauses = rule.pauses.unwrap_or(Pauses { free: u32::MAX, first: Duration::ZERO, longest: Duration::ZERO });
        let given = (key, millis(rule.window), rule.slides, pauses.free, millis(pauses.first), millis(pauses.longest));
        let counted = self.db.prepare(Sql::composed(&sql))?.query_row(given, |row| {
            let (before, pause): (u64, u64) = (row.get(0)?, row.get(1)?);
            Ok(CountedAttempt {
                before: u32::try_from(before).unwrap_or(u32::MAX),
                pause: Duration::from_millis(pause),
            })
        });
        Ok(counted?)
    }

    fn take_attempt_back(&self, key: &str) -> Result<()> {
        let sql = format!("update attempts set count = count - 1 from {SOON} and key = ?1 and count > 0");
        self.db.prepare(Sql::composed(&sql))?.execute([key])?;
        Ok(())
    }

    fn forget_attempts(&self, key: &str) -> Result<()> {
        let sql = format!("delete from attempts using {SOON} and key = ?1");
        self.db.prepare(Sql::composed(&sql))?.execute([key])?;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RULE: AttemptRule = AttemptRule {
        window: Duration::from_mins(15),
        slides: true,
        pauses: Some(Pauses { free: 5, first: Duration::from_millis(250), longest: Duration::from_secs(8) }),
    };

    #[test]
    fn pauses_grow_to_a_limit() {
        let pauses = RULE.pauses.unwrap();
        assert_eq!(pauses.after(4), Duration::ZERO);
        assert_eq!(pauses.after(5), Duration::from_millis(250));
        assert_eq!(pauses.after(6), Duration::from_millis(500));
        assert_eq!(pauses.after(u32::MAX), Duration::from_secs(8));
    }

    #[tokio::test]
    async fn attempts_are_counted_by_key_until_they_are_taken_back() {
        let attempts = Attempts::new("test", RULE, MemoryPlace::Process);
        for before in 0..3 {
            assert_eq!(attempts.count("a").await.unwrap().before, before);
        }
        assert_eq!(attempts.count("b").await.unwrap().before, 0);
        attempts.take_back("a").await.unwrap();
        assert_eq!(attempts.count("a").await.unwrap().before, 2);
        attempts.forget("a").await.unwrap();
        assert_eq!(attempts.count("a").await.unwrap().before, 0);
    }
}
