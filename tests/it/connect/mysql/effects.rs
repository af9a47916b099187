//! Effects of statements are complete, empty lists work, and server settings do not change results.
use super::{House, Value, database, exec, json, source, sql};
use crate::connect::{
    TENANT,
    effects::{assert_effects_are_complete, assert_empty_lists_work, assert_shown_queries_change_nothing},
    object,
};
use crate::support::mariadb::{PASSWORD, mariadb};

#[tokio::test]
async fn a_row_limit_does_not_cut_effects_short() {
    let house = House::new();
    let db = database(&house, "effects", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table log (id int)",
            "create table ids (id int)",
            "insert into ids select seq from seq_1_to_3000",
            "create function archive(i int) returns int begin insert into log values (i); return i; end",
            "create function quiet(i int) returns int begin declare continue handler for sqlexception return 0; insert into log values (i); return i; end",
            "create view archiving as select archive(id) as id from ids",
            "create sequence counter",
            "create procedure several() begin insert into log values (1); select 1 as a; select 2 as b; end",
        ],
    )
    .await;
    let statements = [
        ("select archive(id) from ids", 3000, Value::Null, true),
        ("select `archive` (id) from ids", 3000, Value::Null, true),
        ("select quiet(id) from ids", 3000, Value::Null, true),
        ("select * from archiving", 3000, Value::Null, true),
        ("insert into log select id from ids returning id", 3000, json!(3000), true),
        ("insert into log select id from ids", 3000, json!(3000), false),
        // only the first of several results is returned, and the outcome is marked as truncated
        ("call several()", 1, Value::Null, true),
    ];
    assert_effects_are_complete(&house, &db, &statements).await;
    let numbers = json!({"maxRows": 10, "options": {"sql": "select nextval(counter) as n from ids"}});
    house.run(&db, numbers, json!({})).await.unwrap();
    let next = house.data(&db, sql("select nextval(counter) as n"), json!({})).await;
    assert_eq!(next, json!([{"n": 3001}]));
    let long = json!({"maxRows": 10, "options": {"sql": "select a.seq, to_base64('x') from seq_1_to_100000 a, seq_1_to_100000 b"}});
    let started = std::time::Instant::now();
    assert!(house.run(&db, long, json!({})).await.unwrap().truncated);
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}

#[tokio::test]
async fn an_empty_list_matches_no_rows() {
    let house = House::new();
    let db = database(&house, "empties", json!({})).await;
    exec(
        &house,
        &db,
        &["create table t (id int, v varchar(9))", "insert into t values (1, 'a'), (2, 'b'), (null, null)"],
    )
    .await;
    let conditions = [
        ("id not in ({{ params.ids }})", 3),
        ("id in ({{ params.ids }})", 0),
        ("not (id in ({{ params.ids }}))", 3),
        ("v not in ( {{ params.ids }} )", 3),
        ("true -- id not in ({{ params.ids }})", 3),
        ("true # {{ params.undeclared }}", 3),
    ];
    assert_empty_lists_work(&house, &db, &conditions).await;
}

#[tokio::test]
async fn server_settings_do_not_change_values() {
    let house = House::new();
    let db = database(&house, "settings", json!({})).await;
    exec(
        &house,
        &source(json!({})),
        &[
            &format!("create user if not exists plain@'%' identified by '{PASSWORD}'"),
            "grant all on settings.* to plain@'%'",
        ],
    )
    .await;
    exec(&house, &db, &["create table t (u varchar(20), ts timestamp null, j json)"]).await;
    let write = json!({"options": {"sql": "insert into t values ('größe 𝒳', {{ params.at }}, '{\"id\": 9007199254740993, \"f\": 0.1234567890123456789}')"},
        "parameters": [{"name": "at", "type": "date"}]});
    house.run(&db, write, json!({"at": "2026-01-31T12:00:00Z"})).await.unwrap();
    let expected = json!([{"u": "größe 𝒳", "ts": "2026-01-31T12:00:00Z", "j": "{\"id\": 9007199254740993, \"f\": 0.1234567890123456789}", "q": "a"}]);
    let read = sql("select u, ts, j, 'a' as q from t where u = 'größe 𝒳'");
    for setting in [
        "init_connect = 'set names latin1'",
        "time_zone = '+05:00'",
        "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
        "tx_read_only = 0",
    ] {
        exec(&house, &source(json!({})), &[&format!("set global {setting}")]).await;
        let fresh = super::changed(&db, json!({"user": "plain"}));
        let found = house.data(&fresh, read.clone(), json!({})).await;
        exec(&house, &source(json!({})), &["set global init_connect = '', time_zone = 'SYSTEM', sql_mode = default"])
            .await;
        assert_eq!(found, expected, "{setting}");
    }
}

#[tokio::test]
async fn geometries_keep_their_reference_system() {
    let house = House::new();
    let db = database(&house, "places", json!({})).await;
    let found = house.data(&db, sql("select st_geomfromtext('POINT(1 2)', 4326) as g"), json!({})).await;
    assert_eq!(found, json!([{"g": "SRID=4326;POINT(1 2)"}]));
}

#[tokio::test]
async fn connection_string_options_are_applied_or_refused() {
    let house = House::new();
    let at = |more: &str| format!("mariadb://admin:s3cret-p%C3%A4ssword@127.0.0.1:{}/one{more}", mariadb().port);
    let test = async |text: String| {
        house.queries.test(TENANT, "mysql", &object(json!({"connectionString": text}))).await.unwrap()
    };
    for (more, hint) in [
        ("", None),
        ("?ssl-mode=PREFERRED", None),
        ("?ssl={\"rejectUnauthorized\":false}&connection_limit=2", None),
        (
            "?sslaccept=accept_invalid_certs&pool_timeout=0",
            Some("ignored parameters in the connection string: pool_timeout"),
        ),
    ] {
        let report = test(at(more)).await;
        assert!(report.ok, "{more}: {report:?}");
        assert_eq!(report.hint.as_deref(), hint, "{more}");
    }
    for (text, name) in [(at("?local_infile=1"), "`local_infile`"), (format!("jdbc:{}", at("")), "`jdbc:`")] {
        let error = test(text).await.error.unwrap();
        assert!(error.starts_with("options.connectionString") && error.contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_query_whose_rows_are_only_shown_changes_nothing() {
    let house = House::new();
    let db = database(&house, "shown", json!({})).await;
    let function = "create function log_it(i int) returns int begin insert into seen values (i); return i; end";
    exec(&house, &db, &["create table seen (id int)", function]).await;
    assert_shown_queries_change_nothing(&house, &db).await;
}
