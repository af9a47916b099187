//! When a schedule fires: cron expressions in a time zone.
use crate::{Error, Result, clock::Time};
use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use croner::{
    Cron, Weekday,
    parser::{CronParser, Seconds, Year},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// How late a run may start and still be on time, because of a restart or high load.
const GRACE: Duration = Duration::from_mins(1);

/// The most missed times that are counted.
pub const MOST_TOLD: usize = 100;

/// Starts a run at each time of a cron expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ScheduleTrigger")]
pub struct Schedule {
    /// Unique within the workflow. The server generates it if it is absent.
    #[serde(default)]
    pub id: String,
    /// Five fields, `minute hour day month weekday`, or six starting with seconds.
    #[schemars(title = "Cron", length(min = 1, max = 200))]
    pub cron: String,
    /// IANA time zone, such as Europe/Berlin.
    #[serde(default = "Schedule::default_timezone")]
    #[schemars(title = "Time zone", length(max = 100))]
    pub timezone: String,
    /// The input of each run.
    #[serde(default)]
    #[schemars(title = "Input")]
    pub input: Value,
    #[serde(default)]
    #[schemars(title = "Runs missed while the server was down")]
    pub missed: MissedTimes,
    #[serde(default = "on")]
    #[schemars(title = "Enabled")]
    pub enabled: bool,
}

pub(super) const fn on() -> bool {
    true
}

/// What happens to times at which the server was down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MissedTimes {
    /// Continues with the next time.
    #[default]
    #[schemars(title = "Skip them")]
    Skip,
    /// Starts one run for all of them as soon as the server is back.
    #[schemars(title = "Run once")]
    RunOnce,
}

/// A parsed cron expression and time zone.
pub struct Clock {
    cron: Cron,
    zone: Tz,
    /// Whether it fires in every hour, so that clock changes do not affect it.
    is_hourly: bool,
    /// Whether any day of the calendar matches: searching for one that never comes would take long.
    comes: bool,
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

    /// Returns the first time after `after`; `None` if the schedule never fires again or is invalid.
    pub fn next(&self, after: Time) -> Option<Time> {
        self.clock().ok()?.next(after)
    }

    /// Returns whether a run that was due at `due` counts as missed at `now`.
    pub fn is_missed(due: Time, now: Time) -> bool {
        now > due.plus(GRACE)
    }

    /// Counts the missed times from `first` on, at most [`MOST_TOLD`], and returns the first that is not missed.
    pub fn missed_from(&self, first: Time, now: Time) -> (usize, Option<Time>) {
        let Ok(clock) = self.clock() else { return (1, None) };
        let missed = std::iter::successors(Some(first), |last| clock.next(*last))
            .take_while(|time| Self::is_missed(*time, now))
            .take(MOST_TOLD)
            .count()
            .max(1);
        // the last millisecond that counts as missed
        let last_missed = Time(now.0 - i64::try_from(GRACE.as_millis()).unwrap_or(0) - 1);
        (missed, clock.next(first.max(last_missed)))
    }
}

/// Returns whether any day of the calendar matches. Within 28 years each date falls on every weekday.
fn has_a_day(cron: &Cron) -> bool {
    let months = (1..=12).filter(|month| cron.pattern.month_match(*month).unwrap_or(false));
    let firsts = months.flat_map(|month| (2000..2028).filter_map(move |year| NaiveDate::from_ymd_opt(year, month, 1)));
    let mut days = firsts.flat_map(|first| first.iter_days().take_while(move |day| day.month() == first.month()));
    days.any(|day| {
        let weekday = Weekday::from_days_from_sunday(day.weekday().num_days_from_sunday());
        cron.pattern.day_match(day.year(), day.month(), day.day(), weekday).unwrap_or(false)
    })
}

impl Clock {
    /// # Errors
    /// `Invalid`, naming `cron` or `timezone`.
    pub fn new(cron: &str, zone: &str) -> Result<Self> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let example = "such as `0 9 * * 1-5` (at 9:00 from Monday to Friday)";
        if !(5..=6).contains(&fields.len()) || cron.contains('@') {
            let why = format!("must have five fields, or six starting with seconds, {example}");
            return Err(Error::invalid("cron", why));
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser.parse(cron).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.rsplit(": ").next().unwrap_or_default().trim_end_matches('.').to_owned();
            Error::invalid("cron", format!("must be a cron expression {example}: {reason}"))
        })?;
        // however it is written: `*`, `00-23`, `0-23/1` or a list of all hours
        let is_hourly = (0..24).all(|hour| cron.pattern.hour_match(hour).unwrap_or(false));
        let comes = has_a_day(&cron);
        let zone = zone.parse().map_err(|_| {
            Error::invalid(
                "timezone",
                format!("`{zone}` is not a time zone: enter a name such as Europe/Berlin, or UTC"),
            )
        })?;
        Ok(Self { cron, zone, is_hourly, comes })
    }

    /// Returns the first time after `after`; `None` if the schedule never fires again. Unless the schedule fires in every hour, each
    /// local time fires once: at the clock change if the clock skips it, and the first time if the clock shows it
    /// twice.
    pub fn next(&self, after: Time) -> Option<Time> {
        let after = DateTime::<Utc>::from_timestamp_millis(after.0).filter(|_| self.comes)?.with_timezone(&self.zone);
        if self.is_hourly {
            return Some(Time(self.cron.find_next_occurrence(&after, false).ok()?.timestamp_millis()));
        }
        // the local time, ignoring clock changes
        let mut local = after.naive_local().and_utc();
        loop {
            local = self.cron.find_next_occurrence(&local, false).ok()?;
            let shown = self.first_shown(local.naive_utc())?;
            if shown > after {
                return Some(Time(shown.timestamp_millis()));
            }
        }
    }

    /// Returns when the local clock first shows `local`, or when it skips it.
    fn first_shown(&self, mut local: NaiveDateTime) -> Option<DateTime<Tz>> {
        loop {
            match self.zone.from_local_datetime(&local) {
                MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => return Some(at),
                // clock changes happen at whole minutes
                MappedLocalTime::None => local = local.with_second(0)?.checked_add_signed(TimeDelta::minutes(1))?,
            }
        }
    }

    /// Returns the next `count` times after `after`.
    pub fn preview(&self, after: Time, count: usize) -> Vec<Time> {
        std::iter::successors(self.next(after), |last| self.next(*last)).take(count).collect()
    }

    /// Describes the expression in English.
    pub fn words(&self) -> String {
        self.cron.describe()
    }
}

#[cfg(test)]
mod tests;
