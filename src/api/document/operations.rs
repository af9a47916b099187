//! Adds what all operations have in common: security, error responses and headers.
use crate::api::responses::documented::{meaning, status_of};
use serde_json::{Map, Value, json};

/// The fields of a path item that hold operations.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Returns the response headers, by their names in `components`.
fn headers() -> Value {
    let text =
        |about: &str, example: &str| json!({"description": about, "schema": {"type": "string"}, "example": example});
    json!({
        "ETag": text("The record's version, for `If-Match` and `If-None-Match`", "\"3\""),
        "Location": text(
            "The path of the new record",
            "/api/v1/tenants/0193a3f0-4b7e-7c3a-9f5e-2d1c8a6b4e70/widgets/0193a3f1-0c2d-7e4f-8a9b-1c2d3e4f5a6b",
        ),
        "RetryAfter": json!({
            "description": "Seconds to wait before a retry",
            "schema": {"type": "integer", "format": "int32", "minimum": 1},
            "example": 5,
        }),
        "RequestId": text(
            "Identifies the request in the server's log; the client's own `x-request-id` if it sent one",
            "01J9ZQ4",
        ),
    })
}

pub(super) fn complete(document: &mut Value) {
    document["components"]["headers"] = headers();
    let Some(Value::Object(paths)) = document.get_mut("paths") else { return };
    for (path, item) in paths {
        let Value::Object(item) = item else { continue };
        for (_, operation) in item.iter_mut().filter(|(method, _)| METHODS.contains(&method.as_str())) {
            if let Value::Object(operation) = operation {
                refusals(path, operation);
                conditional(operation);
                operation.entry("security").or_insert_with(|| json!([]));
            }
        }
    }
}

/// Gives every response a description and headers, and every path the error responses that apply before routing.
fn refusals(path: &str, operation: &mut Map<String, Value>) {
    let common: &[u16] = match path {
        _ if path.starts_with("/api/") => &[421, 429, 503],
        _ if path.starts_with("/hooks/") => &[408, 431],
        _ => &[421],
    };
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    let error = json!({"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}});
    for code in common {
        responses.entry(code.to_string()).or_insert_with(|| json!({"description": meaning(*code), "content": error}));
    }
    for (code, response) in responses.iter_mut() {
        if response["description"].as_str().unwrap_or_default().is_empty() {
            response["description"] = meaning(status_of(code)).into();
        }
        let headers = response.as_object_mut().map(|response| response.entry("headers").or_insert_with(|| json!({})));
        let Some(Value::Object(headers)) = headers else { continue };
        headers.insert("x-request-id".to_owned(), json!({"$ref": "#/components/headers/RequestId"}));
        if matches!(code.as_str(), "429" | "503") {
            headers.insert("Retry-After".to_owned(), json!({"$ref": "#/components/headers/RetryAfter"}));
        }
    }
    responses.sort_keys();
}

/// Adds the parameter `if-none-match` to operations that may respond with 304.
fn conditional(operation: &mut Map<String, Value>) {
    if operation["responses"].get("304").is_none() {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(parameters) = parameters {
        parameters.push(json!({
            "in": "header", "name": "if-none-match", "schema": {"type": "string"},
            "description": "The `ETag` of an earlier response; if the record has not changed, the response is 304",
        }));
    }
}
