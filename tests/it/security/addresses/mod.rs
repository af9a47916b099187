//! Datasources and values must not reach forbidden addresses, and secrets must not be sent to another destination.
mod destinations;
mod exports;
mod lists;
mod redirects;
mod seals;
mod sessions;
mod values;

use crate::support::{
    Client, TestServer,
    recorder::{Recorder, Seen},
};
use axum::{body::Body, http::Response};
use serde_json::{Value, json};

/// A server that can reach this machine, and the owner of a tenant on it.
async fn world() -> (TestServer, Client) {
    let server = TestServer::start_with(|config| config.allow_private_network = Some(true)).await;
    let owner = server.account("owner@example.com").await;
    let client = server.tenant(&owner, "Acme").await;
    (server, client)
}

/// An upstream that responds to every request with one row.
async fn upstream() -> Recorder {
    Recorder::start(|_: &Seen| answer(&json!([{"a": 1}]))).await
}

fn answer(body: &Value) -> Response<Body> {
    Response::builder().header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

async fn make(client: &Client, path: &str, body: Value) -> String {
    client.post(path, body).await.expect(201)["id"].as_str().unwrap().to_owned()
}
