//! Detects the type of a column: one that every value has, or text and the values that rule out another type.
use super::{
    cell::{Cell, CellOptions, FileColumnType, ValueKind, shown},
    moment::{DateOrder, ordered},
    number::{Numerals, Spelling, written},
};
use schemars::JsonSchema;
use serde::Serialize;

/// How many rows are listed for each class of values.
const NAMED: usize = 5;
/// One of how many values may be an exception if an option is suggested.
const EXCEPTIONS: u64 = 10;
/// An alternative is tried on at least until it has more exceptions than this.
const FEW: u64 = 5;
/// How many different unknown words may stand for missing values, and their greatest length in characters.
const UNKNOWN_WORDS: usize = 3;
const LONGEST_WORD: usize = 24;
/// Words for a missing value, as programs write them.
const MISSING: [&str; 16] = [
    "NULL", "null", "Null", "N/A", "n/a", "NA", "NaN", "nan", "None", "none", "nil", "-", "--", "\\N", "#N/A", "(null)",
];
/// Other number formats to try, in this order.
const NUMERALS: [Numerals; 4] = [
    Numerals { decimal: ',', thousands: Some('.') },
    Numerals { decimal: '.', thousands: Some(',') },
    Numerals { decimal: ',', thousands: Some(' ') },
    Numerals { decimal: '.', thousands: Some('\'') },
];
const ORDERS: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

/// A value and its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewValue")]
pub struct Sample {
    /// The row of a sheet or of a JSON array, or the line of a text file, from 1.
    pub row: u64,
    /// The first characters of the value.
    pub value: String,
}

/// Values that do not have the type that the column seems to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FilePreviewExceptions")]
pub struct Exceptions {
    /// The type that most values have, or that was declared.
    pub expected: FileColumnType,
    /// How many values have another type.
    pub count: u64,
    /// The first of these values.
    pub rows: Vec<Sample>,
}

/// Values of one class.
#[derive(Clone, Debug, Default)]
struct Seen {
    count: u64,
    first: Vec<Sample>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Boolean,
    Date,
    Time,
    Duration,
    Json,
    Text,
    Error,
}

/// The classes that correspond to a type.
const CLASSES: [Class; 6] = [Class::Number, Class::Boolean, Class::Date, Class::Time, Class::Duration, Class::Json];

/// Counts of a column's values, as far as they have been read.
#[derive(Clone, Debug, Default)]
pub struct ColumnStatistics {
    seen: [Seen; 8],
    /// Counts by kind, within the classes.
    large: u64,
    real: u64,
    days: u64,
    moments: u64,
    dates: u64,
    datetimes: u64,
    ordered_dates: u64,
    ordered_datetimes: u64,
    spelling: Spellings,
    hints: Hints,
    empty: u64,
}

/// How a column writes decimal places.
#[derive(Clone, Debug, Default)]
struct Spellings {
    /// The number of decimal places of the first value.
    fixed: Option<usize>,
    varies: bool,
    /// The first value that ends with a redundant zero.
    padded: Option<Sample>,
    /// Whether a value has a decimal comma or a thousands separator, which versions do not have.
    has_marks: bool,
}

impl Spellings {
    fn observe(&mut self, spelling: Spelling, sample: impl Fn() -> Sample) {
        let length = match spelling {
            Spelling::Padded(length) | Spelling::Shortest(length) => length,
            Spelling::Scientific => {
                self.varies = true;
                return;
            }
        };
        self.varies |= *self.fixed.get_or_insert(length) != length;
        if matches!(spelling, Spelling::Padded(_)) && self.padded.is_none() {
            self.padded = Some(sample());
        }
    }

    /// Whether numbers keep their notation: each is in its shortest form, or all have the same number of decimal
    /// places. `1.9` beside `1.10` are versions, but `1,9` beside `1,10` are numbers.
    fn reads_back(&self) -> bool {
        !self.varies || self.padded.is_none() || self.has_marks
    }
}

/// An alternative way to read the file: how many values agree with it, and whether one requires it.
#[derive(Clone, Copy, Debug)]
struct Alternative {
    /// How many values have a type this way, and how many have none.
    fits: u64,
    misses: u64,
    /// Whether a value that fits is text without it.
    needed: bool,
}

impl Alternative {
    fn observe(&mut self, agrees: bool, is_text: bool) {
        if agrees {
            self.fits += 1;
        } else {
            self.misses += 1;
        }
        self.needed |= agrees && is_text;
    }

    /// Returns whether it may still help, so that most columns of text are not tried to the end.
    fn is_open(self) -> bool {
        self.misses <= FEW + self.fits / EXCEPTIONS
    }

    /// Returns whether the column would have a type, apart from a few exceptions.
    fn helps(self) -> bool {
        self.needed && self.misses * EXCEPTIONS <= self.fits
    }
}

/// Returns those that help, with as few exceptions as the best one.
fn best<T>(ways: &[Alternative], meant: impl IntoIterator<Item = T>) -> Vec<T> {
    let fewest = ways.iter().filter(|way| way.helps()).map(|way| way.misses).min();
    let all = ways.iter().zip(meant);
    all.filter(|(way, _)| way.helps() && Some(way.misses) == fewest).map(|(_, one)| one).collect()
}

/// Collects evidence for alternative ways to read the column.
#[derive(Clone, Debug)]
struct Hints {
    numerals: [Alternative; NUMERALS.len()],
    orders: [Alternative; ORDERS.len()],
    trimmed: Alternative,
    /// How many values are words for a missing one, and which words these are.
    words: u64,
    missing: Vec<&'static str>,
    /// The other texts, at most one more than `UNKNOWN_WORDS`.
    others: Vec<String>,
}

impl Default for Hints {
    fn default() -> Self {
        let way = Alternative { fits: 0, misses: 0, needed: false };
        let (numerals, orders) = ([way; NUMERALS.len()], [way; ORDERS.len()]);
        Self { numerals, orders, trimmed: way, words: 0, missing: Vec::new(), others: Vec::new() }
    }
}

/// An option under which the column would have a type.
#[derive(Clone, Debug, PartialEq)]
pub enum Hint {
    Numerals(Numerals),
    Order(DateOrder),
    Trim,
    Nulls(Vec<String>),
}

/// Returns whether a number is written with more than digits, a sign, a decimal point and an exponent.
fn has_marks(text: &str) -> bool {
    text.contains(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c))
}

impl ColumnStatistics {
    /// Creates a column that the first `rows` rows did not have.
    pub fn after(rows: u64) -> Self {
        Self { empty: rows, ..Self::default() }
    }

    /// Counts one more cell, which must have been cleaned.
    pub fn observe(&mut self, row: u64, cell: Cell<'_>, reading: &CellOptions) {
        let kind = reading.kind(cell);
        let class = match kind {
            ValueKind::Empty => {
                self.empty += 1;
                return;
            }
            ValueKind::Boolean => Class::Boolean,
            ValueKind::Integer | ValueKind::Large | ValueKind::Real(_) => Class::Number,
            ValueKind::Time => Class::Time,
            ValueKind::Duration => Class::Duration,
            ValueKind::Json => Class::Json,
            ValueKind::Text => Class::Text,
            ValueKind::Error => Class::Error,
            _ => Class::Date,
        };
        let sample = || Sample { row, value: shown(cell) };
        match kind {
            ValueKind::Large => self.large += 1,
            ValueKind::Real(spelling) => {
                self.real += 1;
                if let Some(spelling) = spelling {
                    self.spelling.observe(spelling, sample);
                    self.spelling.has_marks |= matches!(cell, Cell::Written(text, _) if has_marks(text));
                }
            }
            ValueKind::Date => self.dates += 1,
            ValueKind::Datetime => self.datetimes += 1,
            ValueKind::OrderedDate => self.ordered_dates += 1,
            ValueKind::OrderedDatetime => self.ordered_datetimes += 1,
            ValueKind::Day => self.days += 1,
            ValueKind::Moment => self.moments += 1,
            _ => {}
        }
        let seen = &mut self.seen[class as usize];
        seen.count += 1;
        if seen.first.len() < NAMED {
            seen.first.push(sample());
        }
        if let Cell::Written(text, _) = cell {
            self.hints.observe(text, kind, reading);
        }
    }

    fn count(&self, class: Class) -> u64 {
        self.seen[class as usize].count
    }

    /// How many cells hold a value.
    pub fn values(&self) -> u64 {
        self.seen.iter().map(|seen| seen.count).sum()
    }

    /// Returns the number of spreadsheet errors, and the first ones. Columns of a type other than text store null for
    /// them.
    pub fn errors(&self) -> (u64, &[Sample]) {
        let seen = &self.seen[Class::Error as usize];
        (seen.count, &seen.first)
    }

    /// Returns the type that every value has, or text.
    pub fn kind(&self) -> FileColumnType {
        let values = self.values() - self.count(Class::Error);
        let all = |count: u64| count == values;
        let number =
            all(self.count(Class::Number)) && (self.large == 0 || self.real == 0) && self.spelling.reads_back();
        match () {
            () if values == 0 => FileColumnType::Text,
            () if all(self.count(Class::Boolean)) => FileColumnType::Boolean,
            () if number => {
                if self.real == 0 {
                    FileColumnType::Integer
                } else {
                    FileColumnType::Real
                }
            }
            () if all(self.dates) || all(self.days) || all(self.ordered_dates) => FileColumnType::Date,
            () if all(self.datetimes) || all(self.days + self.moments) || all(self.ordered_datetimes) => {
                FileColumnType::Datetime
            }
            () if all(self.count(Class::Time)) => FileColumnType::Time,
            () if all(self.count(Class::Time) + self.count(Class::Duration)) => FileColumnType::Duration,
            () if all(self.count(Class::Json)) => FileColumnType::Json,
            () => FileColumnType::Text,
        }
    }

    /// For a text column, returns the type that at least half of its values have, and the values that do not have it.
    pub fn exceptions(&self) -> Option<Exceptions> {
        let errors = self.count(Class::Error);
        if self.kind() != FileColumnType::Text || self.values() == errors {
            return None;
        }
        let most = CLASSES.into_iter().max_by_key(|class| self.count(*class))?;
        let values = self.values();
        if self.count(most) * 2 < values {
            return None;
        }
        let expected = match most {
            Class::Number if self.real > 0 => FileColumnType::Real,
            Class::Number => FileColumnType::Integer,
            Class::Boolean => FileColumnType::Boolean,
            Class::Date if self.dates + self.days + self.ordered_dates < self.count(most) => FileColumnType::Datetime,
            Class::Date => FileColumnType::Date,
            Class::Time => FileColumnType::Time,
            Class::Duration => FileColumnType::Duration,
            _ => FileColumnType::Json,
        };
        let others = (0..).zip(&self.seen).filter(|(at, _)| *at != most as usize);
        let mut rows: Vec<Sample> = others.flat_map(|(_, seen)| seen.first.iter().cloned()).collect();
        rows.sort_by_key(|sample| sample.row);
        rows.truncate(NAMED);
        if rows.is_empty() {
            // all values are of this class, but they are not written alike
            rows.extend(self.spelling.padded.clone());
        }
        Some(Exceptions { expected, count: values - self.count(most), rows })
    }

    /// Returns the options under which the values have a type, apart from a few.
    pub fn hints(&self) -> Vec<Hint> {
        if self.kind() != FileColumnType::Text || self.values() == 0 {
            return Vec::new();
        }
        let mut found = self.hints.found();
        // apart from the words for missing values, all values must be of one class
        let texts = self.count(Class::Text);
        let typed = self.values() - texts;
        let is_one_class = CLASSES.into_iter().any(|class| self.count(class) == typed);
        let Hints { words, missing, others, .. } = &self.hints;
        let are_few = others.len() <= UNKNOWN_WORDS && (texts - words) * EXCEPTIONS <= typed;
        if typed > 0 && texts > 0 && is_one_class && are_few {
            let missing = missing.iter().map(|&word| word.to_owned());
            found.push(Hint::Nulls(missing.chain(others.iter().cloned()).collect()));
        }
        found
    }
}

impl Hints {
    fn observe(&mut self, text: &str, kind: ValueKind, reading: &CellOptions) {
        if let Some(word) = MISSING.iter().find(|word| **word == text) {
            self.words += 1;
            if !self.missing.contains(word) {
                self.missing.push(word);
            }
            return;
        }
        let is_text = kind == ValueKind::Text;
        for (way, numerals) in self.numerals.iter_mut().zip(NUMERALS).filter(|(way, _)| way.is_open()) {
            way.observe(kind == ValueKind::Integer || written(text, numerals).is_some(), is_text);
        }
        for (way, order) in self.orders.iter_mut().zip(ORDERS).filter(|(way, _)| way.is_open()) {
            way.observe(ordered(text, order).is_some(), is_text);
        }
        if is_text {
            self.note_other(text);
        }
        if is_text && self.trimmed.is_open() {
            let bare = text.trim();
            let agrees = bare.len() < text.len() && reading.kind(Cell::Written(bare, false)) != ValueKind::Text;
            self.trimmed.observe(agrees, true);
        }
    }

    fn note_other(&mut self, text: &str) {
        if text.chars().nth(LONGEST_WORD).is_some() {
            self.others.resize(UNKNOWN_WORDS + 1, String::new());
        } else if self.others.len() <= UNKNOWN_WORDS && !self.others.iter().any(|known| known == text) {
            self.others.push(text.to_owned());
        }
    }

    fn found(&self) -> Vec<Hint> {
        // plain decimal commas fit whatever separates thousands, so the first match is enough
        let mut has_comma = false;
        let numerals = best(&self.numerals, NUMERALS)
            .into_iter()
            .filter(|found| found.decimal != ',' || !std::mem::replace(&mut has_comma, true));
        let mut found: Vec<Hint> = numerals.map(Hint::Numerals).collect();
        found.extend(best(&self.orders, ORDERS).into_iter().map(Hint::Order));
        if self.trimmed.helps() {
            found.push(Hint::Trim);
        }
        found
    }
}
