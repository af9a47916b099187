use super::{House, Source, object};
use crate::support::process::sandbox;
use axum::{
    Json, Router,
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use jet_admin::{
    Error,
    budget::Budget,
    connect::{CacheState, Context, Files, Guard, Queries},
    turns::Accounts,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Answers with the request that it received.
async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let headers: Value = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Json(json!({"method": method.as_str(), "uri": uri.to_string(), "headers": headers, "body": body}))
}

async fn redirect(request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let (status, target) = query.split_once('=').unwrap();
    let status = StatusCode::from_u16(status.trim_start_matches('s').parse().unwrap()).unwrap();
    (status, [(LOCATION, target.to_owned())]).into_response()
}

async fn serve() -> u16 {
    let people = json!({"data": {"items": [{"id": 1, "name": "Ada"}, {"id": 2, "name": null, "extra": [1]}]}, "n": 1});
    let router = Router::new()
        .route("/people", get(move || async move { Json(people) }))
        .route("/echo/{*rest}", any(echo))
        .route("/echo", any(echo))
        .route("/redirect", any(redirect))
        .route("/text", get(|| async { "plain" }))
        .route("/broken", get(|| async { ([("content-type", "application/json")], "{nope") }))
        .route("/fail", get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "down for now") }))
        .route("/secret", get(|| async { StatusCode::UNAUTHORIZED }))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(30)).await }))
        .route("/big", get(|| async { "x".repeat(40 << 20) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

fn source(port: u16, more: Value) -> Source {
    let mut options = object(json!({"baseUrl": format!("http://127.0.0.1:{port}")}));
    options.extend(object(more));
    Source::new("restapi", Value::Object(options))
}

fn query(options: Value) -> Value {
    let parameters = json!([
        {"name": "p"},
        {"name": "n", "type": "number"},
        {"name": "o", "type": "object"},
    ]);
    Value::Object(
        object(json!({"parameters": parameters})).into_iter().chain([("options".to_owned(), options)]).collect(),
    )
}

#[tokio::test]
async fn objects_become_rows() {
    let house = House::new();
    let api = source(serve().await, json!({}));
    let outcome =
        house.run(&api, query(json!({"path": "/people", "responsePath": "data.items"})), json!({})).await.unwrap();
    assert_eq!(*outcome.data, json!([{"id": 1, "name": "Ada"}, {"id": 2, "name": null, "extra": [1]}]));
    assert_eq!(
        serde_json::to_value(outcome.columns).unwrap(),
        json!([{"name": "id", "type": "number"}, {"name": "name", "type": "string"}, {"name": "extra", "type": "array"}])
    );
    let mut one = object(query(json!({"path": "/people", "responsePath": "data.items"})));
    one.insert("maxRows".to_owned(), 1.into());
    let cut = house.run(&api, Value::Object(one), json!({})).await.unwrap();
    assert_eq!((cut.row_count, cut.truncated), (1, true));
    assert_eq!(
        house.data(&api, query(json!({"path": "people", "responsePath": "data.items[0].name"})), json!({})).await,
        json!("Ada")
    );
    assert_eq!(house.data(&api, query(json!({"path": "text"})), json!({})).await, json!("plain"));
    let missing =
        house.run(&api, query(json!({"path": "people", "responsePath": "nope.deeper"})), json!({})).await.unwrap_err();
    assert!(missing.to_string().contains("nothing at nope.deeper"), "{missing}");
}

#[tokio::test]
async fn values_are_data_wherever_they_go() {
    let house = House::new();
    let api = source(
        serve().await,
        json!({"headers": [{"name": "x-base", "value": "{{ params.p }}"}], "queryParams": [{"name": "always", "value": "1"}]}),
    );
    let options = json!({
        "method": "POST", "path": "/echo/{{ params.p }}/x-{{ params.n }}",
        "headers": [{"name": "X-Own", "value": "v {{ params.n }}"}],
        "queryParams": [{"name": "q", "value": "{{ params.p }}"}],
        "body": {"whole": "{{ params.n }}", "object": "{{ params.o }}", "mixed": "<{{ params.p }}>", "computed": "{{ params.n + 1 }}"},
    });
    let hostile = "a/.b?x=1;#y&z=%2e\"},{";
    let found = house.data(&api, query(options.clone()), json!({"p": hostile, "n": 7, "o": {"k": [1]}})).await;
    assert_eq!(found["method"], "POST");
    assert_eq!(
        found["uri"],
        "/echo/a%2F.b%3Fx=1%3B%23y&z=%252e%22%7D,%7B/x-7?always=1&q=a%2F.b%3Fx%3D1%3B%23y%26z%3D%252e%22%7D%2C%7B"
    );
    let body: Value = serde_json::from_str(found["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({"whole": 7, "object": {"k": [1]}, "mixed": format!("<{hostile}>"), "computed": 8}));
    assert_eq!((&found["headers"]["x-own"], &found["headers"]["x-base"]), (&json!("v 7"), &json!("{{ params.p }}")));
    assert_eq!(found["headers"]["content-type"], "application/json");
    for value in ["..", ".", " .. "] {
        let refused = house.run(&api, query(options.clone()), json!({"p": value})).await.unwrap_err();
        assert!(refused.to_string().starts_with("options.path"), "{value}: {refused}");
    }
    let split = json!({"path": "echo", "headers": [{"name": "x-a", "value": "{{ params.p }}"}]});
    let refused = house.run(&api, query(split), json!({"p": "a\r\nx-evil: 1"})).await.unwrap_err();
    assert!(refused.to_string().contains("one line"), "{refused}");
    let form =
        json!({"method": "PUT", "path": "echo", "bodyType": "form", "body": {"a": "{{ params.p }}", "b": [1, 2]}});
    assert_eq!(house.data(&api, query(form), json!({"p": "x&y=z"})).await["body"], "a=x%26y%3Dz&b=1&b=2");
    let text = json!({"method": "PATCH", "path": "echo", "bodyType": "text", "body": "Hi {{ params.p }}"});
    assert_eq!(house.data(&api, query(text), json!({"p": "there"})).await["body"], "Hi there");
}

#[tokio::test]
async fn credentials_of_every_kind_are_sent() {
    let house = House::new();
    let port = serve().await;
    for (auth, header, uri, expected) in [
        (json!({"type": "basic", "username": "u", "password": "p"}), "authorization", "/echo", json!("Basic dTpw")),
        (json!({"type": "bearer", "token": "t0ken"}), "authorization", "/echo", json!("Bearer t0ken")),
        (json!({"type": "apiKey", "name": "X-Key", "value": "k"}), "x-key", "/echo", json!("k")),
        (
            json!({"type": "apiKey", "name": "key", "value": "k&", "in": "query"}),
            "x-key",
            "/echo?key=k%26",
            Value::Null,
        ),
        (json!({"type": "none"}), "authorization", "/echo", Value::Null),
    ] {
        let mut api = source(port, json!({"auth": auth}));
        api.0.id = uuid::Uuid::new_v4();
        let found = house.data(&api, query(json!({"path": "echo"})), json!({})).await;
        assert_eq!((&found["headers"][header], &found["uri"]), (&expected, &json!(uri)), "{auth}");
    }
    for (auth, path) in [
        (json!({"type": "bearer"}), "options.auth.token: is required"),
        (json!({"type": "basic", "username": 7}), "options.auth.username: must be of type string"),
        (json!({"type": "bearer", "token": "x", "more": 1}), "options.auth.more: is not a known option"),
        (json!({"type": "magic"}), "options.auth: is not one of the known types"),
    ] {
        let error = house
            .queries
            .test(super::TENANT, "restapi", &object(json!({"baseUrl": "http://x", "auth": auth})))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), path);
    }
}

#[tokio::test]
async fn redirects_are_followed_safely() {
    let house = House::new();
    let (port, other) = (serve().await, serve().await);
    let api = source(
        port,
        json!({"auth": {"type": "bearer", "token": "t0ken"}, "headers": [{"name": "x-key", "value": "k"}]}),
    );
    let to = |status: u16, target: String| {
        query(
            json!({"method": "POST", "path": "redirect", "body": {"a": 1}, "queryParams": [{"name": format!("s{status}"), "value": target}]}),
        )
    };
    // the target arrives encoded, and the test server passes it on unchanged
    let near = house.data(&api, to(302, "echo".to_owned()), json!({})).await;
    assert_eq!(
        (&near["method"], &near["body"], &near["headers"]["authorization"]),
        (&json!("GET"), &json!(""), &json!("Bearer t0ken"))
    );
    let kept = house.data(&api, to(307, "echo".to_owned()), json!({})).await;
    assert_eq!((&kept["method"], &kept["body"]), (&json!("POST"), &json!("{\"a\":1}")));
    let raw = |target: String| async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router =
            Router::new().fallback(any(move || async move { (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]) }));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        port
    };
    let mut far = api.clone();
    far.0.id = uuid::Uuid::new_v4();
    far.0.options.insert(
        "baseUrl".to_owned(),
        format!("http://127.0.0.1:{}", raw(format!("http://127.0.0.1:{other}/echo")).await).into(),
    );
    let found = house.data(&far, query(json!({})), json!({})).await;
    assert_eq!((&found["headers"]["authorization"], &found["headers"]["x-key"]), (&Value::Null, &Value::Null));
    for (target, expected) in [
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://0xa9fea9fe/", "link-local"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("http://127.0.0.1:1/", "own port"),
        ("file:///etc/passwd", "an invalid URL"),
        ("/", "redirected more than"),
    ] {
        far.0.id = uuid::Uuid::new_v4();
        far.0.options.insert("baseUrl".to_owned(), format!("http://127.0.0.1:{}", raw(target.to_owned()).await).into());
        let refused = house.run(&far, query(json!({})), json!({})).await.unwrap_err();
        assert!(refused.to_string().contains(expected), "{target}: {refused}");
    }
}

#[tokio::test]
async fn private_addresses_cannot_be_reached_in_any_spelling() {
    let port = serve().await;
    let queries = Queries::new(Context {
        files: Files::default(),
        guard: Guard::new(false, [port]),
        sandbox: sandbox(),
        budget: Budget::new(256 << 20).into(),
        accounts: Accounts::default(),
    });
    for host in [
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "10.0.0.1",
        "0.0.0.0",
        "LOCALHOST",
        "localhost.",
    ] {
        let options = object(json!({"baseUrl": format!("http://{host}:{port}/echo")}));
        let report = queries.test(super::TENANT, "restapi", &options).await.unwrap();
        let error = report.error.unwrap_or_default();
        assert!(
            !report.ok && (error.contains("refused") || error.contains("never allowed") || error.starts_with("DNS")),
            "{host}: {error}"
        );
    }
    // even when private networks are allowed, the server's own port is not
    let house = House::new();
    for host in ["127.0.0.1", "localhost", "[::1]", "0x7f.1"] {
        let report = house
            .queries
            .test(super::TENANT, "restapi", &object(json!({"baseUrl": format!("http://{host}:1/")})))
            .await
            .unwrap();
        let error = report.error.unwrap_or_default();
        assert!(error.contains("own port") || error.contains("refused;"), "{host}: {error}");
    }
}

#[tokio::test]
async fn failures_are_reported_and_limited() {
    let house = House::new();
    let port = serve().await;
    let api = source(port, json!({"timeoutMs": 500}));
    let error = |path: &'static str| {
        let (house, api) = (&house, &api);
        async move { house.run(api, query(json!({"path": path})), json!({})).await.unwrap_err() }
    };
    let Error::Datasource(problem) = error("fail").await else { panic!("not a datasource error") };
    assert_eq!(
        (problem.message.as_str(), problem.code.as_deref(), problem.transient),
        ("the server answered 503 Service Unavailable: down for now", Some("503"), true)
    );
    assert!(error("broken").await.to_string().contains("not valid JSON"));
    let patient = source(port, json!({}));
    let big = Source(jet_admin::connect::Target { id: uuid::Uuid::new_v4(), ..patient.0 });
    let big = house.run(&big, query(json!({"path": "big"})), json!({})).await.unwrap_err();
    assert!(big.to_string().contains("larger than"), "{big}");
    let started = Instant::now();
    assert!(matches!(error("slow").await, Error::Timeout(_)));
    assert!(started.elapsed() < Duration::from_secs(3));
    let report = |options: Value| async move {
        House::new().queries.test(super::TENANT, "restapi", &object(options)).await.unwrap().error.unwrap()
    };
    assert!(
        report(json!({"baseUrl": "http://no-such-host.invalid/"}))
            .await
            .starts_with("DNS: the name no-such-host.invalid")
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = report(json!({"baseUrl": format!("http://127.0.0.1:{closed}/?key=s3cret"), "auth": {"type": "apiKey", "name": "key", "value": "s3cret", "in": "query"}})).await;
    assert!(refused.starts_with("TCP: ") && !refused.contains("s3cret"), "{refused}");
    let plain = report(json!({"baseUrl": format!("https://127.0.0.1:{port}/")})).await;
    assert!(plain.starts_with("TLS: "), "{plain}");
    assert!(
        report(json!({"baseUrl": format!("http://127.0.0.1:{port}/secret")})).await.starts_with("authentication: ")
    );
    assert!(report(json!({"baseUrl": "ftp://x"})).await.starts_with("options.baseUrl"));
}

#[tokio::test]
async fn reads_are_cached_and_writes_are_not() {
    let house = House::new();
    let api = source(serve().await, json!({}));
    for (method, expected) in [("GET", CacheState::Hit), ("POST", CacheState::Off)] {
        let mut cached = object(query(json!({"method": method, "path": "echo"})));
        cached.insert("cacheSeconds".to_owned(), 60.into());
        house.run(&api, Value::Object(cached.clone()), json!({})).await.unwrap();
        let again = house.run(&api, Value::Object(cached), json!({})).await.unwrap();
        assert_eq!(again.cache, expected, "{method}");
    }
}
