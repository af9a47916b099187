//! Relative ranges, such as the last 30 days or the last 6 hours, and ranges between two moments.
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// The most minutes, hours, days, weeks or months that a range may go back.
const MAX: u32 = 1000;
/// The form of a local time, as inputs of browsers write it.
const LOCAL: [&str; 2] = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];

/// A range relative to now. `Minutes` and `Hours` end now, `Days`, `Weeks` and `Months` today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelativeRange {
    Today,
    ThisMonth,
    LastMonth,
    ThisYear,
    Minutes(u32),
    Hours(u32),
    Days(u32),
    Weeks(u32),
    Months(u32),
}

impl RelativeRange {
    /// Parses `today`, `this-month`, `last-month`, `this-year`, and ranges such as `last-30-days` and
    /// `last-15-minutes`.
    pub fn parse(text: &str) -> Option<Self> {
        let last = match text {
            "today" => return Some(Self::Today),
            "this-month" => return Some(Self::ThisMonth),
            "last-month" => return Some(Self::LastMonth),
            "this-year" => return Some(Self::ThisYear),
            other => other.strip_prefix("last-")?,
        };
        let (count, unit) = last.split_once('-')?;
        let plain = count.chars().all(|c| c.is_ascii_digit()) && !count.starts_with('0');
        let count = count.parse().ok().filter(|count| plain && (1..=MAX).contains(count))?;
        match unit {
            "minutes" => Some(Self::Minutes(count)),
            "hours" => Some(Self::Hours(count)),
            "days" => Some(Self::Days(count)),
            "weeks" => Some(Self::Weeks(count)),
            "months" => Some(Self::Months(count)),
            _ => None,
        }
    }

    /// Parses a range of whole days.
    pub fn parse_days(text: &str) -> Option<Self> {
        Self::parse(text).filter(|range| !matches!(range, Self::Minutes(_) | Self::Hours(_)))
    }

    /// Returns the first and the last day; `None` for minutes and hours, and outside the calendar.
    pub fn days(self, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let month = today.with_day(1)?;
        let back = |days: u32| Some((today.checked_sub_days(Days::new(u64::from(days.saturating_sub(1))))?, today));
        match self {
            Self::Today => Some((today, today)),
            Self::ThisMonth => Some((month, month.checked_add_months(Months::new(1))?.pred_opt()?)),
            Self::LastMonth => Some((month.checked_sub_months(Months::new(1))?, month.pred_opt()?)),
            Self::ThisYear => {
                Some((NaiveDate::from_ymd_opt(today.year(), 1, 1)?, NaiveDate::from_ymd_opt(today.year(), 12, 31)?))
            }
            Self::Minutes(_) | Self::Hours(_) => None,
            Self::Days(count) => back(count),
            Self::Weeks(count) => back(count.saturating_mul(7)),
            Self::Months(count) => Some((today.checked_sub_months(Months::new(count))?.succ_opt()?, today)),
        }
    }

    /// Returns the first and the last moment; `None` if they are outside the calendar. Minutes and hours end with the
    /// present minute, so that requests within a minute ask for the same.
    pub fn moments(self, now: DateTime<Tz>) -> Option<(String, String)> {
        let length = match self {
            Self::Minutes(count) => TimeDelta::minutes(count.into()),
            Self::Hours(count) => TimeDelta::hours(count.into()),
            _ => {
                let (from, to) = self.days(now.date_naive())?;
                return Some((
                    RangeBound::First.of_day(from, now.timezone())?,
                    RangeBound::Last.of_day(to, now.timezone())?,
                ));
            }
        };
        let seconds = now.timestamp();
        let end = now.timezone().timestamp_opt(seconds - seconds.rem_euclid(60) + 60, 0).single()?;
        Some((written(end - length), written(end)))
    }
}

/// One end of a range between two moments.
#[derive(Clone, Copy)]
pub enum RangeBound {
    First,
    Last,
}

impl RangeBound {
    /// Returns the moment of a text: a day, a local time in `zone`, or a time with its offset, which is kept as it is.
    pub fn moment(self, text: &str, zone: Tz) -> Option<String> {
        if let Some(day) = day(text) {
            return self.of_day(day, zone);
        }
        let local = LOCAL.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        match local {
            Some(local) => Some(written(zoned(local, zone)?)),
            None => instant(text).map(|_| text.to_owned()),
        }
    }

    /// Returns the first or the last moment of a day.
    fn of_day(self, day: NaiveDate, zone: Tz) -> Option<String> {
        let first = |day: NaiveDate| zoned(day.and_hms_opt(0, 0, 0)?, zone);
        Some(written(match self {
            Self::First => first(day)?,
            Self::Last => first(day.succ_opt()?)? - TimeDelta::milliseconds(1),
        }))
    }
}

/// Returns a local time in a time zone: the earlier one if clocks show it twice, and an hour later if they skip it.
fn zoned(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Tz>> {
    let found = zone.from_local_datetime(&local).earliest();
    found.or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
}

fn written(moment: DateTime<Tz>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Parses a day such as `2026-01-31`.
pub fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10)
}

/// Parses a time with its offset.
fn instant(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok().filter(|_| text.len() <= 40)
}

/// Returns whether these are the ends of a range between two moments, the earlier one first.
pub fn are_moments(from: &str, to: &str) -> bool {
    let moment = |bound: RangeBound, text| instant(&bound.moment(text, Tz::UTC)?);
    moment(RangeBound::First, from).zip(moment(RangeBound::Last, to)).is_some_and(|(from, to)| from <= to)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{RangeBound, RelativeRange, are_moments};
    use chrono::DateTime;
    use chrono_tz::Tz;

    fn days(range: &str, today: &str) -> String {
        let (from, to) = RelativeRange::parse(range).unwrap().days(today.parse().unwrap()).unwrap();
        format!("{from}..{to}")
    }

    // the admin UI's tests use the same table
    #[test]
    fn a_range_depends_on_today() {
        for (range, today, expected) in [
            ("today", "2026-03-31", "2026-03-31..2026-03-31"),
            ("last-7-days", "2026-03-03", "2026-02-25..2026-03-03"),
            ("last-1-days", "2026-03-03", "2026-03-03..2026-03-03"),
            ("last-2-weeks", "2026-01-05", "2025-12-23..2026-01-05"),
            ("last-1-months", "2026-03-31", "2026-03-01..2026-03-31"),
            ("last-12-months", "2024-02-29", "2023-03-01..2024-02-29"),
            ("this-month", "2024-02-10", "2024-02-01..2024-02-29"),
            ("this-month", "2026-12-31", "2026-12-01..2026-12-31"),
            ("last-month", "2026-01-31", "2025-12-01..2025-12-31"),
            ("last-month", "2026-03-31", "2026-02-01..2026-02-28"),
            ("this-year", "2026-07-01", "2026-01-01..2026-12-31"),
        ] {
            assert_eq!(days(range, today), expected, "{range} on {today}");
        }
    }

    fn moments(range: &str, now: &str, zone: Tz) -> String {
        let now = DateTime::parse_from_rfc3339(now).unwrap().with_timezone(&zone);
        let (from, to) = RelativeRange::parse(range).unwrap().moments(now).unwrap();
        format!("{from}..{to}")
    }

    #[test]
    fn a_range_of_minutes_or_hours_ends_with_the_present_minute() {
        let now = "2026-03-29T00:59:30Z";
        for (range, zone, expected) in [
            ("last-15-minutes", Tz::UTC, "2026-03-29T00:45:00Z..2026-03-29T01:00:00Z"),
            // the clocks go forward at one o'clock
            ("last-1-hours", Tz::Europe__Berlin, "2026-03-29T01:00:00+01:00..2026-03-29T03:00:00+02:00"),
            ("today", Tz::Europe__Berlin, "2026-03-29T00:00:00+01:00..2026-03-29T23:59:59.999+02:00"),
            ("last-2-days", Tz::UTC, "2026-03-28T00:00:00Z..2026-03-29T23:59:59.999Z"),
        ] {
            assert_eq!(moments(range, now, zone), expected, "{range}");
        }
        assert_eq!(RelativeRange::parse_days("last-6-hours"), None);
    }

    #[test]
    fn a_moment_is_a_day_a_local_time_or_a_time_with_its_offset() {
        let berlin = |text| RangeBound::Last.moment(text, Tz::Europe__Berlin);
        assert_eq!(berlin("2026-01-31").unwrap(), "2026-01-31T23:59:59.999+01:00");
        assert_eq!(berlin("2026-07-01T08:30").unwrap(), "2026-07-01T08:30:00+02:00");
        assert_eq!(berlin("2026-07-01T08:30:00Z").unwrap(), "2026-07-01T08:30:00Z");
        // there is no such time: the clocks go forward
        assert_eq!(berlin("2026-03-29T02:30").unwrap(), "2026-03-29T03:30:00+02:00");
        assert_eq!(berlin("8 o'clock"), None);
        assert!(are_moments("2026-01-31", "2026-01-31") && are_moments("2026-01-31T08:00", "2026-01-31T08:00:00Z"));
        assert!(!are_moments("2026-01-31T09:00", "2026-01-31T08:00") && !are_moments("", "2026-01-31"));
    }

    #[test]
    fn invalid_ranges_are_refused() {
        let wrong =
            ["", "tomorrow", "last-0-days", "last-07-days", "last-+7-days", "last--7-days", "last-7-years", "last-7"];
        for text in wrong.into_iter().chain(["last-1001-days", "last-99999999999-days", "Today", "last-7-days "]) {
            assert_eq!(RelativeRange::parse(text), None, "{text}");
        }
    }
}
