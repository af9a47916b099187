use super::{House, Source, object, sql};
use jet_admin::{Error, connect::CacheState};
use serde_json::{Value, json};
use std::sync::Arc;

fn source(house: &House) -> Source {
    let file = rusqlite::Connection::open(house.files().join("a.db")).unwrap();
    file.execute_batch("create table log (n integer)").unwrap();
    Source::new("sqlite", json!({"path": "a.db", "readOnly": false}))
}

fn problems(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(problems) => problems.into_iter().map(|one| format!("{}: {}", one.path, one.message)).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_result_is_cached_until_something_it_depends_on_changes() {
    let house = House::new();
    let source = source(&house);
    let query = |limit: i64| {
        json!({
            "cacheSeconds": 60,
            "options": {"sql": "select random() as r, {{ params.p }} as p"},
            "parameters": [{"name": "p", "type": "number"}],
            "maxRows": limit,
        })
    };
    let first = house.run(&source, query(10), json!({"p": 1})).await.unwrap();
    let again = house.run(&source, query(10), json!({"p": "1"})).await.unwrap();
    assert_eq!((first.cache, again.cache), (CacheState::Miss, CacheState::Hit));
    assert_eq!(first.data, again.data);
    let other = house.run(&source, query(10), json!({"p": 2})).await.unwrap();
    let edited = house.run(&source, query(11), json!({"p": 1})).await.unwrap();
    let mut newer = source.clone();
    newer.0.version = 2;
    let moved = house.run(&newer, query(10), json!({"p": 1})).await.unwrap();
    let mut job = source.job(query(10), json!({"p": 1}));
    job.tenant = uuid::Uuid::from_u128(99);
    let folder = house.dir.path().join("files").join(job.tenant.to_string());
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(house.files().join("a.db"), folder.join("a.db")).unwrap();
    let foreign = house.queries.execute(job).await.unwrap();
    for outcome in [other, edited, moved, foreign] {
        assert_eq!(outcome.cache, CacheState::Miss);
        assert_ne!(outcome.data, first.data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_reads_share_one_execution_and_equal_writes_do_not() {
    let house = Arc::new(House::new());
    let source = source(&house);
    let slow = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000) select random() as r, count(*) as n from n";
    let all = |text: &'static str| {
        let jobs = (0..8).map(|_| source.job(json!({"cacheSeconds": 60, "options": {"sql": text}}), json!({})));
        let run = |job| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.queries.execute(job).await.unwrap() })
        };
        jobs.map(run).collect::<Vec<_>>()
    };
    let mut answers = Vec::new();
    for task in all(slow) {
        answers.push(task.await.unwrap().data);
    }
    assert!(answers.iter().all(|data| *data == answers[0]));
    for task in all("insert into log values (1)") {
        assert_eq!(task.await.unwrap().cache, CacheState::Off);
    }
    assert_eq!(house.data(&source, sql("select count(*) as n from log"), json!({})).await, json!([{"n": 8}]));
}

#[tokio::test]
async fn a_transformer_shapes_the_data() {
    let house = House::new();
    let source = source(&house);
    let query = |code: &str| {
        json!({
            "options": {"sql": "select 1 as a union select 2"},
            "transformer": code,
            "parameters": [{"name": "k", "type": "number", "default": 10}],
        })
    };
    let shaped = house
        .run(
            &source,
            query("return {sum: data.reduce((s, r) => s + r.a, 0) * params.k, names: columns.map(c => c.name)}"),
            json!({}),
        )
        .await
        .unwrap();
    assert_eq!(*shaped.data, json!({"sum": 30, "names": ["a"]}));
    let failed = house.run(&source, query("return data\n  .nope()"), json!({})).await.unwrap_err();
    assert_eq!(problems(failed), ["transformer: TypeError: not a function (line 2, column 4)"]);
    let mut endless = object(query("for (;;) {}"));
    endless.insert("timeoutMs".to_owned(), 200.into());
    let failed = house.run(&source, Value::Object(endless), json!({})).await.unwrap_err();
    assert!(matches!(failed, Error::Timeout(_)), "{failed:?}");
}

#[tokio::test]
async fn options_are_checked_against_the_schema() {
    let house = House::new();
    let test =
        async |kind: &str, options: Value| house.queries.test(super::TENANT, kind, &object(options)).await.unwrap_err();
    assert!(problems(test("oracle", json!({})).await)[0].starts_with("type: `oracle` is not a datasource type"));
    assert_eq!(problems(test("sqlite", json!({})).await), ["options.path: is required"]);
    assert_eq!(
        problems(test("sqlite", json!({"path": 7, "more": 1})).await),
        ["options.path: must be of type string", "options.more: is not a known option"]
    );
    let source = source(&house);
    let failed = house.run(&source, json!({"options": {"sql": "select 1", "x": 1}}), json!({})).await.unwrap_err();
    assert_eq!(problems(failed), ["options.x: is not a known option"]);
}
