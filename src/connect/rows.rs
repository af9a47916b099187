//! Rows on their way in: names made unique, counted and bounded.
use crate::{
    Error, Result,
    budget::Hold,
    connect::http,
    error::DatasourceProblem,
    json::{self, Part, Room, weight},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc};

/// Up to here a browser's numbers hold every integer.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// What the values of an answer may take in memory at most.
const VALUES: usize = 96 << 20;

/// How much one answer may hold.
#[derive(Clone, Debug)]
pub struct Limits {
    pub rows: usize,
    /// Of its text.
    pub bytes: usize,
    /// Where what it takes in memory is counted.
    pub hold: Arc<Hold>,
}

impl Limits {
    /// The room for its text as it comes.
    pub fn text(&self) -> Room {
        Room::within(self.bytes, &self.hold)
    }

    /// The room for values that are built from its text as it comes.
    pub fn counted(&self) -> Room {
        Room::within(VALUES, &self.hold)
    }

    /// The room for its values: a short text may have many.
    pub fn values(&self) -> Room {
        Room::within(self.bytes.saturating_mul(16).clamp(1 << 20, VALUES), &self.hold)
    }
}

/// A column of an answer: its name in the rows and its type in the source's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    pub name: String,
    pub r#type: String,
}

/// What a source answered.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// An array of objects, or any JSON from a source without rows.
    pub data: Arc<Value>,
    pub columns: Option<Arc<[Column]>>,
    /// Rows changed; none for a read.
    pub affected: Option<u64>,
    /// Whether rows were left out.
    pub truncated: bool,
    /// Whether it changed something, so that it must not be answered from a cache.
    pub wrote: bool,
    /// Where the memory of its data is counted, as long as the answer is there.
    pub hold: Option<Arc<Hold>>,
}

/// The columns of rows: a second one of the same name gets a suffix, `id`, `id_2`.
pub(super) fn told_apart(mut columns: Vec<Column>) -> Arc<[Column]> {
    let names: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if names.len() == columns.len() {
        return columns.into();
    }
    let mut taken: HashSet<String> = HashSet::new();
    for column in &mut columns {
        let mut name = column.name.clone();
        let mut count = 1;
        while !taken.insert(name.clone()) {
            count += 1;
            name = format!("{}_{count}", column.name);
        }
        column.name = name;
    }
    columns.into()
}

/// Collects rows up to the limits.
pub(super) struct Collector {
    columns: Arc<[Column]>,
    rows: Vec<Value>,
    /// The memory that each row takes for its names.
    each: usize,
    /// The text that each row has for its names.
    text_each: usize,
    /// The text and the memory of all rows.
    text: usize,
    bytes: usize,
    limits: Limits,
    truncated: bool,
}

impl Collector {
    /// Of `columns` whose names differ.
    pub fn new(columns: Arc<[Column]>, limits: Limits) -> Self {
        let names: usize = columns.iter().map(|column| json::block(column.name.len())).sum();
        // a list of rows that grows takes up to twice its length
        let each = names + json::row(columns.len()) + 2 * size_of::<Value>();
        let text_each = columns.iter().map(|column| column.name.len() + 4).sum();
        Self { columns, rows: Vec::new(), each, text_each, text: 0, bytes: 0, limits, truncated: false }
    }

    /// Adds a row; false when it is one too many and nothing more is wanted.
    ///
    /// # Errors
    /// When the budget has no room for it.
    pub fn push(&mut self, values: impl IntoIterator<Item = Value>) -> Result<bool> {
        if self.rows.len() >= self.limits.rows {
            self.truncated = true;
            return Ok(false);
        }
        let (mut size, mut text) = (self.each, self.text_each);
        let names = self.columns.iter().map(|column| column.name.clone());
        let counted = values.into_iter().inspect(|value| {
            size += json::heap(value);
            text += weight(value);
        });
        let row = Value::Object(names.zip(counted).collect::<Map<_, _>>());
        self.bytes = self.bytes.saturating_add(size);
        self.text = self.text.saturating_add(text);
        if self.text > self.limits.bytes || self.bytes > VALUES {
            self.truncated = true;
            return Ok(false);
        }
        self.limits.hold.grow(size)?;
        self.rows.push(row);
        Ok(true)
    }

    pub fn finish(self) -> Rows {
        Rows {
            data: Arc::new(Value::Array(self.rows)),
            columns: Some(self.columns),
            truncated: self.truncated,
            ..Rows::default()
        }
    }
}

/// The rows of an answer that are worth keeping: as many as are wanted, and one that tells that there are more. None
/// where `path` does not only name fields.
pub(super) fn rows_at(path: &str, limits: &Limits) -> Option<Part> {
    let path = http::fields(path.trim().trim_end_matches('.'))?;
    Some(Part { path, most: limits.rows.saturating_add(1) })
}

/// An array of objects becomes rows with columns; anything else stays what it is.
pub(super) fn shape(data: Value, limits: &Limits) -> Rows {
    let Value::Array(mut items) = data else {
        return Rows { data: Arc::new(data), ..Rows::default() };
    };
    let columns = (!items.is_empty() && items.iter().all(Value::is_object)).then(|| columns(&items).into());
    let truncated = items.len() > limits.rows;
    items.truncate(limits.rows);
    Rows { data: Arc::new(Value::Array(items)), columns, truncated, ..Rows::default() }
}

/// How many fields of rows are columns.
const MOST_COLUMNS: usize = 1000;

/// The fields of all rows, each with the type that all of its values have; `any` where they differ.
fn columns(items: &[Value]) -> Vec<Column> {
    let mut types: Map<String, Value> = Map::new();
    for (name, value) in items.iter().filter_map(Value::as_object).flatten() {
        if types.len() >= MOST_COLUMNS && !types.contains_key(name) {
            continue;
        }
        let known = types.entry(name.clone()).or_insert(Value::Null);
        if !value.is_null() && known != type_name(value) {
            *known = if known.is_null() { type_name(value) } else { "any" }.into();
        }
    }
    let column = |(name, kind): (String, Value)| Column { name, r#type: kind.as_str().unwrap_or("null").to_owned() };
    types.into_iter().map(column).collect()
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// An integer as JSON: as a string beyond what a browser's numbers hold exactly.
pub(super) fn integer(value: i64) -> Value {
    const EXACT: u64 = 1 << 53;
    if value.unsigned_abs() <= EXACT { value.into() } else { value.to_string().into() }
}

/// A floating-point number as JSON: what JSON has no number for is text.
pub(super) fn float(value: f64) -> Value {
    let text = || match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    };
    serde_json::Number::from_f64(value).map_or_else(|| text().into(), Value::Number)
}

/// A short floating-point number as JSON: the shortest text that reads back the same.
pub(super) fn short_float(value: f32) -> Value {
    float(value.to_string().parse().unwrap_or(f64::NAN))
}

/// An exact decimal as JSON: text when JSON's numbers do not hold it, or a browser's not every integer around it.
pub(super) fn decimal(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => integer(whole),
        Err(_) => faithful(text).filter(|number| number.abs() <= LARGEST).map_or_else(|| text.into(), float),
    }
}

/// JSON as itself. Its text instead where that says more: a string on its own, numbers that would be rounded, and fields
/// of the same name.
pub(super) fn json(raw: &[u8]) -> Option<Value> {
    match json::parse(raw, &Room::of(json::CELL)) {
        Ok(value) if !value.is_string() && keeps_all(raw, &value) => Some(value),
        _ => std::str::from_utf8(raw).ok().map(Value::from),
    }
}

/// Whether every field and every number of a valid text is in the value that was read from it.
fn keeps_all(raw: &[u8], value: &Value) -> bool {
    let keeps = |number: &str| {
        number.parse::<i64>().map_or_else(|_| faithful(number).is_some(), |whole| integer(whole).is_number())
    };
    let (mut quoted, mut escaped, mut colons, mut from) = (false, false, 0, None);
    for (at, byte) in raw.iter().enumerate().chain([(raw.len(), &b' ')]) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'0'..=b'9' | b'-' if from.is_none() => from = Some(at),
            b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E' => {}
            _ => {
                let number = from.take().and_then(|from| std::str::from_utf8(&raw[from..at]).ok());
                if !number.is_none_or(keeps) {
                    return false;
                }
                colons += usize::from(*byte == b':');
            }
        }
    }
    colons == fields(value)
}

/// How many fields a value and all in it have.
fn fields(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(fields).sum(),
        Value::Object(object) => object.len() + object.values().map(fields).sum::<usize>(),
        _ => 0,
    }
}

/// The refusal of a text that JSON cannot hold. `column` is its place, `remedy` how to ask for it instead.
pub(super) fn not_text(column: &str, remedy: &str) -> Error {
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("column `{column}` holds text that is not UTF-8"),
        hint: Some(remedy.to_owned()),
        ..DatasourceProblem::default()
    }))
}

/// The floating-point number that is written with just these digits.
pub(super) fn faithful(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    (digits(&format!("{number:e}"))? == digits(text)?).then_some(number)
}

/// The digits that count, and the power of ten of the last of them.
fn digits(text: &str) -> Option<(String, i64)> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", whole.trim_start_matches(['-', '+']));
    let short = all.trim_end_matches('0');
    let cut = i64::try_from(all.len() - short.len()).ok()?;
    let last = power.parse::<i64>().ok()?.checked_add(cut)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let short = short.trim_start_matches('0');
    Some((short.to_owned(), if short.is_empty() { 0 } else { last }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Collector, Column, Limits, columns, decimal, integer, json as json_of, told_apart};
    use crate::budget::{Budget, Owner};
    use serde_json::{Value, json};
    use std::sync::Arc;

    #[test]
    fn a_column_of_json_has_the_type_that_all_of_its_values_have() {
        let mut rows = vec![json!({"n": 1, "t": null, "mixed": 1}); 2000];
        rows.push(json!({"n": 2.5, "t": "x", "mixed": "9007199254740993", "late": true}));
        let found: Vec<_> = columns(&rows).into_iter().map(|column| (column.name, column.r#type)).collect();
        let expected = [("n", "number"), ("t", "string"), ("mixed", "any"), ("late", "boolean")];
        assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    }

    fn collector(rows: usize, bytes: usize) -> Collector {
        let column = |name: &str| Column { name: name.to_owned(), r#type: "text".to_owned() };
        let hold = Arc::new(Budget::new(64 << 20).hold(Owner::address(None)));
        let limits = Limits { rows, bytes, hold };
        Collector::new(told_apart(vec![column("id"), column("id"), column("id_2")]), limits)
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut all = collector(10, 1000);
        assert!(all.push([1, 2, 3].map(Value::from)).unwrap());
        assert_eq!(*all.finish().data, json!([{"id": 1, "id_2": 2, "id_2_2": 3}]));
    }

    #[test]
    fn what_is_cut_is_said_to_be() {
        for mut all in [collector(1, 1000), collector(10, 60)] {
            assert!(all.push([1, 2, 3].map(Value::from)).unwrap());
            assert!(!all.push([1, 2, 3].map(Value::from)).unwrap());
            let rows = all.finish();
            assert!(rows.truncated);
            assert_eq!(rows.data.as_array().map(Vec::len), Some(1));
        }
    }

    #[test]
    fn large_integers_stay_exact() {
        assert_eq!(integer(9_007_199_254_740_992), json!(9_007_199_254_740_992_i64));
        assert_eq!(integer(9_007_199_254_740_993), json!("9007199254740993"));
        assert_eq!(integer(i64::MIN), json!("-9223372036854775808"));
    }

    #[test]
    fn a_number_is_one_only_if_nothing_is_lost() {
        for text in ["0.1", "0.30000000000000004", "-12.5", "1e-7"] {
            assert!(decimal(text).is_number(), "{text}");
        }
        for text in ["0.1234567890123456789", "9007199254740993", "1e20", "12345678901234567.5", "1e999", "1e-999"] {
            assert_eq!(decimal(text), Value::from(text));
        }
        assert_eq!(decimal("12.50"), json!(12.5));
        assert_eq!(decimal("0.00"), json!(0.0));
    }

    #[test]
    fn json_that_would_lose_something_is_text() {
        for text in [r#"{"a":[1,2.5,"9007199254740993 \" 1e999:"],"b":true}"#, "1e300", "false", "[]", "[-1, 0.5]"] {
            assert_eq!(json_of(text.as_bytes()), serde_json::from_str::<Value>(text).ok());
        }
        for text in [
            r#"{"a":9007199254740993}"#,
            "[0.1234567890123456789]",
            "1e999",
            "\"text\"",
            r#"{"a":1,"a":2}"#,
            r#"[{"b":{"a":1,"a":1}}]"#,
            "not json",
        ] {
            assert_eq!(json_of(text.as_bytes()), Some(Value::from(text)));
        }
        assert_eq!(json_of(b"{\"a\":\xff}"), None);
    }
}
