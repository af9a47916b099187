//! Queries: saved questions to datasources, with typed parameters.
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
    /// The query itself. Matches the datasource type's `queryOptionsSchema`.
    #[serde(default)]
    pub options: Arc<Map<String, Value>>,
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub parameters: Arc<[Parameter]>,
    /// JavaScript over `data`, `columns` and `params`. Its return value replaces `data`.
    #[serde(default)]
    #[schemars(length(max = 100_000))]
    pub transformer: Option<String>,
    /// How long a result is cached. 0 disables the cache.
    #[serde(default)]
    #[schemars(range(max = 86_400))]
    pub cache_seconds: u32,
    #[serde(default = "DataQuery::default_timeout_ms")]
    #[schemars(range(min = 1, max = 600_000))]
    pub timeout_ms: u32,
    #[serde(default = "DataQuery::default_max_rows")]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_rows: u32,
    /// Whether the editor runs the query when it opens.
    #[serde(default)]
    pub run_on_load: bool,
}

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

/// Returns whether a name is at most 64 letters, digits and `_`, and does not start with a digit.
pub fn is_identifier(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
