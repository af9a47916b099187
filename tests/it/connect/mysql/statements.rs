use super::{Error, House, Mode, Source, TENANT, Value, changed, database, exec, json, mode, problem, source, sql};
use crate::support::wait::until;
use std::time::{Duration, Instant};

/// Waits until no statement that matches `like` runs in the database.
pub async fn wait_for_end(house: &House, db: &Source, like: &str) {
    let watch = source(json!({}));
    let name = &db.0.options["database"];
    let running = json!({
        "options": {"sql": "select count(*) as n from information_schema.processlist where db = {{ params.db }} and info like {{ params.like }}"},
        "parameters": [{"name": "db", "default": name}, {"name": "like", "default": like}],
    });
    let has_ended = async || house.data(&watch, running.clone(), json!({})).await == json!([{"n": 0}]);
    until("the statement has ended", has_ended).await;
}

#[tokio::test]
async fn a_slow_query_is_stopped_on_the_server() {
    let house = House::new();
    let db = database(&house, "slow", json!({"poolSize": 1})).await;
    exec(&house, &db, &["create table t (a int)"]).await;
    for slow in ["select sleep(60)", "insert into t select sleep(60)"] {
        let error = house.run(&db, json!({"timeoutMs": 300, "options": {"sql": slow}}), json!({})).await.unwrap_err();
        assert!(matches!(error, Error::Timeout(_)), "{error:?}");
        wait_for_end(&house, &db, "%sleep%").await;
        // the pool's only connection is free again
        assert_eq!(house.data(&db, sql("select 1 as a"), json!({})).await, json!([{"a": 1}]));
    }
    // the caller disconnects, also in the middle of a result
    for gone in ["select sleep(60)", "select seq, sleep(0.01) from seq_1_to_100000"] {
        let query = json!({"maxRows": 100_000, "options": {"sql": gone}});
        let gone = house.run(&db, query, json!({}));
        assert!(tokio::time::timeout(Duration::from_millis(300), gone).await.is_err());
        wait_for_end(&house, &db, "%sleep%").await;
    }
    assert_eq!(house.data(&db, sql("select count(*) as n from t"), json!({})).await, json!([{"n": 0}]));
}

#[tokio::test]
async fn a_broken_connection_is_replaced_silently() {
    let house = House::new();
    let db = database(&house, "broken", json!({"poolSize": 1})).await;
    exec(&house, &db, &["create table t (a int)", "insert into t values (1)"]).await;
    let all = sql("select * from t");
    house.data(&db, all.clone(), json!({})).await;
    exec(&house, &source(json!({})), &["alter table broken.t add column b text"]).await;
    assert_eq!(house.data(&db, all, json!({})).await, json!([{"a": 1, "b": null}]), "a stale plan is prepared again");
    let me = sql("select connection_id() as id");
    for _ in 0..3 {
        let id = house.data(&db, me.clone(), json!({})).await[0]["id"].clone();
        assert_eq!(house.data(&db, me.clone(), json!({})).await[0]["id"], id, "an idle connection is reused");
        exec(&house, &source(json!({})), &[&format!("kill {id}")]).await;
        let other = house.data(&db, me.clone(), json!({})).await[0]["id"].clone();
        assert_ne!(other, id);
        exec(&house, &source(json!({})), &[&format!("kill {other}")]).await;
        exec(&house, &db, &["insert into t values (2, null)"]).await;
    }
}

#[tokio::test]
async fn the_pool_limits_the_number_of_connections() {
    let house = House::new();
    let db = database(&house, "pooled", json!({"poolSize": 2})).await;
    let query = || house.run(&db, sql("select sleep(0.2), connection_id() as id"), json!({}));
    let started = Instant::now();
    let (a, b, c, d) = tokio::join!(query(), query(), query(), query());
    let mut ids: Vec<_> = [a, b, c, d].into_iter().map(|one| one.unwrap().data[0]["id"].as_i64()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2);
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn changed_sessions_are_not_reused() {
    let house = House::new();
    let db = database(&house, "session", json!({"poolSize": 1})).await;
    exec(&house, &db, &["create table t (a int)"]).await;
    for change in [
        "set autocommit = 0",
        "set sql_mode = 'ANSI_QUOTES'",
        "set time_zone = '+05:00'",
        "start transaction",
        "set @x = 1",
    ] {
        exec(&house, &db, &[change]).await;
        let found = house
            .data(
                &db,
                sql("select \"a\" as a, @@autocommit as c, @@time_zone as z, @@in_transaction as t, @x as x"),
                json!({}),
            )
            .await;
        assert_eq!(found, json!([{"a": "a", "c": 1, "z": "+00:00", "t": 0, "x": null}]), "{change}");
    }
}

#[tokio::test]
async fn only_reads_are_cached() {
    let house = House::new();
    let db = database(&house, "cached", json!({})).await;
    exec(
        &house,
        &db,
        &["create table t (a int)", "create function put() returns int begin insert into t values (1); return 1; end"],
    )
    .await;
    let cached = |text: &str| json!({"cacheSeconds": 60, "options": {"sql": text}});
    for _ in 0..2 {
        for write in ["insert into t values (1)", "insert into t values (1) returning a", "select put()"] {
            house.run(&db, cached(write), json!({})).await.unwrap();
        }
    }
    assert_eq!(house.data(&db, sql("select count(*) as n from t"), json!({})).await, json!([{"n": 6}]));
    let first = house.data(&db, cached("select rand() as r"), json!({})).await;
    assert_eq!(house.data(&db, cached("select rand() as r"), json!({})).await, first);
}

#[tokio::test]
async fn the_tables_are_listed() {
    let house = House::new();
    let db = database(&house, "listed", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table item (id int unsigned primary key auto_increment, name varchar(20) not null default 'x' comment 'Called') comment 'Things'",
            "create table line (item int unsigned, n int default 1, foreign key (item) references item (id))",
            "create view cheap as select concat(name) as name from item",
        ],
    )
    .await;
    let tables = house.queries.schema(TENANT, &db.0, false).await.unwrap();
    let column = |name: &str, kind: &str, nullable: bool| json!({"name": name, "type": kind, "nullable": nullable, "primaryKey": false, "references": null, "default": null, "comment": null});
    let with = |mut column: Value, key: &str, value: Value| {
        column[key] = value;
        column
    };
    let id = with(column("id", "int(10) unsigned", false), "primaryKey", json!(true));
    let id = with(id, "generated", json!("identity"));
    let name = with(with(column("name", "varchar(20)", false), "default", json!("'x'")), "comment", json!("Called"));
    let item = with(
        column("item", "int(10) unsigned", true),
        "references",
        json!({"schema": "listed", "table": "item", "column": "id"}),
    );
    assert_eq!(
        serde_json::to_value(tables).unwrap(),
        json!([
            {"schema": "listed", "name": "cheap", "kind": "view", "comment": null, "columns": [column("name", "varchar(20)", true)]},
            {"schema": "listed", "name": "item", "kind": "table", "comment": "Things", "columns": [id, name]},
            {"schema": "listed", "name": "line", "kind": "table", "comment": null, "columns": [item, with(column("n", "int(11)", true), "default", json!("1"))]},
        ])
    );
    let everywhere = changed(&db, json!({"database": null}));
    let all = house.queries.schema(TENANT, &everywhere.0, false).await.unwrap();
    assert!(
        all.iter().any(|table| table.name == "line")
            && all.iter().all(|table| table.schema.as_deref() != Some("mysql"))
    );
}

#[tokio::test]
async fn an_error_carries_code_position_and_hint() {
    let house = House::new();
    let db = database(&house, "errors", json!({})).await;
    exec(&house, &db, &["create table t (a int primary key)", "insert into t values (1)"]).await;
    for (text, code, position, hint) in [
        ("select {{ params.some_name }}, nope from t", "1054 (42S22)", Some(32), false),
        ("select {{ params.some_name }} frm t", "1064 (42000)", Some(35), false),
        ("select {{ params.some_name }},\n  from", "1064 (42000)", Some(34), false),
        ("select größe({{ params.some_name }} from t", "1064 (42000)", Some(37), false),
        ("select * from missing", "1146 (42S02)", Some(15), true),
        ("insert into t values (1)", "1062 (23000)", None, false),
    ] {
        let query = json!({"options": {"sql": text}, "parameters": [{"name": "some_name"}]});
        let problem = problem(house.run(&db, query, json!({})).await);
        assert_eq!((problem.code.as_deref(), problem.position), (Some(code), position), "{text}: {}", problem.message);
        assert_eq!(problem.hint.is_some(), hint, "{text}");
        assert!(!problem.transient);
    }
    let nobody = changed(&db, json!({"user": "nobody", "database": null}));
    assert!(problem(house.run(&nobody, sql("select * from errors.t"), json!({})).await).hint.is_some());
    let locked = changed(&db, json!({}));
    let hold =
        house.run(&locked, sql("begin not atomic start transaction; update t set a = 1; do sleep(1); end"), json!({}));
    let wait = async {
        let name = json!({"options": {"sql": "select count(*) as n from information_schema.processlist where db = 'errors' and info like 'do sleep%'"}});
        let watch = source(json!({}));
        let waits = async || house.data(&watch, name.clone(), json!({})).await == json!([{"n": 1}]);
        until("the transaction waits", waits).await;
        house.run(&db, sql("set statement innodb_lock_wait_timeout = 0 for update t set a = 2"), json!({})).await
    };
    let (_, waited) = tokio::join!(hold, wait);
    assert!(problem(waited).transient);
    assert!(mode(&house, &db, Mode::Explain, sql("select frm")).await.is_err());
}
