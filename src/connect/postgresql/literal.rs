//! Values in the server's own notation: arrays and rows from JSON.
use serde_json::{Map, Value};
use tokio_postgres::types::{Field, Kind, Type};

/// The text that the server reads as this value of that type; none for null.
pub(super) fn text_of(kind: &Type, value: &Value) -> Option<String> {
    Some(match (base(kind).kind(), value) {
        (_, Value::Null) => return None,
        (_, Value::String(text)) => text.clone(),
        (Kind::Array(inner), Value::Array(items)) => array(inner, items),
        (Kind::Composite(fields), Value::Object(values)) => row(fields, values),
        (_, other) => other.to_string(),
    })
}

/// The type under its domains.
fn base(kind: &Type) -> &Type {
    match kind.kind() {
        Kind::Domain(inner) => base(inner),
        _ => kind,
    }
}

/// Whether a value of this type may itself be a JSON array: within an array it is then no further dimension.
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

/// In double quotes, within which a backslash takes the next character as it is.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
