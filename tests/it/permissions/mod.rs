//! Every route of the API document, for every kind of caller and every way to name a tenant.
mod cases;
mod levels;
mod matrix;
mod open;
mod restricted;

use serde_json::Value;
use std::collections::BTreeMap;

/// The operations of the API document, by `METHOD /path`.
fn operations() -> BTreeMap<String, Value> {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut all = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.insert(format!("{} {path}", method.to_uppercase()), operation.clone());
        }
    }
    assert!(all.len() > 50, "the API document has too few routes");
    all
}
