//! Headers that a webhook response must not set, and the cookie that identifies a session.
use super::{edges, node, start};
use crate::support::{TestServer, World};
use reqwest::Method;
use serde_json::{Value, json};

fn responding(headers: &Value) -> Value {
    json!({
        "name": "Responding", "enabled": true, "triggers": [{"type": "webhook", "answer": "respond"}],
        "nodes": [start(), node("answer", "respond", json!({"headers": headers, "body": "hello"}))],
        "edges": edges(&["start>answer"]),
    })
}

#[tokio::test]
async fn a_webhook_response_cannot_set_cookies_or_security_headers() {
    let world = World::empty().await;
    for (name, value) in [
        ("Set-Cookie", "=jet_session=x; Path=/api/v1/session/refresh"),
        ("set-cookie", "other=x"),
        ("Access-Control-Allow-Origin", "*"),
        ("Content-Security-Policy", "default-src *"),
        ("Strict-Transport-Security", "max-age=0"),
        ("Clear-Site-Data", "\"*\""),
        ("X-Frame-Options", "ALLOWALL"),
        ("X-Accel-Redirect", "/etc/passwd"),
        ("Connection", "close"),
        ("Transfer-Encoding", "chunked"),
        ("Location", "javascript:alert(1)"),
    ] {
        let refused =
            world.client.post("workflows", responding(&json!({name: value}))).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, format!("nodes[1].config.headers.{name}"), "{}", refused.message);
    }
    let computed = responding(&json!({"Location": "{{ input.body.to }}", "X-Own": "1", "Cache-Control": "no-store"}));
    let created = world.client.post("workflows", computed).await.expect(201);
    let hook = created["triggerStates"][0]["path"].as_str().unwrap();
    let anyone = world.server.anyone();
    let answer = anyone.post(hook, json!({"to": "https://example.com/x"})).await;
    let header = |name| answer.header(name);
    assert_eq!(
        (header("location"), header("x-own"), header("cache-control")),
        (Some("https://example.com/x"), Some("1"), Some("no-store"))
    );
    anyone.post(hook, json!({"to": "javascript:alert(1)"})).await.refused(502, "RUN_FAILED");
    let runs = world.client.get("workflows/instances?status=FAILED").await.expect(200);
    let error = runs["items"][0]["error"]["message"].as_str().unwrap();
    assert!(error.starts_with("headers.location: must be an http"), "{error}");
}

#[tokio::test]
async fn a_session_is_read_only_from_an_unambiguous_cookie() {
    let server = TestServer::start().await;
    let client = server.anyone();
    let body = json!({"email": "ada@example.com", "password": "correct horse battery"});
    let sign_up = client.post("/api/v1/session/sign-up", body).await;
    let cookie = sign_up.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let refresh = async |cookies: &[&str]| {
        let call = client.call(Method::POST, "/api/v1/session/refresh");
        cookies.iter().fold(call, |call, cookie| call.header("cookie", cookie)).send().await
    };
    let token = cookie.split_once('=').unwrap().1;
    for ambiguous in [
        vec![format!("jet_session=evil; {cookie}")],
        vec![format!("{cookie}; jet_session=evil")],
        vec![format!("jet_session=; {cookie}")],
        vec!["jet_session=evil".to_owned(), cookie.clone()],
        vec![format!("={cookie}")],
        vec![format!("jet_session ={token}")],
        vec![format!("JET_SESSION={token}")],
        vec![format!("x{cookie}")],
        vec![token.to_owned()],
    ] {
        let cookies: Vec<&str> = ambiguous.iter().map(String::as_str).collect();
        refresh(&cookies).await.refused(401, "USER_AUTH_TOKEN_MISSING");
    }
    refresh(&[&format!("theme=dark; {cookie}; a=b")]).await.expect(200);
}
