//! Checks that apply to every SQL server: row limits do not cut effects short, empty lists work, and queries whose rows
//! are only shown change nothing.
use super::{House, Source, sql};
use jet_admin::{Error, connect::Written};
use serde_json::{Value, json};

/// Runs each statement with a limit of ten rows, with and without the cache. Each tuple holds the statement, the
/// expected number of rows in the table `log`, the expected affected rows, and whether the result is truncated.
pub async fn assert_effects_are_complete(house: &House, db: &Source, statements: &[(&str, u32, Value, bool)]) {
    for (text, logged, affected, truncated) in statements {
        for cache in [0, 60] {
            house.run(db, sql("truncate log"), json!({})).await.unwrap();
            let few = json!({"maxRows": 10, "cacheSeconds": cache, "options": {"sql": text}});
            let outcome = house.run(db, few, json!({})).await.unwrap();
            let rows = house.data(db, sql("select count(*) as n from log"), json!({})).await;
            assert_eq!(rows, json!([{"n": logged}]), "{text}");
            assert_eq!(&serde_json::to_value(outcome.affected_rows).unwrap(), affected, "{text}");
            assert_eq!(outcome.truncated, *truncated, "{text}");
            assert!(outcome.row_count <= 10, "{text}");
        }
    }
}

/// Checks how many rows of the table `t` match each condition; `params.ids` is an empty list.
pub async fn assert_empty_lists_work(house: &House, db: &Source, conditions: &[(&str, u32)]) {
    for (condition, n) in conditions {
        let text = format!("select count(*) as n from t where {condition}");
        let query = json!({"options": {"sql": text}, "parameters": [{"name": "ids", "type": "array"}]});
        assert_eq!(house.data(db, query, json!({"ids": []})).await, json!([{"n": n}]), "{condition}");
    }
}

/// Checks that the plan of a statement that would change `table` counts as a read, executed and shown.
pub async fn assert_plans_are_shown(house: &House, db: &Source, table: &str) {
    for text in [format!("explain delete from {table}"), format!("explain update {table} set id = 1")] {
        let shown = house.show(db, &text).await.unwrap();
        let ran = house.run(db, sql(&text), json!({})).await.unwrap();
        for outcome in [shown, ran] {
            assert!(outcome.row_count > 0, "{text}");
            assert_eq!((outcome.affected_rows, outcome.written == Written::Something), (None, false), "{text}");
        }
    }
}

/// Checks that a query whose rows are only shown reads, and that one that calls the writing function `log_it` is
/// refused by the database, although its text does not tell. The function writes to the table `seen`.
pub async fn assert_shown_queries_change_nothing(house: &House, db: &Source) {
    let shown = house.show(db, "select 1 as a").await.unwrap();
    assert_eq!(*shown.data, json!([{"a": 1}]));
    for text in ["select log_it(1)", "select * from (select log_it(2) as a) x", "insert into seen values (3)"] {
        let refused = house.show(db, text).await.unwrap_err();
        assert!(matches!(refused, Error::ChangesData(_)), "{text}: {refused:?}");
    }
    assert_plans_are_shown(house, db, "seen").await;
    let count = || house.data(db, sql("select count(*) as n from seen"), json!({}));
    assert_eq!(count().await[0]["n"], 0, "nothing was written");
    // the same statement may write where it is executed
    let written = house.run(db, sql("select log_it(1)"), json!({})).await.unwrap().written;
    assert_eq!(written, Written::Something);
    assert_eq!(count().await[0]["n"], 1);
    let refused = house.show(db, "select log_it(1)").await.unwrap_err();
    assert!(matches!(refused, Error::ChangesData(_)), "known to write: {refused:?}");
    let written = house.run(db, sql("select log_it(1)"), json!({})).await.unwrap().written;
    assert_eq!(written, Written::Something, "known to write");
    for text in ["select 1 as a", "select * from seen order by 1", "select * from seen for update"] {
        let written = house.run(db, sql(text), json!({})).await.unwrap().written;
        assert_ne!(written, Written::Something, "{text}");
    }
}
