//! The real process, killed without warning while it works: every accepted run finishes.
mod disk;
mod fleet;
mod flow;
mod sink;

use crate::support::{
    Answer, Client, Process,
    client::Call,
    process::data_dir,
    wait::{PATIENCE, until},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};
use sink::Sink;
use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Returns how often each of the two long tests kills the process: `KILLS`, or 20. `make test` and `make crash` set it.
fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Runs that are started between two kills, unless more than `MAX_UNFINISHED` runs are unfinished.
const RUNS: usize = 4;
const MAX_UNFINISHED: u64 = 40;

/// Returns the same client for the restarted server, which has another address.
fn reconnect(client: &Client, process: &Process) -> Client {
    let token = client.token.clone().unwrap();
    process.client().with_token(token).in_tenant(client.tenant.unwrap())
}

/// How many requests of a load were answered.
type Progress = Arc<AtomicUsize>;

/// Waits until this many requests were answered: a moment that does not depend on the speed of the machine.
async fn answered(progress: &Progress, count: usize) {
    until("requests are answered", async || progress.load(Ordering::Relaxed) >= count).await;
}

/// Sends a request, again while the server has no database or waits for the end of another one. Returns `None` if the
/// server is gone.
async fn served(call: Call, progress: &Progress) -> Option<Answer> {
    loop {
        let answer = call.again().try_send().await.ok()?;
        if answer.status != 503 {
            progress.fetch_add(1, Ordering::Relaxed);
            return Some(answer);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Starts runs and answers approvals until the server is gone. Returns the accepted runs, each with its number.
async fn load(client: Client, path: String, first: usize, progress: Progress) -> Vec<(String, usize)> {
    let mut accepted = Vec::new();
    let starting = async {
        if count_unfinished(&client, &progress).await? > MAX_UNFINISHED {
            return Some(());
        }
        for n in first..first + RUNS {
            let call = client.call(Method::POST, &path).json(&json!({"input": {"n": n}}));
            let started = served(call, &progress).await?.expect(202);
            accepted.push((started["instanceID"].as_str()?.to_owned(), n));
        }
        Some(())
    };
    let answering = async {
        loop {
            answer_all(&client, &progress).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _: (Option<()>, Option<()>) = tokio::join!(starting, answering);
    accepted
}

/// Returns how many runs are unfinished; `None` if the server is gone.
async fn count_unfinished(client: &Client, progress: &Progress) -> Option<u64> {
    let mut all = 0;
    for status in ["PENDING", "RUNNING", "WAITING"] {
        let list = client.call(Method::GET, &format!("workflows/instances?limit=1&status={status}"));
        all += served(list, progress).await?.expect(200)["total"].as_u64()?;
    }
    Some(all)
}

/// Answers all open approvals. Returns `None` if the server is gone.
async fn answer_all(client: &Client, progress: &Progress) -> Option<()> {
    let tasks = served(client.call(Method::GET, "workflows/tasks"), progress).await?.expect(200);
    for task in tasks["items"].as_array()? {
        let path = format!("workflows/instances/{}/tasks/{}", task["instanceID"].as_str()?, task["id"].as_str()?);
        let body = json!({"decision": "approved", "data": {"why": "because"}});
        let answer = served(client.call(Method::POST, &path).json(&body), progress).await?;
        // an earlier call may have answered it, although the kill cut off the response
        assert!([200, 404, 409].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text);
    }
    Some(())
}

async fn finished(client: &Client, run: &str) -> Value {
    let started = Instant::now();
    loop {
        answer_all(client, &Progress::default()).await.unwrap();
        let run = client.get(&format!("workflows/instances/{run}")).await.expect(200);
        if run["finishedAt"].is_string() {
            return run;
        }
        assert!(started.elapsed() < PATIENCE, "a run does not finish: {run}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Returns the steps that completed, from the run's events. Fails if a step starts again after it has completed.
async fn completions(client: &Client, run: &str) -> Vec<String> {
    let events = client.get(&format!("workflows/instances/{run}/events")).await.text;
    let mut completed = HashSet::new();
    for frame in events.split("\n\n").filter(|frame| frame.contains("event: step.")) {
        let data = frame.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        let step = format!("{}/{}", data["name"].as_str().unwrap(), data["iteration"].as_str().unwrap());
        if frame.contains("event: step.completed") {
            assert!(completed.insert(step.clone()), "{step} of {run} completed twice");
        }
        if frame.contains("event: step.started") {
            assert!(!completed.contains(&step), "{step} of {run} ran again");
        }
    }
    let mut completed: Vec<_> = completed.into_iter().collect();
    completed.sort();
    completed
}

/// Checks that every accepted run finished correctly, that no step completed twice, and that each effect was requested.
async fn check(client: &Client, sink: &Sink, accepted: &[(String, usize)]) {
    for (run, n) in accepted {
        let ended = finished(client, run).await;
        assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &flow::output(*n)), "{ended}");
        assert_eq!(completions(client, run).await, flow::steps(*n), "{run}");
        assert_eq!(sink.effects(run), ["flaky/", "item/0", "item/1", "item/2"], "{run}");
        let steps = ended["steps"].as_array().unwrap();
        let child = steps.iter().find(|step| step["name"] == "sub").unwrap()["childID"].as_str().unwrap();
        assert_eq!(sink.effects(child), ["call/"], "{child} of {run}");
    }
}

/// Kills the process while it works, after a random number of answers, then checks all accepted runs.
async fn kill_repeatedly(data: &Path, flags: &[&str], answers: std::ops::Range<usize>, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let sink = Sink::start().await;
    let (mut process, client) = Process::with_owner(data).await;
    let path = flow::save(&client, &sink).await;
    let mut accepted = Vec::new();
    for kill in 0..kills() {
        let progress = Progress::default();
        let working =
            tokio::spawn(load(reconnect(&client, &process), path.clone(), kill * RUNS, Arc::clone(&progress)));
        answered(&progress, random.random_range(answers.clone())).await;
        process.kill();
        accepted.extend(working.await.unwrap());
        process = Process::start(data, flags);
    }
    assert!(accepted.len() >= kills() / 4, "only {} runs were accepted", accepted.len());
    check(&reconnect(&client, &process), &sink, &accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_kills_lose_no_accepted_run() {
    let (_dir, data) = data_dir();
    kill_repeatedly(&data, &[], 2..50, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_right_after_the_start_lose_no_accepted_run() {
    let (_dir, data) = data_dir();
    kill_repeatedly(&data, &["--durability", "normal"], 0..16, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_waiting_runs_survive_a_kill() {
    let (_dir, data) = data_dir();
    let (mut process, client) = Process::with_owner(&data).await;
    let body = json!({
        "name": "Waits",
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "wait", "type": "delay", "name": "wait", "config": {"for": "5s"}},
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ input.n }}"}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "wait"}, {"id": "b", "source": "wait", "target": "end"}],
    });
    let created = client.post("workflows", body).await.expect(201);
    let path = format!("workflows/{}/execute", created["id"].as_str().unwrap());
    let mut accepted = Vec::new();
    for n in 0..200 {
        let started = client.post(&path, json!({"input": {"n": n}})).await.expect(202);
        accepted.push((started["instanceID"].as_str().unwrap().to_owned(), n));
    }
    process.kill();
    let process = Process::start(&data, &[]);
    let client = reconnect(&client, &process);
    for (run, n) in accepted {
        let ended = finished(&client, &run).await;
        assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!(n)), "{ended}");
    }
}
