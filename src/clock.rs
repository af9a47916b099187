//! A point in time: stored as milliseconds since 1970, and serialized as RFC 3339 in UTC.
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, time::Duration};

/// How long a wait lasts at most before it checks the clock again. If the clock is set or the machine is suspended, the
/// time comes sooner or later than computed.
pub const LOOK: Duration = Duration::from_secs(30);

/// Waits until the clock shows `at`, even if the clock is set in the meantime.
pub async fn sleep_until(at: Time) {
    sleep_until_by(Time::now, at, LOOK).await;
}

/// Waits until the clock shows `at`, but at most for [`LOOK`]; for callers that must also check other things.
pub async fn sleep_until_or_look(at: Option<Time>) {
    let left = at.map_or(LOOK, |at| Time::now().until(at));
    tokio::time::sleep(left.min(LOOK)).await;
}

async fn sleep_until_by(now: impl Fn() -> Time, at: Time, look: Duration) {
    loop {
        let left = now().until(at);
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(look)).await;
    }
}

/// A recurring task, timed by the wall clock, so that it is due right after the machine was suspended.
#[derive(Debug)]
pub struct Recurring {
    interval: Duration,
    last: Option<Time>,
}

impl Recurring {
    /// Creates a task that is due immediately, and then every `interval`.
    pub fn new(interval: Duration) -> Self {
        Self { interval, last: None }
    }

    /// Returns whether the task is due at `now`; if so, the next interval starts at `now`. It is also due if the clock
    /// was set back, because then it is unknown how long ago the last time was.
    pub fn is_due(&mut self, now: Time) -> bool {
        let is_due = self.last.is_none_or(|last| now < last || now >= last.plus(self.interval));
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

/// Detects that the wall clock was set back.
#[derive(Debug)]
pub struct Backsteps {
    seen: Time,
}

impl Backsteps {
    /// Smaller steps do not count: clocks are adjusted by some milliseconds all the time.
    const LEAST: Duration = Duration::from_secs(1);

    pub fn since(now: Time) -> Self {
        Self { seen: now }
    }

    /// Returns whether the clock was set back since the last call.
    pub fn happened(&mut self, now: Time) -> bool {
        let seen = std::mem::replace(&mut self.seen, now);
        now.plus(Self::LEAST) < seen
    }
}

/// A point in time, with millisecond precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    /// Returns the whole seconds since 1970, as JWTs use them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Returns the time in UTC, as `chrono` represents it.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Returns the date in UTC.
    pub fn day(self) -> NaiveDate {
        self.utc().date_naive()
    }

    /// Adds `by`, saturating at the largest value.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns the time until `later`, or zero if it has passed. Private, because a plain sleep for this duration
    /// ignores changes of the clock: use [`sleep_until`].
    fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// Returns the time since `earlier`, or zero if it is in the future.
    pub fn since(self, earlier: Self) -> Duration {
        earlier.until(self)
    }

    /// Parses RFC 3339 with any UTC offset.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("must be a time such as 2026-01-31T12:00:00Z"))
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

#[cfg(test)]
mod tests {
    use super::{Backsteps, LOOK, Recurring, Time, sleep_until_by};
    use std::{
        sync::atomic::{AtomicI64, AtomicUsize, Ordering},
        time::Duration,
    };

    impl Time {
        fn moved(self, by: i64) -> Self {
            Self(self.0 + by)
        }
    }

    /// A clock that does not advance until it is set, and counts how often it was read.
    #[derive(Default)]
    struct Wall {
        shown: AtomicI64,
        looks: AtomicUsize,
    }

    impl Wall {
        fn now(&self) -> Time {
            self.looks.fetch_add(1, Ordering::Relaxed);
            Time(self.shown.load(Ordering::Relaxed))
        }

        fn set(&self, shown: i64) {
            self.shown.store(shown, Ordering::Relaxed);
        }

        /// Waits until the clock was read a few more times.
        async fn looked_at(&self) {
            let before = self.looks.load(Ordering::Relaxed);
            while self.looks.load(Ordering::Relaxed) < before + 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    #[tokio::test]
    async fn a_wait_follows_the_wall_clock_when_it_is_set_forward_or_back() {
        let wall = Wall::default();
        let (hour, minute) = (3_600_000, 60_000);
        let wait = sleep_until_by(|| wall.now(), Time(hour), Duration::from_millis(2));
        let set = async {
            // set back and forward, but never past the awaited time: the wait continues
            for shown in [-5 * hour, 0, hour - minute, -hour, hour - 1] {
                wall.set(shown);
                wall.looked_at().await;
            }
            wall.set(2 * hour);
            std::future::pending::<()>().await;
        };
        let within = tokio::time::timeout(Duration::from_mins(1), async {
            tokio::select! {
                () = wait => {}
                () = set => {}
            }
        });
        within.await.expect("the wait ends once the clock has passed the time");
        assert_eq!(wall.now(), Time(2 * hour), "the wait ends no sooner");
    }

    #[test]
    fn a_recurring_task_is_due_after_a_suspend_and_after_a_step_back() {
        let mut every = Recurring::new(Duration::from_mins(10));
        let start = Time(1_000_000_000);
        let at = |minutes: i64| Time(start.0 + minutes * 60_000);
        assert!(every.is_due(start) && !every.is_due(at(9)) && every.is_due(at(10)));
        assert!(every.is_due(at(600)) && !every.is_due(at(601)));
        assert!(every.is_due(at(-600)) && !every.is_due(at(-599)) && every.is_due(at(-590)));
    }

    #[test]
    fn a_step_back_is_reported_once_and_small_adjustments_are_ignored() {
        let start = Time(1_000_000_000);
        let mut steps = Backsteps::since(start);
        assert!(!steps.happened(start.plus(LOOK)) && !steps.happened(start.plus(LOOK).moved(-900)));
        assert!(steps.happened(start.moved(-5_000)) && !steps.happened(start.moved(-4_000)));
    }

    #[test]
    fn a_time_parses_what_it_formats() {
        let at = Time(1_767_225_600_123);
        assert_eq!(at.to_string(), "2026-01-01T00:00:00.123Z");
        assert_eq!(Time::parse(&at.to_string()), Some(at));
        assert_eq!(Time::parse("2026-01-01T01:00:00.123+01:00"), Some(at));
        assert_eq!(Time::parse("yesterday"), None);
    }
}
