//! The cells of a file, and their conversion to a column's type.
use super::{
    moment::{self, DateKind, DateOrder},
    number::{self, EXACT, Number, Numerals, Spelling},
};
use crate::connect::sqlite::Scalar;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A cell as read from the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    /// Untyped text, as in CSV, and whether it was quoted: an empty one without quotes is a missing value.
    Written(&'a str, bool),
    /// Text according to the file's format: not a number, but perhaps a date.
    Text(&'a str),
    /// A number in decimal digits.
    Number(&'a str),
    Boolean(bool),
    Date(NaiveDate),
    Datetime(NaiveDateTime),
    /// Such as `10:30:00`.
    Time(&'a str),
    /// Such as `26:30:00`.
    Duration(&'a str),
    /// An object or an array.
    Json(&'a str),
    /// What a spreadsheet shows instead of a value: `#DIV/0!`.
    Error(&'a str),
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileColumnType {
    Text,
    Integer,
    Real,
    Boolean,
    Date,
    Datetime,
    Time,
    Duration,
    Json,
}

impl FileColumnType {
    /// Its name in the database and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Json => "json",
        }
    }

    /// Names one value of the type, for messages.
    pub fn value(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "an integer",
            Self::Real => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Datetime => "a date with a time",
            Self::Time => "a time of day",
            Self::Duration => "a duration",
            Self::Json => "JSON",
        }
    }

    /// Names several values of the type, for messages.
    pub fn values(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integers",
            Self::Real => "numbers",
            Self::Boolean => "true or false",
            Self::Date => "dates",
            Self::Datetime => "dates with a time",
            Self::Time => "times of day",
            Self::Duration => "durations",
            Self::Json => "JSON",
        }
    }
}

/// How to read the cells of a file.
#[derive(Clone, Debug, Default)]
pub struct CellOptions {
    pub numerals: Numerals,
    pub dates: DateOrder,
    /// Texts that mean a missing value.
    pub nulls: Vec<String>,
    /// Whether to ignore spaces around values.
    pub trim: bool,
}

/// The kind of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Empty,
    Boolean,
    Integer,
    /// An integer that floating-point numbers cannot represent exactly.
    Large,
    /// With its notation, if that matters.
    Real(Option<Spelling>),
    /// Text in ISO 8601.
    Date,
    Datetime,
    /// Text in the file's own date order.
    OrderedDate,
    OrderedDatetime,
    /// A date according to the file's format, as in a spreadsheet.
    Day,
    Moment,
    Time,
    Duration,
    Json,
    Text,
    Error,
}

impl CellOptions {
    /// Returns the cell trimmed, and `Null` for missing values.
    pub fn clean<'a>(&self, cell: Cell<'a>) -> Cell<'a> {
        let bare = |text: &'a str| if self.trim { text.trim() } else { text };
        let cell = match cell {
            Cell::Written(text, quoted) => Cell::Written(bare(text), quoted),
            Cell::Text(text) => Cell::Text(bare(text)),
            other => other,
        };
        match cell {
            Cell::Written("", false) => Cell::Null,
            Cell::Written(text, _) | Cell::Text(text) | Cell::Error(text)
                if self.nulls.iter().any(|null| null == text) =>
            {
                Cell::Null
            }
            other => other,
        }
    }

    /// Returns the kind of a cleaned cell.
    pub fn kind(&self, cell: Cell<'_>) -> ValueKind {
        match cell {
            Cell::Null | Cell::Written("", _) => ValueKind::Empty,
            Cell::Written(text, _) => self.written(text),
            Cell::Number(digits) => match number::believed(digits) {
                Some(Number::Integer(value)) => integer(value),
                Some(Number::Real { .. }) => ValueKind::Real(None),
                None => ValueKind::Text,
            },
            Cell::Text(text) => iso(text).unwrap_or(ValueKind::Text),
            Cell::Boolean(_) => ValueKind::Boolean,
            Cell::Date(_) => ValueKind::Day,
            Cell::Datetime(_) => ValueKind::Moment,
            Cell::Time(_) => ValueKind::Time,
            Cell::Duration(_) => ValueKind::Duration,
            Cell::Json(_) => ValueKind::Json,
            Cell::Error(_) => ValueKind::Error,
        }
    }

    fn written(&self, text: &str) -> ValueKind {
        if boolean(text).is_some() {
            return ValueKind::Boolean;
        }
        match number::written(text, self.numerals) {
            Some(Number::Integer(value)) => return integer(value),
            Some(Number::Real { spelling, .. }) => return ValueKind::Real(Some(spelling)),
            None => {}
        }
        iso(text).unwrap_or_else(|| match moment::ordered(text, self.dates) {
            Some((DateKind::Date, _)) => ValueKind::OrderedDate,
            Some((DateKind::Datetime, _)) => ValueKind::OrderedDatetime,
            None => ValueKind::Text,
        })
    }

    /// Converts the cell to the column's type. Returns `None` if it does not fit, which can only happen with a declared
    /// type, because a detected one fits every value. Spreadsheet errors become null in columns of a detected type.
    pub fn convert<'a>(&self, cell: Cell<'a>, to: FileColumnType, declared: bool) -> Option<Scalar<'a>> {
        match (cell, to) {
            (Cell::Null | Cell::Written("", false), _) => return Some(Scalar::Null),
            (cell, FileColumnType::Text) => return Some(as_text(cell)),
            (Cell::Written("", _), _) => return Some(Scalar::Null),
            (Cell::Error(_), _) => return (!declared).then_some(Scalar::Null),
            _ => {}
        }
        match to {
            FileColumnType::Text => None,
            FileColumnType::Integer | FileColumnType::Real => self.numeric(cell, to),
            FileColumnType::Boolean => match cell {
                Cell::Boolean(value) => Some(Scalar::Integer(value.into())),
                Cell::Written(text, _) | Cell::Text(text) | Cell::Number(text) => {
                    declared_boolean(text.trim()).map(|value| Scalar::Integer(value.into()))
                }
                _ => None,
            },
            FileColumnType::Date | FileColumnType::Datetime => self.dated(cell, to),
            FileColumnType::Time | FileColumnType::Duration => match cell {
                Cell::Time(text) | Cell::Duration(text) => Some(Scalar::Text(text.into())),
                Cell::Written(text, _) | Cell::Text(text) => {
                    let bare = text.trim();
                    let fits =
                        if to == FileColumnType::Time { moment::is_time(bare) } else { moment::is_duration(bare) };
                    fits.then(|| Scalar::Text(bare.into()))
                }
                _ => None,
            },
            FileColumnType::Json => match cell {
                Cell::Json(text) | Cell::Number(text) => Some(Scalar::Text(text.into())),
                Cell::Boolean(value) => Some(Scalar::Text(value.to_string().into())),
                Cell::Written(text, _) | Cell::Text(text) => {
                    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok().then(|| Scalar::Text(text.into()))
                }
                _ => None,
            },
        }
    }

    fn numeric<'a>(&self, cell: Cell<'a>, to: FileColumnType) -> Option<Scalar<'a>> {
        let number = match cell {
            Cell::Number(digits) => number::believed(digits),
            Cell::Written(text, _) | Cell::Text(text) => number::declared(text, self.numerals),
            _ => None,
        };
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // the ranges are checked
        match (number?, to) {
            (Number::Integer(value), FileColumnType::Integer) => Some(Scalar::Integer(value)),
            (Number::Integer(value), _) if value.unsigned_abs() <= EXACT => Some(Scalar::Real(value as f64)),
            (Number::Real { value, .. }, FileColumnType::Real) => Some(Scalar::Real(value)),
            (Number::Real { value, .. }, FileColumnType::Integer)
                if value.fract() == 0.0 && value.abs() <= EXACT as f64 =>
            {
                Some(Scalar::Integer(value as i64))
            }
            _ => None,
        }
    }

    fn dated<'a>(&self, cell: Cell<'a>, to: FileColumnType) -> Option<Scalar<'a>> {
        let text = match cell {
            Cell::Date(date) if to == FileColumnType::Date => return Some(Scalar::Text(date.to_string().into())),
            Cell::Date(date) => {
                return Some(Scalar::Text(moment::datetime(date.and_time(NaiveTime::MIN)).into()));
            }
            Cell::Datetime(at) if to == FileColumnType::Datetime => {
                return Some(Scalar::Text(moment::datetime(at).into()));
            }
            Cell::Datetime(at) if at.time() == NaiveTime::MIN => {
                return Some(Scalar::Text(at.date().to_string().into()));
            }
            Cell::Written(text, _) | Cell::Text(text) => text.trim(),
            _ => return None,
        };
        let wanted = if to == FileColumnType::Date { DateKind::Date } else { DateKind::Datetime };
        match moment::iso(text) {
            Some(found) if found == wanted => return Some(Scalar::Text(text.into())),
            Some(DateKind::Date) => return Some(Scalar::Text(format!("{text}T00:00:00").into())),
            _ => {}
        }
        match moment::ordered(text, self.dates)? {
            (found, text) if found == wanted => Some(Scalar::Text(text.into())),
            (DateKind::Date, text) => Some(Scalar::Text(format!("{text}T00:00:00").into())),
            _ => None,
        }
    }
}

fn as_text(cell: Cell<'_>) -> Scalar<'_> {
    match cell {
        Cell::Null => Scalar::Null,
        Cell::Written(text, _)
        | Cell::Text(text)
        | Cell::Number(text)
        | Cell::Time(text)
        | Cell::Duration(text)
        | Cell::Json(text)
        | Cell::Error(text) => Scalar::Text(text.into()),
        Cell::Boolean(value) => Scalar::Text(value.to_string().into()),
        Cell::Date(date) => Scalar::Text(date.to_string().into()),
        Cell::Datetime(at) => Scalar::Text(moment::datetime(at).into()),
    }
}

fn integer(value: i64) -> ValueKind {
    if value.unsigned_abs() > EXACT { ValueKind::Large } else { ValueKind::Integer }
}

fn iso(text: &str) -> Option<ValueKind> {
    moment::iso(text).map(|found| if found == DateKind::Date { ValueKind::Date } else { ValueKind::Datetime })
}

fn boolean(text: &str) -> Option<bool> {
    match text.len() {
        4 if text.eq_ignore_ascii_case("true") => Some(true),
        5 if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Columns that are declared as boolean accept more words.
fn declared_boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "1", "yes", "y", "t"]) {
        return Some(true);
    }
    is(&["false", "0", "no", "n", "f"]).then_some(false)
}

/// Returns a cell as a short text, for messages and samples.
pub fn shown(cell: Cell<'_>) -> String {
    let text = whole(cell);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns a cell as text, in full.
pub fn whole(cell: Cell<'_>) -> String {
    match as_text(cell) {
        Scalar::Text(text) => text.into_owned(),
        _ => String::new(),
    }
}
