//! A query's parameters: the caller's values, checked against the declarations.
use crate::{
    Error, Result,
    error::FieldProblem,
    json::weight,
    model::{Parameter, parameter::ParameterType},
    script::Globals,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// The maximum size of all values of one call.
const BYTES: usize = 1 << 20;

/// Checked parameters: every declared name has a value of its type, or null.
#[derive(Clone, Debug, Default)]
pub struct Params {
    pub declared: Arc<[Parameter]>,
    pub values: Arc<Map<String, Value>>,
}

/// What a caller sends for a query's parameters. A parameter that is not mentioned has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GivenParameters {
    /// Null is no value: the default applies.
    pub values: Map<String, Value>,
    /// Parameters that something sets which has no value, such as a variable.
    pub unset: BTreeMap<String, Unset>,
}

/// What sets a parameter, but has no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unset {
    /// Such as `vars.region`; an empty text if it is unknown.
    pub source: String,
    /// Whether it exists where the query is used: then someone cleared it, the parameter is null, whatever its default
    /// is, and a required one is refused. Otherwise the default applies, if there is one.
    pub is_defined: bool,
}

impl Unset {
    /// Returns whether the parameter has its default.
    fn leaves_default(&self, parameter: &Parameter) -> bool {
        !self.is_defined && !parameter.default.is_null()
    }
}

impl From<Map<String, Value>> for GivenParameters {
    fn from(values: Map<String, Value>) -> Self {
        Self { values, unset: BTreeMap::new() }
    }
}

/// Said of the text of a number that no double holds.
const DIGITS: &str = "must be a number with fewer digits; declare it as text to keep them all";

impl Params {
    /// Checks the caller's values and adds defaults for missing ones.
    ///
    /// # Errors
    /// `NoValue` for a required parameter that has no value because of what sets it, and otherwise `Invalid` with a
    /// problem for each invalid value, at `parameters.<name>`.
    pub fn resolve(declared: &Arc<[Parameter]>, given: impl Into<GivenParameters>) -> Result<Self> {
        let GivenParameters { values: mut given, unset } = given.into();
        let waits = |one: &Parameter| {
            unset.get(&one.name).filter(|by| one.required && !by.source.is_empty() && !by.leaves_default(one))
        };
        if let Some(by) = declared.iter().find_map(waits) {
            return Err(Error::NoValue(by.source.clone()));
        }
        let mut problems = Vec::new();
        let mut refuse = |name: &str, message: String| {
            problems.push(FieldProblem { path: format!("parameters.{name}"), message });
        };
        let mut values = Map::new();
        for parameter in &**declared {
            let sent = given.shift_remove_entry(&parameter.name);
            let (name, sent) = sent.unwrap_or_else(|| (parameter.name.clone(), Value::Null));
            let is_default = sent.is_null() && unset.get(&name).is_none_or(|by| by.leaves_default(parameter));
            let value = if is_default { parameter.default.clone() } else { sent };
            match parameter.accept(value) {
                // a database would take it for text
                Ok(Value::String(_)) if parameter.r#type == ParameterType::Number => {
                    refuse(&parameter.name, DIGITS.to_owned());
                }
                Ok(value) => drop(values.insert(name, value)),
                Err(message) => refuse(&parameter.name, message),
            }
        }
        let is_declared = |name: &&String| declared.iter().any(|one| one.name == **name);
        for name in given.keys().chain(unset.keys().filter(|name| !is_declared(name))).take(20) {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{GivenParameters, Params, Unset};
    use crate::{Error, model::Parameter};
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
    fn what_has_no_value_is_null_and_not_the_default() {
        let by = |name: &str, is_defined| Unset { source: format!("vars.{name}"), is_defined };
        let unset = |name: &str, is_defined| {
            let unset = [(name.to_owned(), by(name, is_defined))].into();
            Params::resolve(&declared(), GivenParameters { values: object(json!({"n": 1})), unset })
        };
        assert_eq!(unset("s", true).unwrap().values["s"], Value::Null);
        // no variable has this name: nobody cleared it
        assert_eq!(unset("s", false).unwrap().values["s"], json!("x"));
        let missing = [("n".to_owned(), by("n", false))].into();
        let waits = GivenParameters { unset: missing, ..GivenParameters::default() };
        assert!(matches!(Params::resolve(&declared(), waits), Err(Error::NoValue(source)) if source == "vars.n"));
        let unknown = unset("zz", true).unwrap_err().to_string();
        assert!(unknown.starts_with("parameters.zz: is not a parameter of this query"), "{unknown}");
        assert_eq!(resolve(json!({"n": 1, "s": null})).unwrap()["s"], json!("x"));
    }

    #[test]
    fn invalid_values_are_reported_by_name() {
        for (given, path, message) in [
            (json!({}), "parameters.n", "is required"),
            (json!({"n": "1e999"}), "parameters.n", "must be a number with fewer digits"),
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
