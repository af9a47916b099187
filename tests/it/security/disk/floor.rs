//! Low disk space: nothing can be added, everything else keeps working, and all of it recovers.
use super::*;
use jet_admin::quota::FreeSpace;
use std::sync::Arc;

/// A workflow that asks for an approval, and runs another step after the answer.
async fn workflow_after_approval(client: &Client) -> Value {
    let nodes = json!({
        "name": "Then", "enabled": true, "triggers": [],
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "a", "type": "approval", "name": "ask", "config": {"title": "Go on?"}},
            {"id": "j", "type": "javascript", "name": "then", "config": {"code": "return 7"}},
        ],
        "edges": [{"id": "1", "source": "s", "target": "a"}, {"id": "2", "source": "a", "sourceHandle": "approved", "target": "j"}],
    });
    client.post("workflows", nodes).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn when_disk_space_is_low_tenants_cannot_add_data_but_everything_else_works() {
    let free = Arc::new(AtomicU64::new(100 << 30));
    let now = Arc::clone(&free);
    let world = world(|config| {
        config.free_space = FreeSpace::new(move |_| Ok((now.load(Ordering::Relaxed), 1 << 40)));
        config.min_free = 1 << 30;
    });
    let world = world.await.filled().await;
    let client = &world.client;
    let flow = approval_workflow(client).await;
    let then = workflow_after_approval(client).await;
    let to_stop = execute(client, &flow, 100).await.expect(202)["instanceID"].as_str().unwrap().to_owned();
    let to_answer = execute(client, &then, 100).await.expect(202)["instanceID"].as_str().unwrap().to_owned();
    let source = json!({"name": "own", "type": "sqlite", "options": {"path": "own.db", "readOnly": false}});
    let source = id(&client.post("datasources", source).await.expect(201));
    let statement = async |sql: &str| {
        client.post("data-queries/test", json!({"name": "q", "datasourceID": source, "options": {"sql": sql}})).await
    };
    statement("create table t (x)").await.expect(200);
    let task = async || {
        let tasks = client.get("workflows/tasks").await.expect(200);
        tasks["items"].as_array().unwrap().iter().find(|task| task["instanceID"] == to_answer.as_str()).cloned()
    };
    until("the run asks", async || task().await.is_some()).await;
    let task = task().await.unwrap();

    free.store(512 << 20, Ordering::Relaxed);
    let widget = |name: &str| json!({"name": name, "type": "text", "config": {"markdown": "x"}});
    until("low disk space is noticed", async || client.post("widgets", widget(&noise(8))).await.status == 503).await;
    let refused = client.post("widgets", widget("New")).await.refused(503, "UNAVAILABLE");
    assert!(refused.message.contains("low on disk space"), "{}", refused.message);
    let upload = client.call(Method::POST, "files?name=New").raw("text/plain", "text").send().await;
    for answer in [
        upload,
        client.patch(&format!("workflows/{}", id(&flow)), json!({"description": "new"})).await,
        execute(client, &flow, 100).await,
        hook(&world, &flow, 100).await,
        statement("insert into t values (1)").await,
        world.owner.client.post("/api/v1/tenants", json!({"name": "New"})).await,
    ] {
        answer.refused(503, "UNAVAILABLE");
    }
    // reading, stopping, answering and deleting still work
    world.owner.client.get("/api/v1/auth").await.expect(200);
    client.get("workflows/instances").await.expect(200);
    statement("select count(*) as n from t").await.expect(200);
    client.post(&format!("data-queries/{}/execute", world.id("queryID")), json!({})).await.expect(200);
    client.delete(&format!("workflows/instances/{to_stop}/stop")).await.expect(200);
    let answer = format!("workflows/instances/{to_answer}/tasks/{}", task["id"].as_str().unwrap());
    client.post(&answer, json!({"decision": "approved"})).await.expect(200);
    client.delete(&format!("datasources/{}?cascade=true", world.id("datasourceID"))).await.expect(204);
    let run = async || client.get(&format!("workflows/instances/{to_answer}")).await.expect(200);
    assert_ne!(run().await["status"], "COMPLETED", "the result of the next step must not be stored");

    free.store(100 << 30, Ordering::Relaxed);
    until("the run ends", async || run().await["status"] == "COMPLETED").await;
    until("records are created again", async || client.post("widgets", widget(&noise(8))).await.status == 201).await;
    statement("insert into t values (1)").await.expect(200);
    execute(client, &flow, 100).await.expect(202);
}
