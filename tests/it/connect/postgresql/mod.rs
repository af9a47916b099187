//! `postgresql` against a real server.
mod effects;
mod errors;
mod poolers;
mod session;
mod tables;
mod tls;
pub mod types;
mod ways;

use super::{House, Source, TENANT, injection, object, sql};
use crate::support::postgres::{PASSWORD, Postgres, postgres};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub fn options(server: &Postgres, more: Value) -> Value {
    let mut options = object(json!({
        "host": "127.0.0.1", "port": server.port, "database": "postgres", "user": "admin", "password": PASSWORD,
    }));
    options.extend(object(more));
    Value::Object(options)
}

pub fn source(server: &Postgres, more: Value) -> Source {
    Source::new("postgresql", options(server, more))
}

/// Creates a database for one test.
pub async fn database(house: &House, server: &Postgres, name: &str, more: Value) -> Source {
    let created = house.run(&source(server, json!({})), sql(&format!("create database {name}")), json!({})).await;
    created.unwrap();
    let mut source = source(server, json!({"database": name}));
    source.0.options.extend(object(more));
    source.0.id = uuid::Uuid::new_v4();
    source
}

pub async fn exec(house: &House, source: &Source, statements: &[&str]) {
    for statement in statements {
        house.run(source, sql(statement), json!({})).await.unwrap();
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_type_is_read_exactly() {
    let server = postgres();
    let house = House::new();
    let db = database(&house, server, "types", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create type mood as enum ('ok', 'bad')",
            "create type pair as (a int, b text)",
            "create domain positive as int check (value > 0)",
        ],
    )
    .await;
    for (expression, expected) in [
        ("true", json!(true)),
        ("7::int2", json!(7)),
        ("9007199254740992", json!(9_007_199_254_740_992_i64)),
        ("9007199254740993", json!("9007199254740993")),
        ("1.5::float4", json!(1.5)),
        ("0.1::float4", json!(0.1)),
        ("'NaN'::float8", json!("NaN")),
        ("12.50::numeric", json!(12.5)),
        ("0.000123::numeric", json!(0.000_123)),
        ("-10000.0001::numeric", json!(-10000.0001)),
        ("100000000::numeric", json!(100_000_000)),
        ("12345678901234567890.123456789::numeric", json!("12345678901234567890.123456789")),
        ("0.1234567890123456789::numeric", json!("0.1234567890123456789")),
        ("'NaN'::numeric", json!("NaN")),
        ("'Infinity'::numeric", json!("Infinity")),
        ("'1234.56'::money", json!("1234.56")),
        ("'2026-01-31'::date", json!("2026-01-31")),
        ("'infinity'::date", json!("infinity")),
        ("'10:11:12.5'::time", json!("10:11:12.500")),
        ("'10:11:12+05:30'::timetz", json!("10:11:12+05:30")),
        ("'2026-01-31 10:11:12.25'::timestamp", json!("2026-01-31T10:11:12.250")),
        ("'2026-01-31 10:11:12+02'::timestamptz", json!("2026-01-31T08:11:12Z")),
        ("'infinity'::timestamptz", json!("infinity")),
        ("'1 year 2 mons 3 days 04:05:06.7'::interval", json!("1 year 2 mons 3 days 04:05:06.7")),
        ("'-1 day'::interval", json!("-1 day")),
        ("'{\"a\": [1, 2.5]}'::json", json!({"a": [1, 2.5]})),
        ("'{\"a\": null}'::jsonb", json!({"a": null})),
        ("array[1, null, 3]", json!([1, null, 3])),
        ("array[[1, 2], [3, 4]]", json!([[1, 2], [3, 4]])),
        ("'{}'::text[]", json!([])),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("'\\x00ff'::bytea", json!("\\x00ff")),
        ("'ok'::mood", json!("ok")),
        ("array['ok', 'bad']::mood[]", json!(["ok", "bad"])),
        ("row(1, 'x')::pair", json!({"a": 1, "b": "x"})),
        ("5::positive", json!(5)),
        ("'10.0.0.1'::inet", json!("10.0.0.1")),
        ("'10.0.0.0/8'::cidr", json!("10.0.0.0/8")),
        ("'::1'::inet", json!("::1")),
        ("'08:00:2b:01:02:03'::macaddr", json!("08:00:2b:01:02:03")),
        ("int4range(1, 10)", json!("[1,10)")),
        ("'empty'::int4range", json!("empty")),
        ("numrange(1.5, null)", json!("[1.5,)")),
        ("'{[1,3), [5,7)}'::int4multirange", json!("{[1,3),[5,7)}")),
        ("B'10110'", json!("10110")),
        ("point(1.5, 2)", json!("(1.5,2)")),
        ("'x'::\"char\"", json!("x")),
        ("null::int", Value::Null),
        ("'größer 𝒳'::text", json!("größer 𝒳")),
    ] {
        let found = house.data(&db, sql(&format!("select {expression} as v")), json!({})).await;
        assert_eq!(found, json!([{"v": expected}]), "{expression}");
    }
    let outcome = house.run(&db, sql("select 1 as a, 'x'::varchar as a, now() as t"), json!({})).await.unwrap();
    let columns = serde_json::to_value(outcome.columns).unwrap();
    assert_eq!(
        columns,
        json!([{"name": "a", "type": "int4"}, {"name": "a_2", "type": "varchar"}, {"name": "t", "type": "timestamptz"}])
    );
}

#[tokio::test]
async fn values_are_bound_as_the_types_that_the_statement_expects() {
    let server = postgres();
    let house = House::new();
    let db = database(&house, server, "binding", json!({})).await;
    exec(&house, &db, &["create table t (i int, n numeric, d date, ts timestamptz, b bool, j jsonb, u uuid, x text)"])
        .await;
    let query = json!({
        "options": {"sql": "insert into t values ({{ params.i }}, {{ params.n }}, {{ params.d }}, {{ params.ts }}, {{ params.b }}, {{ params.j }}, {{ params.u }}, {{ params.x }}) returning *"},
        "parameters": [{"name": "i", "type": "number"}, {"name": "n", "type": "number"}, {"name": "d", "type": "date"}, {"name": "ts", "type": "date"},
            {"name": "b", "type": "boolean"}, {"name": "j", "type": "object"}, {"name": "u"}, {"name": "x"}],
    });
    let row = json!({"i": 7, "n": 1.25, "d": "2026-01-31", "ts": "2026-01-31T12:00:00Z", "b": true, "j": {"k": [1]}, "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "x": "it's"});
    let outcome = house.run(&db, query.clone(), row.clone()).await.unwrap();
    assert_eq!((&*outcome.data, outcome.affected_rows), (&json!([row]), Some(1)));
    let nulls = house.data(&db, query, json!({})).await;
    assert_eq!(nulls[0]["j"], Value::Null);
    let find = json!({"options": {"sql": "select x from t where i in ({{ params.ids }}) order by {{ ident(params.by) }}"},
        "parameters": [{"name": "ids", "type": "array"}, {"name": "by", "allowed": ["x", "i"]}]});
    assert_eq!(house.data(&db, find.clone(), json!({"ids": [7, 8], "by": "x"})).await, json!([{"x": "it's"}]));
    assert_eq!(house.data(&db, find, json!({"ids": [], "by": "x"})).await, json!([]));
}

#[tokio::test]
async fn hostile_values_stay_values() {
    let server = postgres();
    let house = House::new();
    let db = database(&house, server, "victim", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table victim (id integer primary key, name text)",
            "insert into victim values (1, 'first'), (2, 'second')",
            "create table secret (value text)",
            "insert into secret values ('hidden')",
            "create table kept (name text)",
        ],
    )
    .await;
    injection::attack(&house, &db, &injection::POSTGRESQL).await;
    injection::store_and_read(&house, &db).await;
}

#[tokio::test]
async fn results_are_truncated_and_writes_are_not() {
    let server = postgres();
    let house = House::new();
    let db = database(&house, server, "cut", json!({})).await;
    exec(&house, &db, &["create table t (a int)"]).await;
    let few = |text: &str| json!({"maxRows": 2, "options": {"sql": text}});
    let started = Instant::now();
    let cut = house.run(&db, few("select generate_series(1, 100000000) as g"), json!({})).await.unwrap();
    assert_eq!((cut.row_count, cut.truncated), (2, true));
    let cut =
        house.run(&db, few("insert into t select * from generate_series(1, 5) returning a"), json!({})).await.unwrap();
    assert_eq!((cut.row_count, cut.truncated), (2, true));
    let update = house.run(&db, sql("update t set a = 0"), json!({})).await.unwrap();
    assert_eq!((&*update.data, update.affected_rows), (&json!([]), Some(5)));
    let big = house
        .run(
            &db,
            json!({"maxRows": 100_000, "options": {"sql": "select repeat('x', 100000) from generate_series(1, 1000)"}}),
            json!({}),
        )
        .await
        .unwrap();
    assert!(big.truncated && big.row_count < 340, "{}", big.row_count);
    exec(&house, &db, &["vacuum t"]).await;
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_broken_connection_is_replaced_silently() {
    let server = postgres();
    let house = House::new();
    let db = database(&house, server, "broken", json!({"poolSize": 1})).await;
    exec(&house, &db, &["create table t (a int)", "insert into t values (1)"]).await;
    let all = sql("select * from t");
    house.data(&db, all.clone(), json!({})).await;
    exec(&house, &db, &["alter table t add column b text"]).await;
    assert_eq!(house.data(&db, all, json!({})).await, json!([{"a": 1, "b": null}]), "a stale plan is prepared again");
    let kill = sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = 'broken'");
    for _ in 0..5 {
        house.run(&source(server, json!({})), kill.clone(), json!({})).await.unwrap();
        assert_eq!(house.data(&db, sql("select 1 as a"), json!({})).await, json!([{"a": 1}]));
    }
}

#[tokio::test]
async fn only_reads_are_cached() {
    let server = postgres();
    let house = House::new();
    let db = database(&house, server, "cached", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table t (a int)",
            "create function put() returns int language sql as 'insert into t values (1) returning a'",
        ],
    )
    .await;
    let cached = |text: &str| json!({"cacheSeconds": 60, "options": {"sql": text}});
    for _ in 0..2 {
        for write in ["insert into t values (1)", "insert into t values (1) returning a", "select put()"] {
            house.run(&db, cached(write), json!({})).await.unwrap();
        }
    }
    assert_eq!(house.data(&db, sql("select count(*)::int as n from t"), json!({})).await, json!([{"n": 6}]));
    let first = house.data(&db, cached("select random() as r"), json!({})).await;
    assert_eq!(house.data(&db, cached("select random() as r"), json!({})).await, first);
}

#[tokio::test]
async fn a_connection_test_names_the_failed_stage() {
    let server = postgres();
    let house = House::new();
    let test =
        async |more: Value| house.queries.test(TENANT, "postgresql", &object(options(server, more))).await.unwrap();
    let good = test(json!({})).await;
    assert!(good.ok && good.server_version.is_some(), "{good:?}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (more, expected) in [
        (json!({"host": "no-such-host.invalid"}), "DNS: the name no-such-host.invalid cannot be resolved"),
        (json!({"port": closed}), "TCP: "),
        (json!({"password": "wrong-password"}), "authentication: password authentication failed for user \"admin\""),
        (json!({"password": null}), "authentication: "),
        (json!({"database": "nope"}), "database name: database \"nope\" does not exist"),
        (json!({"sslMode": "verify-full"}), "TLS: "),
        (json!({"sslMode": "verify-full", "sslCa": server.authority.certificate}), "TLS: "),
        (json!({"host": "169.254.169.254"}), "169.254.169.254: link-local"),
        (json!({"port": 1}), "127.0.0.1: this is the server's own port"),
    ] {
        let report = test(more.clone()).await;
        let error = report.error.unwrap_or_default();
        assert!(!report.ok && error.starts_with(expected), "{more}: {error}");
        assert!(!error.contains("wrong-password"));
    }
    let address =
        format!("postgresql://admin:{}@127.0.0.1:{}/postgres?sslmode=require", "s3cret-p%C3%A4ssword", server.port);
    let report = house.queries.test(TENANT, "postgresql", &object(json!({"connectionString": address}))).await.unwrap();
    assert!(report.ok, "{report:?}");
    for text in
        ["host=/tmp user=x", "not a string", "postgresql://h/?hostaddr=1.2.3.4&host=h", "postgresql://h/?sslmode=odd"]
    {
        let refused =
            house.queries.test(TENANT, "postgresql", &object(json!({"connectionString": text}))).await.unwrap();
        assert!(refused.error.unwrap().starts_with("options.connectionString"), "{text}");
    }
}
