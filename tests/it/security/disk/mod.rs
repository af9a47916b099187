//! Filling the disk: a tenant's data is limited, and does not displace that of other tenants.
mod deletion;
mod floor;
mod quotas;
mod records;
mod retention;
mod temporary;

use crate::support::{Answer, Client, TestServer, World, client::id, wait::until};
use jet_admin::{clock::Time, model::Scope, server::ServerConfig};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// A tenant on a server with a changed configuration.
async fn world(change: impl FnOnce(&mut ServerConfig)) -> World {
    World::on(TestServer::start_with(change).await).await
}

/// The Owner of a second tenant.
async fn neighbor(world: &World) -> Client {
    let account = world.server.account("neighbour@example.com").await;
    world.server.tenant(&account, "Second").await
}

/// Text that hardly compresses, different in each call.
fn noise(bytes: usize) -> String {
    static SEED: AtomicU64 = AtomicU64::new(0x9E37_79B9_7F4A_7C15);
    let mut state = SEED.fetch_add(0x1234_5678_9ABC, Ordering::Relaxed);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            [usize::try_from((state >> 32) % 64).unwrap()]
    };
    (0..bytes).map(|_| char::from(next())).collect()
}

/// The tenant's usage of a kind, and its limit.
async fn usage(client: &Client, kind: &str) -> (u64, u64) {
    let usage = client.get("usage").await.expect(200);
    let item = usage["items"].as_array().unwrap().iter().find(|item| item["kind"] == kind).unwrap().clone();
    (item["used"].as_u64().unwrap(), item["limit"].as_u64().unwrap_or_default())
}

/// Creates a workflow of a start, one more node, and a webhook trigger, and returns it.
async fn workflow(client: &Client, name: &str, kind: &str, config: Value) -> Value {
    let body = json!({
        "name": name,
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "next", "type": kind, "name": "next", "config": config},
        ],
        "edges": [{"id": "1", "source": "start", "target": "next"}],
        "triggers": [{"type": "webhook"}],
        "enabled": true,
    });
    client.post("workflows", body).await.expect(201)
}

/// Creates a workflow whose runs wait for an approval.
async fn approval_workflow(client: &Client) -> Value {
    workflow(client, "Asking", "approval", json!({"title": "Go on?"})).await
}

/// Creates a workflow whose runs end at once and return their input.
async fn echo(client: &Client) -> Value {
    workflow(client, "Echo", "end", json!({"output": "{{ input }}"})).await
}

/// Calls the workflow's webhook with a text of this many bytes.
async fn hook(world: &World, workflow: &Value, bytes: usize) -> Answer {
    let path = workflow["triggerStates"][0]["path"].as_str().unwrap();
    world.server.anyone().call(Method::POST, path).json(&json!({"text": noise(bytes)})).send().await
}

/// Starts a run with a text of this many bytes.
async fn execute(client: &Client, workflow: &Value, bytes: usize) -> Answer {
    client.post(&format!("workflows/{}/execute", id(workflow)), json!({"input": {"text": noise(bytes)}})).await
}

/// The number of the tenant's runs.
async fn runs(client: &Client) -> u64 {
    client.get("workflows/instances?limit=1").await.expect(200)["total"].as_u64().unwrap()
}

/// Creates completed runs of at least this many bytes each. Waits if old ones must be deleted first.
async fn ended_runs(client: &Client, workflow: &Value, count: usize, bytes: usize) {
    let path = format!("workflows/{}/execute?wait=60", id(workflow));
    for _ in 0..count {
        until("the run is accepted", async || {
            let run = client.post(&path, json!({"input": {"text": noise(bytes)}})).await;
            assert!(run.body["status"] == "COMPLETED" || run.code() == "QUOTA_EXCEEDED", "{run}");
            run.status == 200
        })
        .await;
    }
}

/// A scope of the server itself in the client's tenant, this many days ago.
fn days_ago(client: &Client, days: i64) -> Scope {
    let mut scope = Scope::system(client.tenant.unwrap());
    scope.now = Time(Time::now().0 - days * 86_400_000);
    scope
}
