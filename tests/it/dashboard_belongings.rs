//! Widgets and queries that belong to a dashboard: who may use them, and what happens to them with it.
use crate::support::{World, client::id};
use serde_json::{Value, json};
use uuid::Uuid;

/// A dashboard with a widget and a query that belong to it: their IDs.
struct Board {
    dashboard: Uuid,
    widget: Uuid,
    query: Uuid,
}

async fn board(world: &World, name: &str) -> Board {
    let dashboard = id(&world.client.post("dashboards", json!({"name": name})).await.expect(201));
    let query = json!({
        "name": "Items", "datasourceID": world.id("datasourceID"), "dashboardID": dashboard,
        "options": {"sql": "select id, name from items"},
    });
    let query = id(&world.client.post("data-queries", query).await.expect(201));
    let widget = json!({"name": "Items", "type": "table", "config": {"queryID": query}, "dashboardID": dashboard});
    let widget = id(&world.client.post("widgets", widget).await.expect(201));
    let choices = json!({"queryID": query, "valueField": "id"});
    let change = json!({
        "items": [{"key": "a", "widgetID": widget}],
        "variables": [{"name": "item", "type": "select", "source": choices}],
    });
    world.client.patch(&format!("dashboards/{dashboard}"), change).await.expect(200);
    Board { dashboard, widget, query }
}

#[tokio::test]
async fn only_the_dashboard_and_what_belongs_to_it_may_link_to_a_record() {
    let world = World::full().await;
    let Board { dashboard, widget, query } = board(&world, "Sales").await;
    let node = json!({"id": "1", "type": "dataQuery", "name": "q", "config": {"queryID": query}});
    let cases = [
        ("dashboards", json!({"name": "x", "items": [{"key": "a", "widgetID": widget}]}), "items[0].widgetID"),
        ("widgets", json!({"name": "x", "type": "table", "config": {"queryID": query}}), "config.queryID"),
        ("workflows", json!({"name": "x", "nodes": [node]}), "nodes[0].config.queryID"),
    ];
    for (plural, draft, path) in cases {
        let refused = world.client.post(plural, draft).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path);
        assert!(refused.message.contains("move it to the library"), "{}", refused.message);
    }
    let foreign = world.server.tenant(&world.owner, "Second").await;
    let theirs = id(&foreign.post("dashboards", json!({"name": "Theirs"})).await.expect(201));
    for unknown in [Uuid::now_v7(), theirs, widget] {
        let draft = json!({"name": "x", "type": "text", "config": {"markdown": "x"}, "dashboardID": unknown});
        let refused = world.client.post("widgets", draft).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "dashboardID", "{}", refused.message);
    }
    // a library record may be used everywhere, so it cannot move to a dashboard while others use it
    let path = format!("data-queries/{}", world.id("queryID"));
    let refused = world.client.patch(&path, json!({"dashboardID": dashboard})).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("keep it in the library"), "{}", refused.message);
    let free = json!({"name": "Free", "type": "text", "config": {"markdown": "x"}});
    let free = id(&world.client.post("widgets", free).await.expect(201));
    let moved = world.client.patch(&format!("widgets/{free}"), json!({"dashboardID": dashboard})).await.expect(200);
    assert_eq!(moved["dashboardID"], dashboard.to_string());
}

#[tokio::test]
async fn a_widget_moves_to_the_library_together_with_its_queries() {
    let mut world = World::full().await;
    let Board { dashboard, widget, query } = board(&world, "Sales").await;
    let path = format!("widgets/{widget}");
    for (role, lacking) in [
        (vec!["widget:read", "widget:update", "dataquery:update", "dataquery:execute"], "dashboard:update"),
        (vec!["widget:read", "widget:update", "dashboard:update", "dataquery:execute"], "dataquery:update"),
    ] {
        world.role(lacking, &role).await;
        let member = world.member(&format!("{}@example.com", lacking.replace(':', "-")), lacking).await.1;
        let refused = member.patch(&path, json!({"dashboardID": null})).await.refused(403, "PERMISSION_DENIED");
        assert!(refused.message.contains(lacking), "{}", refused.message);
    }
    let taken = json!({"name": "Items", "datasourceID": world.id("datasourceID"), "options": {"sql": "select 1"}});
    let taken = id(&world.client.post("data-queries", taken).await.expect(201));
    let refused = world.client.patch(&path, json!({"dashboardID": null})).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("query \"Items\" moves to the library"), "{}", refused.message);
    world.client.patch(&format!("data-queries/{taken}"), json!({"name": "Taken"})).await.expect(200);

    let moved = world.client.patch(&path, json!({"dashboardID": null})).await.expect(200);
    assert_eq!((&moved["dashboardID"], &moved["version"]), (&Value::Null, &json!(2)));
    let moved = world.client.get(&format!("data-queries/{query}")).await.expect(200);
    assert_eq!((&moved["dashboardID"], &moved["version"]), (&Value::Null, &json!(2)));
    world
        .client
        .post("dashboards", json!({"name": "Other", "items": [{"key": "a", "widgetID": widget}]}))
        .await
        .expect(201);
    world.client.delete(&format!("dashboards/{dashboard}")).await.expect(204);
    world.client.get(&path).await.expect(200);
}

#[tokio::test]
async fn what_belongs_to_a_dashboard_is_deleted_and_restored_with_it() {
    let mut world = World::full().await;
    let Board { dashboard, widget, query } = board(&world, "Sales").await;
    let path = format!("dashboards/{dashboard}");
    world.role("Cleaner", &["tenant:read", "dashboard:read", "dashboard:delete"]).await;
    let cleaner = world.member("cleaner@example.com", "Cleaner").await.1;
    let refused = cleaner.delete(&path).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("widget:delete (1 widget)"), "{}", refused.message);
    world.client.delete(&path).await.expect(204);
    for gone in [format!("widgets/{widget}"), format!("data-queries/{query}")] {
        world.client.get(&gone).await.refused(404, "NOT_FOUND");
    }
    let trash = world.client.get("trash").await.expect(200);
    assert_eq!((&trash["total"], &trash["items"][0]["parts"]), (&json!(1), &json!(2)), "{trash}");
    // the name is free while it is in the trash
    board(&world, "Another").await;
    let restored = world.client.post(&format!("trash/{dashboard}/restore"), json!({})).await.expect(200);
    assert_eq!(restored["items"].as_array().unwrap().len(), 3);
    let shown = world.client.get(&path).await.expect(200);
    assert_eq!(shown["widgets"][0]["config"]["queryID"], query.to_string());
    let data = world.client.post(&format!("widgets/{widget}/data"), json!({})).await.expect(200);
    assert!(data["rowCount"].as_u64().unwrap() > 0, "{data}");

    world.client.delete(&path).await.expect(204);
    world.client.delete(&format!("trash/{dashboard}")).await.expect(204);
    assert_eq!(world.client.get("trash").await.expect(200)["total"], 0, "nothing can be restored without it");
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn a_clone_has_clones_of_what_belongs_to_the_dashboard() {
    let mut world = World::full().await;
    let Board { dashboard, widget, query } = board(&world, "Sales").await;
    let path = format!("dashboards/{dashboard}");
    let both = json!({"items": [{"key": "a", "widgetID": widget}, {"key": "b", "widgetID": world.id("widgetID")}]});
    world.client.patch(&path, both).await.expect(200);
    let opens = json!({"queryID": query, "opens": {"type": "widget", "widgetID": widget}});
    world.client.patch(&format!("widgets/{widget}"), json!({"config": opens})).await.expect(200);
    let role = [
        "dashboard:read",
        "dashboard:create",
        "dashboard:clone",
        "widget:read",
        "dataquery:execute",
        "datasource:read",
    ];
    world.role("Copier", &role).await;
    let copier = world.member("copier@example.com", "Copier").await.1;
    let refused = copier.post(&format!("{path}/clone"), json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:create"), "{}", refused.message);

    let clone = world.client.post(&format!("{path}/clone"), json!({})).await.expect(201);
    let clone = world.client.get(&format!("dashboards/{}", id(&clone))).await.expect(200);
    let [own, shared] = [0, 1].map(|i| clone["widgets"][i].clone());
    let (own, shared) = if own["dashboardID"].is_null() { (shared, own) } else { (own, shared) };
    assert_eq!(id(&shared), world.id("widgetID"), "library widgets are shared");
    assert_eq!((&own["name"], &own["dashboardID"]), (&json!("Items"), &clone["id"]));
    assert!(id(&own) != widget && own["config"]["queryID"] != query.to_string(), "{own}");
    assert_eq!(clone["variables"][0]["source"]["queryID"], own["config"]["queryID"]);
    assert_eq!(own["config"]["opens"]["widgetID"], own["id"], "the clone opens its own widgets");
    assert!(clone["items"].as_array().unwrap().iter().any(|item| item["widgetID"] == own["id"]), "{clone}");
    world.client.delete(&path).await.expect(204);
    let data = world.client.post(&format!("widgets/{}/data", id(&own)), json!({})).await.expect(200);
    assert!(data["rowCount"].as_u64().unwrap() > 0, "{data}");
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn lists_show_the_library_or_one_dashboard() {
    let world = World::full().await;
    let Board { dashboard, widget, .. } = board(&world, "Sales").await;
    let names = async |query: &str| {
        let listed = world.client.get(&format!("widgets?sort=name&{query}")).await.expect(200);
        let items = listed["items"].as_array().unwrap().clone();
        assert_eq!(listed["total"], items.len());
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["A widget", "Items"]);
    assert_eq!(names("dashboardID=none").await, ["A widget"]);
    assert_eq!(names(&format!("dashboardID={dashboard}")).await, ["Items"]);
    assert_eq!(names(&format!("dashboardID={dashboard}&q=nothing")).await, [""; 0]);
    assert_eq!(names("dashboardID=none&q=WIDGET").await, ["A widget"]);
    for wrong in ["widgets?dashboardID=x", "dashboards?dashboardID=none"] {
        let refused = world.client.get(wrong).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "dashboardID");
    }
    let more = json!({"name": "Items 2", "type": "text", "config": {"markdown": "x"}, "dashboardID": dashboard});
    world.client.post("widgets", more).await.expect(201);
    let first = world.client.get(&format!("widgets?dashboardID={dashboard}&limit=1&sort=name")).await.expect(200);
    let next = first["nextCursor"].as_str().unwrap();
    let path = format!("widgets?dashboardID={dashboard}&limit=1&sort=name&cursor={next}");
    assert_eq!(world.client.get(&path).await.expect(200)["items"][0]["name"], "Items 2");

    let ids = format!("{widget},{}", world.id("widgetID"));
    let uses = world.client.get(&format!("widgets/uses?ids={ids}")).await.expect(200);
    assert_eq!(uses["items"][0]["items"], json!([{"id": dashboard, "kind": "dashboard", "name": "Sales"}]));
    assert_eq!((&uses["items"][1]["count"], uses["items"].as_array().unwrap().len()), (&json!(1), 2));
    let many = vec![Uuid::nil().to_string(); 201].join(",");
    for wrong in ["x".to_owned(), many] {
        let refused = world.client.get(&format!("widgets/uses?ids={wrong}")).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "ids");
    }
}

#[tokio::test]
async fn a_shared_dashboard_shows_what_belongs_to_it() {
    let world = World::full().await;
    let Board { dashboard, .. } = board(&world, "Sales").await;
    let link = world.client.post(&format!("dashboards/{dashboard}/shares"), json!({})).await.expect(201);
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap();
    let shown = world.server.anyone().get(&format!("/api/v1/shared/{token}")).await.expect(200);
    assert_eq!(shown["items"][0]["title"], "Items");
}

#[tokio::test]
async fn a_restored_version_has_what_belonged_to_the_dashboard() {
    let mut world = World::full().await;
    let Board { dashboard, widget, query } = board(&world, "Sales").await;
    let path = format!("dashboards/{dashboard}");
    let version = world.client.get(&path).await.expect(200)["version"].as_u64().unwrap();
    let restore = format!("{path}/versions/{version}/restore");
    let emptied = json!({"items": [], "variables": [], "name": "Empty"});
    world.client.patch(&path, emptied.clone()).await.expect(200);
    world.client.delete(&format!("widgets/{widget}")).await.expect(204);
    world.client.delete(&format!("data-queries/{query}")).await.expect(204);

    let told = world.client.post(&restore, json!({"preview": true})).await.expect(200);
    let kinds: Vec<_> = told["restored"].as_array().unwrap().iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(
        (kinds, &told["leftOut"], &told["dashboard"]),
        (vec![json!("dataquery"), json!("widget")], &json!([]), &Value::Null)
    );
    assert_eq!(world.client.get("trash").await.expect(200)["total"], 2, "a preview writes nothing");

    world
        .role("Arranger", &["tenant:read", "dashboard:read", "dashboard:update", "widget:read", "dataquery:execute"])
        .await;
    let editor = world.member("editor@example.com", "Arranger").await.1;
    let refused = editor.post(&restore, json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains(":create"), "{}", refused.message);
    assert_eq!(world.client.get("trash").await.expect(200)["total"], 2);

    let restored = world.client.post(&restore, json!({})).await.expect(200);
    assert_eq!(restored["restored"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&restored["dashboard"]["name"], &restored["dashboard"]["version"]),
        (&json!("Sales"), &json!(version + 2))
    );
    let shown = world.client.get(&path).await.expect(200);
    assert_eq!(shown["widgets"][0]["config"]["queryID"], query.to_string());
    let data = world.client.post(&format!("widgets/{widget}/data"), json!({})).await.expect(200);
    assert!(data["rowCount"].as_u64().unwrap() > 0, "{data}");
    assert_eq!(world.client.get("trash").await.expect(200)["total"], 0);
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn what_cannot_come_back_with_a_version_is_named_before_anything_is_written() {
    let world = World::full().await;
    let Board { dashboard, widget, query } = board(&world, "Sales").await;
    let path = format!("dashboards/{dashboard}");
    let text = |name: &str, place: Value| json!({"name": name, "type": "text", "config": {"markdown": "x"}, "dashboardID": place});
    let gone = id(&world.client.post("widgets", text("Lost", json!(dashboard))).await.expect(201));
    let library = id(&world.client.post("widgets", text("Shared", Value::Null)).await.expect(201));
    let items = json!([
        {"key": "a", "widgetID": widget}, {"key": "b", "widgetID": gone}, {"key": "c", "widgetID": library},
    ]);
    let whole = world.client.patch(&path, json!({"items": items})).await.expect(200);
    let restore = format!("{path}/versions/{}/restore", whole["version"]);
    let current = world.client.patch(&path, json!({"items": [], "variables": []})).await.expect(200);
    for one in [widget, gone, library] {
        world.client.delete(&format!("widgets/{one}")).await.expect(204);
    }
    world.client.delete(&format!("data-queries/{query}")).await.expect(204);
    for one in [gone, query] {
        world.client.delete(&format!("trash/{one}")).await.expect(204);
    }
    let told = world.client.post(&restore, json!({"preview": true})).await.expect(200);
    let lost =
        |name: &str| told["leftOut"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned().unwrap();
    assert_eq!(told["leftOut"].as_array().unwrap().len(), 3, "{told}");
    assert_eq!((lost("Lost")["reason"].clone(), lost("Shared")["reason"].clone()), (json!("gone"), json!("inTrash")));
    let widgets = told["leftOut"].as_array().unwrap().iter().find(|one| one["id"] == widget.to_string()).unwrap();
    assert_eq!((&widgets["reason"], &widgets["needs"]["name"]), (&json!("incomplete"), &json!("Items")));

    let refused = world.client.post(&restore, json!({})).await.refused(409, "CONFLICT");
    for named in ["\"Lost\" was deleted for good", "\"Shared\" is in the trash", "leaveOut"] {
        assert!(refused.message.contains(named), "{}", refused.message);
    }
    assert_eq!(world.client.get(&path).await.expect(200)["version"], current["version"], "nothing was written");

    // what was named can be restored first
    world.client.post(&format!("trash/{library}/restore"), json!({})).await.expect(200);
    let restored = world.client.post(&restore, json!({"leaveOut": true})).await.expect(200);
    let left: Vec<_> =
        restored["dashboard"]["items"].as_array().unwrap().iter().map(|item| item["key"].clone()).collect();
    assert_eq!(left, [json!("c")], "{restored}");
    assert!(restored["dashboard"]["variables"][0]["source"].is_null(), "{restored}");
    let stale =
        world.client.call(reqwest::Method::POST, &restore).header("if-match", "\"1\"").json(&json!({})).send().await;
    stale.refused(412, "VERSION_CONFLICT");
}
