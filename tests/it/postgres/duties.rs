//! What is to be done once, however many servers could do it.
use crate::{
    support::{fleet::Fleet, wait::until},
    triggers::{echo, save},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_due_on_three_servers_starts_one_run() {
    let fleet = Fleet::start(3).await;
    let schedules: Vec<_> = (0..4).map(|_| json!({"type": "schedule", "cron": "* * * * * *"})).collect();
    let created = save(&fleet.client(0), echo("Ticking", json!(schedules))).await;
    let path = format!("workflows/{}", created["id"].as_str().unwrap());
    // each server looks at the schedules again after a change
    for server in 1..3 {
        let change = json!({"description": format!("known to server {server}")});
        fleet.client(server).patch(&path, change).await.expect(200);
    }
    let of_it = "from jet_admin_runs.instances where workflow_name = 'Ticking'";
    let runs = || fleet.database.number(&format!("select count(*) {of_it}"));
    until("many times have passed", async || runs() >= 60).await;
    fleet.client(0).patch(&path, json!({"enabled": false})).await.expect(200);
    // later times start another workflow only
    let later = json!([{"type": "schedule", "cron": "* * * * * *"}]);
    save(&fleet.client(0), echo("Later", later)).await;
    let others = "select count(*) from jet_admin_runs.instances where workflow_name = 'Later'";
    until("other schedules have been due", async || fleet.database.number(others) >= 3).await;
    // the key of a run names its schedule and ends with its time: each second from the first to the last has one run
    let expected = fleet.database.number(&format!(
        "select cast(sum(times) as bigint) from (select (max(at) - min(at)) / 1000 + 1 as times
           from (select split_part(idempotency_key, '/', 2) as schedule,
                   cast(split_part(idempotency_key, '/', 3) as bigint) as at {of_it}) as started
           group by schedule) as schedules",
    ));
    assert_eq!(runs(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_together_delete_no_more_than_is_too_much_and_correct_a_counter_once() {
    let mut fleet = Fleet::start(3).await;
    let client = fleet.client(0);
    let created = save(&client, echo("Short", json!([]))).await;
    let path = format!("workflows/{}/execute", created["id"].as_str().unwrap());
    for n in 0..60 {
        client.post(&path, json!({"input": {"n": n}})).await.expect(202);
    }
    let number = |sql: &str| fleet.database.number(sql);
    let ended = "select count(*) from jet_admin_runs.instances where finished_at is not null";
    until("all runs have ended", async || number(ended) == 60).await;
    fleet.stop();
    fleet.database.execute("update jet_admin_runs.usage_sums set bytes = bytes + 1000000 where kind = 'endedRuns'");
    fleet.all_again(&["--keep-runs-per-tenant", "25"]);
    let number = |sql: &str| fleet.database.number(sql);
    let counted =
        || number("select coalesce(sum(bytes), 0)::bigint from jet_admin_runs.usage where kind = 'endedRuns'");
    let stored = || number("select sum(bytes)::bigint from jet_admin_runs.instances where finished_at is not null");
    until("old runs are deleted, and the counter is corrected", async || number(ended) <= 25 && counted() == stored())
        .await;
    // each server completes what it has begun
    fleet.stop();
    let number = |sql: &str| fleet.database.number(sql);
    assert_eq!(number(ended), 25);
    let counted = number("select coalesce(sum(bytes), 0)::bigint from jet_admin_runs.usage where kind = 'endedRuns'");
    assert_eq!(
        counted,
        number("select sum(bytes)::bigint from jet_admin_runs.instances where finished_at is not null")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_count_any_more_is_deleted() {
    let fleet = Fleet::start(1).await;
    fleet.database.execute(
        "insert into jet_admin_runs.attempts values ('old', 1, now(), now() - interval '1 second'), ('new', 1, now(), now() + interval '1 hour');
         insert into jet_admin_runs.marks values ('old', '', '', true, now() - interval '1 second'), ('new', '', '', true, now() + interval '1 hour')",
    );
    let of = |key: &str| {
        let rows = |table: &str| format!("select key from jet_admin_runs.{table} where key = '{key}'");
        fleet.database.number(&format!(
            "select count(*) from ({} union all {}) as both_of_them",
            rows("attempts"),
            rows("marks")
        ))
    };
    until("old rows are deleted", async || of("old") == 0).await;
    assert_eq!(of("new"), 2);
}
