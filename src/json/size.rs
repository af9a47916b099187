//! The size of JSON, as values in memory and as text.
use serde_json::Value;

/// A value without its heap memory.
pub(super) const VALUE: usize = size_of::<Value>();
/// A field of an object: its hash, its name and its value.
const FIELD: usize = size_of::<usize>() + size_of::<String>() + VALUE;
/// Returns the memory of a value in bytes.
pub fn cost(value: &Value) -> usize {
    VALUE + heap(value)
}

/// Returns the heap memory of a value in bytes.
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

/// Returns the memory of an object that was created with a capacity of `fields`, without the heap memory of names and
/// values.
pub fn row(fields: usize) -> usize {
    if fields == 0 { 0 } else { block(fields * FIELD) + table(buckets(fields)) }
}

/// Returns the memory of an object that has grown to `fields` fields, without the heap memory of names and values.
pub fn object(fields: usize) -> usize {
    if fields == 0 {
        return 0;
    }
    let buckets = buckets(fields);
    block(room(buckets) * FIELD) + table(buckets)
}

/// Returns how many fields fit into a table.
pub(super) fn room(buckets: usize) -> usize {
    if buckets <= 8 { buckets - 1 } else { buckets / 8 * 7 }
}

/// Returns the number of buckets of a table for this many fields.
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

/// Returns the memory that the allocator uses for a block of `bytes`.
pub fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

/// Estimates the memory of the values of a JSON text without parsing it, within a factor of two.
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

/// Estimates the length of a value as JSON text in bytes, ignoring escapes.
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
    fn the_memory_of_a_text_is_estimated_before_it_is_parsed() {
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
