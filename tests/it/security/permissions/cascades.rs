//! A cascading delete requires permission for each change that it makes.
use super::{DENIED, make, member_with};
use crate::support::World;
use serde_json::json;

/// The permissions required to delete the world's datasource and everything that uses it.
const ALL: [&str; 5] =
    ["datasource:delete", "dataquery:delete", "widget:delete", "dashboard:update", "workflow:update"];

#[tokio::test]
async fn a_cascade_requires_permission_for_every_deletion_and_change() {
    let mut world = World::full().await;
    let path = format!("datasources/{}?cascade=true", world.id("datasourceID"));
    let before = world.snapshot().await;
    for missing in &ALL[1..] {
        let others_held: Vec<&str> = ALL.into_iter().filter(|one| one != missing).collect();
        let client = member_with(&mut world, &format!("Without {missing}"), &others_held).await;
        let refused = client.delete(&path).await.refused(DENIED.0, DENIED.1);
        assert!(refused.message.contains(&format!("{missing} (1 ")), "{}", refused.message);
        for permission in &others_held {
            assert!(
                !refused.message.contains(permission),
                "the message must name only missing permissions: {}",
                refused.message
            );
        }
        for name in ["A query", "A widget", "A dashboard", "A workflow"] {
            assert!(!refused.message.contains(name), "the message must not contain names: {}", refused.message);
        }
    }
    let after = world.snapshot().await;
    for kind in ["datasources", "data-queries", "widgets", "dashboards", "workflows"] {
        assert_eq!(after[kind], before[kind], "{kind}");
    }
    member_with(&mut world, "Enough", &ALL).await.delete(&path).await.expect(204);
    for deleted in ["datasources", "data-queries", "widgets"] {
        assert_eq!(world.client.get(deleted).await.expect(200)["total"], 0, "{deleted}");
    }
}

#[tokio::test]
async fn deleting_a_linked_record_requires_permission_for_the_records_that_use_it() {
    let mut world = World::full().await;
    let file = world.id("fileID");
    make(&world.client, "datasources", json!({"name": "Sheet", "type": "file", "options": {"fileID": file}})).await;
    let workflow = world.id("workflowID");
    let start = json!({"label": "Go", "action": {"type": "workflow", "workflowID": workflow}});
    make(&world.client, "widgets", json!({"name": "Start", "type": "button", "config": start})).await;
    for (path, own, others) in [
        (format!("files/{file}"), "file:delete", vec!["datasource:delete"]),
        (format!("workflows/{workflow}"), "workflow:delete", vec!["widget:delete"]),
        (format!("widgets/{}", world.id("widgetID")), "widget:delete", vec!["dashboard:update"]),
        (format!("data-queries/{}", world.id("queryID")), "dataquery:delete", vec!["widget:delete"]),
    ] {
        let client = member_with(&mut world, &format!("Only {own}"), &[own]).await;
        let refused = client.delete(&format!("{path}?cascade=true")).await.refused(DENIED.0, DENIED.1);
        for other in others {
            assert!(refused.message.contains(other), "{path}: {}", refused.message);
        }
        world.client.get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn a_record_in_use_lists_only_the_records_that_the_caller_can_see() {
    let mut world = World::full().await;
    let path = format!("data-queries/{}", world.id("queryID"));
    let blind = member_with(&mut world, "Blind", &["dataquery:delete", "workflow:list"]).await;
    let refused = blind.delete(&path).await.refused(409, "CONFLICT");
    assert!(!refused.message.contains("A widget"), "{}", refused.message);
    assert!(refused.message.contains("1 widget") && refused.message.contains("A workflow"), "{}", refused.message);
}

#[tokio::test]
async fn a_dashboard_keeps_working_after_the_query_of_a_variables_options_is_deleted() {
    let world = World::full().await;
    let query = world.id("queryID");
    let variables = json!([
        {"name": "item", "type": "select", "source": {"queryID": query, "valueField": "name"}, "default": "Lamp"},
        {"name": "size", "type": "select", "options": ["S", "L"]},
    ]);
    let body =
        json!({"name": "Chosen", "items": [{"key": "a", "widgetID": world.id("widgetID")}], "variables": variables});
    let dashboard = format!("dashboards/{}", make(&world.client, "dashboards", body).await);
    let (_, operator) = world.member("op@example.com", "Operator").await;
    operator.delete(&format!("data-queries/{query}?cascade=true")).await.refused(DENIED.0, DENIED.1);
    world.client.delete(&format!("datasources/{}?cascade=true", world.id("datasourceID"))).await.expect(204);
    let remaining = world.client.get(&dashboard).await.expect(200);
    assert_eq!((&remaining["items"], &remaining["variables"][0]["source"]), (&json!([]), &json!(null)));
    assert_eq!(remaining["variables"][1]["options"], json!(["S", "L"]));
    // a variable without its options accepts only its default
    let data = format!("{dashboard}/data");
    world.client.post(&data, json!({"variables": {"item": "Lamp"}})).await.expect(200);
    let refused = world.client.post(&data, json!({"variables": {"item": "Chair"}})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "variables.item");
}
