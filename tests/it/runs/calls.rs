//! Workflows that run other workflows, and error handlers.
use super::{begin, end, has_ended, node, run, save, script, start, step, until_shown};
use crate::support::World;
use serde_json::json;

fn call(name: &str, workflow: &str) -> serde_json::Value {
    node(name, "subWorkflow", json!({"workflowID": workflow, "input": {"n": "{{ input.n }}"}}))
}

#[tokio::test]
async fn a_called_workflow_returns_its_output_or_its_failure() {
    let world = World::empty().await;
    let client = &world.client;
    let code = "if (input.n < 0) throw new Error('too small'); return input.n * 2";
    let child = save(
        client,
        "Child",
        json!([start(), script("twice", code), end("{{ steps.twice }}")]),
        &["start>twice", "twice>end"],
        json!({}),
    )
    .await;
    let joins = ["start>call", "call>end"];
    let parent =
        save(client, "Parent", json!([start(), call("call", &child), end("{{ steps.call + 1 }}")]), &joins, json!({}))
            .await;
    let done = run(client, &parent, json!({"n": 20})).await;
    assert_eq!((&done["status"], &done["output"]), (&json!("COMPLETED"), &json!(41)), "{done}");
    let path = format!("workflows/instances/{}", step(&done, "call")["childID"].as_str().unwrap());
    let called = client.get(&path).await.expect(200);
    assert_eq!((&called["parentID"], &called["trigger"]), (&done["id"], &json!("workflow")));
    let failed = run(client, &parent, json!({"n": -1})).await;
    assert_eq!(failed["status"], "FAILED");
    let message = failed["error"]["message"].as_str().unwrap();
    assert!(message.contains("`Child` failed") && message.contains("too small"), "{message}");

    // deletion is refused and names the workflows that use it, unless `cascade` is set
    let refused = client.delete(&format!("workflows/{child}")).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("Parent"), "{}", refused.message);
    client.delete(&format!("workflows/{child}?cascade=true")).await.expect(204);
    let left = client.get(&format!("workflows/{parent}")).await.expect(200);
    assert!(left["problems"].to_string().contains("select a workflow"), "{left}");
}

#[tokio::test]
async fn stopping_a_run_stops_the_runs_that_it_called() {
    let world = World::empty().await;
    let client = &world.client;
    let waits = json!([start(), node("wait", "delay", json!({"for": "1h"}))]);
    let child = save(client, "Waits", waits, &["start>wait"], json!({})).await;
    let parent = save(client, "Parent", json!([start(), call("call", &child)]), &["start>call"], json!({})).await;
    let grand = save(client, "Grandparent", json!([start(), call("call", &parent)]), &["start>call"], json!({})).await;
    let path = begin(client, &grand, json!({})).await;
    let both = "workflows/instances?status=WAITING&trigger=workflow";
    let waiting = until_shown(client, both, |list| list["total"] == 2).await;
    client.delete(&format!("{path}/stop")).await.expect(200);
    for called in waiting["items"].as_array().unwrap() {
        let path = format!("workflows/instances/{}", called["id"].as_str().unwrap());
        let ended = until_shown(client, &path, has_ended).await;
        assert_eq!(ended["status"], "CANCELLED");
    }
    // stopping the child fails its parent
    let path = begin(client, &parent, json!({})).await;
    let one =
        until_shown(client, "workflows/instances?status=WAITING&trigger=workflow", |list| list["total"] == 1).await;
    let child = one["items"][0]["id"].as_str().unwrap();
    client.delete(&format!("workflows/instances/{child}/stop")).await.expect(200);
    let failed = until_shown(client, &path, has_ended).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("FAILED"), &json!("CANCELLED")));
}

#[tokio::test]
async fn the_depth_of_nested_calls_is_limited() {
    let world = World::empty().await;
    let client = &world.client;
    let nodes = json!([start(), script("n", "return (input.n ?? 0) + 1"), end("{{ steps.n }}")]);
    let itself = save(client, "Itself", nodes, &["start>n", "n>end"], json!({})).await;
    let again = node("again", "subWorkflow", json!({"workflowID": itself, "input": {"n": "{{ steps.n }}"}}));
    let patch = json!({
        "nodes": [start(), script("n", "return (input.n ?? 0) + 1"), again, end("{{ steps.n }}")],
        "edges": super::edges(&["start>n", "n>again", "again>end"]),
        // if calls waited for a free slot, it would wait for itself forever
        "settings": {"maxConcurrentRuns": 1},
    });
    client.patch(&format!("workflows/{itself}"), patch).await.expect(200);
    let failed = run(client, &itself, json!({})).await;
    let message = failed["error"]["message"].as_str().unwrap_or_else(|| panic!("{failed}"));
    assert!(message.contains("10 levels deep"), "{message}");
    let all = client.get("workflows/instances").await.expect(200);
    assert_eq!(all["total"], 11);
    client.delete(&format!("workflows/{itself}")).await.expect(204);
}

#[tokio::test]
async fn a_failure_starts_the_error_handler() {
    let world = World::empty().await;
    let client = &world.client;
    let handler_nodes =
        json!([start(), end("{{ input.workflow.name + ': ' + input.error.message + ' ' + input.run.input.n }}")]);
    let handler = save(client, "Handler", handler_nodes, &["start>end"], json!({})).await;
    let broken = json!([start(), script("fails", "throw new Error('no stock')")]);
    let settings = json!({"errorWorkflowID": handler});
    let flow = save(client, "Orders", broken, &["start>fails"], settings).await;
    assert_eq!(run(client, &flow, json!({"n": 7})).await["status"], "FAILED");
    let list =
        until_shown(client, "workflows/instances?trigger=error", |list| list["items"][0]["finishedAt"].is_string())
            .await;
    assert_eq!(list["total"], 1);
    let outcome =
        client.get(&format!("workflows/instances/{}", list["items"][0]["id"].as_str().unwrap())).await.expect(200);
    let output = outcome["output"].as_str().unwrap_or_else(|| panic!("{outcome}"));
    assert!(output.starts_with("Orders: ") && output.contains("no stock") && output.ends_with(" 7"), "{output}");
    // a failed test run starts no error handler
    let nodes = json!([start(), script("fails", "throw new Error('no')")]);
    let test =
        json!({"nodes": nodes, "edges": super::edges(&["start>fails"]), "settings": {"errorWorkflowID": handler}});
    client.post("workflows/test?wait=60", test).await.expect(200);
    assert_eq!(client.get("workflows/instances?trigger=error").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn an_error_handler_runs_once_and_receives_the_failed_step_and_iteration() {
    let world = World::empty().await;
    let client = &world.client;
    let handler_end = node("end", "end", json!({"output": {"step": "{{ input.step }}", "error": "{{ input.error }}"}}));
    let handler_nodes = json!([start(), handler_end]);
    let handler = save(client, "Handler", handler_nodes, &["start>end"], json!({})).await;
    let inside = |parent: &str, mut node: serde_json::Value| {
        node["parentID"] = json!(parent);
        node
    };
    let nodes = json!([
        start(),
        node("each", "loop", json!({"items": 3})),
        inside("each", node("inner", "loop", json!({"items": 2}))),
        inside("inner", script("fails", "if (input.n == 1 && item == 1) throw new Error('no'); return 1")),
        script("alone", "if (input.n == 2) throw new Error('no'); return 1"),
        node("end", "end", json!({"status": "failed"})),
    ]);
    let settings = json!({"errorWorkflowID": handler, "timeoutSeconds": 60});
    let flow = save(client, "Fails", nodes, &["start>each", "each>alone", "alone>end"], settings).await;
    for (i, (n, name, kind, iteration, code)) in [
        (1, "fails", "javascript", "0/1", "SCRIPT_ERROR"),
        (2, "alone", "javascript", "", "SCRIPT_ERROR"),
        (3, "end", "end", "", "ENDED_AS_FAILED"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(run(client, &flow, json!({"n": n})).await["status"], "FAILED");
        let path = "workflows/instances?trigger=error&status=COMPLETED";
        let list = until_shown(client, path, |list| list["total"] == i + 1).await;
        let path = format!("workflows/instances/{}", list["items"][0]["id"].as_str().unwrap());
        let output = client.get(&path).await.expect(200)["output"].clone();
        let step = json!({"nodeID": name, "name": name, "type": kind, "iteration": iteration});
        assert_eq!((&output["step"], &output["error"]["code"]), (&step, &json!(code)));
    }
    assert_eq!(client.get("workflows/instances?trigger=error").await.expect(200)["total"], 3);
}

#[tokio::test]
async fn linking_to_a_workflow_requires_permission_to_execute_it() {
    let mut world = World::empty().await;
    let child = save(&world.client, "Child", json!([start()]), &[], json!({})).await;
    let permissions = ["workflow:create", "workflow:read", "workflow:update"];
    world.role("Author", &permissions).await;
    let (_, author) = world.member("author@example.com", "Author").await;
    let body = json!({"name": "Sly", "nodes": [start(), call("call", &child)], "edges": super::edges(&["start>call"])});
    author.post("workflows", body).await.refused(403, "PERMISSION_DENIED");
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    let body =
        json!({"name": "Over there", "nodes": [start(), call("call", &child)], "edges": super::edges(&["start>call"])});
    other.post("workflows", body).await.refused(400, "INVALID_REQUEST");
}
