//! No state that a statement leaves on a connection is visible to the next statement.
use super::{make, world};
use crate::{
    connect::{House, Source, object, sql},
    support::{mariadb, postgres},
};
use serde_json::{Value, json};
use std::fs;

fn source(kind: &str, options: Value) -> Source {
    let mut source = Source::new(kind, options);
    source.0.id = uuid::Uuid::new_v4();
    source
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_connection_keeps_no_temporary_objects() {
    let house = House::new();
    let db = source("sqlite", json!({"path": "own.db", "readOnly": false}));
    house.run(&db, sql("create table t (x text)"), json!({})).await.unwrap();
    house.run(&db, sql("insert into t values ('REAL')"), json!({})).await.unwrap();
    for statement in [
        "create temp table t as select 'FAKE' x",
        "create temporary table t (x text)",
        "create table temp.t (x text)",
        "create temp view t as select 'FAKE' x",
        "create temp trigger r after insert on main.t begin delete from main.t; end",
        "create virtual table temp.t using fts5(x)",
        "create virtual table temp.t using rtree(id, a, b)",
        "create table if not exists temp.t as select 'FAKE' x",
        "insert into sqlite_temp_schema values ('table', 't', 't', 2, 'create table t (x)')",
    ] {
        let refused = house.run(&db, sql(statement), json!({})).await;
        assert!(refused.is_err(), "{statement}");
        for _ in 0..10 {
            assert_eq!(house.data(&db, sql("select x from t"), json!({})).await, json!([{"x": "REAL"}]), "{statement}");
        }
    }
    // the effects of an earlier statement cannot be read either
    for statement in ["select last_insert_rowid() x", "select changes() x", "select total_changes() x"] {
        assert!(house.run(&db, sql(statement), json!({})).await.is_err(), "{statement}");
    }
    // a trigger can read those of the same statement
    for statement in [
        "create table log (id integer)",
        "create trigger r after insert on t begin insert into log values (last_insert_rowid()); end",
        "insert into t values ('second')",
    ] {
        house.run(&db, sql(statement), json!({})).await.unwrap();
    }
    assert_eq!(house.data(&db, sql("select count(*) n from log"), json!({})).await, json!([{"n": 1}]));
    house.run(&db, sql("drop table log"), json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_path_of_the_data_directory_is_never_revealed() {
    let (server, client) = world().await;
    let files = server.data_dir().join("files").join(client.tenant.unwrap().to_string());
    server.stock(client.tenant.unwrap());
    fs::write(files.join("junk.db"), vec![7; 5000]).unwrap();
    fs::create_dir(files.join("folder.db")).unwrap();
    let place = server.data_dir().display().to_string();
    for (path, read_only) in
        [("shop.db", true), ("shop.db", false), ("junk.db", true), ("folder.db", true), ("none.db", true)]
    {
        let options = json!({"path": path, "readOnly": read_only});
        let body = json!({"name": format!("{path} {read_only}"), "type": "sqlite", "options": options});
        let id = make(&client, "datasources", body).await;
        let mut shown = client.post(&format!("datasources/{id}/test"), json!({})).await.text;
        shown += &client.get(&format!("datasources/{id}/schema")).await.text;
        for (i, statement) in [
            "pragma database_list",
            "select * from pragma_database_list",
            "select file from pragma_database_list",
            "explain pragma database_list",
            "select * from sqlite_schema",
            "vacuum into 'copy.db'",
            "attach 'x.db' as x",
            "select * from nowhere",
            "select * from dbstat",
            "pragma temp_store_directory",
            "pragma data_store_directory",
        ]
        .into_iter()
        .enumerate()
        {
            let query =
                json!({"name": format!("{path} {read_only} {i}"), "datasourceID": id, "options": {"sql": statement}});
            let query = make(&client, "data-queries", query).await;
            shown += &client.post(&format!("data-queries/{query}/execute"), json!({})).await.text;
        }
        assert!(!shown.contains(&place) && !shown.contains("/files/"), "{path}: {shown}");
    }
}

/// Runs pairs of a statement that leaves state on a connection and one that would find it: the second must return the
/// same as on a new connection.
async fn assert_no_state_left(house: &House, db: &Source, pairs: &[(&str, &str)]) {
    for (leaves, finds) in pairs {
        let mut fresh = db.clone();
        fresh.0.id = uuid::Uuid::new_v4();
        let result = async |db: &Source| match house.run(db, sql(finds), json!({})).await {
            Ok(outcome) => outcome.data.to_string(),
            Err(error) => error.to_string(),
        };
        let expected = result(&fresh).await;
        for _ in 0..3 {
            // the statement may also be refused
            let _ = house.run(db, sql(leaves), json!({})).await;
            assert_eq!(result(db).await, expected, "after `{leaves}`: `{finds}`");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn postgresql_sessions_keep_no_state_between_queries() {
    let house = House::new();
    let server = postgres::postgres();
    let options = json!({
        "host": "127.0.0.1", "port": server.port, "database": "postgres", "user": "admin", "password": postgres::PASSWORD,
    });
    let admin = source("postgresql", options.clone());
    house.run(&admin, sql("create database sessions"), json!({})).await.unwrap();
    let mut own = object(options);
    own.extend(object(json!({"database": "sessions", "poolSize": 1})));
    let db = source("postgresql", Value::Object(own));
    for statement in [
        "create table t (id serial primary key, x text)",
        "create function secretly() returns int language plpgsql as $$ begin
           perform set_config('app.who', 'FAKE', false); create temp table if not exists u (x text); return 1; end $$",
        "create function prepares() returns int language plpgsql as $$ begin
           execute 'prepare q as select 1'; return 1; end $$",
        "create function locks() returns int language plpgsql as $$ begin perform pg_advisory_lock(7); return 1; end $$",
    ] {
        house.run(&db, sql(statement), json!({})).await.unwrap();
    }
    let who = "select coalesce(current_setting('app.who', true), '') as who";
    // of any connection: a closed one must not keep them for a moment
    let locks = "select count(*)::int n from pg_locks l join pg_database d on d.oid = l.database \
        where locktype = 'advisory' and datname = current_database()";
    let temp = "select count(*)::int n from pg_class where relpersistence = 't'";
    assert_no_state_left(
        &house,
        &db,
        &[
            ("set app.who = 'FAKE'", who),
            ("set session app.who = 'FAKE'", who),
            ("select set_config('app.who', 'FAKE', false)", who),
            ("select secretly()", who),
            ("select secretly()", temp),
            ("do $$ begin perform set_config('app.who', 'FAKE', false); end $$", who),
            ("set search_path = pg_catalog", "select current_setting('search_path') p"),
            ("set time zone 'Asia/Tokyo'", "select current_setting('timezone') z"),
            ("set role pg_monitor", "select current_user::text u"),
            ("set session authorization pg_monitor", "select session_user::text u"),
            ("create temp table v as select 'FAKE' x", temp),
            ("select 'FAKE' x into temp table w", temp),
            ("create temp view vv as select 'FAKE' x", temp),
            ("select pg_advisory_lock(1)", locks),
            ("select pg_try_advisory_lock_shared(2)", locks),
            ("select locks()", locks),
            ("with l as (select pg_advisory_lock(3)) select count(*) from l", locks),
            ("prepare p as select 1", "select count(*)::int n from pg_prepared_statements where name = 'p'"),
            ("select prepares()", "select count(*)::int n from pg_prepared_statements where name = 'q'"),
            ("select nextval('t_id_seq'), prepares()", "select lastval()"),
            ("declare c cursor with hold for select 1", "select count(*)::int n from pg_cursors where name = 'c'"),
            ("listen news", "select count(*)::int n from pg_listening_channels()"),
            ("insert into t (x) values ('a')", "select lastval()"),
            ("insert into t (x) values ('a')", "select currval('t_id_seq')"),
        ],
    )
    .await;
    // a statement that leaves no state keeps its connection
    let pid = async || house.data(&db, sql("select pg_backend_pid() p"), json!({})).await;
    let first = pid().await;
    for statement in
        ["select count(*) from t where lower(x) = 'a'", "insert into t (x) values ('b')", "select secretly()"]
    {
        house.run(&db, sql(statement), json!({})).await.unwrap();
        assert_eq!(pid().await, first, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_sessions_keep_no_state_between_queries() {
    let house = House::new();
    let server = mariadb::mariadb();
    let options = json!({
        "host": "127.0.0.1", "port": server.port, "user": "admin", "password": mariadb::PASSWORD, "database": "one",
        "poolSize": 1,
    });
    let db = source("mysql", options);
    for statement in [
        "create or replace table sessions_t (id int auto_increment primary key, x text)",
        "create or replace function sessions_f() returns int begin set @who = 'FAKE'; return 1; end",
        "create or replace function sessions_l() returns int begin return get_lock('sessions', 1); end",
    ] {
        house.run(&db, sql(statement), json!({})).await.unwrap();
    }
    let locked = "select is_used_lock('sessions') is null free";
    assert_no_state_left(
        &house,
        &db,
        &[
            ("set @who = 'FAKE'", "select @who w"),
            ("select @who := 'FAKE' w", "select @who w"),
            ("select 'FAKE' into @who", "select @who w"),
            ("select sessions_f()", "select @who w"),
            ("insert into sessions_t (x) values (sessions_f())", "select @who w"),
            ("set sql_mode = 'ANSI_QUOTES'", "select @@sql_mode m"),
            ("set time_zone = '+09:00'", "select @@time_zone z"),
            ("create temporary table sessions_t select 'FAKE' x", "select count(*) n from sessions_t where x = 'FAKE'"),
            ("select get_lock('sessions', 1)", locked),
            ("select sessions_l()", locked),
            ("prepare p from 'select 1'", "execute p"),
            ("use mysql", "select database() d"),
            ("insert into sessions_t (x) values ('a')", "select last_insert_id() i"),
            ("update sessions_t set x = 'b'", "select row_count() r"),
            ("select sql_calc_found_rows id from sessions_t limit 1", "select found_rows() f"),
        ],
    )
    .await;
    let thread = async || house.data(&db, sql("select connection_id() c"), json!({})).await;
    let first = thread().await;
    for statement in ["select count(*) from sessions_t where lower(x) = 'a'", "insert into sessions_t (x) values ('c')"]
    {
        house.run(&db, sql(statement), json!({})).await.unwrap();
        assert_eq!(thread().await, first, "{statement}");
    }
}
