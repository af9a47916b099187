//! Dates, times and intervals as text.
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

fn epoch() -> NaiveDateTime {
    DateTime::from_timestamp(946_684_800, 0).unwrap_or_default().naive_utc()
}

pub(super) fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        _ => {
            let day: Option<NaiveDate> = epoch().date().checked_add_signed(TimeDelta::days(days.into()));
            day.map_or_else(|| format!("2000-01-01 + {days} days"), |day| day.to_string())
        }
    }
}

pub(super) fn time(micros: i64) -> String {
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    if seconds == 86_400 {
        return "24:00:00".to_owned();
    }
    let time = u32::try_from(seconds).ok().zip(u32::try_from(rest * 1000).ok());
    let time = time.and_then(|(seconds, nanos)| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos));
    time.map_or_else(|| micros.to_string(), |time| time.format("%H:%M:%S%.f").to_string())
}

/// Seconds west of Greenwich, as an offset.
pub(super) fn zone(west: i32) -> String {
    let sign = if west > 0 { '-' } else { '+' };
    let minutes = west.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

pub(super) fn timestamp(micros: i64, suffix: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let at = epoch().checked_add_signed(TimeDelta::microseconds(micros));
            at.map_or_else(
                || format!("2000-01-01 + {micros} microseconds"),
                |at| format!("{}{suffix}", at.format("%Y-%m-%dT%H:%M:%S%.f")),
            )
        }
    }
}

pub(super) fn interval(micros: i64, days: i32, months: i32) -> String {
    let mut parts = Vec::new();
    for (count, name) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if count != 0 {
            parts.push(format!("{count} {name}{}", if count.abs() == 1 { "" } else { "s" }));
        }
    }
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        let total = micros.unsigned_abs();
        let (seconds, rest) = (total / 1_000_000, total % 1_000_000);
        let fraction = if rest == 0 { String::new() } else { format!(".{rest:06}").trim_end_matches('0').to_owned() };
        parts.push(format!("{sign}{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    parts.join(" ")
}
