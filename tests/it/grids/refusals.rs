//! What an editable table refuses: it names the row and the field, and writes nothing.
use super::{DATABASES, Database, GridWorld};
use crate::support::client::id;
use serde_json::{Value, json};

fn update(before: Value, after: Value) -> Value {
    json!({"update": {"key": {"id": 1}, "before": before, "after": after}})
}

#[tokio::test]
async fn a_refused_value_is_named_by_row_and_field_and_nothing_is_written() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name", "count", "amount", "note"]).await;
        let text = database.column("name");
        grid.run("drop table items").await;
        grid.run(&format!(
            "create table items (id bigint primary key, name {text} not null, count int check (count < 100),
             amount decimal(10,2), note {text}, unique (name))"
        ))
        .await;
        grid.run("insert into items (id, name) values (1, 'one'), (2, 'two')").await;
        let rows = grid.rows().await;
        let first = json!({"insert": {"values": {"id": 7, "name": "seven"}}});
        for (change, path) in [
            (update(json!({"name": "one"}), json!({"name": "two"})), "update.after.name"),
            (update(json!({"name": "one"}), json!({"name": null})), "update.after.name"),
            (update(json!({"count": null}), json!({"count": 200})), "update.after.count"),
            (update(json!({"count": null}), json!({"count": "abc"})), "update.after.count"),
            (update(json!({"count": null}), json!({"count": "99999999999999999999"})), "update.after.count"),
            (update(json!({"amount": null}), json!({"amount": "1,5"})), "update.after.amount"),
            (json!({"insert": {"values": {"id": 3, "name": "two"}}}), "insert.values.name"),
            (json!({"insert": {"values": {"id": 3, "name": "x", "count": 1.5}}}), "insert.values.count"),
        ] {
            let refused = grid.world.client.post(&grid.path, GridWorld::body(json!([first, change]))).await;
            let refused = refused.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, format!("changes[1].{path}"), "{database:?} {change}: {}", refused.message);
            assert_eq!(grid.rows().await, rows, "{database:?} {change}");
        }
        let twice = json!([first, {"insert": {"values": {"id": 1, "name": "again"}}}]);
        let refused = grid.world.client.post(&grid.path, GridWorld::body(twice)).await.refused(400, "INVALID_REQUEST");
        assert!(refused.path.starts_with("changes[1].insert"), "{}: {}", refused.path, refused.message);
        // a row takes the place of a deleted one
        let replaced = json!([
            {"insert": {"values": {"id": 1, "name": "one"}}}, {"delete": {"key": {"id": 1}, "before": rows[0]}},
        ]);
        grid.save(replaced).await;
    }
}

#[tokio::test]
async fn only_members_who_use_the_dashboard_change_only_what_the_widget_allows() {
    let grid = GridWorld::new(Database::Sqlite, &["name"]).await;
    grid.run("insert into items (id, name) values (1, 'one')").await;
    let change = json!([update(json!({"name": "one"}), json!({"name": "first"}))]);
    let viewer = grid.world.member("viewer@example.com", "Viewer").await.1;
    viewer.post(&grid.path, GridWorld::body(change.clone())).await.refused(403, "PERMISSION_DENIED");
    let second = grid.world.server.tenant(&grid.world.owner, "Second").await;
    second.post(&grid.path, GridWorld::body(change.clone())).await.refused(404, "NOT_FOUND");
    let operator = grid.world.member("op@example.com", "Operator").await.1;
    for (body, path) in [
        (json!({"item": "other", "changes": change}), "item"),
        (json!({"item": "grid", "changes": []}), "changes"),
        (json!({"item": "grid", "changes": change, "table": "users"}), "table"),
        (
            GridWorld::body(json!([{"insert": {"values": {"name`; drop table items; --": 1}}}])),
            "changes[0].insert.values.name`; drop table items; --",
        ),
        (GridWorld::body(json!([update(json!({"id": 1}), json!({"id": 2}))])), "changes[0].update.after.id"),
    ] {
        let refused = operator.post(&grid.path, body.clone()).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{body}: {}", refused.message);
    }
    let many: Vec<_> = (0..5001).map(|id| json!({"insert": {"values": {"id": id}}})).collect();
    let refused = operator.post(&grid.path, GridWorld::body(many.into())).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "changes");
    operator.post(&grid.path, GridWorld::body(change)).await.expect(200);
    assert_eq!(grid.rows().await[0]["name"], "first");
}

#[tokio::test]
async fn an_author_needs_permission_to_write_queries() {
    let mut grid = GridWorld::new(Database::Sqlite, &["name"]).await;
    let permissions =
        ["widget:create", "widget:read", "widget:update", "widget:list", "dataquery:read", "dataquery:execute"];
    grid.world.role("Designer", &permissions).await;
    let designer = grid.world.member("designer@example.com", "Designer").await.1;
    let widget = format!("widgets/{}", grid.widget);
    let config = designer.get(&widget).await.expect(200)["config"].clone();
    let draft = json!({"name": "Mine", "type": "grid", "config": config});
    let refused = designer.post("widgets", draft).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:create"), "{}", refused.message);
    designer.patch(&widget, json!({"config": {"table": "users"}})).await.refused(403, "PERMISSION_DENIED");
    designer.patch(&widget, json!({"config": {"compact": true}})).await.expect(200);

    // neither do clones and the trash get around that
    let client = &grid.world.client;
    let dashboard = id(&client.post("dashboards", json!({"name": "Own"})).await.expect(201));
    let config = client.get(&widget).await.expect(200)["config"].clone();
    let own = json!({"name": "Own", "type": "grid", "config": config, "dashboardID": dashboard});
    let own = id(&client.post("widgets", own).await.expect(201));
    let permissions = [
        "tenant:read",
        "dashboard:clone",
        "dashboard:create",
        "dashboard:read",
        "dashboard:update",
        "widget:create",
        "dataquery:execute",
    ];
    grid.world.role("Cloner", &permissions).await;
    let cloner = grid.world.member("cloner@example.com", "Cloner").await.1;
    let clone = format!("dashboards/{dashboard}/clone");
    let restore = format!("trash/{own}/restore");
    let client = &grid.world.client;
    let refused = cloner.post(&clone, json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:create"), "{}", refused.message);
    client.post(&clone, json!({})).await.expect(201);
    client.delete(&format!("widgets/{own}")).await.expect(204);
    let refused = cloner.post(&restore, json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:create"), "{}", refused.message);
    client.post(&restore, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_read_only_datasource_and_one_without_tables_are_refused() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name"]).await;
        grid.run("insert into items (id, name) values (1, 'one')").await;
        let datasource = format!("datasources/{}", grid.datasource);
        grid.world.client.patch(&datasource, json!({"options": {"readOnly": true}})).await.expect(200);
        let change = json!([update(json!({"name": "one"}), json!({"name": "first"}))]);
        let refused =
            grid.world.client.post(&grid.path, GridWorld::body(change)).await.refused(422, "DATASOURCE_ERROR");
        assert!(refused.message.contains("read-only"), "{}", refused.message);
        assert_eq!(grid.rows().await[0]["name"], "one");
    }
    let grid = GridWorld::new(Database::Sqlite, &["name"]).await;
    let client = &grid.world.client;
    let script = id(&client.post("datasources", json!({"name": "Script", "type": "javascript"})).await.expect(201));
    let draft = json!({"name": "Numbers", "datasourceID": script, "options": {"code": "return [{id: 1}]"}});
    let query = id(&client.post("data-queries", draft).await.expect(201));
    let widget = format!("widgets/{}", grid.widget);
    let refused = client.patch(&widget, json!({"config": {"queryID": query}})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.queryID");
}

#[tokio::test]
async fn a_table_without_transactions_is_refused() {
    let grid = GridWorld::new(Database::Mariadb, &["name"]).await;
    grid.run("insert into items (id, name) values (1, 'one')").await;
    grid.run("alter table items engine = MyISAM").await;
    let change = json!([update(json!({"name": "one"}), json!({"name": "first"}))]);
    let refused = grid.world.client.post(&grid.path, GridWorld::body(change)).await.refused(422, "DATASOURCE_ERROR");
    assert!(refused.message.contains("no transactions"), "{}", refused.message);
    assert_eq!(grid.rows().await[0]["name"], "one");
}

#[tokio::test]
async fn an_ambiguous_key_is_refused() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name", "count"]).await;
        grid.run("insert into items (id, name, count) values (1, 'same', 1), (2, 'same', 2)").await;
        let config = json!({"key": ["name"], "columns": [{"field": "count"}]});
        grid.world.client.patch(&format!("widgets/{}", grid.widget), json!({"config": config})).await.expect(200);
        let change = json!([{"update": {"key": {"name": "same"}, "before": {"count": 1}, "after": {"count": 9}}}]);
        let refused = grid.world.client.post(&grid.path, GridWorld::body(change)).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "changes[0].update.key", "{}", refused.message);
    }
}

#[tokio::test]
async fn two_changes_of_one_row_are_refused_however_its_key_is_written() {
    for database in DATABASES {
        let grid = GridWorld::new(database, &["name", "count"]).await;
        grid.run("insert into items (id, name, count) values (1, 'same', 1), (2, 'other', 2)").await;
        let by_id = json!([[1, " 1"], ["id"]]);
        let by_name = json!([["same", "SAME"], ["name"]]);
        let cases = match database {
            Database::Mariadb => vec![by_id, by_name],
            Database::Postgresql => vec![by_id],
            // it converts no text
            Database::Sqlite => vec![json!([[1, "1.0"], ["id"]])],
        };
        for case in cases {
            let (spellings, column) = (&case[0], case[1][0].as_str().unwrap());
            let config = json!({"key": [column], "columns": [{"field": "count"}]});
            grid.world.client.patch(&format!("widgets/{}", grid.widget), json!({"config": config})).await.expect(200);
            let key = |at: usize| json!({column: spellings[at]});
            let updated = json!({"update": {"key": key(1), "before": {"count": 1}, "after": {"count": 9}}});
            let first = json!({"update": {"key": key(0), "before": {"count": 1}, "after": {"count": 5}}});
            for first in [first, json!({"delete": {"key": key(0), "before": {}}})] {
                let changes = GridWorld::body(json!([first, updated]));
                let refused = grid.world.client.post(&grid.path, changes).await.refused(400, "INVALID_REQUEST");
                assert_eq!(refused.path, "changes[1].update.key", "{database:?} {case}: {}", refused.message);
            }
            assert_eq!(grid.rows().await[0]["count"], 1);
        }
    }
}

#[tokio::test]
async fn a_row_that_the_database_keeps_is_not_reported_as_deleted() {
    let grid = GridWorld::new(Database::Postgresql, &["name"]).await;
    grid.run("insert into items (id, name) values (1, 'one'), (2, 'two')").await;
    grid.run("create rule kept as on delete to items where old.id = 2 do instead nothing").await;
    let delete = |id: u32| json!({"delete": {"key": {"id": id}, "before": {}}});
    let changes = GridWorld::body(json!([delete(1), delete(2)]));
    let refused = grid.world.client.post(&grid.path, changes).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "changes[1].delete", "{}", refused.message);
    assert_eq!(grid.rows().await.len(), 2);
}

#[tokio::test]
async fn a_change_that_takes_too_long_is_rolled_back() {
    for (database, slow) in [
        (Database::Postgresql, "update items set count = count + 1 where id = 2 returning pg_sleep(2)"),
        (Database::Mariadb, "update items set count = count + 1 + sleep(2) where id = 2"),
    ] {
        let grid = GridWorld::new(database, &["name", "count"]).await;
        grid.run("insert into items (id, name, count) values (1, 'one', 1), (2, 'two', 2)").await;
        let query = format!("data-queries/{}", grid.query);
        grid.world.client.patch(&query, json!({"timeoutMs": 500})).await.expect(200);
        let changes = json!([
            update(json!({"name": "one"}), json!({"name": "first"})),
            {"update": {"key": {"id": 2}, "before": {"name": "two"}, "after": {"name": "second"}}},
        ]);
        // someone else's statement holds the lock of the second row
        let (refused, _) = tokio::join!(
            async {
                until_running(&grid, "items set count").await;
                grid.world.client.post(&grid.path, GridWorld::body(changes)).await
            },
            grid.run(slow),
        );
        refused.refused(504, "TIMEOUT");
        let rows = grid.rows().await;
        assert_eq!((&rows[0]["name"], &rows[1]["name"]), (&json!("one"), &json!("two")), "{database:?}");
        // the lock of the first row was released
        let again = json!([update(json!({"name": "one"}), json!({"name": "again"}))]);
        grid.save(again).await;
    }
}

/// Waits until the database runs a statement with this text.
async fn until_running(grid: &GridWorld, text: &str) {
    let (begin, end) = text.split_at(3);
    let found = match grid.database {
        Database::Postgresql => {
            format!("select 1 as n from pg_stat_activity where state = 'active' and query like '%{begin}' || '{end}%'")
        }
        _ => format!(
            "select 1 as n from information_schema.processlist where info like concat('%', '{begin}', '{end}', '%')"
        ),
    };
    while grid.run(&found).await.as_array().is_none_or(Vec::is_empty) {}
}

#[tokio::test]
async fn items_whose_conditions_are_not_met_are_neither_changed_nor_asked_for_choices() {
    let grid = GridWorld::new(Database::Sqlite, &["name"]).await;
    grid.run("insert into items (id, name) values (1, 'one')").await;
    let client = &grid.world.client;
    let choices = json!({"queryID": grid.query, "valueField": "name"});
    let form = json!({"name": "Form", "type": "form", "config": {
        "fields": [{"name": "name", "type": "select", "choices": choices}],
        "action": {"type": "query", "queryID": grid.query, "values": {}},
    }});
    let form = id(&client.post("widgets", form).await.expect(201));
    let when = |from: &str, field: &str, value: &str| json!([{"from": from, "field": field, "operator": "equals", "value": value}]);
    let items = json!([
        {"key": "owners", "widgetID": grid.widget, "when": when("user", "role", "Owner")},
        {"key": "eu", "widgetID": grid.widget, "when": when("vars", "region", "EU")},
        {"key": "ownersForm", "widgetID": form, "when": when("user", "role", "Owner")},
        {"key": "euForm", "widgetID": form, "when": when("vars", "region", "EU")},
    ]);
    let dashboard = grid.path.trim_end_matches("/changes").to_owned();
    let variables = json!([{"name": "region", "type": "text"}]);
    client.patch(&dashboard, json!({"items": items, "variables": variables})).await.expect(200);
    let operator = grid.world.member("op@example.com", "Operator").await.1;
    let changes = json!([update(json!({"name": "one"}), json!({"name": "first"}))]);
    let change = |item: &str, region: &str| json!({"item": item, "changes": changes, "preview": true, "variables": {"region": region}});
    let ask = |item: &str, region: &str| json!({"item": item, "field": "name", "variables": {"region": region}});
    let choices = format!("{dashboard}/choices");
    for (item, region) in [("owners", "EU"), ("eu", "US"), ("ownersForm", "EU"), ("euForm", "US")] {
        let refused = if item.ends_with("Form") {
            operator.post(&choices, ask(item, region)).await
        } else {
            operator.post(&grid.path, change(item, region)).await
        };
        let refused = refused.refused(400, "INVALID_REQUEST");
        assert_eq!((refused.path.as_str(), refused.message.contains("conditions")), ("item", true), "{item}");
    }
    operator.post(&grid.path, change("eu", "EU")).await.expect(200);
    client.post(&grid.path, change("owners", "US")).await.expect(200);
    let listed = operator.post(&choices, ask("euForm", "EU")).await.expect(200);
    assert_eq!(listed["choices"][0]["value"], "one");
    client.post(&choices, ask("ownersForm", "US")).await.expect(200);
}

#[tokio::test]
async fn errors_do_not_show_columns_that_the_widget_does_not_have() {
    let grid = GridWorld::new(Database::Postgresql, &["name"]).await;
    grid.run("alter table items add secret text default 'hidden', alter name set not null, add check (name <> 'x')")
        .await;
    grid.run("insert into items (id, name) values (1, 'one')").await;
    for name in [json!(null), json!("x")] {
        let body = GridWorld::preview(json!([update(json!({"name": "one"}), json!({"name": name}))]));
        let refused = grid.world.client.post(&grid.path, body).await.refused(400, "INVALID_REQUEST");
        assert!(!refused.message.contains("hidden"), "{}", refused.message);
        assert!(refused.message.contains("violates"), "{}", refused.message);
    }
}
