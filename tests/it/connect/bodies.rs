use super::{House, Source, TENANT};
use crate::support::{packing::gzip, recorder::Recorder};
use axum::{body::Body, http::Response};
use serde_json::{Value, json};
use std::sync::LazyLock;

async fn service() -> (Recorder, Source) {
    // A few kilobytes that decompress to more than the size limit of a response.
    static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![b'0'; 33 << 20]));
    let recorder = Recorder::start(move |seen| {
        let response = Response::builder().header("x-total", "7").header("set-cookie", "sid=1");
        match seen.path.as_str() {
            "/bomb" => response.header("content-encoding", "gzip").body(Body::from(BOMB.clone())),
            "/binary" => response.header("content-type", "application/octet-stream").body(Body::from(vec![0, 255, 1])),
            "/empty" => response.status(204).body(Body::empty()),
            "/echo-secret" => {
                let body = format!(
                    "{}{} {}",
                    "x".repeat(490),
                    seen.header("authorization"),
                    seen.param("q").unwrap_or_default()
                );
                response.status(400).body(Body::from(body))
            }
            "/nested-error" => response
                .status(422)
                .header("content-type", "application/problem+json")
                .body(Body::from(json!({"error": {"type": "x", "message": "amount is missing"}}).to_string())),
            "/busy" => response.status(429).header("retry-after", "7").body(Body::empty()),
            _ => response.body(Body::from("text")),
        }
        .unwrap()
    })
    .await;
    let auth = json!({"type": "basic", "username": "user", "password": "pass/w+rd \"1\""});
    let mut source = Source::new("restapi", json!({"baseUrl": recorder.url(), "auth": auth}));
    source.0.id = uuid::Uuid::new_v4();
    (recorder, source)
}

fn call(options: Value) -> Value {
    json!({"options": options, "parameters": [{"name": "f", "type": "object"}, {"name": "s"}]})
}

#[tokio::test]
async fn responses_of_every_kind_are_read() {
    let house = House::new();
    let (_recorder, source) = service().await;
    assert_eq!(
        house.data(&source, call(json!({"path": "binary"})), json!({})).await,
        json!("data:application/octet-stream;base64,AP8B")
    );
    assert_eq!(house.data(&source, call(json!({"path": "text"})), json!({})).await, json!("text"));
    assert_eq!(
        house.data(&source, call(json!({"path": "empty", "responsePath": "a.b"})), json!({})).await,
        Value::Null
    );
    let head = house.data(&source, call(json!({"method": "HEAD", "path": "text"})), json!({})).await;
    assert_eq!(
        (&head["status"], &head["headers"]["x-total"], &head["headers"]["set-cookie"]),
        (&json!(200), &json!("7"), &Value::Null)
    );
    let error = |path: &'static str| {
        let (house, source) = (&house, &source);
        async move { house.run(source, call(json!({"path": path})), json!({})).await.unwrap_err() }
    };
    assert!(error("bomb").await.to_string().contains("larger than 33554432 bytes"));
    assert_eq!(
        error("nested-error").await.to_string(),
        "the server answered 422 Unprocessable Entity: amount is missing"
    );
    let jet_admin::Error::Datasource(busy) = error("busy").await else { panic!("not a datasource error") };
    assert_eq!((busy.hint.as_deref(), busy.transient), (Some("try again after 7 seconds"), true));
}

#[tokio::test]
async fn errors_never_repeat_secrets_in_any_form() {
    let house = House::new();
    let (_recorder, source) = service().await;
    for echoed in ["pass/w+rd \"1\"", "pass%2Fw%2Brd%20%221%22", "pass%2fw%2brd+%221%22", "cGFzcy93K3JkICIxIg=="] {
        let options = json!({"path": "echo-secret", "queryParams": [{"name": "q", "value": echoed}]});
        let error = house.run(&source, call(options), json!({})).await.unwrap_err().to_string();
        // the excerpt ends just after the start of "user:password" in base64
        assert!(error.contains("Basic •") && !error.contains("dXNlcj") && !error.contains("pass"), "{error}");
    }
    let report = house.queries.test(TENANT, "restapi", &source.0.options).await.unwrap();
    assert!(report.ok, "{report:?}");
}

#[tokio::test]
async fn files_are_sent_as_multipart_fields() {
    let house = House::new();
    let (recorder, source) = service().await;
    let options = json!({
        "method": "POST", "path": "upload", "bodyType": "multipart", "headers": [{"name": "content-type", "value": "text/plain"}],
        "body": {"note": "{{ params.s }}", "file": "{{ params.f }}"},
    });
    let hostile = "--\r\nContent-Disposition: form-data; name=\"admin\"\r\n\r\n1";
    let file = json!({"filename": "a\"b.png", "contentType": "image/png", "base64": "AP8B"});
    house.run(&source, call(options), json!({"s": hostile, "f": file})).await.unwrap();
    let seen = &recorder.take()[0];
    let boundary = seen.header("content-type").strip_prefix("multipart/form-data; boundary=").unwrap().to_owned();
    let parts: Vec<&[u8]> = split(&seen.body, format!("--{boundary}").as_bytes());
    assert_eq!(parts.len(), 4, "an empty start, two parts and the end marker");
    assert!(parts[2].starts_with(
        b"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.png\"\r\nContent-Type: image/png\r\n\r\n"
    ));
    assert!(parts[2].ends_with(b"\r\n\r\n\x00\xff\x01\r\n"));
    assert_eq!(parts[1], format!("\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{hostile}\r\n").as_bytes());
    assert_eq!(parts[3], b"--\r\n");
    let nested = json!({"method": "POST", "bodyType": "form", "body": {"a": {"b": [1, {"c": 2}]}, "d": [3, 4]}});
    house.run(&source, call(nested), json!({})).await.unwrap();
    assert_eq!(recorder.take()[0].text(), "a%5Bb%5D=1&a%5Bb%5D%5B1%5D%5Bc%5D=2&d=3&d=4");
}

fn split<'a>(mut bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(by.len()).position(|window| window == by) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + by.len()..];
    }
    parts.push(bytes);
    parts
}
