use super::{client, run_one, step};
use crate::support::recorder::{Recorder, Seen};
use axum::{http::StatusCode, response::IntoResponse};
use serde_json::{Value, json};

#[tokio::test]
async fn each_chat_service_gets_its_own_format() {
    let (_world, client) = client().await;
    let recorder = Recorder::start(|_: &Seen| "ok".into_response()).await;
    let url = format!("{}/services/T0/s3cr3t-h00k", recorder.url());
    for format in ["slack", "teams", "discord", "generic"] {
        let config = json!({"url": url, "text": "Order {{ input.n }} <is> late", "format": format});
        let finished = run_one(&client, "notify", config, json!({"n": 7})).await;
        assert_eq!(finished["output"], json!({"status": 200}), "{finished}");
        let seen = recorder.take().pop().unwrap();
        assert_eq!((seen.method.as_str(), seen.header("content-type")), ("POST", "application/json"));
        let sent: Value = serde_json::from_slice(&seen.body).unwrap();
        let text = "Order 7 <is> late";
        match format {
            "slack" => assert_eq!(sent, json!({"text": text})),
            "discord" => assert_eq!(sent, json!({"content": text})),
            "generic" => assert_eq!((&sent["text"], &sent["run"]["id"]), (&json!(text), &finished["id"])),
            _ => {
                let card = &sent["attachments"][0];
                assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
                assert_eq!(card["content"]["body"][0]["text"], text);
            }
        }
        let shown = &step(&finished, "it")["input"];
        assert_eq!(shown, &json!({"host": "127.0.0.1", "format": format, "text": text}));
    }
}

#[tokio::test]
async fn a_refused_message_does_not_reveal_its_url() {
    let (_world, client) = client().await;
    let recorder =
        Recorder::start(|seen: &Seen| (StatusCode::FORBIDDEN, format!("no hook at {}", seen.path)).into_response())
            .await;
    let input =
        json!({"to": format!("{}/services/s3cr3t-h00k?k=s3cr3t-k3y", recorder.url()), "long": "x".repeat(2001)});
    let config = json!({"url": "{{ input.to }}", "text": "x"});
    let finished = run_one(&client, "notify", config, input.clone()).await;
    let error = step(&finished, "it")["error"].to_string();
    assert!(error.contains("403") && error.contains("HTTP_ERROR"), "{error}");
    assert!(!error.contains("s3cr3t") && !step(&finished, "it")["input"].to_string().contains("s3cr3t"), "{finished}");
    let config = json!({"url": "{{ input.to }}", "text": "{{ input.long }}", "format": "discord"});
    let finished = run_one(&client, "notify", config, input).await;
    assert!(
        step(&finished, "it")["error"]["message"].as_str().unwrap().contains("at most 2000 characters"),
        "{finished}"
    );
}
