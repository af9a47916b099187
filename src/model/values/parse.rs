//! Deserialises JSON into types, with errors that name the field.
use super::wording::{Wording, worded};
use crate::{Error, Result};
use serde::de::{self, DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::Segment;

/// Encloses the path of a nested problem in an error message: see [`problem`].
const INNER: char = '\0';
/// How many numbers are corrected one by one before all remaining ones are corrected at once.
const CORRECTED: usize = 64;
/// The largest whole number up to which `f64` represents every whole number exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Deserialises `value` as a `T`. Paths of problems start with `prefix`. Accepts `5.0` where an integer is expected, as
/// JSON Schema does.
pub fn from_value<T: DeserializeOwned>(mut value: Value, prefix: &str) -> Result<T> {
    if !has_whole_float(&value) {
        return serde_path_to_error::deserialize(value).map_err(|error| to_error(prefix, &error));
    }
    for round in 0.. {
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let is_float = error.inner().to_string().starts_with(FLOAT);
        let place = if round < CORRECTED { find(&mut value, error.path()) } else { &mut value };
        if !is_float || !make_whole(place) {
            return Err(to_error(prefix, &error));
        }
    }
    Err(Error::internal("the value contains an endless number of floats"))
}

/// The start of serde's message about a float that is not an integer.
const FLOAT: &str = "invalid type: floating point `";

/// Returns the value at a path, or the closest ancestor that exists.
fn find<'v>(value: &'v mut Value, path: &serde_path_to_error::Path) -> &'v mut Value {
    let mut here = value;
    for segment in path {
        let is_there = match segment {
            Segment::Map { key } => here.get(key).is_some(),
            Segment::Seq { index } => here.get(index).is_some(),
            Segment::Enum { .. } | Segment::Unknown => false,
        };
        if !is_there {
            break;
        }
        here = match segment {
            Segment::Map { key } => &mut here[key.as_str()],
            Segment::Seq { index } => &mut here[*index],
            Segment::Enum { .. } | Segment::Unknown => break,
        };
    }
    here
}

fn whole(value: &Value) -> Option<f64> {
    let Value::Number(number) = value else { return None };
    number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT)
}

/// Returns a non-negative whole number, written as `5` or as `5.0`.
pub fn whole_number(value: &Value) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it is whole, small enough, and not negative
    value.as_u64().or_else(|| whole(value).filter(|float| *float >= 0.0).map(|float| float as u64))
}

fn has_whole_float(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_whole_float),
        Value::Object(fields) => fields.values().any(has_whole_float),
        other => whole(other).is_some(),
    }
}

/// Converts whole floats to integers. Returns whether there were any.
fn make_whole(value: &mut Value) -> bool {
    if let Some(float) = whole(value) {
        #[allow(clippy::cast_possible_truncation)] // it is whole, and small enough
        let integer = float as i64;
        *value = integer.into();
        return true;
    }
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |any, item| make_whole(item) | any),
        Value::Object(fields) => fields.values_mut().fold(false, |any, item| make_whole(item) | any),
        _ => false,
    }
}

fn to_error(prefix: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    field_error(prefix, &error.path().to_string(), &error.inner().to_string())
}

/// Deserialises a value whose path serde would lose, such as the fields of a tagged enum. The error carries the path.
pub fn nested<T: DeserializeOwned, E: de::Error>(value: Value) -> Result<T, E> {
    from_value(value, "").map_err(|error| match error {
        Error::Invalid(problems) => match problems.first() {
            Some(first) => problem(&first.path, &first.message),
            None => E::custom("is not valid"),
        },
        other => E::custom(other),
    })
}

/// Creates an error about a path below the value that is being deserialised.
pub fn problem<E: de::Error>(path: &str, message: &str) -> E {
    E::custom(format!("{INNER}{path}{INNER}{message}"))
}

/// Turns serde's message into a field problem: the path, not only the text, names a missing or unknown field.
pub fn field_error(prefix: &str, path: &str, message: &str) -> Error {
    if let Some((own, message)) = message.strip_prefix(INNER).and_then(|rest| rest.split_once(INNER)) {
        let outer = if path == "." { "" } else { path };
        return Error::invalid(joined([prefix, outer, own]), message);
    }
    let inner = if path == "." { "" } else { path };
    let Wording { field, text } = worded(message);
    // the path already ends with the name of an unknown field
    let field = field.filter(|name| inner.rsplit('.').next() != Some(name.as_str()));
    Error::invalid(joined([prefix, inner, field.as_deref().unwrap_or_default()]), text)
}

/// Joins the parts of a path, some of which may be empty, or start with an index.
fn joined(parts: [&str; 3]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".").replace(".[", "[")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{field_error, from_value};
    use serde::Deserialize;
    use serde_json::{Value, json};

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

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Shape {
        Square { side: u32 },
        Free { data: Value },
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Numbers {
        count: u64,
        least: Option<i64>,
        layout: Vec<[i32; 2]>,
        #[serde(default)]
        shapes: Vec<Shape>,
        #[serde(default)]
        any: Value,
    }

    #[test]
    fn a_whole_float_becomes_an_integer_only_where_one_is_expected() {
        let given = json!({
            "count": 5.0, "least": -2.0, "layout": [[1.0, 2], [3, 4.0]], "any": {"x": 5.0},
            "shapes": [{"type": "square", "side": 7.0}, {"type": "free", "data": [1.0]}],
        });
        let read: Numbers = from_value(given, "").unwrap();
        assert_eq!((read.count, read.least, read.layout.as_slice()), (5, Some(-2), [[1, 2], [3, 4]].as_slice()));
        assert_eq!(read.any.to_string(), "{\"x\":5.0}");
        assert_eq!(read.shapes[0], Shape::Square { side: 7 });
        assert_eq!(read.shapes[1], Shape::Free { data: json!([1.0]) });
        let many = json!({"count": 1.0, "layout": vec![[1.0, 2.0]; 100]});
        assert_eq!(from_value::<Numbers>(many, "").unwrap().layout.len(), 100);
        for (wrong, path) in [
            (json!({"count": 5.5, "layout": []}), "count: must be a whole number"),
            (json!({"count": 1.0, "layout": [[1.0, 2.5]]}), "layout[0][1]: must be a whole number"),
            (json!({"count": -1.0, "layout": []}), "count: must be a whole number from 0 to 18446744073709551615"),
            (
                json!({"count": 1.0, "layout": [[1, 3_000_000_000_u32]]}),
                "layout[0][1]: must be a whole number from -2147483648 to",
            ),
            (json!({"count": "18446744073709551616", "layout": []}), "count: must be a whole number"),
            (json!({"count": 1.0, "layout": 2}), "layout: must be a list"),
            (json!({"count": null, "layout": []}), "count: must be a whole number"),
            (json!({"count": 1e300, "layout": []}), "count: must be a whole number"),
            (json!({"count": "5.0", "layout": [], "any": 1.0}), "count: must be a whole number"),
        ] {
            let error = from_value::<Numbers>(wrong, "").unwrap_err().to_string();
            assert!(error.starts_with(path), "{error}");
        }
    }

    #[test]
    fn a_problem_names_its_field() {
        let error_of = |value| from_value::<Outer>(value, "config").unwrap_err().to_string();
        assert_eq!(error_of(json!({})), "config.items: is required");
        assert_eq!(error_of(json!("x")), "config: must be an object");
        assert_eq!(error_of(json!({"items": ["x"]})), "config.items[0]: must be an object");
        assert_eq!(error_of(json!({"items": [{}]})), "config.items[0].size: is required");
        assert!(
            error_of(json!({"items": [{"size": 1, "more": 2}]}))
                .starts_with("config.items[0].more: is not a known field")
        );
        assert!(
            error_of(json!({"items": [{"size": "x"}]})).starts_with("config.items[0].size: must be a whole number")
        );
    }

    #[test]
    fn texts_of_a_query_string_are_refused_in_plain_words() {
        #[derive(Deserialize)]
        struct Fields {
            #[serde(rename = "limit")]
            _limit: Option<u32>,
            #[serde(rename = "share")]
            _share: Option<f64>,
            #[serde(rename = "all")]
            _all: Option<bool>,
        }
        for (text, expected) in [
            ("limit=x", "limit: must be a whole number"),
            ("limit=", "limit: must be a whole number"),
            ("limit=1.5", "limit: must be a whole number"),
            ("limit=-1", "limit: must be a whole number"),
            ("limit=99999999999", "limit: must be a smaller number"),
            ("share=half", "share: must be a number"),
            ("share=", "share: must be a number"),
            ("all=yes", "all: must be true or false"),
            ("limit=1&limit=2", "limit: is there twice: send it once"),
        ] {
            let fields = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
            let error = serde_path_to_error::deserialize::<_, Fields>(fields).err().unwrap();
            let refused = field_error("", &error.path().to_string(), &error.inner().to_string());
            assert_eq!(refused.to_string(), expected, "{text}");
        }
    }
}
