//! Uploaded files that become tables of a database, on each kind of database.
mod corpus;
mod interrupted;
mod making;
mod refusals;

use crate::{
    support::{client::Answer, client::id},
    table_apps::Shop,
};
use serde_json::{Value, json};
use std::fmt::Write;

pub const DATABASES: [&str; 3] = ["postgresql", "mysql", "sqlite"];

/// Uploads content under a new name.
pub async fn upload(shop: &Shop, name: &str, content: &[u8]) -> Value {
    shop.world.upload(name, content).await
}

/// Makes a table of a file in the shop's database.
pub async fn make(shop: &Shop, file: &Value, mut body: Value) -> Answer {
    body["datasourceID"] = shop.datasource.to_string().into();
    shop.world.client.post(&format!("files/{}/tables", id(file)), body).await
}

/// Returns the names of the tables of the shop's database.
pub async fn tables(shop: &Shop) -> Vec<String> {
    let path = format!("datasources/{}/schema?refresh=true", shop.datasource);
    let schema = shop.world.client.get(&path).await.expect(200);
    let names = schema["items"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap().to_owned());
    names.collect()
}

/// Returns the entries of the audit log about imports.
pub async fn audited(shop: &Shop) -> Vec<Value> {
    let found = shop.world.client.get("audit-logs?action=datasource.import").await.expect(200);
    found["items"].as_array().unwrap().clone()
}

/// Content of `count` rows, of which `wrong` has a text instead of a number.
pub fn numbers(count: u32, wrong: Option<u32>) -> String {
    let mut text = String::from("id,amount,note\n");
    for row in 1..=count {
        let amount = if wrong == Some(row) { "many".to_owned() } else { row.to_string() };
        writeln!(text, "{row},{amount},note {row}").unwrap();
    }
    text
}

/// The columns of `numbers`, with types that do not depend on the values.
pub fn number_columns() -> Value {
    json!([{"from": "id", "type": "integer"}, {"from": "amount", "type": "integer"}, {"from": "note"}])
}
