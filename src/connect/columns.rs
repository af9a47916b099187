//! The columns of results: of rows that come as JSON objects, and what queries declare about columns.
use super::rows::Column;
use crate::model::column::{QueryColumn, Tone, ValueFormat};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A column of a result, with what its query declares about it. Fields that are not declared are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DescribedColumn {
    /// The name in the rows.
    pub name: String,
    /// The declared type, else the type as the datasource names it.
    pub r#type: String,
    /// Shown instead of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<ValueFormat>,
    /// ISO 4217 code, for the format `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Shown after the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Digits after the decimal point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// The color of each of these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub colors: BTreeMap<String, Tone>,
}

/// Adds what a query declares about its columns to those of a result.
pub(super) fn described(columns: Option<&Arc<[Column]>>, declared: &[QueryColumn]) -> Option<Arc<[DescribedColumn]>> {
    let describe = |column: &Column| {
        let about = declared.iter().find(|one| one.name == column.name);
        let label = about.and_then(|about| about.label.clone()).filter(|label| !label.is_empty());
        DescribedColumn {
            name: column.name.clone(),
            r#type: about
                .and_then(|about| about.r#type)
                .map_or_else(|| column.r#type.clone(), |kind| kind.name().into()),
            label,
            format: about.and_then(|about| about.format),
            currency: about.and_then(|about| about.currency.clone()),
            unit: about.and_then(|about| about.unit.clone()),
            decimals: about.and_then(|about| about.decimals),
            colors: about.map(|about| about.colors.clone()).unwrap_or_default(),
        }
    };
    Some(columns?.iter().map(describe).collect())
}

/// Returns the columns of what a transformer returned. Columns of the source keep its types if their values are still of
/// the kind that they had `before`.
pub(super) fn columns_after(known: Option<Arc<[Column]>>, before: &[Column], data: &Value) -> Option<Arc<[Column]>> {
    let Value::Array(items) = data else { return None };
    if items.is_empty() {
        return known;
    }
    if !items.iter().all(Value::is_object) {
        return None;
    }
    let mut columns = columns(items, MOST_COLUMNS);
    for column in columns.iter_mut().filter(|column| before.contains(column)) {
        if let Some(same) = known.iter().flat_map(|known| known.iter()).find(|known| known.name == column.name) {
            column.r#type.clone_from(&same.r#type);
        }
    }
    Some(columns.into())
}

/// The maximum number of columns of a result. An export has all of them.
pub(super) const MOST_COLUMNS: usize = 1000;

/// Returns the fields of all rows as columns, `most` at most, each with the type that its values share, or `any`. A row
/// that is no object has the one field `value`.
pub(super) fn columns(items: &[Value], most: usize) -> Vec<Column> {
    let (mut types, mut places) = (Vec::new(), HashMap::new());
    let mut note = |name, value: &Value| {
        let place = match places.get(name) {
            Some(place) => *place,
            None if types.len() == most => return,
            None => {
                types.push((name, "null"));
                places.insert(name, types.len() - 1);
                types.len() - 1
            }
        };
        let known: &mut (&str, &str) = &mut types[place];
        if !value.is_null() && known.1 != type_name(value) {
            known.1 = if known.1 == "null" { type_name(value) } else { "any" };
        }
    };
    for item in items {
        match item {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| note(name.as_str(), value)),
            other => note("value", other),
        }
    }
    let column = |(name, kind): (&str, &str)| Column { name: name.to_owned(), r#type: kind.to_owned() };
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Column, MOST_COLUMNS, columns, columns_after, described};
    use serde_json::{Value, json};
    use std::sync::Arc;

    #[test]
    fn a_json_column_has_the_type_that_its_values_share() {
        let mut rows = vec![json!({"n": 1, "t": null, "mixed": 1}); 2000];
        rows.push(json!({"n": 2.5, "t": "x", "mixed": "9007199254740993", "late": true}));
        let found: Vec<_> =
            columns(&rows, MOST_COLUMNS).into_iter().map(|column| (column.name, column.r#type)).collect();
        let expected = [("n", "number"), ("t", "string"), ("mixed", "any"), ("late", "boolean")];
        assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    }

    #[test]
    fn transformed_rows_have_the_columns_of_their_values() {
        let known: Arc<[Column]> =
            ["id", "gone"].map(|name| Column { name: name.to_owned(), r#type: "int8".to_owned() }).into();
        let named = |data: Value| {
            let before = columns(&[json!({"id": 7, "gone": 1})], MOST_COLUMNS);
            let columns = columns_after(Some(Arc::clone(&known)), &before, &data)?;
            Some(
                columns
                    .iter()
                    .map(|column| format!("{} {}", column.name, column.r#type))
                    .collect::<Vec<_>>()
                    .join(", "),
            )
        };
        assert_eq!(named(json!([{"new": "a", "id": 1}, {"more": true}])).unwrap(), "new string, id int8, more boolean");
        assert_eq!(named(json!([{"id": "A-1"}])).unwrap(), "id string", "its values are of another kind now");
        assert_eq!(named(json!([])).unwrap(), "id int8, gone int8");
        assert_eq!((named(json!([1])), named(json!({"id": 1}))), (None, None));
    }

    #[test]
    fn what_a_query_declares_is_added_to_the_columns_of_its_result() {
        let columns: Arc<[Column]> =
            ["id", "total"].map(|name| Column { name: name.to_owned(), r#type: "text".to_owned() }).into();
        let declared = serde_json::from_value(json!([
            {"name": "gone", "label": "Gone"},
            {"name": "total", "type": "number", "format": "currency", "currency": "EUR", "colors": {"0": "red"}},
        ]));
        let declared: Vec<crate::model::column::QueryColumn> = declared.unwrap();
        assert_eq!(
            json!(described(Some(&columns), &declared)),
            json!([
                {"name": "id", "type": "text"},
                {"name": "total", "type": "number", "format": "currency", "currency": "EUR", "colors": {"0": "red"}},
            ])
        );
        assert_eq!(described(None, &declared), None);
    }
}
