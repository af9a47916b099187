//! Dashboards that are exported to a file and imported, also into another tenant.
use crate::support::{World, client::id};
use serde_json::{Value, json};
use uuid::Uuid;

/// A dashboard with its own query and two widgets, one of which opens the dashboard itself, and a library widget.
async fn dashboard(world: &World) -> Uuid {
    let (query, table, button, own) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let source = world.id("datasourceID");
    let library = json!({"name": "Notes", "type": "text", "config": {"markdown": "# Hi"}});
    let library = id(&world.client.post("widgets", library).await.expect(201));
    let opens = json!({"type": "open", "to": {"type": "widget", "widgetID": table}});
    let contents = json!({
        "dashboard": {
            "name": "Sales",
            "items": [
                {"key": "table", "widgetID": table}, {"key": "button", "widgetID": button},
                {"key": "notes", "widgetID": library},
            ],
            "layouts": {"lg": [{"i": "notes", "x": 0, "y": 0, "w": 2, "h": 2}]},
            "variables": [{"name": "item", "type": "select", "source": {"queryID": query, "valueField": "name"}}],
        },
        "queries": [
            {"id": query, "name": "Items", "datasourceID": source, "options": {"sql": "select name from items"}},
            {"id": own, "name": "Delete", "datasourceID": source, "options": {"sql": "delete from items"}},
        ],
        "widgets": [
            {"id": table, "name": "Items", "type": "table", "config": {
                "queryID": query, "rowActions": [{"label": "Go", "action": {"type": "query", "queryID": own}}],
            }},
            {"id": button, "name": "Open", "type": "button", "config": {"label": "Open", "action": opens}},
        ],
    });
    id(&world.client.post("dashboards/contents", contents).await.expect(201)["dashboard"])
}

async fn exported(world: &World, dashboard: Uuid) -> Value {
    let answer = world.client.get(&format!("dashboards/{dashboard}/export")).await;
    assert!(answer.header("content-disposition").unwrap().contains("Sales.dashboard.json"), "{answer}");
    assert!(answer.text.contains("\n  \"version\": 1"), "people can read the file");
    answer.expect(200)
}

#[tokio::test]
async fn a_dashboard_is_exported_with_what_belongs_to_it_and_imported_again() {
    let world = World::full().await;
    let original = dashboard(&world).await;
    let file = exported(&world, original).await;
    let names = |list: &Value| list.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(&file["widgets"]), names(&file["queries"])),
        (vec![json!("Items"), json!("Open")], vec![json!("Delete"), json!("Items")])
    );
    let text = file.to_string();
    for absent in ["secrets", "createdAt", "dashboardID\":\"", "sealed", "postgres://"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }

    let shown = world.client.post("dashboards/import/preview", json!({"file": file})).await.expect(200);
    assert_eq!((&shown["name"], names(&shown["widgets"]).len()), (&json!("Sales (2)"), 2));
    let targets: Value = shown["uses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap().to_owned(), one["target"].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert!(targets.as_object().unwrap().values().all(Value::is_string), "{shown}");
    let body = json!({"file": file, "targets": targets, "name": "Sales again"});
    let made = world.client.post("dashboards/import", body.clone()).await.expect(201);
    let copy = id(&made["dashboard"]);
    assert_eq!((made["widgets"].as_array().unwrap().len(), made["queries"].as_array().unwrap().len()), (2, 2));
    let table = &made["widgets"][0];
    assert_eq!(table["dashboardID"], copy.to_string());
    assert_eq!(table["config"]["queryID"], made["queries"][1]["id"]);
    assert_eq!(made["widgets"][1]["config"]["action"]["to"]["widgetID"], table["id"]);
    assert_eq!(made["dashboard"]["items"][0]["widgetID"], table["id"]);
    assert_eq!(made["dashboard"]["variables"][0]["source"]["queryID"], made["queries"][1]["id"]);
    // the same file again: the name is taken, and nothing is left behind
    let before = world.client.all("data-queries?limit=100").await.len();
    world.client.post("dashboards/import", body).await.refused(409, "CONFLICT");
    assert_eq!(world.client.all("data-queries?limit=100").await.len(), before);
}

#[tokio::test]
async fn a_file_is_imported_into_another_tenant_with_its_datasources() {
    let world = World::full().await;
    let original = dashboard(&world).await;
    let file = exported(&world, original).await;
    let second = world.server.tenant(&world.owner, "Second").await;
    let shown = second.post("dashboards/import/preview", json!({"file": file})).await.expect(200);
    let uses = shown["uses"].as_array().unwrap().clone();
    assert!(uses.iter().all(|one| one["target"].is_null()), "{uses:?}");
    let refused = second.post("dashboards/import", json!({"file": file})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "file.queries[0].datasourceID");
    assert!(refused.message.contains("select one of this tenant"), "{}", refused.message);

    let source = uses.iter().find(|one| one["kind"] == "datasource").unwrap();
    let original = world.client.get(&format!("datasources/{}", source["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(source["type"], original["type"]);
    let foreign = json!({"file": file, "targets": {source["id"].as_str().unwrap(): source["id"]}});
    second.post("dashboards/import", foreign).await.refused(400, "INVALID_REQUEST");
    let options = json!({"name": "Here", "type": original["type"], "options": original["options"]});
    let here = second.post("datasources", options).await.expect(201);
    let body = json!({"file": file, "targets": {source["id"].as_str().unwrap(): here["id"]}});
    let made = second.post("dashboards/import", body).await.expect(201);
    assert_eq!(made["dashboard"]["name"], "Sales");
    assert_eq!(made["queries"][0]["datasourceID"], here["id"]);
    // the library widget is not part of the file, and has no target here
    let keys: Vec<_> = made["dashboard"]["items"].as_array().unwrap().iter().map(|item| item["key"].clone()).collect();
    assert_eq!(keys, ["table", "button"]);
    assert_eq!(made["dashboard"]["layouts"]["lg"], json!([]));
}

#[tokio::test]
async fn other_files_are_refused_in_plain_words() {
    let world = World::full().await;
    let original = dashboard(&world).await;
    let file = exported(&world, original).await;
    let with = |field: &str, value: Value| {
        let mut file = file.clone();
        file[field] = value;
        file
    };
    let twice = json!([file["widgets"][0], file["widgets"][0]]);
    let mut bare = with("dashboard", json!({"name": "x", "tabs": 1}));
    for part in ["widgets", "queries"] {
        bare[part] = json!([]);
    }
    let many = vec![file["queries"][0].clone(); 201];
    for (file, path) in [
        (json!({}), "file.format"),
        (with("format", json!("other")), "file.format"),
        (with("version", json!(2)), "file.version"),
        (with("version", json!("1")), "file.version"),
        (with("more", json!(1)), "file.more"),
        (with("widgets", twice), "file.widgets[1].id"),
        (with("queries", json!(many)), "file.queries"),
        (bare, "file.dashboard.tabs"),
    ] {
        let refused =
            world.client.post("dashboards/import", json!({"file": file})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{}", refused.message);
    }
    let newer = world.client.post("dashboards/import/preview", json!({"file": with("version", json!(2))})).await;
    assert!(newer.refused(400, "INVALID_REQUEST").message.contains("update the server"));
    // a reader of the dashboard does not see its queries
    let (_, reader) = world.reader("vera@example.com").await;
    reader.get(&format!("dashboards/{original}/export")).await.refused(403, "PERMISSION_DENIED");
    reader.post("dashboards/import", json!({"file": file})).await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn widgets_that_are_no_longer_placed_are_left_out_of_the_file() {
    let world = World::full().await;
    let original = dashboard(&world).await;
    let path = format!("dashboards/{original}");
    let shown = world.client.get(&path).await.expect(200);
    let items: Vec<_> =
        shown["items"].as_array().unwrap().iter().filter(|item| item["key"] != "table").cloned().collect();
    world.client.patch(&path, json!({"items": items})).await.expect(200);
    let names = |list: &Value| list.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    let file = exported(&world, original).await;
    assert_eq!(names(&file["widgets"]), ["Items", "Open"], "the button opens the table");
    let items: Vec<_> = items.into_iter().filter(|item| item["key"] != "button").collect();
    world.client.patch(&path, json!({"items": items})).await.expect(200);
    let file = exported(&world, original).await;
    assert!(names(&file["widgets"]).is_empty(), "{file}");
    assert_eq!(names(&file["queries"]), ["Items"], "the variable uses it");
}
