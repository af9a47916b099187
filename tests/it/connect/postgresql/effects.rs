//! Effects of statements are complete, even if only a part of the result is returned.
use super::{database, exec};
use crate::{
    connect::{
        House,
        effects::{assert_effects_are_complete, assert_empty_lists_work, assert_shown_queries_change_nothing},
        sql,
    },
    support::postgres::postgres,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_row_limit_does_not_cut_effects_short() {
    let house = House::new();
    let db = database(&house, postgres(), "effects", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table log (id int)",
            "create table ids as select generate_series(1, 3000) id",
            "create sequence counter",
            "create function archive(i int) returns int language plpgsql as $$ begin insert into log values (i); return i; end $$",
            "create function quiet(i int) returns int language plpgsql as $$ begin insert into log values (i); return 1; exception when others then return 0; end $$",
            "create function pure(i int) returns int language sql stable as 'select i'",
            "create view archiving as select archive(id) as id from ids",
            "create procedure twice(n int) language plpgsql as $$ begin insert into log values (n); commit; insert into log values (n); end $$",
        ],
    )
    .await;
    let statements = [
        ("select archive(id) from ids", 3000, Value::Null, true),
        ("select quiet(id) from ids", 3000, Value::Null, true),
        ("select \"archive\"(id) from public.ids order by id", 3000, Value::Null, true),
        ("select * from archiving", 3000, Value::Null, true),
        ("select * from ids where archive(id) > 0", 3000, Value::Null, true),
        ("with a as materialized (select archive(id) as id from ids) select * from a", 3000, Value::Null, true),
        ("insert into log select id from ids returning id", 3000, json!(3000), true),
        ("with w as (insert into log select id from ids returning id) select * from w", 3000, Value::Null, true),
        ("with w as (select id from ids) insert into log select id from w returning id", 3000, json!(3000), true),
        ("call twice(7)", 2, Value::Null, false),
        ("do $$ begin insert into log values (1); commit; insert into log values (2); end $$", 2, Value::Null, false),
    ];
    assert_effects_are_complete(&house, &db, &statements).await;
    let numbers = json!({"maxRows": 10, "options": {"sql": "select nextval('counter') from ids"}});
    house.run(&db, numbers, json!({})).await.unwrap();
    assert_eq!(house.data(&db, sql("select last_value from counter"), json!({})).await, json!([{"last_value": 3000}]));
    // a statement that only reads stops at the limit: reading everything would exceed the timeout
    let long = json!({"maxRows": 10, "options": {"sql": "select pure(a.id), pg_size_pretty(b.id::int8) from ids a, ids b, ids c"}});
    assert!(house.run(&db, long, json!({})).await.unwrap().truncated);
}

#[tokio::test]
async fn an_empty_list_matches_no_rows() {
    let house = House::new();
    let db = database(&house, postgres(), "empties", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table t (id int, v varchar(9), u uuid)",
            "insert into t values (1, 'a', null), (2, 'b', null), (null, null, null)",
        ],
    )
    .await;
    let conditions = [
        ("id not in ({{ params.ids }})", 3),
        ("id in ({{ params.ids }})", 0),
        ("not (id in ({{ params.ids }}))", 3),
        ("v not in ( {{ params.ids }} )", 3),
        ("u not in ({{ params.ids }}) and id = 1", 1),
        ("id <> all({{ params.ids }})", 3),
        ("id = any({{ params.ids }})", 0),
        ("id = any({{ array(params.ids) }})", 0),
        ("true -- id not in ({{ params.ids }}) and x = {{ params.undeclared }}", 3),
    ];
    assert_empty_lists_work(&house, &db, &conditions).await;
    let some = json!({"options": {"sql": "select count(*)::int as n from t where id = any({{ params.ids }})"}, "parameters": [{"name": "ids", "type": "array"}]});
    assert_eq!(house.data(&db, some, json!({"ids": [1, 2]})).await, json!([{"n": 2}]));
}

#[tokio::test]
async fn a_query_whose_rows_are_only_shown_changes_nothing() {
    let house = House::new();
    let db = database(&house, postgres(), "shown", json!({})).await;
    let function = "create function log_it(i int) returns int language plpgsql as \
                    $$ begin insert into seen values (i); return i; end $$";
    exec(&house, &db, &["create table seen (id int)", function]).await;
    assert_shown_queries_change_nothing(&house, &db).await;
}
