use super::{House, Source, TENANT, object};
use crate::support::recorder::Recorder;
use axum::{body::Body, http::Response};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

fn status(code: u16, body: Value) -> Response<Body> {
    let response = Response::builder().status(code).header("content-type", "application/json");
    response.body(Body::from(body.to_string())).unwrap()
}

/// Starts a service that issues the tokens `t1`, `t2`, … and accepts only the one whose number is in the returned
/// counter.
async fn service(lifetime: Value) -> (Recorder, Arc<AtomicUsize>) {
    let valid = Arc::new(AtomicUsize::new(1));
    let (issued, wanted) = (AtomicUsize::new(0), Arc::clone(&valid));
    let issued = Arc::new(issued);
    let recorder = Recorder::start(move |seen| match seen.path.as_str() {
        "/token" => {
            let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
            status(200, json!({"access_token": format!("t{number}"), "token_type": "Bearer", "expires_in": lifetime}))
        }
        "/refuses" => {
            status(400, json!({"error": "invalid_client", "error_description": format!("no: {}", seen.text())}))
        }
        "/redirects" => Response::builder().status(307).header("location", "/token").body(Body::empty()).unwrap(),
        _ if seen.header("authorization") == format!("Bearer t{}", wanted.load(Ordering::SeqCst)) => {
            status(200, json!({"ok": 1}))
        }
        _ => status(401, json!({"message": format!("not {}", seen.header("authorization"))})),
    });
    (recorder.await, valid)
}

fn source(recorder: &Recorder, more: Value) -> Source {
    let mut auth = object(json!({
        "type": "oauth2", "tokenUrl": format!("{}/token", recorder.url()), "clientID": "me & co", "clientSecret": "p+w/s3cret",
    }));
    auth.extend(object(more));
    let mut source = Source::new("restapi", json!({"baseUrl": recorder.url(), "auth": auth}));
    source.0.id = uuid::Uuid::new_v4();
    source
}

fn call() -> Value {
    json!({"options": {"path": "data"}})
}

#[tokio::test]
async fn a_token_is_fetched_once_and_cached() {
    let house = House::new();
    let (recorder, _) = service(json!(3600)).await;
    let api = source(&recorder, json!({"scope": "a b", "audience": "https://x.example"}));
    let all = join_all((0..20).map(|_| house.run(&api, call(), json!({})))).await;
    assert!(all.iter().all(Result::is_ok));
    let seen = recorder.take();
    let tokens: Vec<_> = seen.iter().filter(|one| one.path == "/token").collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].text(), "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fx.example");
    // RFC 6749, section 2.3.1: both are form-encoded before they are joined
    assert_eq!(tokens[0].header("authorization"), "Basic bWUrJTI2K2NvOnAlMkJ3JTJGczNjcmV0");
}

#[tokio::test]
async fn client_credentials_can_be_in_the_body() {
    let house = House::new();
    let (recorder, _) = service(json!("3600")).await;
    let api = source(&recorder, json!({"clientAuth": "body", "refreshToken": "r3fresh"}));
    house.run(&api, call(), json!({})).await.unwrap();
    let token = &recorder.take()[0];
    assert_eq!(
        token.text(),
        "grant_type=refresh_token&refresh_token=r3fresh&client_id=me+%26+co&client_secret=p%2Bw%2Fs3cret"
    );
    assert_eq!(token.header("authorization"), "");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let house = House::new();
    let (recorder, valid) = service(json!(3600)).await;
    let api = source(&recorder, json!({}));
    house.run(&api, call(), json!({})).await.unwrap();
    valid.store(2, Ordering::SeqCst);
    house.run(&api, call(), json!({})).await.unwrap();
    let paths: Vec<_> = recorder.take().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/token", "/data", "/data", "/token", "/data"]);
    valid.store(0, Ordering::SeqCst);
    let refused = house.run(&api, call(), json!({})).await.unwrap_err().to_string();
    assert!(refused.starts_with("the server answered 401 Unauthorized: "), "{refused}");
    assert_eq!(recorder.take().len(), 3);
}

#[tokio::test]
async fn an_expired_token_is_not_used() {
    let house = House::new();
    let (recorder, _) = service(json!(0)).await;
    let api = source(&recorder, json!({}));
    house.run(&api, call(), json!({})).await.unwrap();
    let _ = house.run(&api, call(), json!({})).await;
    let tokens = recorder.take().iter().filter(|one| one.path == "/token").count();
    assert!(tokens >= 2, "{tokens}");
}

#[tokio::test]
async fn a_refused_token_request_is_reported_without_secrets() {
    let house = House::new();
    let (recorder, _) = service(json!(3600)).await;
    for (path, expected) in [
        (
            "/refuses",
            "token URL: the server answered 400 Bad Request: no: grant_type=client_credentials&client_id=me+%26+co&client_secret=•••",
        ),
        ("/redirects", "token URL: the server answered 307"),
        ("/data", "token URL: the server answered 401"),
    ] {
        let more = json!({"tokenUrl": format!("{}{path}", recorder.url()), "clientAuth": "body"});
        let report = house.queries.test(TENANT, "restapi", &source(&recorder, more).0.options).await.unwrap();
        let error = report.error.unwrap();
        assert!(error.starts_with(expected) && !error.contains("s3cret"), "{error}");
    }
    for url in ["ftp://x", "http://u:p@x.example/", "nonsense"] {
        let report = house
            .queries
            .test(TENANT, "restapi", &source(&recorder, json!({"tokenUrl": url})).0.options)
            .await
            .unwrap();
        assert!(report.error.unwrap().starts_with("options.auth.tokenUrl: "), "{url}");
    }
    let metadata = json!({"tokenUrl": "http://169.254.169.254/token"});
    let report = house.queries.test(TENANT, "restapi", &source(&recorder, metadata).0.options).await.unwrap();
    assert!(report.error.unwrap().contains("link-local"));
}
