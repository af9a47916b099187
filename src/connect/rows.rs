//! Collects rows within limits, makes column names unique, and converts numbers without loss.
use crate::{
    Error, Result,
    budget::Hold,
    connect::{
        columns::{MOST_COLUMNS, columns},
        http,
    },
    error::DatasourceProblem,
    json::{self, Room, TruncatedArray, weight},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::HashSet, sync::Arc};

/// 2^53: up to here, JavaScript numbers represent every integer exactly.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// The maximum memory of the values of one result, in bytes.
const VALUES: usize = 96 << 20;

/// The limits of one result.
#[derive(Clone, Debug)]
pub struct ResultLimits {
    pub rows: usize,
    /// Maximum size as text.
    pub bytes: usize,
    /// Counts the memory of the result.
    pub hold: Arc<Hold>,
}

impl ResultLimits {
    /// Returns the room for the text while it is received.
    pub fn text(&self) -> Room {
        Room::within(self.bytes, &self.hold)
    }

    /// Returns the room for values that are built while the text is received.
    pub fn counted(&self) -> Room {
        Room::within(VALUES, &self.hold)
    }

    /// Returns the room for the values of a complete text: a short text may contain many.
    pub fn values(&self) -> Room {
        Room::within(self.bytes.saturating_mul(16).clamp(1 << 20, VALUES), &self.hold)
    }
}

/// A column of a result: its name in the rows, and its type as the datasource names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    pub name: String,
    pub r#type: String,
}

/// What became of the rows that a query changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RowChange {
    Added,
    Changed,
    Deleted,
}

/// Whether a query changed something, as far as its datasource tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// Nothing, so the result may be cached.
    #[default]
    Nothing,
    /// It may have, so the result must not be cached.
    Perhaps,
    /// It certainly has.
    Something,
}

impl Written {
    /// Returns what is known if `may_write` is all that the datasource tells.
    pub fn perhaps(may_write: bool) -> Self {
        if may_write { Self::Perhaps } else { Self::Nothing }
    }
}

/// The result of a datasource.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// An array of objects, or any JSON from a datasource without rows.
    pub data: Arc<Value>,
    pub columns: Option<Arc<[Column]>>,
    /// Number of changed rows; `None` for a read.
    pub affected: Option<u64>,
    /// What became of them; `None` if the query does not tell, such as `merge`.
    pub change: Option<RowChange>,
    /// Whether rows were omitted.
    pub truncated: bool,
    pub written: Written,
    /// Counts the memory of `data`; keep it as long as `data`.
    pub hold: Option<Arc<Hold>>,
}

/// Makes the names of columns unique: further columns of the same name get a suffix, as in `id`, `id_2`.
pub(super) fn with_unique_names(mut columns: Vec<Column>) -> Arc<[Column]> {
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

/// Collects rows within the limits.
pub(super) struct Collector {
    columns: Arc<[Column]>,
    rows: Vec<Value>,
    /// Memory per row without its values, in bytes.
    each: usize,
    /// Text per row without its values, in bytes.
    text_each: usize,
    /// Text and memory of all rows, in bytes.
    text: usize,
    bytes: usize,
    limits: ResultLimits,
    truncated: bool,
}

impl Collector {
    /// `columns` must have unique names.
    pub fn new(columns: Arc<[Column]>, limits: ResultLimits) -> Self {
        let names: usize = columns.iter().map(|column| json::block(column.name.len())).sum();
        // a growing vector may have twice the capacity that it needs
        let each = names + json::row(columns.len()) + 2 * size_of::<Value>();
        let text_each = columns.iter().map(|column| column.name.len() + 4).sum();
        Self { columns, rows: Vec::new(), each, text_each, text: 0, bytes: 0, limits, truncated: false }
    }

    /// Adds a row. Returns false if it exceeds a limit: the result is then truncated, and no more rows are wanted.
    ///
    /// # Errors
    /// If the memory budget is exhausted.
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

/// Returns which part of a JSON response to keep: the rows at `path`, up to the limit plus one that shows that there
/// are more. `None` if `path` contains anything but field names.
pub(super) fn rows_at(path: &str, limits: &ResultLimits) -> Option<TruncatedArray> {
    let path = http::fields(path.trim().trim_end_matches('.'))?;
    Some(TruncatedArray { path, most: limits.rows.saturating_add(1) })
}

/// Turns the JSON of a service into a result, as [`shape`] does. Integers beyond 2^53 become text, as those of databases.
pub(super) fn received(mut data: Value, limits: &ResultLimits) -> Rows {
    json::number::text_beyond_doubles(&mut data);
    shape(data, limits)
}

/// Turns JSON into a result: an array of objects becomes rows with columns, anything else stays unchanged.
pub(super) fn shape(data: Value, limits: &ResultLimits) -> Rows {
    let Value::Array(mut items) = data else {
        return Rows { data: Arc::new(data), ..Rows::default() };
    };
    let columns =
        (!items.is_empty() && items.iter().all(Value::is_object)).then(|| columns(&items, MOST_COLUMNS).into());
    let truncated = items.len() > limits.rows;
    items.truncate(limits.rows);
    Rows { data: Arc::new(Value::Array(items)), columns, truncated, ..Rows::default() }
}

/// Converts an integer to JSON: a number up to 2^53, a string beyond, because JavaScript numbers would round it.
pub(super) fn integer(value: i64) -> Value {
    if value.unsigned_abs() <= json::number::EXACT { value.into() } else { value.to_string().into() }
}

/// Converts a floating-point number to JSON; infinities and NaN become text.
pub(super) fn float(value: f64) -> Value {
    let text = || match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    };
    serde_json::Number::from_f64(value).map_or_else(|| text().into(), Value::Number)
}

/// Converts a 32-bit floating-point number to JSON, with the fewest digits that identify it.
pub(super) fn short_float(value: f32) -> Value {
    float(value.to_string().parse().unwrap_or(f64::NAN))
}

/// Converts a decimal to JSON: a number up to 2^53 if a JavaScript number represents it exactly, else text.
pub(super) fn decimal(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => integer(whole),
        Err(_) => faithful(text).filter(|number| number.abs() <= LARGEST).map_or_else(|| text.into(), float),
    }
}

/// Parses a JSON cell. Returns its text instead if parsing would change it (numbers that a double changes, duplicate
/// fields), so that it can be written back as it was, or if it is a bare string. `None` if it is not UTF-8.
pub(super) fn json(raw: &[u8]) -> Option<Value> {
    let has_exact_numbers = matches!(json::number::exact_for_browsers(raw), Cow::Borrowed(_));
    match json::parse(raw, &Room::of(json::CELL)) {
        Ok(value) if has_exact_numbers && !value.is_string() && has_all_fields(raw, &value) => Some(value),
        _ => std::str::from_utf8(raw).ok().map(Value::from),
    }
}

/// Whether a value has every field of the valid text that it was read from: of fields with the same name only the last is
/// kept.
fn has_all_fields(raw: &[u8], value: &Value) -> bool {
    let (mut quoted, mut escaped, mut colons) = (false, false, 0);
    for byte in raw {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b':' if !quoted => colons += 1,
            _ => {}
        }
    }
    colons == fields(value)
}

/// Counts the fields of a value, including nested ones.
fn fields(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(fields).sum(),
        Value::Object(object) => object.len() + object.values().map(fields).sum::<usize>(),
        _ => 0,
    }
}

/// Creates the error for text that JSON cannot represent. `remedy` tells how to query the column instead.
pub(super) fn not_text(column: &str, remedy: &str) -> Error {
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("column `{column}` contains text that is not UTF-8"),
        hint: Some(remedy.to_owned()),
        ..DatasourceProblem::default()
    }))
}

/// Parses a floating-point number; `None` if it cannot represent exactly these digits.
pub(super) fn faithful(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    (digits(&format!("{number:e}"))? == digits(text)?).then_some(number)
}

/// Returns the significant digits, and the exponent of the last one.
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
    use super::{Collector, Column, ResultLimits, decimal, integer, json as json_of, with_unique_names};
    use crate::budget::{Budget, MemoryOwner};
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn collector(rows: usize, bytes: usize) -> Collector {
        let column = |name: &str| Column { name: name.to_owned(), r#type: "text".to_owned() };
        let hold = Arc::new(Budget::new(64 << 20).hold(MemoryOwner::address(None)));
        let limits = ResultLimits { rows, bytes, hold };
        Collector::new(with_unique_names(vec![column("id"), column("id"), column("id_2")]), limits)
    }

    #[test]
    fn duplicate_column_names_get_suffixes() {
        let mut all = collector(10, 1000);
        assert!(all.push([1, 2, 3].map(Value::from)).unwrap());
        assert_eq!(*all.finish().data, json!([{"id": 1, "id_2": 2, "id_2_2": 3}]));
    }

    #[test]
    fn a_truncated_result_is_marked() {
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
    fn a_decimal_is_a_number_only_if_nothing_is_lost() {
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
