//! Many callers that disconnect at once: every run that they started or stopped finishes, and runs that are gone do not
//! count towards limits.
use super::wholeness::settle;
use crate::support::caller::{Moment, Request};
use crate::{
    support::{
        Client, World,
        client::id,
        wait::{until, until_shown},
    },
    triggers::{echo, hook},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

/// Returns how many callers hang up in each test: `HANGUPS`, or 60.
fn callers() -> usize {
    std::env::var("HANGUPS").ok().and_then(|callers| callers.parse().ok()).unwrap_or(60)
}

/// Sends the requests, and closes each connection as soon as its request is sent, or a little later.
async fn hang_up(world: &World, requests: impl IntoIterator<Item = Request>) {
    let address = world.server.server.address;
    let one = |(i, request): (usize, Request)| async move {
        request.hang_up(address, Moment::WHOLE[i % Moment::WHOLE.len()]).await;
    };
    stream::iter(requests.into_iter().enumerate()).map(one).buffer_unordered(4).collect::<Vec<()>>().await;
}

/// Saves a workflow with a start and one more node. Returns its ID.
async fn save(client: &Client, name: &str, node: Value, settings: Value) -> String {
    let body = json!({
        "name": name,
        "nodes": [{"id": "s", "type": "start", "name": "start"}, node],
        "edges": [{"id": "1", "source": "s", "target": "n"}],
        "settings": settings,
    });
    id(&client.post("workflows", body).await.expect(201)).to_string()
}

fn set() -> Value {
    json!({"id": "n", "type": "set", "name": "n", "config": {"values": {"a": "{{ 1 + 1 }}"}}})
}

fn delay(length: &str) -> Value {
    json!({"id": "n", "type": "delay", "name": "n", "config": {"for": length}})
}

/// Runs the workflow and expects it to complete.
async fn complete(client: &Client, workflow: &str) -> Value {
    let run = client.post(&format!("workflows/{workflow}/execute?wait=60"), json!({})).await.expect(200);
    assert_eq!(run["status"], "COMPLETED", "{run}");
    run
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_whose_callers_hang_up_finish_and_free_their_slots() {
    let world = World::empty().await;
    for (name, settings) in [
        ("free", json!({})),
        ("queue", json!({"maxConcurrentRuns": 1})),
        ("skip", json!({"maxConcurrentRuns": 1, "whenFull": "skip"})),
        ("replace", json!({"maxConcurrentRuns": 1, "whenFull": "replace"})),
    ] {
        let workflow = save(&world.client, name, set(), settings).await;
        let execute = format!("workflows/{workflow}/execute");
        let start = || Request::new(&world.client, "POST", execute.clone()).json(&json!({}));
        hang_up(&world, (0..callers()).map(|_| start())).await;
        settle(&world.server, name).await;
        complete(&world.client, &workflow).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_and_replays_whose_callers_hang_up_leave_no_stuck_run() {
    let world = World::empty().await;
    for (name, answer) in [("at once", "immediately"), ("at the end", "finish"), ("by a step", "respond")] {
        let created = world.client.post("workflows", echo(name, json!([{"type": "webhook", "answer": answer}]))).await;
        let path = hook(&created.expect(201), 0);
        let call = || Request::new(&world.server.anyone(), "POST", path.clone()).json(&json!({"a": 1}));
        hang_up(&world, (0..callers()).map(|_| call())).await;
        settle(&world.server, name).await;
        assert!(call().send().await.status.is_success());
    }
    let workflow = save(&world.client, "again", set(), json!({"maxConcurrentRuns": 2})).await;
    let first = complete(&world.client, &workflow).await;
    let path = format!("workflows/instances/{}/replay", first["id"].as_str().unwrap());
    let replay = || Request::new(&world.client, "POST", path.clone()).json(&json!({}));
    hang_up(&world, (0..callers()).map(|_| replay())).await;
    settle(&world.server, "replays").await;
    complete(&world.client, &workflow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_with_the_same_key_after_a_hang_up_returns_a_completed_run() {
    let world = World::empty().await;
    for (name, settings) in [
        ("free", json!({})),
        ("skip", json!({"maxConcurrentRuns": 1, "whenFull": "skip"})),
        ("replace", json!({"maxConcurrentRuns": 1, "whenFull": "replace"})),
    ] {
        let workflow = save(&world.client, name, delay("20ms"), settings).await;
        for i in 0..callers() / 2 {
            let path = format!("workflows/{workflow}/execute?wait=60");
            let start = Request::new(&world.client, "POST", path).json(&json!({}));
            let start = start.header("idempotency-key", format!("key {i}"));
            hang_up(&world, [start.clone(), start.clone()]).await;
            let run = start.send().await.expect(200);
            assert_eq!(run["status"], "COMPLETED", "{name} {i}: {run}");
        }
        let runs = world.client.get(&format!("workflows/instances?workflowID={workflow}")).await.expect(200);
        assert_eq!(runs["total"], callers() / 2, "each key must start one run of {name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_whose_caller_hangs_up_still_fails_the_calling_run() {
    let world = World::empty().await;
    let called = save(&world.client, "called", delay("1h"), json!({"maxConcurrentRuns": 1000})).await;
    let call = json!({"id": "n", "type": "subWorkflow", "name": "n", "config": {"workflowID": called}});
    let calling = save(&world.client, "calling", call, json!({})).await;
    let execute = format!("workflows/{calling}/execute");
    for _ in 0..callers() {
        world.client.post(&execute, json!({})).await.expect(202);
    }
    let waiting = format!("workflows/instances?workflowID={called}&status=WAITING");
    until_shown(&world.client, &waiting, |list| list["total"] == callers()).await;
    let children = world.client.all(&waiting).await;
    let stop = |child: &Value| {
        let path = format!("workflows/instances/{}/stop", child["id"].as_str().unwrap());
        Request::new(&world.client, "DELETE", path)
    };
    hang_up(&world, children.iter().map(stop)).await;
    settle(&world.server, "stops").await;
    for child in &world.client.all(&waiting).await {
        stop(child).send().await.expect(200);
    }
    let failed = format!("workflows/instances?workflowID={calling}&status=FAILED");
    until_shown(&world.client, &failed, |list| list["total"] == callers()).await;
    settle(&world.server, "the end").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_run_ends_when_the_caller_hangs_up() {
    let world = World::empty().await;
    let workflow = save(&world.client, "long", delay("1h"), json!({})).await;
    let execute = Request::new(&world.client, "POST", format!("workflows/{workflow}/execute?wait=60"));
    hang_up(&world, (0..8).map(|_| execute.clone().json(&json!({})))).await;
    let mut draft = echo("hooked", json!([{"type": "webhook", "answer": "finish"}]));
    draft["nodes"][1] = json!({"id": "e", "type": "delay", "name": "wait", "config": {"for": "1h"}});
    let path = hook(&world.client.post("workflows", draft).await.expect(201), 0);
    hang_up(&world, (0..8).map(|_| Request::new(&world.server.anyone(), "POST", path.clone()).json(&json!({})))).await;
    until("no request waits for its run to finish", async || world.server.server.app.shield.pending() == 0).await;
}
