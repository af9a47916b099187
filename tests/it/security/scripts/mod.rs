//! Scripts that never stop, that take all there is, or that somebody wants to listen to.
mod builtins;
mod fairness;
mod processes;

use crate::support::Client;
use serde_json::{Value, json};

/// A script that no engine interrupts: one builtin that would run for years.
const STUCK: &str = "return [].indexOf.call({length: 2 ** 53 - 1}, 1)";

/// Runs a script as a step of an unsaved workflow and answers the run.
async fn run(client: &Client, code: &str, timeout_ms: u64) -> Value {
    client.post("workflows/test?wait=60", test(code, timeout_ms)).await.expect(200)
}

/// Starts the same and does not wait for it.
async fn begin(client: &Client, code: &str, timeout_ms: u64) {
    client.post("workflows/test", test(code, timeout_ms)).await.expect(202);
}

fn test(code: &str, timeout_ms: u64) -> Value {
    json!({
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "js", "type": "javascript", "name": "js", "config": {"code": code}, "settings": {"timeoutMs": timeout_ms}},
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ steps.js }}"}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "js"}, {"id": "b", "source": "js", "target": "end"}],
    })
}

/// Checks that the client's scripts run.
#[track_caller]
fn is_one(run: &Value) {
    assert_eq!(run["output"], 1, "{run}");
}
