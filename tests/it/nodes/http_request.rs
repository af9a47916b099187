use super::{client, retry, run, run_one, step};
use crate::support::{
    TestServer, World,
    recorder::{Recorder, Seen},
};
use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// Answers with the request that it received.
fn echo(seen: &Seen) -> Response<Body> {
    axum::Json(json!({"method": seen.method.as_str(), "path": seen.path, "query": seen.query, "body": seen.text()}))
        .into_response()
}

#[tokio::test]
async fn temporary_errors_are_retried_with_the_same_key() {
    let (_world, client) = client().await;
    let count = Arc::new(AtomicU32::new(0));
    let recorder = Recorder::start(move |_: &Seen| match count.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        1 => (StatusCode::TOO_MANY_REQUESTS, "slow down").into_response(),
        _ => axum::Json(json!({"ok": true})).into_response(),
    })
    .await;
    let config = json!({"method": "POST", "url": recorder.url(), "body": {"n": "{{ input.n }}"}});
    let finished = run(&client, &[("it", "httpRequest", config, retry(5))], json!({"n": 7})).await;
    assert_eq!(finished["output"]["body"], json!({"ok": true}), "{finished}");
    assert_eq!(finished["output"]["status"], 200);
    assert_eq!(step(&finished, "it")["attempt"], 3);
    let seen = recorder.take();
    let keys: Vec<_> = seen.iter().map(|one| one.header("idempotency-key")).collect();
    let key = format!("{}/it/", finished["id"].as_str().unwrap());
    assert_eq!(keys, [&key, &key, &key]);
    assert!(seen.iter().all(|one| one.text() == r#"{"n":7}"# && one.header("content-type") == "application/json"));

    let own = json!({"url": recorder.url(), "headers": {"Idempotency-Key": "order-{{ input.n }}"}});
    run_one(&client, "httpRequest", own, json!({"n": 7})).await;
    assert_eq!(recorder.take()[0].header("idempotency-key"), "order-7");
}

#[tokio::test]
async fn a_retry_waits_as_long_as_the_server_asks() {
    let (_world, client) = client().await;
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let shared = Arc::clone(&times);
    let recorder = Recorder::start(move |_: &Seen| {
        let mut times = shared.lock().unwrap();
        times.push(Instant::now());
        let retry_later = (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]);
        if times.len() == 1 { retry_later.into_response() } else { axum::Json(json!({})).into_response() }
    })
    .await;
    let finished = run(&client, &[("it", "httpRequest", json!({"url": recorder.url()}), retry(2))], json!({})).await;
    assert_eq!(finished["output"]["status"], 200, "{finished}");
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= Duration::from_secs(1), "{times:?}");
}

#[tokio::test]
async fn a_parameter_without_a_value_is_omitted_from_the_url() {
    let (_world, client) = client().await;
    let recorder = Recorder::start(echo).await;
    let url = format!("{}/a?x={{{{ input.x }}}}&y={{{{ input.y }}}}", recorder.url());
    let finished =
        run_one(&client, "httpRequest", json!({"url": url, "query": {"z": "{{ input.x }}"}}), json!({"y": ""})).await;
    assert_eq!(finished["output"]["body"]["query"], json!([["y", ""]]), "{finished}");
    let url = format!("{}/a/{{{{ input.x }}}}/b", recorder.url());
    let finished = run_one(&client, "httpRequest", json!({"url": url}), json!({})).await;
    let message = step(&finished, "it")["error"]["message"].as_str().unwrap();
    assert!(message.contains("input.x") && message.contains("must not be empty"), "{message}");
    assert_eq!(recorder.take().len(), 1);
}

#[tokio::test]
async fn permanent_errors_are_not_retried() {
    let (_world, client) = client().await;
    let recorder = Recorder::start(|_: &Seen| {
        (StatusCode::NOT_FOUND, axum::Json(json!({"message": "no such item"}))).into_response()
    })
    .await;
    let config = json!({"url": recorder.url()});
    let finished = run(&client, &[("it", "httpRequest", config.clone(), retry(5))], json!({})).await;
    let error = json!({"code": "HTTP_ERROR", "message": "the server answered 404 Not Found: no such item"});
    assert_eq!((&finished["status"], &step(&finished, "it")["error"]), (&json!("FAILED"), &error), "{finished}");
    assert_eq!(recorder.take().len(), 1);
    let mut expected = config;
    expected["expectStatus"] = json!("2xx, 404");
    let finished = run_one(&client, "httpRequest", expected, json!({})).await;
    assert_eq!(
        (&finished["output"]["status"], &finished["output"]["body"]["message"]),
        (&json!(404), &json!("no such item")),
        "{finished}"
    );
}

#[tokio::test]
async fn a_failed_connection_is_retried_and_a_slow_one_times_out() {
    let (_world, client) = client().await;
    let closed = json!({"url": format!("http://127.0.0.1:{}/", crate::support::background::free_port())});
    let finished = run(&client, &[("it", "httpRequest", closed, retry(2))], json!({})).await;
    assert_eq!(step(&finished, "it")["attempt"], 2, "{finished}");
    assert!(step(&finished, "it")["error"]["message"].as_str().unwrap().starts_with("TCP:"), "{finished}");

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = json!({"url": format!("http://{}/", silent.local_addr().unwrap())});
    let finished =
        run(&client, &[("it", "httpRequest", config, json!({"settings": {"timeoutMs": 200}}))], json!({})).await;
    let error = json!({"code": "TIMEOUT", "message": "no response within 200 ms"});
    assert_eq!(step(&finished, "it")["error"], error);
}

#[tokio::test]
async fn a_value_in_a_url_cannot_change_its_structure() {
    let (_world, client) = client().await;
    let recorder = Recorder::start(echo).await;
    let input = json!({"base": format!("{}/v1", recorder.url()), "id": "a/b?c#d", "q": "x&y=z +ü", "list": [1, "two"]});
    let config = json!({
        "url": "{{ input.base }}/items/{{ input.id }}/x?q={{ input.q }}",
        "query": {"list": "{{ input.list }}", "none": "{{ input.none }}", "fixed": 1},
    });
    let finished = run_one(&client, "httpRequest", config.clone(), input.clone()).await;
    let body = &finished["output"]["body"];
    assert_eq!(body["path"], "/v1/items/a%2Fb%3Fc%23d/x", "{finished}");
    assert_eq!(body["query"], json!([["q", "x&y=z +ü"], ["list", "1"], ["list", "two"], ["fixed", "1"]]));
    recorder.take();
    for (change, expected) in [
        (json!({"id": ".."}), "`..` as a segment"),
        (json!({"base": "nowhere"}), "must be a URL"),
        (json!({"base": "https:"}), "must be a URL"),
        (json!({"base": "http://me:pw@127.0.0.1"}), "must not contain a user"),
    ] {
        let mut input = input.clone();
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let finished = run_one(&client, "httpRequest", config.clone(), input).await;
        let error = &step(&finished, "it")["error"];
        assert!(
            error["code"] == "INVALID_REQUEST" && error["message"].as_str().unwrap().contains(expected),
            "{change}: {error}"
        );
    }
    assert!(recorder.take().is_empty());
}

#[tokio::test]
async fn credentials_and_bodies_of_every_kind_are_sent() {
    let (_world, client) = client().await;
    let recorder = Recorder::start(echo).await;
    let send = async |more: Value| {
        let mut config = json!({"method": "POST", "url": format!("{}/", recorder.url())});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let finished = run_one(&client, "httpRequest", config, json!({"pw": 12345, "token": "t0k3n-t0k3n"})).await;
        assert_eq!(finished["status"], "COMPLETED", "{finished}");
        assert!(!step(&finished, "it")["input"].to_string().contains("t0k3n"), "{finished}");
        recorder.take().pop().unwrap()
    };
    let seen = send(json!({"auth": {"type": "basic", "username": "me", "password": "{{ input.pw }}"}})).await;
    assert_eq!(seen.header("authorization"), "Basic bWU6MTIzNDU=");
    let seen = send(json!({"auth": {"type": "bearer", "token": "{{ input.token }}"}})).await;
    assert_eq!(seen.header("authorization"), "Bearer t0k3n-t0k3n");
    let seen = send(json!({"auth": {"type": "apiKey", "name": "X-Key", "value": "{{ input.token }}"}})).await;
    assert_eq!(seen.header("x-key"), "t0k3n-t0k3n");
    let seen =
        send(json!({"auth": {"type": "apiKey", "name": "key", "value": "{{ input.token }}", "in": "query"}})).await;
    assert_eq!(seen.param("key"), Some("t0k3n-t0k3n"));
    let seen = send(json!({"headers": {"X-Auth-Token": "{{ input.token }}"}})).await;
    assert_eq!(seen.header("x-auth-token"), "t0k3n-t0k3n");
    let seen = send(json!({"body": {"a": ["1", 2], "b": {"c": "x y"}}, "bodyType": "form"})).await;
    assert_eq!(
        (seen.text().as_str(), seen.header("content-type")),
        ("a=1&a=2&b%5Bc%5D=x+y", "application/x-www-form-urlencoded")
    );
    let seen = send(json!({"body": "pw {{ input.pw }}", "bodyType": "text"})).await;
    assert_eq!((seen.text().as_str(), seen.header("content-type")), ("pw 12345", "text/plain; charset=utf-8"));
    let seen = send(json!({"body": "<a/>", "bodyType": "text", "headers": {"Content-Type": "application/xml"}})).await;
    assert_eq!(seen.header("content-type"), "application/xml");
}

#[tokio::test]
async fn responses_are_decoded_as_configured() {
    let (_world, client) = client().await;
    let recorder = Recorder::start(|seen: &Seen| match seen.path.as_str() {
        "/json" => ([("content-type", "text/plain"), ("set-cookie", "sid=hidden")], "{\"a\": 1}").into_response(),
        "/latin" => ([("content-type", "text/plain; charset=ISO-8859-1")], vec![b'h', 0xe9]).into_response(),
        "/bytes" => ([("content-type", "application/octet-stream")], vec![0xff, 0x00]).into_response(),
        "/to" => (StatusCode::FOUND, [("location", "/json")]).into_response(),
        "/large" => vec![b'x'; (4 << 20) + 1].into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    })
    .await;
    let ask = async |path: &str, more: Value| {
        let mut config = json!({"url": format!("{}{path}", recorder.url())});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run_one(&client, "httpRequest", config, json!({})).await
    };
    for (path, more, body) in [
        ("/json", json!({}), json!("{\"a\": 1}")),
        ("/json", json!({"response": "json"}), json!({"a": 1})),
        ("/to", json!({"response": "json"}), json!({"a": 1})),
        ("/to", json!({"followRedirects": false, "expectStatus": "302"}), Value::Null),
        ("/latin", json!({"response": "text"}), json!("hé")),
        ("/bytes", json!({}), json!("/wA=")),
        ("/json", json!({"response": "base64"}), json!("eyJhIjogMX0=")),
        ("/none", json!({"response": "json"}), Value::Null),
        ("/json", json!({"method": "HEAD"}), Value::Null),
    ] {
        let finished = ask(path, more.clone()).await;
        assert_eq!(finished["output"]["body"], body, "{path} {more}: {finished}");
        assert!(!finished.to_string().contains("sid=hidden"));
        let is_marked = path == "/bytes" || more["response"] == "base64";
        assert_eq!(finished["output"]["bodyEncoding"], if is_marked { json!("base64") } else { Value::Null }, "{path}");
    }
    for (path, more, expected) in [
        ("/latin", json!({"response": "json"}), "not valid JSON"),
        ("/to", json!({"followRedirects": false}), "the server answered 302 Found"),
        ("/large", json!({}), "the response is larger than 4194304 bytes: request less data"),
    ] {
        let finished = ask(path, more).await;
        assert!(step(&finished, "it")["error"]["message"].as_str().unwrap().contains(expected), "{path}: {finished}");
    }
}

#[tokio::test]
async fn the_network_guard_checks_every_url() {
    let (world, client) = client().await;
    let recorder = Recorder::start(|seen: &Seen| {
        let to = seen.param("to").unwrap_or_default().to_owned();
        (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response()
    })
    .await;
    let own = world.server.url.clone();
    for target in ["http://169.254.169.254/latest/meta-data", "http://[::ffff:169.254.169.254]/", &own] {
        let redirected = format!("{}/?to={{{{ input.to }}}}", recorder.url());
        for url in ["{{ input.to }}", redirected.as_str()] {
            let finished = run_one(&client, "httpRequest", json!({"url": url}), json!({"to": target})).await;
            let error = &step(&finished, "it")["error"];
            let refused = error["message"].as_str().unwrap_or_default();
            assert!(refused.contains("never allowed") || refused.contains("own port"), "{target} {url}: {finished}");
        }
    }
    let closed = World::on(TestServer::start_with(|config| config.allow_private_network = Some(false)).await).await;
    for (kind, config) in [
        ("httpRequest", json!({"url": recorder.url()})),
        ("httpRequest", json!({"url": format!("http://localhost:{}", recorder.port)})),
        ("notify", json!({"url": recorder.url(), "text": "x"})),
    ] {
        recorder.take();
        let finished = run_one(&closed.client, kind, config, json!({})).await;
        assert!(
            step(&finished, "it")["error"]["message"].as_str().unwrap().contains("--allow-private-network"),
            "{finished}"
        );
        assert!(recorder.take().is_empty());
    }
}
