//! Runs that are run again.
use super::{edges, end, has_ended, node, run, save, script, start, step, until};
use crate::support::{
    Client, World,
    client::{Answer, Refusal},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_run_is_run_again_on_either_version() {
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
    let again = format!("workflows/instances/{}/replay", broken["id"].as_str().unwrap());

    let same = client.post(&again, json!({"fromNodeID": "then"})).await.expect(202);
    let same = until(client, &format!("workflows/instances/{}", same["instanceID"].as_str().unwrap()), has_ended).await;
    assert_eq!((&same["status"], &same["workflowVersion"]), (&json!("FAILED"), &json!(1)));
    assert_eq!(step(&same, "when")["output"], step(&broken, "when")["output"]);

    let newer = client.post(&again, json!({"fromNodeID": "then", "useVersion": "current"})).await.expect(202);
    let newer =
        until(client, &format!("workflows/instances/{}", newer["instanceID"].as_str().unwrap()), has_ended).await;
    assert_eq!((&newer["status"], &newer["workflowVersion"]), (&json!("COMPLETED"), &json!(2)), "{newer}");
    assert_eq!(newer["output"], json!([step(&broken, "when")["output"], "mended"]));
    assert_eq!((&newer["replayOf"], &step(&newer, "when")["reused"]), (&broken["id"], &json!(true)));

    let all = client.post(&again, json!({"useVersion": "current"})).await.expect(202);
    let all = until(client, &format!("workflows/instances/{}", all["instanceID"].as_str().unwrap()), has_ended).await;
    assert_ne!(step(&all, "when")["output"], step(&broken, "when")["output"]);
    assert_eq!(
        client.post(&again, json!({"fromNodeID": "gone"})).await.refused(400, "INVALID_REQUEST").path,
        "fromNodeID"
    );
}

#[tokio::test]
async fn a_test_is_repeated_by_whoever_may_make_it() {
    let world = World::full().await;
    let query = json!({"id": "q", "type": "dataQuery", "name": "q", "config": {"queryID": world.id("queryID")}});
    let test = json!({"nodes": [start(), query], "edges": edges(&["start>q"])});
    let tried = world.client.post("workflows/test?wait=60", test).await.expect(200);
    let again = format!("workflows/instances/{}/replay", tried["id"].as_str().unwrap());
    world.client.post(&again, json!({})).await.expect(202);
    let refused = world.client.post(&again, json!({"useVersion": "current"})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "useVersion");
    let mut world = world;
    world.role("Runner", &["workflow:read", "workflow:execute"]).await;
    let (_, runner) = world.member("runner@example.com", "Runner").await;
    runner.post(&again, json!({})).await.refused(403, "PERMISSION_DENIED");
}

/// A condition with one branch, which leads to the script `x`.
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

async fn again(client: &Client, run: &Value, from: &str) -> Answer {
    let path = format!("workflows/instances/{}/replay", run["id"].as_str().unwrap());
    client.post(&path, json!({"fromNodeID": from, "useVersion": "current"})).await
}

async fn outcome(client: &Client, begun: Answer) -> Value {
    let begun = begun.expect(202);
    until(client, &format!("workflows/instances/{}", begun["instanceID"].as_str().unwrap()), has_ended).await
}

fn leads_past(answer: Answer, words: &str) {
    let Refusal { path, message, .. } = answer.refused(400, "INVALID_REQUEST");
    assert_eq!(path, "fromNodeID");
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn a_record_is_held_against_the_graph_that_is_run() {
    let world = World::empty().await;
    let client = &world.client;
    let (nodes, joins) = branching("big");
    let joins: Vec<&str> = joins.iter().map(String::as_str).collect();
    let flow = save(client, "Branches", nodes.clone(), &joins, json!({})).await;
    let first = run(client, &flow, json!({"n": 5})).await;
    let small = run(client, &flow, json!({"n": 0})).await;

    let same = outcome(client, again(client, &first, "x").await).await;
    assert_eq!((&same["output"], &step(&same, "c")["reused"]), (&json!(1), &json!(true)));
    // a step that the recorded decision leads past would not run: that is said, not done
    leads_past(again(client, &small, "x").await, "`c` continued through `default`");

    // a branch by another name: the decision is taken anew
    let (renamed, joins) = branching("large");
    change(client, &flow, renamed, &joins.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let anew = outcome(client, again(client, &first, "x").await).await;
    assert_eq!((&anew["output"], &step(&anew, "c")["reused"]), (&json!(1), &json!(false)), "{anew}");

    // and where it leads past the step now, the run has failed
    let (other, joins) = branching("other");
    let mut other = other;
    other[1]["config"]["branches"][0]["when"] = json!("input.n > 10");
    change(client, &flow, other, &joins.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let missed = outcome(client, again(client, &first, "x").await).await;
    assert_eq!(
        (&missed["status"], &missed["error"]["code"]),
        (&json!("FAILED"), &json!("STEP_NOT_REACHED")),
        "{missed}"
    );

    // the same branch leads elsewhere now
    change(client, &flow, nodes.clone(), &["start>c", "c:default>x", "x>end"]).await;
    leads_past(again(client, &first, "x").await, "`c` continued through `big`");

    // a step of another type, a step more, a step less
    let mut other = nodes.clone();
    other[1] = node("c", "set", json!({"values": {"k": 7}}));
    change(client, &flow, other, &["start>c", "c>x", "x>end"]).await;
    let anew = outcome(client, again(client, &first, "x").await).await;
    assert_eq!((&anew["output"], &step(&anew, "c")["output"]), (&json!(1), &json!({"k": 7})), "{anew}");
    let mut more = nodes.clone();
    more.as_array_mut().unwrap().push(script("between", "return 'new'"));
    change(client, &flow, more, &["start>c", "c:big>between", "between>x", "x>end"]).await;
    let anew = outcome(client, again(client, &first, "x").await).await;
    assert_eq!(
        (&step(&anew, "between")["output"], &step(&anew, "c")["reused"]),
        (&json!("new"), &json!(true)),
        "{anew}"
    );
    let less = json!([start(), script("x", "return 1"), end("{{ steps.x }}")]);
    change(client, &flow, less, &["start>x", "x>end"]).await;
    assert_eq!(outcome(client, again(client, &first, "x").await).await["output"], 1);
    // and a step that is gone, or that nothing leads to any more
    leads_past(again(client, &first, "c").await, "must be a node");
    change(client, &flow, nodes, &["start>c", "x>end"]).await;
    leads_past(again(client, &first, "x").await, "`x` would not run");
}

#[tokio::test]
async fn a_recorded_end_that_cancels_the_rest_is_not_taken_over_silently() {
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
    leads_past(again(client, &first, "slow").await, "`done` ended the run");
}
