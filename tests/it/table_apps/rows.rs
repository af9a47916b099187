//! The whole life of a row: as the Editor who creates the app, an Operator who uses it and a Viewer who looks at it.
use super::{
    Shop,
    databases::{KINDS, shop},
    item, values,
};
use crate::support::client::id;
use serde_json::{Value, json};

async fn people(shop: &Shop) {
    shop.sql("insert into people (email, full_name) values ('ada@x.example', 'Ada'), ('bob@x.example', 'Bob')").await;
}

#[tokio::test]
async fn an_operator_uses_an_app_without_seeing_sql_and_a_viewer_only_looks() {
    for kind in KINDS {
        let shop = shop(kind).await;
        people(&shop).await;
        let app = shop.app(json!({"table": "orders", "name": "Orders"})).await;
        let (_, operator) = shop.world.member("op@example.com", "Operator").await;
        let (_, viewer) = shop.world.member("viewer@example.com", "Viewer").await;
        for hidden in ["data-queries", "datasources", "widgets"] {
            operator.get(hidden).await.refused(403, "PERMISSION_DENIED");
        }
        // only what the person entered: the database's defaults apply to the rest
        let form = json!({"buyer_id": 1, "total": "12.5", "mood": "so so", "day": "2026-01-31"});
        assert_eq!(app.create(&operator, form).await, 1, "{kind}");
        let stored = shop.sql("select status, note, maybe from orders").await;
        assert_eq!(stored, json!([{"status": "new", "note": "", "maybe": null}]), "{kind}: defaults and null");
        let listed = app.rows(&operator, json!({"search": "ada"})).await;
        assert_eq!(
            (&listed["total"], &listed["data"][0]["buyer_id_label"]),
            (&json!(1), &json!("Ada")),
            "{kind}: {listed}"
        );
        assert_eq!(app.rows(&viewer, json!({"search": "nobody"})).await["total"], 0, "{kind}");

        let key = listed["data"][0]["id"].clone();
        let row = app.selected(&operator, json!({"id": key})).await;
        assert_eq!((&row["mood"], &row["maybe"], &row["note"]), (&json!("so so"), &Value::Null, &json!("")), "{kind}");
        let mut form = row.clone();
        for generated in ["id", "half", "photo"] {
            form.as_object_mut().unwrap().remove(generated);
        }
        form["buyer_id"] = json!(2);
        form["mood"] = Value::Null;
        form["paid"] = json!(true);
        form["status"] = json!("it's done");
        for (name, value) in form.clone().as_object().unwrap() {
            // as the form sends what the database returned
            if value.is_object() || value.is_array() {
                form[name] = json!(value.to_string());
            }
        }
        form["paid"] = json!(true);
        form["maybe"] = Value::Null;
        assert_eq!(app.save(&operator, &row, form.clone()).await, 1, "{kind}");
        let stored = shop.sql("select buyer_id, status, mood from orders").await;
        assert_eq!(stored, json!([{"buyer_id": 2, "status": "it's done", "mood": null}]), "{kind}");

        form.as_object_mut().unwrap().remove("version");
        let press = json!({"item": "edit", "action": "config.action", "row": row, "form": form});
        viewer.post(&format!("{}/actions", app.path), press).await.refused(403, "PERMISSION_DENIED");
        let delete = json!({"item": "rows", "action": "config.rowActions[0].action", "row": row});
        viewer.post(&format!("{}/actions", app.path), delete).await.refused(403, "PERMISSION_DENIED");
        assert_eq!(app.delete(&operator, &row).await, 1, "{kind}");
        assert_eq!(app.delete(&operator, &row).await, 0, "{kind}: it is gone");
    }
}

#[tokio::test]
async fn choices_of_a_foreign_key_are_searched_and_checked() {
    for kind in KINDS {
        let shop = shop(kind).await;
        people(&shop).await;
        let app = shop.app(json!({"table": "orders", "name": "Orders"})).await;
        let (_, operator) = shop.world.member("op@example.com", "Operator").await;
        let path = format!("{}/choices", app.path);
        let ask = |more: Value| {
            let mut body = json!({"item": "create", "field": "buyer_id"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let all = operator.post(&path, ask(json!({}))).await.expect(200);
        assert_eq!(all["choices"], json!([{"value": 1, "label": "Ada"}, {"value": 2, "label": "Bob"}]), "{kind}");
        let found = operator.post(&path, ask(json!({"search": "bO"}))).await.expect(200);
        assert_eq!(found["choices"], json!([{"value": 2, "label": "Bob"}]), "{kind}");
        let with = operator.post(&path, ask(json!({"value": 2}))).await.expect(200);
        assert_eq!(with["choices"][0]["label"], "Bob", "{kind}: the current value comes first");
        for (body, at) in [
            (json!({"item": "create", "field": "status"}), "field"),
            (json!({"item": "other", "field": "buyer_id"}), "item"),
            (ask(json!({"search": "x".repeat(201)})), "search"),
        ] {
            assert_eq!(operator.post(&path, body).await.refused(400, "INVALID_REQUEST").path, at, "{kind}");
        }
        let send = json!({"item": "create", "action": "config.action", "form": {"buyer_id": 77}});
        let refused = operator.post(&format!("{}/actions", app.path), send).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "form.buyer_id", "{kind}: {}", refused.message);
    }
}

/// A shop with 33 orders.
async fn busy_shop(kind: &'static str) -> Shop {
    let shop = shop(kind).await;
    people(&shop).await;
    for n in 0..33 {
        let status = if n % 2 == 0 { "new" } else { "it''s done" };
        shop.sql(&format!("insert into orders (buyer_id, status, total) values ({}, '{status}', {n})", n % 2 + 1))
            .await;
    }
    shop
}

#[tokio::test]
async fn pages_orders_and_filters_are_up_to_the_server() {
    for kind in KINDS {
        let shop = busy_shop(kind).await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "orders", "name": "Orders"})).await;
        let first = app.rows(client, json!({})).await;
        assert_eq!(
            (&first["total"], &first["truncated"], first["data"].as_array().unwrap().len()),
            (&json!(33), &json!(true), 15)
        );
        assert_eq!(first["data"][0]["id"], 33, "{kind}: the newest row comes first");
        let last = app.rows(client, json!({"page": 2, "sort": "total", "direction": "asc"})).await;
        assert_eq!(
            (values(&last, "id"), &last["truncated"]),
            (vec![json!(31), json!(32), json!(33)], &json!(false)),
            "{kind}"
        );
        let status = json!({"field": "status", "operator": "equals", "value": "it's done"});
        let above = json!({"field": "total", "operator": "atLeast", "value": "28.5"});
        let found = app.rows(client, json!({"filters": [status, above], "sort": "id", "direction": "asc"})).await;
        assert_eq!((values(&found, "id"), &found["total"]), (vec![json!(30), json!(32)], &json!(2)), "{kind}");
        for (field, operator, value, ids) in [
            ("id", "equals", "32", vec![json!(32)]),
            ("total", "equals", "28", vec![json!(29)]),
            ("id", "atLeast", "33", vec![json!(33)]),
            ("id", "atMost", "1", vec![json!(1)]),
            ("buyer_id", "equals", "77", vec![]),
            ("buyer_id_label", "contains", "nobody", vec![]),
        ] {
            let filter = json!({"field": field, "operator": operator, "value": value});
            let found = app.rows(client, json!({"filters": [filter]})).await;
            assert_eq!(values(&found, "id"), ids, "{kind}: {field}");
        }
        let bob = json!({"field": "buyer_id_label", "operator": "contains", "value": "bo"});
        let found = app.rows(client, json!({"filters": [bob]})).await;
        assert_eq!((&found["total"], &found["data"][0]["buyer_id"]), (&json!(16), &json!(2)), "{kind}");
        let by_label = app.rows(client, json!({"sort": "buyer_id_label", "direction": "desc"})).await;
        assert_eq!(by_label["data"][0]["buyer_id_label"], "Bob", "{kind}");
        let widget = app.widget("rows");
        let same = client.post(&format!("widgets/{widget}/data"), json!({"table": {"page": 2}})).await.expect(200);
        assert_eq!((same["data"].as_array().unwrap().len(), &same["total"]), (3, &json!(33)), "{kind}");
    }
}

#[tokio::test]
async fn pages_that_a_table_does_not_have_are_refused() {
    for kind in KINDS {
        let shop = busy_shop(kind).await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "orders", "name": "Orders"})).await;
        for (ask, why) in [
            (json!({"sort": "photo"}), "sort: is not a column"),
            (json!({"sort": "id; drop table orders"}), "sort: is not a column"),
            (json!({"search": "x".repeat(201)}), "search: must be at most"),
            (
                json!({"filters": [{"field": "status", "operator": "equals", "value": "other"}]}),
                "filters[0].value: must be one of",
            ),
            (json!({"filters": [{"field": "note", "operator": "atLeast", "value": "x"}]}), "filters[0].field: is not"),
            (
                json!({"filters": [{"field": "note", "operator": "empty", "value": "maybe"}]}),
                "filters[0].value: must be one of true, false",
            ),
            (
                json!({"filters": [{"field": "total", "operator": "atLeast", "value": [1]}]}),
                "filters[0].value: must be",
            ),
        ] {
            let event = item(client, &app.path, json!({"tables": {"rows": ask}}), "rows").await;
            assert!(event["error"]["message"].as_str().is_some_and(|text| text.starts_with(why)), "{kind}: {event}");
        }
        let unknown = json!({"tables": {"rows": {"direction": "up"}}});
        client.post(&format!("{}/data", app.path), unknown).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn an_app_needs_the_permissions_for_each_of_its_records() {
    let mut shop = shop("sqlite").await;
    let path = format!("datasources/{}/apps", shop.datasource);
    let all = [
        "tenant:read",
        "datasource:read",
        "dataquery:create",
        "dataquery:execute",
        "widget:create",
        "widget:read",
        "dashboard:create",
        "dashboard:read",
    ];
    for lacking in
        ["datasource:read", "dataquery:create", "dataquery:execute", "widget:create", "widget:read", "dashboard:create"]
    {
        let rest: Vec<&str> = all.into_iter().filter(|one| *one != lacking).collect();
        let role = format!("Without {lacking}");
        shop.world.role(&role, &rest).await;
        let (_, client) = shop.world.member(&format!("{}@example.com", lacking.replace(':', ".")), &role).await;
        client.post(&path, json!({"table": "people", "name": "People"})).await.refused(403, "PERMISSION_DENIED");
    }
    assert_eq!(shop.world.client.get("data-queries").await.expect(200)["total"], 0, "nothing was created");
    let (_, editor) = shop.world.member("editor@example.com", "Editor").await;
    editor.post(&path, json!({"table": "people", "name": "People"})).await.expect(201);
    let before = shop.world.client.get("data-queries").await.expect(200)["total"].clone();
    // the name of the dashboard is taken: nothing of the second app remains
    editor.post(&path, json!({"table": "people", "name": "People"})).await.refused(409, "CONFLICT");
    assert_eq!(shop.world.client.get("data-queries").await.expect(200)["total"], before);
    editor.post(&path, json!({"table": "people", "name": "People again"})).await.expect(201);
    for (body, at) in [
        (json!({"table": "nothing", "name": "x"}), "table"),
        (json!({"table": "people", "name": " "}), "name"),
        (json!({"table": "people", "name": "x", "columns": ["email", "other"]}), "columns[1]"),
        (json!({"table": "people", "name": "x", "columns": []}), "columns"),
        (json!({"table": "people", "name": "x", "texts": {"save": ""}}), "texts.save"),
        (json!({"table": "people", "name": "x", "more": 1}), "more"),
    ] {
        assert_eq!(editor.post(&path, body).await.refused(400, "INVALID_REQUEST").path, at);
    }
    let audit = shop.world.client.get("audit-logs?limit=100").await.expect(200);
    let acts: Vec<&str> =
        audit["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    for act in ["dataquery.create", "widget.create", "dashboard.create"] {
        assert!(acts.contains(&act), "{acts:?}");
    }
    assert_eq!(acts.iter().filter(|act| **act == "dashboard.create").count(), 2);
}

#[tokio::test]
async fn the_records_of_an_app_can_be_edited_like_any_others() {
    let shop = shop("sqlite").await;
    let app = shop.app(json!({"table": "people", "name": "People", "columns": ["email", "full_name"]})).await;
    let client = &shop.world.client;
    assert_eq!(app.labels("create"), ["Email", "Full name"]);
    for (kind, ids) in [
        ("data-queries", client.all("data-queries?limit=200").await),
        ("widgets", client.all("widgets?limit=200").await),
    ] {
        for record in ids {
            client.patch(&format!("{kind}/{}", id(&record)), json!({"description": "Changed"})).await.expect(200);
        }
    }
    client.patch(&app.path, json!({"description": "Changed"})).await.expect(200);
}
