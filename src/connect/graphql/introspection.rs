//! The fields of a GraphQL service's query type as tables.
use crate::{
    Error, Result,
    connect::{ColumnInfo, TableInfo},
};
use serde_json::Value;
use std::collections::HashMap;

/// Queries the types and their fields, as deep as types are wrapped.
pub(super) const QUERY: &str = "query {
  __schema {
    queryType { name }
    types { name kind fields { name description type { ...Type } } }
  }
}
fragment Type on __Type {
  name kind ofType { name kind ofType { name kind ofType { name kind ofType { name kind ofType { name kind } } } } }
}";

/// Returns a table for each field of the query type. Its columns are the fields of that field's own type.
pub(super) fn tables(data: &Value) -> Result<Vec<TableInfo>> {
    let schema = &data["__schema"];
    let types: HashMap<&str, &Value> =
        list(&schema["types"]).filter_map(|one| Some((one["name"].as_str()?, one))).collect();
    let root = schema["queryType"]["name"].as_str().and_then(|name| types.get(name));
    let root =
        root.ok_or_else(|| Error::unreachable("the server does not return its types: introspection may be disabled"))?;
    let table = |field: &Value| {
        let columns = types.get(innermost(&field["type"])).map(|one| list(&one["fields"]).map(column).collect());
        TableInfo {
            schema: None,
            name: text(&field["name"]).unwrap_or_default(),
            kind: "query".to_owned(),
            comment: text(&field["description"]),
            columns: columns.unwrap_or_default(),
        }
    };
    Ok(list(&root["fields"]).map(table).collect())
}

fn column(field: &Value) -> ColumnInfo {
    ColumnInfo {
        name: text(&field["name"]).unwrap_or_default(),
        r#type: written(&field["type"]),
        nullable: field["type"]["kind"] != "NON_NULL",
        comment: text(&field["description"]),
        ..ColumnInfo::default()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns the name of the type inside lists and non-nulls.
fn innermost(mut wrapped: &Value) -> &str {
    while wrapped["ofType"].is_object() {
        wrapped = &wrapped["ofType"];
    }
    wrapped["name"].as_str().unwrap_or_default()
}

/// Formats a type as GraphQL writes it: `[String!]!`.
fn written(wrapped: &Value) -> String {
    match wrapped["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&wrapped["ofType"])),
        Some("LIST") => format!("[{}]", written(&wrapped["ofType"])),
        _ => wrapped["name"].as_str().unwrap_or_default().to_owned(),
    }
}
