//! The time of day, in one type: milliseconds since 1970 inside, RFC 3339 UTC outside.
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, time::Duration};

/// How long a wait for a moment goes on at most without a look at the clock. The clock may be set, and the machine may be
/// suspended: both make a moment come sooner, or later, than the time that was left promised.
pub const LOOK: Duration = Duration::from_secs(30);

/// Waits until the clock shows `at`, whatever happens to the clock meanwhile.
pub async fn sleep_until(at: Time) {
    sleep_until_by(Time::now, at, LOOK).await;
}

/// Waits until the clock shows `at`, and for [`LOOK`] at most: for those who have more to look after at that time.
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

/// Something that is done again and again, by the wall clock: a suspended machine makes up for it when it wakes up.
#[derive(Debug)]
pub struct Recurring {
    interval: Duration,
    last: Option<Time>,
}

impl Recurring {
    /// Due at once, and then each `interval`.
    pub fn new(interval: Duration) -> Self {
        Self { interval, last: None }
    }

    /// Whether it is due at `now`; then its next time counts from `now`. A clock that was set back makes it due as well:
    /// nobody knows how long ago the last time was.
    pub fn is_due(&mut self, now: Time) -> bool {
        let is_due = self.last.is_none_or(|last| now < last || now >= last.plus(self.interval));
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

/// Tells when the wall clock was set back.
#[derive(Debug)]
pub struct Backsteps {
    seen: Time,
}

impl Backsteps {
    /// A step back by less is none: clocks are adjusted by some milliseconds all the time.
    const LEAST: Duration = Duration::from_secs(1);

    pub fn since(now: Time) -> Self {
        Self { seen: now }
    }

    /// Whether the clock was set back since this was last asked.
    pub fn happened(&mut self, now: Time) -> bool {
        let seen = std::mem::replace(&mut self.seen, now);
        now.plus(Self::LEAST) < seen
    }
}

/// A moment, exact to the millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    /// Whole seconds since 1970, as tokens count them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The day that it is on, in UTC.
    pub fn day(self) -> NaiveDate {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default().date_naive()
    }

    /// `self` later by `by`, at most the end of time.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long until `later`; zero when it has passed. Only this module may wait for so long: see [`sleep_until`].
    fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// How long ago `earlier` was; zero when it is to come.
    pub fn since(self, earlier: Self) -> Duration {
        earlier.until(self)
    }

    /// Reads RFC 3339, with any zone.
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

    /// A clock that stands still until it is set, and knows how often somebody looked at it.
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

        /// Waits until somebody has looked a few times more.
        async fn looked_at(&self) {
            let before = self.looks.load(Ordering::Relaxed);
            while self.looks.load(Ordering::Relaxed) < before + 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    #[tokio::test]
    async fn a_wait_ends_by_the_wall_clock_whichever_way_it_is_set() {
        let wall = Wall::default();
        let (hour, minute) = (3_600_000, 60_000);
        let wait = sleep_until_by(|| wall.now(), Time(hour), Duration::from_millis(2));
        let set = async {
            // back, and on to shortly before the moment: it is not over
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
        within.await.expect("it ends once the clock has passed the moment");
        assert_eq!(wall.now(), Time(2 * hour), "and no sooner");
    }

    #[test]
    fn what_recurs_makes_up_for_a_night_and_for_a_clock_set_back() {
        let mut every = Recurring::new(Duration::from_mins(10));
        let start = Time(1_000_000_000);
        let at = |minutes: i64| Time(start.0 + minutes * 60_000);
        assert!(every.is_due(start) && !every.is_due(at(9)) && every.is_due(at(10)));
        assert!(every.is_due(at(600)) && !every.is_due(at(601)));
        assert!(every.is_due(at(-600)) && !every.is_due(at(-599)) && every.is_due(at(-590)));
    }

    #[test]
    fn a_step_back_is_told_once_and_an_adjustment_is_none() {
        let start = Time(1_000_000_000);
        let mut steps = Backsteps::since(start);
        assert!(!steps.happened(start.plus(LOOK)) && !steps.happened(start.plus(LOOK).moved(-900)));
        assert!(steps.happened(start.moved(-5_000)) && !steps.happened(start.moved(-4_000)));
    }

    #[test]
    fn a_time_reads_what_it_writes() {
        let at = Time(1_767_225_600_123);
        assert_eq!(at.to_string(), "2026-01-01T00:00:00.123Z");
        assert_eq!(Time::parse(&at.to_string()), Some(at));
        assert_eq!(Time::parse("2026-01-01T01:00:00.123+01:00"), Some(at));
        assert_eq!(Time::parse("yesterday"), None);
    }
}
