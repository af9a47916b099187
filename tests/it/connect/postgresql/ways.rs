//! Types without a binary format, and server settings that change the text format of values.
use super::{database, exec, source};
use crate::{
    connect::{House, Source, TENANT, object, sql},
    support::postgres::postgres,
};
use serde_json::{Value, json};

fn connected_to(db: &Source, name: &str) -> Source {
    let mut other = db.clone();
    other.0.id = uuid::Uuid::new_v4();
    other.0.options.insert("database".to_owned(), name.into());
    other
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn types_without_a_binary_format_are_read() {
    let house = House::new();
    let db = database(&house, postgres(), "ways", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create extension hstore",
            "create extension ltree",
            "create extension isn",
            "create extension seg",
            "create extension cube",
            "create extension intarray",
            "create type bug_mood as enum ('ok')",
            "create domain bug_pct as int check (value < 101)",
            "create type bug_addr as (street text, number int)",
            "create type holder as (who aclitem, street bug_addr)",
        ],
    )
    .await;
    for (expression, expected) in [
        ("'admin=r/admin'::aclitem", json!("admin=r/admin")),
        ("array['admin=r/admin'::aclitem, null]", json!(["admin=r/admin", null])),
        ("row('admin=r/admin', row('s', 5))::holder", json!("(admin=r/admin,\"(s,5)\")")),
        ("row(1, 'admin=r/admin'::aclitem)", json!("(1,admin=r/admin)")),
        ("array[row(1, 'admin=r/admin'::aclitem)]", json!(["(1,admin=r/admin)"])),
        (
            "row(1, 7::bug_pct, row('s', 5)::bug_addr, array['ok'::bug_mood])",
            json!({"f1": 1, "f2": 7, "f3": {"street": "s", "number": 5}, "f4": ["ok"]}),
        ),
        ("array[row(1, 'ok'::bug_mood)]", json!([{"f1": 1, "f2": "ok"}])),
        ("row(1, row(2, 'ok'::bug_mood))", json!({"f1": 1, "f2": {"f1": 2, "f2": "ok"}})),
        ("'pg_class'::regclass", json!("pg_class")),
        ("array['int4'::regtype, 'text']", json!(["integer", "text"])),
        ("'now()'::regprocedure", json!("now()")),
        ("'admin'::regrole", json!("admin")),
        ("'978-0-393-04002-9'::isbn13", json!("978-0-393-04002-9")),
        ("'1 .. 2'::seg", json!("1 .. 2")),
        ("cube(array[1, 2])", json!("(1, 2)")),
        ("'1&2'::query_int", json!("1 & 2")),
        ("'a=>1, b=>NULL'::hstore", json!("\"a\"=>\"1\", \"b\"=>NULL")),
        ("array['Top.Science'::ltree]", json!(["Top.Science"])),
        ("'$.a'::jsonpath", json!("$.\"a\"")),
        ("'{\"a\": 1, \"a\": 2}'::json", json!("{\"a\": 1, \"a\": 2}")),
        ("'infinity'::timestamp", json!("infinity")),
        ("'NaN'::numeric", json!("NaN")),
        ("340282366920938463463374607431768211455", json!("340282366920938463463374607431768211455")),
        ("'cursor'::refcursor", json!("cursor")),
        ("null::aclitem", Value::Null),
        ("null::record", Value::Null),
    ] {
        let found = house.run(&db, sql(&format!("select {expression} as v")), json!({})).await;
        assert_eq!(
            found.map(|found| (*found.data).clone()).map_err(|error| error.to_string()),
            Ok(json!([{"v": expected}])),
            "{expression}"
        );
        // again in a subquery, when the types are known already
        let again =
            house.data(&db, sql(&format!("with w as (select {expression} as v) select * from w")), json!({})).await;
        assert_eq!(again, json!([{"v": expected}]), "{expression}");
    }
    for catalog in [
        "pg_namespace",
        "pg_class",
        "pg_type",
        "pg_proc",
        "pg_attribute",
        "pg_statistic",
        "pg_index",
        "pg_stats",
        "pg_aggregate",
        "pg_operator",
        "pg_constraint",
        "pg_trigger",
        "pg_rewrite",
        "pg_settings",
        "pg_locks",
        "pg_stat_activity",
    ] {
        let found = house
            .run(
                &db,
                json!({"maxRows": 2000, "options": {"sql": format!("select * from pg_catalog.{catalog}")}}),
                json!({}),
            )
            .await;
        assert!(found.is_ok(), "{catalog}: {:?}", found.err());
    }
    let returned = "insert into held select 'admin=r/admin' returning *";
    exec(&house, &db, &["create table held (a aclitem)"]).await;
    let outcome = house.run(&db, sql(returned), json!({})).await.unwrap();
    assert_eq!((&*outcome.data, outcome.affected_rows), (&json!([{"a": "admin=r/admin"}]), Some(1)));
}

#[tokio::test]
async fn types_that_change_during_a_connection_are_read_correctly() {
    let house = House::new();
    let db = database(&house, postgres(), "altered", json!({"poolSize": 1})).await;
    let other = database(&house, postgres(), "altered_by", json!({})).await;
    let elsewhere = connected_to(&other, "altered");
    exec(
        &house,
        &db,
        &["create type mood as enum ('ok')", "create type pair as (a int, b text)", "create table t (m mood, p pair)"],
    )
    .await;
    exec(&house, &db, &["insert into t values ('ok', row(1, 'x'))"]).await;
    let all = sql("select m, p, row(p) as r from t");
    assert_eq!(
        house.data(&db, all.clone(), json!({})).await,
        json!([{"m": "ok", "p": {"a": 1, "b": "x"}, "r": {"f1": {"a": 1, "b": "x"}}}])
    );
    exec(&house, &elsewhere, &["alter type mood add value 'bad'", "alter type pair add attribute c int"]).await;
    exec(&house, &elsewhere, &["update t set m = 'bad'"]).await;
    let whole = json!({"a": 1, "b": "x", "c": null});
    assert_eq!(house.data(&db, all.clone(), json!({})).await, json!([{"m": "bad", "p": whole, "r": {"f1": whole}}]));
    exec(&house, &elsewhere, &["alter table t alter column m type text", "alter type pair drop attribute b"]).await;
    assert_eq!(house.data(&db, all, json!({})).await[0]["p"], json!({"a": 1, "c": null}));
    let write = sql("update t set m = 'x' returning m, p");
    house.data(&db, write.clone(), json!({})).await;
    exec(&house, &elsewhere, &["alter type pair rename attribute c to d", "alter table t add column z int"]).await;
    assert_eq!(house.data(&db, write, json!({})).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn money_has_the_digits_of_its_currency() {
    let house = House::new();
    let db = database(&house, postgres(), "yen", json!({})).await;
    for (locale, written, read) in
        [("ja_JP.utf8", "1234", "1234"), ("de_DE.utf8", "1234,56", "1234.56"), ("C", "1234.56", "1234.56")]
    {
        let set = format!("alter database yen set lc_monetary = '{locale}'");
        house.run(&source(postgres(), json!({})), sql(&set), json!({})).await.unwrap();
        // a new connection, which uses the new setting
        let db = connected_to(&db, "yen");
        let both = format!(
            "select '{written}'::money as m, ('{written}'::money)::numeric::text as n, array['{written}'::money] as a, row('{written}'::money) as r"
        );
        let found = house.data(&db, sql(&both), json!({})).await;
        assert_eq!(found, json!([{"m": read, "n": read, "a": [read], "r": {"f1": read}}]), "{locale}");
        let back = json!({"options": {"sql": "select {{ params.m }}::money = {{ params.n }}::numeric::money as same"}, "parameters": [{"name": "m"}, {"name": "n"}]});
        assert_eq!(house.data(&db, back, json!({"m": read, "n": read})).await, json!([{"same": true}]), "{locale}");
    }
}

#[tokio::test]
async fn server_settings_do_not_change_values() {
    let house = House::new();
    let db = database(&house, postgres(), "settings", json!({})).await;
    let query = sql(
        "select '1 year -2 days'::interval as i, '\\x00ff'::bytea as b, '2026-02-03'::date as d, '2026-02-03 04:05+00'::timestamptz as t,
         0.1::float4 as f, array['2026-02-03'::date] as a, 'größe' as u, row('-1 day'::interval, 'admin=r/admin'::aclitem)::text as r,
         ('2026-02-03 04:05+00'::timestamptz)::date::text as z",
    );
    let expected = json!([{
        "i": "1 year -2 days", "b": "\\x00ff", "d": "2026-02-03", "t": "2026-02-03T04:05:00Z", "f": 0.1, "a": ["2026-02-03"],
        "u": "größe", "r": "(\"-1 days\",admin=r/admin)", "z": "2026-02-03",
    }]);
    for setting in [
        "intervalstyle = 'sql_standard'",
        "intervalstyle = 'iso_8601'",
        "bytea_output = 'escape'",
        "datestyle = 'SQL, DMY'",
        "timezone = 'America/St_Johns'",
        "extra_float_digits = -10",
        "client_encoding = 'LATIN1'",
        "default_transaction_isolation = 'serializable'",
    ] {
        let set = format!("alter database settings set {setting}");
        house.run(&source(postgres(), json!({})), sql(&set), json!({})).await.unwrap();
        assert_eq!(house.data(&connected_to(&db, "settings"), query.clone(), json!({})).await, expected, "{setting}");
    }
    // a setting that forbids writes is respected
    let set = "alter database settings set default_transaction_read_only = on";
    house.run(&source(postgres(), json!({})), sql(set), json!({})).await.unwrap();
    let refused = house.run(&connected_to(&db, "settings"), sql("create table t (a int)"), json!({})).await;
    assert!(refused.unwrap_err().to_string().contains("read-only"));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_refused_with_a_hint() {
    let house = House::new();
    let make = "create database ascii encoding 'SQL_ASCII' locale 'C' template template0";
    house.run(&source(postgres(), json!({})), sql(make), json!({})).await.unwrap();
    let db = connected_to(&source(postgres(), json!({})), "ascii");
    exec(&house, &db, &["create table t (a text)", "insert into t select convert_from('\\xff41'::bytea, 'SQL_ASCII')"])
        .await;
    let error = house.run(&db, sql("select a from t"), json!({})).await.unwrap_err();
    let jet_admin::Error::Datasource(problem) = error else { panic!("{error}") };
    assert_eq!(problem.code.as_deref(), Some("22021"));
    assert!(problem.hint.unwrap().contains("encode(convert_to("));
    let bytes = house.data(&db, sql("select encode(convert_to(a, 'SQL_ASCII'), 'hex') as a from t"), json!({})).await;
    assert_eq!(bytes, json!([{"a": "ff41"}]));
}

#[tokio::test]
async fn connection_string_options_are_applied_or_refused() {
    let house = House::new();
    let server = postgres();
    database(&house, server, "strings", json!({})).await;
    let at = |more: &str| format!("postgresql://admin:s3cret-p%C3%A4ssword@127.0.0.1:{}/strings{more}", server.port);
    let test = async |text: String| {
        house.queries.test(TENANT, "postgresql", &object(json!({"connectionString": text}))).await.unwrap()
    };
    for more in [
        "?pgbouncer=true",
        "?schema=public",
        "?connection_limit=1&sslmode=disable",
        "?sslmode=no-verify",
        "?uselibpqcompat=true&sslmode=prefer",
        "?channel_binding=prefer",
        "?target_session_attrs=read-write",
        "?options=-c%20timezone%3DEurope/Berlin",
    ] {
        let report = test(at(more)).await;
        assert!(report.ok, "{more}: {report:?}");
        assert_eq!(report.hint.is_some(), more.contains("libpq"), "{more}: {report:?}");
    }
    let with_tls = test(at("?sslmode=require&channel_binding=require")).await;
    assert!(with_tls.ok, "{with_tls:?}");
    let without_tls = test(at("?sslmode=disable&channel_binding=require")).await.error.unwrap();
    assert!(without_tls.starts_with("authentication: ") && without_tls.contains("channel_binding"), "{without_tls}");
    let unknown = test(at("?replication=database")).await.error.unwrap();
    assert!(unknown.starts_with("options.connectionString") && unknown.contains("`replication`"), "{unknown}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let two = format!("postgresql://admin:s3cret-p%C3%A4ssword@127.0.0.1:{closed},127.0.0.1:{}/strings", server.port);
    assert!(test(two).await.ok, "the second host is tried");
    let elsewhere = at("?options=-c%20timezone%3DEurope/Berlin&schema=pg_catalog");
    let mut zone = Source::new("postgresql", json!({"connectionString": elsewhere}));
    zone.0.id = uuid::Uuid::new_v4();
    let found = house.data(&zone, sql("select current_setting('TimeZone') as z, current_schema as s"), json!({})).await;
    assert_eq!(found, json!([{"z": "Europe/Berlin", "s": "pg_catalog"}]));
}
