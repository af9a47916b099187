//! JSON: an array of objects, wherever it is in the document, or an object a line. Read as a stream, never as a whole.
use super::{
    cell::Cell,
    load::{CELL, COLUMNS, Each, ROW, Table, malformed},
    text::{self, Encoding},
};
use crate::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

/// What one line of JSON lines may have.
const LINE: u64 = ROW as u64;
/// What a name or a value may have, with what is between them.
const SPACED: usize = CELL + 1024;

pub struct Json {
    pub file: File,
    pub encoding: Encoding,
    /// The fields that lead to the array; empty for the document itself or the first array in it.
    pub path: Vec<String>,
    pub lines: bool,
}

impl Table for Json {
    fn read(&mut self, each: &mut Each<'_>) -> Result<Vec<String>> {
        let text = text::open(&self.file, self.encoding)?;
        let left = Allowance::default();
        let (columns, names) = (HashMap::new(), Vec::new());
        let mut rows = Rows { each, columns, names, row: 0, unit: "row", failed: None, left };
        if self.lines {
            rows.unit = "line";
            rows.lines(text)?;
        } else {
            rows.document(text, &self.path)?;
        }
        Ok(rows.names)
    }
}

/// Rows on their way: columns are found as they come.
struct Rows<'a, 'e> {
    each: &'a mut Each<'e>,
    columns: HashMap<String, usize>,
    names: Vec<String>,
    row: u64,
    unit: &'static str,
    /// Our own error, which serde cannot carry.
    failed: Option<Error>,
    left: Allowance,
}

/// How many bytes may be read before the next thing is known to be small enough to keep; none for what is passed over.
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

/// Text that ends with an error where the allowance does.
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

type Fields = Vec<(String, Box<RawValue>)>;

impl Rows<'_, '_> {
    fn lines(&mut self, text: Box<dyn Read>) -> Result<()> {
        let mut text = BufReader::new(text);
        let mut line = Vec::new();
        loop {
            line.clear();
            if text.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            self.row += 1;
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
        // a text or a number in the place of rows is bounded, too
        self.left.up_to(SPACED);
        let walk = Walk { path, search: path.is_empty(), rows: &mut *self };
        let found = walk.deserialize(&mut input);
        let found = found.and_then(|found| input.end().map(|()| found));
        if let Some(own) = self.failed.take() {
            return Err(own);
        }
        if found.is_err() && self.left.is_spent() {
            return Err(malformed(self.unit, self.row + 1, "has a name or a value of more than 1 MiB"));
        }
        match found {
            Ok(true) => Ok(()),
            Ok(false) if path.is_empty() => {
                Err(Error::datasource("there is no array of rows in the document: name the way to it in `path`"))
            }
            Ok(false) => Err(Error::datasource(format!("there is no array at {} in the document", path.join(".")))),
            Err(error) => Err(Error::datasource(format!("the JSON is malformed: {error}"))),
        }
    }

    /// Hands on one object as a row.
    fn give(&mut self, fields: &Fields) -> Result<()> {
        let (row, unit) = (self.row, self.unit);
        let wrong = |error: serde_json::Error| malformed(unit, row, &bare(&error));
        let mut places = Vec::with_capacity(fields.len());
        let mut texts = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let place = if let Some(place) = self.columns.get(name) {
                *place
            } else {
                self.names.push(name.clone());
                self.columns.insert(name.clone(), self.names.len() - 1);
                self.names.len() - 1
            };
            places.push(place);
            let raw = value.get();
            texts.push(if raw.starts_with('"') {
                serde_json::from_str::<String>(raw).map_err(wrong)?
            } else {
                String::new()
            });
        }
        let mut cells = vec![Cell::Null; self.names.len()];
        for ((place, text), (_, value)) in places.into_iter().zip(&texts).zip(fields) {
            cells[place] = match value.get().as_bytes().first() {
                Some(b'"') => Cell::Text(text),
                Some(b't') => Cell::Boolean(true),
                Some(b'f') => Cell::Boolean(false),
                Some(b'n') | None => Cell::Null,
                Some(b'{' | b'[') => Cell::Json(value.get()),
                Some(_) => Cell::Number(value.get()),
            };
        }
        (self.each)(row, &cells)
    }
}

/// The fields of one object, each value as it is written.
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
        while let Some(name) = map.next_key::<String>()? {
            self.0.up_to(SPACED);
            let value: Box<RawValue> = map.next_value()?;
            size += name.len() + value.get().len();
            fields.push((name, value));
            if fields.len() > COLUMNS || size > ROW {
                return Err(A::Error::custom(format!("more than {COLUMNS} columns, or 8 MiB, in one row")));
            }
            self.0.up_to(SPACED);
        }
        self.0.unbounded();
        Ok(fields)
    }
}

/// What a JSON error says, without a position that would be one within the line.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// Goes down the path; true once the array has been read.
struct Walk<'w, 'a, 'e> {
    path: &'w [String],
    /// Whether the first array among an object's fields is meant.
    search: bool,
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
        let mut found = false;
        let left = self.rows.left.clone();
        left.up_to(SPACED);
        while let Some(name) = fields.next_key::<String>()? {
            let path = match self.path.split_first() {
                Some((first, rest)) if *first == name => Some(rest),
                None if self.search => Some(self.path),
                _ => None,
            };
            if let Some(path) = path.filter(|_| !found) {
                left.up_to(SPACED);
                found = fields.next_value_seed(Walk { path, search: false, rows: &mut *self.rows })?;
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
