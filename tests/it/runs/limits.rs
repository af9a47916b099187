//! How many runs of a workflow are under way, whatever starts them; and runs whose progress cannot be written.
use super::{node, run, save, script, start, until};
use crate::support::{Client, World};
use serde_json::{Value, json};

/// A workflow that takes a moment, with these settings, and one that always fails and tells it.
async fn alarmed(client: &Client, settings: Value) -> (String, String) {
    let nodes = json!([start(), node("wait", "delay", json!({"for": "30ms"}))]);
    let handler = save(client, &format!("Told {settings}"), nodes, &["start>wait"], settings).await;
    let nodes = json!([start(), script("fails", "throw new Error('no')")]);
    let tells = json!({"errorWorkflowID": handler});
    let failing = save(client, &format!("Fails {handler}"), nodes, &["start>fails"], tells).await;
    (handler, failing)
}

/// Lets as many runs fail, and watches how many of the other workflow are under way until all have ended; answers how
/// many at most, and how many ended as `status`.
async fn told(client: &Client, (handler, failing): &(String, String), failures: usize, status: &str) -> (usize, u64) {
    for _ in 0..failures {
        client.post(&format!("workflows/{failing}/execute"), json!({})).await.expect(202);
    }
    let mut most = 0;
    let all = format!("workflows/instances?workflowID={handler}&limit=200");
    loop {
        let list = client.get(&all).await.expect(200);
        let runs = list["items"].as_array().unwrap();
        let with =
            |wanted: &[&str]| runs.iter().filter(|run| wanted.contains(&run["status"].as_str().unwrap())).count();
        most = most.max(with(&["RUNNING", "WAITING"]));
        if list["total"] == failures && with(&["COMPLETED", "CANCELLED", "FAILED"]) == failures {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let ended = client.get(&format!("{all}&status={status}")).await.expect(200);
    (most, ended["total"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_that_is_told_of_failures_keeps_to_its_own_limit() {
    let world = World::empty().await;
    let client = &world.client;
    let queue = alarmed(client, json!({"maxConcurrentRuns": 2})).await;
    let (most, completed) = told(client, &queue, 12, "COMPLETED").await;
    assert!((1..=2).contains(&most), "{most} at once");
    assert_eq!(completed, 12);

    let skip = alarmed(client, json!({"maxConcurrentRuns": 1, "whenFull": "skip"})).await;
    let (most, completed) = told(client, &skip, 12, "COMPLETED").await;
    assert!(most == 1 && (1..12).contains(&completed), "{most} at once, {completed} completed");
    let skipped = client.get(&format!("workflows/instances?workflowID={}&status=CANCELLED", skip.0)).await.expect(200);
    assert_eq!(skipped["items"][0]["error"]["code"], "SKIPPED");

    let replace = alarmed(client, json!({"maxConcurrentRuns": 1, "whenFull": "replace"})).await;
    let (most, cancelled) = told(client, &replace, 12, "CANCELLED").await;
    assert!(most <= 1 && cancelled > 0, "{most} at once, {cancelled} cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_progress_is_refused_fails_and_gives_its_place_back() {
    let world = World::empty().await;
    let client = &world.client;
    let told = save(client, "Told", json!([start()]), &[], json!({})).await;
    let settings = json!({"maxConcurrentRuns": 1, "errorWorkflowID": told});
    let nodes = json!([start(), script("step", "return input.n")]);
    let flow = save(client, "Refused", nodes, &["start>step"], settings).await;
    let db = rusqlite::Connection::open(world.server.data_dir().join("runs.db")).unwrap();
    db.execute_batch(
        "create trigger refuse before insert on journal when new.event like '{\"type\":\"step.completed\"%\"node\":\"step\"%666%'
         begin select raise(abort, 'not this one'); end",
    )
    .unwrap();
    let failed = run(client, &flow, json!({"n": 666})).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("FAILED"), &json!("SERVER_ERROR")), "{failed}");
    assert!(failed["error"]["message"].as_str().unwrap().contains("could not write"), "{failed}");
    assert_eq!(run(client, &flow, json!({"n": 1})).await["status"], "COMPLETED");
    until(client, &format!("workflows/instances?workflowID={told}&status=COMPLETED"), |list| list["total"] == 1).await;

    // nothing is refused any more
    db.execute_batch("drop trigger refuse").unwrap();
    assert_eq!(run(client, &flow, json!({"n": 666})).await["status"], "COMPLETED");
}
