//! Saving a dashboard together with its widgets and queries: all of it, or nothing.
use crate::support::{Answer, Client, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

async fn put(client: &Client, dashboard: Uuid, contents: &Value) -> Answer {
    client.call(Method::PUT, &format!("dashboards/{dashboard}/contents")).json(contents).send().await
}

fn query(world: &World, id: Uuid, name: &str) -> Value {
    json!({
        "id": id, "name": name, "datasourceID": world.id("datasourceID"),
        "options": {"sql": "select id, name from items"},
    })
}

fn table(id: Uuid, name: &str, query: Uuid) -> Value {
    json!({"id": id, "name": name, "type": "table", "config": {"queryID": query}})
}

/// A text with one more field.
fn text(id: Uuid, field: &str, value: Value) -> Value {
    let mut text = json!({"id": id, "name": "Last", "type": "text", "config": {"markdown": "x"}});
    text[field] = value;
    text
}

fn dashboard(name: &str, widgets: &[Uuid]) -> Value {
    let item = |(i, widget): (usize, &Uuid)| json!({"key": format!("i{i}"), "widgetID": widget});
    json!({"name": name, "items": widgets.iter().enumerate().map(item).collect::<Value>()})
}

/// A dashboard with one widget and one query that belong to it, and their IDs.
async fn built(world: &World, name: &str) -> (Value, Uuid, Uuid) {
    let (widget, query_id) = (Uuid::now_v7(), Uuid::now_v7());
    let contents = json!({
        "dashboard": dashboard(name, &[widget]),
        "widgets": [table(widget, "Items", query_id)],
        "queries": [query(world, query_id, "Items")],
    });
    let saved = world.client.post("dashboards/contents", contents).await.expect(201);
    (saved, widget, query_id)
}

/// The body that saves the dashboard as it is.
fn unchanged(saved: &Value) -> Value {
    let mut dashboard = saved["dashboard"].clone();
    for field in ["id", "createdAt", "updatedAt", "createdBy", "widgets"] {
        dashboard.as_object_mut().unwrap().remove(field);
    }
    dashboard
}

#[tokio::test]
async fn a_new_dashboard_is_saved_with_what_belongs_to_it_and_each_record_is_audited() {
    let world = World::full().await;
    let contents = json!({
        "dashboard": dashboard("Sales", &[Uuid::nil()]),
        "widgets": [table(Uuid::nil(), "Items", Uuid::max())],
        "queries": [query(&world, Uuid::max(), "Items")],
    });
    let answer = world.client.post("dashboards/contents", contents).await;
    let location = answer.header("location").unwrap().to_owned();
    let saved = answer.expect(201);
    let dashboard = id(&saved["dashboard"]);
    assert!(location.ends_with(&format!("/dashboards/{dashboard}")), "{location}");
    assert_eq!(saved["widgets"][0]["dashboardID"], dashboard.to_string());
    assert_eq!(saved["queries"][0]["dashboardID"], dashboard.to_string());
    assert_eq!(saved["dashboard"]["widgets"][0]["name"], "Items");
    let data = world.client.post(&format!("widgets/{}/data", Uuid::nil()), json!({})).await.expect(200);
    assert!(data["rowCount"].as_u64().unwrap() > 0, "{data}");
    let acts = world.client.get("audit-logs?limit=3").await.expect(200);
    let mut acts: Vec<_> =
        acts["items"].as_array().unwrap().iter().map(|act| act["action"].as_str().unwrap()).collect();
    acts.sort_unstable();
    assert_eq!(acts, ["dashboard.create", "dataquery.create", "widget.create"]);
    let versions = world.client.get(&format!("dashboards/{dashboard}/versions")).await.expect(200);
    assert_eq!(versions["items"].as_array().unwrap().len(), 1, "the dashboard is written once");
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn names_are_unique_on_a_dashboard_and_free_elsewhere() {
    let world = World::full().await;
    built(&world, "First").await;
    let (second, _, query_id) = built(&world, "Second").await;
    let twice = json!({
        "dashboard": unchanged(&second),
        "widgets": [table(Uuid::now_v7(), "Items", query_id)],
    });
    let refused = put(&world.client, id(&second["dashboard"]), &twice).await.refused(409, "CONFLICT");
    assert!(refused.message.starts_with("widgets[0]: ") && refused.message.contains("Items"), "{}", refused.message);
    world
        .client
        .post("widgets", json!({"name": "Items", "type": "text", "config": {"markdown": "x"}}))
        .await
        .expect(201);
}

#[tokio::test]
async fn new_changed_and_deleted_records_are_saved_at_once_and_the_deleted_are_restored_together() {
    let world = World::full().await;
    let (saved, widget, query_id) = built(&world, "Sales").await;
    let dashboard_id = id(&saved["dashboard"]);
    let (text, other) = (Uuid::now_v7(), Uuid::now_v7());
    let mut board = unchanged(&saved);
    board["items"] = json!([{"key": "a", "widgetID": text}, {"key": "b", "widgetID": other}]);
    let contents = json!({
        "dashboard": board,
        // the name of a widget that is deleted in the same save
        "widgets": [
            {"id": text, "name": "Items", "type": "text", "config": {"markdown": "Hi"}},
            table(other, "Shared", world.id("queryID")),
        ],
        "deletedWidgets": [{"id": widget, "version": 1}],
        "deletedQueries": [{"id": query_id, "version": 1}],
    });
    let second = put(&world.client, dashboard_id, &contents).await.expect(200);
    assert_eq!((&second["dashboard"]["version"], &second["widgets"][0]["version"]), (&json!(2), &json!(1)));
    world.client.get(&format!("widgets/{widget}")).await.refused(404, "NOT_FOUND");

    let mut changed = table(other, "Shared", world.id("queryID"));
    changed["version"] = json!(1);
    changed["description"] = json!("changed");
    let mut library = table(world.id("widgetID"), "A widget", world.id("queryID"));
    library["version"] = json!(1);
    library["description"] = json!("from the dashboard");
    let contents = json!({"dashboard": unchanged(&second), "widgets": [changed, library]});
    let third = put(&world.client, dashboard_id, &contents).await.expect(200);
    assert_eq!(third["dashboard"]["version"], 3, "its version has the settings of what belongs to it");
    assert_eq!((&third["widgets"][0]["version"], &third["widgets"][1]["dashboardID"]), (&json!(2), &Value::Null));

    let refused = world.client.post(&format!("trash/{widget}/restore"), json!({})).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("rename"), "{}", refused.message);
    world.client.patch(&format!("widgets/{text}"), json!({"name": "Text"})).await.expect(200);
    let restored = world.client.post(&format!("trash/{query_id}/restore"), json!({})).await.expect(200);
    assert_eq!(restored["items"].as_array().unwrap().len(), 2);
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn anything_wrong_with_the_last_record_changes_nothing_and_names_its_place() {
    let world = World::full().await;
    let (saved, _, query_id) = built(&world, "Sales").await;
    let dashboard_id = id(&saved["dashboard"]);
    let before = world.snapshot().await;
    let (a, b, new) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let mut renamed = unchanged(&saved);
    renamed["name"] = json!("Renamed");
    let wrong = [
        (table(b, "Last", Uuid::now_v7()), "widgets[1].config.queryID"),
        (json!({"id": b, "name": "Last", "type": "bar", "config": {"queryID": query_id}}), "widgets[1].config"),
        (json!({"id": b, "name": "Last", "type": "what"}), "widgets[1].type"),
        (json!({"id": b, "name": " ", "type": "text"}), "widgets[1].name"),
        (json!({"name": "Last", "type": "text"}), "widgets[1].id"),
        (text(b, "version", json!("x")), "widgets[1].version"),
        (text(Uuid::now_v7(), "version", json!(1)), "widgets[1].id"),
        (text(b, "dashboardID", json!(world.id("dashboardID"))), "widgets[1].dashboardID"),
        (text(b, "createdAt", json!("now")), "widgets[1].createdAt"),
    ];
    for (last, path) in wrong {
        let contents = json!({
            "dashboard": renamed,
            "queries": [query(&world, new, "New")],
            "widgets": [table(a, "First", new), last],
        });
        let refused = put(&world.client, dashboard_id, &contents).await.refused(400, "INVALID_REQUEST");
        assert!(refused.path.starts_with(path), "{path}: {} {}", refused.path, refused.message);
    }
    let item = json!({
        "dashboard": dashboard("New", &[Uuid::now_v7()]),
        "queries": [query(&world, new, "New")],
    });
    let refused = world.client.post("dashboards/contents", item).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "dashboard.items[0].widgetID");
    let used = json!({"dashboard": renamed, "deletedQueries": [{"id": query_id}]});
    let refused = put(&world.client, dashboard_id, &used).await.refused(409, "CONFLICT");
    assert!(refused.message.starts_with("deletedQueries[0]: it is used by"), "{}", refused.message);
    let known = json!({"dashboard": renamed, "queries": [query(&world, query_id, "Twice")]});
    let refused = put(&world.client, dashboard_id, &known).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("choose another"), "{}", refused.message);
    let many: Vec<_> = (0..201).map(|n| query(&world, Uuid::now_v7(), &format!("{n}"))).collect();
    let refused = put(&world.client, dashboard_id, &json!({"dashboard": renamed, "queries": many}))
        .await
        .refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "queries");
    assert_eq!(world.snapshot().await, before);
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn a_conflict_names_the_record_that_was_changed_in_the_meantime() {
    let world = World::full().await;
    let (saved, widget, query_id) = built(&world, "Sales").await;
    let dashboard_id = id(&saved["dashboard"]);
    world.client.patch(&format!("widgets/{widget}"), json!({"description": "theirs"})).await.expect(200);
    let before = world.snapshot().await;
    let mut board = unchanged(&saved);
    board["name"] = json!("Renamed");
    let mut mine = table(widget, "Items", query_id);
    mine["version"] = json!(1);
    let contents = json!({"dashboard": board, "widgets": [mine]});
    let refused = put(&world.client, dashboard_id, &contents).await.refused(412, "VERSION_CONFLICT");
    assert_eq!(refused.path, "widgets[0]");
    assert!(refused.message.contains("widget \"Items\"") && refused.message.contains('2'), "{}", refused.message);
    let mut stale = json!({"dashboard": board});
    stale["dashboard"]["version"] = json!(7);
    let refused = put(&world.client, dashboard_id, &stale).await.refused(412, "VERSION_CONFLICT");
    assert_eq!(refused.path, "dashboard");
    let deleted = json!({"dashboard": board, "deletedWidgets": [{"id": widget, "version": 1}]});
    // it is still on the dashboard, but the version is checked first
    let refused = put(&world.client, dashboard_id, &deleted).await.refused(412, "VERSION_CONFLICT");
    assert_eq!(refused.path, "deletedWidgets[0]");
    board.as_object_mut().unwrap().remove("version");
    let refused = put(&world.client, dashboard_id, &json!({"dashboard": board})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "dashboard.version");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn every_record_requires_the_permission_of_its_separate_route() {
    let mut world = World::full().await;
    let (saved, widget, query_id) = built(&world, "Sales").await;
    let dashboard_id = id(&saved["dashboard"]);
    let mut changed = table(widget, "Items", query_id);
    changed["version"] = json!(1);
    let mut empty = unchanged(&saved);
    empty["items"] = json!([]);
    let new_query = json!({"dashboard": empty, "queries": [query(&world, Uuid::now_v7(), "New")]});
    let text = json!({"id": Uuid::now_v7(), "name": "T", "type": "text", "config": {"markdown": "x"}});
    let lent = json!({"dashboard": empty, "widgets": [table(Uuid::now_v7(), "T", query_id)]});
    let cases = [
        ("dashboard:update", json!({"dashboard": empty})),
        ("widget:create", json!({"dashboard": empty, "widgets": [text]})),
        ("widget:update", json!({"dashboard": empty, "widgets": [changed]})),
        ("widget:delete", json!({"dashboard": empty, "deletedWidgets": [{"id": widget}]})),
        ("dataquery:create", new_query),
        ("dataquery:delete", json!({"dashboard": empty, "deletedQueries": [{"id": query_id}]})),
        ("dataquery:execute", lent),
    ];
    let all = [
        "tenant:read",
        "dashboard:read",
        "dashboard:update",
        "widget:read",
        "widget:create",
        "widget:update",
        "widget:delete",
        "dataquery:create",
        "dataquery:update",
        "dataquery:delete",
        "dataquery:execute",
        "datasource:read",
        "datasource:test",
    ];
    for (n, (lacking, contents)) in cases.into_iter().enumerate() {
        let role: Vec<_> = all.into_iter().filter(|permission| *permission != lacking).collect();
        world.role(&format!("Without {n}"), &role).await;
        let member = world.member(&format!("m{n}@example.com"), &format!("Without {n}")).await.1;
        let refused = put(&member, dashboard_id, &contents).await.refused(403, "PERMISSION_DENIED");
        assert!(refused.message.contains(lacking), "{lacking}: {}", refused.message);
    }
    assert_eq!(world.client.get(&format!("dashboards/{dashboard_id}")).await.expect(200)["version"], 1);
}

#[tokio::test]
async fn records_of_another_tenant_or_dashboard_are_unknown() {
    let world = World::full().await;
    let (saved, widget, query_id) = built(&world, "Sales").await;
    let (other, ..) = built(&world, "Other").await;
    let second = world.server.tenant(&world.owner, "Second").await;
    put(&second, id(&saved["dashboard"]), &json!({"dashboard": unchanged(&saved)})).await.refused(404, "NOT_FOUND");
    let datasource = json!({"name": "Theirs", "type": "sqlite", "options": {"path": "shop.db"}});
    second.post("datasources", datasource).await.expect(201);
    let contents = json!({"dashboard": dashboard("Theirs", &[widget])});
    let refused = second.post("dashboards/contents", contents).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "dashboard.items[0].widgetID");

    let mut theirs = table(widget, "Items", query_id);
    theirs["version"] = json!(1);
    let contents = json!({"dashboard": unchanged(&other), "widgets": [theirs]});
    let refused = put(&world.client, id(&other["dashboard"]), &contents).await.refused(400, "INVALID_REQUEST");
    assert!(refused.message.contains("another dashboard"), "{}", refused.message);
    let contents = json!({"dashboard": unchanged(&other), "deletedWidgets": [{"id": widget}]});
    let refused = put(&world.client, id(&other["dashboard"]), &contents).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "deletedWidgets[0].id");
}

#[tokio::test]
async fn the_answer_has_the_records_as_they_are_stored() {
    let world = World::full().await;
    let (saved, widget, query_id) = built(&world, "Sales").await;
    let dashboard = id(&saved["dashboard"]);
    // the widget takes its query with it to the library
    let mut contents = json!({
        "dashboard": unchanged(&saved), "widgets": [table(widget, "Items", query_id)],
        "queries": [query(&world, query_id, "Renamed")],
    });
    contents["widgets"][0]["version"] = json!(1);
    contents["widgets"][0]["dashboardID"] = Value::Null;
    contents["queries"][0]["version"] = json!(1);
    let answer = put(&world.client, dashboard, &contents).await.expect(200);
    for (kind, one) in [("widgets", widget), ("data-queries", query_id)] {
        let stored = world.client.get(&format!("{kind}/{one}")).await.expect(200);
        assert_eq!(stored["dashboardID"], Value::Null, "{kind}");
        let shown = if kind == "widgets" { &answer["widgets"][0] } else { &answer["queries"][0] };
        for field in ["version", "dashboardID", "name", "updatedAt"] {
            assert_eq!(shown[field], stored[field], "{kind} {field}");
        }
    }
    assert_eq!(answer["queries"][0]["name"], "Renamed");
    contents["dashboard"] = unchanged(&answer);
    for (list, name) in [("widgets", "Items"), ("queries", "Again")] {
        contents[list][0]["version"] = answer[list][0]["version"].clone();
        contents[list][0]["dashboardID"] = Value::Null;
        contents[list][0]["name"] = json!(name);
    }
    put(&world.client, dashboard, &contents).await.expect(200);
}

#[tokio::test]
async fn a_record_that_is_saved_and_deleted_at_once_is_named() {
    let world = World::full().await;
    let (saved, widget, query_id) = built(&world, "Sales").await;
    let dashboard = id(&saved["dashboard"]);
    for (list, deleted, mut part) in [
        ("widgets", "deletedWidgets", table(widget, "Items", query_id)),
        ("queries", "deletedQueries", query(&world, query_id, "Items")),
    ] {
        part["version"] = json!(1);
        let contents = json!({"dashboard": unchanged(&saved), list: [part.clone()], deleted: [{"id": part["id"]}]});
        let refused = put(&world.client, dashboard, &contents).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, format!("{deleted}[0].id"), "{}", refused.message);
        assert!(refused.message.contains(&format!("{list}[0]")), "{}", refused.message);
    }
}

#[tokio::test]
async fn at_most_1000_records_belong_to_a_dashboard() {
    let world = World::full().await;
    let text = |name: String| json!({"id": Uuid::now_v7(), "name": name, "type": "text", "config": {"markdown": "x"}});
    let large = json!({"dashboard": {"name": "Large"}});
    let mut saved = world.client.post("dashboards/contents", large).await.expect(201);
    let dashboard = id(&saved["dashboard"]);
    for part in 0..5 {
        let widgets: Value = (0..200).map(|i| text(format!("{part}-{i}"))).collect();
        let contents = json!({"dashboard": unchanged(&saved), "widgets": widgets});
        saved = put(&world.client, dashboard, &contents).await.expect(200);
    }
    let full = "at most 1000 widgets and queries can belong to a dashboard";
    let contents = json!({"dashboard": unchanged(&saved), "widgets": [text("More".to_owned())]});
    let refused = put(&world.client, dashboard, &contents).await.refused(409, "CONFLICT");
    assert!(refused.message.contains(full), "{}", refused.message);
    let draft = json!({"name": "More", "type": "text", "config": {"markdown": "x"}});
    let mut one = draft.clone();
    one["dashboardID"] = json!(dashboard);
    let refused = world.client.post("widgets", one.clone()).await.refused(409, "CONFLICT");
    assert!(refused.message.contains(full), "{}", refused.message);
    let free = id(&world.client.post("widgets", draft).await.expect(201));
    let place = json!({"dashboardID": dashboard});
    world.client.patch(&format!("widgets/{free}"), place.clone()).await.refused(409, "CONFLICT");
    // one leaves, another takes its place, so the first cannot come back
    let list = world.client.get(&format!("widgets?dashboardID={dashboard}&limit=1")).await.expect(200);
    let first = id(&list["items"][0]);
    world.client.delete(&format!("widgets/{first}")).await.expect(204);
    let second = id(&world.client.post("widgets", one).await.expect(201));
    world.client.post(&format!("trash/{first}/restore"), json!({})).await.refused(409, "CONFLICT");
    world.client.patch(&format!("widgets/{second}"), json!({"description": "Changed"})).await.expect(200);
    world.client.delete(&format!("widgets/{second}")).await.expect(204);
    world.client.patch(&format!("widgets/{free}"), place).await.expect(200);
    // a dashboard with all of them is cloned, deleted and restored
    let clone = id(&world.client.post(&format!("dashboards/{dashboard}/clone"), json!({})).await.expect(201));
    let cloned = world.client.get(&format!("widgets?dashboardID={clone}&limit=1")).await.expect(200);
    assert_eq!(cloned["total"], 1000);
}
