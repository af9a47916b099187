//! Schedules in use: every second, disabled, in another tenant, and across kills of the process.
use super::{echo, save};
use crate::support::{Client, Process, Stored, World, client::id, process::data_dir, wait::until_shown};
use serde_json::{Value, json};
use std::{collections::HashSet, time::Duration};

fn every_second(input: Value) -> Value {
    json!({"type": "schedule", "cron": "* * * * * *", "input": input})
}

/// Waits until schedules have started `count` runs in the client's tenant, and returns the runs.
async fn started(client: &Client, count: usize) -> Vec<Value> {
    client.all_of("workflows/instances?trigger=schedule&limit=200", count).await
}

#[tokio::test]
async fn a_schedule_starts_runs_with_its_input_until_it_is_disabled() {
    let world = World::empty().await;
    let created = save(&world.client, echo("Ticking", json!([every_second(json!({"n": 7}))]))).await;
    let path = format!("workflows/{}", id(&created));
    assert!(created["triggerStates"][0]["nextAt"].is_string());
    let runs = started(&world.client, 2).await;
    let run = world.client.get(&format!("workflows/instances/{}", id(&runs[1]))).await.expect(200);
    assert_eq!((&run["input"], &run["trigger"]), (&json!({"n": 7}), &json!("schedule")));
    assert_eq!(run["startedBy"], "schedule");
    let shown = world.client.get(&path).await.expect(200);
    assert!(shown["triggerStates"][0]["lastAt"].is_string(), "{}", shown["triggerStates"]);

    let off = world.client.patch(&path, json!({"enabled": false})).await.expect(200);
    assert_eq!(off["triggerStates"][0]["nextAt"], Value::Null);
    let before = world.client.all("workflows/instances?limit=200").await.len();
    // two runs of another schedule show that enough time has passed
    let other = save(&world.client, echo("Other", json!([every_second(json!({}))]))).await;
    let ticks = format!("workflows/instances?workflowID={}", id(&other));
    world.client.all_of(&ticks, 2).await;
    let old = format!("workflows/instances?workflowID={}&limit=200", id(&created));
    // at most one run was about to start when the workflow was disabled
    assert!(world.client.all(&old).await.len() <= before + 1);
}

#[tokio::test]
async fn scheduled_runs_belong_to_their_tenant() {
    let world = World::empty().await;
    let stranger = world.server.account("eve@example.com").await;
    let eve = world.server.tenant(&stranger, "Elsewhere").await;
    save(&world.client, echo("Ticking", json!([every_second(json!({"mine": true}))]))).await;
    started(&world.client, 1).await;
    assert_eq!(eve.get("workflows/instances").await.expect(200)["total"], 0);
    save(&eve, echo("Ticking", json!([every_second(json!({"mine": false}))]))).await;
    let run = &started(&eve, 1).await[0];
    let run = eve.get(&format!("workflows/instances/{}", id(run))).await.expect(200);
    assert_eq!(run["input"], json!({"mine": false}));
}

#[tokio::test]
async fn a_schedule_that_cannot_start_a_run_reports_the_error() {
    let world = World::empty().await;
    let mut body = echo("Picky", json!([every_second(json!({"n": 1}))]));
    body["inputs"] = json!([{"name": "n", "type": "number", "required": true}]);
    let created = save(&world.client, body).await;
    started(&world.client, 1).await;
    // written directly to the database, because the API would refuse it
    let path = format!("workflows/{}", id(&created));
    let sql = r#"update objects set spec = replace(spec, '"input":{"n":1}', '"input":{}') where id = "#;
    assert_eq!(Stored::workspace(&world.server.data_dir()).execute(&format!("{sql}'{}'", id(&created))), 1);
    let has_failed = |shown: &Value| shown["triggerStates"][0]["failure"]["message"] == "input.n: is required";
    let shown = until_shown(&world.client, &path, has_failed).await;
    assert!(shown["triggerStates"][0]["nextAt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_kills_start_no_scheduled_run_twice() {
    let (_dir, data) = data_dir();
    let (mut process, client) = Process::with_owner(&data).await;
    save(&client, echo("Ticking", json!([every_second(json!({}))]))).await;
    let mut client = client;
    for pause in [1010, 1000, 990, 1005, 15, 995] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        process.kill();
        process = Process::start(&data, &[]);
        let reconnected = process.client().with_token(client.token.clone().unwrap());
        client = reconnected.in_tenant(client.tenant.unwrap());
    }
    let runs = started(&client, 5).await;
    // the idempotency key of a run contains its scheduled time
    let keys = Stored::runs(&data).column("select idempotency_key from instances");
    let times: HashSet<_> = keys.iter().map(|key| key.rsplit('/').next().unwrap()).collect();
    assert!(keys.len() >= runs.len() && times.len() == keys.len(), "{keys:?}");
    assert!(times.iter().all(|time| time.ends_with("000")), "{times:?}");
}
