//! Changes are saved together with their exact values, previewed, audited, and refused if others changed the rows.
use super::{DATABASES, Database, GridWorld};
use crate::support::client::id;
use serde_json::{Value, json};

const COLUMNS: [&str; 8] = ["name", "amount", "count", "flag", "day", "moment", "data", "note"];

/// Values of a row as the browser sends them, with all that a careless conversion would lose.
fn sent(database: Database) -> Value {
    let amount = if database == Database::Sqlite { json!("12.50") } else { json!("12345678901234567890.1234567891") };
    json!({
        "name": "größer 𝒳 \\ 'x' \"y\"", "amount": amount, "count": "9007199254740993", "flag": true,
        "day": "2026-02-28", "moment": "2026-01-31T10:11:12Z", "data": {"a": [1, 2.5, null, "ü"]}, "note": "",
    })
}

/// The same values as the database returns them.
fn stored(database: Database) -> Value {
    let mut row = sent(database);
    match database {
        Database::Postgresql => {}
        Database::Mariadb => row["flag"] = json!(1),
        Database::Sqlite => {
            row["amount"] = json!(12.5);
            row["data"] = json!("{\"a\":[1,2.5,null,\"ü\"]}");
        }
    }
    row
}

fn with_id(mut row: Value, id: Value) -> Value {
    row["id"] = id;
    row
}

fn empty(id: i64) -> Value {
    let mut row = json!({"id": id});
    for name in COLUMNS {
        row[name] = Value::Null;
    }
    row
}

fn sorted(row: &Value) -> std::collections::BTreeMap<String, Value> {
    serde_json::from_value(row.clone()).unwrap()
}

fn assert_rows(found: &[Value], expected: &[Value]) {
    let (found, expected): (Vec<_>, Vec<_>) =
        (found.iter().map(sorted).collect(), expected.iter().map(sorted).collect());
    assert_eq!(found, expected);
}

#[tokio::test]
async fn added_changed_and_deleted_rows_are_saved_together_with_their_exact_values() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &COLUMNS).await;
        grid.run("insert into items (id, name) values (1, 'one'), (2, 'two'), (3, 'three')").await;
        let rows = grid.rows().await;
        let mut after = sent(database);
        let changes = json!([
            {"update": {"key": {"id": 1}, "before": rows[0], "after": after}},
            {"delete": {"key": {"id": 2}, "before": rows[1]}},
            {"insert": {"values": with_id(sent(database), json!(2))}},
            {"insert": {"values": {"id": "9007199254740993"}}},
        ]);
        let previewed = grid.world.client.post(&grid.path, GridWorld::preview(changes.clone())).await.expect(200);
        assert_eq!(
            (&previewed["updated"], &previewed["inserted"], &previewed["deleted"]),
            (&json!(1), &json!(2), &json!(1))
        );
        assert_rows(&grid.rows().await, &rows);

        let saved = grid.save(changes).await;
        assert_eq!((&saved["updated"], &saved["inserted"], &saved["deleted"]), (&json!(1), &json!(2), &json!(1)));
        let found = grid.rows().await;
        let mut last = empty(4);
        last["id"] = json!("9007199254740993");
        let three = with_id(
            {
                let mut row = empty(3);
                row["name"] = json!("three");
                row
            },
            json!(3),
        );
        let expected = [with_id(stored(database), json!(1)), with_id(stored(database), json!(2)), three, last.clone()];
        assert_rows(&found, &expected);

        // what was read is accepted as it is, also beyond the precision of a browser's numbers
        let key = json!({"id": "9007199254740993"});
        after = json!({"name": null, "note": "NULL", "count": -7, "flag": false});
        let back = json!([
            {"update": {"key": {"id": 1}, "before": found[0], "after": after}},
            {"update": {"key": key, "before": last, "after": {"note": "last"}}},
        ]);
        grid.save(back).await;
        let found = grid.rows().await;
        assert_eq!(
            (&found[0]["name"], &found[0]["note"], &found[0]["count"]),
            (&Value::Null, &json!("NULL"), &json!(-7))
        );
        assert_eq!(found[3]["note"], "last");
    }
}

#[tokio::test]
async fn rows_that_someone_else_changed_or_deleted_are_named_and_nothing_is_written() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name", "count"]).await;
        grid.run(
            "insert into items (id, name, count) values (1, 'one', 1), (2, 'two', 2), (3, 'three', 3), (4, '', null)",
        )
        .await;
        let rows = grid.rows().await;
        grid.run("update items set name = 'ONE' where id = 1").await;
        grid.run("delete from items where id = 2").await;
        grid.run("update items set name = null where id = 4").await;
        let changes = json!([
            {"insert": {"values": {"id": 9, "name": "new"}}},
            {"update": {"key": {"id": 1}, "before": {"name": rows[0]["name"]}, "after": {"name": "first"}}},
            {"delete": {"key": {"id": 2}, "before": rows[1]}},
            {"update": {"key": {"id": 3}, "before": {"count": 3}, "after": {"count": 33}}},
            {"delete": {"key": {"id": 4}, "before": rows[3]}},
        ]);
        let now = grid.rows().await;
        for body in [GridWorld::body(changes.clone()), GridWorld::preview(changes)] {
            let refused = grid.world.client.post(&grid.path, body).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (409, "CONFLICT"), "{refused}");
            let conflicts = refused.body["error"]["conflicts"].clone();
            assert_eq!(
                conflicts,
                json!([
                    {"change": 1, "key": {"id": 1}, "current": {"id": 1, "name": "ONE", "count": 1}, "fields": ["name"]},
                    {"change": 2, "key": {"id": 2}, "current": null, "fields": []},
                    {"change": 4, "key": {"id": 4}, "current": {"id": 4, "name": null, "count": null}, "fields": ["name"]},
                ]),
                "{database:?}"
            );
            assert_rows(&grid.rows().await, &now);
        }
        // another column of the same row is no conflict
        let other = json!([{"update": {"key": {"id": 1}, "before": {"count": 1}, "after": {"count": 11}}}]);
        grid.save(other).await;
        assert_eq!(grid.rows().await[0], json!({"id": 1, "name": "ONE", "count": 11}));
    }
}

#[tokio::test]
async fn saved_changes_are_in_the_audit_log_with_counts_place_and_values() {
    let grid = GridWorld::new(Database::Sqlite, &["name", "count"]).await;
    grid.run("insert into items (id, name, count) values (1, 'one', 1), (2, 'two', 2)").await;
    let (account, operator) = grid.world.member("op@example.com", "Operator").await;
    let long = "x".repeat(300);
    let changes = json!([
        {"update": {"key": {"id": 1}, "before": {"name": "one", "count": 1}, "after": {"name": long}}},
        {"delete": {"key": {"id": 2}, "before": {"name": "two"}}},
        {"insert": {"values": {"id": 3}}},
    ]);
    operator.post(&grid.path, GridWorld::preview(changes.clone())).await.expect(200);
    operator.post(&grid.path, GridWorld::body(changes)).await.expect(200);
    let found = grid.world.client.get("audit-logs?action=datasource.change").await.expect(200);
    let entries: Vec<_> =
        found["items"].as_array().unwrap().iter().filter(|entry| entry["details"]["table"] == "items").collect();
    assert_eq!(entries.len(), 1, "a preview is no change");
    let details = &entries[0]["details"];
    assert_eq!(entries[0]["actor"]["id"], account.user.id.to_string());
    assert_eq!(entries[0]["object"]["name"], "Shop");
    let from = &details["from"];
    assert_eq!((&from["dashboard"], &from["widget"]), (&json!("Stock"), &json!("Items")));
    assert!(from["dashboardID"].is_string(), "{from}");
    assert_eq!(
        (&details["rows"], &details["updated"], &details["inserted"], &details["deleted"]),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    let update = &details["changes"][0]["update"];
    assert_eq!((&update["key"], &update["before"]), (&json!({"id": 1}), &json!({"name": "one"})));
    assert_eq!(update["after"]["name"].as_str().unwrap().chars().count(), 201);
    assert_eq!(details["changes"][1], json!({"delete": {"key": {"id": 2}, "before": {"name": "two"}}}));
}

#[tokio::test]
async fn a_cached_query_shows_what_was_saved() {
    let grid = GridWorld::new(Database::Sqlite, &["name"]).await;
    grid.run("insert into items (id, name) values (1, 'one')").await;
    let query = format!("data-queries/{}", grid.query);
    grid.world.client.patch(&query, json!({"cacheSeconds": 600})).await.expect(200);
    assert_eq!(grid.rows().await[0]["name"], "one");
    let change = json!([{"update": {"key": {"id": 1}, "before": {"name": "one"}, "after": {"name": "first"}}}]);
    grid.save(change).await;
    assert_eq!(grid.rows().await[0]["name"], "first");
}

#[tokio::test]
async fn a_key_of_several_columns_identifies_a_row() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name"]).await;
        let text = database.column("name");
        grid.run(&format!(
            "create table parts (kind {text} not null, no decimal(30,10) not null, name {text}, primary key (kind, no))"
        ))
        .await;
        grid.run("insert into parts (kind, no, name) values ('a', 0.1, 'x'), ('a', 0.2, 'y'), ('b', 0.1, 'z')").await;
        let query = format!("data-queries/{}", grid.query);
        grid.world
            .client
            .patch(&query, json!({"options": {"sql": "select * from parts order by kind, no"}}))
            .await
            .expect(200);
        let widget = format!("widgets/{}", grid.widget);
        let config = json!({
            "table": "parts", "key": ["kind", "no"], "columns": [{"field": "kind"}, {"field": "name"}],
        });
        grid.world.client.patch(&widget, json!({"config": config})).await.expect(200);
        let key = json!({"kind": "a", "no": "0.2"});
        grid.save(json!([
            {"update": {"key": key, "before": {"kind": "a", "name": "y"}, "after": {"kind": "c", "name": null}}},
            {"delete": {"key": {"kind": "b", "no": 0.1}, "before": {"name": "z"}}},
        ]))
        .await;
        let rows = grid.rows().await;
        assert_eq!(rows, [json!({"kind": "a", "no": 0.1, "name": "x"}), json!({"kind": "c", "no": 0.2, "name": null})]);
    }
}

#[tokio::test]
async fn a_row_that_already_has_the_new_values_counts_as_changed() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name"]).await;
        grid.run("insert into items (id, name) values (1, 'one'), (2, 'two')").await;
        let same = json!([{"update": {"key": {"id": 1}, "before": {"name": "one"}, "after": {"name": "one"}}}]);
        assert_eq!(grid.save(same).await["updated"], 1, "{database:?}");

        let client = &grid.world.client;
        let rename = json!({
            "name": "Rename", "datasourceID": grid.datasource, "parameters": [{"name": "id", "type": "number"}, {"name": "name"}],
            "options": {"sql": "update items set name = {{ params.name }} where id = {{ params.id }}"},
        });
        let rename = id(&client.post("data-queries", rename).await.expect(201));
        let action =
            |row: u32, name: &str| json!({"type": "query", "queryID": rename, "values": {"id": row, "name": name}});
        let config = json!({"label": "Go", "action": action(1, "one"), "then": [action(2, "second")]});
        let button = json!({"name": "Go", "type": "button", "config": config});
        let button = id(&client.post("widgets", button).await.expect(201));
        let draft = json!({"name": "Buttons", "items": [{"key": "go", "widgetID": button}]});
        let dashboard = id(&client.post("dashboards", draft).await.expect(201));
        let press = json!({"item": "go", "action": "config.action"});
        let done = client.post(&format!("dashboards/{dashboard}/actions"), press).await.expect(200);
        assert_eq!(done["failed"], Value::Null, "{database:?}: {done}");
        let counts: Vec<_> = done["steps"].as_array().unwrap().iter().map(|step| &step["affectedRows"]).collect();
        assert_eq!(counts, [1, 1], "{database:?}");
        assert_eq!(grid.rows().await[1]["name"], "second");
    }
}

#[tokio::test]
async fn rows_are_deleted_together_with_rows_that_refer_to_them_in_any_order() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["count"]).await;
        grid.run("drop table items").await;
        grid.run(
            "create table items (id bigint primary key, count bigint,
             foreign key (count) references items (id) on delete cascade)",
        )
        .await;
        let delete = |id: u32| json!({"delete": {"key": {"id": id}, "before": {}}});
        for order in [[5, 6], [6, 5]] {
            grid.run("insert into items (id, count) values (5, null)").await;
            grid.run("insert into items (id, count) values (6, 5)").await;
            let changes = Value::from_iter(order.map(delete));
            let previewed = grid.world.client.post(&grid.path, GridWorld::preview(changes.clone())).await.expect(200);
            assert_eq!(previewed["deleted"], 2, "{database:?}");
            assert_eq!(grid.save(changes).await["deleted"], 2, "{database:?}");
            assert!(grid.rows().await.is_empty());
        }
        // what was deleted cannot be changed any more
        grid.run("insert into items (id, count) values (5, null)").await;
        grid.run("insert into items (id, count) values (6, 5)").await;
        let update = json!({"update": {"key": {"id": 6}, "before": {"count": 5}, "after": {"count": null}}});
        let changes = GridWorld::body(json!([update, delete(5)]));
        let refused = grid.world.client.post(&grid.path, changes).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "changes[0].update", "{database:?}: {}", refused.message);
        assert_eq!(grid.rows().await.len(), 2);
    }
}

#[tokio::test]
async fn people_who_change_the_same_rows_with_keys_in_different_spellings_do_not_prevent_each_other() {
    for database in [Database::Postgresql, Database::Mariadb] {
        let grid = GridWorld::new(database, &["name", "count"]).await;
        grid.run("insert into items (id, name, count) values (1, 'x0', 0), (2, 'x0', 0)").await;
        for step in 0..20 {
            let name = |id: Value| {
                let (before, after) = (format!("x{step}"), format!("x{}", step + 1));
                json!({"update": {"key": {"id": id}, "before": {"name": before}, "after": {"name": after}}})
            };
            let count = |id: Value| json!({"update": {"key": {"id": id}, "before": {"count": step}, "after": {"count": step + 1}}});
            tokio::join!(
                grid.save(json!([name(json!(1)), name(json!("2"))])),
                grid.save(json!([count(json!("1")), count(json!(2))])),
            );
        }
        let row = |id: u32| json!({"id": id, "name": "x20", "count": 20});
        assert_eq!(grid.rows().await, [row(1), row(2)]);
    }
}
