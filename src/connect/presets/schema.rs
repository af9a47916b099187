//! The fields of a preset as JSON Schema, from which its forms are drawn and its queries are checked.
use super::spec::{PresetField, PresetFieldType, PresetSpec};
use crate::connect::{options::schema_of, restapi};
use serde_json::{Map, Value, json};

/// Matches text that contains a template.
const TEMPLATE: &str = r"\{\{";

/// Returns the schema of the datasource's options.
pub(super) fn options(spec: &PresetSpec) -> Value {
    let common = schema_of::<restapi::RestApiOptions>().to_value();
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    let own_server = spec.base_url.is_empty();
    let mut base = common["properties"]["baseUrl"].clone();
    if own_server {
        base["description"] = "The URL of the server, such as `https://server.example.com:8443`.".into();
        properties.insert("baseUrl".to_owned(), base.clone());
        required.push("baseUrl".into());
    }
    for option in &spec.options {
        properties.insert(option.name.clone(), option_schema(option));
        if option.required {
            required.push(option.name.clone().into());
        }
    }
    let mut taken = vec!["timeoutMs"];
    if spec.auth.is_none() {
        taken.insert(0, "auth");
    }
    if own_server {
        taken.extend(["sslCa", "sslCert", "sslKey"]);
    }
    for name in taken {
        properties.insert(name.to_owned(), common["properties"][name].clone());
    }
    if !own_server {
        base["title"] = "Custom base URL".into();
        base["description"] = format!("Replaces `{}`, for example with the URL of a proxy.", address(spec)).into();
        base["x-group"] = "Advanced".into();
        base["type"] = json!(["string", "null"]);
        properties.insert("baseUrl".to_owned(), base);
    }
    json!({
        "type": "object", "description": spec.description, "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

/// Returns the base URL as people read it, with the labels of the options in it.
fn address(spec: &PresetSpec) -> String {
    spec.options.iter().fold(spec.base_url.clone(), |url, option| {
        url.replace(&format!("{{{{ options.{} }}}}", option.name), &format!("<{}>", option.label.to_lowercase()))
    })
}

fn option_schema(option: &PresetField) -> Value {
    let mut schema = match option.r#type {
        PresetFieldType::Number => json!({"type": "number"}),
        PresetFieldType::Boolean => json!({"type": "boolean"}),
        PresetFieldType::Enum => json!({"type": "string", "enum": option.values}),
        _ => json!({"type": "string", "maxLength": 8000}),
    };
    if let Some(pattern) = &option.pattern {
        schema["pattern"] = pattern.as_str().into();
    }
    if option.secret {
        schema["writeOnly"] = true.into();
    }
    if option.required && option.r#type == PresetFieldType::String {
        schema["minLength"] = 1.into();
    }
    if !option.required && option.r#type == PresetFieldType::String {
        schema["type"] = json!(["string", "null"]);
    }
    titled(schema, option)
}

/// Returns the schema of a query: one of the operations, and its fields.
pub(super) fn query(spec: &PresetSpec) -> Value {
    let operations = spec.operations.iter().map(|operation| {
        let mut properties = Map::new();
        let constant = json!({"type": "string", "const": operation.name, "title": "Operation"});
        properties.insert("operation".to_owned(), constant);
        properties.extend(operation.fields.iter().map(|field| (field.name.clone(), field_schema(field))));
        let required = operation.fields.iter().filter(|field| field.required).map(|field| field.name.as_str());
        let required: Vec<_> = std::iter::once("operation").chain(required).collect();
        json!({
            "type": "object", "title": operation.label, "description": operation.description,
            "properties": properties, "required": required, "additionalProperties": false,
        })
    });
    json!({"type": "object", "description": "An operation of the service", "oneOf": operations.collect::<Vec<_>>()})
}

/// Returns the schema of a field. Any field can be a template, whatever type its value has.
fn field_schema(field: &PresetField) -> Value {
    let number = format!("{TEMPLATE}|^\\s*-?[0-9.eE+-]+\\s*$|^$");
    let mut schema = match field.r#type {
        PresetFieldType::String | PresetFieldType::Date => json!({"type": ["string", "number", "boolean", "null"]}),
        PresetFieldType::Number => json!({"type": ["string", "number", "null"], "pattern": number}),
        PresetFieldType::Boolean => {
            json!({"type": ["string", "boolean", "null"], "pattern": format!("{TEMPLATE}|^(true|false|)$")})
        }
        PresetFieldType::Enum => {
            json!({"anyOf": [{"type": "string", "enum": field.values}, {"type": "string", "pattern": TEMPLATE}]})
        }
        PresetFieldType::Object => json!({"type": ["object", "string", "null"]}),
        PresetFieldType::Array => json!({"type": ["array", "string", "null"]}),
        PresetFieldType::Sql => json!({"type": "string", "minLength": 1, "maxLength": 100_000, "format": "sql"}),
    };
    if matches!(field.r#type, PresetFieldType::String | PresetFieldType::Date) {
        schema["maxLength"] = 100_000.into();
    }
    if field.required
        && let Some(Value::Array(types)) = schema.get_mut("type")
    {
        types.retain(|one| one != "null");
    }
    titled(schema, field)
}

fn titled(mut schema: Value, field: &PresetField) -> Value {
    schema["title"] = field.label.as_str().into();
    if !field.description.is_empty() {
        schema["description"] = field.description.as_str().into();
    }
    if let Some(default) = &field.default {
        schema["default"] = default.clone();
    }
    schema
}
