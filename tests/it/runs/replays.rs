//! Runs that are run again.
use super::{end, has_ended, run, save, script, start, step, until};
use crate::support::World;
use serde_json::json;

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
    let test = json!({"nodes": [start(), query], "edges": super::edges(&["start>q"])});
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
