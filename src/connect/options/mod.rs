//! Validates options against the connectors' schemas. Each schema is compiled once; each problem names its field.
pub mod destination;
pub mod secrets;
pub(super) mod sensitive;

use super::{Connector, all};
pub use crate::model::schema::schema_of;
use crate::{Error, Result, model::schema::CompiledSchema};
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::LazyLock};

struct Schemas {
    options: CompiledSchema,
    query: CompiledSchema,
}

static SCHEMAS: LazyLock<HashMap<&'static str, Schemas>> = LazyLock::new(|| {
    let schemas = |connector: &'static dyn Connector| Schemas {
        options: CompiledSchema::new(connector.options_schema().to_value()),
        query: CompiledSchema::new(connector.query_schema().to_value()),
    };
    all().map(|connector| (connector.kind(), schemas(connector))).collect()
});

fn of(kind: &str) -> Result<&'static Schemas> {
    SCHEMAS.get(kind).ok_or_else(|| unknown(kind))
}

pub(super) fn unknown(kind: &str) -> Error {
    let known: Vec<_> = all().map(Connector::kind).collect();
    let message = format!("`{kind}` is not a datasource type: use one of {}", known.join(", "));
    Error::invalid("type", message)
}

/// Returns the JSON schema of a type's connection options.
pub fn schema(kind: &str) -> Result<&'static Value> {
    Ok(&of(kind)?.options.schema)
}

/// Checks connection options including their secrets.
pub fn check(kind: &str, options: &Map<String, Value>) -> Result<()> {
    of(kind)?.options.check(&Value::Object(options.clone()), "options")
}

/// Checks a query's options.
pub fn check_query(kind: &str, options: &Map<String, Value>) -> Result<()> {
    of(kind)?.query.check(&Value::Object(options.clone()), "options")
}
