//! What operations have in common: who may call them, how they refuse, and which headers come and go.
use crate::api::documented::{meaning, status_of};
use serde_json::{Map, Value, json};

/// The path parameter in which an operation is named, and its responses by status.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Headers of answers, by their names in `components`.
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
            "description": "Seconds until the request may be sent again",
            "schema": {"type": "integer", "format": "int32", "minimum": 1},
            "example": 5,
        }),
        "RequestId": text("Names the request in the server's log; the caller's own `x-request-id` when it sent one", "01J9ZQ4"),
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

/// Every answer has a description and its headers; every path has the refusals of the server's edge.
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

/// What may answer 304 takes the header that asks for it.
fn conditional(operation: &mut Map<String, Value>) {
    if operation["responses"].get("304").is_none() {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(parameters) = parameters {
        parameters.push(json!({
            "in": "header", "name": "if-none-match", "schema": {"type": "string"},
            "description": "The `ETag` of an earlier answer: 304 without a body while the record is still the same",
        }));
    }
}
