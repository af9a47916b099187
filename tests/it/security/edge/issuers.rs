//! Keys of external issuers: tokens with unknown keys must not delay others or flood the issuer with requests.
use super::PATIENCE;
use crate::support::Key;
use axum::{Json, Router, extract::State, routing::get};
use futures_util::future::join_all;
use jet_admin::{Error, auth::ExternalIssuer, clock::Time};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

/// Publishes one key set. Answers as many requests as there are permits, and lets the others wait.
struct Slow {
    keys: Value,
    asked: AtomicUsize,
    permits: Semaphore,
}

async fn keys(State(slow): State<Arc<Slow>>) -> Json<Value> {
    slow.asked.fetch_add(1, Ordering::Relaxed);
    slow.permits.acquire().await.unwrap().forget();
    Json(slow.keys.clone())
}

async fn start(key: &Key) -> (Arc<Slow>, ExternalIssuer) {
    let keys_of = json!({"keys": [key.public()]});
    let slow = Arc::new(Slow { keys: keys_of, asked: AtomicUsize::new(0), permits: Semaphore::new(1) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let router = Router::new().route("/keys", get(keys)).with_state(Arc::clone(&slow));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let tls =
        rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
    (slow, ExternalIssuer::firebase("app", Some(url), http))
}

async fn verify(issuer: &ExternalIssuer, key: &Key, at: Time) -> Result<String, Error> {
    let now = Time::now().seconds();
    let token = key.sign(&json!({
        "iss": "https://securetoken.google.com/app", "aud": "app", "sub": "person-1", "iat": now, "exp": now + 600,
    }));
    issuer.verify(&token, &jsonwebtoken::decode_header(&token).unwrap(), at).await.map(|claims| claims.sub)
}

#[tokio::test]
async fn tokens_with_an_unknown_key_delay_no_others_and_cause_one_request() {
    let (known, unknown) = (Key::rsa("first"), Key::rsa("second"));
    let (slow, issuer) = start(&known).await;
    let now = Time::now();
    assert_eq!(verify(&issuer, &known, now).await.unwrap(), "person-1");
    let later = now.plus(Duration::from_secs(20));
    // the issuer no longer responds
    let mut strangers: Vec<_> = (0..50).map(|_| Box::pin(verify(&issuer, &unknown, later))).collect();
    let waiting = futures_util::future::select_all(strangers.iter_mut());
    let asked = async {
        while slow.asked.load(Ordering::Relaxed) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = waiting => panic!("a token was verified before the issuer responded"),
        asked = timeout(PATIENCE, asked) => asked.expect("the issuer was not asked"),
    }
    let start = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(verify(&issuer, &known, later).await.unwrap(), "person-1");
    }
    assert!(start.elapsed() < Duration::from_secs(5), "known keys waited {:?}", start.elapsed());
    // when callers leave, the next ones do not ask again
    drop(strangers);
    let others = (0..20).map(|_| timeout(Duration::from_millis(1), verify(&issuer, &unknown, later)));
    assert!(join_all(others).await.iter().all(Result::is_err));
    assert_eq!(slow.asked.load(Ordering::Relaxed), 2, "there must be one request at a time");
    // the request times out, and the error names the issuer as the cause
    let refused =
        timeout(PATIENCE, verify(&issuer, &unknown, later)).await.expect("the request did not time out").unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
}

#[tokio::test]
async fn keys_due_for_renewal_are_used_while_the_issuer_is_slow() {
    let key = Key::rsa("first");
    let (slow, issuer) = start(&key).await;
    let now = Time::now();
    assert_eq!(verify(&issuer, &key, now).await.unwrap(), "person-1");
    let later = now.plus(Duration::from_hours(2));
    let waited = timeout(PATIENCE, verify(&issuer, &key, later)).await.expect("the caller waited for the issuer");
    assert_eq!(waited.unwrap(), "person-1");
    assert_eq!(slow.asked.load(Ordering::Relaxed), 2);
}
