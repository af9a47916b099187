//! Formats dates, times and intervals as text that the server parses to the same value.
use chrono::NaiveTime;

const DAY: i64 = 86_400_000_000;

pub(super) fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        _ => {
            let (day, era) = calendar(days.into());
            format!("{day}{era}")
        }
    }
}

/// Converts days since 2000-01-01 to a date, and the suffix for its era. The server's range of dates exceeds that of
/// `chrono`, so this computes within the 400-year cycle of the Gregorian calendar, from March on so that leap days are
/// last.
fn calendar(days: i64) -> (String, &'static str) {
    const CYCLE: i64 = 146_097;
    let since_march_of_year_0 = days + 730_425;
    let day = since_march_of_year_0.rem_euclid(CYCLE);
    let year_of_cycle = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let (month, next) = if from_march < 10 { (from_march + 3, 0) } else { (from_march - 9, 1) };
    let year = year_of_cycle + since_march_of_year_0.div_euclid(CYCLE) * 400 + next;
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    (format!("{year:04}-{month:02}-{day:02}"), era)
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

/// Formats seconds west of UTC as an offset.
pub(super) fn zone(west: i32) -> String {
    let sign = if west > 0 { '-' } else { '+' };
    let (minutes, seconds) = (west.unsigned_abs() / 60, west.unsigned_abs() % 60);
    let seconds = if seconds == 0 { String::new() } else { format!(":{seconds:02}") };
    format!("{sign}{:02}:{:02}{seconds}", minutes / 60, minutes % 60)
}

pub(super) fn timestamp(micros: i64, suffix: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let (day, era) = calendar(micros.div_euclid(DAY));
            format!("{day}T{}{suffix}{era}", time(micros.rem_euclid(DAY)))
        }
    }
}

/// Formats an interval like the server: after a negative part, positive parts get a plus sign.
pub(super) fn interval(micros: i64, days: i32, months: i32) -> String {
    match (micros, days, months) {
        (i64::MAX, i32::MAX, i32::MAX) => return "infinity".to_owned(),
        (i64::MIN, i32::MIN, i32::MIN) => return "-infinity".to_owned(),
        _ => {}
    }
    let mut parts: Vec<String> = Vec::new();
    let sign = |negative: bool, before: &[String]| match negative {
        true => "-",
        false if before.iter().any(|part| part.starts_with('-')) => "+",
        false => "",
    };
    for (count, name) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if count != 0 {
            let plural = if count.unsigned_abs() == 1 { "" } else { "s" };
            let part = format!("{}{} {name}{plural}", sign(count < 0, &parts), count.unsigned_abs());
            parts.push(part);
        }
    }
    if micros != 0 || parts.is_empty() {
        let sign = sign(micros < 0, &parts);
        let total = micros.unsigned_abs();
        let (seconds, rest) = (total / 1_000_000, total % 1_000_000);
        let fraction = if rest == 0 { String::new() } else { format!(".{rest:06}").trim_end_matches('0').to_owned() };
        parts.push(format!("{sign}{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    parts.join(" ")
}
