//! The log: texts from others cannot forge log lines.
use crate::support::{
    process::{Process, data_dir},
    recorder::Recorder,
};
use axum::{body::Body, http::StatusCode, response::Response};
use serde_json::json;

const FORGED: &str = "boom\n2026-01-01T00:00:00.000000Z  INFO jet_admin::auth: FORGED\r\n\u{1b}[2J\u{1b}]0;title\u{7}";

#[tokio::test]
async fn an_upstream_error_stays_within_its_log_line_and_field() {
    let upstream = Recorder::start(|_| {
        Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::from(FORGED)).unwrap()
    });
    let upstream = upstream.await;
    let (_dir, root) = data_dir();
    let (process, client) = Process::with_owner(&root).await;
    let draft = json!({"name": "Upstream", "type": "restapi", "options": {"baseUrl": upstream.url()}});
    let datasource = client.post("datasources", draft).await.expect(201);
    let query = json!({"datasourceID": datasource["id"], "options": {"method": "GET", "path": "/"}});
    client.post("data-queries/test", query).await.refused(502, "DATASOURCE_ERROR");
    let log = process.log_with("request failed");
    assert!(log.contains("FORGED") && log.contains("why="), "{log}");
    for line in log.lines().filter(|line| line.contains("FORGED")) {
        assert!(line.contains("request failed"), "the text became a separate line: {line}");
        assert!(!line.contains(['\u{1b}', '\u{7}', '\r']), "{line:?}");
    }
}
