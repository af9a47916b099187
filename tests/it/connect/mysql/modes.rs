use super::{House, Mode, Slice, Source, Value, changed, database, exec, json, mode, object, problem, sql};
use jet_admin::{Error, connect::StreamPart};

async fn numbers(house: &House, name: &str) -> Source {
    let db = database(house, name, json!({})).await;
    exec(house, &db, &["create table t (a int primary key, b int)", "insert into t select seq, 0 from seq_1_to_10"])
        .await;
    db
}

#[tokio::test]
async fn a_preview_counts_rows_and_rolls_back() {
    let house = House::new();
    let db = numbers(&house, "preview").await;
    for (statement, affected) in [
        ("update t set b = 1 where a > 3", 7),
        // rows that already have the values count, as in other databases
        ("update t set b = 0", 10),
        ("update t set b = 0 where a > 10", 0),
        ("insert into t values (1, 0) on duplicate key update b = 0", 1),
        ("insert into t values (1, 0) on duplicate key update b = 5", 2),
        ("delete from t where a <= 2", 2),
        ("insert into t values (11, 0), (12, 0)", 2),
        ("insert into t values (11, 0) returning a", 1),
        ("replace into t values (1, 5)", 2),
        ("select * from t", 0),
    ] {
        let outcome = mode(&house, &db, Mode::Preview, sql(statement)).await.unwrap();
        assert_eq!(outcome.affected_rows, Some(affected), "{statement}");
    }
    let error = problem(mode(&house, &db, Mode::Preview, sql("insert into t values (1, 1)")).await);
    assert_eq!(error.code.as_deref(), Some("1062 (23000)"));
    let all = house.data(&db, sql("select count(*) as n, sum(b) as b from t"), json!({})).await;
    assert_eq!(all, json!([{"n": 10, "b": 0}]));
}

#[tokio::test]
async fn statements_that_cannot_be_rolled_back_are_not_previewed() {
    let house = House::new();
    let db = numbers(&house, "kept").await;
    exec(
        &house,
        &db,
        &[
            "create table isam (a int) engine = myisam",
            "create table aria (a int) engine = aria",
            "create table memory (a int) engine = memory",
            "create view seen as select * from isam",
            "create table watched (a int)",
            "create trigger notes after insert on watched for each row insert into aria values (new.a)",
            "create function put() returns int begin insert into memory values (1); return 1; end",
            "create procedure commits() begin insert into t values (99, 0); commit; end",
        ],
    )
    .await;
    for statement in [
        "insert into isam values (1)",
        "insert into `aria` values (1)",
        "insert into kept.memory values (1)",
        "insert into seen values (1)",
        "insert into watched values (1)",
        "select put()",
        "update t set b = put()",
    ] {
        let error = problem(mode(&house, &db, Mode::Preview, sql(statement)).await);
        assert!(error.message.contains("which has no transactions"), "{statement}: {}", error.message);
    }
    for statement in [
        "call commits()",
        "truncate t",
        "drop table t",
        "alter table t add column c int",
        "create table u (a int)",
        "commit",
        "set autocommit = 1",
        "begin not atomic insert into t values (98, 0); commit; end",
        "/*! truncate t */",
        "/*!50000 drop */ table t",
        "execute immediate 'truncate t'",
        "analyze table t",
        "select 1 into outfile '/tmp/never'",
    ] {
        let error = problem(mode(&house, &db, Mode::Preview, sql(statement)).await);
        assert!(error.message.starts_with("this statement cannot be previewed"), "{statement}: {}", error.message);
    }
    for table in ["isam", "aria", "memory", "watched"] {
        let count = house.data(&db, sql(&format!("select count(*) as n from {table}")), json!({})).await;
        assert_eq!(count, json!([{"n": 0}]), "{table}");
    }
    assert_eq!(
        house.data(&db, sql("select count(*) as n, max(a) as a from t"), json!({})).await,
        json!([{"n": 10, "a": 10}])
    );
}

#[tokio::test]
async fn explaining_runs_nothing() {
    let house = House::new();
    let db = numbers(&house, "explained").await;
    exec(&house, &db, &["create function put() returns int begin insert into t values (99, 0); return 1; end"]).await;
    for statement in [
        "select * from t where a = 1",
        "update t set b = 1",
        "delete from t",
        "insert into t values (11, 0)",
        "(select 1)",
    ] {
        let outcome = mode(&house, &db, Mode::Explain, sql(statement)).await.unwrap();
        assert!(outcome.data[0]["EXPLAIN"]["query_block"].is_object(), "{statement}: {}", outcome.data);
        assert_eq!(outcome.affected_rows, None);
    }
    let bound = json!({"options": {"sql": "select * from t where a = {{ params.a }}"}, "parameters": [{"name": "a", "type": "number", "default": 3}]});
    assert!(mode(&house, &db, Mode::Explain, bound).await.unwrap().data[0]["EXPLAIN"].is_object());
    for statement in ["truncate t", "call x()", "show tables", "explain select 1", "create table u (a int)"] {
        let error = problem(mode(&house, &db, Mode::Explain, sql(statement)).await);
        assert_eq!(error.message, "this statement cannot be explained", "{statement}");
    }
    let _ = mode(&house, &db, Mode::Explain, sql("select put()")).await;
    assert_eq!(
        house.data(&db, sql("select count(*) as n, sum(b) as b from t"), json!({})).await,
        json!([{"n": 10, "b": 0}])
    );
}

#[tokio::test]
async fn a_slice_is_a_page_of_the_rows() {
    let house = House::new();
    let db = numbers(&house, "sliced").await;
    exec(&house, &db, &["create function put() returns int begin insert into t values (99, 0); return 1; end"]).await;
    let slice = async |text: &str, offset: u64, limit: u32| {
        let mut job = db.job(sql(text), json!({}));
        job.slice = Some(Slice { offset, limit });
        house.queries.execute(job).await
    };
    for (text, offset, limit, expected, more) in [
        ("select a from t order by a desc", 0, 3, vec![10, 9, 8], true),
        ("select a from t order by a desc", 8, 3, vec![2, 1], false),
        ("select a from t order by a limit 5", 1, 3, vec![2, 3, 4], true),
        ("select a from t order by a limit 5", 2, 3, vec![3, 4, 5], false),
        ("with x as (select a from t) select a from x order by a", 3, 2, vec![4, 5], true),
        ("select a from t where a < 3 union all select a from t where a > 9", 2, 5, vec![10], false),
        ("select a from t", 100, 5, vec![], false),
    ] {
        let outcome = slice(text, offset, limit).await.unwrap();
        let found: Vec<_> = outcome.data.as_array().unwrap().iter().map(|row| row["a"].as_i64().unwrap()).collect();
        assert_eq!((found, outcome.truncated), (expected, more), "{text} {offset} {limit}");
    }
    assert_eq!(*slice("select count(*) as n from (select a from t) x", 0, 1).await.unwrap().data, json!([{"n": 10}]));
    let endless = slice("select seq as a from seq_1_to_1000000000", 1000, 2).await.unwrap();
    assert_eq!(*endless.data, json!([{"a": 1001}, {"a": 1002}]));
    for text in ["delete from t", "insert into t values (50, 0) returning a", "truncate t", "call x()"] {
        assert!(matches!(slice(text, 0, 1).await, Err(Error::Invalid(_))), "{text}");
    }
    assert_eq!(problem(slice("select put()", 0, 1).await).code.as_deref(), Some("1792 (25006)"));
    assert_eq!(house.data(&db, sql("select count(*) as n from t"), json!({})).await, json!([{"n": 10}]));
}

#[tokio::test]
async fn results_are_truncated_and_writes_are_not() {
    let house = House::new();
    let db = changed(&numbers(&house, "cut").await, json!({"poolSize": 1}));
    let few = |text: &str| json!({"maxRows": 2, "options": {"sql": text}});
    for endless in [
        "select seq from seq_1_to_1000000000",
        "select seq from seq_1_to_1000000000 limit 900000000",
        "show tables from information_schema",
    ] {
        let cut = house.run(&db, few(endless), json!({})).await.unwrap();
        assert_eq!((cut.row_count, cut.truncated), (2, true), "{endless}");
    }
    let whole = house.run(&db, few("select a from t limit 2"), json!({})).await.unwrap();
    assert_eq!((whole.row_count, whole.truncated), (2, false));
    let cut =
        house.run(&db, few("insert into t select seq, 0 from seq_11_to_15 returning a"), json!({})).await.unwrap();
    assert_eq!((cut.row_count, cut.truncated, cut.affected_rows), (2, true, Some(5)));
    let copied = house.run(&db, few("create table copy as select * from t"), json!({})).await.unwrap();
    assert_eq!((&*copied.data, copied.affected_rows), (&json!([]), Some(15)));
    let update = house.run(&db, sql("update t set b = 1"), json!({})).await.unwrap();
    assert_eq!((&*update.data, update.affected_rows), (&json!([]), Some(15)));
    let wide = json!({"maxRows": 100_000, "options": {"sql": "select repeat('x', 100000) as x from seq_1_to_100000"}});
    let big = house.run(&db, wide, json!({})).await.unwrap();
    assert!(big.truncated && big.row_count < 340, "{}", big.row_count);
    let all = house.run(&db, sql("select a from t"), json!({})).await.unwrap();
    assert_eq!((all.row_count, all.truncated), (15, false), "the limit does not persist");
}

#[tokio::test]
async fn every_row_is_streamed() {
    let house = House::new();
    let db = numbers(&house, "streamed").await;
    let query = json!({"maxRows": 2, "options": {"sql": "select seq as a, seq as a, repeat('x', 100) as x from seq_1_to_30000"}});
    let mut parts = house.queries.export(db.job(query, json!({}))).unwrap();
    let Some(Ok(StreamPart::Columns(columns))) = parts.recv().await else { panic!("no columns") };
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a", "a_2", "x"]);
    let (mut count, mut last) = (0, Value::Null);
    while let Some(part) = parts.recv().await {
        let StreamPart::Rows(rows) = part.unwrap() else { panic!("columns twice") };
        assert!(rows.len() <= 500);
        count += rows.len();
        last = rows.last().unwrap()[0].clone();
    }
    assert_eq!((count, last), (30000, json!(30000)));
    // dropping the export stops the query
    let endless = db.job(sql("select seq, 'gone' from seq_1_to_1000000000"), json!({}));
    let mut parts = house.queries.export(endless).unwrap();
    parts.recv().await.unwrap().unwrap();
    drop(parts);
    super::statements::wait_for_end(&house, &db, "%gone%").await;
    let mut failing = house.queries.export(db.job(sql("select nope"), json!({}))).unwrap();
    assert!(failing.recv().await.unwrap().is_err());
    let none = object(json!({"options": {"sql": "select a from t where a < 0"}}));
    let mut empty = house.queries.export(db.job(Value::Object(none), json!({}))).unwrap();
    assert!(matches!(empty.recv().await, Some(Ok(StreamPart::Columns(_)))));
    assert!(empty.recv().await.is_none());
}
