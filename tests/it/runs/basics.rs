//! Starting, following, listing and stopping runs.
use crate::support::{Client, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};

fn graph(delay: &str) -> Value {
    json!({
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "j", "type": "javascript", "name": "double", "config": {"code": "console.log('n', input.n); return input.n * 2"}},
            {"id": "d", "type": "delay", "name": "wait", "config": {"for": delay}},
            {"id": "e", "type": "end", "name": "end", "config": {"output": {"twice": "{{ steps.double }}"}}},
        ],
        "edges": [
            {"id": "1", "source": "s", "target": "j"},
            {"id": "2", "source": "j", "target": "d"},
            {"id": "3", "source": "d", "target": "e"},
        ],
        "inputs": [{"name": "n", "type": "number", "required": true}],
    })
}

/// Saves a workflow that waits for `delay`. Returns its path.
async fn saved(client: &Client, delay: &str) -> String {
    let mut body = graph(delay);
    body["name"] = json!(format!("Wait {delay}"));
    let created = client.post("workflows", body).await.expect(201);
    assert_eq!(created["problems"], json!([]));
    format!("workflows/{}", id(&created))
}

async fn start(client: &Client, path: &str) -> String {
    let started = client.post(&format!("{path}/execute"), json!({"input": {"n": 21}})).await.expect(202);
    started["instanceID"].as_str().unwrap().to_owned()
}

/// Returns the IDs and names of the events in a stream of server-sent events.
fn events_in(text: &str) -> Vec<(u64, String)> {
    let frame = |frame: &str| {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
        Some((field("id: ")?.parse().unwrap(), field("event: ")?.to_owned()))
    };
    text.split("\n\n").filter_map(frame).collect()
}

#[tokio::test]
async fn a_run_is_started_awaited_and_read() {
    let world = World::empty().await;
    let path = saved(&world.client, "10ms").await;
    let answer = world.client.post(&format!("{path}/execute"), json!({"input": {"n": "21"}})).await;
    let location = answer.header("location").unwrap().to_owned();
    let started = answer.expect(202);
    assert!(location.ends_with(started["instanceID"].as_str().unwrap()));
    let run = world.client.post(&format!("{path}/execute?wait=30"), json!({"input": {"n": 21}})).await.expect(200);
    assert_eq!((&run["status"], &run["output"]), (&json!("COMPLETED"), &json!({"twice": 42})), "{run}");
    assert_eq!(run["steps"][1]["logs"], json!(["n 21"]));
    assert_eq!(run["nodes"].as_array().unwrap().len(), 4);
    let shown = world.client.get(&location).await.expect(200);
    assert_eq!(shown["input"], json!({"n": 21}));
    assert_eq!(shown["startedBy"], run["startedBy"]);
}

#[tokio::test]
async fn a_run_can_be_followed_from_any_event() {
    let world = World::empty().await;
    let path = saved(&world.client, "50ms").await;
    let events = format!("workflows/instances/{}/events", start(&world.client, &path).await);
    let live = world.client.get(&events).await;
    assert!(live.header("content-type").unwrap().starts_with("text/event-stream"));
    let live = events_in(&live.text);
    assert_eq!(live.first().unwrap(), &(1, "run.started".to_owned()));
    assert_eq!(live.last().unwrap().1, "run.completed");
    assert_eq!(events_in(&world.client.get(&events).await.text), live);
    let rest = world.client.call(Method::GET, &events).header("last-event-id", "5").send().await;
    assert_eq!(events_in(&rest.text), live[5..]);
    let wrong = world.client.call(Method::GET, &events).header("last-event-id", "x").send().await;
    assert_eq!(wrong.refused(400, "INVALID_REQUEST").path, "Last-Event-ID");
}

#[tokio::test]
async fn a_run_can_be_stopped_only_once() {
    let world = World::empty().await;
    let path = saved(&world.client, "1h").await;
    let run = format!("workflows/instances/{}", start(&world.client, &path).await);
    let stopped = world.client.delete(&format!("{run}/stop")).await.expect(200);
    assert_eq!(stopped["status"], "CANCELLED");
    assert!(stopped["steps"].as_array().unwrap().iter().all(|step| step["status"] != "WAITING"));
    world.client.delete(&format!("{run}/stop")).await.refused(409, "CONFLICT");
    world.client.get(&run).await.expect(200);
    // two people at the same time
    for _ in 0..20 {
        let stop = format!("workflows/instances/{}/stop", start(&world.client, &path).await);
        let (one, two) = tokio::join!(world.client.delete(&stop), world.client.delete(&stop));
        let late = if one.status == 200 { two } else { one };
        let refusal = late.refused(409, "CONFLICT");
        assert!(refusal.message.contains("has already ended: it is CANCELLED"), "{}", refusal.message);
    }
}

#[tokio::test]
async fn the_same_idempotency_key_starts_one_run() {
    let world = World::empty().await;
    let path = format!("{}/execute", saved(&world.client, "1ms").await);
    let keyed = async |n: u32| {
        let call = world.client.call(Method::POST, &path).header("idempotency-key", "order-17");
        call.json(&json!({"input": {"n": n}})).send().await
    };
    let first = keyed(1).await.expect(202);
    assert_eq!(keyed(1).await.expect(202)["instanceID"], first["instanceID"]);
    keyed(2).await.refused(409, "CONFLICT");
    assert_eq!(world.client.get("workflows/instances").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn errors_are_reported_before_anything_runs() {
    let world = World::full().await;
    let path = saved(&world.client, "1ms").await;
    let refused = world.client.post(&format!("{path}/execute"), json!({"input": {}})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "input.n");
    let refused = world.client.post(&format!("{path}/execute"), json!({"input": {"n": 1, "m": 2}})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "input.m");
    world
        .client
        .post(&format!("{path}/execute?wait=61"), json!({"input": {"n": 1}}))
        .await
        .refused(400, "INVALID_REQUEST");

    let broken =
        json!({"nodes": [{"id": "s", "type": "start", "name": "start"}, {"id": "x", "type": "dely", "name": "x"}]});
    let updated = world.client.patch(&path, broken).await.expect(200);
    let paths: Vec<_> =
        updated["problems"].as_array().unwrap().iter().map(|problem| problem["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"nodes[1].type"), "{paths:?}");
    let refused = world.client.post(&format!("{path}/execute"), json!({"input": {"n": 1}})).await;
    assert!(refused.text.contains("did you mean `delay`?"), "{refused}");
    world.client.patch(&path, json!({"enabled": true})).await.refused(400, "INVALID_REQUEST");
    let instances = world.client.get("workflows/instances").await.expect(200);
    assert_eq!(instances["total"], 0);
}

#[tokio::test]
async fn an_unsaved_graph_can_be_tested() {
    let world = World::full().await;
    let mut body = graph("1ms");
    body["input"] = json!({"n": 4});
    let run = world.client.post("workflows/test?wait=30", body.clone()).await.expect(200);
    assert_eq!((&run["output"], &run["isTest"]), (&json!({"twice": 8}), &json!(true)));
    assert_eq!(run["workflowID"], Value::Null);
    let tests = world.client.get("workflows/instances?isTest=true&status=COMPLETED").await.expect(200);
    assert_eq!(tests["total"], 1);
    let others = world.client.get("workflows/instances?isTest=false").await.expect(200);
    assert_eq!(others["total"], 0);
    body["workflowID"] = json!(world.id("workflowID"));
    let named = world.client.post("workflows/test?wait=30", body.clone()).await.expect(200);
    assert_eq!((&named["workflowID"], &named["workflowName"]), (&body["workflowID"], &json!("A workflow")));
    assert_eq!((&named["isTest"], &named["workflowVersion"]), (&json!(true), &json!(0)));
    body["workflowID"] = json!(uuid::Uuid::now_v7());
    let refused = world.client.post("workflows/test", body.clone()).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "workflowID");
    body.as_object_mut().unwrap().remove("workflowID");

    body["nodes"][1] =
        json!({"id": "j", "type": "dataQuery", "name": "double", "config": {"queryID": uuid::Uuid::now_v7()}});
    let refused = world.client.post("workflows/test", body.clone()).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "nodes[1].config.queryID");
    body["surprise"] = json!(1);
    world.client.post("workflows/test", body).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn testing_a_graph_with_queries_requires_permission_to_execute_them() {
    let mut world = World::full().await;
    world.role("Runner", &["workflow:execute"]).await;
    let (_, runner) = world.member("run@example.com", "Runner").await;
    let node = json!({"id": "q", "type": "dataQuery", "name": "q", "config": {"queryID": world.id("queryID")}});
    let body = json!({"nodes": [{"id": "s", "type": "start", "name": "start"}, node], "edges": [{"id": "1", "source": "s", "target": "q"}]});
    runner.post("workflows/test", body).await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn runs_of_another_tenant_are_not_found() {
    let world = World::empty().await;
    let path = saved(&world.client, "1h").await;
    let run = start(&world.client, &path).await;
    let stranger = world.server.account("eve@example.com").await;
    let eve = world.server.tenant(&stranger, "Elsewhere").await;
    eve.get(&format!("workflows/instances/{run}")).await.refused(404, "NOT_FOUND");
    eve.get(&format!("workflows/instances/{run}/events")).await.refused(404, "NOT_FOUND");
    eve.delete(&format!("workflows/instances/{run}/stop")).await.refused(404, "NOT_FOUND");
    eve.post(&format!("{path}/execute"), json!({"input": {"n": 1}})).await.refused(404, "NOT_FOUND");
    assert_eq!(eve.get("workflows/instances").await.expect(200)["total"], 0);
    world.client.delete(&format!("workflows/instances/{run}/stop")).await.expect(200);
}

#[tokio::test]
async fn a_deleted_tenant_leaves_no_runs_behind() {
    let world = World::empty().await;
    let path = saved(&world.client, "1h").await;
    start(&world.client, &path).await;
    let unfinished = || world.server.server.app.store.runs.get(|tx| Ok(tx.unfinished(None, 10)?.len())).unwrap();
    assert_eq!(unfinished(), 1);
    world.client.delete(&format!("/api/v1/tenants/{}", world.tenant)).await.expect(204);
    assert_eq!(unfinished(), 0);
}
