//! Queries through `PgBouncer`: each gets its own result, on whichever server connection it runs.
use super::{database, exec};
use crate::{
    connect::{House, Source, sql},
    support::{pgbouncer::pgbouncer, postgres::postgres},
};
use jet_admin::connect::{Mode, Slice};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Returns a datasource for the same database through a pooler.
fn through(port: u16, db: &Source) -> Source {
    let mut through_it = db.clone();
    through_it.0.id = uuid::Uuid::new_v4();
    through_it.0.options.insert("port".to_owned(), port.into());
    through_it.0.options.insert("sslMode".to_owned(), "disable".into());
    through_it
}

/// Runs sixty queries of three kinds, six at once. Returns the wrong results and the errors.
async fn run_sixty(house: &Arc<House>, db: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    for batch in 0..10 {
        let mut queries = JoinSet::new();
        for i in 0..6 {
            let (house, db, number) = (Arc::clone(house), db.clone(), batch * 6 + i);
            queries.spawn(async move {
                let (text, expected) = match i % 3 {
                    0 => ("select {{ params.n }}::int as v, pg_sleep(0.005) as s", json!([{"v": number, "s": null}])),
                    1 => (
                        "select 'B' || {{ params.n }} as v, now() is null as b",
                        json!([{"v": format!("B{number}"), "b": false}]),
                    ),
                    _ => ("select array[{{ params.n }}::int8] as v", json!([{"v": [number]}])),
                };
                let query = json!({"options": {"sql": text}, "parameters": [{"name": "n", "type": "number"}]});
                match house.run(&db, query, json!({"n": number})).await {
                    Ok(found) if *found.data == expected => None,
                    Ok(found) => Some(format!("{expected} expected, {} found", found.data)),
                    Err(error) => Some(error.to_string()),
                }
            });
        }
        wrong.extend(queries.join_all().await.into_iter().flatten());
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_through_a_pooler_gets_its_own_result() {
    let house = Arc::new(House::new());
    let db = database(&house, postgres(), "pooled", json!({})).await;
    // in session mode each of our connections occupies one of the pooler's until it is closed
    for (mode, size) in [("transaction", 4), ("session", 20), ("statement", 4)] {
        let pooler = pgbouncer(mode, size);
        let through_it = through(pooler.port, &db);
        if mode == "statement" {
            // this mode allows no transactions of several statements: an error is fine, a wrong result is not
            let refused = house.run(&through_it, sql("select 1 as v"), json!({})).await;
            assert!(refused.is_err() || *refused.unwrap().data == json!([{"v": 1}]));
            continue;
        }
        // one process, then another one on the connections that the first left behind, then both at once
        assert_eq!(run_sixty(&house, &through_it).await, [""; 0], "{mode}");
        let other = Arc::new(House::new());
        assert_eq!(run_sixty(&other, &through_it).await, [""; 0], "{mode}, another process");
        let (first, second) = tokio::join!(run_sixty(&house, &through_it), run_sixty(&other, &through_it));
        assert_eq!((first, second), (Vec::new(), Vec::new()), "{mode}, both");
        let left = "select count(*)::int as n from pg_prepared_statements";
        assert_eq!(
            house.data(&through_it, sql(left), json!({})).await,
            json!([{"n": 0}]),
            "{mode}: prepared statements remain on the server"
        );
    }
}

#[tokio::test]
async fn every_feature_works_through_a_pooler() {
    let house = House::new();
    let db = database(&house, postgres(), "pooled_all", json!({})).await;
    let pooler = pgbouncer("transaction", 1);
    let through_it = through(pooler.port, &db);
    exec(
        &house,
        &through_it,
        &[
            "create type mood as enum ('ok', 'bad')",
            "create table t (id int primary key, m mood, j jsonb, a int[])",
            "create function put(i int) returns int language sql as 'insert into t (id) values (i) returning id'",
        ],
    )
    .await;
    let insert = json!({
        "options": {"sql": "insert into t values ({{ params.id }}, {{ params.m }}, {{ params.j }}, {{ array(params.a) }}) returning *"},
        "parameters": [{"name": "id", "type": "number"}, {"name": "m"}, {"name": "j", "type": "object"}, {"name": "a", "type": "array"}],
    });
    let row = json!({"id": 1, "m": "ok", "j": {"k": [1]}, "a": [1, null]});
    let inserted = house.run(&through_it, insert, row.clone()).await.unwrap();
    assert_eq!((&*inserted.data, inserted.affected_rows), (&json!([row]), Some(1)));
    assert_eq!(
        house.data(&through_it, sql("select put(g) as p from generate_series(2, 4) g"), json!({})).await[2]["p"],
        4
    );
    let acl = house
        .data(
            &through_it,
            sql("select relacl, '1 day'::interval as i from pg_class where relname = 'pg_type'"),
            json!({}),
        )
        .await;
    assert_eq!((&acl[0]["relacl"][1], &acl[0]["i"]), (&json!("=r/admin"), &json!("1 day")));
    let page = Some(Slice { offset: 1, limit: 2 });
    let paged = house.ask(&through_it, sql("select id from t order by id"), Mode::Run, page).await.unwrap();
    assert_eq!((&*paged.data, paged.truncated), (&json!([{"id": 2}, {"id": 3}]), true));
    let preview = house.ask(&through_it, sql("delete from t"), Mode::Preview, None).await.unwrap();
    assert_eq!(preview.affected_rows, Some(4));
    let plan = house.ask(&through_it, sql("select * from t"), Mode::Explain, None).await.unwrap();
    assert!(plan.data[0]["QUERY PLAN"].is_array());
    let mut safe = through_it.clone();
    safe.0.id = uuid::Uuid::new_v4();
    safe.0.options.insert("readOnly".to_owned(), true.into());
    for write in ["delete from t", "select put(9)"] {
        assert!(house.run(&safe, sql(write), json!({})).await.is_err(), "{write}");
    }
    exec(&house, &through_it, &["alter table t add column b text"]).await;
    assert_eq!(house.data(&through_it, sql("select * from t where id = 1"), json!({})).await[0]["b"], Value::Null);
    assert_eq!(house.data(&through_it, sql("select count(*)::int as n from t"), json!({})).await, json!([{"n": 4}]));
}

#[tokio::test]
async fn a_connection_string_for_a_pooler_disables_prepared_statements() {
    let house = House::new();
    let server = postgres();
    // the counting query is prepared too, and matches its own pattern
    for (more, kept) in [("", 2), ("?pgbouncer=true", 0), ("?statement_cache_size=0", 0)] {
        let text = format!("postgres://admin:s3cret-p%C3%A4ssword@127.0.0.1:{}/postgres{more}", server.port);
        let mut db = Source::new("postgresql", json!({"connectionString": text, "poolSize": 1}));
        db.0.id = uuid::Uuid::new_v4();
        for _ in 0..3 {
            house.run(&db, sql("select 1 as kept"), json!({})).await.unwrap();
        }
        let count =
            "select count(*)::int as n from pg_prepared_statements where statement like '%as kept%' and not from_sql";
        let found = house.data(&db, sql(count), json!({})).await;
        assert_eq!(found, json!([{"n": kept}]), "{more}");
    }
}
