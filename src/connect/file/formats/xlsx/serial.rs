//! Dates and times in spreadsheets: numbers of days that a format shows as dates.
use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

/// The shape in which a cell's format shows its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberFormat {
    #[default]
    Number,
    Date,
    Datetime,
    Time,
    Duration,
}

/// The value of a number in such a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum SerialValue {
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
pub fn built_in(id: u32) -> NumberFormat {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => NumberFormat::Date,
        18..=21 | 45 | 47 | 32..=35 | 55 | 56 => NumberFormat::Time,
        22 => NumberFormat::Datetime,
        46 => NumberFormat::Duration,
        _ => NumberFormat::Number,
    }
}

/// Returns what a format code shows. Its first section decides.
pub fn shape(code: &str) -> NumberFormat {
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
                    return NumberFormat::Duration;
                }
            }
            'y' | 'd' => date = true,
            'h' | 's' => time = true,
            'm' => minutes = true,
            // `General` is a word: its letters are not placeholders
            'g' if code.to_ascii_lowercase().starts_with("general") => return NumberFormat::Number,
            _ => {}
        }
    }
    match (date, time) {
        (true, true) => NumberFormat::Datetime,
        (true, false) => NumberFormat::Date,
        (false, true) => NumberFormat::Time,
        (false, false) if minutes => NumberFormat::Date,
        (false, false) => NumberFormat::Number,
    }
}

/// Converts a number of days for a cell of that shape. Workbooks count from 1900, in which they have a 29 February, or
/// from 1904.
pub fn value(serial: f64, shape: NumberFormat, since_1904: bool) -> SerialValue {
    #[allow(clippy::cast_possible_truncation)] // the range is checked
    let milliseconds = if serial.abs() < END { (serial * DAY).round() as i64 } else { return SerialValue::Number };
    if shape == NumberFormat::Duration {
        return SerialValue::Duration(clock(milliseconds));
    }
    if shape == NumberFormat::Number || milliseconds < 0 {
        return SerialValue::Number;
    }
    let day_long = TimeDelta::days(1).num_milliseconds();
    let (days, rest) = (milliseconds / day_long, milliseconds % day_long);
    let time_only = days == 0 && (shape == NumberFormat::Time || rest > 0) && !since_1904;
    if time_only || days == 0 && shape == NumberFormat::Time {
        return SerialValue::Time(padded(clock(rest)));
    }
    let base = match (since_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, 0) => return SerialValue::Text("1900-01-00"),
        (false, 60) => return SerialValue::Text("1900-02-29"),
        (false, 1..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    let date = base.and_then(|base| base.checked_add_days(Days::new(days.unsigned_abs())));
    let Some(date) = date else { return SerialValue::Number };
    if shape == NumberFormat::Date && rest == 0 {
        return SerialValue::Date(date);
    }
    SerialValue::Datetime(date.and_time(chrono::NaiveTime::MIN) + TimeDelta::milliseconds(rest))
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
    use super::{NumberFormat, SerialValue, shape, value};

    #[test]
    fn a_format_decides_what_a_number_is() {
        for (code, expected) in [
            ("General", NumberFormat::Number),
            ("0.00E+00", NumberFormat::Number),
            ("#,##0.00 \"days\"", NumberFormat::Number),
            ("0.00;[Red]-0.00", NumberFormat::Number),
            ("[$-409]#,##0", NumberFormat::Number),
            ("yyyy-mm-dd", NumberFormat::Date),
            ("dd/mm/yy", NumberFormat::Date),
            ("mmm", NumberFormat::Date),
            ("[$-F800]dddd, mmmm dd, yyyy", NumberFormat::Date),
            ("yyyy-mm-dd hh:mm", NumberFormat::Datetime),
            ("m/d/yy h:mm AM/PM", NumberFormat::Datetime),
            ("hh:mm:ss", NumberFormat::Time),
            ("mm:ss.0", NumberFormat::Time),
            ("[h]:mm:ss", NumberFormat::Duration),
            ("[hh]:mm", NumberFormat::Duration),
            ("[mm]:ss", NumberFormat::Duration),
            ("\\d0", NumberFormat::Number),
            ("@", NumberFormat::Number),
        ] {
            assert_eq!(shape(code), expected, "{code}");
        }
    }

    #[test]
    fn serial_numbers_are_days_of_either_calendar() {
        let text = |serial, shape, since| match value(serial, shape, since) {
            SerialValue::Date(date) => date.to_string(),
            SerialValue::Datetime(at) => at.to_string(),
            SerialValue::Time(text) | SerialValue::Duration(text) => text,
            SerialValue::Text(text) => text.to_owned(),
            SerialValue::Number => "number".to_owned(),
        };
        for (serial, shape, since, expected) in [
            (1.0, NumberFormat::Date, false, "1900-01-01"),
            (59.0, NumberFormat::Date, false, "1900-02-28"),
            (60.0, NumberFormat::Date, false, "1900-02-29"),
            (61.0, NumberFormat::Date, false, "1900-03-01"),
            (45001.0, NumberFormat::Date, false, "2023-03-16"),
            (45001.0, NumberFormat::Datetime, false, "2023-03-16 00:00:00"),
            (45000.5, NumberFormat::Date, false, "2023-03-15 12:00:00"),
            (0.0, NumberFormat::Date, true, "1904-01-01"),
            (0.0, NumberFormat::Date, false, "1900-01-00"),
            (0.430_555_555_555_556, NumberFormat::Time, false, "10:20:00"),
            (0.25, NumberFormat::Datetime, false, "06:00:00"),
            (0.0, NumberFormat::Time, false, "00:00:00"),
            (1.104_166_666_666_667, NumberFormat::Duration, false, "26:30:00"),
            (-0.5, NumberFormat::Duration, false, "-12:00:00"),
            (-1.0, NumberFormat::Date, false, "number"),
            (3_000_000.0, NumberFormat::Date, false, "number"),
        ] {
            assert_eq!(text(serial, shape, since), expected, "{serial} {shape:?} {since}");
        }
    }
}
