//! Dates and times as text.
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The order in which a file writes the parts of a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Only ISO 8601, `2026-01-31`; other dates stay text.
    #[default]
    Iso,
    /// Day, month, year: `31.01.2026`, `31/1/2026`.
    Dmy,
    /// Month, day, year: `1/31/2026`.
    Mdy,
    /// Year, month, day: `2026/01/31`.
    Ymd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    Date,
    Datetime,
}

/// Returns whether the text is an ISO 8601 date or date with a time; `None` for other text.
pub fn iso(text: &str) -> Option<DateKind> {
    let bytes = text.as_bytes();
    if !(10..=35).contains(&bytes.len()) || bytes[4] != b'-' || bytes[7] != b'-' || !text.is_ascii() {
        return None;
    }
    if bytes.len() == 10 {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok().then_some(DateKind::Date);
    }
    let zoned = || DateTime::parse_from_rfc3339(text).is_ok();
    let local = |format| NaiveDateTime::parse_from_str(text, format).is_ok();
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    (zoned() || forms.into_iter().any(local)).then_some(DateKind::Datetime)
}

/// Parses a date in `order`, with or without a time of day, and returns it in ISO 8601. Years must have four digits,
/// because the century of shorter ones is unknown.
pub fn ordered(text: &str, order: DateOrder) -> Option<(DateKind, String)> {
    if text.len() > 35 || !text.is_ascii() {
        return None;
    }
    let (date, time) = text.split_once([' ', 'T']).map_or((text, None), |(date, time)| (date, Some(time)));
    let mark = date.chars().find(|c| !c.is_ascii_digit()).filter(|mark| matches!(mark, '.' | '/' | '-'))?;
    let parts: Vec<&str> = date.split(mark).collect();
    let [one, two, three] = parts.as_slice() else { return None };
    let (year, month, day) = match order {
        DateOrder::Iso => return None,
        DateOrder::Dmy => (three, two, one),
        DateOrder::Mdy => (three, one, two),
        DateOrder::Ymd => (one, two, three),
    };
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(year, 4..=4) || !digits(month, 1..=2) || !digits(day, 1..=2) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let Some(time) = time else { return Some((DateKind::Date, date.format("%Y-%m-%d").to_string())) };
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    Some((DateKind::Datetime, datetime(date.and_time(time))))
}

/// Formats a date with a time in ISO 8601, with as many decimal places as it has.
pub fn datetime(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
}

/// Whether the text is a time of day.
pub fn is_time(text: &str) -> bool {
    ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .any(|form| NaiveTime::parse_from_str(text, form).is_ok_and(|time| time.nanosecond() < 1_000_000_000))
}

/// Whether the text consists of hours, minutes and seconds, possibly of more than a day: `26:30:00`.
pub fn is_duration(text: &str) -> bool {
    let parts: Vec<&str> = text.strip_prefix('-').unwrap_or(text).split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return false };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let sixty = |part: &str| part.len() == 2 && digits(part) && part < "60";
    digits(hours) && sixty(minutes) && sixty(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::{DateKind, DateOrder, is_duration, is_time, iso, ordered};

    #[test]
    fn dates_are_read_in_the_declared_order() {
        let date = |text, order| ordered(text, order).map(|(_, text)| text);
        assert_eq!(date("31.01.2026", DateOrder::Dmy).as_deref(), Some("2026-01-31"));
        assert_eq!(date("1/31/2026", DateOrder::Mdy).as_deref(), Some("2026-01-31"));
        assert_eq!(date("2026/1/31", DateOrder::Ymd).as_deref(), Some("2026-01-31"));
        assert_eq!(date("31/01/2026 09:05", DateOrder::Dmy).as_deref(), Some("2026-01-31T09:05:00"));
        for (text, order) in [
            ("31.01.26", DateOrder::Dmy),
            ("31.01.2026", DateOrder::Mdy),
            ("31.01/2026", DateOrder::Dmy),
            ("30.02.2026", DateOrder::Dmy),
            ("31.01.2026", DateOrder::Iso),
            ("2026", DateOrder::Ymd),
            ("1.2.3.2026", DateOrder::Dmy),
            ("31.01.2026 25:00", DateOrder::Dmy),
        ] {
            assert_eq!(date(text, order), None, "{text}");
        }
    }

    #[test]
    fn iso_dates_and_times_are_recognised() {
        assert_eq!(iso("2026-02-28"), Some(DateKind::Date));
        for text in ["2026-02-28T10:00:00Z", "2026-02-28 10:00", "2026-02-28T10:00:00.123+02:00"] {
            assert_eq!(iso(text), Some(DateKind::Datetime), "{text}");
        }
        for text in ["2026-02-30", "2026-2-28", "20260228", "2026-02-28x", ""] {
            assert_eq!(iso(text), None, "{text}");
        }
        assert!(is_time("09:30") && is_time("23:59:59.5") && !is_time("24:00") && !is_time("x"));
        assert!(
            is_duration("26:30:00") && is_duration("-0:00:01.5") && !is_duration("1:60:00") && !is_duration("9:30")
        );
    }
}
