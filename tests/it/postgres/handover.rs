//! Callers that wait while their server stops.
use crate::{
    support::{
        Client,
        client::id,
        fleet::Fleet,
        process,
        wait::{until, until_shown},
    },
    triggers::{echo, hook, save},
};
use reqwest::Method;
use serde_json::{Value, json};

/// A workflow whose webhook answers some seconds after it is called, with a step's response or with its output.
fn slow(name: &str, answer: &str) -> Value {
    json!({
        "name": name,
        "enabled": true,
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "d", "type": "delay", "name": "wait", "config": {"for": "4s"}},
            {"id": "r", "type": "respond", "name": "answer", "config": {"body": "all done"}},
            {"id": "e", "type": "end", "name": "end", "config": {"output": "all done"}},
        ],
        "edges": [
            {"id": "1", "source": "s", "target": "d"},
            {"id": "2", "source": "d", "target": "r"},
            {"id": "3", "source": "r", "target": "e"},
        ],
        "triggers": [{"type": "webhook", "answer": answer, "methods": ["GET"]}],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_answers_although_its_server_stops() {
    let mut fleet = Fleet::start(2).await;
    let client = fleet.client(0);
    let quick = save(&client, echo("Quick", json!([]))).await;
    let told = "select count(*) from jet_admin_runs.notices";
    until("the server knows of the other one", async || {
        client.post(&format!("workflows/{}/execute", id(&quick)), json!({})).await.expect(202);
        fleet.database.number(told) > 0
    })
    .await;
    let mut calls = Vec::new();
    for answer in ["respond", "finish"] {
        let workflow = save(&client, slow(answer, answer)).await;
        assert_eq!(workflow["problems"], json!([]));
        let anyone = Client::new(&fleet.servers[0].url);
        let path = hook(&workflow, 0);
        calls.push(tokio::spawn(async move { anyone.call(Method::GET, &path).send().await }));
    }
    let waiting = "select count(*) from jet_admin_runs.instances where status = 'WAITING'";
    until("both wait", async || fleet.database.number(waiting) == 2).await;
    fleet.servers[0].signal("TERM");
    for call in calls {
        let answer = call.await.unwrap();
        assert!(answer.status == 200 && answer.text.contains("all done"), "{answer}");
    }
    assert!(fleet.servers[0].wait().success());
    let runs = "select count(*) from jet_admin_runs.instances where cause = 'webhook'";
    assert_eq!(fleet.database.number(runs), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_the_only_server_says_that_its_run_was_accepted() {
    let (_dir, root) = process::data_dir();
    let (mut server, client) = process::Process::with_owner(&root).await;
    let workflow = save(&client, slow("Slow", "finish")).await;
    let (anyone, path) = (Client::new(&server.url), hook(&workflow, 0));
    let call = tokio::spawn(async move { anyone.call(Method::GET, &path).send().await });
    until_shown(&client, "workflows/instances?status=WAITING", |list| {
        list["items"].as_array().is_some_and(|items| !items.is_empty())
    })
    .await;
    server.signal("TERM");
    let accepted = call.await.unwrap().expect(202);
    assert!(accepted["instanceID"].is_string(), "{accepted}");
    assert!(server.wait().success());
}
