//! Runs of workflows through the API.
mod basics;
mod calls;
mod cuts;
mod fairness;
mod limits;
mod people;
mod replays;
mod results;
mod watching;

use crate::support::{Client, client::id, wait::until_shown};
use serde_json::{Value, json};

fn start() -> Value {
    node("start", "start", json!({}))
}

fn node(name: &str, kind: &str, config: Value) -> Value {
    json!({"id": name, "type": kind, "name": name, "config": config})
}

fn script(name: &str, code: &str) -> Value {
    node(name, "javascript", json!({"code": code}))
}

fn end(output: &str) -> Value {
    node("end", "end", json!({"output": output}))
}

/// Returns the edges for joins like `a>b` or `a:handle>b`.
fn edges(joins: &[&str]) -> Value {
    let edge = |(i, text): (usize, &&str)| {
        let (source, target) = text.split_once('>').unwrap();
        let (source, handle) = source.split_once(':').unwrap_or((source, "out"));
        json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target})
    };
    joins.iter().enumerate().map(edge).collect()
}

/// Saves a workflow that can run. Returns its ID.
async fn save(client: &Client, name: &str, nodes: Value, joins: &[&str], settings: Value) -> String {
    let body = json!({"name": name, "nodes": nodes, "edges": edges(joins), "settings": settings});
    let created = client.post("workflows", body).await.expect(201);
    let errors: Vec<_> =
        created["problems"].as_array().unwrap().iter().filter(|one| one["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:?}");
    id(&created).to_string()
}

/// Starts a run and waits until it finishes.
async fn run(client: &Client, workflow: &str, input: Value) -> Value {
    client.post(&format!("workflows/{workflow}/execute?wait=60"), json!({"input": input})).await.expect(200)
}

/// Starts a run. Returns its path.
async fn begin(client: &Client, workflow: &str, input: Value) -> String {
    let started = client.post(&format!("workflows/{workflow}/execute"), json!({"input": input})).await.expect(202);
    format!("workflows/instances/{}", started["instanceID"].as_str().unwrap())
}

fn has_ended(run: &Value) -> bool {
    run["finishedAt"].is_string()
}

#[track_caller]
fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    let steps = run["steps"].as_array().unwrap_or_else(|| panic!("{run}"));
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}: {run}"))
}
