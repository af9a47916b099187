//! The secrets of a datasource never appear in a response or in the log, whatever is done with it.
use super::support::{Client, process, stored};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The value of every secret option, also searched for in the encodings that protocols use.
const PLANTED: &str = "pl4nted-s3cret-Zq7";

/// One value for each shape that the schema allows, with `PLANTED` in every secret.
fn shapes(schema: &Value, name: &str) -> Vec<Value> {
    let secret = schema["writeOnly"] == true;
    for keyword in ["oneOf", "anyOf"] {
        if let Some(branches) = schema[keyword].as_array() {
            return branches
                .iter()
                .filter(|branch| branch["type"] != "null")
                .flat_map(|one| shapes(one, name))
                .collect();
        }
    }
    if !schema["const"].is_null() {
        return vec![schema["const"].clone()];
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return vec![first.clone()];
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("string");
    match kind {
        "object" => objects(schema),
        "array" => vec![json!([])],
        "boolean" => vec![json!(false)],
        "integer" | "number" => vec![if name == "port" { json!(1) } else { schema["minimum"].clone() }],
        _ if secret => vec![text(name)],
        _ => vec![match name {
            "host" => json!("127.0.0.1"),
            name if name.to_lowercase().ends_with("url") || name == "endpoint" => json!("http://127.0.0.1:1/"),
            _ => json!("x"),
        }],
    }
}

/// A secret, or a URL that contains it.
fn text(name: &str) -> Value {
    match name {
        "connectionString" => format!("postgresql://someone:{PLANTED}@127.0.0.1:1/x"),
        "url" => format!("redis://someone:{PLANTED}@127.0.0.1:1"),
        _ => PLANTED.to_owned(),
    }
    .into()
}

/// One object for each branch of its properties, with optional properties only if they contain a secret.
fn objects(schema: &Value) -> Vec<Value> {
    let mut all = vec![Map::new()];
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().is_some_and(|list| list.iter().any(|one| one == name));
        let is_address = ["host", "port", "user"].contains(&name.as_str());
        if !required && !is_address && !property.to_string().contains("writeOnly") {
            continue;
        }
        let values = shapes(property, name);
        let with = |(object, value): (&Map<String, Value>, &Value)| {
            let mut object = object.clone();
            object.insert(name.clone(), value.clone());
            object
        };
        all = all.iter().flat_map(|object| values.iter().map(move |value| (object, value))).map(with).collect();
    }
    all.truncate(50);
    all.into_iter().map(Value::Object).collect()
}

/// Uses a datasource in every way, and returns all responses.
async fn use_it(client: &Client, kind: &Value, options: &Value, number: usize) -> String {
    let mut responses = String::new();
    let mut record = |answer: &super::support::Answer| {
        let _ = writeln!(responses, "{:?} {}", answer.headers, answer.text);
    };
    let body = json!({"name": format!("source {number}"), "type": kind["type"], "options": options});
    record(&client.post("datasources/test", json!({"type": kind["type"], "options": options})).await);
    let created = client.post("datasources", body).await;
    record(&created);
    let Some(id) = created.body["id"].as_str().map(str::to_owned) else { return responses };
    for path in ["", "/schema", "/versions", "/versions/1"] {
        record(&client.get(&format!("datasources/{id}{path}")).await);
    }
    record(&client.post(&format!("datasources/{id}/test"), json!({})).await);
    record(&client.patch(&format!("datasources/{id}"), json!({"description": "changed"})).await);
    record(&client.post(&format!("datasources/{id}/clone"), json!({})).await);
    for (i, options) in shapes(&kind["queryOptionsSchema"], "").into_iter().enumerate().take(3) {
        let query =
            json!({"name": format!("query {number} {i}"), "datasourceID": id, "options": options, "timeoutMs": 5000});
        let created = client.post("data-queries", query).await;
        record(&created);
        let Some(query) = created.body["id"].as_str() else { continue };
        for path in ["execute", "export"] {
            record(&client.post(&format!("data-queries/{query}/{path}"), json!({})).await);
        }
        record(&client.get(&format!("data-queries/{query}/runs")).await);
    }
    responses
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_datasources_are_never_revealed() {
    let (_dir, root) = process::data_dir();
    let server = process::Process::start(&root, &["--log-level", "debug", "--allow-private-network"]);
    let account = json!({"email": "owner@example.com", "password": "correct horse", "name": "Owner"});
    let session = server.client().post("/api/v1/session/sign-up", account).await.body;
    let someone = server.client().with_token(session["idToken"].as_str().unwrap());
    let tenant = someone.post("/api/v1/tenants", json!({"name": "First"})).await.expect(201);
    let client = someone.in_tenant(super::support::client::id(&tenant));
    let types = client.get("/api/v1/datasource-types").await.expect(200);
    let (mut number, mut planted) = (0, 0);
    for kind in types["items"].as_array().unwrap() {
        for options in shapes(&kind["optionsSchema"], "") {
            number += 1;
            planted += usize::from(options.to_string().contains(PLANTED));
            let responses = use_it(&client, kind, &options, number).await;
            check(&responses, &format!("the responses for {}", kind["type"]));
        }
    }
    assert!(planted >= 6, "only {planted} secrets were planted");
    for list in ["datasources?limit=200", "audit-logs?limit=200", "data-queries?limit=200"] {
        check(&client.get(list).await.text, list);
    }
    check(&server.log(), "the log");
    for form in forms() {
        assert!(!stored::contains(&root, &form), "the database contains {form}");
    }
}

/// The secret as it is, and as Basic authentication sends it.
fn forms() -> [String; 2] {
    use base64::{Engine, engine::general_purpose::STANDARD};
    [PLANTED.to_owned(), STANDARD.encode(format!("x:{PLANTED}"))]
}

#[track_caller]
fn check(text: &str, place: &str) {
    for form in forms() {
        if let Some(at) = text.find(&form) {
            let around: String = text[..at].chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{place} contains a secret, after: {around}");
        }
    }
}
