//! Webhooks of well-known services, signed by their own libraries or according to their documentation.
use super::{echo, hook, save, signatures::hmac};
use crate::support::{Answer, Client, World, packing::gzip};
use base64::{Engine, prelude::BASE64_STANDARD};
use jet_admin::clock::Time;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = "{\"a\":  1}";

/// Returns the headers of each call, as signed by the senders' own libraries.
fn signed(calls: &[Value]) -> Vec<Map<String, Value>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/python/bin/python");
    assert!(python.exists(), "the senders' libraries are not installed: run `make test`");
    let mut shell = Command::new(python);
    shell.arg(root.join("tests/senders/sign.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    child.stdin.take().unwrap().write_all(Value::from(calls).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

struct Hooked {
    world: World,
    anyone: Client,
}

impl Hooked {
    async fn new() -> Self {
        let world = World::empty().await;
        Self { anyone: world.server.anyone(), world }
    }

    /// Saves a workflow whose webhook requires this signature. Returns the webhook's path.
    async fn path(&self, name: &str, signature: Value) -> String {
        let trigger = json!({"type": "webhook", "answer": "finish", "methods": ["ANY"], "signature": signature});
        let created = save(&self.world.client, echo(name, json!([trigger]))).await;
        assert_eq!(created["problems"], json!([]), "{name}");
        hook(&created, 0)
    }

    async fn call(&self, path: &str, (media, body): (&str, &str), headers: &Map<String, Value>) -> Answer {
        let call = self.anyone.call(Method::POST, path).raw(media, body);
        headers.iter().fold(call, |call, (name, value)| call.header(name, value.as_str().unwrap())).send().await
    }
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn calls_signed_by_the_senders_own_libraries_are_accepted() {
    let hooked = Hooked::new().await;
    let now = Time::now().seconds();
    let secrets = [
        ("stripe", "whsec_plain text"),
        ("slack", "8f742231b10e8888abcd99yyyzzz85a5"),
        ("standardWebhooks", WHSEC),
        ("svix", WHSEC),
    ];
    for (sender, secret) in secrets {
        let path = hooked.path(sender, json!({"sender": sender, "secret": secret})).await;
        let call = |time: i64, secret: &str, body: &str| json!({"sender": sender, "secret": secret, "body": body, "url": "", "form": [], "time": time});
        let other = if secret == WHSEC { "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" } else { "other" };
        let headers = signed(&[call(now, secret, BODY), call(now, other, BODY), call(now - 400, secret, BODY)]);
        let with = async |headers: &Map<String, Value>, body: &str| {
            hooked.call(&path, ("application/json", body), headers).await
        };
        let given = with(&headers[0], BODY).await.expect(200)["output"].clone();
        assert_eq!((&given["body"], &given["signed"]), (&json!({"a": 1}), &json!(true)), "{sender}");
        assert!(!given["headers"].to_string().to_lowercase().contains("-signature\""), "{sender}: {given}");
        with(&headers[0], "{\"a\": 1}").await.refused(401, "INVALID_SIGNATURE");
        with(&headers[1], BODY).await.refused(401, "INVALID_SIGNATURE");
        with(&headers[2], BODY).await.refused(401, "INVALID_SIGNATURE");
        for name in headers[0].keys() {
            let mut fewer = headers[0].clone();
            fewer.shift_remove(name);
            with(&fewer, BODY).await.refused(401, "INVALID_SIGNATURE");
        }
    }
}

#[tokio::test]
async fn twilio_signatures_cover_the_url_and_the_form() {
    let hooked = Hooked::new().await;
    let path = hooked.path("Twilio", json!({"sender": "twilio", "secret": "12345"})).await;
    let url = format!("{}{path}", hooked.world.server.url);
    let form = "To=%2B18005551212&From=%2B14158675309&Body=Gr%C3%BC%C3%9Fe+an+alle&MediaUrl=b&MediaUrl=a";
    let pairs = json!([
        ["To", "+18005551212"],
        ["From", "+14158675309"],
        ["Body", "Grüße an alle"],
        ["MediaUrl", "b"],
        ["MediaUrl", "a"]
    ]);
    let with_query = format!("{url}?foo=1&bar=2");
    let call = |url: &str, form: &Value| json!({"sender": "twilio", "secret": "12345", "body": "", "url": url, "form": form, "time": 0});
    let headers = signed(&[call(&url, &pairs), call(&with_query, &pairs), call(&url, &json!([]))]);
    let media = "application/x-www-form-urlencoded; charset=UTF-8";
    let given = hooked.call(&path, (media, form), &headers[0]).await.expect(200)["output"].clone();
    assert_eq!(given["body"]["Body"], "Grüße an alle");
    hooked.call(&format!("{path}?foo=1&bar=2"), (media, form), &headers[1]).await.expect(200);
    hooked.call(&path, (media, &form.replace("alle", "sie")), &headers[0]).await.refused(401, "INVALID_SIGNATURE");
    hooked.call(&format!("{path}?foo=2"), (media, form), &headers[0]).await.refused(401, "INVALID_SIGNATURE");
    // for other bodies than forms, the URL contains the digest
    let json = ("application/json", "{}");
    let hashed = ("application/json", "{\"property\": \"value\", \"boolean\": true}");
    let actual = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(hashed.1));
    let exact = format!("{url}?bodySHA256={actual}");
    let right = signed(&[call(&exact, &json!([]))]).remove(0);
    hooked.call(&format!("{path}?bodySHA256={actual}"), hashed, &right).await.expect(200);
    hooked.call(&format!("{path}?bodySHA256={actual}"), json, &right).await.refused(401, "INVALID_SIGNATURE");
    hooked.call(&path, json, &headers[2]).await.refused(401, "INVALID_SIGNATURE");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn calls_signed_according_to_the_documentation_are_accepted() {
    let hooked = Hooked::new().await;
    let now = Time::now().seconds();
    let hex_of = |text: &str| hmac("the key", text.as_bytes());
    let base64_of = |text: &str| BASE64_STANDARD.encode(hex::decode(hmac("the key", text.as_bytes())).unwrap());
    let iso = Time(now * 1000).to_string();
    let basic = format!("Basic {}", BASE64_STANDARD.encode("user:the key"));
    let milliseconds = (now * 1000).to_string();
    for (name, signature, right) in [
        (
            "github",
            json!({"sender": "github"}),
            json!({"X-Hub-Signature-256": format!("sha256={}", hex_of(BODY)), "X-GitHub-Delivery": "1"}),
        ),
        ("meta", json!({"sender": "meta"}), json!({"X-Hub-Signature-256": format!("sha256={}", hex_of(BODY))})),
        ("gitlab", json!({"sender": "gitlab"}), json!({"X-Gitlab-Token": "the key"})),
        ("shopify", json!({"sender": "shopify"}), json!({"X-Shopify-Hmac-Sha256": base64_of(BODY)})),
        (
            "zendesk",
            json!({"sender": "zendesk"}),
            json!({"X-Zendesk-Webhook-Signature": base64_of(&format!("{iso}{BODY}")), "X-Zendesk-Webhook-Signature-Timestamp": iso}),
        ),
        (
            "zoom",
            json!({"sender": "zoom"}),
            json!({"x-zm-signature": format!("v0={}", hex_of(&format!("v0:{now}:{BODY}"))), "x-zm-request-timestamp": now.to_string()}),
        ),
        ("basic", json!({"proof": "basic", "secret": "user:the key"}), json!({"Authorization": basic})),
        (
            "bearer",
            json!({"proof": "token", "header": "Authorization", "prefix": "Bearer "}),
            json!({"Authorization": "Bearer the key"}),
        ),
        // HubSpot's version 3, as an example of a sender without a preset
        (
            "hubspot",
            json!({"header": "X-HubSpot-Signature-v3", "encoding": "base64", "timestampHeader": "X-HubSpot-Request-Timestamp", "signed": "{method}{url}{body}{timestamp}"}),
            json!({"X-HubSpot-Signature-v3": "", "X-HubSpot-Request-Timestamp": milliseconds}),
        ),
    ] {
        let mut signature = signature;
        if signature.get("secret").is_none() {
            signature["secret"] = json!("the key");
        }
        let path = hooked.path(name, signature).await;
        let mut right = object(right);
        if name == "hubspot" {
            let text = format!("POST{}{path}{BODY}{milliseconds}", hooked.world.server.url);
            right["X-HubSpot-Signature-v3"] = base64_of(&text).into();
        }
        let sent = ("application/json", BODY);
        let given = hooked.call(&path, sent, &right).await.expect(200)["output"].clone();
        assert_eq!(given["body"], json!({"a": 1}), "{name}");
        assert!(!given.to_string().contains("the key"), "{name}: {given}");
        if matches!(name, "gitlab" | "basic" | "bearer") {
            hooked.call(&path, sent, &right).await.expect(200);
        } else {
            hooked.call(&path, ("application/json", "{}"), &right).await.refused(401, "INVALID_SIGNATURE");
        }
        hooked.call(&path, sent, &Map::new()).await.refused(401, "INVALID_SIGNATURE");
        if name == "github" {
            // the same delivery again returns the same run
            hooked.call(&path, sent, &right).await.expect(200);
        }
        let unsigned = hooked.anyone.get(&path).await;
        if name == "meta" {
            let given = unsigned.expect(200)["output"].clone();
            assert_eq!((&given["signed"], &given["method"]), (&json!(false), &json!("GET")));
        } else {
            unsigned.refused(401, "INVALID_SIGNATURE");
        }
    }
}

#[tokio::test]
async fn a_senders_url_verification_is_answered_and_starts_no_run() {
    let hooked = Hooked::new().await;
    let now = Time::now().seconds();
    for (sender, headers, body) in [
        (
            "slack",
            ["X-Slack-Signature", "X-Slack-Request-Timestamp"],
            json!({"type": "url_verification", "challenge": "abc"}),
        ),
        (
            "zoom",
            ["x-zm-signature", "x-zm-request-timestamp"],
            json!({"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}}),
        ),
    ] {
        let path = hooked.path(sender, json!({"sender": sender, "secret": "the key"})).await;
        let body = body.to_string();
        let signature = format!("v0={}", hmac("the key", format!("v0:{now}:{body}").as_bytes()));
        let call = async |signature: &str| {
            let headers = object(json!({headers[0]: signature, headers[1]: now.to_string()}));
            hooked.call(&path, ("application/json", &body), &headers).await
        };
        let answer = call(&signature).await.expect(200);
        match sender {
            "slack" => assert_eq!(answer, json!({"challenge": "abc"})),
            _ => assert_eq!(answer, json!({"plainToken": "abc", "encryptedToken": hmac("the key", b"abc")})),
        }
        call("v0=00").await.refused(401, "INVALID_SIGNATURE");
    }
    let runs = hooked.world.client.get("workflows/instances").await.expect(200);
    assert_eq!(runs["total"], 0, "{runs}");
}

#[tokio::test]
async fn an_invalid_signature_setting_is_named() {
    let hooked = Hooked::new().await;
    let created = save(&hooked.world.client, echo("Signed", json!([]))).await;
    let path = format!("workflows/{}", crate::support::client::id(&created));
    for (signature, at) in [
        (json!({"header": "X", "algorithm": "md5"}), "algorithm"),
        (json!({"header": "X", "encoding": 7}), "encoding"),
        (json!({"header": "X", "colour": 1}), "colour"),
        (json!({"header": "X", "toleranceSeconds": "x"}), "toleranceSeconds"),
        (json!({"header": "X", "toleranceSeconds": 3601}), "toleranceSeconds"),
        (json!({"header": "X", "signed": "{bodies}"}), "signed"),
        (json!({"header": "X", "signed": "{url}"}), "signed"),
        (json!({"header": "X", "signed": "{timestamp}{body}"}), "signed"),
        (json!({"header": "X", "timestampHeader": "T", "signed": "{body}"}), "signed"),
        (json!({"header": "X", "secretFormat": "hex", "secret": "xyz"}), "secret"),
        (json!({"sender": "svix", "secret": "whsec_***"}), "secret"),
        (json!({"proof": "basic", "secret": "no colon"}), "secret"),
        (json!({"sender": "stripe", "algorithm": "sha512"}), "algorithm"),
        (json!({"sender": "nobody"}), "sender"),
        (json!("x"), ""),
    ] {
        let trigger = json!({"type": "webhook", "signature": signature});
        let refused = hooked.world.client.patch(&path, json!({"triggers": [trigger]})).await;
        let refused = refused.refused(400, "INVALID_REQUEST");
        let expected =
            if at.is_empty() { "triggers[0].signature".to_owned() } else { format!("triggers[0].signature.{at}") };
        assert_eq!(refused.path, expected, "{}", refused.message);
    }
    // the settings can be sent back unchanged, and a float without a fraction is stored as an integer
    let trigger =
        json!({"type": "webhook", "signature": {"sender": "stripe", "secret": "s", "toleranceSeconds": 60.0}});
    let kept = hooked.world.client.patch(&path, json!({"triggers": [trigger]})).await.expect(200);
    assert_eq!(kept["triggers"][0]["signature"]["toleranceSeconds"], 60);
    let again = hooked.world.client.patch(&path, json!({"triggers": kept["triggers"]})).await.expect(200);
    assert_eq!(again["version"], kept["version"]);
}

#[tokio::test]
async fn bodies_of_signed_calls_may_be_compressed() {
    let hooked = Hooked::new().await;
    let path = hooked.path("Packed", json!({"header": "X-Sig", "secret": "the key", "toleranceSeconds": 0})).await;
    let packed = gzip(BODY.as_bytes());
    for signature in [hmac("the key", BODY.as_bytes()), hmac("the key", &packed)] {
        let call =
            hooked.anyone.call(Method::POST, &path).header("content-encoding", "gzip").header("x-sig", &signature);
        let given = call.raw("application/json", packed.clone()).send().await.expect(200);
        assert_eq!(given["output"]["body"], json!({"a": 1}));
    }
    let call = |coding: &str, body: &[u8]| {
        let call = hooked.anyone.call(Method::POST, &path).header("x-sig", &hmac("the key", body));
        call.header("content-encoding", coding).raw("application/json", body).send()
    };
    let unknown = call("br", b"x").await;
    assert_eq!(unknown.header("accept-encoding"), Some("gzip, deflate"));
    unknown.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    call("gzip", &packed[..packed.len() - 4]).await.refused(400, "INVALID_REQUEST");
    call("gzip", &gzip(&vec![b' '; 8 << 20])).await.refused(413, "PAYLOAD_TOO_LARGE");
}
