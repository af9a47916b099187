//! What a cell says and what a column of them is: as precise as every row allows, and nothing is lost.
use crate::connect::sqlite::Scalar;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::borrow::Cow;

/// Beyond this a number cannot be an integer and a floating-point number alike.
const EXACT: u64 = 1 << 53;
/// Decimal digits that a floating-point number keeps.
const DIGITS: usize = 15;

/// A cell as it was read.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    Null,
    /// Text that may stand for anything, as in CSV; nothing when it is empty.
    Written(&'a str),
    /// What is text to its own format: no number, but perhaps a date.
    Text(&'a str),
    /// A number in decimal digits.
    Number(&'a str),
    Integer(i64),
    Real(f64),
    Boolean(bool),
    /// An object or an array.
    Json(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing but nulls.
    Empty,
    Boolean,
    Integer,
    /// An integer that no floating-point number holds exactly.
    Large,
    Real,
    Date,
    Datetime,
    Json,
    Text,
}

/// The type of a column, as far as it has been read.
#[derive(Clone, Copy, Debug)]
pub struct Column(Kind);

impl Default for Column {
    fn default() -> Self {
        Self(Kind::Empty)
    }
}

impl Column {
    /// Takes one more cell into account.
    pub fn see(&mut self, cell: Cell<'_>) {
        use Kind::{Empty, Integer, Large, Real, Text};
        self.0 = match (self.0, kind(cell)) {
            (known, Empty) => known,
            (Empty, new) => new,
            (known, new) if known == new => known,
            (Integer, Large) | (Large, Integer) => Large,
            (Integer, Real) | (Real, Integer) => Real,
            _ => Text,
        };
    }

    pub fn is_empty(self) -> bool {
        self.0 == Kind::Empty
    }

    /// The type's name in the database.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Boolean => "boolean",
            Kind::Integer | Kind::Large => "integer",
            Kind::Real => "real",
            Kind::Date => "date",
            Kind::Datetime => "datetime",
            Kind::Json => "json",
            Kind::Text | Kind::Empty => "text",
        }
    }

    /// A cell of this column as the database keeps it.
    pub fn scalar(self, cell: Cell<'_>) -> Scalar<'_> {
        let (Cell::Written(text) | Cell::Number(text)) = cell else {
            return match (self.0, cell) {
                (_, Cell::Text(text) | Cell::Json(text)) => Scalar::Text(text.into()),
                (Kind::Text, Cell::Integer(value)) => Scalar::Text(value.to_string().into()),
                (Kind::Text, Cell::Real(value)) => Scalar::Text(value.to_string().into()),
                (Kind::Text, Cell::Boolean(value)) => Scalar::Text(value.to_string().into()),
                (_, Cell::Integer(value)) => Scalar::Integer(value),
                (_, Cell::Real(value)) => Scalar::Real(value),
                (_, Cell::Boolean(value)) => Scalar::Integer(value.into()),
                (_, Cell::Null | Cell::Written(_) | Cell::Number(_)) => Scalar::Null,
            };
        };
        let bare = text.trim();
        let value = match self.0 {
            Kind::Boolean => boolean(bare).map(|value| Scalar::Integer(value.into())),
            Kind::Integer | Kind::Large => bare.parse().ok().map(Scalar::Integer),
            Kind::Real => bare.parse().ok().map(Scalar::Real),
            Kind::Date | Kind::Datetime => Some(Scalar::Text(Cow::Borrowed(bare))),
            _ => None,
        };
        if text.is_empty() { Scalar::Null } else { value.unwrap_or(Scalar::Text(text.into())) }
    }
}

fn kind(cell: Cell<'_>) -> Kind {
    match cell {
        Cell::Null | Cell::Written("") => Kind::Empty,
        Cell::Written(text) => {
            let bare = text.trim();
            if boolean(bare).is_some() {
                Kind::Boolean
            } else {
                number(bare).or_else(|| time(bare)).unwrap_or(Kind::Text)
            }
        }
        Cell::Number(digits) => number(digits).unwrap_or(Kind::Text),
        Cell::Text(text) => time(text).unwrap_or(Kind::Text),
        Cell::Integer(value) if value.unsigned_abs() > EXACT => Kind::Large,
        Cell::Integer(_) => Kind::Integer,
        Cell::Real(_) => Kind::Real,
        Cell::Boolean(_) => Kind::Boolean,
        Cell::Json(_) => Kind::Json,
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.len() {
        4 if text.eq_ignore_ascii_case("true") => Some(true),
        5 if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// What is written as a number and is the same once it is one. `007`, `+49` and a product code `12E3` are none.
fn number(text: &str) -> Option<Kind> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let Some(fraction) = fraction else {
        let value: i64 = text.parse().ok().filter(|_| exponent.is_none() && text != "-0")?;
        return Some(if value.unsigned_abs() > EXACT { Kind::Large } else { Kind::Integer });
    };
    let exponent_fits = exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let significant = whole.bytes().chain(fraction.bytes()).skip_while(|digit| *digit == b'0').count();
    let kept = significant <= DIGITS && text.parse::<f64>().is_ok_and(|value| value.is_normal() || significant == 0);
    (digits(fraction) && exponent_fits && kept).then_some(Kind::Real)
}

/// Dates and times as ISO 8601 writes them.
fn time(text: &str) -> Option<Kind> {
    let bytes = text.as_bytes();
    if !(10..=35).contains(&bytes.len()) || bytes[4] != b'-' || bytes[7] != b'-' || !text.is_ascii() {
        return None;
    }
    if bytes.len() == 10 {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok().then_some(Kind::Date);
    }
    let zoned = || DateTime::parse_from_rfc3339(text).is_ok();
    let local = |format| NaiveDateTime::parse_from_str(text, format).is_ok();
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    (zoned() || forms.into_iter().any(local)).then_some(Kind::Datetime)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Column};

    fn of(cells: &[&str]) -> &'static str {
        let mut column = Column::default();
        for cell in cells {
            column.see(Cell::Written(cell));
        }
        column.name()
    }

    #[test]
    fn a_column_is_what_all_its_cells_are() {
        let cases: [(&str, &[&str]); 12] = [
            ("integer", &["1", "", "-20", " 3 "]),
            ("real", &["1", "1.5", "-2.5e-3"]),
            ("boolean", &["true", "FALSE", ""]),
            ("date", &["2026-02-28"]),
            ("datetime", &["2026-02-28T10:00:00Z", "2026-02-28 10:00", "2026-02-28T10:00:00.123+02:00"]),
            ("text", &["2026-02-30"]),
            ("text", &["2026-02-28", "2026-02-28 10:00"]),
            ("text", &["1", "true"]),
            ("text", &["1", "n/a"]),
            ("text", &["", ""]),
            ("integer", &["9223372036854775807", "1"]),
            ("text", &["9223372036854775807", "1.5"]),
        ];
        for (kind, cells) in cases {
            assert_eq!(of(cells), kind, "{cells:?}");
        }
    }

    #[test]
    fn what_would_not_come_back_the_same_stays_text() {
        for text in [
            "007",
            "-0",
            "+49",
            "1,234",
            "12E3",
            "0x1F",
            "1.",
            ".5",
            "1_000",
            "9223372036854775808",
            "0.1234567890123456789",
            "1.5e999",
            "1.5e-999",
            "NaN",
            "inf",
            "1.5e",
            "--1",
            "1.2.3",
            "١٢",
        ] {
            assert_eq!(of(&[text]), "text", "{text}");
        }
    }
}
