//! The tables and columns that the schema browser shows.
use super::{database, exec};
use crate::{
    connect::{House, TENANT},
    support::postgres::postgres,
};
use serde_json::{Value, json};

#[tokio::test]
async fn the_tables_are_listed() {
    let house = House::new();
    let db = database(&house, postgres(), "listed", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table item (id int primary key, name varchar(20) not null default 'x')",
            "comment on table item is 'Things'",
            "comment on column item.name is 'Called'",
            "create view cheap as select name from item",
        ],
    )
    .await;
    let tables = serde_json::to_value(house.queries.schema(TENANT, &db.0, false).await.unwrap()).unwrap();
    assert_eq!(
        tables,
        json!([
            {"schema": "public", "name": "cheap", "kind": "view", "comment": null, "columns": [
                {"name": "name", "type": "character varying(20)", "nullable": true, "primaryKey": false, "references": null, "default": null, "comment": null}]},
            {"schema": "public", "name": "item", "kind": "table", "comment": "Things", "columns": [
                {"name": "id", "type": "integer", "nullable": false, "primaryKey": true, "references": null, "default": null, "comment": null},
                {"name": "name", "type": "character varying(20)", "nullable": false, "primaryKey": false, "references": null, "default": "'x'::character varying", "comment": "Called"}]},
        ])
    );
}

#[tokio::test]
async fn foreign_keys_link_columns() {
    let house = House::new();
    let db = database(&house, postgres(), "keys", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create schema other",
            "create table other.place (country text, city text, primary key (country, city))",
            "create table person (id int primary key generated always as identity, boss int references person, \
             town text, land text, foreign key (land, town) references other.place (country, city), \
             twice int generated always as (boss * 2) stored)",
            "create materialized view people as select id from person",
            "comment on materialized view people is 'All'",
        ],
    )
    .await;
    let tables = serde_json::to_value(house.queries.schema(TENANT, &db.0, false).await.unwrap()).unwrap();
    let table = |name: &str| tables.as_array().unwrap().iter().find(|table| table["name"] == name).unwrap().clone();
    let columns = table("person")["columns"].as_array().unwrap().clone();
    let references: Vec<(&Value, &Value)> = columns.iter().map(|one| (&one["name"], &one["references"])).collect();
    let place = |column: &str| json!({"schema": "other", "table": "place", "column": column, "composite": true});
    assert_eq!(
        references,
        [
            (&json!("id"), &Value::Null),
            (&json!("boss"), &json!({"schema": "public", "table": "person", "column": "id"})),
            (&json!("town"), &place("city")),
            (&json!("land"), &place("country")),
            (&json!("twice"), &Value::Null),
        ]
    );
    assert_eq!(columns[0]["default"], "generated as identity");
    assert_eq!(columns[4]["default"], "generated as ((boss * 2))");
    let people = table("people");
    assert_eq!((&people["kind"], &people["comment"]), (&json!("materialized view"), &json!("All")));
}
