//! The columns of rows that come as JSON objects.
use super::rows::Column;
use serde_json::{Map, Value};
use std::sync::Arc;

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
    let mut columns = columns(items);
    for column in columns.iter_mut().filter(|column| before.contains(column)) {
        if let Some(same) = known.iter().flat_map(|known| known.iter()).find(|known| known.name == column.name) {
            column.r#type.clone_from(&same.r#type);
        }
    }
    Some(columns.into())
}

/// The maximum number of columns of JSON rows.
pub(super) const MOST_COLUMNS: usize = 1000;

/// Returns the fields of all rows as columns, each with the type that its values share, or `any`.
pub(super) fn columns(items: &[Value]) -> Vec<Column> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Column, columns, columns_after};
    use serde_json::{Value, json};
    use std::sync::Arc;

    #[test]
    fn a_json_column_has_the_type_that_its_values_share() {
        let mut rows = vec![json!({"n": 1, "t": null, "mixed": 1}); 2000];
        rows.push(json!({"n": 2.5, "t": "x", "mixed": "9007199254740993", "late": true}));
        let found: Vec<_> = columns(&rows).into_iter().map(|column| (column.name, column.r#type)).collect();
        let expected = [("n", "number"), ("t", "string"), ("mixed", "any"), ("late", "boolean")];
        assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    }

    #[test]
    fn transformed_rows_have_the_columns_of_their_values() {
        let known: Arc<[Column]> =
            ["id", "gone"].map(|name| Column { name: name.to_owned(), r#type: "int8".to_owned() }).into();
        let named = |data: Value| {
            let before = columns(&[json!({"id": 7, "gone": 1})]);
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
}
