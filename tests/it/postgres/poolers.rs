//! Servers whose database is behind `PgBouncer`.
use crate::{
    support::{
        backend::Database,
        fleet::Fleet,
        pgbouncer::{pgbouncer, pgbouncer_to},
        postgres::{PASSWORD, Postgres, postgres},
        process,
        wait::until,
    },
    triggers::{echo, save},
};
use serde_json::json;

/// Returns the URL of a database through a pooler.
fn through(pooler: u16, database: &Database) -> String {
    database.url().replace(&format!(":{}/", postgres().port), &format!(":{pooler}/"))
}

fn doctor(url: &str) -> (bool, String) {
    let output = process::run(&["doctor", "--database", url], "");
    let text = process::text(&output);
    assert!(!text.contains(PASSWORD), "{text}");
    (output.status.success(), text)
}

#[test]
fn poolers_are_found_and_refused_if_prepared_statements_do_not_work() {
    let database = Database::create();
    let direct = doctor(&database.url());
    assert!(direct.0 && direct.1.contains("ok    pooler: none"), "{}", direct.1);
    let session = pgbouncer("session", 8);
    let found = doctor(&through(session.port, &database));
    assert!(found.0 && found.1.contains("ok    pooler: none, or one that keeps"), "{}", found.1);
    let transaction = pgbouncer("transaction", 8);
    let url = through(transaction.port, &database);
    for _ in 0..3 {
        // version 1.18, or a newer one without `max_prepared_statements`
        let found = doctor(&url);
        assert!(!found.0 && found.1.contains("FAIL  pooler") && found.1.contains("?prepare=off"), "{}", found.1);
        let found = doctor(&format!("{url}?prepare=off"));
        assert!(found.0 && found.1.contains("ok    pooler: one in transaction mode"), "{}", found.1);
        assert!(found.1.contains("info  connections") && found.1.contains("max_client_conn"), "{}", found.1);
    }
    let (_dir, root) = process::data_dir();
    let refused = super::refused(&root, &url);
    assert!(refused.contains("add ?prepare=off to the URL"), "{refused}");
    let small = pgbouncer("transaction", 1);
    let found = doctor(&format!("{}?prepare=off", through(small.port, &database)));
    assert!(!found.0 && found.1.contains("raise `default_pool_size`"), "{}", found.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_work_through_a_pooler() {
    for (mode, size, options) in [("transaction", 12, "?prepare=off"), ("session", 40, "")] {
        let database = Database::create();
        let pooler = pgbouncer(mode, size);
        let url = format!("{}{options}", through(pooler.port, &database));
        let mut fleet = Fleet::with(database, &url, 2, &[]).await;
        let created = save(&fleet.client(0), echo("Short", json!([]))).await;
        let path = format!("workflows/{}/execute", created["id"].as_str().unwrap());
        let clients = [0, 1].map(|server: usize| fleet.client(server));
        for batch in 0..10 {
            let runs = (0..12).map(|n| clients[n % 2].post(&path, json!({"input": {"n": batch * 12 + n}})));
            let variables = (0..6)
                .map(|n| clients[n % 2].post("variables", json!({"name": format!("v{batch}x{n}"), "value": "1"})));
            let lists = (0..12).map(|n| clients[n % 2].get("workflows/instances"));
            let (runs, variables, lists) = tokio::join!(
                futures_util::future::join_all(runs),
                futures_util::future::join_all(variables),
                futures_util::future::join_all(lists)
            );
            for (answers, status) in [(runs, 202), (variables, 201), (lists, 200)] {
                for answer in answers {
                    answer.expect(status);
                }
            }
        }
        let ended = "select count(*) from jet_admin_runs.instances where status = 'COMPLETED'";
        until("all runs have ended", async || fleet.database.number(ended) == 120).await;
        // nothing went wrong, and nobody was taken for dead
        for server in &fleet.servers {
            let log = server.log();
            assert!(
                !log.contains("ERROR") && !log.contains("prepared statement") && !log.contains("not seen"),
                "{log}"
            );
        }
        assert_eq!(fleet.living(), 2, "{mode}");
        fleet.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_without_its_database_is_an_outage() {
    let own = Postgres::start().expect("PostgreSQL is not installed");
    let database = Database::on(&own);
    let pooler = pgbouncer_to(own.port, "transaction", 12);
    let url = format!("{}?prepare=off", database.url_through(pooler.port));
    let fleet = Fleet::with(database, &url, 1, &[]).await;
    let client = fleet.client(0);
    client.get("variables").await.expect(200);
    own.stop();
    // `refused` also fails for an answer without the standard shape
    let mut told = 0;
    until("the pooler says that it cannot connect", async || {
        client.get("variables").await.refused(503, "UNAVAILABLE");
        client.post("variables", json!({"name": "late", "value": "1"})).await.refused(503, "UNAVAILABLE");
        told += 1;
        told > 3 && fleet.servers[0].log().contains("server_login_retry")
    })
    .await;
    own.again();
    until("it works again", async || client.get("variables").await.status == 200).await;
}
