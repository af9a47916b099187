//! Dates and times in spreadsheets: numbers of days that a format shows as dates.
use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

/// The shape in which a cell's format shows its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Number,
    Date,
    Datetime,
    Time,
    Duration,
}

/// The value of a number in such a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number,
    Date(NaiveDate),
    Datetime(NaiveDateTime),
    Time(String),
    Duration(String),
    /// A day that spreadsheets show, but no calendar has.
    Text(&'static str),
}

/// Milliseconds per day.
const DAY: f64 = 86_400_000.0;
/// The first day that spreadsheets cannot show: 1 January 10000.
const END: f64 = 2_958_466.0;

/// Returns what a predefined format shows.
pub fn built_in(id: u32) -> Shape {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Shape::Date,
        18..=21 | 45 | 47 | 32..=35 | 55 | 56 => Shape::Time,
        22 => Shape::Datetime,
        46 => Shape::Duration,
        _ => Shape::Number,
    }
}

/// Returns what a format code shows. Its first section decides.
pub fn shape(code: &str) -> Shape {
    let (mut date, mut time, mut minutes) = (false, false, false);
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            ';' => break,
            '"' => while characters.next().is_some_and(|next| next != '"') {},
            '\\' | '_' | '*' => drop(characters.next()),
            '[' => {
                let inner: String = characters.by_ref().take_while(|next| *next != ']').collect();
                let inner = inner.to_ascii_lowercase();
                if !inner.is_empty() && ["h", "m", "s"].iter().any(|unit| inner.chars().all(|c| unit.starts_with(c))) {
                    return Shape::Duration;
                }
            }
            'y' | 'd' => date = true,
            'h' | 's' => time = true,
            'm' => minutes = true,
            // `General` is a word: its letters are not placeholders
            'g' if code.to_ascii_lowercase().starts_with("general") => return Shape::Number,
            _ => {}
        }
    }
    match (date, time) {
        (true, true) => Shape::Datetime,
        (true, false) => Shape::Date,
        (false, true) => Shape::Time,
        (false, false) if minutes => Shape::Date,
        (false, false) => Shape::Number,
    }
}

/// Converts a number of days for a cell of that shape. Workbooks count from 1900, in which they have a 29 February, or
/// from 1904.
pub fn value(serial: f64, shape: Shape, since_1904: bool) -> Value {
    #[allow(clippy::cast_possible_truncation)] // the range is checked
    let milliseconds = if serial.abs() < END { (serial * DAY).round() as i64 } else { return Value::Number };
    if shape == Shape::Duration {
        return Value::Duration(clock(milliseconds));
    }
    if shape == Shape::Number || milliseconds < 0 {
        return Value::Number;
    }
    let day_long = TimeDelta::days(1).num_milliseconds();
    let (days, rest) = (milliseconds / day_long, milliseconds % day_long);
    let time_only = days == 0 && (shape == Shape::Time || rest > 0) && !since_1904;
    if time_only || days == 0 && shape == Shape::Time {
        return Value::Time(padded(clock(rest)));
    }
    let base = match (since_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, 0) => return Value::Text("1900-01-00"),
        (false, 60) => return Value::Text("1900-02-29"),
        (false, 1..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    let date = base.and_then(|base| base.checked_add_days(Days::new(days.unsigned_abs())));
    let Some(date) = date else { return Value::Number };
    if shape == Shape::Date && rest == 0 {
        return Value::Date(date);
    }
    Value::Datetime(date.and_time(chrono::NaiveTime::MIN) + TimeDelta::milliseconds(rest))
}

/// Formats `26:30:00`, with milliseconds if there are any.
fn clock(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let all = milliseconds.unsigned_abs();
    let (hours, minutes, seconds, rest) = (all / 3_600_000, all / 60_000 % 60, all / 1000 % 60, all % 1000);
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
    format!("{sign}{hours}:{minutes:02}:{seconds:02}{fraction}")
}

/// Pads the hours of a time of day to two digits.
fn padded(clock: String) -> String {
    if clock.find(':') == Some(1) { format!("0{clock}") } else { clock }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Shape, Value, shape, value};

    #[test]
    fn a_format_decides_what_a_number_is() {
        for (code, expected) in [
            ("General", Shape::Number),
            ("0.00E+00", Shape::Number),
            ("#,##0.00 \"days\"", Shape::Number),
            ("0.00;[Red]-0.00", Shape::Number),
            ("[$-409]#,##0", Shape::Number),
            ("yyyy-mm-dd", Shape::Date),
            ("dd/mm/yy", Shape::Date),
            ("mmm", Shape::Date),
            ("[$-F800]dddd, mmmm dd, yyyy", Shape::Date),
            ("yyyy-mm-dd hh:mm", Shape::Datetime),
            ("m/d/yy h:mm AM/PM", Shape::Datetime),
            ("hh:mm:ss", Shape::Time),
            ("mm:ss.0", Shape::Time),
            ("[h]:mm:ss", Shape::Duration),
            ("[hh]:mm", Shape::Duration),
            ("[mm]:ss", Shape::Duration),
            ("\\d0", Shape::Number),
            ("@", Shape::Number),
        ] {
            assert_eq!(shape(code), expected, "{code}");
        }
    }

    #[test]
    fn serial_numbers_are_days_of_either_calendar() {
        let text = |serial, shape, since| match value(serial, shape, since) {
            Value::Date(date) => date.to_string(),
            Value::Datetime(at) => at.to_string(),
            Value::Time(text) | Value::Duration(text) => text,
            Value::Text(text) => text.to_owned(),
            Value::Number => "number".to_owned(),
        };
        for (serial, shape, since, expected) in [
            (1.0, Shape::Date, false, "1900-01-01"),
            (59.0, Shape::Date, false, "1900-02-28"),
            (60.0, Shape::Date, false, "1900-02-29"),
            (61.0, Shape::Date, false, "1900-03-01"),
            (45001.0, Shape::Date, false, "2023-03-16"),
            (45001.0, Shape::Datetime, false, "2023-03-16 00:00:00"),
            (45000.5, Shape::Date, false, "2023-03-15 12:00:00"),
            (0.0, Shape::Date, true, "1904-01-01"),
            (0.0, Shape::Date, false, "1900-01-00"),
            (0.430_555_555_555_556, Shape::Time, false, "10:20:00"),
            (0.25, Shape::Datetime, false, "06:00:00"),
            (0.0, Shape::Time, false, "00:00:00"),
            (1.104_166_666_666_667, Shape::Duration, false, "26:30:00"),
            (-0.5, Shape::Duration, false, "-12:00:00"),
            (-1.0, Shape::Date, false, "number"),
            (3_000_000.0, Shape::Date, false, "number"),
        ] {
            assert_eq!(text(serial, shape, since), expected, "{serial} {shape:?} {since}");
        }
    }
}
