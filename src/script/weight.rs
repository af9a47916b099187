//! How big a value is, without writing it out.
use serde_json::Value;

/// About as many bytes as the value's JSON text has (escapes are not counted).
pub fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| weight(item) + 1).sum::<usize>(),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| key.len() + 4 + weight(value);
            2 + fields.iter().map(field).sum::<usize>()
        }
    }
}
