//! A query's parameters: the caller's values, checked against the declarations.
use crate::{
    Error, Result,
    error::FieldProblem,
    json::{self, weight},
    model::parameter::{Parameter, ParameterType, missing},
    script::Globals,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The maximum size of all values of one call.
const BYTES: usize = 1 << 20;

/// Checked parameters: every declared name has a value of its type, or null.
#[derive(Clone, Debug, Default)]
pub struct Params {
    pub declared: Arc<[Parameter]>,
    pub values: Arc<Map<String, Value>>,
}

impl Params {
    /// Checks the caller's values and adds defaults for missing ones.
    ///
    /// # Errors
    /// `Invalid` with a problem for each invalid value, at `parameters.<name>`.
    pub fn resolve(declared: &Arc<[Parameter]>, mut given: Map<String, Value>) -> Result<Self> {
        let mut problems = Vec::new();
        let mut refuse = |name: &str, message: String| {
            problems.push(FieldProblem { path: format!("parameters.{name}"), message });
        };
        let mut values = Map::new();
        for parameter in &**declared {
            let sent = given.shift_remove_entry(&parameter.name);
            let (name, sent) = sent.unwrap_or_else(|| (parameter.name.clone(), Value::Null));
            let value = if sent.is_null() { parameter.default.clone() } else { sent };
            match check(parameter, value) {
                Ok(value) => drop(values.insert(name, value)),
                Err(message) => refuse(&parameter.name, message),
            }
        }
        for name in given.keys().take(20) {
            let known: Vec<_> = declared.iter().map(|one| one.name.as_str()).collect();
            let message = if known.is_empty() {
                "is not a parameter of this query: it has no parameters".to_owned()
            } else {
                format!("is not a parameter of this query: use one of {}", known.join(", "))
            };
            let name: String = name.chars().take(64).collect();
            refuse(&name, message);
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let values = Value::Object(values);
        if weight(&values) > BYTES {
            return Err(Error::invalid("parameters", "must not exceed 1 MiB in total"));
        }
        let Value::Object(values) = values else {
            return Ok(Self::default());
        };
        Ok(Self { declared: Arc::clone(declared), values: Arc::new(values) })
    }

    pub fn declaration(&self, name: &str) -> Option<&Parameter> {
        self.declared.iter().find(|parameter| parameter.name == name)
    }

    /// Returns the globals of templates and scripts: `params`.
    pub fn scope(&self) -> Globals {
        let mut scope = Map::new();
        scope.insert("params".to_owned(), Value::Object((*self.values).clone()));
        scope.into()
    }
}

fn check(parameter: &Parameter, value: Value) -> Result<Value, String> {
    if let Some(why) = missing(&value).filter(|_| parameter.required) {
        return Err(why.to_owned());
    }
    if value.is_null() {
        return Ok(value);
    }
    let value = coerce(parameter.r#type, value)?;
    let allowed = |value: &Value| parameter.allowed.is_empty() || parameter.allowed.contains(value);
    let fits = match &value {
        Value::Array(items) if parameter.r#type == ParameterType::Array => items.iter().all(allowed),
        other => allowed(other),
    };
    if fits {
        return Ok(value);
    }
    let list: Vec<_> = parameter.allowed.iter().take(20).map(Value::to_string).collect();
    Err(format!("must be one of {}", list.join(", ")))
}

/// Converts `value` to the declared type if that loses nothing.
pub(super) fn coerce(kind: ParameterType, value: Value) -> Result<Value, String> {
    match (kind, value) {
        (ParameterType::String, value @ Value::String(_))
        | (ParameterType::Number, value @ Value::Number(_))
        | (ParameterType::Boolean, value @ Value::Bool(_))
        | (ParameterType::Array, value @ Value::Array(_))
        | (ParameterType::Object, value @ Value::Object(_)) => Ok(value),
        (ParameterType::String, value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string().into()),
        (ParameterType::Number, Value::String(text)) => number(text.trim()),
        (ParameterType::Boolean, Value::String(text)) => match text.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("must be true or false".to_owned()),
        },
        (ParameterType::Date, Value::String(text)) if is_date(&text) => Ok(text.into()),
        (kind, _) => Err(match kind {
            ParameterType::String => "must be text",
            ParameterType::Number => "must be a number",
            ParameterType::Boolean => "must be true or false",
            ParameterType::Date => "must be a date such as 2026-01-31, or a date and time such as 2026-01-31T12:00:00Z",
            ParameterType::Array => "must be an array",
            ParameterType::Object => "must be an object",
        }
        .to_owned()),
    }
}

/// Parses a number that every database can be given exactly: an integer of 64 bits, or what a double holds.
fn number(text: &str) -> Result<Value, String> {
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(integer.into());
    }
    match json::number::number(text) {
        Some(Value::Number(number)) if number.is_f64() => Ok(number.into()),
        Some(_) => Err("must be a number with fewer digits; declare the parameter as text to keep them all".to_owned()),
        None => Err("must be a number".to_owned()),
    }
}

fn is_date(text: &str) -> bool {
    const LOCAL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    text.len() <= 40
        && (DateTime::parse_from_rfc3339(text).is_ok()
            || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
            || LOCAL.iter().any(|format| NaiveDateTime::parse_from_str(text, format).is_ok()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Params;
    use crate::{Error, model::parameter::Parameter};
    use serde_json::{Map, Value, json};
    use std::sync::Arc;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn declared() -> Arc<[Parameter]> {
        serde_json::from_value(json!([
            {"name": "n", "type": "number", "required": true},
            {"name": "s", "default": "x"},
            {"name": "b", "type": "boolean"},
            {"name": "d", "type": "date"},
            {"name": "a", "type": "array", "allowed": [1, 2]},
            {"name": "o", "type": "object"},
            {"name": "c", "allowed": ["id", "name"]},
        ]))
        .unwrap()
    }

    fn resolve(given: Value) -> Result<Value, Vec<(String, String)>> {
        match Params::resolve(&declared(), object(given)) {
            Ok(params) => Ok(Value::Object((*params.values).clone())),
            Err(Error::Invalid(problems)) => Err(problems.into_iter().map(|one| (one.path, one.message)).collect()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_converted_if_nothing_is_lost() {
        assert_eq!(
            resolve(json!({"n": " 12 ", "b": "true", "d": "2026-01-31", "a": [1], "o": {"k": 1}, "c": "id"})),
            Ok(json!({"n": 12, "s": "x", "b": true, "d": "2026-01-31", "a": [1], "o": {"k": 1}, "c": "id"}))
        );
        assert_eq!(resolve(json!({"n": "0.5", "s": 7})).unwrap()["s"], json!("7"));
        assert_eq!(resolve(json!({"n": 1})).unwrap()["b"], Value::Null);
    }

    #[test]
    fn invalid_values_are_reported_by_name() {
        for (given, path, message) in [
            (json!({}), "parameters.n", "is required"),
            (json!({"n": "1e999"}), "parameters.n", "must be a number"),
            (json!({"n": "nan"}), "parameters.n", "must be a number"),
            (json!({"n": "123456789012345678901"}), "parameters.n", "must be a number with fewer digits"),
            (json!({"n": "0.1234567890123456789"}), "parameters.n", "must be a number with fewer digits"),
            (json!({"n": 1, "b": "yes"}), "parameters.b", "must be true or false"),
            (json!({"n": 1, "d": "31.1.2026"}), "parameters.d", "must be a date"),
            (json!({"n": 1, "a": [1, 3]}), "parameters.a", "must be one of 1, 2"),
            (json!({"n": 1, "a": "1"}), "parameters.a", "must be an array"),
            (json!({"n": 1, "c": "id; drop table x"}), "parameters.c", "must be one of \"id\", \"name\""),
            (json!({"n": 1, "zz": 1}), "parameters.zz", "is not a parameter of this query: use one of n, s"),
            (json!({"n": 1, "s": {"a": 1}}), "parameters.s", "must be text"),
        ] {
            let problems = resolve(given).unwrap_err();
            assert_eq!(problems[0].0, path);
            assert!(problems[0].1.starts_with(message), "{problems:?}");
        }
        let big = json!({"n": 1, "s": "x".repeat(1 << 21)});
        assert!(resolve(big).is_err());
    }
}
