//! A stored secret is sent only to the destination that it was entered for.
use super::{make, upstream, world};
use crate::support::{Answer, Client};
use jet_admin::connect::{self, Connector, destination, secrets};
use serde_json::{Map, Value, json};

/// The options that can change while stored secrets are kept. Before you add one, consider: can it decide where a
/// secret is sent, how securely, or on whose behalf?
const HARMLESS: &[&str] = &[
    "clickhouse timeoutMs",
    "elasticsearch timeoutMs",
    "graphql headers",
    "graphql timeoutMs",
    "mysql connectTimeoutMs",
    "mysql poolSize",
    "mysql readOnly",
    "postgresql connectTimeoutMs",
    "postgresql poolSize",
    "postgresql readOnly",
    "redis connectTimeoutMs",
    "redis poolSize",
    "redis readOnly",
    "restapi headers",
    "restapi queryParams",
    "restapi timeoutMs",
];
/// Secrets that are URLs themselves: when they change, the other secrets must be entered again.
const ADDRESSES: &[&str] = &["mysql connectionString", "postgresql connectionString", "redis url"];

fn schemas() -> Vec<(&'static str, Value)> {
    connect::all().map(|connector| (connector.kind(), Connector::options_schema(connector).to_value())).collect()
}

/// The options with a mark in their schema, as `<kind> <name>`.
fn marked(mark: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (kind, schema) in schemas() {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // every preset has the timeout of a REST API
            let common = name == "timeoutMs" && !HARMLESS.contains(&format!("{kind} timeoutMs").as_str());
            if property[mark] == true && !common {
                found.push(format!("{kind} {name}"));
            }
            let below = property.to_string().matches(&format!("\"{mark}\":true")).count();
            assert_eq!(below, usize::from(property[mark] == true), "{kind} {name} has {mark} in a nested schema");
        }
    }
    found.sort();
    found
}

#[test]
fn only_listed_options_can_change_while_secrets_are_kept() {
    assert_eq!(marked("x-harmless"), HARMLESS);
    assert_eq!(marked("x-destination"), ADDRESSES);
}

/// Options of every shape that the schema allows, with every option set.
fn shapes(schema: &Value) -> Vec<Value> {
    for keyword in ["oneOf", "anyOf"] {
        if let Some(branches) = schema[keyword].as_array() {
            return branches.iter().filter(|one| one["type"] != "null").flat_map(shapes).collect();
        }
    }
    if !schema["const"].is_null() {
        return vec![schema["const"].clone()];
    }
    if let Some(choices) = schema["enum"].as_array() {
        return choices.iter().filter(|one| !one.is_null()).take(1).cloned().collect();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("string");
    match kind {
        "object" => {
            let mut all = vec![Map::new()];
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                let values = shapes(property);
                let with = |object: &Map<String, Value>, value: &Value| {
                    let mut object = object.clone();
                    object.insert(name.clone(), value.clone());
                    object
                };
                all = all.iter().flat_map(|object| values.iter().map(move |value| with(object, value))).collect();
            }
            all.into_iter().map(Value::Object).collect()
        }
        "array" => vec![json!([{"name": "Authorization", "value": "Bearer list-secret"}])],
        "boolean" => vec![json!(true)],
        "integer" | "number" => vec![json!(4321)],
        _ => vec![json!("some-text")],
    }
}

/// Collects the JSON pointers of all leaf values.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &format!("{path}/{name}"), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn changing_any_other_option_requires_the_secrets_again() {
    let (mut kinds, mut tried) = (0, 0);
    for (kind, schema) in schemas() {
        let mut has_secrets = false;
        for shape in shapes(&schema) {
            let (open, sealed) = secrets::split(&schema, shape.as_object().unwrap().clone());
            if sealed.is_empty() {
                continue;
            }
            has_secrets = true;
            let set: Vec<String> = sealed.keys().cloned().collect();
            let before = destination::StoredDatasource { options: &open, secrets: Some(sealed.clone()) };
            let mut pointers = Vec::new();
            leaves(&Value::Object(open.clone()), "", &mut pointers);
            for pointer in pointers {
                let mut given = Value::Object(destination::marked(&schema, &open, &set));
                let place = given.pointer_mut(&pointer).unwrap();
                *place = match place {
                    Value::Bool(value) => json!(!*value),
                    Value::Number(_) => json!(7),
                    Value::Array(_) => json!([{"name": "Authorization"}, {"name": "More", "value": "m"}]),
                    _ => json!("another"),
                };
                let name = pointer.trim_start_matches('/').to_owned();
                let harmless = name == "timeoutMs" || HARMLESS.contains(&format!("{kind} {name}").as_str());
                let settled = destination::settle(&schema, given.as_object().unwrap().clone(), Some(&before));
                match settled {
                    Ok(options) => {
                        // the secrets of a variant are dropped when another variant is selected
                        let (_, remaining) = secrets::split(&schema, options);
                        let is_dropped = pointer.ends_with("/type") && remaining.len() < sealed.len();
                        assert!(harmless || is_dropped, "{kind}: {name} can change while {set:?} are kept");
                    }
                    Err(error) => {
                        let message = error.to_string();
                        assert!(!harmless && message.contains("enter it again because"), "{kind} {name}: {message}");
                        tried += 1;
                    }
                }
            }
        }
        kinds += usize::from(has_secrets);
    }
    assert!(kinds >= 14 && tried > 100, "{kinds} kinds, {tried} options");
}

/// The paths of a refusal's details, and the message of the first.
#[track_caller]
fn secrets_required(answer: Answer) -> (Vec<String>, String) {
    let body = answer.expect(400);
    let details = body["error"]["details"].as_array().unwrap();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    (details.iter().map(|one| text(one, "path")).collect(), text(&details[0], "message"))
}

async fn test(client: &Client, id: &str) {
    client.post(&format!("datasources/{id}/test"), json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_datasource_does_not_reveal_its_secrets() {
    let (_server, client) = world().await;
    let (own, attacker) = (upstream().await, upstream().await);
    let secret = "SUPER-SECRET-TOKEN";
    let options = json!({
        "baseUrl": own.url(), "auth": {"type": "bearer", "token": secret},
        "headers": [{"name": "X-Api-Key", "value": secret}],
    });
    let id = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    test(&client, &id).await;
    assert_eq!(own.take()[0].header("authorization"), format!("Bearer {secret}"));
    let copy = client.post(&format!("datasources/{id}/clone"), json!({})).await.expect(201);
    let copy = copy["id"].as_str().unwrap().to_owned();
    for id in [&id, &copy] {
        let path = format!("datasources/{id}");
        let (paths, message) =
            secrets_required(client.patch(&path, json!({"options": {"baseUrl": attacker.url()}})).await);
        assert_eq!(paths, ["options.auth.token", "options.headers[0].value"]);
        assert_eq!(message, "enter it again because options.baseUrl changed");
        for change in [
            json!({"baseUrl": attacker.url(), "auth": {"token": "new-token"}}),
            json!({"baseUrl": attacker.url(), "headers": []}),
            json!({"sslCa": "x"}),
            json!({"auth": {"type": "apiKey", "name": "x", "value": "y"}, "baseUrl": attacker.url()}),
        ] {
            secrets_required(client.patch(&path, json!({"options": change})).await);
        }
        // the refused requests have changed nothing, and the clone uses the same URL as the original
        test(&client, id).await;
        assert_eq!(own.take()[0].header("x-api-key"), secret);
        // harmless options can change
        client.patch(&path, json!({"options": {"timeoutMs": 5000}, "description": "d"})).await.expect(200);
        test(&client, id).await;
        assert_eq!(own.take()[0].header("authorization"), format!("Bearer {secret}"));
        // with new secrets, or without any, the destination can change
        let moved = json!({"baseUrl": attacker.url(), "auth": {"token": "new-token"}, "headers": []});
        client.patch(&path, json!({"options": moved})).await.expect(200);
        test(&client, id).await;
        let seen = attacker.take();
        assert_eq!(seen[0].header("authorization"), "Bearer new-token");
        assert!(!format!("{seen:?}").contains(secret));
        // restoring the options of an old version is a change like any other
        let back = json!({"options": {"baseUrl": own.url()}});
        secrets_required(client.patch(&path, back).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_sent_to_another_server_or_unencrypted() {
    let (_server, client) = world().await;
    for kind in ["postgresql", "mysql", "redis"] {
        let secret = "PG-PASSWORD-1";
        let database = if kind == "redis" { json!(1) } else { json!("d") };
        let options = json!({
            "host": "db.example.com", "port": 5432, "user": "u", "database": database, "password": secret,
            "sslMode": "verify-full",
        });
        let id = make(&client, "datasources", json!({"name": kind, "type": kind, "options": options})).await;
        let path = format!("datasources/{id}");
        let other = if kind == "redis" { json!(2) } else { json!("e") };
        for (change, field) in [
            (json!({"host": "127.0.0.1"}), "host"),
            (json!({"port": 1}), "port"),
            (json!({"user": "x"}), "user"),
            (json!({"database": other}), "database"),
            (json!({"sslMode": "require"}), "sslMode"),
            (json!({"sslMode": null}), "sslMode"),
            (json!({"sslCa": "x"}), "sslCa"),
        ] {
            let (paths, message) = secrets_required(client.patch(&path, json!({"options": change})).await);
            assert_eq!(paths, ["options.password"], "{kind} {change}");
            assert_eq!(message, format!("enter it again because options.{field} changed"), "{kind} {change}");
        }
        let address = if kind == "redis" { "url" } else { "connectionString" };
        let scheme = if kind == "redis" { "redis" } else { kind };
        let (paths, _) = secrets_required(
            client.patch(&path, json!({"options": {address: format!("{scheme}://x@127.0.0.1:1/d")}})).await,
        );
        assert_eq!(paths, ["options.password"], "{kind}");
        for change in [json!({"poolSize": 3}), json!({"readOnly": true}), json!({"connectTimeoutMs": 1000})] {
            let updated = client.patch(&path, json!({"options": change})).await.expect(200);
            assert_eq!(updated["secrets"], json!(["password"]), "{kind}");
        }
        client.patch(&path, json!({"options": {"host": "127.0.0.1", "password": "new-one"}})).await.expect(200);
        let cleared =
            client.patch(&path, json!({"options": {"host": "x.example", "password": null}})).await.expect(200);
        assert_eq!(cleared["secrets"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_secret_and_its_token_are_not_sent_to_another_server() {
    let (_server, client) = world().await;
    let token =
        |_: &crate::support::recorder::Seen| super::answer(&json!({"access_token": "f3tched", "expires_in": 3600}));
    let own = crate::support::recorder::Recorder::start(token).await;
    let attacker = crate::support::recorder::Recorder::start(token).await;
    let auth = json!({
        "type": "oauth2", "tokenUrl": format!("{}/token", own.url()), "clientID": "c", "clientSecret": "cl1ent-secret",
    });
    let options = json!({"baseUrl": own.url(), "auth": auth});
    let id = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    let path = format!("datasources/{id}");
    test(&client, &id).await;
    for change in [
        json!({"baseUrl": attacker.url()}),
        json!({"auth": {"tokenUrl": format!("{}/token", attacker.url())}}),
        json!({"auth": {"clientID": "d"}}),
        json!({"auth": {"clientAuth": "body"}}),
        json!({"auth": {"scope": "all"}}),
    ] {
        let (paths, _) = secrets_required(client.patch(&path, json!({"options": change})).await);
        assert_eq!(paths, ["options.auth.clientSecret"], "{change}");
    }
    // a token that was fetched for one destination is not sent to another
    let moved = json!({"options": {"baseUrl": attacker.url(), "auth": {"clientSecret": "another"}}});
    client.patch(&path, moved).await.expect(200);
    own.take();
    test(&client, &id).await;
    assert_eq!(own.take().iter().filter(|seen| seen.path == "/token").count(), 1, "a new token must be fetched");
}
