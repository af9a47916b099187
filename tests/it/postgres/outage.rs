//! A database server that stops, hangs, and comes back.
use super::serve;
use crate::support::{backend::Database, fleet::Fleet, postgres::Postgres, process, wait::until};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long an answer may take while the database does not answer.
const SOON: Duration = Duration::from_secs(20);
/// The same for what a balancer asks. A statement is given up only later.
const LONGEST: Duration = Duration::from_secs(10);

#[tokio::test]
async fn without_its_database_a_server_refuses_at_once_and_recovers_by_itself() {
    let own = Postgres::start().expect("PostgreSQL is not installed");
    let database = Database::on(&own);
    let (_dir, root) = process::data_dir();
    let created =
        process::run(&["user", "create", "ada@example.com", "--database", &database.url()], "correct horse battery\n");
    assert!(created.status.success(), "{}", process::text(&created));
    let server = serve(&root, &database);
    let client = server.signed_in("ada@example.com").await;
    assert_eq!(client.get("/readyz").await.status, 200);
    own.stop();
    let begun = Instant::now();
    client.get("/api/v1/tenants").await.refused(503, "UNAVAILABLE");
    assert!(begun.elapsed() < SOON);
    assert_eq!(client.get("/readyz").await.status, 503);
    assert_eq!(client.get("/healthz").await.text, "ok");
    own.again();
    until("the server is ready again", async || client.get("/readyz").await.status == 200).await;
    client.get("/api/v1/tenants").await.expect(200);
}

#[tokio::test]
async fn a_database_that_hangs_blocks_neither_the_process_nor_its_later_requests() {
    let own = Postgres::start().expect("PostgreSQL is not installed");
    let database = Database::on(&own);
    let (_dir, root) = process::data_dir();
    let server = serve(&root, &database);
    let client = server.client();
    own.pause();
    let asked = (0..100).map(|_| async {
        let begun = Instant::now();
        (client.get("/readyz").await, begun.elapsed())
    });
    let all = futures_util::future::join_all(asked);
    let health = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let begun = Instant::now();
            assert_eq!(client.get("/healthz").await.text, "ok");
            slowest = slowest.max(begun.elapsed());
        }
        slowest
    };
    let (answers, slowest) = tokio::join!(all, health);
    own.resume();
    for (answer, after) in &answers {
        assert_eq!(answer.status, 503, "every request gets an answer");
        assert!(*after < LONGEST, "a balancer does not wait: {after:?}");
    }
    assert!(slowest < SOON, "{slowest:?}");
    until("the server is ready again", async || client.get("/readyz").await.status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_while_it_writes_does_not_stop_the_writes_of_others() {
    let fleet = Fleet::start(2).await;
    let (one, two) = (fleet.client(0), fleet.client(1));
    let writers: Vec<_> = (0..12)
        .map(|writer| {
            let client = one.clone();
            tokio::spawn(async move {
                for n in 0.. {
                    client.post("variables", json!({"name": format!("V{writer}_{n}"), "value": "1"})).await;
                }
            })
        })
        .collect();
    let hangs = "select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid where a.state = 'idle in transaction'
        and l.relation = 'jet_admin.directory'::regclass and l.mode = 'RowShareLock' and a.datname = current_database()";
    until("the first server hangs in a transaction", async || {
        fleet.servers[0].signal("STOP");
        let deadline = Instant::now() + Duration::from_millis(200);
        while Instant::now() < deadline {
            if fleet.database.number(hangs) > 0 {
                return true;
            }
        }
        fleet.servers[0].signal("CONT");
        false
    })
    .await;
    for n in 0..3 {
        two.post("variables", json!({"name": format!("TWO_{n}"), "value": "1"})).await.expect(201);
        fleet.servers[1].signed_in("ada@example.com").await;
    }
    fleet.servers[0].signal("CONT");
    writers.iter().for_each(tokio::task::JoinHandle::abort);
    until("the first server writes again", async || {
        one.post("variables", json!({"name": "ONE", "value": "1"})).await.status == 201
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_come_due_while_the_database_is_away_go_on_together_when_it_is_back() {
    const RUNS: usize = 100;
    let own = Postgres::start().expect("PostgreSQL is not installed");
    let fleet = Fleet::on(Database::on(&own), 1).await;
    let client = fleet.client(0);
    let waits = json!({
        "name": "Waits",
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "d", "type": "delay", "name": "wait", "config": {"for": "4s"}},
        ],
        "edges": [{"id": "1", "source": "s", "target": "d"}],
    });
    let workflow = crate::triggers::save(&client, waits).await;
    let path = format!("workflows/{}/execute", workflow["id"].as_str().unwrap());
    let starts = (0..RUNS).map(|_| client.post(&path, json!({})));
    for started in futures_util::future::join_all(starts).await {
        started.expect(202);
    }
    let waiting = "select count(*) from jet_admin_runs.instances where status = 'WAITING'";
    until("all wait", async || fleet.database.number(waiting) == RUNS).await;
    let due = Instant::now() + Duration::from_secs(5);
    own.stop();
    until("they are due", async || Instant::now() > due).await;
    own.again();
    let back = Instant::now();
    let ended = "select count(*) from jet_admin_runs.instances where status = 'COMPLETED'";
    until("all have ended", async || fleet.database.number(ended) == RUNS).await;
    // one after the other, they would take 50 s
    assert!(back.elapsed() < Duration::from_secs(30), "{:?}", back.elapsed());
}
