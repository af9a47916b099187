use super::{House, Source, object};
use crate::support::recorder::{Recorder, Seen};
use axum::{body::Body, http::Response};
use jet_admin::connect;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// The requests and responses that a service documents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documented {
    options: Map<String, Value>,
    headers: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    op: String,
    #[serde(default)]
    fields: Map<String, Value>,
    /// The expected method, path and query of the request.
    sends: String,
    json: Option<Value>,
    form: Option<String>,
    text: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The service's response, as JSON text.
    answer: Option<String>,
    /// The part of the response that the query returns, as JSON text.
    data: Option<String>,
}

fn documented() -> BTreeMap<String, Documented> {
    toml::from_str(include_str!("presets.toml")).unwrap()
}

fn answer(json: &str) -> Response<Body> {
    Response::builder().header("content-type", "application/json").body(Body::from(json.to_owned())).unwrap()
}

/// Starts a service that answers every request except token requests with the text in the returned mutex.
async fn service() -> (Recorder, Arc<Mutex<String>>) {
    let next: Arc<Mutex<String>> = Arc::default();
    let answered = Arc::clone(&next);
    let recorder = Recorder::start(move |seen| match seen.path.as_str() {
        "/token" => answer(r#"{"access_token": "fetched", "expires_in": 3600}"#),
        _ => answer(&answered.lock().unwrap()),
    });
    (recorder.await, next)
}

fn source(kind: &str, options: &Map<String, Value>, url: &str) -> Source {
    let text = Value::Object(options.clone()).to_string().replace("BASE", url);
    let mut options = object(serde_json::from_str(&text).unwrap());
    options.insert("baseUrl".to_owned(), url.into());
    let mut source = Source::new(kind, Value::Object(options));
    source.0.id = uuid::Uuid::new_v4();
    source
}

/// Returns the options of a preset's datasource with its service at `url`; `None` if there is no such preset.
pub fn options(kind: &str, url: &str) -> Option<Value> {
    let documented = documented();
    Some(Value::Object(source(kind, &documented.get(kind)?.options, url).0.options))
}

/// An operation and its fields, from one documented case.
type Asked = (String, Map<String, Value>);

/// Returns the documented cases of each preset.
pub fn cases() -> Vec<(String, Vec<Asked>)> {
    let fields = |one: Documented| one.cases.into_iter().map(|case| (case.op, case.fields)).collect();
    documented().into_iter().map(|(kind, one)| (kind, fields(one))).collect()
}

fn query(op: &str, fields: &Map<String, Value>) -> Value {
    let mut options = object(json!({"operation": op}));
    options.extend(fields.clone());
    let parameters = json!([
        {"name": "s", "default": "a&b/c"},
        {"name": "n", "type": "number", "default": 7},
        {"name": "b", "type": "boolean", "default": true},
        {"name": "a", "type": "array", "default": ["x\\\ty", 1.5]},
    ]);
    json!({"options": options, "parameters": parameters})
}

fn compare(what: &str, case: &Case, headers: &BTreeMap<String, String>, seen: &Seen) {
    let (method, uri) = case.sends.split_once(' ').unwrap();
    let (path, pairs) = uri.split_once('?').unwrap_or((uri, ""));
    assert_eq!((seen.method.as_str(), seen.path.as_str()), (method, path), "{what}");
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        pairs
    };
    let expected = url::form_urlencoded::parse(pairs.as_bytes()).into_owned().collect();
    assert_eq!(sorted(seen.query.clone()), sorted(expected), "{what}");
    for (name, value) in headers.iter().chain(&case.headers) {
        assert_eq!(seen.header(name), value, "{what}: {name}");
    }
    let kind = seen.header("content-type");
    if let Some(json) = &case.json {
        assert_eq!(kind, "application/json", "{what}");
        assert_eq!(&serde_json::from_slice::<Value>(&seen.body).unwrap(), json, "{what}");
    } else if let Some(form) = &case.form {
        assert_eq!(kind, "application/x-www-form-urlencoded", "{what}");
        let pairs = |text: &[u8]| sorted(url::form_urlencoded::parse(text).into_owned().collect());
        assert_eq!(pairs(&seen.body), pairs(form.as_bytes()), "{what}");
    } else {
        assert_eq!(&seen.text(), case.text.as_deref().unwrap_or_default(), "{what}");
    }
}

#[tokio::test]
async fn every_operation_sends_what_the_service_documents() {
    let house = House::new();
    let (recorder, next) = service().await;
    for (kind, documented) in documented() {
        let source = source(&kind, &documented.options, &recorder.url());
        for case in &documented.cases {
            let what = format!("{kind} {}", case.op);
            *next.lock().unwrap() = case.answer.clone().unwrap_or_else(|| "{}".to_owned());
            recorder.take();
            let outcome = house.run(&source, query(&case.op, &case.fields), json!({})).await;
            let seen = recorder.take();
            let first = seen.iter().find(|one| one.path != "/token");
            let first = first.unwrap_or_else(|| panic!("{what} sent nothing: {:?}", outcome.as_ref().err()));
            compare(&what, case, &documented.headers, first);
            if let Some(data) = &case.data {
                let data: Value = serde_json::from_str(data).unwrap();
                assert_eq!(*outcome.unwrap().data, data, "{what}");
            }
        }
    }
}

#[test]
fn every_operation_of_every_preset_is_documented() {
    let documented = documented();
    // connectors that implement their operations in code have their own tests
    let data = connect::all().filter(|connector| !["redis", "s3"].contains(&connector.kind()));
    let presets = data.filter_map(|connector| {
        let schema = connector.query_schema().to_value();
        let operations: BTreeSet<String> = schema["oneOf"]
            .as_array()?
            .iter()
            .map(|one| one["properties"]["operation"]["const"].as_str().unwrap().to_owned())
            .collect();
        Some((connector.kind().to_owned(), operations))
    });
    let cases =
        documented.iter().map(|(kind, one)| (kind.clone(), one.cases.iter().map(|case| case.op.clone()).collect()));
    let (presets, cases): (BTreeMap<_, BTreeSet<String>>, BTreeMap<_, _>) = (presets.collect(), cases.collect());
    assert!(presets.len() >= 12);
    assert_eq!(presets, cases);
}

#[tokio::test]
async fn an_error_in_a_successful_response_is_reported() {
    let house = House::new();
    let (recorder, next) = service().await;
    *next.lock().unwrap() = r#"{"ok": false, "error": "invalid_auth"}"#.to_owned();
    let slack = source("slack", &object(json!({"token": "xoxb-1"})), &recorder.url());
    let refused = house.run(&slack, query("listUsers", &Map::new()), json!({})).await.unwrap_err().to_string();
    assert_eq!(refused, "Slack reported an error: invalid_auth");
    let report = house.queries.test(super::TENANT, "slack", &slack.0.options).await.unwrap();
    assert_eq!(report.error.as_deref(), Some("Slack reported an error: invalid_auth"));
    *next.lock().unwrap() = r#"{"ok": true}"#.to_owned();
    assert!(house.queries.test(super::TENANT, "slack", &slack.0.options).await.unwrap().ok);
}

#[tokio::test]
async fn invalid_fields_are_named_before_anything_is_sent() {
    let house = House::new();
    let (recorder, _) = service().await;
    let github = source("github", &object(json!({"token": "t"})), &recorder.url());
    let supabase = source("supabase", &object(json!({"projectRef": "abc", "key": "anon"})), &recorder.url());
    for (source, op, fields, expected) in [
        (&github, "nope", json!({}), "options: is not one of the known types"),
        (&github, "getIssue", json!({"owner": "o", "repo": "r"}), "options.number: is required"),
        (&github, "getIssue", json!({"owner": "o", "repo": "", "number": 1}), "options.repo: is required"),
        (
            &github,
            "getIssue",
            json!({"owner": "o", "repo": "r", "number": "{{ params.s }}"}),
            "options.number: must be a number",
        ),
        (&github, "getIssue", json!({"owner": "o", "repo": "..", "number": 1}), "options.repo: must not contain"),
        (
            &github,
            "getIssue",
            json!({"owner": "o", "repo": "r", "number": 1, "more": 1}),
            "options.more: is not a known option",
        ),
        (&github, "listIssues", json!({"owner": "o", "repo": "r", "state": "odd"}), "options.state"),
        (
            &github,
            "listIssues",
            json!({"owner": "o", "repo": "r", "state": "{{ params.s }}"}),
            "options.state: must be one of open",
        ),
        (&supabase, "deleteRows", json!({"table": "t", "filters": {}}), "options.filters: is required"),
        (
            &supabase,
            "deleteRows",
            json!({"table": "t", "filters": "{{ params.none }}"}),
            "options.filters: is required",
        ),
    ] {
        let refused = house.run(source, query(op, &object(fields.clone())), json!({})).await.unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{op} {fields}: {refused}");
    }
    assert!(recorder.take().is_empty());
    let hostile = json!({"site": "evil.example/", "email": "e", "apiToken": "t"});
    assert!(house.queries.test(super::TENANT, "jira", &object(hostile)).await.is_err());
}
