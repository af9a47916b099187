//! How many runs of a workflow may be under way at once.
use super::{begin, end, node, save, start, until};
use crate::support::{Client, World};
use serde_json::{Value, json};

async fn asking(client: &Client, limit: Value) -> String {
    let nodes = json!([start(), node("ask", "approval", json!({"title": "Go on?"})), end("{{ 1 }}")]);
    let settings = json!({"maxConcurrentRuns": limit});
    save(client, "Limited", nodes, &["start>ask", "ask:approved>end"], settings).await
}

async fn status(client: &Client, path: &str, wanted: &str) {
    until(client, path, |run| run["status"] == wanted).await;
}

#[tokio::test]
async fn a_raised_limit_lets_in_those_that_wait_before_any_new_one() {
    let world = World::empty().await;
    let client = &world.client;
    let flow = asking(client, json!(1)).await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(begin(client, &flow, json!({})).await);
    }
    status(client, &runs[0], "WAITING").await;
    assert_eq!(client.get(&runs[1]).await.expect(200)["status"], "PENDING");
    let limit = async |limit: Value| {
        client.patch(&format!("workflows/{flow}"), json!({"settings": {"maxConcurrentRuns": limit}})).await.expect(200)
    };
    limit(json!(2)).await;
    status(client, &runs[1], "WAITING").await;
    assert_eq!(client.get(&runs[2]).await.expect(200)["status"], "PENDING");
    // a save that changes nothing of it lets nobody in
    client.patch(&format!("workflows/{flow}"), json!({"description": "Asks"})).await.expect(200);
    assert_eq!(client.get(&runs[2]).await.expect(200)["status"], "PENDING");
    limit(Value::Null).await;
    status(client, &runs[2], "WAITING").await;
    status(client, &runs[3], "WAITING").await;
}
