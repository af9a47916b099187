//! JSON: an array of objects, wherever it is in the document, or an object a line. Read as a stream, never as a whole.
use super::{
    cell::Cell,
    load::{Each, Table, malformed},
    text::{self, Encoding},
};
use crate::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{BufRead, BufReader, Read},
};

/// What one line of JSON lines may have.
const LINE: u64 = 8 << 20;

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
        let mut rows = Rows { each, columns: HashMap::new(), names: Vec::new(), row: 0, unit: "row", failed: None };
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
            let fields = Object.deserialize(&mut input).and_then(|fields| input.end().map(|()| fields));
            let fields =
                fields.map_err(|error| malformed("line", self.row, &format!("is not an object: {}", bare(&error))))?;
            self.give(&fields)?;
        }
    }

    fn document(&mut self, text: Box<dyn Read>, path: &[String]) -> Result<()> {
        let mut input = serde_json::Deserializer::from_reader(BufReader::new(text));
        let walk = Walk { path, search: path.is_empty(), rows: &mut *self };
        let found = walk.deserialize(&mut input);
        let found = found.and_then(|found| input.end().map(|()| found));
        if let Some(own) = self.failed.take() {
            return Err(own);
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
struct Object;

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Fields;
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Fields, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
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
        if !self.path.is_empty() {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(false);
        }
        while let Some(fields) = items.next_element_seed(Object)? {
            self.rows.row += 1;
            if let Err(error) = self.rows.give(&fields) {
                self.rows.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(name) = fields.next_key::<String>()? {
            let path = match self.path.split_first() {
                Some((first, rest)) if *first == name => Some(rest),
                None if self.search => Some(self.path),
                _ => None,
            };
            match path.filter(|_| !found) {
                Some(path) => found = fields.next_value_seed(Walk { path, search: false, rows: &mut *self.rows })?,
                None => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
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
