//! Rows on their way in: names made unique, counted and bounded.
use crate::script::weight;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc};

/// How much one answer may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub rows: usize,
    pub bytes: usize,
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
    pub columns: Option<Vec<Column>>,
    /// Rows changed; none for a read.
    pub affected: Option<u64>,
    /// Whether rows were left out.
    pub truncated: bool,
    /// Whether it changed something, so that it must not be answered from a cache.
    pub wrote: bool,
}

/// A second column of the same name gets a suffix: `id`, `id_2`.
pub(super) fn told_apart(mut columns: Vec<Column>) -> Vec<Column> {
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
    columns
}

/// Collects rows up to the limits.
pub(super) struct Collector {
    columns: Vec<Column>,
    rows: Vec<Value>,
    bytes: usize,
    limits: Limits,
    truncated: bool,
}

impl Collector {
    pub fn new(columns: Vec<Column>, limits: Limits) -> Self {
        Self { columns: told_apart(columns), rows: Vec::new(), bytes: 0, limits, truncated: false }
    }

    /// Adds a row; false when it is one too many and nothing more is wanted.
    pub fn push(&mut self, values: impl IntoIterator<Item = Value>) -> bool {
        if self.rows.len() >= self.limits.rows {
            self.truncated = true;
            return false;
        }
        let names = self.columns.iter().map(|column| column.name.clone());
        let row = Value::Object(names.zip(values).collect::<Map<_, _>>());
        self.bytes = self.bytes.saturating_add(weight(&row));
        if self.bytes > self.limits.bytes {
            self.truncated = true;
            return false;
        }
        self.rows.push(row);
        true
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

#[cfg(test)]
mod tests {
    use super::{Collector, Column, Limits, integer};
    use serde_json::{Value, json};

    fn collector(rows: usize, bytes: usize) -> Collector {
        let column = |name: &str| Column { name: name.to_owned(), r#type: "text".to_owned() };
        Collector::new(vec![column("id"), column("id"), column("id_2")], Limits { rows, bytes })
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut all = collector(10, 1000);
        assert!(all.push([1, 2, 3].map(Value::from)));
        assert_eq!(*all.finish().data, json!([{"id": 1, "id_2": 2, "id_2_2": 3}]));
    }

    #[test]
    fn what_is_cut_is_said_to_be() {
        for mut all in [collector(1, 1000), collector(10, 60)] {
            assert!(all.push([1, 2, 3].map(Value::from)));
            assert!(!all.push([1, 2, 3].map(Value::from)));
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
}
