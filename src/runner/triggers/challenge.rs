//! URL verification: some senders check first whether the webhook's URL belongs to someone who knows the secret. Such
//! calls are answered immediately and start no run.
use super::Hook;
use crate::{
    json::{self, Room},
    model::trigger::WebhookSender,
};
use ring::hmac;
use serde_json::{Value, json};

/// Maximum memory of a parsed verification call, in bytes.
const ASKED: usize = 64 << 10;

/// Returns the response to a signed call if it is a verification.
pub fn challenge(hook: &Hook, body: &[u8]) -> Option<Value> {
    let sender = hook.scheme.as_ref()?.sender;
    if !matches!(sender, WebhookSender::Slack | WebhookSender::Zoom) {
        return None;
    }
    let asked: Value = json::parse(body, &Room::of(ASKED)).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match sender {
        // docs.slack.dev/reference/events/url_verification
        WebhookSender::Slack if asked["type"] == "url_verification" => {
            Some(json!({"challenge": text(&asked["challenge"])?}))
        }
        // developers.zoom.us/docs/api/webhooks: the token, and its HMAC with the secret
        WebhookSender::Zoom if asked["event"] == "endpoint.url_validation" => {
            let plain = text(&asked["payload"]["plainToken"])?;
            let key = hmac::Key::new(hmac::HMAC_SHA256, &hook.key);
            let signed = hex::encode(hmac::sign(&key, plain.as_bytes()));
            Some(json!({"plainToken": plain, "encryptedToken": signed}))
        }
        _ => None,
    }
}
