//! Unfinished work is cancelled when the loop, step or run that started it ends.
use super::{begin, edges, end, node, run, save, script, start, step, until_shown};
use crate::support::{Client, World};
use serde_json::{Value, json};

fn inside(parent: &str, mut node: Value) -> Value {
    node["parentID"] = json!(parent);
    node
}

fn with(mut node: Value, settings: Value) -> Value {
    node["settings"] = settings;
    node
}

fn waits(name: &str) -> Value {
    node(name, "delay", json!({"for": "1h"}))
}

/// Saves a workflow whose runs wait.
async fn waiting(client: &Client) -> String {
    save(client, "Waits", json!([start(), waits("wait")]), &["start>wait"], json!({})).await
}

/// Saves a workflow with a loop whose first item fails while the others ask, call and wait; the run continues after it.
async fn failing_loop(client: &Client, child: &str) -> String {
    let which = json!({"branches": [{"id": "first", "when": "index == 0"}]});
    let each = node("each", "loop", json!({"items": 4, "concurrency": 4}));
    let nodes = json!([
        start(),
        with(each, json!({"onError": "branch"})),
        inside("each", node("which", "condition", which)),
        inside("each", node("soon", "approval", json!({"title": "Fail now?"}))),
        inside("each", script("fails", "throw new Error('no')")),
        inside("each", node("ask", "approval", json!({"title": "Sure?"}))),
        inside("each", node("call", "subWorkflow", json!({"workflowID": child}))),
        inside("each", waits("wait")),
        inside("each", node("inner", "loop", json!({"items": 2, "concurrency": 2}))),
        inside("inner", node("ask_inside", "approval", json!({"title": "Really?"}))),
        waits("behind"),
    ]);
    let joins = [
        "start>each",
        "each:error>behind",
        "which:first>soon",
        "soon:approved>fails",
        "which:default>ask",
        "which:default>call",
        "which:default>wait",
        "which:default>inner",
    ];
    save(client, "Cut", nodes, &joins, json!({})).await
}

/// Returns the steps with this name that were not skipped.
fn steps<'a>(run: &'a Value, name: &str) -> Vec<&'a Value> {
    let steps = run["steps"].as_array().unwrap().iter();
    steps.filter(|step| step["name"] == name && step["status"] != "SKIPPED").collect()
}

async fn tasks(client: &Client) -> Vec<Value> {
    client.get("workflows/tasks").await.expect(200)["items"].as_array().unwrap().clone()
}

fn answer(task: &Value) -> String {
    format!("workflows/instances/{}/tasks/{}", task["instanceID"].as_str().unwrap(), task["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_failed_loop_cancels_its_steps_immediately_and_the_run_continues() {
    let world = World::empty().await;
    let client = &world.client;
    let child = waiting(client).await;
    let flow = failing_loop(client, &child).await;
    let path = begin(client, &flow, json!({})).await;
    // three items each open one approval, and two in their inner loop; one more makes the first item fail
    until_shown(client, "workflows/tasks", |list| list["items"].as_array().unwrap().len() == 3 + 6 + 1).await;
    until_shown(client, "workflows/instances?trigger=workflow&status=WAITING", |list| list["total"] == 3).await;
    let (fail, others): (Vec<_>, Vec<_>) =
        tasks(client).await.into_iter().partition(|task| task["title"] == "Fail now?");
    client.post(&answer(&fail[0]), json!({"decision": "approved"})).await.expect(200);

    let running = until_shown(client, &path, |run| !steps(run, "behind").is_empty()).await;
    assert!(running["finishedAt"].is_null(), "{running}");
    assert_eq!(step(&running, "each")["status"], "FAILED");
    for (name, count) in [("ask", 3), ("call", 3), ("wait", 3), ("inner", 3), ("ask_inside", 6)] {
        let found = steps(&running, name);
        assert_eq!(found.len(), count, "{name}");
        for step in found {
            assert_eq!(step["status"], "CANCELLED", "{step}");
            assert!(step["finishedAt"].is_string() && step["dueAt"].is_null() && step["task"].is_null(), "{step}");
        }
    }
    assert_eq!(tasks(client).await, Vec::<Value>::new());
    for task in &others {
        client.post(&answer(task), json!({"decision": "approved"})).await.refused(404, "NOT_FOUND");
    }
    until_shown(client, "workflows/instances?trigger=workflow&status=CANCELLED", |list| list["total"] == 3).await;
    assert_eq!(client.get("workflows/instances?trigger=workflow&status=WAITING").await.expect(200)["total"], 0);
    // the run waits only for the step after the loop
    let now = client.get(&path).await.expect(200);
    assert_eq!((&now["status"], &now["dueAt"]), (&json!("WAITING"), &step(&now, "behind")["dueAt"]));
}

#[tokio::test]
async fn a_stopped_run_leaves_no_open_steps_or_approvals() {
    let world = World::empty().await;
    let client = &world.client;
    let child = waiting(client).await;
    let flow = failing_loop(client, &child).await;
    let path = begin(client, &flow, json!({})).await;
    until_shown(client, "workflows/instances?trigger=workflow&status=WAITING", |list| list["total"] == 3).await;
    until_shown(client, "workflows/tasks", |list| list["items"].as_array().unwrap().len() == 10).await;
    client.delete(&format!("{path}/stop")).await.expect(200);
    let stopped = client.get(&path).await.expect(200);
    let open = |step: &&Value| !matches!(step["status"].as_str(), Some("COMPLETED" | "SKIPPED" | "CANCELLED"));
    assert_eq!(stopped["steps"].as_array().unwrap().iter().filter(open).count(), 0, "{stopped}");
    assert_eq!(tasks(client).await, Vec::<Value>::new());
    until_shown(client, "workflows/instances?trigger=workflow&status=CANCELLED", |list| list["total"] == 3).await;
}

#[tokio::test]
async fn a_called_workflow_is_stopped_at_the_timeout() {
    let world = World::empty().await;
    let client = &world.client;
    let child = waiting(client).await;
    let call = node("call", "subWorkflow", json!({"workflowID": child}));
    let settings = json!({"timeoutMs": 300, "onError": "branch", "retry": {"maxAttempts": 2, "delayMs": 1}});
    let nodes = json!([start(), with(call, settings), end("{{ steps.call.error.code }}")]);
    let flow = save(client, "Impatient", nodes, &["start>call", "call:error>end"], json!({})).await;
    let ended = run(client, &flow, json!({})).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!("TIMEOUT")), "{ended}");
    let called = step(&ended, "call");
    assert_eq!((&called["status"], &called["attempt"]), (&json!("FAILED"), &json!(2)));
    assert_eq!(called["error"]["message"], "the step took longer than 300 ms");
    // each attempt called it again
    until_shown(client, "workflows/instances?trigger=workflow&status=CANCELLED", |list| list["total"] == 2).await;
}

#[tokio::test]
async fn a_failed_call_of_a_workflow_is_retried() {
    let world = World::empty().await;
    let client = &world.client;
    let fails = json!([start(), script("fails", "throw new Error('no')")]);
    let child = save(client, "Fails", fails, &["start>fails"], json!({})).await;
    let call = node("call", "subWorkflow", json!({"workflowID": child}));
    let nodes = json!([start(), with(call, json!({"retry": {"maxAttempts": 3, "delayMs": 1}}))]);
    let flow = save(client, "Persistent", nodes, &["start>call"], json!({})).await;
    let failed = run(client, &flow, json!({})).await;
    assert_eq!((&failed["status"], &step(&failed, "call")["attempt"]), (&json!("FAILED"), &json!(3)), "{failed}");
    assert_eq!(client.get("workflows/instances?trigger=workflow&status=FAILED").await.expect(200)["total"], 3);
}

#[tokio::test]
async fn a_timeout_applies_to_everything_that_a_step_waits_for() {
    let world = World::empty().await;
    let client = &world.client;
    let limited = |node| with(node, json!({"timeoutMs": 300, "onError": "continue"}));
    let nodes = json!([
        start(),
        limited(waits("wait")),
        limited(node("ask", "approval", json!({"title": "Sure?"}))),
        limited(node("each", "loop", json!({"items": 3}))),
        inside("each", node("ask_each", "approval", json!({"title": "And this?"}))),
        end("{{ [steps.wait.error.code, steps.each.error.code] }}"),
    ]);
    let joins = ["start>wait", "start>ask", "start>each", "wait>end", "each>end"];
    let flow = save(client, "Limited", nodes, &joins, json!({})).await;
    let ended = run(client, &flow, json!({})).await;
    assert_eq!(ended["output"], json!(["TIMEOUT", "TIMEOUT"]), "{ended}");
    assert_eq!(step(&ended, "ask")["error"]["code"], "TIMEOUT");
    assert_eq!(step(&ended, "ask_each")["status"], "CANCELLED");
    assert_eq!(tasks(client).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_setting_without_effect_is_refused() {
    let world = World::empty().await;
    let client = &world.client;
    let retry = json!({"maxAttempts": 3});
    let nodes = json!([
        with(start(), json!({"timeoutMs": 5, "retry": retry, "onError": "continue", "join": "any"})),
        with(node("each", "loop", json!({"items": 1})), json!({"retry": retry, "timeoutMs": 3_600_000})),
        inside("each", with(script("in", "return 1"), json!({"timeoutMs": 60_001}))),
        with(node("meet", "join", json!({"mode": "count", "count": 2})), json!({"timeoutMs": 5, "join": "any"})),
        with(waits("wait"), json!({"timeoutMs": 3_600_001})),
    ]);
    let edges = edges(&["start>each", "each>meet", "meet>wait"]);
    let settings = json!({"whenFull": "skip"});
    let body = json!({"name": "Odd", "nodes": nodes, "edges": edges, "settings": settings});
    let created = client.post("workflows", body).await.expect(201);
    let mut problems = created["problems"].as_array().unwrap().clone();
    let odd = problems.remove(0);
    assert_eq!((&odd["path"], &odd["severity"]), (&json!("settings.whenFull"), &json!("warning")));
    let found: Vec<_> = problems.iter().map(|one| one["path"].as_str().unwrap()).collect();
    let expected = [
        "nodes[0].settings.timeoutMs",
        "nodes[0].settings.retry",
        "nodes[0].settings.onError",
        "nodes[0].settings.join",
        "nodes[1].settings.retry",
        "nodes[2].settings.timeoutMs",
        "nodes[3].settings.timeoutMs",
        "nodes[3].settings.join",
        "nodes[3].config.count",
        "nodes[4].settings.timeoutMs",
    ];
    assert_eq!(found, expected, "{problems:?}");
    assert!(problems.iter().all(|one| one["severity"] == "error"));
    let path = format!("workflows/{}/execute", created["id"].as_str().unwrap());
    client.post(&path, json!({})).await.refused(400, "INVALID_REQUEST");
}
