//! Nodes that call other services and nodes that only move values, in real runs.
mod email;
mod http_request;
mod notify;
mod values;

use crate::support::{Client, World};
use serde_json::{Value, json};

/// Runs nodes in sequence and returns the run, whose output is that of the last node. Each node is given as its ID,
/// type, config and further fields.
async fn run(client: &Client, steps: &[(&str, &str, Value, Value)], input: Value) -> Value {
    let mut nodes = vec![json!({"id": "start", "type": "start", "name": "start"})];
    for (id, kind, config, more) in steps {
        let mut node = json!({"id": id, "type": kind, "name": id, "config": config});
        node.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        nodes.push(node);
    }
    let last = steps.last().unwrap().0;
    nodes.push(
        json!({"id": "end", "type": "end", "name": "end", "config": {"output": format!("{{{{ steps.{last} }}}}")}}),
    );
    let names: Vec<&str> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    let edge = |pair: &[&str]| json!({"id": pair[0], "source": pair[0], "target": pair[1]});
    let edges: Vec<Value> = names.windows(2).map(edge).collect();
    client.post("workflows/test?wait=60", json!({"nodes": nodes, "edges": edges, "input": input})).await.expect(200)
}

/// Runs a single node named `it` and returns the run.
async fn run_one(client: &Client, kind: &str, config: Value, input: Value) -> Value {
    run(client, &[("it", kind, config, json!({}))], input).await
}

/// Returns the step with this name.
#[track_caller]
fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    let steps = run["steps"].as_array().unwrap_or_else(|| panic!("{run}"));
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}: {run}"))
}

/// Returns settings for up to `attempts` attempts without delay.
fn retry(attempts: u32) -> Value {
    json!({"settings": {"retry": {"maxAttempts": attempts, "delayMs": 1, "factor": 1, "maxDelayMs": 1}}})
}

async fn client() -> (World, Client) {
    let world = World::empty().await;
    let client = world.client.clone();
    (world, client)
}
