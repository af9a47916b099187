//! Sessions on the server: read-only ones stay read-only, and a query stops when its caller is gone.
use super::{database, exec, source};
use crate::{
    connect::{House, Source, sql},
    support::{World, client::id, postgres::postgres, wait::until},
};
use jet_admin::Error;
use serde_json::{Value, json};
use std::sync::Arc;

/// Statements that would change something.
const REFUSED: &[&str] = &[
    "insert into t values (2)",
    "update t set a = 2",
    "delete from t",
    "truncate t",
    "drop table t",
    "alter table t add column b int",
    "create table u (a int)",
    "create index on t (a)",
    "comment on table t is 'x'",
    "grant select on t to public",
    "select a into u from t",
    "with x as (delete from t returning a) select * from x",
    "with x as (insert into t values (2) returning a) select * from x",
    "select put()",
    "call wipe()",
    "do $$ begin insert into t values (2); end $$",
    "do $$ begin set transaction read write; insert into t values (2); end $$",
    "do $$ begin perform set_config('transaction_read_only', 'off', true); insert into t values (2); end $$",
    "do $$ begin delete from t; commit; end $$",
    "select * from t for update",
    "select * from t for share",
    "select set_config('transaction_read_only', 'off', false)",
    "select nextval('s')",
    "select setval('s', 100)",
    "vacuum t",
    "create database readonly_too",
    "explain analyze delete from t",
];

/// Statements that would end the read-only mode of the session if their effect lasted.
const LOOSENED: &[&str] = &[
    "set transaction read write",
    "begin read write",
    "start transaction read write",
    "set transaction_read_only = off",
    "set default_transaction_read_only = off",
    "select set_config('default_transaction_read_only', 'off', false)",
    "set session characteristics as transaction read write",
    "commit",
    "commit and chain",
    "rollback",
];

#[tokio::test]
async fn read_only_is_enforced_by_the_server() {
    let (server, house) = (postgres(), House::new());
    let db = database(&house, server, "readonly", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table t (a int)",
            "insert into t values (1)",
            "create sequence s",
            "create function put() returns int language sql as 'insert into t values (9) returning a'",
            "create procedure wipe() language plpgsql as 'begin delete from t; commit; end'",
        ],
    )
    .await;
    let witness = tempfile::tempdir().unwrap().path().join("witness");
    let copy = format!("copy t to program 'touch {}'", witness.display());
    let mut safe = db.clone();
    safe.0.id = uuid::Uuid::new_v4();
    safe.0.options.insert("readOnly".to_owned(), true.into());
    safe.0.options.insert("poolSize".to_owned(), 1.into());
    for statement in REFUSED.iter().copied().chain([&*copy, &*format!("/* first */ {copy}")]) {
        assert!(house.run(&safe, sql(statement), json!({})).await.is_err(), "{statement}");
    }
    for statement in LOOSENED {
        let _ = house.run(&safe, sql(statement), json!({})).await;
        assert!(house.run(&safe, sql("insert into t values (2)"), json!({})).await.is_err(), "after {statement}");
    }
    assert!(house.run(&db, sql("select 1; delete from t"), json!({})).await.is_err());
    assert_eq!(house.data(&safe, sql("select * from t"), json!({})).await, json!([{"a": 1}]));
    assert_eq!(house.data(&db, sql("select is_called from s"), json!({})).await, json!([{"is_called": false}]));
    let left = "select count(*)::int as n from pg_class where relname in ('u', 't_a_idx')";
    assert_eq!(house.data(&db, sql(left), json!({})).await, json!([{"n": 0}]));
    assert!(!witness.exists());
}

/// Waits until `count` queries are running in a database.
async fn until_running(watch: &House, database: &str, count: usize) {
    let text = format!(
        "select count(*)::int as n from pg_stat_activity where datname = '{database}' and state = 'active' and query like '%pg_sleep%'"
    );
    let server = source(postgres(), json!({}));
    let is_reached = async || watch.data(&server, sql(&text), json!({})).await == json!([{"n": count}]);
    until(&format!("{count} queries are running"), is_reached).await;
}

fn sleep(timeout: u64) -> Value {
    json!({"timeoutMs": timeout, "options": {"sql": "select pg_sleep(60)"}})
}

#[tokio::test]
async fn a_slow_query_is_cancelled_on_the_server() {
    let house = Arc::new(House::new());
    let db = database(&house, postgres(), "slow", json!({"poolSize": 1})).await;
    let error = house.run(&db, sleep(300), json!({})).await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)), "{error:?}");
    until_running(&house, "slow", 0).await;
    // the pool's only connection is free again
    assert_eq!(house.data(&db, sql("select 1 as a"), json!({})).await, json!([{"a": 1}]));
    let run = |house: Arc<House>, db: Source| async move { house.run(&db, sleep(60_000), json!({})).await.map(drop) };
    let caller = tokio::spawn(run(Arc::clone(&house), db.clone()));
    until_running(&house, "slow", 1).await;
    caller.abort();
    until_running(&house, "slow", 0).await;
    assert_eq!(house.data(&db, sql("select 1 as a"), json!({})).await, json!([{"a": 1}]));
}

#[tokio::test]
async fn an_abandoned_export_ends_on_the_server() {
    let house = House::new();
    let db = database(&house, postgres(), "unread", json!({})).await;
    let text = "select pg_sleep(case when g > 5000 then 60 else 0 end), g from generate_series(1, 1000000) g";
    let mut rows = house.queries.export(db.job(sql(text), json!({}))).unwrap();
    rows.recv().await.unwrap().unwrap();
    until_running(&house, "unread", 1).await;
    drop(rows);
    until_running(&house, "unread", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_ends_when_its_client_disconnects() {
    let (house, world) = (House::new(), World::empty().await);
    let db = database(&house, postgres(), "gone", json!({})).await;
    let datasource = json!({"name": "Gone", "type": "postgresql", "options": db.0.options});
    let datasource = world.client.post("datasources", datasource).await.expect(201);
    let query = json!({"name": "Sleep", "datasourceID": id(&datasource), "timeoutMs": 60_000, "options": {"sql": "select pg_sleep(60)"}});
    let query = id(&world.client.post("data-queries", query).await.expect(201));
    for path in ["execute", "export"] {
        let client = world.client.clone();
        let call = tokio::spawn(async move {
            let call = client.call(reqwest::Method::POST, &format!("data-queries/{query}/{path}"));
            let _ = call.json(&json!({})).try_send().await;
        });
        until_running(&house, "gone", 1).await;
        call.abort();
        until_running(&house, "gone", 0).await;
    }
}

#[tokio::test]
async fn callers_wait_for_a_connection_when_the_server_accepts_fewer_than_the_pool() {
    let server = postgres();
    let house = Arc::new(House::new());
    let db = database(&house, server, "narrow", json!({})).await;
    exec(&house, &db, &["create role narrow login password 'narrow' connection limit 1"]).await;
    let mut narrow = source(server, json!({"database": "narrow", "user": "narrow", "password": "narrow"}));
    narrow.0.id = uuid::Uuid::new_v4();
    let narrow = Arc::new(narrow);
    for _ in 0..3 {
        let callers: Vec<_> = (0..24)
            .map(|n| {
                let (house, narrow) = (Arc::clone(&house), Arc::clone(&narrow));
                tokio::spawn(async move { house.data(&narrow, sql(&format!("select {n} as n")), json!({})).await })
            })
            .collect();
        for (n, caller) in callers.into_iter().enumerate() {
            assert_eq!(caller.await.unwrap(), json!([{"n": n}]));
        }
    }
    // when nothing is to be waited for, the server's answer is the answer
    exec(&house, &db, &["alter role narrow connection limit 0"]).await;
    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'narrow'";
    exec(&house, &db, &[kill]).await;
    let refused = house.run(&narrow, sql("select 1 as n"), json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("too many connections"), "{refused}");
}
