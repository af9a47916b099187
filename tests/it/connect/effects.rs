//! Checks that apply to every SQL server: row limits do not cut effects short, and empty lists work.
use super::{House, Source, sql};
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
