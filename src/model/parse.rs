//! Reading JSON into types, with errors that name the field.
use crate::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads `value` as a `T`; a problem's path starts with `prefix`.
pub fn from_value<T: DeserializeOwned>(value: Value, prefix: &str) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        field_error(prefix, &path, &error.into_inner().to_string())
    })
}

/// Turns serde's words into a field problem: a missing or unknown field is named by the path, not only in the text.
pub fn field_error(prefix: &str, path: &str, message: &str) -> Error {
    let inner = if path == "." { "" } else { path };
    let quoted = |start: &str| message.strip_prefix(start).and_then(|rest| rest.split('`').next());
    let (field, text) = if let Some(name) = quoted("missing field `") {
        (Some(name), "is required".to_owned())
    } else if let Some(name) = quoted("unknown field `") {
        let expected = message.split_once(", ").map_or("", |(_, rest)| rest);
        (Some(name), format!("is not a known field ({expected})"))
    } else {
        (None, message.to_owned())
    };
    // an unknown field's own name is already the last part of the path
    let field = field.filter(|name| inner.rsplit('.').next() != Some(name));
    let parts = [prefix, inner, field.unwrap_or_default()];
    let path = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(".");
    Error::invalid(path, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::from_value;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        size: u8,
    }

    #[derive(Deserialize, Debug)]
    struct Outer {
        #[allow(dead_code)]
        items: Vec<Inner>,
    }

    #[test]
    fn a_problem_names_its_field() {
        let said = |value| from_value::<Outer>(value, "config").unwrap_err().to_string();
        assert_eq!(said(json!({})), "config.items: is required");
        assert_eq!(said(json!({"items": [{}]})), "config.items[0].size: is required");
        assert!(
            said(json!({"items": [{"size": 1, "more": 2}]})).starts_with("config.items[0].more: is not a known field")
        );
        assert!(said(json!({"items": [{"size": "x"}]})).starts_with("config.items[0].size: invalid type"));
    }
}
