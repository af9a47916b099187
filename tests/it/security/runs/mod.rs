//! Workflow runs: who can answer approvals, how much memory a run can use, and what webhooks accept from strangers.
mod approvals;
mod headers;
mod hooks;
mod outputs;
mod replays;

use crate::support::{Client, client::id, wait::until_shown};
use serde_json::{Value, json};

fn start() -> Value {
    node("start", "start", json!({}))
}

fn node(name: &str, kind: &str, config: Value) -> Value {
    json!({"id": name, "type": kind, "name": name, "config": config})
}

/// A script node with a timeout that is long enough for many at once on a busy machine.
fn script(name: &str, code: &str) -> Value {
    let mut script = node(name, "javascript", json!({"code": code}));
    script["settings"] = json!({"timeoutMs": 60_000});
    script
}

/// Builds edges from `a>b` or `a:handle>b`.
fn edges(joins: &[&str]) -> Value {
    let edge = |(i, text): (usize, &&str)| {
        let (source, target) = text.split_once('>').unwrap();
        let (source, handle) = source.split_once(':').unwrap_or((source, "out"));
        json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target})
    };
    joins.iter().enumerate().map(edge).collect()
}

/// Saves a workflow and returns its path.
async fn save(client: &Client, name: &str, nodes: Value, joins: &[&str]) -> String {
    let created =
        client.post("workflows", json!({"name": name, "nodes": nodes, "edges": edges(joins)})).await.expect(201);
    let errors: Vec<_> =
        created["problems"].as_array().unwrap().iter().filter(|problem| problem["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:?}");
    format!("workflows/{}", id(&created))
}

/// Starts a run and returns its path.
async fn begin(client: &Client, workflow: &str) -> String {
    let started = client.post(&format!("{workflow}/execute"), json!({"input": {}})).await.expect(202);
    format!("workflows/instances/{}", started["instanceID"].as_str().unwrap())
}

fn has_ended(run: &Value) -> bool {
    run["finishedAt"].is_string()
}

/// Waits until there are `count` open approvals, and returns them.
async fn questions(client: &Client, count: usize) -> Vec<Value> {
    let open = until_shown(client, "workflows/tasks", |list| list["items"].as_array().unwrap().len() == count).await;
    open["items"].as_array().unwrap().clone()
}

fn answer_path(task: &Value) -> String {
    format!("workflows/instances/{}/tasks/{}", task["instanceID"].as_str().unwrap(), task["id"].as_str().unwrap())
}

#[track_caller]
fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    let steps = run["steps"].as_array().unwrap_or_else(|| panic!("{run}"));
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}: {run}"))
}
