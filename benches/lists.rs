//! `cargo bench --bench lists`: a release binary with a million runs and a million audit entries of one tenant. Prints
//! how long each combination of filters takes, how fast `/healthz` and another tenant's requests are while 24, 64 and
//! 256 callers request the slowest combination, and how long another tenant's runs take while a large tenant is
//! deleted.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]
#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use support::{Server, Tenant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const ROWS: usize = 1_000_000;
const DELETED: usize = 300_000;
/// How long the concurrent callers send requests.
const CROWD: Duration = Duration::from_secs(8);
/// Limit for one combination of filters, in milliseconds.
const LIST: f64 = 100.0;
/// Limit for other requests under the load of concurrent callers, in milliseconds.
const OTHERS: f64 = 10.0;
/// Limit for another tenant's run while a tenant is deleted, in milliseconds.
const RUN: f64 = 20.0;

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server::start_with(&["--signup", "open", "--keep-mib", "100000"]);
    runtime.block_on(async {
        let (large, other) =
            (Tenant::of(&server, "large@example.com").await, Tenant::of(&server, "o@example.com").await);
        let doomed = Tenant::of(&server, "doomed@example.com").await;
        let flow = json!({"name": "f", "nodes": [{"id": "s", "type": "start", "name": "start"}], "enabled": true});
        for tenant in [&large, &doomed] {
            let workflow = tenant.create("workflows", &flow).await;
            tenant.post(&format!("workflows/{workflow}/execute?wait=10"), &json!({})).await;
        }
        let flow = other.create("workflows", &flow).await;
        let start = Instant::now();
        write_runs(&server, large.id(), ROWS);
        write_runs(&server, doomed.id(), DELETED);
        let (actor, object) = write_audit(&server, large.id());
        println!("\n1 000 000 runs and as many audit entries (written in {:.0} s)", start.elapsed().as_secs_f64());
        let server = server.restart();
        let [large, other, doomed] = [large, other, doomed].map(|tenant| tenant.at(&server));
        let mut missed = Vec::new();
        let slowest = combinations(&large, &actor, &object, &mut missed).await;
        let (large, other) = (Arc::new(large), Arc::new(other));
        for callers in [24, 64, 256] {
            crowd(&server, &large, &other, &flow, &slowest, callers, &mut missed).await;
        }
        deletion(&server, &doomed, &other, &flow, &mut missed).await;
        for one in &missed {
            println!("MISSED: {one}");
        }
        assert!(missed.is_empty(), "{} of the limits were missed", missed.len());
    });
}

fn open(server: &Server, name: &str) -> Connection {
    let db = Connection::open(server.data_dir().join(name)).unwrap();
    db.busy_timeout(Duration::from_mins(1)).unwrap();
    db
}

/// Copies the tenant's only run with different values: three workflows, most runs completed, few of them tests.
fn write_runs(server: &Server, tenant: &str, count: usize) {
    let mut db = open(server, "runs.db");
    let tx = db.transaction().unwrap();
    let sql = "insert into instances (tenant_id, id, workflow_id, workflow_name, workflow_version, definition, status, is_test, cause,
         actor_kind, actor_id, actor_label, input, output, created_at, started_at, finished_at, seq, depth, bytes)
       select tenant_id, ?2, ?3, workflow_name, workflow_version, definition, ?4, ?5, ?6,
         actor_kind, actor_id, actor_label, input, output, created_at, started_at, finished_at, seq, 0, bytes
       from instances where tenant_id = ?1 limit 1";
    let workflows = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()].map(|id| id.to_string());
    let mut insert = tx.prepare(sql).unwrap();
    for i in 0..count {
        let status = if i % 1000 == 0 { "FAILED" } else { "COMPLETED" };
        let cause = ["webhook", "schedule", "manual"][usize::from(i % 10 == 0) + usize::from(i % 100 == 0)];
        // the rare values are the oldest
        let is_test = i < count / 1000;
        let workflow = &workflows[usize::from(i > count / 2) + usize::from(i < 100)];
        insert.execute((tenant, Uuid::now_v7().to_string(), workflow, status, is_test, cause)).unwrap();
    }
    drop(insert);
    let counts = "insert into ended_counts select tenant_id, coalesce(workflow_id, ''), status, is_test, cause, count(*) from instances
       where finished_at is not null and tenant_id = ?1 group by 1, 2, 3, 4, 5 on conflict do update set count = excluded.count";
    tx.execute(counts, [tenant]).unwrap();
    tx.commit().unwrap();
}

/// Returns a rare actor and a rare object.
fn write_audit(server: &Server, tenant: &str) -> (String, String) {
    let mut db = open(server, "jet-admin.db");
    let tx = db.transaction().unwrap();
    let sql = "insert into audit (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name)
       values (?1, ?2, ?3, 'user', ?4, 'ada@example.com', ?5, ?6, ?7, 'A widget like others')";
    let actors: Vec<String> = (0..20).map(|_| Uuid::now_v7().to_string()).collect();
    let objects: Vec<String> = (0..5000).map(|_| Uuid::now_v7().to_string()).collect();
    let mut insert = tx.prepare(sql).unwrap();
    let start = chrono::Utc::now().timestamp_millis() - i64::try_from(ROWS).unwrap();
    for i in 0..ROWS {
        let kind = if i % 1000 == 0 { "role" } else { "widget" };
        let verb = if i < 50 { "delete" } else { "update" };
        let actor = &actors[if i % 1000 == 1 { 1 + i % 19 } else { 0 }];
        let at = start + i64::try_from(i).unwrap();
        let (id, action) = (Uuid::now_v7().to_string(), format!("{kind}.{verb}"));
        insert.execute((tenant, id, at, actor, action, kind, &objects[i % objects.len()])).unwrap();
    }
    drop(insert);
    tx.execute("delete from audit_counts where tenant_id = ?1", [tenant]).unwrap();
    let counts = "insert into audit_counts select tenant_id, actor_id, action, count(*) from audit where tenant_id = ?1 group by 1, 2, 3";
    tx.execute(counts, [tenant]).unwrap();
    tx.commit().unwrap();
    (actors[1].clone(), objects[7].clone())
}

/// Every combination of one value, or none, of each filter.
fn combinations_of(filters: &[(&str, Vec<String>)]) -> Vec<String> {
    filters.iter().fold(vec![String::new()], |all, (name, values)| {
        let more = |one: &String| {
            let chosen = values.iter().map(|value| format!("{one}&{name}={value}"));
            std::iter::once(one.clone()).chain(chosen).collect::<Vec<_>>()
        };
        all.iter().flat_map(more).collect()
    })
}

/// Requests every combination, and returns the path of the slowest.
async fn combinations(large: &Tenant, actor: &str, object: &str, missed: &mut Vec<String>) -> String {
    let workflow =
        large.get("workflows/instances?limit=1").await["items"][0]["workflowID"].as_str().unwrap().to_owned();
    let texts = |all: &[&str]| all.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let runs = combinations_of(&[
        ("workflowID", vec![workflow]),
        ("status", texts(&["PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED"])),
        ("isTest", texts(&["true", "false"])),
        ("trigger", texts(&["manual", "api", "schedule", "webhook", "workflow", "error"])),
    ]);
    let ago =
        |minutes| (chrono::Utc::now() - chrono::Duration::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let audit = combinations_of(&[
        ("actorID", texts(&[actor])),
        ("action", texts(&["widget.delete", "role.update", "widget.update"])),
        ("objectKind", texts(&["role", "widget"])),
        ("objectID", texts(&[object])),
        ("since", vec![ago(15)]),
        ("until", vec![ago(2)]),
    ]);
    let mut slowest = (0.0, String::new());
    for (list, all) in [("workflows/instances", runs), ("audit-logs", audit)] {
        let mut durations = Vec::new();
        for filters in &all {
            let path = format!("{list}?limit=50{filters}");
            let mut best = f64::INFINITY;
            for _ in 0..3 {
                let start = Instant::now();
                let page = large.get(&path).await;
                assert!(page["total"].is_u64(), "{path}: {page}");
                best = best.min(start.elapsed().as_secs_f64() * 1000.0);
            }
            durations.push((best, path));
        }
        durations.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (worst, path) = durations.last().cloned().unwrap();
        let median = durations[durations.len() / 2].0;
        println!(
            "{list}: {} combinations, median {median:.1} ms, slowest {worst:.1} ms (limit {LIST}): {path}",
            all.len()
        );
        if worst > LIST {
            missed.push(format!("{path} took {worst:.0} ms"));
        }
        if worst > slowest.0 {
            slowest = (worst, path);
        }
    }
    slowest.1
}

/// Milliseconds, sorted.
struct Times(Vec<f64>);

impl Times {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    fn at(&self, share: f64) -> f64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let place = (self.0.len() as f64 * share) as usize;
        self.0.get(place).or(self.0.last()).copied().unwrap_or(f64::INFINITY)
    }
}

/// Repeats an action until `stop`, with pauses of five milliseconds.
async fn repeat<F: Future<Output = ()>>(stop: CancellationToken, what: impl Fn() -> F) -> Times {
    let mut durations = Vec::new();
    while !stop.is_cancelled() {
        let start = Instant::now();
        what().await;
        durations.push(start.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Times::of(durations)
}

async fn crowd(
    server: &Server,
    large: &Arc<Tenant>,
    other: &Arc<Tenant>,
    flow: &str,
    path: &str,
    callers: usize,
    missed: &mut Vec<String>,
) {
    let stop = CancellationToken::new();
    let callers_at_work: Vec<_> = (0..callers)
        .map(|_| {
            let (tenant, path, stop) = (Arc::clone(large), path.to_owned(), stop.clone());
            tokio::spawn(async move {
                let (mut answered, mut refused) = (0, 0);
                while !stop.is_cancelled() {
                    let page: Value = tenant.get(&path).await;
                    if page["total"].is_u64() { answered += 1 } else { refused += 1 }
                }
                (answered, refused)
            })
        })
        .collect();
    let http = reqwest::Client::new();
    let health = format!("{}/healthz", server.url);
    let one = format!("workflows/{flow}");
    let (health, lookups, ()) = tokio::join!(
        repeat(stop.clone(), || async { assert!(http.get(&health).send().await.unwrap().status().is_success()) }),
        repeat(stop.clone(), || async { assert_eq!(other.get(&one).await["id"], flow) }),
        async {
            tokio::time::sleep(CROWD).await;
            stop.cancel();
        }
    );
    let (mut answered, mut refused) = (0, 0);
    for one in callers_at_work {
        let (done, not) = one.await.unwrap();
        (answered, refused) = (answered + done, refused + not);
    }
    println!(
        "{callers} callers ({:.0} answered and {:.0} refused a second): /healthz p50 {:.1} p99 {:.1} ms, another tenant's look-up p50 {:.1} p99 {:.1} ms (limit {OTHERS})",
        f64::from(answered) / CROWD.as_secs_f64(),
        f64::from(refused) / CROWD.as_secs_f64(),
        health.at(0.5),
        health.at(0.99),
        lookups.at(0.5),
        lookups.at(0.99)
    );
    if health.at(0.99).max(lookups.at(0.99)) > OTHERS {
        missed.push(format!("{callers} callers delayed others"));
    }
}

async fn deletion(server: &Server, doomed: &Tenant, other: &Tenant, flow: &str, missed: &mut Vec<String>) {
    let execute = format!("workflows/{flow}/execute?wait=10");
    let run = || async { assert_eq!(other.post(&execute, &json!({})).await.status(), 200) };
    let quiet = CancellationToken::new();
    let (before, ()) = tokio::join!(repeat(quiet.clone(), run), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        quiet.cancel();
    });
    let stop = CancellationToken::new();
    let start = Instant::now();
    let (during, ()) = tokio::join!(repeat(stop.clone(), run), async {
        doomed.delete("").await;
        let db = open(server, "runs.db");
        let has_rows = || {
            let sql = "select exists (select 1 from instances where tenant_id = ?1)";
            db.query_row(sql, [doomed.id()], |row| row.get::<_, bool>(0)).unwrap()
        };
        while has_rows() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.cancel();
    });
    println!(
        "a tenant with 300 000 runs was deleted in {:.0} s; another tenant's run: p50 {:.1} p99 {:.1} max {:.1} ms (limit of p99 {RUN}; before: p50 {:.1} p99 {:.1})",
        start.elapsed().as_secs_f64(),
        during.at(0.5),
        during.at(0.99),
        during.at(1.0),
        before.at(0.5),
        before.at(0.99)
    );
    if during.at(0.99) > RUN {
        missed.push("a deletion delayed another tenant's runs".to_owned());
    }
}
