//! Approvals.
use super::{begin, end, has_ended, node, save, start, until_shown};
use crate::support::{Client, World};
use serde_json::{Value, json};

async fn asking(client: &Client, assignees: Value) -> String {
    let config = json!({
        "title": "Refund {{ input.amount }} €?", "description": "**Late**", "assignees": assignees,
        "fields": [
            {"name": "amount", "type": "number", "required": true},
            {"name": "method", "type": "string", "allowed": ["card", "voucher"], "default": "card"},
        ],
    });
    let nodes = json!([start(), node("ask", "approval", config), end("{{ steps.ask }}")]);
    save(client, "Refund", nodes, &["start>ask", "ask:approved>end", "ask:rejected>end"], json!({})).await
}

/// Waits for an open approval and returns the first.
async fn open_approval(client: &Client) -> Value {
    until_shown(client, "workflows/tasks", |list| !list["items"].as_array().unwrap().is_empty()).await["items"][0]
        .clone()
}

fn path(task: &Value) -> String {
    format!("workflows/instances/{}/tasks/{}", task["instanceID"].as_str().unwrap(), task["id"].as_str().unwrap())
}

#[tokio::test]
async fn approvals_of_tests_are_told_apart() {
    let world = World::empty().await;
    let client = &world.client;
    let flow = client.get(&format!("workflows/{}", asking(client, json!([])).await)).await.expect(200);
    let tested = json!({"nodes": flow["nodes"], "edges": flow["edges"], "input": {"amount": 1}});
    client.post("workflows/test", tested).await.expect(202);
    assert_eq!(open_approval(client).await["isTest"], true);
}

#[tokio::test]
async fn an_approval_is_answered_by_an_assignee() {
    let world = World::empty().await;
    let flow = asking(&world.client, json!(["operator"])).await;
    let run = begin(&world.client, &flow, json!({"amount": 12})).await;
    let task = open_approval(&world.client).await;
    assert_eq!((&task["title"], &task["workflowName"]), (&json!("Refund 12 €?"), &json!("Refund")));
    assert_eq!(task["isTest"], false);
    let (_, editor) = world.member("editor@example.com", "Editor").await;
    let (_, viewer) = world.member("viewer@example.com", "Viewer").await;
    let (operating, operator) = world.member("operator@example.com", "Operator").await;
    let mine = async |client: &Client| client.get("workflows/tasks").await.expect(200)["items"][0]["isMine"].clone();
    assert_eq!(
        (mine(&editor).await, mine(&viewer).await, mine(&operator).await),
        (json!(false), json!(false), json!(true))
    );
    let good = json!({"decision": "approved", "data": {"amount": "12.5"}});
    editor.post(&path(&task), good.clone()).await.refused(403, "PERMISSION_DENIED");
    viewer.post(&path(&task), good.clone()).await.refused(403, "PERMISSION_DENIED");
    for (data, field) in [
        (json!({}), "data.amount"),
        (json!({"amount": "much"}), "data.amount"),
        (json!({"amount": 1, "method": "cash"}), "data.method"),
        (json!({"amount": 1, "extra": 1}), "data.extra"),
    ] {
        let refused = operator.post(&path(&task), json!({"data": data})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, field);
    }
    operator.post(&path(&task), json!({"decision": "maybe"})).await.refused(400, "INVALID_REQUEST");
    operator.post(&path(&task), good.clone()).await.expect(200);
    let ended = until_shown(&world.client, &run, has_ended).await;
    assert_eq!(ended["output"]["decision"], "approved");
    assert_eq!(ended["output"]["data"], json!({"amount": 12.5, "method": "card"}));
    assert_eq!(ended["output"]["by"], operating.user.email.as_str());
    operator.post(&path(&task), good).await.refused(404, "NOT_FOUND");
    let audit = world.client.get("audit-logs?action=instance.approve").await.expect(200);
    let entry = &audit["items"][0];
    assert_eq!(entry["actor"]["label"], operating.user.email.as_str());
    assert!(run.ends_with(entry["object"]["id"].as_str().unwrap()), "{entry}");
    assert_eq!(entry["object"]["name"], "Refund: Refund 12 €?");
    assert_eq!(world.client.get("workflows/tasks").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn an_approval_of_another_tenant_is_not_found() {
    let world = World::empty().await;
    let flow = asking(&world.client, json!([])).await;
    begin(&world.client, &flow, json!({"amount": 12})).await;
    let task = open_approval(&world.client).await;
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    assert_eq!(other.get("workflows/tasks").await.expect(200)["items"], json!([]));
    other.post(&path(&task), json!({"data": {"amount": 1}})).await.refused(404, "NOT_FOUND");
    // without assignees, members who can execute workflows can answer, and a rejection requires no fields
    let (_, operator) = world.member("operator@example.com", "Operator").await;
    operator.post(&path(&task), json!({"decision": "rejected"})).await.expect(200);
}

#[tokio::test]
async fn a_rejection_keeps_its_data_and_requires_no_fields() {
    let world = World::empty().await;
    let flow = asking(&world.client, json!([])).await;
    let run = begin(&world.client, &flow, json!({"amount": 12})).await;
    let task = open_approval(&world.client).await;
    let reject =
        async |data: Value| world.client.post(&path(&task), json!({"decision": "rejected", "data": data})).await;
    for (data, field) in [(json!({"amount": "much"}), "data.amount"), (json!({"extra": 1}), "data.extra")] {
        assert_eq!(reject(data).await.refused(400, "INVALID_REQUEST").path, field);
    }
    reject(json!({"method": "voucher"})).await.expect(200);
    let ended = until_shown(&world.client, &run, has_ended).await;
    assert_eq!(
        (&ended["output"]["decision"], &ended["output"]["data"]),
        (&json!("rejected"), &json!({"method": "voucher"}))
    );
}
