//! A cell that owns its text.
use super::cell::Cell;
use chrono::{NaiveDate, NaiveDateTime};

#[derive(Clone, Debug, Default)]
pub enum OwnedCell {
    #[default]
    Null,
    Written(String, bool),
    Text(String),
    Number(String),
    Boolean(bool),
    Date(NaiveDate),
    Datetime(NaiveDateTime),
    Time(String),
    Duration(String),
    Json(String),
    Error(String),
}

impl OwnedCell {
    pub fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Written(text, quoted) => Self::Written(text.to_owned(), quoted),
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Number(digits) => Self::Number(digits.to_owned()),
            Cell::Boolean(value) => Self::Boolean(value),
            Cell::Date(date) => Self::Date(date),
            Cell::Datetime(at) => Self::Datetime(at),
            Cell::Time(text) => Self::Time(text.to_owned()),
            Cell::Duration(text) => Self::Duration(text.to_owned()),
            Cell::Json(text) => Self::Json(text.to_owned()),
            Cell::Error(text) => Self::Error(text.to_owned()),
        }
    }

    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Written(text, quoted) => Cell::Written(text, *quoted),
            Self::Text(text) => Cell::Text(text),
            Self::Number(digits) => Cell::Number(digits),
            Self::Boolean(value) => Cell::Boolean(*value),
            Self::Date(date) => Cell::Date(*date),
            Self::Datetime(at) => Cell::Datetime(*at),
            Self::Time(text) => Cell::Time(text),
            Self::Duration(text) => Cell::Duration(text),
            Self::Json(text) => Cell::Json(text),
            Self::Error(text) => Cell::Error(text),
        }
    }
}
