//! Scripts that never stop, that use up time or memory, or that somebody tries to spy on.
mod builtins;
mod fairness;
mod processes;

use crate::support::Client;
use serde_json::{Value, json};

/// A script that the engine cannot interrupt: one builtin that would run for years.
const STUCK: &str = "return [].indexOf.call({length: 2 ** 53 - 1}, 1)";

/// Runs a script as a step of an unsaved workflow and returns the run.
async fn run(client: &Client, code: &str, timeout_ms: u64) -> Value {
    client.post("workflows/test?wait=60", draft(code, timeout_ms)).await.expect(200)
}

/// Starts the same without waiting for it.
async fn begin(client: &Client, code: &str, timeout_ms: u64) {
    client.post("workflows/test", draft(code, timeout_ms)).await.expect(202);
}

fn draft(code: &str, timeout_ms: u64) -> Value {
    json!({
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "js", "type": "javascript", "name": "js", "config": {"code": code}, "settings": {"timeoutMs": timeout_ms}},
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ steps.js }}"}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "js"}, {"id": "b", "source": "js", "target": "end"}],
    })
}

/// Checks that the run succeeded and returned 1.
#[track_caller]
fn assert_one(run: &Value) {
    assert_eq!(run["output"], 1, "{run}");
}
