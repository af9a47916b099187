//! The admin UI's session: a cookie that scripts cannot read, and an ID token in the response.
use crate::support::{Answer, Client, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

async fn sign_up(client: &Client) -> Answer {
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    client.post("/api/v1/session/sign-up", body).await
}

/// The cookie's value and its attributes.
fn cookie(answer: &Answer) -> (String, Vec<String>) {
    let header = answer.header("set-cookie").unwrap_or_else(|| panic!("{answer} sets no cookie"));
    let mut parts = header.split("; ").map(str::to_owned);
    let (name, value) = parts.next().unwrap().split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap();
    assert_eq!(name, "jet_session");
    (value, parts.collect())
}

async fn refresh(client: &Client, cookie: &str) -> Answer {
    client.call(Method::POST, "/api/v1/session/refresh").header("cookie", cookie).send().await
}

#[tokio::test]
async fn the_cookie_cannot_be_read_by_scripts() {
    let server = TestServer::start().await;
    let opened = sign_up(&server.anyone()).await;
    let (value, attributes) = cookie(&opened);
    assert_eq!(attributes, ["Path=/api/v1/session", "HttpOnly", "SameSite=Strict", "Max-Age=2592000"]);
    assert!(!opened.text.contains(&value), "the refresh token must be only in the cookie");
    let body = opened.expect(200);
    assert_eq!((&body["expiresIn"], &body["user"]["name"]), (&json!(3600), &json!("Ada")));
    let me = server.anyone().with_token(body["idToken"].as_str().unwrap()).get("/api/v1/auth").await.expect(200);
    assert_eq!(me["user"], body["user"]);
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let server =
        TestServer::start_with(|config| config.public_url = Some("https://admin.example.com/".to_owned())).await;
    let (_, attributes) = cookie(&sign_up(&server.anyone()).await);
    assert!(attributes.contains(&"Secure".to_owned()), "{attributes:?}");
}

#[tokio::test]
async fn a_session_is_refreshed_with_its_cookie() {
    let server = TestServer::start().await;
    let client = server.anyone();
    sign_up(&client).await.expect(200);
    let opened = client.post("/api/v1/session", json!({"email": "ada@example.com", "password": PASSWORD})).await;
    let (first, _) = cookie(&opened);
    let next = refresh(&client, &format!("theme=dark; jet_session={first}; lang=en")).await;
    let (second, _) = cookie(&next);
    assert_ne!(first, second);
    let token = next.expect(200)["idToken"].as_str().unwrap().to_owned();
    client.with_token(token).get("/api/v1/auth").await.expect(200);
    client.call(Method::POST, "/api/v1/session/refresh").send().await.refused(401, "USER_AUTH_TOKEN_MISSING");
    refresh(&client, "jet_session=").await.refused(401, "USER_AUTH_TOKEN_MISSING");
    refresh(&client, "jet_session=nonsense").await.refused(401, "USER_AUTH_TOKEN_INVALID");
}

#[tokio::test]
async fn signing_out_revokes_all_refresh_tokens_of_the_session() {
    let server = TestServer::start().await;
    let client = server.anyone();
    let (first, _) = cookie(&sign_up(&client).await);
    let (second, _) = cookie(&refresh(&client, &format!("jet_session={first}")).await);
    let signed_out =
        client.call(Method::DELETE, "/api/v1/session").header("cookie", &format!("jet_session={second}")).send().await;
    let (value, attributes) = cookie(&signed_out);
    assert_eq!((value.as_str(), attributes[3].as_str()), ("", "Max-Age=0"));
    signed_out.expect(204);
    for revoked in [first, second] {
        refresh(&client, &format!("jet_session={revoked}")).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    }
    client.call(Method::DELETE, "/api/v1/session").send().await.expect(204);
}

#[tokio::test]
async fn a_refused_sign_in_sets_no_cookie() {
    let server = TestServer::start().await;
    let client = server.anyone();
    sign_up(&client).await.expect(200);
    let wrong: [(Value, u16, &str); 5] = [
        (json!({"email": "ada@example.com", "password": "wrong password"}), 401, "INVALID_LOGIN_CREDENTIALS"),
        (json!({"email": "bob@example.com", "password": PASSWORD}), 401, "INVALID_LOGIN_CREDENTIALS"),
        (json!({"email": "ada", "password": PASSWORD}), 400, "INVALID_REQUEST"),
        (json!({"email": "ada@example.com"}), 400, "INVALID_REQUEST"),
        (json!({"email": "ada@example.com", "password": PASSWORD, "admin": true}), 400, "INVALID_REQUEST"),
    ];
    for (body, status, code) in wrong {
        let answer = client.post("/api/v1/session", body).await;
        assert!(answer.header("set-cookie").is_none());
        answer.refused(status, code);
    }
    let again = json!({"email": "ada@example.com", "password": PASSWORD});
    client.post("/api/v1/session/sign-up", again).await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn the_health_checks_are_public() {
    let server = TestServer::start().await;
    for (path, expected) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = server.anyone().get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, expected));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        server.anyone().post(path, json!({})).await.refused(405, "METHOD_NOT_ALLOWED");
    }
}
