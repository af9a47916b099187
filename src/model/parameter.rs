//! Parameters of queries and inputs of workflows: their declarations.
use super::text::{IDENTIFIER, is_identifier};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
