//! The cost of the query engine, compared with the bare drivers and with plain JSON responses, and under the load of a
//! dashboard's viewers. Both sides of each comparison are measured in one run.
//!
//! `make bench` runs it; it needs `wrk` and `PostgreSQL` (Debian: `apt-get install wrk postgresql`). With the argument
//! `point`, it measures only the drivers: `cargo bench --bench data -- point`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may panic")]
#[allow(dead_code, reason = "only a part of it is used here")]
#[path = "../tests/it/support/authority.rs"]
mod authority;
#[path = "../tests/it/support/background.rs"]
mod background;
#[path = "../tests/it/support/postgres.rs"]
#[allow(dead_code, reason = "only a part of it is used here")]
mod postgres;
#[allow(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use jet_admin::{
    budget::Budget,
    connect::{Context, Files, Guard, Mode, Queries, QueryJob, Target},
    script::{Sandbox, ScriptLimits},
    turns::Accounts,
};
use serde_json::{Map, Value, json};
use std::{
    future::Future,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use support::{Server, Tenant, measure};
use uuid::Uuid;

const ROUND: Duration = Duration::from_secs(2);
/// Rounds of each side, alternating, so that changes in the machine's speed affect both.
const ROUNDS: usize = 3;
const TENANT: Uuid = Uuid::from_u128(1);
const VIEWERS: usize = 50;
const WIDGETS: usize = 12;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let files = dir.path().join(TENANT.to_string());
    std::fs::create_dir_all(&files).unwrap();
    let point = std::env::args().any(|word| word == "point");
    println!(
        "{:<24} {:>10} {:>10} {:>7} {:>12} {:>14} {:>12} {:>14}",
        "point query", "bare/s", "engine/s", "ratio", "bare p50 ms", "engine p50 ms", "bare CPU us", "engine CPU us"
    );
    runtime.block_on(async {
        let lite = engine(dir.path());
        point_sqlite(&lite, &files.join("a.db")).await;
        if !point {
            with_black_holes(&lite).await;
        }
        point_postgresql(&engine(dir.path())).await;
    });
    if point {
        return;
    }
    let server = Server::start();
    let tenant = runtime.block_on(Tenant::make(&server));
    runtime.block_on(async {
        let (query, dashboard) = stock(&server, &tenant).await;
        cached(&server, &tenant, &query);
        viewers(&tenant, &dashboard).await;
    });
}

fn engine(files: &Path) -> Queries {
    Queries::new(Context {
        files: Files { own: files.to_path_buf(), ..Files::default() },
        guard: Guard::new(true, []),
        sandbox: Sandbox::new(ScriptLimits {
            worker: Some(env!("CARGO_BIN_EXE_jet-admin").into()),
            ..ScriptLimits::default()
        }),
        accounts: Accounts::default(),
        budget: Budget::new(256 << 20).into(),
    })
}

/// A saved query, as the server caches it.
fn saved(kind: &str, version: u64, options: Value) -> QueryJob {
    let query = json!({
        "datasourceID": Uuid::from_u128(7),
        "options": {"sql": "select id, name from item where id = {{ params.id }}"},
        "parameters": [{"name": "id", "type": "number"}],
    });
    let target = Target { id: Uuid::from_u128(7), version, kind: kind.to_owned(), options: object(options) };
    QueryJob {
        tenant: TENANT,
        target: Arc::new(target),
        query: Arc::new(serde_json::from_value(query).unwrap()),
        saved: Some((Uuid::from_u128(8), 1)),
        parameters: Map::new().into(),
        mode: Mode::Run,
        slice: None,
        must_read: false,
    }
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// Measures both sides, alternating; each returns the row as JSON.
async fn compare<B, E>(name: &str, connections: usize, bare: impl Fn(u64) -> B, engine: impl Fn(u64) -> E)
where
    B: Future<Output = Value> + Send + 'static,
    E: Future<Output = Value> + Send + 'static,
{
    assert_eq!(bare(7).await, engine(7).await);
    let (mut sides, mut p50, mut cpu) = ([0.0_f64; 2], [f64::MAX; 2], [f64::MAX; 2]);
    for _ in 0..ROUNDS {
        for (side, load_result) in
            [load(connections, &bare).await, load(connections, &engine).await].into_iter().enumerate()
        {
            sides[side] = sides[side].max(load_result.rate);
            p50[side] = p50[side].min(load_result.p50);
            cpu[side] = cpu[side].min(load_result.cpu);
        }
    }
    println!(
        "{:<24} {:>10.0} {:>10.0} {:>7.2} {:>12.3} {:>14.3} {:>12.1} {:>14.1}",
        format!("{name}, {connections} at once"),
        sides[0],
        sides[1],
        sides[1] / sides[0],
        p50[0],
        p50[1],
        cpu[0],
        cpu[1]
    );
}

/// The results of one side: calls per second, latencies in milliseconds, and this process's CPU time per call in
/// microseconds.
struct Load {
    rate: f64,
    p50: f64,
    p99: f64,
    cpu: f64,
}

/// CPU time of this process, in seconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // user and system time are eleven fields after the name, in hundredths of a second
    let after = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    after.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

async fn load<F: Future<Output = Value> + Send + 'static>(connections: usize, call: &impl Fn(u64) -> F) -> Load {
    let (started, used) = (Instant::now(), cpu());
    let mut running = futures_util::stream::FuturesUnordered::new();
    let start_call = |i: u64| {
        let work = call(i % 1000 + 1);
        tokio::spawn(async move {
            let started = Instant::now();
            work.await;
            started.elapsed()
        })
    };
    let mut count = 0;
    for _ in 0..connections {
        count += 1;
        running.push(start_call(count));
    }
    let mut times = Vec::new();
    while let Some(duration) = futures_util::StreamExt::next(&mut running).await {
        times.push(duration.unwrap());
        if started.elapsed() < ROUND {
            count += 1;
            running.push(start_call(count));
        }
    }
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1000.0;
    let count = f64::from(u32::try_from(times.len()).unwrap());
    let used = (cpu() - used) * 1e6;
    Load { rate: count / started.elapsed().as_secs_f64(), p50: at(50), p99: at(99), cpu: used / count }
}

/// Measures a working datasource while ten tenants each have a hundred queries to servers that never respond.
async fn with_black_holes(engine: &Queries) {
    let saved_working = saved("sqlite", 1, json!({"path": "a.db"}));
    let working = |id| run(engine.clone(), saved_working.clone(), id);
    let alone = load(4, &working).await;
    let mut hanging = tokio::task::JoinSet::new();
    for tenant in 100..110 {
        let hole = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = json!({"host": "127.0.0.1", "port": hole.local_addr().unwrap().port(), "sslMode": "disable"});
        for _ in 0..100 {
            let job = QueryJob { tenant: Uuid::from_u128(tenant), ..saved("postgresql", 1, options.clone()) };
            let engine = engine.clone();
            hanging.spawn(async move { engine.execute(job).await });
        }
        hanging.spawn(async move {
            let mut sockets = Vec::new();
            loop {
                sockets.push(hole.accept().await.unwrap());
            }
        });
    }
    let under_load = load(4, &working).await;
    assert!(hanging.try_join_next().is_none(), "a black hole responded");
    println!(
        "\nwith ten black holes: p99 {:.2} ms, alone {:.2} ms, ratio {:.2} (limit 2)",
        under_load.p99,
        alone.p99,
        under_load.p99 / alone.p99
    );
}

/// The bare side uses the driver as an async server must: on a blocking thread with its own connection.
async fn point_sqlite(engine: &Queries, path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(
        "create table item (id integer primary key, name text not null);
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into item select i, 'item ' || i from n;",
    )
    .unwrap();
    let job = saved("sqlite", 1, json!({"path": "a.db"}));
    for connections in [1, 32] {
        let idle: Arc<Mutex<Vec<rusqlite::Connection>>> = Arc::default();
        let path = path.to_path_buf();
        let bare = move |id: u64| {
            let (idle, path) = (Arc::clone(&idle), path.clone());
            async move {
                let work = move || {
                    let connection = idle.lock().unwrap().pop();
                    let connection = connection.unwrap_or_else(|| rusqlite::Connection::open(&path).unwrap());
                    let row = {
                        let mut statement =
                            connection.prepare_cached("select id, name from item where id = ?1").unwrap();
                        statement
                            .query_row([id], |row| {
                                Ok(json!([{"id": row.get::<_, i64>(0)?, "name": row.get::<_, String>(1)?}]))
                            })
                            .unwrap()
                    };
                    idle.lock().unwrap().push(connection);
                    row
                };
                tokio::task::spawn_blocking(work).await.unwrap()
            }
        };
        let (engine, job) = (engine.clone(), job.clone());
        let ours = move |id| run(engine.clone(), job.clone(), id);
        compare("SQLite", connections, bare, ours).await;
    }
}

async fn run(engine: Queries, saved: QueryJob, id: u64) -> Value {
    let parameters: Map<String, Value> = Map::from_iter([("id".to_owned(), id.into())]);
    let outcome = engine.execute(QueryJob { parameters: parameters.into(), ..saved }).await.unwrap();
    Arc::unwrap_or_clone(outcome.data)
}

/// The bare side has one connection for each concurrent call, with the statement prepared once.
async fn point_postgresql(engine: &Queries) {
    let server = postgres::postgres();
    let config =
        format!("host=127.0.0.1 port={} user=admin password={} dbname=postgres", server.port, postgres::PASSWORD);
    let connect = async || {
        let (client, connection) = tokio_postgres::connect(&config, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    };
    connect()
        .await
        .batch_execute(
            "create table item (id int8 primary key, name text not null);
             insert into item select i, 'item ' || i from generate_series(1, 1000) i; analyze item",
        )
        .await
        .unwrap();
    for connections in [1, 32] {
        let mut clients = Vec::new();
        for _ in 0..connections {
            let client = connect().await;
            let statement = client.prepare("select id, name from item where id = $1").await.unwrap();
            clients.push((client, statement));
        }
        let idle = Arc::new(Mutex::new(clients));
        let bare = move |id: u64| {
            let idle = Arc::clone(&idle);
            async move {
                let (client, statement) = idle.lock().unwrap().pop().unwrap();
                let row = client.query_one(&statement, &[&i64::try_from(id).unwrap()]).await.unwrap();
                let row = json!([{"id": row.get::<_, i64>(0), "name": row.get::<_, &str>(1)}]);
                idle.lock().unwrap().push((client, statement));
                row
            }
        };
        let options = json!({
            "host": "127.0.0.1", "port": server.port, "user": "admin", "password": postgres::PASSWORD,
            "database": "postgres", "sslMode": "disable", "poolSize": connections,
        });
        // the pool has the size of this round
        let (engine, job) = (engine.clone(), saved("postgresql", connections as u64, options));
        let ours = move |id| run(engine.clone(), job.clone(), id);
        compare("PostgreSQL", connections, bare, ours).await;
    }
}

/// Creates a cached query, and a dashboard of widgets with four different queries.
async fn stock(server: &Server, tenant: &Tenant) -> (String, String) {
    let files = server.data_dir().join("files").join(tenant.id());
    std::fs::create_dir_all(&files).unwrap();
    let file = rusqlite::Connection::open(files.join("a.db")).unwrap();
    file.execute_batch("create table item (id integer primary key, name text)").unwrap();
    let source =
        tenant.create("datasources", &json!({"name": "a", "type": "sqlite", "options": {"path": "a.db"}})).await;
    let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) select i, 'item ' || i as name from n";
    let query = json!({"name": "cached", "datasourceID": source, "options": {"sql": sql}, "cacheSeconds": 3600});
    let query = tenant.create("data-queries", &query).await;
    let mut distinct = Vec::new();
    for i in 0..4 {
        let sql = format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select count(*) as n, {i} as k from n"
        );
        let body =
            json!({"name": format!("q{i}"), "datasourceID": source, "options": {"sql": sql}, "cacheSeconds": 3600});
        distinct.push(tenant.create("data-queries", &body).await);
    }
    let mut items = Vec::new();
    for i in 0..WIDGETS {
        let body = json!({"name": format!("w{i}"), "type": "table", "config": {"queryID": distinct[i % 4]}});
        items.push(json!({"key": format!("k{i}"), "widgetID": tenant.create("widgets", &body).await}));
    }
    let dashboard = tenant.create("dashboards", &json!({"name": "d", "items": items})).await;
    (query, dashboard)
}

fn cached(server: &Server, tenant: &Tenant, query: &str) {
    let plain = measure(server, &format!("{}/data-queries/{query}", tenant.base), &tenant.script());
    let script = tenant.script() + "wrk.method = 'POST'\nwrk.body = '{}'\n";
    let hits = measure(server, &format!("{}/data-queries/{query}/execute", tenant.base), &script);
    println!(
        "\ncache hits: {:.0}/s, plain JSON {:.0}/s, ratio {:.2} (limit 0.80)",
        hits.rate,
        plain.rate,
        hits.rate / plain.rate
    );
}

/// All viewers open the dashboard at the same time, with an empty cache.
async fn viewers(tenant: &Tenant, dashboard: &str) {
    let items = AtomicUsize::new(0);
    let view = async || {
        let started = Instant::now();
        let text = tenant.post(&format!("dashboards/{dashboard}/data"), &json!({})).await.text().await.unwrap();
        items.fetch_add(text.matches("event: item").count(), Ordering::Relaxed);
        started.elapsed()
    };
    let first = view().await;
    let mut times = futures_util::future::join_all((0..VIEWERS).map(|_| view())).await;
    assert_eq!(items.load(Ordering::Relaxed), (VIEWERS + 1) * WIDGETS);
    times.sort_unstable();
    let mut executions = 0;
    for query in tenant.get("data-queries?limit=200").await["items"].as_array().unwrap() {
        let runs = tenant.get(&format!("data-queries/{}/runs?limit=200", query["id"].as_str().unwrap())).await;
        let misses = runs["items"].as_array().unwrap().iter().filter(|run| run["cache"] == "miss");
        executions += if query["name"] == "cached" { 0 } else { misses.count() };
    }
    println!(
        "dashboard of {WIDGETS} widgets over 4 queries: first viewer {:.0} ms, then {VIEWERS} at once p50 {:.0} ms, p95 {:.0} ms (limit 50); executions {executions} (limit 4)",
        first.as_secs_f64() * 1000.0,
        times[VIEWERS / 2].as_secs_f64() * 1000.0,
        times[VIEWERS * 95 / 100].as_secs_f64() * 1000.0
    );
}
