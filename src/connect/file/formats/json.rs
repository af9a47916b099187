//! JSON: an array of objects, one object per line, or one object. Read as a stream, never as a whole.
use super::{
    encoding::{EncodedText, unreadable},
    shape::written,
};
use crate::{
    Error, Result,
    bodies::mended,
    connect::file::{
        table::{CELL, COLUMNS, ROW, RowHandler, Table, malformed},
        values::cell::Cell,
    },
};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

/// The maximum length of a line of JSON Lines, in bytes.
const LINE: u64 = ROW as u64;
/// The maximum length of a name or a value, with the white space around it, in bytes.
const SPACED: usize = CELL + 1024;

pub struct JsonTable<'f> {
    pub file: &'f File,
    pub text: &'f EncodedText,
    /// The fields that lead to the rows; empty if the document itself holds them.
    pub path: Vec<String>,
    pub lines: bool,
}

impl Table for JsonTable<'_> {
    fn unit(&self) -> &'static str {
        if self.lines { "line" } else { "row" }
    }

    fn read(&mut self, each: &mut RowHandler<'_>) -> Result<Vec<String>> {
        let text = self.text.open(self.file)?;
        let left = Allowance::default();
        let (columns, names) = (HashMap::new(), Vec::new());
        let mut rows = Rows { each, columns, names, row: 0, unit: self.unit(), failed: None, left };
        if self.lines {
            rows.lines(text)?;
        } else {
            rows.document(text, &self.path)?;
        }
        Ok(rows.names)
    }
}

/// Reads rows, adding columns as they appear.
struct Rows<'a, 'e> {
    each: &'a mut RowHandler<'e>,
    columns: HashMap<String, usize>,
    names: Vec<String>,
    row: u64,
    unit: &'static str,
    /// Our own error, which serde cannot carry.
    failed: Option<Error>,
    left: Allowance,
}

/// How many bytes may be read before the next item is known to be small enough to keep; `None` while skipping.
#[derive(Clone, Default)]
struct Allowance(Rc<std::cell::Cell<Option<usize>>>);

impl Allowance {
    fn up_to(&self, bytes: usize) {
        self.0.set(Some(bytes));
    }

    fn unbounded(&self) {
        self.0.set(None);
    }

    fn is_spent(&self) -> bool {
        self.0.get() == Some(0)
    }
}

/// A reader that fails when the allowance is used up.
struct Bounded<R> {
    text: R,
    left: Allowance,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left.0.get() else { return self.text.read(into) };
        let most = into.len().min(left);
        let length = self.text.read(&mut into[..most])?;
        if length == 0 && left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.left.up_to(left - length);
        Ok(length)
    }
}

/// Names and values as raw JSON.
type Fields = Vec<(Box<RawValue>, Box<RawValue>)>;

impl Rows<'_, '_> {
    fn lines(&mut self, text: Box<dyn Read>) -> Result<()> {
        let mut text = BufReader::new(text);
        let mut line = Vec::new();
        loop {
            line.clear();
            self.row += 1;
            let read = text.by_ref().take(LINE).read_until(b'\n', &mut line);
            if read.map_err(|error| unreadable(error, "line", self.row))? == 0 {
                return Ok(());
            }
            if line.len() as u64 == LINE {
                return Err(malformed("line", self.row, "is longer than 8 MiB"));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let mut input = serde_json::Deserializer::from_slice(&line);
            let fields = Object(&self.left).deserialize(&mut input).and_then(|fields| input.end().map(|()| fields));
            let fields =
                fields.map_err(|error| malformed("line", self.row, &format!("is not an object: {}", bare(&error))))?;
            self.give(&fields)?;
        }
    }

    fn document(&mut self, text: Box<dyn Read>, path: &[String]) -> Result<()> {
        let bounded = Bounded { text: BufReader::new(text), left: self.left.clone() };
        let mut input = serde_json::Deserializer::from_reader(bounded);
        // a text or a number in place of the rows is bounded, too
        self.left.up_to(SPACED);
        let found = Walk { path, rows: &mut *self }.deserialize(&mut input);
        let found = found.and_then(|found| input.end().map(|()| found));
        if let Some(own) = self.failed.take() {
            return Err(own);
        }
        if found.is_err() && self.left.is_spent() {
            return Err(malformed(self.unit, self.row + 1, "has a name or a value of more than 1 MiB"));
        }
        match found {
            Ok(true) => Ok(()),
            Ok(false) if path.is_empty() => Err(Error::datasource("the document is neither an array nor an object")),
            Ok(false) => Err(Error::datasource(format!("the document has no array at {}", written(path)))),
            Err(error) if self.row > 0 => {
                Err(Error::datasource(format!("the JSON is malformed after {} complete rows: {error}", self.row)))
            }
            Err(error) => Err(Error::datasource(format!("the JSON is malformed: {error}"))),
        }
    }

    /// Passes on one object as a row.
    fn give(&mut self, fields: &Fields) -> Result<()> {
        let (row, unit) = (self.row, self.unit);
        let wrong = |error: serde_json::Error| malformed(unit, row, &bare(&error));
        let mut places = Vec::with_capacity(fields.len());
        let mut texts = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let name = unescaped(name.get()).map_err(wrong)?;
            let place = if let Some(place) = self.columns.get(name.as_ref()) {
                *place
            } else {
                self.names.push(name.clone().into_owned());
                self.columns.insert(name.clone().into_owned(), self.names.len() - 1);
                self.names.len() - 1
            };
            places.push(place);
            let raw = value.get();
            texts.push(if raw.starts_with('"') { unescaped(raw).map_err(wrong)? } else { Cow::Borrowed("") });
        }
        let mut cells = vec![None; self.names.len()];
        for ((place, text), (_, value)) in places.into_iter().zip(&texts).zip(fields) {
            if cells[place].is_some() {
                return Err(malformed(unit, row, &format!("has the field \"{}\" twice", self.names[place])));
            }
            cells[place] = Some(match value.get().as_bytes().first() {
                Some(b'"') => Cell::Text(text),
                Some(b't') => Cell::Boolean(true),
                Some(b'f') => Cell::Boolean(false),
                Some(b'n') | None => Cell::Null,
                Some(b'{' | b'[') => Cell::Json(value.get()),
                Some(_) => Cell::Number(value.get()),
            });
        }
        let cells: Vec<Cell<'_>> = cells.into_iter().map(|cell| cell.unwrap_or(Cell::Null)).collect();
        (self.each)(row, &cells)
    }
}

/// Decodes a JSON string. Unpaired surrogates, left by services that cut texts by UTF-16 units, become U+FFFD.
fn unescaped(raw: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    if !raw.contains('\\') {
        return Ok(Cow::Borrowed(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()));
    }
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Ok(text.into()),
        Err(_) => serde_json::from_str::<String>(&mended(raw)).map(Cow::Owned),
    }
}

/// The fields of one object, with each value as raw JSON.
struct Object<'l>(&'l Allowance);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Fields;
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Fields, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields: Fields = Vec::new();
        let mut size = 0;
        self.0.up_to(SPACED);
        while let Some(name) = map.next_key::<Box<RawValue>>()? {
            self.0.up_to(SPACED);
            let value: Box<RawValue> = map.next_value()?;
            size += name.get().len() + value.get().len();
            fields.push((name, value));
            if fields.len() > COLUMNS || size > ROW {
                return Err(A::Error::custom(format!("one row has more than {COLUMNS} columns or 8 MiB")));
            }
            self.0.up_to(SPACED);
        }
        self.0.unbounded();
        Ok(fields)
    }
}

/// Returns a JSON error's message without its position, which would be relative to the line.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// Descends the path; returns true if the rows were read.
struct Walk<'w, 'a, 'e> {
    path: &'w [String],
    rows: &'w mut Rows<'a, 'e>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_, '_> {
    type Value = bool;
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<bool, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let left = self.rows.left.clone();
        if !self.path.is_empty() {
            left.unbounded();
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(false);
        }
        left.up_to(SPACED);
        while let Some(fields) = items.next_element_seed(Object(&left))? {
            left.up_to(SPACED);
            self.rows.row += 1;
            if let Err(error) = self.rows.give(&fields) {
                self.rows.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        left.unbounded();
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<bool, A::Error> {
        let left = self.rows.left.clone();
        let Some((first, path)) = self.path.split_first() else {
            let row = Object(&left).visit_map(fields)?;
            self.rows.row += 1;
            return match self.rows.give(&row) {
                Ok(()) => Ok(true),
                Err(error) => {
                    self.rows.failed = Some(error);
                    Err(A::Error::custom("stopped"))
                }
            };
        };
        let (mut found, mut met) = (false, false);
        left.up_to(SPACED);
        while let Some(name) = fields.next_key::<Box<RawValue>>()? {
            if unescaped(name.get()).is_ok_and(|name| name == first.as_str()) {
                if std::mem::replace(&mut met, true) {
                    return Err(A::Error::custom(format!("the document has the field \"{first}\" twice")));
                }
                left.up_to(SPACED);
                found = fields.next_value_seed(Walk { path, rows: &mut *self.rows })?;
            } else {
                left.unbounded();
                fields.next_value::<IgnoredAny>()?;
            }
            left.up_to(SPACED);
        }
        left.unbounded();
        Ok(found)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}
