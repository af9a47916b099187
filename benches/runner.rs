//! `cargo bench --bench runner`: the workflow runner of a release binary, with every acknowledged write on disk (FULL).
//! Needs `wrk` in the PATH.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]
#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use rusqlite::Connection;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::{Server, Tenant, chain, measure_at};

/// Number of runs that wait, and are unfinished at a restart.
const WAITING: usize = 10_000;
const HISTORY: usize = 1_000_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start();
    let tenant = runtime.block_on(Tenant::make(&server));
    webhooks(&server, &tenant, &runtime);
    runtime.block_on(looping(&server, &tenant));
    runtime.block_on(pausing(&server, &tenant));
    let server = runtime.block_on(waiting(server, &tenant));
    runtime.block_on(history(server, &tenant));
}

/// Webhook calls that wait for the result. Each run is written when it is accepted and when each step ends.
fn webhooks(server: &Server, tenant: &Tenant, runtime: &tokio::runtime::Runtime) {
    let call = "wrk.method = 'POST'\nwrk.body = '{\"n\":1}'\nwrk.headers['Content-Type'] = 'application/json'\n";
    println!(
        "\n{:<26} {:>7} {:>9} {:>9} {:>11} {:>9} {:>9}",
        "webhook run with result", "runs/s", "p50 ms", "p99 ms", "CPU ms/run", "required", "Restate"
    );
    let mut alone = Vec::new();
    for (steps, required, restate) in [(1, 2500.0, 462.0), (5, 1200.0, 226.0)] {
        let created: Value = runtime.block_on(async {
            tenant.post("workflows", &chain(&format!("chain of {steps}"), steps)).await.json().await.unwrap()
        });
        let path = created["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("{created}"));
        let url = format!("{}{path}", server.url);
        let measured = measure_at(server, &url, call, 16);
        println!(
            "{:<26} {:>7.0} {:>9.2} {:>9.2} {:>11.3} {:>8.1}x {:>8.1}x",
            format!("{steps} step(s), 16 at once"),
            measured.rate,
            measured.p50,
            measured.p99,
            measured.cpu,
            measured.rate / required,
            measured.rate / restate
        );
        alone.push(measure_at(server, &url, call, 1).p50);
    }
    println!("overhead of a step, alone: p50 {:.2} ms (limit 1)", (alone[1] - alone[0]) / 4.0);
}

async fn looping(server: &Server, tenant: &Tenant) {
    let body = json!({
        "name": "loop",
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "each", "type": "loop", "name": "each", "config": {"items": 100_000, "concurrency": 32}},
            {"id": "in", "type": "set", "name": "in", "parentID": "each", "config": {"values": {"i": "{{ item }}"}}},
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ steps.each.length }}"}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "each"}, {"id": "b", "source": "each", "target": "end"}],
    });
    let workflow = tenant.create("workflows", &body).await;
    let before = server.resident_mib();
    let start_time = Instant::now();
    let started: Value = tenant.post(&format!("workflows/{workflow}/execute"), &json!({})).await.json().await.unwrap();
    let run = ended(tenant, started["instanceID"].as_str().unwrap(), Duration::from_mins(10)).await;
    assert_eq!(run["output"], 100_000, "{}", run["error"]);
    println!(
        "\nloop of 100 000 items: {:.1} s, +{:.0} MiB resident while it ran",
        start_time.elapsed().as_secs_f64(),
        server.resident_mib() - before
    );
}

/// Loops that wait in each iteration: the cost of an iteration must not depend on the number before it.
async fn pausing(server: &Server, tenant: &Tenant) {
    let wait = json!({"id": "in", "type": "delay", "name": "in", "parentID": "each", "config": {"for": "1ms"}});
    let child = json!({"name": "called", "nodes": [{"id": "start", "type": "start", "name": "start"}], "edges": []});
    let child = tenant.create("workflows", &child).await;
    let call =
        json!({"id": "in", "type": "subWorkflow", "name": "in", "parentID": "each", "config": {"workflowID": child}});
    println!("\n{:<28} {:>10} {:>16}", "loop, one at a time", "iterations", "CPU ms/iteration");
    for (name, inside, limit) in [("a delay in each", wait, 50_000), ("a sub-workflow in each", call, 5_000)] {
        for iterations in [500, 5_000, 50_000].into_iter().filter(|iterations| *iterations <= limit) {
            let body = json!({
                "name": format!("{name} of {iterations}"),
                "nodes": [
                    {"id": "start", "type": "start", "name": "start"},
                    {"id": "each", "type": "loop", "name": "each", "config": {"items": iterations}},
                    inside,
                    {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ steps.each.length }}"}},
                ],
                "edges": [{"id": "a", "source": "start", "target": "each"}, {"id": "b", "source": "each", "target": "end"}],
            });
            let workflow = tenant.create("workflows", &body).await;
            let before = server.cpu();
            let path = format!("workflows/{workflow}/execute");
            let started: Value = tenant.post(&path, &json!({})).await.json().await.unwrap();
            let id = started["instanceID"].as_str().unwrap();
            let path = format!("workflows/instances?workflowID={workflow}&limit=1");
            while !tenant.get(&path).await["items"][0]["finishedAt"].is_string() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            let cpu = server.cpu() - before;
            let run = tenant.get(&format!("workflows/instances/{id}/output")).await;
            assert_eq!(run, iterations, "{run}");
            println!("{name:<28} {iterations:>10} {:>16.3}", cpu * 1000.0 / f64::from(iterations));
        }
    }
}

/// Waits until the run has ended, without reading its steps meanwhile, and returns it.
async fn ended(tenant: &Tenant, id: &str, patience: Duration) -> Value {
    let start_time = Instant::now();
    loop {
        let list = tenant.get("workflows/instances?limit=1").await;
        if list["items"][0]["id"] != id || list["items"][0]["finishedAt"].is_string() {
            return tenant.get(&format!("workflows/instances/{id}")).await;
        }
        assert!(start_time.elapsed() < patience, "{list}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Many runs in a delay: their memory, how punctually they resume, and how fast the server restarts with them.
async fn waiting(server: Server, tenant: &Tenant) -> Server {
    let body = json!({
        "name": "wait",
        "inputs": [{"name": "until", "required": true}],
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "wait", "type": "delay", "name": "wait", "config": {"until": "{{ input.until }}"}},
            {"id": "end", "type": "end", "name": "end"},
        ],
        "edges": [{"id": "a", "source": "start", "target": "wait"}, {"id": "b", "source": "wait", "target": "end"}],
    });
    let workflow = tenant.create("workflows", &body).await;
    let server = server.restart();
    let tenant = tenant.at(&server);
    let before = server.resident_mib();
    let due = chrono::Utc::now() + chrono::Duration::seconds(45);
    let until = due.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    for batch in 0..WAITING / 100 {
        let start = |_| async {
            let body = json!({"input": {"until": until}});
            loop {
                let answer = tenant.post(&format!("workflows/{workflow}/execute"), &body).await;
                // runs are accepted faster than they start: a tenant's share of the queue is full
                if answer.status() != 429 {
                    assert_eq!(answer.status(), 202, "in batch {batch}");
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        futures_util::future::join_all((0..100).map(start)).await;
    }
    assert!(chrono::Utc::now() < due, "this machine is too slow to start all runs in time");
    println!("\n10 000 runs in a delay: +{:.1} MiB resident (limit 60)", server.resident_mib() - before);
    let start_time = Instant::now();
    let server = server.restart();
    println!("restart with them: serving after {:.0} ms (limit 300)", start_time.elapsed().as_secs_f64() * 1000.0);
    let tenant = tenant.at(&server);
    let remaining = (due - chrono::Utc::now()).to_std().unwrap_or_default();
    tokio::time::sleep(remaining).await;
    let start_time = Instant::now();
    while tenant.get("workflows/instances?status=WAITING&limit=1").await["total"] != 0 {
        assert!(start_time.elapsed() < Duration::from_mins(2));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!(
        "all due at the same time: the last one resumed {:.2} s later (limit 5)",
        start_time.elapsed().as_secs_f64()
    );
    let lateness = lateness(&server, due.timestamp_millis());
    println!("the first resumed {} ms after it was due (limit 100), the median {} ms", lateness.0, lateness.1);
    server
}

/// How late the runs that were due at `due` resumed, in milliseconds: the first and the median.
fn lateness(server: &Server, due: i64) -> (i64, i64) {
    let db = Connection::open(server.data_dir().join("runs.db")).unwrap();
    let sql =
        "select finished_at from instances where workflow_name = 'wait' and finished_at >= ?1 order by finished_at";
    let mut query = db.prepare(sql).unwrap();
    let times: Vec<i64> = query.query_map([due], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (times[0] - due, times[times.len() / 2] - due)
}

/// Lists and counts of a long history, written directly into the database.
async fn history(server: Server, tenant: &Tenant) {
    let mut db = Connection::open(server.data_dir().join("runs.db")).unwrap();
    let sql = "insert into instances (tenant_id, id, workflow_id, workflow_name, workflow_version, definition, status, is_test, cause,
         actor_kind, actor_id, actor_label, input, output, created_at, started_at, finished_at, seq, depth)
       select tenant_id, ?1, workflow_id, workflow_name, workflow_version, definition, ?2, 0, 'webhook',
         actor_kind, actor_id, actor_label, input, output, created_at, started_at, finished_at, seq, 0
       from instances where finished_at is not null limit 1";
    let tx = db.transaction().unwrap();
    let mut insert = tx.prepare(sql).unwrap();
    let start_time = Instant::now();
    for i in 0..HISTORY {
        let status = if i % 100 == 0 { "FAILED" } else { "COMPLETED" };
        insert.execute((uuid::Uuid::now_v7().to_string(), status)).unwrap();
    }
    drop(insert);
    let counts = "insert into ended_counts select tenant_id, coalesce(workflow_id, ''), status, is_test, cause, count(*) from instances
       where finished_at is not null and cause = 'webhook' group by 1, 2, 3, 4, 5
       on conflict do update set count = excluded.count";
    tx.execute(counts, ()).unwrap();
    tx.commit().unwrap();
    println!("\nhistory of 1 000 000 runs (written in {:.0} s):", start_time.elapsed().as_secs_f64());
    let server = server.restart();
    let tenant = tenant.at(&server);
    let first = tenant.get("workflows/instances?limit=50").await;
    let workflow = first["items"][0]["workflowID"].as_str().unwrap().to_owned();
    let cursor = first["nextCursor"].as_str().unwrap().to_owned();
    for query in [
        "limit=50".to_owned(),
        format!("limit=50&cursor={cursor}"),
        "limit=50&status=FAILED".to_owned(),
        "limit=50&trigger=schedule".to_owned(),
        "limit=50&isTest=true".to_owned(),
        format!("limit=50&workflowID={workflow}"),
        "limit=1&status=RUNNING".to_owned(),
    ] {
        let mut durations = Vec::new();
        let mut total = Value::Null;
        for _ in 0..21 {
            let start_time = Instant::now();
            total = tenant.get(&format!("workflows/instances?{query}")).await["total"].take();
            durations.push(start_time.elapsed().as_secs_f64() * 1000.0);
        }
        durations.sort_by(f64::total_cmp);
        let name = query.split("&cursor").next().unwrap().replace(&workflow, "…");
        println!("  {name:<32} {:>6.1} ms (limit 20), total {total}", durations[10]);
    }
}
