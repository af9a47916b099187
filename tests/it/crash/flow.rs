//! A workflow with everything that must survive: branches, a loop, a wait, a retry, a sub-workflow, an approval.
use super::sink::Sink;
use crate::support::{Client, client::id};
use serde_json::{Value, json};

fn edges(joins: &[(&str, &str, &str)]) -> Vec<Value> {
    let edge = |(i, (source, handle, target)): (usize, &(&str, &str, &str))| json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target});
    joins.iter().enumerate().map(edge).collect()
}

fn post(name: &str, url: &str, parent: Option<&str>, retry: bool) -> Value {
    let mut node = json!({"id": name, "type": "httpRequest", "name": name, "config": {"method": "POST", "url": url, "body": {"n": "{{ input.n }}"}}});
    if let Some(parent) = parent {
        node["parentID"] = json!(parent);
    }
    if retry {
        node["settings"] = json!({"retry": {"maxAttempts": 10, "delayMs": 5, "factor": 1, "maxDelayMs": 5}});
    }
    node
}

/// Saves the workflow and the one that it calls. Returns the path that starts its runs.
pub async fn save(client: &Client, sink: &Sink) -> String {
    let child = json!({
        "name": "Called",
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            post("call", &sink.url("child"), None, true),
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ input.n * 10 }}"}},
        ],
        "edges": edges(&[("start", "out", "call"), ("call", "out", "end")]),
    });
    let child = id(&client.post("workflows", child).await.expect(201));
    let nodes = json!([
        {"id": "start", "type": "start", "name": "start"},
        {"id": "even", "type": "condition", "name": "even", "config": {"branches": [{"id": "yes", "when": "input.n % 2 == 0"}]}},
        {"id": "a", "type": "javascript", "name": "a", "config": {"code": "return 'even'"}},
        {"id": "b", "type": "javascript", "name": "b", "config": {"code": "return 'odd'"}},
        {"id": "each", "type": "loop", "name": "each", "config": {"items": 3, "concurrency": 2}},
        post("item", &sink.url("item"), Some("each"), true),
        {"id": "after", "type": "set", "name": "after", "parentID": "each", "config": {"values": {"i": "{{ item }}"}}},
        {"id": "wait", "type": "delay", "name": "wait", "config": {"for": "60ms"}},
        {"id": "sub", "type": "subWorkflow", "name": "sub", "config": {"workflowID": child, "input": {"n": "{{ input.n }}"}}},
        post("flaky", &sink.url("flaky"), None, true),
        {"id": "asks", "type": "condition", "name": "asks", "config": {"branches": [{"id": "yes", "when": "input.n % 3 == 0"}]}},
        {"id": "ask", "type": "approval", "name": "ask", "config": {"title": "Run {{ input.n }}?", "fields": [{"name": "why", "required": true}]}},
        {"id": "meet", "type": "join", "name": "meet", "config": {"mode": "all"}},
        {"id": "end", "type": "end", "name": "end", "config": {"output": [
            "{{ steps.a ?? steps.b }}", "{{ steps.each.map(one => one.i) }}", "{{ steps.sub }}",
            "{{ steps.flaky.status }}", "{{ steps.ask?.data.why ?? null }}",
        ]}},
    ]);
    let joins = edges(&[
        ("start", "out", "even"),
        ("even", "yes", "a"),
        ("even", "default", "b"),
        ("a", "out", "meet"),
        ("b", "out", "meet"),
        ("start", "out", "each"),
        ("item", "out", "after"),
        ("each", "out", "meet"),
        ("start", "out", "wait"),
        ("wait", "out", "sub"),
        ("sub", "out", "meet"),
        ("start", "out", "flaky"),
        ("flaky", "out", "meet"),
        ("start", "out", "asks"),
        ("asks", "yes", "ask"),
        ("ask", "approved", "meet"),
        ("asks", "default", "meet"),
        ("meet", "out", "end"),
    ]);
    let body = json!({"name": "Crash", "nodes": nodes, "edges": joins, "inputs": [{"name": "n", "type": "number"}]});
    let created = client.post("workflows", body).await.expect(201);
    assert_eq!(created["problems"], json!([]));
    format!("workflows/{}/execute", id(&created))
}

/// Returns the output of the run with input `n`.
pub fn output(n: usize) -> Value {
    let word = if n.is_multiple_of(2) { "even" } else { "odd" };
    let why = if n.is_multiple_of(3) { json!("because") } else { Value::Null };
    json!([word, [0, 1, 2], n * 10, 200, why])
}

/// Returns the steps that complete in the run with input `n`, each as `name/iteration`.
pub fn steps(n: usize) -> Vec<String> {
    let branch = if n.is_multiple_of(2) { "a/" } else { "b/" };
    let mut steps: Vec<&str> =
        vec!["start/", "even/", branch, "each/", "wait/", "sub/", "flaky/", "asks/", "meet/", "end/"];
    steps.extend(["item/0", "item/1", "item/2", "after/0", "after/1", "after/2"]);
    if n.is_multiple_of(3) {
        steps.push("ask/");
    }
    let mut steps: Vec<String> = steps.into_iter().map(str::to_owned).collect();
    steps.sort();
    steps
}
