//! Several servers on one database: every one of them can do everything, and the runs of one that stops go on.
use crate::support::{
    Client,
    client::id,
    fleet::Fleet,
    recorder::{Recorder, Seen},
    wait::{until, until_shown},
};
use axum::{body::Body, response::Response};
use serde_json::{Value, json};
use std::time::Duration;

fn node(name: &str, kind: &str, config: Value) -> Value {
    json!({"id": name, "type": kind, "name": name, "config": config})
}

/// Saves a workflow whose steps follow one another. Returns its path.
async fn save(client: &Client, name: &str, steps: &[Value], settings: Value) -> String {
    let mut nodes = vec![node("start", "start", json!({}))];
    nodes.extend_from_slice(steps);
    nodes.push(node("end", "end", json!({"output": "{{ input.n }}"})));
    let out = |node: &Value| if node["type"] == "approval" { "approved" } else { "out" };
    let edges: Vec<Value> = nodes
        .windows(2)
        .enumerate()
        .map(|(i, pair)| {
            json!({"id": format!("e{i}"), "source": pair[0]["id"], "sourceHandle": out(&pair[0]), "target": pair[1]["id"]})
        })
        .collect();
    let body = json!({"name": name, "nodes": nodes, "edges": edges, "settings": settings});
    let created = client.post("workflows", body).await.expect(201);
    format!("workflows/{}", id(&created))
}

/// Starts a run. Returns its path.
async fn begin(client: &Client, workflow: &str, n: usize) -> String {
    let started = client.post(&format!("{workflow}/execute"), json!({"input": {"n": n}})).await.expect(202);
    format!("workflows/instances/{}", started["instanceID"].as_str().unwrap())
}

fn has_ended(run: &Value) -> bool {
    run["finishedAt"].is_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_followed_stopped_and_answered_on_every_server() {
    let fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let slow = save(&one, "Slow", &[node("wait", "delay", json!({"for": "700ms"}))], json!({})).await;
    // waiting for a run of another server
    let run = begin(&one, &slow, 7).await;
    let events = two.get(&format!("{run}/events")).await.text;
    assert!(events.contains("run.completed"), "{events}");
    assert_eq!(two.get(&run).await.expect(200)["output"], 7);
    // a start on one server is found by its key on the other
    let key =
        |client: &Client| client.call(reqwest::Method::POST, &format!("{slow}/execute")).header("idempotency-key", "k");
    let (first, second) = tokio::join!(
        key(&one).json(&json!({"input": {"n": 1}})).send(),
        key(&two).json(&json!({"input": {"n": 1}})).send()
    );
    assert_eq!(first.body["instanceID"], second.body["instanceID"], "{first} {second}");
    // stopping
    let long = save(&two, "Long", &[node("wait", "delay", json!({"for": "1h"}))], json!({})).await;
    let run = begin(&one, &long, 1).await;
    assert_eq!(two.delete(&format!("{run}/stop")).await.expect(200)["status"], "CANCELLED");
    assert_eq!(one.get(&run).await.expect(200)["status"], "CANCELLED");
    // answering
    let asking = save(&one, "Asks", &[node("ask", "approval", json!({"title": "Go on?"}))], json!({})).await;
    let run = begin(&one, &asking, 3).await;
    let tasks = until_shown(&two, "workflows/tasks", |list| list["total"] != 0 && list["items"][0].is_object()).await;
    let task = format!("{run}/tasks/{}", tasks["items"][0]["id"].as_str().unwrap());
    two.post(&task, json!({"decision": "approved"})).await.expect(200);
    two.post(&task, json!({"decision": "approved"})).await.refused(404, "NOT_FOUND");
    let ended = until_shown(&two, &run, has_ended).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runs_of_a_server_that_dies_go_on_elsewhere() {
    let mut fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let child = save(&one, "Child", &[node("wait", "delay", json!({"for": "6s"}))], json!({})).await;
    let call = json!({"workflowID": child.trim_start_matches("workflows/"), "input": {"n": "{{ input.n }}"}});
    let parent = save(&one, "Parent", &[node("sub", "subWorkflow", call)], json!({})).await;
    let asking = save(&one, "Asks", &[node("ask", "approval", json!({"title": "Go on?"}))], json!({})).await;
    let mut runs = Vec::new();
    for n in 0..10 {
        runs.push((begin(&one, &parent, n).await, n));
    }
    let asked = begin(&one, &asking, 5).await;
    until_shown(&two, "workflows/tasks", |list| list["items"].as_array().is_some_and(|items| !items.is_empty())).await;
    fleet.servers[0].kill();
    for (run, n) in &runs {
        let ended = until_shown(&two, run, has_ended).await;
        assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!(n)), "{ended}");
    }
    let tasks = two.get("workflows/tasks").await.expect(200);
    let task = format!("{asked}/tasks/{}", tasks["items"][0]["id"].as_str().unwrap());
    two.post(&task, json!({"decision": "approved"})).await.expect(200);
    assert_eq!(until_shown(&two, &asked, has_ended).await["output"], 5);
    // it comes back, and works with the other one
    fleet.again(0);
    let run = begin(&fleet.client(0), &asking, 6).await;
    fleet.client(1).delete(&format!("{run}/stop")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_from_before_a_limit_go_on_when_their_server_dies_and_another_one_admits_new_ones() {
    let mut fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let slow = save(&one, "Slow", &[node("wait", "delay", json!({"for": "5s"}))], json!({})).await;
    let early = begin(&one, &slow, 1).await;
    one.patch(&slow, json!({"settings": {"maxConcurrentRuns": 1}})).await.expect(200);
    // the second server admits the runs of the workflow from now on
    begin(&two, &slow, 2).await;
    fleet.servers[0].kill();
    let ended = until_shown(&two, &early, has_ended).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_at_a_server_while_it_is_paused_is_executed_once() {
    let recorder = Recorder::start(|_: &Seen| Response::new(Body::from("{}"))).await;
    let fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let url = format!("{}/{{{{ input.n }}}}", recorder.url());
    let told =
        save(&one, "Tells", &[node("tell", "httpRequest", json!({"method": "POST", "url": url}))], json!({})).await;
    fleet.servers[0].signal("STOP");
    let starts: Vec<_> = (0..40)
        .map(|n| {
            let (client, path) = (one.clone(), format!("{told}/execute"));
            tokio::spawn(async move { client.post(&path, json!({"input": {"n": n}})).await })
        })
        .collect();
    until("the other server has noticed", async || fleet.living() == 1).await;
    fleet.servers[0].signal("CONT");
    for start in starts {
        let run = format!("workflows/instances/{}", start.await.unwrap().expect(202)["instanceID"].as_str().unwrap());
        let ended = until_shown(&two, &run, has_ended).await;
        assert_eq!(ended["status"], "COMPLETED", "{ended}");
    }
    let mut heard: Vec<String> = recorder.take().into_iter().map(|seen| seen.path).collect();
    let all = heard.len();
    heard.sort();
    heard.dedup();
    assert_eq!((all, heard.len()), (40, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_hands_its_runs_over() {
    let mut fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let slow = save(&one, "Slow", &[node("wait", "delay", json!({"for": "2s"}))], json!({})).await;
    let run = begin(&one, &slow, 1).await;
    fleet.servers[0].signal("TERM");
    assert!(fleet.servers[0].wait().success());
    let ended = until_shown(&two, &run, has_ended).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_workflow_is_limited_on_all_servers_together() {
    let fleet = Fleet::start(3).await;
    let one = fleet.client(0);
    let limited =
        save(&one, "Limited", &[node("wait", "delay", json!({"for": "600ms"}))], json!({"maxConcurrentRuns": 2})).await;
    for n in 0..18 {
        begin(&fleet.client(n % 3), &limited, n).await;
    }
    let all = format!("workflows/instances?workflowID={}&limit=100", limited.trim_start_matches("workflows/"));
    let mut most = 0;
    until("all runs have ended", async || {
        let list = one.get(&all).await.expect(200);
        let runs = list["items"].as_array().unwrap();
        let with =
            |wanted: &[&str]| runs.iter().filter(|run| wanted.contains(&run["status"].as_str().unwrap())).count();
        most = most.max(with(&["RUNNING", "WAITING"]));
        with(&["COMPLETED"]) == 18
    })
    .await;
    assert!((1..=2).contains(&most), "{most} at once");
    let skipping = save(
        &one,
        "Skips",
        &[node("wait", "delay", json!({"for": "1s"}))],
        json!({"maxConcurrentRuns": 1, "whenFull": "skip"}),
    )
    .await;
    let mut ended = Vec::new();
    for n in 0..3 {
        ended.push(begin(&fleet.client(n), &skipping, n).await);
    }
    let mut skipped = 0;
    for run in ended {
        let run = until_shown(&fleet.client(1), &run, has_ended).await;
        skipped += usize::from(run["error"]["code"] == "SKIPPED");
    }
    assert_eq!(skipped, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_wait_for_a_place_keep_their_order_when_their_server_stops() {
    let wait = [node("wait", "delay", json!({"for": "150ms"}))];
    for signal in ["KILL", "TERM"] {
        let fleet = Fleet::start(3).await;
        let (one, two) = (fleet.client(0), fleet.client(1));
        let limited = save(&one, "Limited", &wait, json!({"maxConcurrentRuns": 1})).await;
        let mut begun = Vec::new();
        for n in 0..16 {
            // on the server that admits the runs: it hears of those of others only after a moment
            begun.push(begin(&one, &limited, n).await);
        }
        fleet.servers[0].signal(signal);
        // they wait for a server that admits runs in place of the first one
        for n in 16..20 {
            begun.push(begin(&fleet.client(1 + n % 2), &limited, n).await);
        }
        let mut ends = Vec::new();
        for run in &begun {
            ends.push(until_shown(&two, run, has_ended).await["finishedAt"].as_str().unwrap().to_owned());
        }
        assert!(ends.is_sorted(), "{signal}: {ends:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_seen_on_every_server_within_a_second() {
    let fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let variable = one.post("variables", json!({"name": "rate", "value": "1"})).await.expect(201);
    let path = format!("variables/{}", id(&variable));
    let shows =
        save(&one, "Shows", &[node("set", "set", json!({"values": {"rate": "{{ vars.rate }}"}}))], json!({})).await;
    let run = async |client: &Client| {
        let ended = client.post(&format!("{shows}/execute?wait=30"), json!({"input": {"n": 1}})).await.expect(200);
        let steps = ended["steps"].as_array().unwrap();
        steps.iter().find(|step| step["name"] == "set").unwrap()["output"]["rate"].clone()
    };
    assert_eq!(run(&two).await, "1");
    one.patch(&path, json!({"value": "2"})).await.expect(200);
    tokio::time::timeout(Duration::from_secs(10), until("the change is seen", async || run(&two).await == "2"))
        .await
        .unwrap();
    // watchers of one server hear of the runs of the other
    let mut watching = two.call(reqwest::Method::GET, "workflows/instances/events").open().await;
    watching.chunk().await.unwrap();
    run(&one).await;
    let heard = watching.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&heard).contains("run.changed"), "{heard:?}");
}
