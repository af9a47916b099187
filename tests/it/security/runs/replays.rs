//! A replay repeats steps, but does not reuse approvals that its caller could not give.
use super::{answer_path, begin, edges, has_ended, node, questions, save, script, start, step, until_shown};
use crate::support::{Client, World};
use serde_json::{Value, json};

fn ask(name: &str, who: Value) -> Value {
    node(name, "approval", json!({"title": "Pay?", "assignees": who}))
}

async fn approve_all(client: &Client, run: &str, count: usize) {
    for task in questions(client, count).await {
        client.post(&answer_path(&task), json!({})).await.expect(200);
    }
    until_shown(client, run, has_ended).await;
}

fn replay_path(run: &str) -> String {
    format!("{run}/replay")
}

async fn replay(client: &Client, run: &str, body: Value) -> String {
    let replayed = client.post(&replay_path(run), body).await.expect(202);
    format!("workflows/instances/{}", replayed["instanceID"].as_str().unwrap())
}

#[tokio::test]
async fn a_replay_after_an_approval_requires_permission_to_give_it() {
    let world = World::empty().await;
    let client = &world.client;
    let nodes =
        json!([start(), script("before", "return 1"), ask("ask", json!(["Editor"])), script("pay", "return 'PAID'")]);
    let flow = save(client, "Pay", nodes, &["start>before", "before>ask", "ask:approved>pay"]).await;
    let run = begin(client, &flow).await;
    approve_all(client, &run, 1).await;
    let (_, operator) = world.member("op@example.com", "Operator").await;
    let (_, editor) = world.member("ed@example.com", "Editor").await;
    for version in ["original", "current"] {
        let body = json!({"fromNodeID": "pay", "useVersion": version});
        let refused = operator.post(&replay_path(&run), body.clone()).await.refused(403, "PERMISSION_DENIED");
        assert!(refused.message.contains("Editor"), "{}", refused.message);
        for able in [&editor, client] {
            let replayed = until_shown(client, &replay(able, &run, body.clone()).await, has_ended).await;
            assert_eq!(
                (&step(&replayed, "ask")["reused"], &step(&replayed, "pay")["output"]),
                (&json!(true), &json!("PAID"))
            );
        }
    }
    // a replay of a replay reuses the same approval
    let second = replay(client, &run, json!({"fromNodeID": "pay"})).await;
    until_shown(client, &second, has_ended).await;
    operator.post(&replay_path(&second), json!({"fromNodeID": "pay"})).await.refused(403, "PERMISSION_DENIED");
    // a replay from before the approval asks for it again
    for from in [json!({}), json!({"fromNodeID": "before"}), json!({"fromNodeID": "ask"})] {
        let replayed = replay(&operator, &run, from).await;
        let task = questions(client, 1).await.remove(0);
        operator.post(&answer_path(&task), json!({})).await.refused(403, "PERMISSION_DENIED");
        client.delete(&format!("{replayed}/stop")).await.expect(200);
    }
}

#[tokio::test]
async fn approvals_in_loops_and_called_workflows_are_checked_too() {
    let world = World::empty().await;
    let client = &world.client;
    let (_, operator) = world.member("op@example.com", "Operator").await;
    let mut inside = ask("ask", json!(["Owner"]));
    inside["parentID"] = json!("each");
    let each = node("each", "loop", json!({"items": "{{ [1, 2] }}", "concurrency": 2}));
    let nodes = json!([start(), each, inside, script("pay", "return 'PAID'")]);
    let looping = save(client, "Looping", nodes, &["start>each", "each>pay"]).await;
    let run = begin(client, &looping).await;
    approve_all(client, &run, 2).await;
    operator.post(&replay_path(&run), json!({"fromNodeID": "pay"})).await.refused(403, "PERMISSION_DENIED");

    let called = save(client, "Called", json!([start(), ask("ask", json!(["Owner"]))]), &["start>ask"]).await;
    let id = called.rsplit('/').next().unwrap();
    let between = save(
        client,
        "Between",
        json!([start(), node("call", "subWorkflow", json!({"workflowID": id}))]),
        &["start>call"],
    )
    .await;
    let id = between.rsplit('/').next().unwrap();
    let nodes =
        json!([start(), node("call", "subWorkflow", json!({"workflowID": id})), script("pay", "return 'PAID'")]);
    let calling = save(client, "Calling", nodes, &["start>call", "call>pay"]).await;
    let run = begin(client, &calling).await;
    approve_all(client, &run, 1).await;
    operator.post(&replay_path(&run), json!({"fromNodeID": "pay"})).await.refused(403, "PERMISSION_DENIED");
    let replayed = replay(client, &run, json!({"fromNodeID": "pay"})).await;
    until_shown(client, &replayed, has_ended).await;
    operator.post(&replay_path(&replayed), json!({"fromNodeID": "pay"})).await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn a_new_version_does_not_bypass_approvals() {
    let world = World::empty().await;
    let client = &world.client;
    let (_, operator) = world.member("op@example.com", "Operator").await;
    let pay = || script("pay", "return 'PAID'");
    let nodes = json!([start(), script("ask", "return {decision: 'approved'}"), pay()]);
    let flow = save(client, "Changing", nodes, &["start>ask", "ask>pay"]).await;
    let run = begin(client, &flow).await;
    until_shown(client, &run, has_ended).await;
    let nodes = json!([start(), ask("ask", json!(["Owner"])), pay()]);
    client.patch(&flow, json!({"nodes": nodes, "edges": edges(&["start>ask", "ask:approved>pay"])})).await.expect(200);
    let replayed = replay(&operator, &run, json!({"fromNodeID": "pay", "useVersion": "current"})).await;
    let task = questions(client, 1).await.remove(0);
    assert!(replayed.ends_with(task["instanceID"].as_str().unwrap()), "the replay must ask for approval");
    operator.post(&answer_path(&task), json!({})).await.refused(403, "PERMISSION_DENIED");
    client.delete(&format!("{replayed}/stop")).await.expect(200);

    // nor does a version without the approval give access to the results after it
    let nodes = json!([start(), ask("ask", json!(["Owner"])), script("token", "return 'T'"), pay()]);
    let joins = ["start>ask", "ask:approved>token", "token>pay"];
    let flow = save(client, "Shrinking", nodes, &joins).await;
    let run = begin(client, &flow).await;
    approve_all(client, &run, 1).await;
    let nodes = json!([start(), script("token", "return 'T'"), pay()]);
    client.patch(&flow, json!({"nodes": nodes, "edges": edges(&["start>token", "token>pay"])})).await.expect(200);
    let body = json!({"fromNodeID": "pay", "useVersion": "current"});
    operator.post(&replay_path(&run), body).await.refused(403, "PERMISSION_DENIED");
    replay(&operator, &run, json!({"fromNodeID": "token", "useVersion": "current"})).await;
}

#[tokio::test]
async fn replaying_a_graph_that_was_replaced_or_deleted_requires_draft_permissions() {
    let world = World::empty().await;
    let client = &world.client;
    let (_, operator) = world.member("op@example.com", "Operator").await;
    let pay = || script("pay", "return 'PAID'");
    let flow = save(client, "Pay", json!([start(), pay()]), &["start>pay"]).await;
    let run = begin(client, &flow).await;
    until_shown(client, &run, has_ended).await;
    until_shown(client, &replay(&operator, &run, json!({})).await, has_ended).await;
    client.patch(&flow, json!({"name": "Renamed"})).await.expect(200);
    until_shown(client, &replay(&operator, &run, json!({})).await, has_ended).await;
    let asking = json!({
        "nodes": [start(), ask("ask", json!(["Owner"])), pay()], "edges": edges(&["start>ask", "ask:approved>pay"]),
    });
    client.patch(&flow, asking).await.expect(200);
    for from in [json!({}), json!({"fromNodeID": "pay"})] {
        operator.post(&replay_path(&run), from.clone()).await.refused(403, "PERMISSION_DENIED");
        until_shown(client, &replay(client, &run, from).await, has_ended).await;
    }
    client.delete(&flow).await.expect(204);
    operator.post(&replay_path(&run), json!({})).await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn callers_who_can_start_runs_but_not_read_them_see_only_the_status() {
    let mut world = World::empty().await;
    world.role("Starter", &["workflow:execute"]).await;
    let (_, starter) = world.member("starter@example.com", "Starter").await;
    let nodes = json!([start(), script("make", "return 'CONTENT'"), ask("ask", json!([]))]);
    let flow = save(&world.client, "Secretive", nodes, &["start>make", "make>ask"]).await;
    let stopped = begin(&world.client, &flow).await;
    let answered = begin(&world.client, &flow).await;
    let tasks = questions(&world.client, 2).await;
    let task = tasks.iter().find(|task| answered.ends_with(task["instanceID"].as_str().unwrap())).unwrap();
    let quick = json!([start(), script("make", "return 'CONTENT'")]);
    let quick = save(&world.client, "Quick", quick, &["start>make"]).await;
    for (answer, status) in [
        (starter.delete(&format!("{stopped}/stop")).await, 200),
        (starter.post(&answer_path(task), json!({})).await, 200),
        (starter.post(&format!("{quick}/execute?wait=30"), json!({})).await, 200),
    ] {
        assert!(answer.status.as_u16() == status && !answer.text.contains("CONTENT"), "{answer}");
        assert!(answer.text.contains("status"), "{answer}");
    }
}
