//! Converts between JSON and the server's notation of arrays and rows.
use postgres_types::{Field, Kind, Type};
use serde_json::{Map, Value};

/// Returns the text that the server parses as this value of type `kind`; `None` for null.
pub(super) fn text_of(kind: &Type, value: &Value) -> Option<String> {
    Some(match (base(kind).kind(), value) {
        (_, Value::Null) => return None,
        (_, Value::String(text)) => text.clone(),
        (Kind::Array(inner), Value::Array(items)) => array(inner, items),
        (Kind::Composite(fields), Value::Object(values)) => row(fields, values),
        (_, other) => other.to_string(),
    })
}

/// Returns the base type of a domain, or the type itself.
pub(super) fn base(kind: &Type) -> &Type {
    match kind.kind() {
        Kind::Domain(inner) => base(inner),
        _ => kind,
    }
}

/// Returns whether a value of this type may be a JSON array: a list within an array is then an item, not a dimension.
pub(super) fn may_be_list(kind: &Type) -> bool {
    let kind = base(kind);
    matches!(*kind, Type::JSON | Type::JSONB) || matches!(kind.kind(), Kind::Array(_))
}

pub(super) fn array(inner: &Type, items: &[Value]) -> String {
    let texts: Vec<String> = items
        .iter()
        .map(|item| match item {
            Value::Array(nested) if !may_be_list(inner) => array(inner, nested),
            item => text_of(inner, item).map_or_else(|| "NULL".to_owned(), |text| quoted(&text)),
        })
        .collect();
    let delimiter = if *base(inner) == Type::BOX { ";" } else { "," };
    format!("{{{}}}", texts.join(delimiter))
}

fn row(fields: &[Field], values: &Map<String, Value>) -> String {
    let cell = |field: &Field| {
        let text = values.get(field.name()).and_then(|value| text_of(field.type_(), value));
        text.map(|text| quoted(&text)).unwrap_or_default()
    };
    format!("({})", fields.iter().map(cell).collect::<Vec<_>>().join(","))
}

/// Puts text in double quotes, escaping quotes and backslashes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The maximum nesting of lists: `PostgreSQL` arrays have at most 6 dimensions.
const DIMENSIONS: usize = 6;

/// Parses an array in the server's notation to nested lists of strings. `None` if it has explicit bounds or is not an
/// array.
pub(super) fn items(text: &str) -> Option<Value> {
    let mut rest = text;
    let list = list(&mut rest, DIMENSIONS)?;
    rest.is_empty().then_some(list)
}

fn list(rest: &mut &str, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    *rest = rest.strip_prefix('{')?;
    let mut items = Vec::new();
    if let Some(after) = rest.strip_prefix('}') {
        *rest = after;
        return Some(items.into());
    }
    loop {
        items.push(match rest.chars().next()? {
            '{' => list(rest, depth)?,
            '"' => quoted_item(rest)?,
            _ => plain_item(rest)?,
        });
        let next = rest.chars().next()?;
        *rest = &rest[next.len_utf8()..];
        match next {
            ',' => {}
            '}' => return Some(items.into()),
            _ => return None,
        }
    }
}

fn quoted_item(rest: &mut &str) -> Option<Value> {
    let mut item = String::new();
    let mut chars = rest.char_indices().skip(1);
    loop {
        match chars.next()? {
            (_, '\\') => item.push(chars.next()?.1),
            (at, '"') => {
                *rest = &rest[at + 1..];
                return Some(item.into());
            }
            (_, c) => item.push(c),
        }
    }
}

fn plain_item(rest: &mut &str) -> Option<Value> {
    let end = rest.find([',', '{', '}', '"', '\\'])?;
    let item = &rest[..end];
    *rest = &rest[end..];
    match item {
        "" => None,
        "NULL" => Some(Value::Null),
        item => Some(item.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::items;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn an_array_is_parsed_to_a_list_of_strings() {
        for (text, expected) in [
            ("{}", json!([])),
            ("{a,\"b c\",NULL,\"NULL\",\"q\\\"\\\\\"}", json!(["a", "b c", null, "NULL", "q\"\\"])),
            ("{{1,2},{3,4}}", json!([["1", "2"], ["3", "4"]])),
            ("{=c/admin,r=U/admin}", json!(["=c/admin", "r=U/admin"])),
        ] {
            assert_eq!(items(text), Some(expected), "{text}");
        }
        for text in ["", "a", "[0:1]={1,2}", "{a", "{a}b", "{,}", "{\"a}", "{{{{{{{1}}}}}}}"] {
            assert_eq!(items(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_arbitrary_text_never_panics(text in "[{}\",\\\\a ]{0,40}") {
            let _ = items(&text);
        }
    }
}
