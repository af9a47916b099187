#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::json;
use std::collections::HashSet;

#[test]
fn every_type_has_what_forms_and_checks_need() {
    let mut kinds = HashSet::new();
    for kind in catalog() {
        assert!(kinds.insert(kind.r#type), "{} is listed twice", kind.r#type);
        assert!(!kind.name.is_empty() && !kind.category.is_empty() && !kind.description.is_empty());
        let schema = kind.config_schema.clone().to_value();
        assert!(!schema.to_string().contains("\"$ref\""), "{} contains a reference", kind.r#type);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property["title"].is_string(), "{}.{name} has no title", kind.r#type);
        }
        jsonschema::draft202012::new(&schema).unwrap();
    }
    assert!(kinds.contains("start") && find("nothing").is_none());
}

/// The schema, which generates the form, and the check must accept the same configs.
#[test]
fn schemas_accept_what_checks_accept() {
    let query = "0198c5f6-0000-7000-8000-000000000000";
    let configs = [
        ("start", json!({})),
        ("dataQuery", json!({"queryID": query})),
        ("dataQuery", json!({"queryID": query, "parameters": {"a": "{{ input.a }}", "b": [1, null]}})),
        ("javascript", json!({"code": "return 1"})),
        ("condition", json!({"branches": [{"id": "a", "label": "A", "when": "input.a"}]})),
        (
            "condition",
            json!({"branches": [{"id": "a", "when": {"match": "any", "rows": [{"left": 1, "operator": "in", "right": [1]}]}}]}),
        ),
        ("delay", json!({"for": "5s"})),
        ("delay", json!({"until": "2026-01-31T12:00:00Z"})),
        ("httpRequest", json!({"url": "https://example.com/{{ input.id }}"})),
        (
            "httpRequest",
            json!({
                "method": "PUT", "url": "{{ vars.url }}", "query": {"a": [1, null]}, "headers": {"X-A": "{{ input.a }}"},
                "auth": {"type": "apiKey", "name": "key", "value": "{{ vars.key }}", "in": "query"}, "body": {"a": 1},
                "bodyType": "form", "expectStatus": "200, 4xx", "response": "text", "followRedirects": false,
            }),
        ),
        ("httpRequest", json!({"url": "https://example.com", "auth": {"type": "basic", "username": "u"}})),
        ("set", json!({"values": {"a": "{{ input.a }}", "b": [null]}})),
        ("switch", json!({"value": "{{ input.a }}", "cases": [{"id": "a", "label": "A", "equals": {"b": 1}}]})),
        ("join", json!({"mode": "count", "count": 2})),
        ("email", json!({"to": ["a@example.com"], "subject": "{{ input.s }}", "text": "x", "html": "<p>x</p>"})),
        ("notify", json!({"url": "{{ vars.hook }}", "text": "x", "format": "teams"})),
        ("respond", json!({"status": "{{ input.status }}", "headers": {"X-A": 1}, "body": [1]})),
        ("end", json!({"output": {"a": 1}, "status": "failed", "terminate": true})),
    ];
    for (kind, config) in configs {
        let node = find(kind).unwrap();
        assert!(node.check(config.as_object().unwrap()).is_ok(), "{kind} {config}");
        let schema = node.schema().to_value();
        assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&config), "{kind} {config} {schema}");
        let mut odd = config.clone();
        odd["unknown"] = json!(1);
        assert!(node.check(odd.as_object().unwrap()).is_err(), "{kind} {odd}");
        assert!(!jsonschema::draft202012::new(&schema).unwrap().is_valid(&odd), "{kind} {odd}");
    }
}
