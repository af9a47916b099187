//! Many or endless runs of one tenant do not block another tenant's runs.
use super::{begin, end, has_ended, node, run, save, script, start, until_shown};
use crate::support::{TestServer, World};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_of_one_tenant_do_not_delay_another_tenant() {
    let server = TestServer::start_with(|config| config.max_runs = 8).await;
    let world = World::on(server).await;
    let slow = json!([start(), script("spin", "const until = Date.now() + 300; while (Date.now() < until) {}")]);
    let slow = save(&world.client, "Slow", slow, &["start>spin"], json!({})).await;
    for _ in 0..10 {
        let path = format!("workflows/{slow}/execute");
        let starts = (0..100).map(|_| world.client.post(&path, json!({})));
        for answer in futures_util::future::join_all(starts).await {
            answer.expect(202);
        }
    }
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    let quick = save(
        &other,
        "Quick",
        json!([start(), script("one", "return 1"), end("{{ steps.one }}")]),
        &["start>one", "one>end"],
        json!({}),
    )
    .await;
    let started = Instant::now();
    assert_eq!(run(&other, &quick, json!({})).await["output"], 1);
    let took = started.elapsed();
    let left =
        world.client.get("workflows/instances?status=PENDING&limit=1").await.expect(200)["total"].as_u64().unwrap();
    assert!(left > 500, "too few runs were waiting: {left}");
    assert!(took < Duration::from_secs(10), "{took:?} beside {left} waiting runs");
    world.client.delete("").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_scripts_time_out_and_do_not_block_another_tenant() {
    let world = World::empty().await;
    let mut spin = script("spin", "while (true) {}");
    spin["settings"] = json!({"timeoutMs": 3000});
    let endless = save(&world.client, "Endless", json!([start(), spin]), &["start>spin"], json!({})).await;
    let mut paths = Vec::new();
    for _ in 0..20 {
        paths.push(begin(&world.client, &endless, json!({})).await);
    }
    let other = world.server.account("other@example.com").await;
    let other = world.server.tenant(&other, "Second").await;
    let quick = save(
        &other,
        "Quick",
        json!([start(), script("one", "return 1"), end("{{ steps.one }}")]),
        &["start>one", "one>end"],
        json!({}),
    )
    .await;
    assert_eq!(run(&other, &quick, json!({})).await["output"], 1);
    let still = world.client.get(&paths[19]).await.expect(200);
    assert!(!has_ended(&still), "the endless runs finished too early");
    let first = until_shown(&world.client, &paths[0], has_ended).await;
    assert_eq!(first["error"]["code"], "TIMEOUT", "{first}");
    world.client.delete("").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_run_names_the_reason() {
    let world = World::empty().await;
    let nodes = json!([start(), node("wait", "delay", json!({"for": "1h"}))]);
    let settings = json!({"maxConcurrentRuns": 1, "whenFull": "skip"});
    let flow = save(&world.client, "One at a time", nodes, &["start>wait"], settings).await;
    let first = begin(&world.client, &flow, json!({})).await;
    let second = world.client.post(&format!("workflows/{flow}/execute"), json!({})).await.expect(202);
    assert_eq!(second["status"], "CANCELLED");
    let second =
        world.client.get(&format!("workflows/instances/{}", second["instanceID"].as_str().unwrap())).await.expect(200);
    assert_eq!(second["error"]["code"], "SKIPPED");
    world.client.delete(&format!("{first}/stop")).await.expect(200);
    let third = begin(&world.client, &flow, json!({})).await;
    until_shown(&world.client, &third, |run| run["status"] == "WAITING").await;
    for bad in [
        json!({"maxConcurrentRuns": 0}),
        json!({"maxConcurrentRuns": 1001}),
        json!({"whenFull": "panic"}),
        json!({"timeoutSeconds": 0}),
    ] {
        let answer = world.client.patch(&format!("workflows/{flow}"), json!({"settings": bad, "enabled": true})).await;
        answer.refused(400, "INVALID_REQUEST");
    }
}
