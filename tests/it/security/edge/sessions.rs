//! Tokens: responses with them are never cached, and they are refused after sign-out.
use super::{PASSWORD, routes};
use crate::support::{
    Answer, Client, Stored, TestServer, World,
    process::{Process, data_dir},
};
use jet_admin::auth::Signup;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn responses_of_the_api_are_not_cached() {
    let world = World::full().await;
    // public documents, and lists of types, which a browser may cache if it revalidates them each time
    let cacheable = ["/api/v1/openapi.json", "/.well-known/"];
    for (method, path) in routes() {
        let is_cacheable = cacheable.iter().any(|start| path.starts_with(start)) || path.ends_with("-types");
        if is_cacheable || path.starts_with("/hooks/") {
            continue;
        }
        let path = path.replace("/tenants/x", &format!("/tenants/{}", world.tenant));
        let stranger = world.server.anyone();
        let callers = [Some(&stranger), Some(&world.client).filter(|_| method == Method::GET)];
        for client in callers.into_iter().flatten() {
            let answer = client.call(method.clone(), &path).begin().await;
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{method} {path}: {answer}");
        }
    }
    let feed = world.client.call(Method::GET, "workflows/instances/events").open().await;
    assert_eq!(feed.headers()["cache-control"], "no-store", "an event stream");
    for kind in ["widgets", "workflows", "datasources"] {
        let list = world.client.get(kind).await;
        assert_eq!(list.header("cache-control"), Some("no-store"), "{kind}");
    }
    let sign_up = world.server.anyone().post("/api/v1/session/sign-up", json!({"email": "x", "password": "y"})).await;
    assert_eq!(sign_up.header("cache-control"), Some("no-store"), "a refusal");
}

async fn open(client: &Client, path: &str, cookie: Option<&str>) -> (String, String) {
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let mut call = client.call(Method::POST, path).json(&body);
    if let Some(cookie) = cookie {
        call = call.header("cookie", cookie);
    }
    let answer = call.send().await;
    let cookie =
        answer.header("set-cookie").unwrap_or_else(|| panic!("{answer}")).split(';').next().unwrap().to_owned();
    (answer.expect(200)["idToken"].as_str().unwrap().to_owned(), cookie)
}

async fn works(client: &Client, token: &str) -> bool {
    let answer = client.with_token(token).get("/api/v1/auth").await;
    if answer.status != 200 {
        answer.refused(401, "USER_AUTH_TOKEN_INVALID");
        return false;
    }
    true
}

async fn refresh(client: &Client, cookie: &str) -> Answer {
    client.call(Method::POST, "/api/v1/session/refresh").header("cookie", cookie).send().await
}

async fn sign_out(client: &Client, cookie: &str) {
    client.call(Method::DELETE, "/api/v1/session").header("cookie", cookie).send().await.expect(204);
}

#[tokio::test]
async fn signing_out_revokes_only_the_id_tokens_of_that_sign_in() {
    let server = TestServer::start().await;
    let client = server.anyone();
    let (first, cookie) = open(&client, "/api/v1/session/sign-up", None).await;
    let (elsewhere, _) = open(&client, "/api/v1/session", None).await;
    let next = refresh(&client, &cookie).await;
    let cookie = next.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let refreshed = next.expect(200)["idToken"].as_str().unwrap().to_owned();
    for token in [&first, &refreshed, &elsewhere] {
        assert!(works(&client, token).await);
    }
    sign_out(&client, &cookie).await;
    assert_eq!((works(&client, &first).await, works(&client, &refreshed).await), (false, false));
    assert!(works(&client, &elsewhere).await, "another device must stay signed in");
    let lookup = client.post("/identitytoolkit.googleapis.com/v1/accounts:lookup", json!({"idToken": first})).await;
    assert_eq!(lookup.expect(400)["error"]["message"], "INVALID_ID_TOKEN");
}

#[tokio::test]
async fn a_revoked_token_stays_revoked_after_a_restart() {
    let (_dir, root) = data_dir();
    let mut process = Process::start(&root, &[]);
    let client = process.client();
    let (revoked, cookie) = open(&client, "/api/v1/session/sign-up", None).await;
    let (valid, _) = open(&client, "/api/v1/session", None).await;
    sign_out(&client, &cookie).await;
    process.kill();
    let process = Process::start(&root, &[]);
    assert_eq!((works(&process.client(), &revoked).await, works(&process.client(), &valid).await), (false, true));
}

#[tokio::test]
async fn signing_in_replaces_the_previous_session_of_the_browser() {
    let server = TestServer::start_with(|config| config.signup = Some(Signup::Open)).await;
    let client = server.anyone();
    let (first, cookie) = open(&client, "/api/v1/session/sign-up", None).await;
    let (second, _) = open(&client, "/api/v1/session", Some(&cookie)).await;
    refresh(&client, &cookie).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    assert_eq!((works(&client, &first).await, works(&client, &second).await), (false, true));
    let wrong = json!({"email": "ada@example.com", "password": "wrong password"});
    let (third, cookie) = open(&client, "/api/v1/session", None).await;
    client.call(Method::POST, "/api/v1/session").header("cookie", &cookie).json(&wrong).send().await.expect(401);
    assert!(works(&client, &third).await, "a failed sign-in must not end the session");
}

#[tokio::test]
async fn reuse_of_a_refresh_token_revokes_the_id_tokens_too() {
    let server = TestServer::start().await;
    let client = server.anyone();
    let (token, cookie) = open(&client, "/api/v1/session/sign-up", None).await;
    refresh(&client, &cookie).await.expect(200);
    // pretend that it was used a minute ago
    let workspace = Stored::workspace(&server.data_dir());
    workspace.execute("update refresh_tokens set used_at = used_at - 60000 where used_at is not null");
    refresh(&client, &cookie).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    assert!(!works(&client, &token).await);
    assert_eq!(workspace.number("select count(*) from refresh_tokens"), 0);
}
