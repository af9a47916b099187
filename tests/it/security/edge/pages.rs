//! Pages of other origins: what they can read, and which host names and session requests are refused.
use super::routes;
use crate::support::{Answer, Client, TestServer};
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const FOREIGN: &str = "https://evil.example";
const ALLOWED: &str = "https://app.example.com";
/// Paths that no page of another origin may read, even if the operator allows the origin.
const NEVER: [&str; 3] = ["/api/v1/session", "/api/v1/setup", "/sample/"];

/// The routes of the API, the pages of the UI, and all other paths.
fn everything() -> Vec<(Method, String)> {
    let mut all = routes();
    let others = [
        "/",
        "/healthz",
        "/readyz",
        "/assets/x.js",
        "/share/x",
        "/sample/v1/rates",
        "/nowhere",
        "/api/v1/openapi.json",
    ];
    all.extend(others.map(|path| (Method::GET, path.to_owned())));
    all
}

async fn request(client: &Client, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let call = client.call(method.clone(), path);
    headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await
}

/// The origin whose pages may read the response, and the one whose pages may send the request.
async fn allowed(client: &Client, method: &Method, path: &str, origin: &str) -> [Option<String>; 2] {
    let answer = request(client, method, path, &[("origin", origin)]).await;
    let preflight = client.call(Method::OPTIONS, path).header("origin", origin);
    let preflight = preflight.header("access-control-request-method", method.as_str()).open().await;
    let preflight =
        preflight.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
    [answer.header("access-control-allow-origin").map(str::to_owned), preflight]
}

#[tokio::test]
async fn other_origins_cannot_read_responses_unless_the_operator_allows_them() {
    let server = TestServer::start_with(|config| config.demo = true).await;
    for (method, path) in everything() {
        let expected = path.starts_with("/hooks/").then(|| "*".to_owned());
        let found = allowed(&server.anyone(), &method, &path, FOREIGN).await;
        assert_eq!(found, [expected.clone(), expected], "{method} {path}");
    }
}

#[tokio::test]
async fn an_allowed_origin_can_use_the_api_but_not_open_sessions() {
    let server = TestServer::start_with(|config| {
        config.demo = true;
        config.allow_origins = vec![ALLOWED.to_owned()];
    });
    let server = server.await;
    for (method, path) in everything() {
        let [answer, preflight] = allowed(&server.anyone(), &method, &path, ALLOWED).await;
        assert_eq!(answer, preflight, "{method} {path}");
        let is_never = NEVER.iter().any(|place| path.starts_with(place));
        let is_api =
            ["/api/", "/identitytoolkit", "/securetoken", "/.well-known"].iter().any(|at| path.starts_with(at));
        let expected = match (is_never, is_api) {
            (false, true) => Some(ALLOWED),
            _ if path.starts_with("/hooks/") => Some("*"),
            _ => None,
        };
        assert_eq!(answer.as_deref(), expected, "{method} {path}");
        let foreign = allowed(&server.anyone(), &method, &path, FOREIGN).await;
        assert!(foreign.iter().flatten().all(|origin| origin == "*"), "{method} {path}");
    }
    let lookalike =
        allowed(&server.anyone(), &Method::GET, "/api/v1/auth", "https://app.example.com.evil.example").await;
    assert_eq!(lookalike, [None, None]);
}

#[tokio::test]
async fn requests_for_an_unknown_host_name_are_refused() {
    let server = TestServer::start().await;
    for (method, path) in everything() {
        for host in ["evil.example", "localhost.evil.example:80", "192.0.2.7"] {
            let answer = request(&server.anyone(), &method, &path, &[("host", host)]).await;
            let is_open = path.starts_with("/hooks/") || path == "/healthz" || path == "/readyz";
            assert_eq!(answer.status != 421, is_open, "{method} {path} as {host}: {answer}");
        }
    }
    let refused = request(&server.anyone(), &Method::GET, "/api/v1/setup", &[("host", "evil.example")]).await;
    let why = refused.refused(421, "MISDIRECTED_REQUEST").message;
    assert!(why.contains("evil.example") && why.contains("--public-url") && why.contains("--allow-host"), "{why}");
}

/// Sends a raw request and returns the status of the response.
async fn raw(server: &TestServer, request: &str) -> u16 {
    let mut stream = TcpStream::connect(server.server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

#[tokio::test]
async fn every_way_to_name_the_host_is_checked() {
    let server = TestServer::start_with(|config| {
        config.public_url = Some("https://tools.example.com".to_owned());
        config.allow_hosts = vec!["tunnel.example.net".to_owned()];
    });
    let server = server.await;
    let end = "Connection: close\r\n\r\n";
    for (head, status) in [
        ("GET /api/v1/setup HTTP/1.1\r\nHost: tools.example.com\r\n", 200),
        ("GET /api/v1/setup HTTP/1.1\r\nHost: Tunnel.example.net:8443\r\n", 200),
        ("GET /api/v1/setup HTTP/1.1\r\nHost: localhost\r\n", 200),
        ("GET /api/v1/setup HTTP/1.1\r\nHost: [::1]:4000\r\n", 200),
        ("GET /api/v1/setup HTTP/1.0\r\n", 200),
        ("GET /api/v1/setup HTTP/1.1\r\nHost: evil.example\r\n", 421),
        ("GET /api/v1/setup/ HTTP/1.1\r\nHost: evil.example\r\n", 421),
        ("GET http://evil.example/api/v1/setup HTTP/1.1\r\nHost: localhost\r\n", 421),
        ("GET http://localhost/api/v1/setup HTTP/1.1\r\nHost: evil.example\r\n", 421),
        ("GET /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 421),
        ("GET /api/v1/setup HTTP/1.0\r\nHost: evil.example\r\n", 421),
    ] {
        assert_eq!(raw(&server, &format!("{head}{end}")).await, status, "{head}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_cannot_open_refresh_or_end_sessions() {
    let server =
        TestServer::start_with(|config| config.public_url = Some("https://tools.example.com".to_owned())).await;
    let client = server.anyone();
    let body = json!({"email": "ada@example.com", "password": super::PASSWORD});
    let opened = client.post("/api/v1/session/sign-up", body).await;
    let cookie = opened.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let own = format!("http://{}", server.server.address);
    let sessions: Vec<_> = routes().into_iter().filter(|(_, path)| path.starts_with("/api/v1/session")).collect();
    assert_eq!(sessions.len(), 4);
    for (method, path) in &sessions {
        for headers in [
            &[("origin", FOREIGN)][..],
            &[("origin", "null")],
            &[("origin", "http://localhost:1")],
            &[("origin", FOREIGN), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            let answer = request(&client, method, path, &[headers, &[("cookie", &cookie)]].concat()).await;
            let why = answer.refused(403, "PERMISSION_DENIED").message;
            assert!(why.contains("--public-url"), "{why}");
        }
    }
    let mut cookie = cookie;
    for headers in [
        &[][..],
        &[("origin", own.as_str())],
        &[("origin", "https://tools.example.com")],
        &[("origin", "https://tools.example.org"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let headers = [headers, &[("cookie", &cookie)]].concat();
        let answer = request(&client, &Method::POST, "/api/v1/session/refresh", &headers).await;
        let next = answer.header("set-cookie").map(|set| set.split(';').next().unwrap().to_owned());
        answer.expect(200);
        cookie = next.unwrap();
    }
}
