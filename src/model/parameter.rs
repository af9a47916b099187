//! Parameters of queries and inputs of workflows: their declarations, and the check of a value.
use super::text::{IDENTIFIER, is_identifier};
use crate::{
    Error, Result,
    json::number::{self, is_same},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many of the allowed values a message lists.
const LISTED: usize = 20;

/// A parameter of a query, or an input of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameter {
    /// An identifier: letters, digits and `_`, not starting with a digit.
    #[schemars(extend("pattern" = IDENTIFIER))]
    pub name: String,
    #[serde(default)]
    pub r#type: ParameterType,
    #[serde(default)]
    pub required: bool,
    /// Used if the caller sends no value.
    #[serde(default)]
    pub default: Value,
    #[serde(default)]
    pub description: String,
    /// The allowed values. Leave empty to allow any. Required for `ident(params.x)`.
    #[serde(default)]
    pub allowed: Vec<Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    #[default]
    String,
    Number,
    Boolean,
    Date,
    Array,
    Object,
}

/// Returns what is wrong with a required value: null, an empty text and an empty list count as missing.
pub fn missing(value: &Value) -> Option<&'static str> {
    let is_empty = match value {
        Value::Null => return Some("is required"),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    is_empty.then_some("is required: it must not be empty")
}

/// Checks that there are at most 100 parameters, each with a unique identifier as its name.
pub fn check_parameters(parameters: &[Parameter], path: &str) -> Result<()> {
    if parameters.len() > 100 {
        return Err(Error::invalid(path, "must have at most 100 items"));
    }
    for (i, parameter) in parameters.iter().enumerate() {
        let at = format!("{path}[{i}].name");
        if !is_identifier(&parameter.name) {
            return Err(Error::invalid(at, "must be an identifier such as from_date"));
        }
        if parameters[..i].iter().any(|other| other.name == parameter.name) {
            return Err(Error::invalid(at, format!("`{}` is used twice", parameter.name)));
        }
    }
    Ok(())
}

impl Parameter {
    /// Checks a value and converts it to the declared type, if that loses nothing. Null means no value. In a list, each
    /// item must be one of the allowed values.
    ///
    /// # Errors
    /// Says what the value must be.
    pub fn accept(&self, value: Value) -> Result<Value, String> {
        if let Some(why) = missing(&value).filter(|_| self.required) {
            return Err(why.to_owned());
        }
        if value.is_null() {
            return Ok(value);
        }
        let fitting = match self.r#type.coerce(value)? {
            Value::Array(items) if self.r#type == ParameterType::Array => {
                items.into_iter().map(|item| self.allowed(item)).collect::<Option<_>>().map(Value::Array)
            }
            other => self.allowed(other),
        };
        fitting.ok_or_else(|| {
            let listed: Vec<_> = self.allowed.iter().take(LISTED).map(Value::to_string).collect();
            format!("must be one of {}", listed.join(", "))
        })
    }

    /// Returns the allowed value that equals `value`, as it is declared. `None` if no allowed value does.
    fn allowed(&self, value: Value) -> Option<Value> {
        if self.allowed.is_empty() {
            return Some(value);
        }
        self.allowed.iter().find(|known| is_same(known, &value)).cloned()
    }
}

impl ParameterType {
    /// Converts `value` to this type, if that loses nothing: numbers and booleans are also accepted as their text, and
    /// the reverse.
    ///
    /// # Errors
    /// Says what the value must be.
    pub fn coerce(self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Self::String, value @ Value::String(_))
            | (Self::Number, value @ Value::Number(_))
            | (Self::Boolean, value @ Value::Bool(_))
            | (Self::Array, value @ Value::Array(_))
            | (Self::Object, value @ Value::Object(_)) => Ok(value),
            (Self::String, value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string().into()),
            // the text of a number that no double holds stays text
            (Self::Number, Value::String(text)) => number::number(text.trim()).ok_or_else(|| self.rule().to_owned()),
            (Self::Boolean, Value::String(text)) => match text.as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(self.rule().to_owned()),
            },
            (Self::Date, Value::String(text)) if is_date(&text) => Ok(text.into()),
            _ => Err(self.rule().to_owned()),
        }
    }

    /// Says what a value must be.
    const fn rule(self) -> &'static str {
        match self {
            Self::String => "must be text",
            Self::Number => "must be a number",
            Self::Boolean => "must be true or false",
            Self::Date => "must be a date such as 2026-01-31, or a date and time such as 2026-01-31T12:00:00Z",
            Self::Array => "must be an array",
            Self::Object => "must be an object",
        }
    }
}

fn is_date(text: &str) -> bool {
    const LOCAL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    // what MySQL stores for a missing date
    if let Some(time) = text.strip_prefix("0000-00-00") {
        return is_date(&format!("0001-01-01{time}"));
    }
    text.len() <= 40
        && (DateTime::parse_from_rfc3339(text).is_ok()
            || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
            || LOCAL.iter().any(|format| NaiveDateTime::parse_from_str(text, format).is_ok()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Parameter;
    use serde_json::{Value, json};

    fn accept(mut declared: Value, value: Value) -> Result<Value, String> {
        declared["name"] = "x".into();
        serde_json::from_value::<Parameter>(declared).unwrap().accept(value)
    }

    #[test]
    fn a_value_is_converted_if_nothing_is_lost() {
        for (kind, given, accepted) in [
            ("string", json!("a"), json!("a")),
            ("string", json!(7), json!("7")),
            ("string", json!(true), json!("true")),
            ("number", json!(1.5), json!(1.5)),
            ("number", json!(" 12 "), json!(12)),
            ("number", json!("0.5"), json!(0.5)),
            ("number", json!("-9223372036854775808"), json!(i64::MIN)),
            ("number", json!("9007199254740993"), json!(9_007_199_254_740_993_u64)),
            ("number", json!("18446744073709551615"), json!(u64::MAX)),
            ("number", json!("18446744073709551616"), json!("18446744073709551616")),
            ("number", json!("0.1234567890123456789"), json!("0.1234567890123456789")),
            ("boolean", json!("false"), json!(false)),
            ("date", json!("2026-01-31"), json!("2026-01-31")),
            ("date", json!("2026-01-31T12:00:00+01:00"), json!("2026-01-31T12:00:00+01:00")),
            ("date", json!("2026-01-31 12:00"), json!("2026-01-31 12:00")),
            ("date", json!("0000-00-00"), json!("0000-00-00")),
            ("date", json!("0000-00-00T00:00:00Z"), json!("0000-00-00T00:00:00Z")),
            ("array", json!([1, "a"]), json!([1, "a"])),
            ("object", json!({"a": 1}), json!({"a": 1})),
            ("object", json!(null), json!(null)),
        ] {
            assert_eq!(accept(json!({"type": kind}), given.clone()), Ok(accepted), "{kind}: {given}");
        }
    }

    #[test]
    fn other_values_are_refused() {
        for (kind, given, why) in [
            ("string", json!({"a": 1}), "must be text"),
            ("number", json!("many"), "must be a number"),
            ("number", json!("007"), "must be a number"),
            ("boolean", json!("yes"), "must be true or false"),
            ("boolean", json!(" true "), "must be true or false"),
            ("boolean", json!(1), "must be true or false"),
            (
                "date",
                json!("31.1.2026"),
                "must be a date such as 2026-01-31, or a date and time such as 2026-01-31T12:00:00Z",
            ),
            ("array", json!("[1, 2]"), "must be an array"),
            ("array", json!({}), "must be an array"),
            ("object", json!("{}"), "must be an object"),
        ] {
            assert_eq!(accept(json!({"type": kind}), given.clone()), Err(why.to_owned()), "{kind}: {given}");
        }
    }

    #[test]
    fn a_required_value_must_not_be_empty() {
        let required = |kind: &str, given| accept(json!({"type": kind, "required": true}), given);
        assert_eq!(required("string", json!(null)), Err("is required".to_owned()));
        for (kind, empty) in [("string", json!("")), ("array", json!([]))] {
            assert_eq!(required(kind, empty), Err("is required: it must not be empty".to_owned()));
        }
        assert_eq!(required("object", json!({})), Ok(json!({})));
    }

    #[test]
    fn an_allowed_value_is_found_by_value_and_used_as_it_is_declared() {
        let number = |allowed: Value, given| accept(json!({"type": "number", "allowed": allowed}), given);
        for (allowed, given) in [(json!(5), json!(5.0)), (json!(5.0), json!("5")), (json!(0), json!(-0.0))] {
            let bound = number(json!([1, allowed]), given).unwrap();
            assert_eq!(bound.to_string(), allowed.to_string());
        }
        for (allowed, given) in [
            (json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_993_u64)),
            (json!(9_007_199_254_740_992.0), json!("9007199254740993")),
            (json!(18_446_744_073_709_551_616.0), json!(u64::MAX)),
            (json!(5), json!(5.5)),
        ] {
            assert_eq!(number(json!([allowed]), given), Err(format!("must be one of {allowed}")));
        }
        let text = |given| accept(json!({"allowed": ["s", "m"]}), given);
        assert_eq!(
            (text(json!("m")), text(json!("xl"))),
            (Ok(json!("m")), Err("must be one of \"s\", \"m\"".to_owned()))
        );
        assert_eq!(text(json!(null)), Ok(json!(null)));
        let nested = json!({"type": "object", "allowed": [{"a": [1, 2.0]}]});
        assert_eq!(accept(nested.clone(), json!({"a": [1.0, 2]})).unwrap().to_string(), r#"{"a":[1,2.0]}"#);
        assert!(accept(nested, json!({"a": [1]})).is_err());
    }

    #[test]
    fn each_item_of_a_list_must_be_allowed() {
        let list = |given| accept(json!({"type": "array", "allowed": [1, 2]}), given);
        assert_eq!(list(json!([2.0, 1])).unwrap().to_string(), "[2,1]");
        assert_eq!(list(json!([])), Ok(json!([])));
        assert_eq!(list(json!([1, 3])), Err("must be one of 1, 2".to_owned()));
    }
}
