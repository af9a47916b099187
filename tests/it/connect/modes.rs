//! Previews, plans and pages: the same guarantees for every database.
use super::{House, Source, postgresql, sql};
use crate::support::postgres::postgres;
use jet_admin::{
    Error,
    connect::{Mode, QueryOutcome, Slice},
};
use serde_json::{Value, json};

const SETUP: [&str; 2] =
    ["create table t (a integer primary key, b text)", "insert into t values (1, 'one'), (2, 'two'), (3, 'three')"];
/// Selects the numbers from 1 to `{rows}`.
const NUMBERS: &str =
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) select i from n";

async fn filled(house: &House, source: &Source) {
    postgresql::exec(house, source, &SETUP).await;
}

async fn lite(house: &House) -> Source {
    let mut source = Source::new("sqlite", json!({"path": "modes.db", "readOnly": false}));
    source.0.id = uuid::Uuid::new_v4();
    filled(house, &source).await;
    source
}

async fn pg(house: &House, name: &str) -> Source {
    let source = postgresql::database(house, postgres(), name, json!({"poolSize": 1})).await;
    filled(house, &source).await;
    source
}

async fn assert_unchanged(house: &House, source: &Source, after: &str) {
    let left = house.data(source, sql("select a, b from t order by a"), json!({})).await;
    let rows = json!([{"a": 1, "b": "one"}, {"a": 2, "b": "two"}, {"a": 3, "b": "three"}]);
    assert_eq!(left, rows, "after {after}");
}

fn field(result: Result<QueryOutcome, Error>) -> String {
    match result {
        Err(Error::Invalid(problems)) => problems[0].path.clone(),
        other => panic!("{other:?}"),
    }
}

async fn assert_previews(house: &House, source: &Source) {
    let preview = async |query: Value| house.ask(source, query, Mode::Preview, None).await;
    for (text, affected) in [
        ("update t set b = 'x'", Some(3)),
        ("/* all */ update t set b = 'x' where a > 1 returning a", Some(2)),
        ("delete from t", Some(3)),
        ("insert into t values (4, 'four'), (5, 'five') returning *", Some(2)),
        ("insert into t select a + 10, b from t", Some(3)),
        ("select * from t", None),
    ] {
        assert_eq!(preview(sql(text)).await.unwrap().affected_rows, affected, "{text}");
        assert_unchanged(house, source, text).await;
    }
    let few = json!({"maxRows": 1, "options": {"sql": "update t set b = 'x' returning a"}});
    let cut = preview(few).await.unwrap();
    assert_eq!((cut.row_count, cut.truncated, cut.affected_rows), (1, true, Some(3)), "the count covers all rows");
    for text in
        ["drop table t", "alter table t add column c integer", "create table u (a integer)", "create index i on t (b)"]
    {
        preview(sql(text)).await.unwrap();
        assert_unchanged(house, source, text).await;
    }
    preview(sql("insert into t values (9, 'x'), (1, 'again')")).await.unwrap_err();
    preview(sql("insert into t values (9)  garbage")).await.unwrap_err();
    assert_unchanged(house, source, "a preview that fails").await;
    assert_eq!(field(preview(sql("vacuum")).await), "mode");
    // the connection still commits writes
    house.run(source, sql("insert into t values (4, 'four')"), json!({})).await.unwrap();
    house.run(source, sql("delete from t where a = 4"), json!({})).await.unwrap();
}

#[tokio::test]
async fn a_preview_counts_affected_rows_and_changes_nothing() {
    let house = House::new();
    let lite = lite(&house).await;
    assert_previews(&house, &lite).await;
    for text in [
        "insert or rollback into t values (9, 'x'), (1, 'again')",
        "commit",
        "begin",
        "savepoint x",
        "pragma user_version = 7",
    ] {
        house.ask(&lite, sql(text), Mode::Preview, None).await.unwrap_err();
        assert_unchanged(&house, &lite, text).await;
    }
    let pg = pg(&house, "previews").await;
    assert_previews(&house, &pg).await;
    let witness = tempfile::tempdir().unwrap().path().join("witness");
    for text in [
        "commit",
        "-- and then\n commit and chain",
        "rollback",
        "begin",
        "end",
        "savepoint x",
        "prepare transaction 'x'",
        "prepare x as delete from t",
        "create database previews_too",
        "alter system set work_mem = '1MB'",
        &format!("copy t to program 'touch {}'", witness.display()),
    ] {
        assert_eq!(field(house.ask(&pg, sql(text), Mode::Preview, None).await), "mode", "{text}");
        assert_unchanged(&house, &pg, text).await;
    }
    assert!(!witness.exists());
    let block = "do $$ begin delete from t; commit; end $$";
    house.ask(&pg, sql(block), Mode::Preview, None).await.unwrap_err();
    assert_unchanged(&house, &pg, block).await;
}

#[tokio::test]
async fn a_preview_checks_deferred_constraints() {
    let house = House::new();
    let pg = pg(&house, "deferred").await;
    let later = "create table later (t integer references t deferrable initially deferred)";
    house.run(&pg, sql(later), json!({})).await.unwrap();
    let error = house.ask(&pg, sql("insert into later values (99)"), Mode::Preview, None).await.unwrap_err();
    assert!(error.to_string().contains("foreign key"), "{error}");
}

#[tokio::test]
async fn explaining_a_statement_does_not_run_it() {
    let house = House::new();
    let explain = async |source: &Source, text: &str| {
        let query = json!({"options": {"sql": text}, "parameters": [{"name": "p", "default": "one"}]});
        house.ask(source, query, Mode::Explain, None).await
    };
    let (lite, pg) = (lite(&house).await, pg(&house, "plans").await);
    let plan = explain(&lite, "select * from t where b = {{ params.p }}").await.unwrap();
    assert_eq!((&plan.data[0]["detail"], plan.affected_rows), (&json!("SCAN t"), None));
    let plan = explain(&pg, "select * from t where b = {{ params.p }}").await.unwrap();
    assert_eq!(plan.data[0]["QUERY PLAN"][0]["Plan"]["Relation Name"], "t", "{}", plan.data);
    let wipe = "create function wipe() returns integer immutable language sql as 'delete from t; select 1'";
    house.run(&pg, sql(wipe), json!({})).await.unwrap();
    for source in [&lite, &pg] {
        for text in ["delete from t", "update t set b = {{ params.p }}", "insert into t values (9, {{ params.p }})"] {
            explain(source, text).await.unwrap();
            assert_unchanged(&house, source, text).await;
        }
        for text in ["analyze delete from t", "drop table t", "select 1; delete from t"] {
            let _ = explain(source, text).await;
            assert_unchanged(&house, source, text).await;
        }
        let Err(Error::Datasource(problem)) = explain(source, "select {{ params.p }}, nope from t").await else {
            panic!("explained a column that does not exist");
        };
        assert_eq!(problem.position, Some(24));
    }
    for text in ["explain delete from t", "(analyze) delete from t", "select wipe()", "create table u as select wipe()"]
    {
        let _ = explain(&pg, text).await;
        assert_unchanged(&house, &pg, text).await;
    }
}

async fn assert_pages(house: &House, source: &Source) {
    let page = async |text: &str, offset: u64, limit: u32| {
        house.ask(source, sql(text), Mode::Run, Some(Slice { offset, limit })).await
    };
    let ten = NUMBERS.replace("{rows}", "10");
    for (offset, limit, first, count, truncated) in [
        (0, 4, Some(1), 4, true),
        (3, 4, Some(4), 4, true),
        (6, 4, Some(7), 4, false),
        (8, 4, Some(9), 2, false),
        (10, 1, None, 0, false),
        (u64::MAX, 1, None, 0, false),
    ] {
        let found = page(&ten, offset, limit).await.unwrap();
        assert_eq!((found.row_count, found.truncated), (count, truncated), "{offset}");
        assert_eq!(found.data[0]["i"].as_i64(), first, "{offset}");
    }
    // trailing comments and semicolons do no harm
    assert_eq!(page("select a from t order by a; -- all", 1, 1).await.unwrap().data[0]["a"], 2);
    let few = json!({"maxRows": 2, "options": {"sql": ten}});
    let found = house.ask(source, few, Mode::Run, Some(Slice { offset: 5, limit: 4 })).await.unwrap();
    assert_eq!((found.row_count, found.truncated), (2, true), "the query's own limit applies");
    for text in ["insert into t values (9, 'x') returning a", "delete from t", "update t set b = 'x' returning a"] {
        assert_eq!(field(page(text, 0, 1).await), "slice", "{text}");
        assert_unchanged(house, source, text).await;
    }
    let far = page(&NUMBERS.replace("{rows}", "1000000"), 999_990, 100).await.unwrap();
    assert_eq!((far.row_count, far.truncated, &far.data[0]["i"]), (10, false, &json!(999_991)));
}

#[tokio::test]
async fn pages_work_without_limits_in_the_statement() {
    let house = House::new();
    assert_pages(&house, &lite(&house).await).await;
    let pg = pg(&house, "pages").await;
    assert_pages(&house, &pg).await;
    let put = "create function put() returns integer language sql as 'delete from t returning a'";
    house.run(&pg, sql(put), json!({})).await.unwrap();
    for text in ["select put()", "with x as (delete from t returning a) select * from x", "select * from t for update"]
    {
        house.ask(&pg, sql(text), Mode::Run, Some(Slice { offset: 0, limit: 1 })).await.unwrap_err();
        assert_unchanged(&house, &pg, text).await;
    }
    for text in ["values (1), (2)", "table t", "(select a from t)"] {
        house.ask(&pg, sql(text), Mode::Run, Some(Slice { offset: 1, limit: 1 })).await.unwrap();
    }
}
