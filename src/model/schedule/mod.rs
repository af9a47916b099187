//! When a schedule fires: cron expressions in the clock of a place.
use super::trigger::on;
use crate::{Error, Result, clock::Time};
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// How late a time may be taken up and still count as kept: a restart, a busy moment.
const GRACE: Duration = Duration::from_mins(1);

/// Missed times are counted so far, and not further.
pub const MOST_TOLD: usize = 100;

/// Starts a run at each time that its cron expression says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ScheduleTrigger")]
pub struct Schedule {
    /// Unique in the workflow; made by the server when absent.
    #[serde(default)]
    pub id: String,
    /// Five fields, `minute hour day month weekday`, or six with seconds in front.
    #[schemars(title = "Cron", length(min = 1, max = 200))]
    pub cron: String,
    /// Whose clock it goes by, as the IANA database calls it.
    #[serde(default = "Schedule::default_timezone")]
    #[schemars(title = "Time zone", length(max = 100))]
    pub timezone: String,
    /// What each run is given.
    #[serde(default)]
    #[schemars(title = "Input")]
    pub input: Value,
    #[serde(default)]
    #[schemars(title = "Times missed while the server was down")]
    pub missed: Missed,
    #[serde(default = "on")]
    #[schemars(title = "Enabled")]
    pub enabled: bool,
}

/// What becomes of times at which the server did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MissedTimes")]
pub enum Missed {
    /// Nothing: it goes on with the next time to come.
    #[default]
    #[schemars(title = "Skip them")]
    Skip,
    /// One run, as soon as the server is back, for all of them.
    #[schemars(title = "Run once")]
    RunOnce,
}

/// A cron expression and a time zone, read.
pub struct Clock {
    cron: Cron,
    zone: Tz,
    /// Whether it fires within every hour, so that it goes on through a clock's shift as if there were none.
    is_hourly: bool,
}

impl Schedule {
    fn default_timezone() -> String {
        "UTC".to_owned()
    }

    /// # Errors
    /// `Invalid`, naming `cron` or `timezone`.
    pub fn clock(&self) -> Result<Clock> {
        Clock::new(&self.cron, &self.timezone)
    }

    /// Its first time after `after`; none when it has none, or cannot be read.
    pub fn next(&self, after: Time) -> Option<Time> {
        self.clock().ok()?.next(after)
    }

    /// Whether a time is missed that was to be taken up at `due` and is taken up at `now`.
    pub fn is_missed(due: Time, now: Time) -> bool {
        now > due.plus(GRACE)
    }

    /// How many times from `first` on are missed at `now` ([`MOST_TOLD`] stands for more), and the first that is not.
    pub fn missed_from(&self, first: Time, now: Time) -> (usize, Option<Time>) {
        let Ok(clock) = self.clock() else { return (1, None) };
        let missed = std::iter::successors(Some(first), |last| clock.next(*last))
            .take_while(|time| Self::is_missed(*time, now))
            .take(MOST_TOLD)
            .count()
            .max(1);
        // the millisecond before the first moment that is not missed
        let last_missed = Time(now.0 - i64::try_from(GRACE.as_millis()).unwrap_or(0) - 1);
        (missed, clock.next(first.max(last_missed)))
    }
}

impl Clock {
    /// # Errors
    /// `Invalid`, naming `cron` or `timezone`.
    pub fn new(cron: &str, zone: &str) -> Result<Self> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let example = "such as `0 9 * * 1-5` (at 9:00 from Monday to Friday)";
        if !(5..=6).contains(&fields.len()) || cron.contains('@') {
            let why = format!("must have five fields, or six with seconds in front, {example}");
            return Err(Error::invalid("cron", why));
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser.parse(cron).map_err(|error| {
            let said = error.to_string();
            let said = said.rsplit(": ").next().unwrap_or_default().trim_end_matches('.').to_owned();
            Error::invalid("cron", format!("is no cron expression {example}: {said}"))
        })?;
        // however it is written: `*`, `00-23`, `0-23/1` or every hour by itself
        let is_hourly = (0..24).all(|hour| cron.pattern.hour_match(hour).unwrap_or(false));
        let zone = zone.parse().map_err(|_| {
            Error::invalid("timezone", format!("`{zone}` is not a time zone: use a name such as Europe/Berlin, or UTC"))
        })?;
        Ok(Self { cron, zone, is_hourly })
    }

    /// The first time after `after`; none when there is none. Where the hours are chosen, each time that the local clock
    /// is to show comes once: at the shift where the clock jumps over it, the first time where it shows it twice.
    pub fn next(&self, after: Time) -> Option<Time> {
        let after = DateTime::<Utc>::from_timestamp_millis(after.0)?.with_timezone(&self.zone);
        if self.is_hourly {
            return Some(Time(self.cron.find_next_occurrence(&after, false).ok()?.timestamp_millis()));
        }
        // the local clock alone, as if it never shifted
        let mut local = after.naive_local().and_utc();
        loop {
            local = self.cron.find_next_occurrence(&local, false).ok()?;
            let shown = self.first_shown(local.naive_utc())?;
            if shown > after {
                return Some(Time(shown.timestamp_millis()));
            }
        }
    }

    /// When the local clock first shows `local`, or has jumped over it.
    fn first_shown(&self, mut local: NaiveDateTime) -> Option<DateTime<Tz>> {
        loop {
            match self.zone.from_local_datetime(&local) {
                MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => return Some(at),
                // shifts begin and end with a minute
                MappedLocalTime::None => local = local.with_second(0)?.checked_add_signed(TimeDelta::minutes(1))?,
            }
        }
    }

    /// The next `count` times after `after`.
    pub fn preview(&self, after: Time, count: usize) -> Vec<Time> {
        std::iter::successors(self.next(after), |last| self.next(*last)).take(count).collect()
    }

    /// The expression in words.
    pub fn words(&self) -> String {
        self.cron.describe()
    }
}

#[cfg(test)]
mod tests;
