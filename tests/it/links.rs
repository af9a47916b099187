//! Links between records: they must exist, and records in use cannot be deleted.
use crate::support::{World, client::id, kinds::kind};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn the_error_for_a_link_to_a_missing_record_names_the_field() {
    let world = World::full().await;
    let second = world.server.tenant(&world.owner, "Second").await;
    let foreign = id(&second.post("datasources", (kind("datasource").draft)(&world, "Foreign")).await.expect(201));
    let wrong = [Uuid::now_v7(), foreign, world.id("roleID")];
    for target in wrong {
        let cases: [(&str, Value, &str); 4] = [
            (
                "data-queries",
                json!({"name": "x", "datasourceID": target, "options": {"sql": "select 1"}}),
                "datasourceID",
            ),
            ("widgets", json!({"name": "x", "type": "table", "config": {"queryID": target}}), "config.queryID"),
            ("dashboards", json!({"name": "x", "items": [{"key": "a", "widgetID": target}]}), "items[0].widgetID"),
            (
                "workflows",
                json!({"name": "x", "nodes": [{"id": "1", "type": "dataQuery", "name": "q", "config": {"queryID": target}}]}),
                "nodes[0].config.queryID",
            ),
        ];
        for (plural, body, field) in cases {
            let refused = world.client.post(plural, body).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, field, "{}", refused.message);
        }
        let query = format!("data-queries/{}", world.id("queryID"));
        let moved = world.client.patch(&query, json!({"datasourceID": target})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(moved.path, "datasourceID");
    }
}

#[tokio::test]
async fn a_record_in_use_cannot_be_deleted_and_the_error_names_its_users() {
    let world = World::full().await;
    for (path, user) in [
        (format!("datasources/{}", world.id("datasourceID")), "A query"),
        (format!("data-queries/{}", world.id("queryID")), "A widget"),
        (format!("data-queries/{}", world.id("queryID")), "A workflow"),
        (format!("widgets/{}", world.id("widgetID")), "A dashboard"),
    ] {
        let refused = world.client.delete(&path).await.refused(409, "CONFLICT");
        assert!(refused.message.contains(user), "{}", refused.message);
        world.client.get(&path).await.expect(200);
    }
    let dashboard = format!("dashboards/{}", world.id("dashboardID"));
    world.client.patch(&dashboard, json!({"items": [], "layouts": null})).await.expect(200);
    world.client.delete(&format!("widgets/{}", world.id("widgetID"))).await.expect(204);
}

#[tokio::test]
async fn a_cascade_deletes_dependent_records_and_clears_optional_links() {
    let world = World::full().await;
    world.client.delete(&format!("datasources/{}?cascade=true", world.id("datasourceID"))).await.expect(204);
    for deleted in ["data-queries", "widgets", "datasources"] {
        assert_eq!(world.client.get(deleted).await.expect(200)["total"], 0, "{deleted}");
    }
    let dashboard = world.client.get(&format!("dashboards/{}", world.id("dashboardID"))).await.expect(200);
    assert_eq!((&dashboard["items"], &dashboard["layouts"]["lg"]), (&json!([]), &json!([])));
    let workflow = world.client.get(&format!("workflows/{}", world.id("workflowID"))).await.expect(200);
    let names: Vec<_> = workflow["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone()).collect();
    assert_eq!(names, ["start", "items", "end"]);
    assert!(workflow["nodes"][1]["config"].get("queryID").is_none(), "the step must stay, without its query");
    assert_eq!((&dashboard["version"], &workflow["version"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn a_cascade_stays_within_the_tenant_and_must_be_requested() {
    let world = World::full().await;
    let path = format!("widgets/{}", world.id("widgetID"));
    for query in ["cascade=maybe", "cascade=1", "force=true"] {
        world.client.delete(&format!("{path}?{query}")).await.refused(400, "INVALID_REQUEST");
    }
    world.client.delete(&format!("{path}?cascade=false")).await.refused(409, "CONFLICT");
    let second = world.server.tenant(&world.owner, "Second").await;
    second.delete(&format!("{path}?cascade=true")).await.refused(404, "NOT_FOUND");
    world.client.get(&path).await.expect(200);
}

#[tokio::test]
async fn records_that_a_widgets_action_uses_cannot_be_deleted_either() {
    let world = World::full().await;
    let (query, workflow) = (world.id("queryID"), world.id("workflowID"));
    let button = |name: &str, action: Value| json!({"name": name, "type": "button", "config": {"label": "Go", "action": action}});
    let runs = json!({"name": "Runs", "type": "workflowRuns", "config": {"workflowID": workflow}});
    world.client.post("widgets", button("Query", json!({"type": "query", "queryID": query}))).await.expect(201);
    world.client.post("widgets", button("Flow", json!({"type": "workflow", "workflowID": workflow}))).await.expect(201);
    world.client.post("widgets", runs).await.expect(201);
    for (path, user) in [("data-queries", "\"Query\""), ("workflows", "\"Flow\""), ("workflows", "\"Runs\"")] {
        let target = if path == "workflows" { workflow } else { query };
        let refused = world.client.delete(&format!("{path}/{target}")).await.refused(409, "CONFLICT");
        assert!(refused.message.contains(user), "{}", refused.message);
    }
    let nowhere = button("Nowhere", json!({"type": "workflow", "workflowID": Uuid::now_v7()}));
    let refused = world.client.post("widgets", nowhere).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.action.workflowID");
    world.client.delete(&format!("workflows/{workflow}?cascade=true")).await.expect(204);
    let remaining = world.client.get("widgets?q=Flow").await.expect(200);
    assert_eq!(remaining["total"], 0, "a button without its workflow must be deleted");
}
