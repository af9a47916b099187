//! How large JSON is, as values in memory and as text.
use serde_json::Value;

/// A value without what it points to.
pub(super) const VALUE: usize = size_of::<Value>();
/// A field of an object: its hash, its name and its value.
const FIELD: usize = size_of::<usize>() + size_of::<String>() + VALUE;
/// The memory that a value takes.
pub fn cost(value: &Value) -> usize {
    VALUE + heap(value)
}

/// The memory that a value points to.
pub fn heap(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => block(text.capacity()),
        Value::Array(items) => block(items.capacity() * VALUE) + items.iter().map(heap).sum::<usize>(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| block(name.capacity()) + heap(value);
            object(fields.len()) + fields.iter().map(field).sum::<usize>()
        }
    }
}

/// The memory of an object that was made for `fields` fields, without their names and values' own.
pub fn row(fields: usize) -> usize {
    if fields == 0 { 0 } else { block(fields * FIELD) + table(buckets(fields)) }
}

/// The memory of an object that has grown to `fields` fields, without their names and values' own.
pub fn object(fields: usize) -> usize {
    if fields == 0 {
        return 0;
    }
    let buckets = buckets(fields);
    block(room(buckets) * FIELD) + table(buckets)
}

/// How many fields fit into a table.
pub(super) fn room(buckets: usize) -> usize {
    if buckets <= 8 { buckets - 1 } else { buckets / 8 * 7 }
}

/// How large a table for so many names is.
pub(super) fn buckets(fields: usize) -> usize {
    match fields {
        0..=3 => 4,
        4..=7 => 8,
        more => (more.saturating_mul(8) / 7).next_power_of_two(),
    }
}

fn table(buckets: usize) -> usize {
    block(buckets * (size_of::<usize>() + 1) + 16)
}

/// What the allocator takes for a block of `bytes`.
pub fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

/// The memory that the values of a JSON text take: between half and twice as much, found without reading them.
pub fn cost_of_text(text: &str) -> usize {
    let (mut inside, mut escaped) = (false, false);
    let (mut values, mut objects, mut fields, mut texts) = (1, 0, 0, 0);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => {
                inside = !inside;
                texts += usize::from(inside);
            }
            b',' | b'[' if !inside => values += 1,
            b'{' if !inside => {
                values += 1;
                objects += 1;
            }
            b':' if !inside => fields += 1,
            _ => {}
        }
    }
    text.len() + values * VALUE + objects * object(1) + fields * FIELD + texts * block(1)
}

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{cost, cost_of_text};
    use serde_json::Value;

    #[test]
    fn what_parsing_takes_is_known_before() {
        for text in [
            "[1,1,1,1,1,1,1,1,1,1,1,1]",
            r#"{"a": {"b": [1, 2, {"c": null}]}, "d": "a,[{:\"x"}"#,
            r#"["one", "two", [], {}, [[[]]]]"#,
            "null",
            r#""\\""#,
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            let (guessed, taken) = (cost_of_text(text), cost(&value));
            assert!(taken <= guessed * 2 && guessed <= taken * 2 + 100, "{text}: {guessed} for {taken}");
        }
    }
}
