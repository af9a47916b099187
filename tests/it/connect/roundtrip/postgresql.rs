use super::{Question, compare};
use crate::{
    connect::{
        House,
        postgresql::{
            database, exec,
            types::{By, SETUP, TYPES},
        },
        sql,
    },
    support::postgres::{PASSWORD, postgres},
};
use serde_json::json;

/// Types whose arrays use another separator, that are lists themselves, or that have no equality operator.
const ALONE: [&str; 6] = ["box", "list", "positive", "int2vector", "oidvector", "money"];

/// Sends every value on its own and in an array of two.
#[tokio::test]
async fn every_value_survives_a_round_trip_and_matches_another_driver() {
    let house = House::new();
    let db = database(&house, postgres(), "everything", json!({})).await;
    exec(&house, &db, SETUP).await;
    let (mut lost, mut questions) = (Vec::new(), Vec::new());
    for (kind, by, literals) in TYPES {
        for literal in *literals {
            let single = (format!("({literal})::{kind}"), (*kind).to_owned());
            let arrays = !kind.ends_with("[]") && !ALONE.contains(kind) && !kind.contains('(');
            let double = arrays.then(|| (format!("array[({literal})::{kind}, null]"), format!("{kind}[]")));
            for (source, kind) in std::iter::once(single).chain(double) {
                let text = format!("select {source} as v");
                let ours = match house.run(&db, sql(&text), json!({})).await {
                    Ok(read) => read.data[0]["v"].clone(),
                    Err(error) => {
                        lost.push(format!("{source} cannot be read: {error}"));
                        continue;
                    }
                };
                let sent = format!("({{{{ array(params.o.v) }}}}::{kind})");
                let cast = match by {
                    By::Value => "",
                    By::Text => "::text",
                    By::Json if kind.ends_with("[]") => "::jsonb[]",
                    By::Json => "::jsonb",
                };
                let query = json!({
                    "options": {"sql": format!("select {sent}{cast} is not distinct from ({source}){cast} as same")},
                    "parameters": [{"name": "o", "type": "object"}],
                });
                match house.run(&db, query, json!({"o": {"v": ours}})).await {
                    Ok(found) if found.data[0]["same"] == true => {}
                    Ok(_) => lost.push(format!("{source} changed when sent back as {ours}")),
                    Err(error) => lost.push(format!("{source} is not accepted as {ours}: {error}")),
                }
                questions.push(Question { kind, sql: text, ours });
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(questions.len() > 300, "{}", questions.len());
    let server = json!({"port": postgres().port, "password": PASSWORD, "database": "everything"});
    compare("postgresql", &server, &questions);
}
