//! Two people who edit the same row, and columns that the database changes with it.
use super::{
    Shop,
    databases::{KINDS, shop},
};
use serde_json::json;

#[tokio::test]
async fn what_somebody_else_changed_in_between_is_not_overwritten() {
    for kind in KINDS {
        let shop = shop(kind).await;
        shop.sql("insert into people (email, full_name) values ('ada@x.example', 'Ada'), ('bob@x.example', null)")
            .await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "people", "name": "People"})).await;
        for (key, mine, theirs) in [(1, "ada@y.example", "ADA"), (2, "bob@y.example", "Bob")] {
            let row = app.selected(client, json!({"id": key})).await;
            let mut form = app.form(&row);
            form["full_name"] = json!(theirs);
            assert_eq!(app.save(client, &row, form).await, 1, "{kind}");
            let mut stale = app.form(&row);
            stale["email"] = json!(mine);
            assert_eq!(app.save(client, &row, stale).await, 0, "{kind}: it has another name now");
            let row = app.selected(client, json!({"id": key})).await;
            assert_eq!(row["full_name"], theirs, "{kind}");
            let mut form = app.form(&row);
            form["email"] = json!(mine);
            assert_eq!(app.save(client, &row, form).await, 1, "{kind}");
            let stored = shop.sql(&format!("select email, full_name from people where id = {key}")).await;
            assert_eq!(stored, json!([{"email": mine, "full_name": theirs}]), "{kind}");
        }
        let row = json!({"id": 1, "email": "ada@y.example", "full_name": "ADA"});
        let press = json!({"item": "edit", "action": "config.action", "row": row, "form": app.form(&row)});
        let refused = client.post(&format!("{}/actions", app.path), press).await.refused(400, "INVALID_REQUEST");
        assert!(refused.message.contains("row.version"), "{kind}: {}", refused.message);
    }
}

#[tokio::test]
async fn columns_whose_values_cannot_be_compared_can_be_saved() {
    let shop = Shop::new(
        "postgresql",
        &[
            "create table t (id int primary key, small real, large double precision, data json, place point, page xml,
                             codes char(3)[], flags bit(3)[], name text)",
            "insert into t values (1, 0.1, 1e-7, '{\"a\": 1.50}', '(1,2)', '<a/>', '{abc,de}', '{101,011}', 'x'),
                                  (2, null, null, null, null, null, null, null, null)",
        ],
    )
    .await;
    let client = &shop.world.client;
    let app = shop.app(json!({"table": "t", "name": "T"})).await;
    for key in [1, 2] {
        let row = app.selected(client, json!({"id": key})).await;
        let mut form = app.form(&row);
        form["name"] = json!("changed");
        assert_eq!(app.save(client, &row, form).await, 1, "{row}");
    }
    let stored = shop
        .sql("select cast(small as text) as small, cast(data as text) as data, cast(codes as text) as codes, cast(flags as text) as flags from t where name = 'changed' order by id")
        .await;
    let first = json!({"small": "0.1", "data": "{\"a\": 1.50}", "codes": "{abc,\"de \"}", "flags": "{101,011}"});
    assert_eq!(stored, json!([first, {"small": null, "data": null, "codes": null, "flags": null}]));
    let row = app.selected(client, json!({"id": 1})).await;
    let mut form = app.form(&row);
    form["codes"] = json!("{abcd}");
    let press = json!({"item": "edit", "action": "config.action", "row": row, "form": form});
    let answer = client.post(&format!("{}/actions", app.path), press).await;
    assert!(answer.text.contains("too long"), "the value is not shortened: {answer}");
}

#[tokio::test]
async fn a_column_that_is_set_on_update_moves_with_its_row() {
    let shop = Shop::new(
        "mysql",
        &[
            "create table t (id int auto_increment primary key, size float, data json, name varchar(20),
                changed timestamp not null default current_timestamp on update current_timestamp)",
            "insert into t (size, data, name, changed) values (0.1, '{\"a\": 1}', 'x', '2020-01-01 00:00:00')",
        ],
    )
    .await;
    let client = &shop.world.client;
    let app = shop.app(json!({"table": "t", "name": "T"})).await;
    assert_eq!(app.labels("edit"), ["Size", "Data", "Name"]);
    assert_eq!(app.labels("create"), ["Size", "Data", "Name"]);
    let row = app.selected(client, json!({"id": 1})).await;
    let mut form = app.form(&row);
    form["name"] = json!("y");
    assert_eq!(app.save(client, &row, form).await, 1);
    let moved = shop.sql("select changed > '2020-01-02' as moved, size = cast(0.1 as float) as same from t").await;
    assert_eq!(moved, json!([{"moved": 1, "same": 1}]));
}

#[tokio::test]
async fn an_app_knows_a_column_that_was_added_a_moment_ago() {
    let shop = shop("sqlite").await;
    shop.columns("people").await;
    shop.sql("alter table people add column phone text").await;
    let app = shop.app(json!({"table": "people", "name": "People"})).await;
    assert!(app.labels("create").contains(&"Phone".to_owned()));
    shop.sql("create table new_row (id integer primary key, name text)").await;
    let app = shop.app(json!({"table": "new_row", "name": "New"})).await;
    assert_eq!(app.items(), ["edit", "create", "new", "rows"]);
}

#[tokio::test]
async fn rows_are_edited_and_added_in_drawers() {
    let shop = shop("sqlite").await;
    let app = shop.app(json!({"table": "people", "name": "People"})).await;
    for (item, is_in_drawer) in [("edit", true), ("create", true), ("new", false), ("rows", false)] {
        let found = app.dashboard["items"].as_array().unwrap().iter().find(|one| one["key"] == item).unwrap();
        assert_eq!(found["drawer"] == true, is_in_drawer, "{item}");
        let placed = app.dashboard["layouts"]["lg"].as_array().unwrap().iter().any(|cell| cell["i"] == item);
        assert_eq!(placed, !is_in_drawer, "{item}");
    }
    assert_eq!(app.config("rows")["opens"], json!({"type": "widget", "widgetID": app.widget("edit")}));
    assert_eq!(app.config("new")["action"]["to"]["widgetID"], app.widget("create"));
}
