//! What holds for the statements of every SQL server: their work is done whole, and empty lists are lists.
use super::{House, Source, sql};
use serde_json::{Value, json};

/// Runs each statement with a limit of ten rows, with the cache and without it. After each run the table `log` must have
/// so many rows; the answer must tell so many affected rows, and whether a part of it was left out.
pub async fn are_whole(house: &House, db: &Source, statements: &[(&str, u32, Value, bool)]) {
    for (text, done, affected, truncated) in statements {
        for cache in [0, 60] {
            house.run(db, sql("truncate log"), json!({})).await.unwrap();
            let few = json!({"maxRows": 10, "cacheSeconds": cache, "options": {"sql": text}});
            let outcome = house.run(db, few, json!({})).await.unwrap();
            let rows = house.data(db, sql("select count(*) as n from log"), json!({})).await;
            assert_eq!(rows, json!([{"n": done}]), "{text}");
            assert_eq!(&serde_json::to_value(outcome.affected_rows).unwrap(), affected, "{text}");
            assert_eq!(outcome.truncated, *truncated, "{text}");
            assert!(outcome.row_count <= 10, "{text}");
        }
    }
}

/// Counts the rows of the table `t` under each condition; `params.ids` is an empty list.
pub async fn take_empty_lists(house: &House, db: &Source, conditions: &[(&str, u32)]) {
    for (condition, n) in conditions {
        let text = format!("select count(*) as n from t where {condition}");
        let query = json!({"options": {"sql": text}, "parameters": [{"name": "ids", "type": "array"}]});
        assert_eq!(house.data(db, query, json!({"ids": []})).await, json!([{"n": n}]), "{condition}");
    }
}
