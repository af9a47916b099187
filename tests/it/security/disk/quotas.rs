//! Quotas of a tenant's files and runs.
use super::*;
use crate::support::Stored;
use std::{fs, path::Path};

/// The total size of all files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }).sum()
}

/// Creates a datasource that can write to its own database, and returns a function that runs a statement on it.
async fn writing(client: &Client, file: &str) -> impl AsyncFn(&str) -> Answer {
    let body = json!({"name": file, "type": "sqlite", "options": {"path": file, "readOnly": false}});
    let source = id(&client.post("datasources", body).await.expect(201));
    let client = client.clone();
    async move |sql: &str| {
        client.post("data-queries/test", json!({"datasourceID": source, "options": {"sql": sql}})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_a_datasource_stops_growing_at_the_tenants_quota() {
    const QUOTA: u64 = 4 << 20;
    let world = world(|config| config.quotas.files = QUOTA).await;
    let run = writing(&world.client, "own.db").await;
    run("create table u (x)").await.expect(200);
    let flood = "insert into u select randomblob(1000000) from (
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 100) select i from n)";
    let refused = run(flood).await.refused(507, "QUOTA_EXCEEDED");
    assert!(refused.message.contains("the quota of 4 MiB"), "{}", refused.message);
    assert_eq!(
        run("select count(*) as n from u").await.expect(200)["data"][0]["n"],
        0,
        "no row may be left of a failed statement"
    );
    // rows are accepted up to the quota and not beyond
    let small = "insert into u select randomblob(50000)";
    let mut accepted = 0;
    let refused_row = loop {
        let answer = run(small).await;
        if answer.status != 200 {
            break answer;
        }
        accepted += 1;
    };
    refused_row.refused(507, "QUOTA_EXCEEDED");
    assert!(accepted > 20, "{accepted}");
    let folder = world.server.data_dir().join("files").join(world.tenant.to_string());
    assert!(size(&folder) <= QUOTA, "{}", size(&folder));
    // a second database file counts towards the same quota
    let other = writing(&world.client, "other.db").await;
    let flood = flood.replace("into u", "into v");
    let created = other("create table v (x)").await;
    assert!(created.status == 200 || created.code() == "QUOTA_EXCEEDED", "{created}");
    assert!(other(&flood).await.status != 200);
    assert!(size(&folder) <= QUOTA, "{}", size(&folder));
    // so do uploads
    let call = world.client.call(Method::POST, "files?name=Large").raw("text/plain", vec![b'x'; 2 << 20]);
    let refused = call.send().await.refused(507, "QUOTA_EXCEEDED");
    assert!(refused.message.contains("the tenant's files"), "{}", refused.message);
    let (used, limit) = usage(&world.client, "files").await;
    assert!(limit == QUOTA && used <= QUOTA && used > QUOTA / 2, "{used}");
    // reading and deleting still work
    run("select count(*) as n from u").await.expect(200);
    run("delete from u where rowid > 5").await.expect(200);
    run(small).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_can_be_emptied_however_long_that_takes() {
    let world = world(|config| config.quotas.files = 4 << 20).await;
    let run = writing(&world.client, "own.db").await;
    let fill = async || while run("insert into u select randomblob(50000)").await.status == 200 {};
    // deleting a row takes many checks of the quota
    let slow = "create trigger slow after delete on u begin
        select count(*) from u a, u b, u c where a.rowid + b.rowid + c.rowid > old.rowid; end";
    for empty in [
        "delete from u where rowid > 5",
        "with large as (select rowid as id from u where length(x) > 5) delete from u where rowid in (select id from large)",
        "drop table u",
    ] {
        run("drop table if exists u").await.expect(200);
        run("create table u (x)").await.expect(200);
        run(slow).await.expect(200);
        fill().await;
        run(empty).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_full_text_index_can_be_deleted_from_a_full_database() {
    const QUOTA: u64 = 8 << 20;
    let world = world(|config| config.quotas.files = QUOTA).await;
    let run = writing(&world.client, "own.db").await;
    run("create virtual table g using fts5(x)").await.expect(200);
    run("create table log (x)").await.expect(200);
    let words = |table: &str| {
        format!(
            "insert into {table}(rowid, x) select abs(random()), hex(randomblob(8)) || ' ' || hex(randomblob(8)) || ' ' || hex(randomblob(8))
             from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) select i from n)"
        )
    };
    while run(&words("g")).await.status == 200 {}
    while run("insert into log values (randomblob(2000))").await.status == 200 {}
    let folder = world.server.data_dir().join("files").join(world.tenant.to_string());
    assert!(size(&folder) <= QUOTA, "{}", size(&folder));
    for portion in 0..5 {
        run("delete from g where rowid in (select rowid from g limit 500)").await.expect(200);
        assert!(size(&folder) <= QUOTA + QUOTA / 16, "portion {portion}: {}", size(&folder));
    }
    // a deletion is no way around the quota, however often it writes something
    run("drop table g").await.expect(200);
    run("create table t (x)").await.expect(200);
    run("create trigger grows after delete on t begin insert into log values (randomblob(100000)); end")
        .await
        .expect(200);
    for _ in 0..100 {
        run("insert into t values (1)").await;
        run("delete from t").await;
    }
    assert!(size(&folder) <= QUOTA + QUOTA / 16, "{}", size(&folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_statement_counts_towards_the_quota() {
    let world = world(|config| config.quotas.files = 12 << 20).await;
    let run = writing(&world.client, "own.db").await;
    run("create table u (x)").await.expect(200);
    let rows = "insert into u select randomblob(900) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 8000) select i from n)";
    run(rows).await.expect(200);
    // 8 MiB of pages are stored twice until the statement ends, but only 4 MiB are left
    let refused = run("update u set x = randomblob(900)").await.refused(507, "QUOTA_EXCEEDED");
    assert!(refused.message.contains("12 MiB"), "{}", refused.message);
    assert_eq!(run("select count(*) as n from u").await.expect(200)["data"][0]["n"], 8000);
    run("update u set x = randomblob(900) where rowid < 100").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_copy_the_database_are_refused() {
    let world = World::empty().await;
    let run = writing(&world.client, "own.db").await;
    run("create table u (x)").await.expect(200);
    for sql in ["vacuum", "vacuum into 'copy.db'", "pragma max_page_count = 1000000", "pragma journal_mode = wal"] {
        assert_ne!(run(sql).await.status, 200, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_runs_that_wait_for_answers_stop_at_the_quota() {
    const QUOTA: u64 = 2 << 20;
    let world = world(|config| config.quotas.unfinished_runs = QUOTA).await;
    let flow = approval_workflow(&world.client).await;
    let mut accepted = Vec::new();
    let refused = loop {
        let answer = hook(&world, &flow, 200_000).await;
        if answer.status != 202 {
            break answer;
        }
        accepted.push(answer.body["instanceID"].as_str().unwrap().to_owned());
        assert!(accepted.len() < 100, "no call was refused");
    };
    assert!(accepted.len() > 2);
    let refused = refused.refused(507, "QUOTA_EXCEEDED");
    assert!(refused.message.contains("unfinished runs") && refused.message.contains("2 MiB"), "{}", refused.message);
    execute(&world.client, &flow, 200_000).await.refused(507, "QUOTA_EXCEEDED");
    let (used, limit) = usage(&world.client, "unfinishedRuns").await;
    assert!(limit == QUOTA && used <= QUOTA + (512 << 10), "{used}");
    // another tenant can still start runs
    let other = neighbor(&world).await;
    let echo = echo(&other).await;
    ended_runs(&other, &echo, 1, 200_000).await;
    // stopping runs frees space
    for run in &accepted[..2] {
        world.client.delete(&format!("workflows/instances/{run}/stop")).await.expect(200);
    }
    hook(&world, &flow, 200_000).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_keeps_growing_fails_at_the_quota() {
    let world = world(|config| config.quotas.unfinished_runs = 2 << 20).await;
    let code = "let s = ''; while (s.length < 300000) s += Math.random().toString(36).slice(2); return s";
    let mut nodes = vec![json!({"id": "n0", "type": "start", "name": "start"})];
    let mut edges = Vec::new();
    for n in 1..=20 {
        nodes.push(
            json!({"id": format!("n{n}"), "type": "javascript", "name": format!("n{n}"), "config": {"code": code}}),
        );
        edges.push(json!({"id": format!("e{n}"), "source": format!("n{}", n - 1), "target": format!("n{n}")}));
    }
    let graph = json!({"nodes": nodes, "edges": edges, "input": {}});
    let run = world.client.post("workflows/test?wait=60", graph).await.expect(200);
    assert_eq!(
        (&run["status"], &run["error"]["code"]),
        (&json!("FAILED"), &json!("QUOTA_EXCEEDED")),
        "{}",
        run["error"]
    );
    let steps = run["steps"].as_array().unwrap();
    assert!(steps.iter().filter(|step| step["status"] == "COMPLETED").count() < 15);
    // it has ended, so the next run can start
    let flow = echo(&world.client).await;
    ended_runs(&world.client, &flow, 1, 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_counters_match_the_stored_data() {
    let world = World::full().await;
    let approval_workflow = approval_workflow(&world.client).await;
    let echo = echo(&world.client).await;
    ended_runs(&world.client, &echo, 3, 5000).await;
    let waiting = execute(&world.client, &approval_workflow, 5000).await.expect(202);
    hook(&world, &approval_workflow, 5000).await.expect(202);
    world
        .client
        .delete(&format!("workflows/instances/{}/stop", waiting["instanceID"].as_str().unwrap()))
        .await
        .expect(200);
    let path = format!("data-queries/{}", world.id("queryID"));
    world.client.post(&format!("{path}/execute"), json!({})).await.expect(200);
    world.client.all_of(&format!("{path}/runs"), 1).await;
    let widget = format!("widgets/{}", world.id("widgetID"));
    for n in 0..220 {
        world.client.patch(&widget, json!({"description": format!("{n}")})).await.expect(200);
    }
    world.client.delete(&format!("datasources/{}?cascade=true", world.id("datasourceID"))).await.expect(204);
    let store = &world.server.server.app.store;
    assert_eq!(store.recount_usage().await.unwrap(), 0, "every counter must be right");
    // and a wrong counter is corrected
    let wrong = "update usage set bytes = bytes + 5000000 where kind = 'records'";
    Stored::workspace(&world.server.data_dir()).execute(wrong);
    assert!(store.recount_usage().await.unwrap() > 0);
    assert!(usage(&world.client, "records").await.0 < 1_000_000);
}

#[tokio::test]
async fn only_members_can_see_usage() {
    let world = World::empty().await;
    let (_, viewer) = world.member("viewer@example.com", "Viewer").await;
    let shown = viewer.get("usage").await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 7);
    assert_eq!(shown["items"][0]["atLimit"], "refuse");
    let stranger = world.server.account("stranger@example.com").await;
    stranger.client.in_tenant(world.tenant).get("usage").await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_lists_the_usage_of_each_tenant() {
    let world = World::full().await;
    let data = world.server.data_dir();
    let output = crate::support::process::run(&["doctor", "--data-dir", data.to_str().unwrap()], "");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.contains(&world.tenant.to_string())).unwrap_or_else(|| panic!("{text}"));
    for part in ["\"First\": ", "files ", "records ", "versions ", "auditLog "] {
        assert!(line.contains(part), "{line}");
    }
}
