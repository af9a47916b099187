//! The real process, killed without warning in the middle of its work: every accepted run reaches its end.
use crate::support::{Client, Process, client::id, process::data_dir};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// How many runs there are when the process dies.
const RUNS: usize = 200;
/// How many of them are started at once.
const AT_ONCE: usize = 16;
/// How long a run may take after the restart; machines are busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// The same person at the same server, which has another address now.
fn again(client: &Client, process: &Process) -> Client {
    let token = client.token.clone().unwrap();
    process.client().with_token(token).in_tenant(client.tenant.unwrap())
}

/// A workflow with scripts, a wait and two branches; answers the path that starts its runs.
async fn workflow(client: &Client, delay: &str) -> String {
    let nodes = json!([
        {"id": "start", "type": "start", "name": "start"},
        {"id": "before", "type": "javascript", "name": "before", "config": {"code": "return input.n * 2"}},
        {"id": "wait", "type": "delay", "name": "wait", "config": {"for": delay}},
        {"id": "even", "type": "condition", "name": "even",
         "config": {"branches": [{"id": "yes", "when": "input.n % 2 == 0"}]}},
        {"id": "a", "type": "javascript", "name": "a", "config": {"code": "return 'even'"}},
        {"id": "b", "type": "javascript", "name": "b", "config": {"code": "return 'odd'"}},
        {"id": "end", "type": "end", "name": "end",
         "config": {"output": ["{{ steps.before + 1 }}", "{{ steps.a ?? steps.b }}"]}},
    ]);
    let joins = [
        ("start", "out", "before"),
        ("before", "out", "wait"),
        ("wait", "out", "even"),
        ("even", "yes", "a"),
        ("even", "default", "b"),
        ("a", "out", "end"),
        ("b", "out", "end"),
    ];
    let edge = |(i, (source, handle, target)): (usize, (&str, &str, &str))| json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target});
    let edges: Vec<_> = joins.into_iter().enumerate().map(edge).collect();
    let body = json!({"name": "Crash", "nodes": nodes, "edges": edges, "enabled": true});
    let made = client.post("workflows", body).await.expect(201);
    assert_eq!(made["problems"], json!([]));
    format!("workflows/{}/execute", id(&made))
}

/// Starts runs 0, 1, 2 … until there are enough or the server is gone; answers those that it accepted.
async fn start_all(client: &Client, path: &str) -> Vec<(String, usize)> {
    let mut accepted = Vec::new();
    for first in (0..RUNS).step_by(AT_ONCE) {
        let start = async |n: usize| {
            let call = client.call(Method::POST, path).json(&json!({"input": {"n": n}}));
            let started = call.try_send().await.ok()?.expect(202);
            Some((started["instanceID"].as_str()?.to_owned(), n))
        };
        let batch = (first..(first + AT_ONCE).min(RUNS)).map(start);
        accepted.extend(futures_util::future::join_all(batch).await.into_iter().flatten());
    }
    accepted
}

async fn finished(client: &Client, run: &str) -> Value {
    let begun = Instant::now();
    loop {
        let run = client.get(&format!("workflows/instances/{run}")).await.expect(200);
        if run["finishedAt"].is_string() {
            return run;
        }
        assert!(begun.elapsed() < PATIENCE, "a run does not end: {run}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How often each step completed, as a follower is told.
async fn completions(client: &Client, run: &str) -> HashMap<String, usize> {
    let story = client.get(&format!("workflows/instances/{run}/events")).await.text;
    let mut completed = HashMap::new();
    for frame in story.split("\n\n").filter(|frame| frame.contains("event: step.completed")) {
        let data = frame.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        *completed.entry(data["name"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    completed
}

/// Every accepted run came to its proper end, and no step completed twice.
async fn check(client: &Client, accepted: &[(String, usize)]) {
    for (run, n) in accepted {
        let (word, branch) = if n % 2 == 0 { ("even", "a") } else { ("odd", "b") };
        let ended = finished(client, run).await;
        assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!([n * 2 + 1, word])), "{ended}");
        let steps = ["start", "before", "wait", "even", branch, "end"];
        let expected: HashMap<_, _> = steps.map(|step| (step.to_owned(), 1)).into();
        assert_eq!(completions(client, run).await, expected, "{run}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_waiting_runs_survive_the_death_of_the_process() {
    let (_dir, data) = data_dir();
    let (mut process, client) = Process::with_owner(&data).await;
    let path = workflow(&client, "5s").await;
    let accepted = start_all(&client, &path).await;
    assert_eq!(accepted.len(), RUNS);
    process.kill();
    let process = Process::start(&data, &[]);
    check(&again(&client, &process), &accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_again_and_again_loses_no_accepted_run() {
    let (_dir, data) = data_dir();
    let (mut process, client) = Process::with_owner(&data).await;
    let path = workflow(&client, "300ms").await;
    let mut accepted = Vec::new();
    for moment in [40, 90, 150, 230, 310, 400] {
        let (client, path) = (again(&client, &process), path.clone());
        let starting = tokio::spawn(async move { start_all(&client, &path).await });
        tokio::time::sleep(Duration::from_millis(moment)).await;
        process.kill();
        accepted.extend(starting.await.unwrap());
        process = Process::start(&data, &[]);
    }
    assert!(!accepted.is_empty());
    check(&again(&client, &process), &accepted).await;
}
