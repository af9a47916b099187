//! Checks the input of a run against the inputs that its workflow declares.
use crate::{
    Error, Result,
    error::FieldProblem,
    model::{Json, Parameter},
};
use serde_json::{Map, Value};

/// Applies defaults, coerces types and checks required values. Problems have the path `input.<name>`. A workflow
/// without declared inputs accepts any input.
pub(super) fn resolve(declared: &[Parameter], given: Value) -> Result<Value> {
    resolve_as("input", declared, given)
}

/// Like [`resolve`] for JSON text, which is parsed only if there is something to check.
pub(super) fn resolve_text(declared: &[Parameter], given: Json) -> Result<Json> {
    match (declared.is_empty(), given.is_null()) {
        (true, true) => Json::of(&Map::new()),
        (true, false) => Ok(given),
        (false, _) => Json::of(&resolve(declared, given.value()?)?),
    }
}

/// Like [`resolve`] for any form. `root` is the first part of its paths.
pub(super) fn resolve_as(root: &str, declared: &[Parameter], given: Value) -> Result<Value> {
    if declared.is_empty() {
        return Ok(if given.is_null() { Value::Object(Map::new()) } else { given });
    }
    let mut given = match given {
        Value::Null => Map::new(),
        Value::Object(given) => given,
        _ => return Err(Error::invalid(root, "must be an object with the values of the fields")),
    };
    let mut problems = Vec::new();
    let mut resolved = Map::new();
    for input in declared {
        let value = given.shift_remove(&input.name).filter(|value| !value.is_null());
        match input.accept(value.unwrap_or_else(|| input.default.clone())) {
            Ok(value) => {
                resolved.insert(input.name.clone(), value);
            }
            Err(message) => problems.push(FieldProblem { path: format!("{root}.{}", input.name), message }),
        }
    }
    for name in given.keys() {
        let known = declared.iter().map(|input| format!("`{}`", input.name)).collect::<Vec<_>>().join(", ");
        let message = format!("is not a declared field; the declared fields are {known}");
        problems.push(FieldProblem { path: format!("{root}.{name}"), message });
    }
    if problems.is_empty() { Ok(Value::Object(resolved)) } else { Err(Error::Invalid(problems)) }
}

/// Like [`resolve_as`] with all fields optional: checks only the given values and adds no defaults.
pub(super) fn resolve_given(root: &str, declared: &[Parameter], mut given: Value) -> Result<Value> {
    if let Value::Object(fields) = &mut given {
        fields.retain(|_, value| !value.is_null());
    }
    let optional = |input: &Parameter| Parameter { required: false, default: Value::Null, ..input.clone() };
    let declared: Vec<Parameter> = declared.iter().map(optional).collect();
    let mut resolved = resolve_as(root, &declared, given)?;
    if let Value::Object(fields) = &mut resolved {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(resolved)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn declared() -> Vec<Parameter> {
        let inputs = json!([
            {"name": "country", "type": "string", "required": true},
            {"name": "limit", "type": "number", "default": 10},
            {"name": "since", "type": "date"},
            {"name": "ids", "type": "array"},
            {"name": "dry", "type": "boolean", "default": false},
            {"name": "size", "type": "string", "allowed": ["s", "m"]},
        ]);
        serde_json::from_value(inputs).unwrap()
    }

    #[test]
    fn values_get_defaults_and_are_coerced() {
        let given = json!({"country": 49, "limit": "20", "since": "2026-01-31", "ids": [1, 2], "dry": "true"});
        assert_eq!(
            resolve(&declared(), given).unwrap(),
            json!({"country": "49", "limit": 20, "since": "2026-01-31", "ids": [1, 2], "dry": true, "size": null})
        );
        assert_eq!(resolve(&[], json!([1])).unwrap(), json!([1]));
        assert_eq!(resolve(&[], Value::Null).unwrap(), json!({}));
    }

    #[test]
    fn only_given_values_are_checked_when_all_fields_are_optional() {
        let resolve = |given| resolve_given("data", &declared(), given);
        assert_eq!(resolve(json!({"size": "s", "limit": "3", "dry": null})).unwrap(), json!({"size": "s", "limit": 3}));
        assert_eq!(resolve(Value::Null).unwrap(), json!({}));
        for wrong in [json!({"size": "xl"}), json!({"colour": 1}), json!("no")] {
            assert!(resolve(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_problem_names_its_input() {
        let given = json!({"limit": "many", "since": "soon", "ids": {}, "dry": 1, "size": "xl", "colour": 1});
        let Err(Error::Invalid(problems)) = resolve(&declared(), given) else { panic!("accepted") };
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(
            paths,
            ["input.country", "input.limit", "input.since", "input.ids", "input.dry", "input.size", "input.colour"]
        );
        assert!(resolve(&declared(), json!(1)).is_err());
    }
}
