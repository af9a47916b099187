//! Signed webhooks: valid, invalid, stale and repeated calls.
use super::{echo, hook, save};
use crate::support::{Answer, Client, World};
use hmac::{Hmac, KeyInit, Mac};
use jet_admin::clock::Time;
use reqwest::Method;
use serde_json::{Value, json};

/// Returns the HMAC-SHA-256 as hexadecimal digits.
pub fn hmac(key: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text);
    hex::encode(mac.finalize().into_bytes())
}

/// A webhook that requires signatures, and an anonymous client that calls it.
struct Signed {
    _world: World,
    anyone: Client,
    path: String,
}

impl Signed {
    async fn with(signature: Value, more: Value) -> Self {
        let world = World::empty().await;
        let mut trigger = json!({"type": "webhook", "signature": {"header": "X-Sig", "secret": "the key"}});
        trigger["signature"].as_object_mut().unwrap().extend(signature.as_object().unwrap().clone());
        trigger.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let created = save(&world.client, echo("Signed", json!([trigger]))).await;
        assert_eq!(created["problems"], json!([]));
        Self { anyone: world.server.anyone(), path: hook(&created, 0), _world: world }
    }

    async fn call(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let call = self.anyone.call(Method::POST, &self.path).raw("application/json", body);
        headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await
    }
}

#[tokio::test]
async fn only_a_valid_signature_of_the_raw_body_is_accepted() {
    let signed = Signed::with(json!({"prefix": "sha256="}), json!({})).await;
    let body = "{\"a\":  1}";
    let right = format!("sha256={}", hmac("the key", body.as_bytes()));
    for wrong in [
        "",
        "sha256=",
        &right[7..],
        &right.replace("sha256=", "sha1="),
        &format!("sha256={}", hmac("other", body.as_bytes())),
    ] {
        let refused = signed.call(body, &[("x-sig", wrong)]).await.refused(401, "INVALID_SIGNATURE");
        assert_eq!(refused.message, "the signature is missing or invalid");
    }
    signed.call(body, &[]).await.refused(401, "INVALID_SIGNATURE");
    signed.call("{\"a\": 1}", &[("x-sig", &right)]).await.refused(401, "INVALID_SIGNATURE");
    signed.call(body, &[("x-sig", &right)]).await.expect(202);
    let refused = signed.call(body, &[("x-sig", &right)]).await.refused(401, "INVALID_SIGNATURE");
    assert_eq!(refused.message, "the call is too old or was already received");
    // invalid JSON is reported only to callers with a valid signature
    signed.call("{", &[("x-sig", "sha256=00")]).await.refused(401, "INVALID_SIGNATURE");
    let broken = format!("sha256={}", hmac("the key", b"{"));
    for _ in 0..2 {
        signed.call("{", &[("x-sig", &broken)]).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_signed_timestamp_must_be_recent_and_works_once() {
    let signed = Signed::with(json!({"timestampHeader": "X-Time", "toleranceSeconds": 60}), json!({})).await;
    let at = |offset: i64| (Time::now().seconds() + offset).to_string();
    let call = async |time: &str, body: &str| {
        let signature = hmac("the key", format!("{time}.{body}").as_bytes());
        signed.call(body, &[("x-sig", &signature), ("x-time", time)]).await
    };
    let now = at(0);
    call(&now, "{}").await.expect(202);
    call(&now, "{}").await.refused(401, "INVALID_SIGNATURE");
    call(&at(-30), "{}").await.expect(202);
    for stale in [at(-90), at(90), "soon".to_owned()] {
        let refused = call(&stale, "{}").await.refused(401, "INVALID_SIGNATURE");
        assert_eq!(refused.message, "the call is too old or was already received");
    }
    // a timestamp that differs from the signed one
    let signature = hmac("the key", format!("{}.{{}}", at(-90)).as_bytes());
    signed.call("{}", &[("x-sig", &signature), ("x-time", &now)]).await.refused(401, "INVALID_SIGNATURE");
    let over_body_only = hmac("the key", b"{}");
    signed.call("{}", &[("x-sig", &over_body_only), ("x-time", &now)]).await.refused(401, "INVALID_SIGNATURE");
}

#[tokio::test]
async fn only_one_of_many_concurrent_calls_with_the_same_signature_is_accepted() {
    let signed = Signed::with(json!({}), json!({})).await;
    let signature = hmac("the key", b"{}");
    let headers = [("x-sig", signature.as_str())];
    let answers = futures_util::future::join_all((0..16).map(|_| signed.call("{}", &headers))).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 15, "{statuses:?}");
}

#[tokio::test]
async fn a_repeated_delivery_id_starts_no_second_run() {
    let signed = Signed::with(json!({}), json!({"idempotencyHeader": "X-Delivery"})).await;
    let signature = hmac("the key", b"{}");
    let first = signed.call("{}", &[("x-sig", &signature), ("x-delivery", "1")]).await.expect(202);
    let again = signed.call("{}", &[("x-sig", &signature), ("x-delivery", "1"), ("x-attempt", "2")]).await.expect(202);
    assert_eq!(again["instanceID"], first["instanceID"]);
    signed.call("{}", &[("x-sig", &signature), ("x-delivery", "2")]).await.refused(401, "INVALID_SIGNATURE");
    signed.call("{}", &[("x-sig", &signature)]).await.refused(401, "INVALID_SIGNATURE");
}

#[tokio::test]
async fn the_secret_changes_only_when_a_new_one_is_sent() {
    let world = World::empty().await;
    let signature = json!({"header": "X-Sig", "secret": "old key", "toleranceSeconds": 0});
    let created =
        save(&world.client, echo("Signed", json!([{"type": "webhook", "id": "in", "signature": signature}]))).await;
    let path = format!("workflows/{}", crate::support::client::id(&created));
    let anyone = world.server.anyone();
    let status = async |key: &str| {
        let call = anyone.call(Method::POST, &hook(&created, 0)).header("x-sig", &hmac(key, b"{}"));
        call.raw("application/json", "{}").send().await.status.as_u16()
    };
    assert_eq!((status("old key").await, status("new key").await), (202, 401));
    let shown = world.client.get(&path).await.expect(200);
    let same = world.client.patch(&path, json!({"triggers": shown["triggers"]})).await.expect(200);
    assert_eq!(same["version"], shown["version"], "sending back what was read changes nothing");
    let mut triggers = shown["triggers"].clone();
    triggers[0]["signature"]["secret"] = json!("old key");
    let same = world.client.patch(&path, json!({"triggers": triggers})).await.expect(200);
    assert_eq!(same["version"], shown["version"]);
    assert_eq!(status("old key").await, 202);
    triggers[0]["signature"]["secret"] = json!("new key");
    world.client.patch(&path, json!({"triggers": triggers})).await.expect(200);
    assert_eq!((status("old key").await, status("new key").await), (401, 202));
    triggers[0].as_object_mut().unwrap().remove("signature");
    world.client.patch(&path, json!({"triggers": triggers})).await.expect(200);
    assert_eq!(status("any").await, 202);
}
