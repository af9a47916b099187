//! Concurrency limits, whatever starts the runs, and runs whose progress cannot be written.
use super::{begin, end, node, run, save, script, start, until_shown};
use crate::support::{Client, Stored, World, backend::is_postgres};
use serde_json::{Value, json};

/// Saves an error handler that takes a moment, with these settings, and a workflow that always fails and starts it.
async fn failing_with_handler(client: &Client, settings: Value) -> (String, String) {
    let nodes = json!([start(), node("wait", "delay", json!({"for": "30ms"}))]);
    let handler = save(client, &format!("Handler {settings}"), nodes, &["start>wait"], settings).await;
    let nodes = json!([start(), script("fails", "throw new Error('no')")]);
    let failing_settings = json!({"errorWorkflowID": handler});
    let failing = save(client, &format!("Fails {handler}"), nodes, &["start>fails"], failing_settings).await;
    (handler, failing)
}

/// Lets this number of runs fail and waits until all runs of the error handler have finished. Returns how many of them
/// ran at once at most, and how many finished with `status`.
async fn fail_and_count(
    client: &Client,
    (handler, failing): &(String, String),
    failures: usize,
    status: &str,
) -> (usize, u64) {
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
async fn an_error_handler_respects_its_own_concurrency_limit() {
    let world = World::empty().await;
    let client = &world.client;
    let queue = failing_with_handler(client, json!({"maxConcurrentRuns": 2})).await;
    let (most, completed) = fail_and_count(client, &queue, 12, "COMPLETED").await;
    assert!((1..=2).contains(&most), "{most} at once");
    assert_eq!(completed, 12);

    let skip = failing_with_handler(client, json!({"maxConcurrentRuns": 1, "whenFull": "skip"})).await;
    let (most, completed) = fail_and_count(client, &skip, 12, "COMPLETED").await;
    assert!(most == 1 && (1..12).contains(&completed), "{most} at once, {completed} completed");
    let skipped = client.get(&format!("workflows/instances?workflowID={}&status=CANCELLED", skip.0)).await.expect(200);
    assert_eq!(skipped["items"][0]["error"]["code"], "SKIPPED");

    let replace = failing_with_handler(client, json!({"maxConcurrentRuns": 1, "whenFull": "replace"})).await;
    let (most, cancelled) = fail_and_count(client, &replace, 12, "CANCELLED").await;
    assert!(most <= 1 && cancelled > 0, "{most} at once, {cancelled} cancelled");
}

/// How the journal refuses one entry, and how it accepts it again, on both backends.
const REFUSAL: [(&str, &str); 2] = [
    (
        "create trigger refuse before insert on journal when new.event like '{\"type\":\"step.completed\"%\"node\":\"step\"%666%'
         begin select raise(abort, 'not this one'); end",
        "drop trigger refuse",
    ),
    (
        "alter table journal add constraint refuse
         check (event not like '{\"type\":\"step.completed\"%\"node\":\"step\"%666%'::bytea)",
        "alter table journal drop constraint refuse",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_progress_cannot_be_written_fails_and_frees_its_slot() {
    let world = World::empty().await;
    let client = &world.client;
    let handler = save(client, "Handler", json!([start()]), &[], json!({})).await;
    let settings = json!({"maxConcurrentRuns": 1, "errorWorkflowID": handler});
    let nodes = json!([start(), script("step", "return input.n")]);
    let flow = save(client, "Refused", nodes, &["start>step"], settings).await;
    let runs = Stored::runs(&world.server.data_dir());
    let (refuse, accept) = REFUSAL[usize::from(is_postgres())];
    runs.execute(refuse);
    let failed = run(client, &flow, json!({"n": 666})).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("FAILED"), &json!("SERVER_ERROR")), "{failed}");
    assert!(failed["error"]["message"].as_str().unwrap().contains("could not write"), "{failed}");
    assert_eq!(run(client, &flow, json!({"n": 1})).await["status"], "COMPLETED");
    until_shown(client, &format!("workflows/instances?workflowID={handler}&status=COMPLETED"), |list| {
        list["total"] == 1
    })
    .await;

    // now the same input can be written
    runs.execute(accept);
    assert_eq!(run(client, &flow, json!({"n": 666})).await["status"], "COMPLETED");
}

async fn asking(client: &Client, limit: Value) -> String {
    let nodes = json!([start(), node("ask", "approval", json!({"title": "Go on?"})), end("{{ 1 }}")]);
    let settings = json!({"maxConcurrentRuns": limit});
    save(client, "Limited", nodes, &["start>ask", "ask:approved>end"], settings).await
}

async fn status(client: &Client, path: &str, wanted: &str) {
    until_shown(client, path, |run| run["status"] == wanted).await;
}

#[tokio::test]
async fn a_raised_limit_starts_waiting_runs_in_order() {
    let world = World::empty().await;
    let client = &world.client;
    let flow = asking(client, json!(1)).await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(begin(client, &flow, json!({})).await);
    }
    status(client, &runs[0], "WAITING").await;
    assert_eq!(client.get(&runs[1]).await.expect(200)["status"], "PENDING");
    let limit = async |limit: Value| {
        client.patch(&format!("workflows/{flow}"), json!({"settings": {"maxConcurrentRuns": limit}})).await.expect(200)
    };
    limit(json!(2)).await;
    status(client, &runs[1], "WAITING").await;
    assert_eq!(client.get(&runs[2]).await.expect(200)["status"], "PENDING");
    // saving without changing the limit starts no run
    client.patch(&format!("workflows/{flow}"), json!({"description": "Asks"})).await.expect(200);
    assert_eq!(client.get(&runs[2]).await.expect(200)["status"], "PENDING");
    limit(Value::Null).await;
    status(client, &runs[2], "WAITING").await;
    status(client, &runs[3], "WAITING").await;
}
