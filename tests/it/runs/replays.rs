//! Replays of runs.
use super::{edges, end, has_ended, node, run, save, script, start, step, until_shown};
use crate::support::{
    Client, World,
    client::{Answer, Refusal},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_run_is_replayed_on_its_own_or_the_current_version() {
    let world = World::empty().await;
    let client = &world.client;
    let nodes = |code: &str| {
        json!([
            start(),
            script("when", "return Math.random()"),
            script("then", code),
            end("{{ [steps.when, steps.then] }}")
        ])
    };
    let joins = ["start>when", "when>then", "then>end"];
    let flow = save(client, "Versions", nodes("throw new Error('not yet')"), &joins, json!({})).await;
    let broken = run(client, &flow, json!({"n": 1})).await;
    assert_eq!(broken["status"], "FAILED");
    client.patch(&format!("workflows/{flow}"), json!({"nodes": nodes("return 'mended'")})).await.expect(200);
    let replay = format!("workflows/instances/{}/replay", broken["id"].as_str().unwrap());

    let same = client.post(&replay, json!({"fromNodeID": "then"})).await.expect(202);
    let same =
        until_shown(client, &format!("workflows/instances/{}", same["instanceID"].as_str().unwrap()), has_ended).await;
    assert_eq!((&same["status"], &same["workflowVersion"]), (&json!("FAILED"), &json!(1)));
    assert_eq!(step(&same, "when")["output"], step(&broken, "when")["output"]);

    let newer = client.post(&replay, json!({"fromNodeID": "then", "useVersion": "current"})).await.expect(202);
    let newer =
        until_shown(client, &format!("workflows/instances/{}", newer["instanceID"].as_str().unwrap()), has_ended).await;
    assert_eq!((&newer["status"], &newer["workflowVersion"]), (&json!("COMPLETED"), &json!(2)), "{newer}");
    assert_eq!(newer["output"], json!([step(&broken, "when")["output"], "mended"]));
    assert_eq!((&newer["replayOf"], &step(&newer, "when")["reused"]), (&broken["id"], &json!(true)));

    let all = client.post(&replay, json!({"useVersion": "current"})).await.expect(202);
    let all =
        until_shown(client, &format!("workflows/instances/{}", all["instanceID"].as_str().unwrap()), has_ended).await;
    assert_ne!(step(&all, "when")["output"], step(&broken, "when")["output"]);
    assert_eq!(
        client.post(&replay, json!({"fromNodeID": "gone"})).await.refused(400, "INVALID_REQUEST").path,
        "fromNodeID"
    );
}

#[tokio::test]
async fn replaying_a_test_requires_the_permissions_for_the_test() {
    let world = World::full().await;
    let query = json!({"id": "q", "type": "dataQuery", "name": "q", "config": {"queryID": world.id("queryID")}});
    let test = json!({"nodes": [start(), query], "edges": edges(&["start>q"])});
    let tested = world.client.post("workflows/test?wait=60", test).await.expect(200);
    let replay = format!("workflows/instances/{}/replay", tested["id"].as_str().unwrap());
    world.client.post(&replay, json!({})).await.expect(202);
    let refused = world.client.post(&replay, json!({"useVersion": "current"})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "useVersion");
    let mut world = world;
    world.role("Runner", &["workflow:read", "workflow:execute"]).await;
    let (_, runner) = world.member("runner@example.com", "Runner").await;
    runner.post(&replay, json!({})).await.refused(403, "PERMISSION_DENIED");
}

/// Returns the nodes and joins of a workflow whose condition has one branch, which leads to the script `x`.
fn branching(branch: &str) -> (Value, Vec<String>) {
    let branches = json!([{"id": branch, "when": "input.n > 1"}]);
    let nodes = json!([
        start(),
        node("c", "condition", json!({"branches": branches})),
        script("x", "return 1"),
        end("{{ steps.x }}")
    ]);
    (nodes, ["start>c", &format!("c:{branch}>x"), "x>end"].map(str::to_owned).to_vec())
}

async fn change(client: &Client, flow: &str, nodes: Value, joins: &[&str]) {
    client.patch(&format!("workflows/{flow}"), json!({"nodes": nodes, "edges": edges(joins)})).await.expect(200);
}

async fn replay_from(client: &Client, run: &Value, from: &str) -> Answer {
    let path = format!("workflows/instances/{}/replay", run["id"].as_str().unwrap());
    client.post(&path, json!({"fromNodeID": from, "useVersion": "current"})).await
}

async fn outcome(client: &Client, answer: Answer) -> Value {
    let answer = answer.expect(202);
    until_shown(client, &format!("workflows/instances/{}", answer["instanceID"].as_str().unwrap()), has_ended).await
}

fn assert_refused(answer: Answer, words: &str) {
    let Refusal { path, message, .. } = answer.refused(400, "INVALID_REQUEST");
    assert_eq!(path, "fromNodeID");
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn recorded_decisions_are_checked_against_the_current_graph() {
    let world = World::empty().await;
    let client = &world.client;
    let (nodes, joins) = branching("big");
    let joins: Vec<&str> = joins.iter().map(String::as_str).collect();
    let flow = save(client, "Branches", nodes.clone(), &joins, json!({})).await;
    let first = run(client, &flow, json!({"n": 5})).await;
    let small = run(client, &flow, json!({"n": 0})).await;

    let same = outcome(client, replay_from(client, &first, "x").await).await;
    assert_eq!((&same["output"], &step(&same, "c")["reused"]), (&json!(1), &json!(true)));
    // the recorded decision does not lead to the step, so the replay is refused
    assert_refused(replay_from(client, &small, "x").await, "`c` continued through `default`");

    // the branch was renamed: the decision is made again
    let (renamed, joins) = branching("large");
    change(client, &flow, renamed, &joins.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let replayed = outcome(client, replay_from(client, &first, "x").await).await;
    assert_eq!((&replayed["output"], &step(&replayed, "c")["reused"]), (&json!(1), &json!(false)), "{replayed}");

    // the new decision does not lead to the step: the run fails
    let (other, joins) = branching("other");
    let mut other = other;
    other[1]["config"]["branches"][0]["when"] = json!("input.n > 10");
    change(client, &flow, other, &joins.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let missed = outcome(client, replay_from(client, &first, "x").await).await;
    assert_eq!(
        (&missed["status"], &missed["error"]["code"]),
        (&json!("FAILED"), &json!("STEP_NOT_REACHED")),
        "{missed}"
    );

    // the same branch now leads elsewhere
    change(client, &flow, nodes.clone(), &["start>c", "c:default>x", "x>end"]).await;
    assert_refused(replay_from(client, &first, "x").await, "`c` continued through `big`");

    // a node of another type, an additional node, a removed node
    let mut other = nodes.clone();
    other[1] = node("c", "set", json!({"values": {"k": 7}}));
    change(client, &flow, other, &["start>c", "c>x", "x>end"]).await;
    let replayed = outcome(client, replay_from(client, &first, "x").await).await;
    assert_eq!((&replayed["output"], &step(&replayed, "c")["output"]), (&json!(1), &json!({"k": 7})), "{replayed}");
    let mut more = nodes.clone();
    more.as_array_mut().unwrap().push(script("between", "return 'new'"));
    change(client, &flow, more, &["start>c", "c:big>between", "between>x", "x>end"]).await;
    let replayed = outcome(client, replay_from(client, &first, "x").await).await;
    assert_eq!(
        (&step(&replayed, "between")["output"], &step(&replayed, "c")["reused"]),
        (&json!("new"), &json!(true)),
        "{replayed}"
    );
    let less = json!([start(), script("x", "return 1"), end("{{ steps.x }}")]);
    change(client, &flow, less, &["start>x", "x>end"]).await;
    assert_eq!(outcome(client, replay_from(client, &first, "x").await).await["output"], 1);
    // the node to replay from was removed, or nothing leads to it anymore
    assert_refused(replay_from(client, &first, "c").await, "must be a node");
    change(client, &flow, nodes, &["start>c", "x>end"]).await;
    assert_refused(replay_from(client, &first, "x").await, "`x` would not run");
}

#[tokio::test]
async fn a_replay_after_a_recorded_terminating_end_is_refused() {
    let world = World::empty().await;
    let client = &world.client;
    let nodes = json!([
        start(),
        node("wait", "delay", json!({"for": "100ms"})),
        node("done", "end", json!({"output": 1, "terminate": true})),
        node("slow", "delay", json!({"for": "1h"})),
        script("x", "return 2"),
    ]);
    let flow = save(client, "Ends", nodes, &["start>wait", "wait>done", "start>slow", "slow>x"], json!({})).await;
    let first = run(client, &flow, json!({})).await;
    assert_eq!((&first["status"], &step(&first, "slow")["status"]), (&json!("COMPLETED"), &json!("CANCELLED")));
    assert_refused(replay_from(client, &first, "slow").await, "`done` ended the run");
}
