//! Data queries: a saved question to a datasource, with typed parameters.
use super::{Datasource, Kind, Link, Resource, text::IDENTIFIER};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// A saved, parametrised query.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataQuery {
    #[serde(rename = "datasourceID")]
    pub datasource_id: Uuid,
    /// What to ask, shaped by the datasource type's `queryOptionsSchema`.
    #[serde(default)]
    pub options: Arc<Map<String, Value>>,
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub parameters: Arc<[Parameter]>,
    /// JavaScript over `data`, `columns` and `params`; what it returns becomes `data`.
    #[serde(default)]
    #[schemars(length(max = 100_000))]
    pub transformer: Option<String>,
    /// How long an answer may be reused; 0 means never.
    #[serde(default)]
    #[schemars(range(max = 86_400))]
    pub cache_seconds: u32,
    #[serde(default = "DataQuery::default_timeout_ms")]
    #[schemars(range(min = 1, max = 600_000))]
    pub timeout_ms: u32,
    #[serde(default = "DataQuery::default_max_rows")]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_rows: u32,
    /// Whether editors run it as soon as they open it.
    #[serde(default)]
    pub run_on_load: bool,
}

/// A declared input of a query or a workflow.
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
    /// Used when the caller sends nothing.
    #[serde(default)]
    pub default: Value,
    #[serde(default)]
    pub description: String,
    /// The only values allowed; empty means any. Required for `ident(params.x)`.
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

/// What is wrong with a value where one is required: null is none, and an empty text or an empty list is as good as none.
pub fn missing(value: &Value) -> Option<&'static str> {
    let is_empty = match value {
        Value::Null => return Some("is required"),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    is_empty.then_some("is required: it must not be empty")
}

impl DataQuery {
    fn default_timeout_ms() -> u32 {
        30_000
    }
    fn default_max_rows() -> u32 {
        10_000
    }
}

impl Resource for DataQuery {
    const KIND: Kind = Kind {
        name: "dataquery",
        plural: "data-queries",
        id: "queryID",
        schema: "DataQuery",
        label: "query",
        lends: Some("dataquery:execute"),
    };

    fn check(&self) -> Result<()> {
        check_parameters(&self.parameters, "parameters")?;
        within("cacheSeconds", self.cache_seconds, 0, 86_400)?;
        within("timeoutMs", self.timeout_ms, 1, 600_000)?;
        within("maxRows", self.max_rows, 1, 100_000)?;
        match &self.transformer {
            Some(code) if code.len() > 100_000 => Err(Error::invalid("transformer", "must be at most 100 000 bytes")),
            _ => Ok(()),
        }
    }

    fn links(&self) -> Vec<Link> {
        let (path, kind) = ("datasourceID".to_owned(), &Datasource::KIND);
        vec![Link { path, kind, id: self.datasource_id, given: Value::Null }]
    }
}

fn within(field: &str, value: u32, low: u32, high: u32) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("must be from {low} to {high}")))
}

/// At most 100 parameters, each an identifier used once.
pub fn check_parameters(parameters: &[Parameter], path: &str) -> Result<()> {
    if parameters.len() > 100 {
        return Err(Error::invalid(path, "must be at most 100"));
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

/// Letters, digits and `_`, not starting with a digit, at most 64 characters.
pub fn is_identifier(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
