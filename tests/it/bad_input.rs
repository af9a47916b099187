//! Hostile input: always refused as documented, never a crash, and nothing is changed.
use crate::support::{Answer, Client, KINDS, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Every documented operation: method, path, statuses, and whether it takes a body that is not a file.
fn operations() -> Vec<(String, String, BTreeSet<u16>, bool)> {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let statuses = operation["responses"].as_object().into_iter().flat_map(|map| map.keys());
            let statuses = statuses.filter_map(|status| status.parse().ok()).collect();
            all.push((method.to_uppercase(), path.clone(), statuses, takes_fields(operation)));
        }
    }
    all
}

/// Whether the body has fields. A file can have any bytes.
fn takes_fields(operation: &Value) -> bool {
    let body = &operation["requestBody"]["content"];
    body.is_object() && body.get("application/octet-stream").is_none()
}

/// Whether a body is required.
fn needs_body(method: &str, path: &str) -> bool {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    document["paths"][path][method.to_lowercase()]["requestBody"]["required"] == true
}

/// The path with the world's IDs, and random IDs for all other parameters.
fn fill(world: &World, path: &str) -> String {
    let mut path = path.replace("{tenantID}", &world.tenant.to_string()).replace("{version}", "1");
    for kind in KINDS {
        path = path.replace(&format!("{{{}}}", kind.id), &world.id(kind.id).to_string());
    }
    while let Some((start, rest)) = path.split_once('{') {
        path = format!("{start}{}{}", Uuid::now_v7(), rest.split_once('}').unwrap().1);
    }
    path
}

fn call(client: &Client, method: &str, path: &str) -> crate::support::client::Call {
    client.call(Method::from_bytes(method.as_bytes()).unwrap(), path)
}

/// Raw bodies that no route may accept.
fn broken_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000)).into_bytes();
    vec![
        ("nothing", Vec::new()),
        ("half an object", b"{\"name\": ".to_vec()),
        ("two values", b"{} {}".to_vec()),
        ("an array", b"[]".to_vec()),
        ("a string", b"\"name\"".to_vec()),
        ("a number", b"1".to_vec()),
        ("null", b"null".to_vec()),
        ("invalid UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("half a surrogate", b"{\"name\": \"\\ud800\"}".to_vec()),
        ("a number that is too large", b"{\"name\": 1e999}".to_vec()),
        ("deep arrays", nested("[", "]")),
        ("deep objects", nested("{\"a\":", "}")),
        ("deep in a field", [b"{\"name\":".to_vec(), nested("[", "]"), b"}".to_vec()].concat()),
        ("an unknown field", b"{\"__proto__\": {\"admin\": true}}".to_vec()),
    ]
}

#[track_caller]
fn is_documented(answer: &Answer, statuses: &BTreeSet<u16>, what: &str) {
    let status = answer.status.as_u16();
    assert!(statuses.contains(&status), "{what}: {status} is not one of {statuses:?}: {answer}");
}

#[tokio::test]
async fn a_broken_body_is_refused_everywhere_and_changes_nothing() {
    let world = World::full().await;
    let before = world.snapshot().await;
    // DELETE takes no body, and would succeed
    for (method, path, statuses, has_body) in operations().into_iter().filter(|(method, ..)| method != "DELETE") {
        // these read a form, or accept all fields that Firebase clients send
        let lenient = path.contains("googleapis.com");
        for (what, body) in broken_bodies() {
            if body.is_empty() && !needs_body(&method, &path) {
                continue;
            }
            let call = call(&world.client, &method, &fill(&world, &path)).raw("application/json", body);
            // routes without a body may respond with an endless stream
            let answer = if has_body { call.send().await } else { call.begin().await };
            let what = format!("{method} {path} with {what}");
            if has_body {
                is_documented(&answer, &statuses, &what);
                assert!(answer.status.is_client_error() || lenient, "{what}: {answer}");
            }
        }
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_body_that_is_too_large_or_not_json_is_refused() {
    let world = World::full().await;
    // an existing link, because an unknown one is not found whatever is sent to it
    let shares = format!("dashboards/{}/shares", world.id("dashboardID"));
    let link = world.client.post(&shares, json!({})).await.expect(201);
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let before = world.snapshot().await;
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(10 << 20)).into_bytes();
    for (method, path, statuses, has_body) in operations() {
        if !has_body {
            continue;
        }
        let path = fill(&world, &path.replace("/shared/{token}", &format!("/shared/{token}")));
        let answer = call(&world.client, &method, &path).raw("application/json", huge.clone()).send().await;
        assert_eq!(answer.status, 413, "{method} {path}: {answer}");
        is_documented(&answer, &statuses, "10 MB");
        if !path.contains("securetoken") {
            for media in
                ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data", ""]
            {
                let answer = call(&world.client, &method, &path).raw(media, "{}").send().await;
                assert_eq!(answer.status, 415, "{method} {path} as {media}: {answer}");
            }
        }
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_bad_id_is_refused_everywhere_and_changes_nothing() {
    let world = World::full().await;
    let before = world.snapshot().await;
    let long = "a".repeat(4000);
    let bad = [
        "x",
        "0",
        "-1",
        "null",
        "%00",
        "%ff",
        "..%2f..",
        "'%20or%20'1'%3D'1",
        "%F0%9F%92%A9",
        "00000000-0000-0000-0000-00000000000g",
        &long,
    ];
    for (method, path, ..) in operations() {
        let Some((start, rest)) = path.rsplit_once('{') else { continue };
        let (name, end) = rest.split_once('}').unwrap();
        for bad in bad {
            let path = format!("{}{bad}{end}", fill(&world, start));
            let answer = call(&world.client, &method, &path).raw("application/json", "{}").send().await;
            let expected: &[u16] = match name {
                "token" => &[404],
                // any text is allowed as an ID here
                "triggerID" | "nodeID" => &[400, 404],
                // this route is outside tenants and checks the tenant itself
                _ if path.contains("/auth/config/") => &[400],
                "version" if matches!(bad, "0" | "-1") => &[400, 404],
                _ => &[400],
            };
            assert!(expected.contains(&answer.status.as_u16()), "{method} {path}: {answer}");
        }
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn ids_of_another_tenant_are_not_found_on_any_route() {
    let world = World::full().await;
    let second = world.server.tenant(&world.owner, "Second").await;
    for (method, path, ..) in operations() {
        let Some(below) = path.strip_prefix("/api/v1/tenants/{tenantID}/").filter(|below| below.contains('{')) else {
            continue;
        };
        let path = format!("/api/v1/tenants/{}/{}", second.tenant.unwrap(), fill(&world, below));
        let answer = call(&second, &method, &path).raw("application/json", "{}").send().await;
        // bodies are checked first where they are required
        let has_body = ["/actions", "/changes", "/choices", "/contents", "/apps", "}/tables"]
            .iter()
            .any(|end| below.ends_with(end));
        let is_incomplete = below.starts_with("members/") && method == "PATCH"
            || below.ends_with("/access") && method == "PUT"
            || has_body;
        assert_eq!(answer.status, if is_incomplete { 400 } else { 404 }, "{method} {path}: {answer}");
    }
}

/// Typical injection attempts.
const INJECTIONS: &[&str] = &[
    "'; drop table objects; --",
    "\" or \"\"=\"",
    "1); delete from users where (1=1",
    "%' or '%'='",
    "\\'; select 1",
    "{{constructor.constructor('return process')()}}",
    "${jndi:ldap://127.0.0.1/a}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "\u{202e}gnp.exe",
    "a\u{0}b",
    "\u{feff}\u{200b}",
    "💩ﷺ",
];

/// Copies of `value`, each with a different string replaced by `text`.
fn with_each_string_replaced(value: &Value, text: &str) -> Vec<Value> {
    match value {
        Value::String(_) => vec![json!(text)],
        Value::Array(items) => {
            let copies = items.iter().enumerate().flat_map(|(index, item)| {
                with_each_string_replaced(item, text).into_iter().map(move |changed| (index, changed))
            });
            let put = |(index, changed): (usize, Value)| {
                let mut copy = items.clone();
                copy[index] = changed;
                Value::Array(copy)
            };
            copies.map(put).collect()
        }
        Value::Object(fields) => {
            let copies = fields.iter().flat_map(|(name, field)| {
                with_each_string_replaced(field, text).into_iter().map(move |changed| (name.clone(), changed))
            });
            let put = |(name, changed): (String, Value)| {
                let mut copy = fields.clone();
                copy.insert(name, changed);
                Value::Object(copy)
            };
            copies.map(put).collect()
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn injections_in_any_string_are_stored_as_text_or_refused() {
    let world = World::full().await;
    let before = world.snapshot().await;
    let mut created = Vec::new();
    for kind in KINDS {
        for text in INJECTIONS {
            let mut draft = (kind.draft)(&world, "Injected");
            draft["description"] = json!("about");
            for (n, mut body) in with_each_string_replaced(&draft, text).into_iter().enumerate() {
                if body["name"] == "Injected" {
                    body["name"] = json!(format!("Injected {n} {}", Uuid::now_v7()));
                }
                let answer = world.client.post(kind.plural, body.clone()).await;
                assert!([201, 400].contains(&answer.status.as_u16()), "{} {body}: {answer}", kind.name);
                if answer.status == 201 {
                    assert_eq!(answer.body["description"], body["description"]);
                    created.push(format!("{}/{}", kind.plural, id(&answer.body)));
                }
                let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
                world.client.get(&format!("{}?{query}", kind.plural)).await.expect(200);
            }
        }
    }
    assert!(created.len() > 100, "{}", created.len());
    for path in created {
        world.client.delete(&path).await.expect(204);
    }
    let after = world.snapshot().await;
    for list in KINDS.iter().map(|kind| kind.plural).chain(["members", "api-keys", "tenant"]) {
        assert_eq!(after[list], before[list], "{list}");
    }
}

#[tokio::test]
async fn unusual_query_strings_and_headers_cause_no_server_errors() {
    let world = World::full().await;
    for path in ["widgets", "audit-logs", "workflows/instances", "/api/v1/tenants"] {
        for query in [
            "q=%ff%fe",
            "q=%00",
            "limit=1e3",
            "limit=0x10",
            "limit=",
            "limit=1&limit=2",
            "cursor=%00",
            "cursor=",
            "=",
            "&&&",
            "a[b]=c",
            "sort=%00",
        ] {
            let answer = world.client.get(&format!("{path}?{query}")).await;
            assert!([200, 400].contains(&answer.status.as_u16()), "{path}?{query}: {answer}");
        }
    }
    for (given, is_kept) in
        [("my-id.1", true), ("with space", false), ("", false), (&"x".repeat(129), false), ("<script>", true)]
    {
        let answer = world.client.call(Method::GET, "widgets").header("x-request-id", given).send().await;
        assert_eq!(answer.header("x-request-id") == Some(given), is_kept, "{given}");
    }
    for tag in ["", "\"", "\"99999999999999999999999\"", "W/", "\u{e9}"] {
        let path = format!("widgets/{}", world.id("widgetID"));
        let answer =
            world.client.call(Method::PATCH, &path).header("if-match", tag).json(&json!({"name": "x"})).send().await;
        answer.refused(412, "VERSION_CONFLICT");
    }
}

#[tokio::test]
async fn unknown_paths_and_unsupported_methods_are_refused() {
    let world = World::full().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v2/tenants", "/api/v1/nothing", "/api/v1/tenants/x/y/z/w"] {
        world.client.get(path).await.refused(404, "NOT_FOUND");
    }
    let documented: BTreeSet<(String, String)> =
        operations().into_iter().map(|(method, path, ..)| (method, path)).collect();
    let paths: BTreeSet<&String> = documented.iter().map(|(_, path)| path).collect();
    for path in paths.into_iter().filter(|path| path.starts_with("/api/")) {
        let mut allowed: BTreeSet<&str> =
            documented.iter().filter(|(_, p)| p == path).map(|(m, _)| m.as_str()).collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD");
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if !allowed.contains(method) {
                let answer = call(&world.client, method, &fill(&world, path)).send().await;
                let listed: BTreeSet<&str> =
                    answer.header("allow").unwrap_or_default().split(',').map(str::trim).collect();
                assert_eq!(listed, allowed, "{method} {path}: {answer}");
                answer.refused(405, "METHOD_NOT_ALLOWED");
            }
        }
    }
}

#[tokio::test]
async fn a_collection_can_be_read_with_and_without_a_trailing_slash() {
    let world = World::full().await;
    let tenant = format!("/api/v1/tenants/{}", world.tenant);
    for path in
        ["/api/v1/auth", "/api/v1/tenants", &tenant, &format!("{tenant}/widgets"), &format!("{tenant}/workflows")]
    {
        let with_slash = world.client.get(&format!("{path}/")).await.expect(200);
        assert_eq!(world.client.get(path).await.expect(200), with_slash, "{path}");
    }
    world.client.post("roles/", json!({"name": "Slashed"})).await.expect(201);
}
