//! How big a value is, without writing it out.
use serde_json::Value;

/// What an object's field takes in memory beside its key's text and its value.
const FIELD: usize = size_of::<String>() + 3 * size_of::<usize>();

/// About as many bytes of memory as the value takes.
pub fn held(value: &Value) -> usize {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(held).sum(),
        Value::Object(fields) => fields.iter().map(|(key, value)| FIELD + key.len() + held(value)).sum(),
    };
    inside + size_of::<Value>()
}

/// About as many bytes of memory as the JSON `text` takes once it is parsed, found without parsing it.
pub fn held_once_parsed(text: &str) -> usize {
    let (mut inside, mut escaped) = (false, false);
    let (mut values, mut fields) = (1, 0);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b',' | b'[' | b'{' if !inside => values += 1,
            b':' if !inside => fields += 1,
            _ => {}
        }
    }
    text.len() + values * size_of::<Value>() + fields * FIELD
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
    use super::{held, held_once_parsed};
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
            let (guessed, taken) = (held_once_parsed(text), held(&value));
            assert!(guessed >= taken && guessed <= taken * 2 + 100, "{text}: {guessed} for {taken}");
        }
    }
}
