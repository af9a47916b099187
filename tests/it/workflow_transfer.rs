//! Workflows that are exported to a file and imported, also into another tenant.
use crate::support::{World, client::id};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A workflow that uses a query, another workflow, itself, a role and variables, with a signed webhook.
async fn workflow(world: &World) -> Uuid {
    let other = json!({"name": "Other", "nodes": [{"id": "1", "type": "start", "name": "start"}], "edges": []});
    let other = id(&world.client.post("workflows", other).await.expect(201));
    let body = json!({
        "name": "Nightly", "tags": ["ops"], "settings": {"errorWorkflowID": other},
        "nodes": [
            {"id": "1", "type": "start", "name": "start"},
            {"id": "2", "type": "dataQuery", "name": "items", "title": "Read items", "pinnedOutput": {"secret": "kept here"},
             "config": {"queryID": world.id("queryID"), "parameters": {"a": "{{ vars.region }} {{ vars.absent }}"}}},
            {"id": "3", "type": "approval", "name": "ask", "config": {"title": "Go?", "assignees": ["Editor"]}},
        ],
        "edges": [{"id": "a", "source": "1", "target": "2"}, {"id": "b", "source": "2", "target": "3"}],
        "triggers": [{"type": "webhook", "id": "hook", "signature": {"secret": "s3cret-value-of-hook"}}],
    });
    id(&world.client.post("workflows", body).await.expect(201))
}

fn targets(shown: &Value) -> Value {
    let uses = shown["uses"].as_array().unwrap().iter();
    Value::Object(
        uses.map(|one| (one["id"].as_str().unwrap().to_owned(), one["target"].clone())).collect::<Map<_, _>>(),
    )
}

#[tokio::test]
async fn a_workflow_is_exported_without_secrets_and_imported_again() {
    let world = World::full().await;
    let original = workflow(&world).await;
    let answer = world.client.get(&format!("workflows/{original}/export")).await;
    assert!(answer.header("content-disposition").unwrap().contains("Nightly.workflow.json"), "{answer}");
    for absent in ["s3cret", "kept here", "sealed", "createdAt", "triggerStates", "problems"] {
        assert!(!answer.text.contains(absent), "{absent}: {answer}");
    }
    let file = answer.expect(200);
    let mut kinds: Vec<_> = file["uses"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["dataquery", "role", "workflow"], "{file}");

    let shown = world.client.post("workflows/import/preview", json!({"file": file})).await.expect(200);
    assert_eq!(shown["name"], "Nightly (2)");
    assert_eq!(shown["steps"], json!(["start", "Read items", "ask"]));
    assert_eq!(shown["missingVariables"], json!(["absent"]));
    assert!(targets(&shown).as_object().unwrap().values().all(Value::is_string), "{shown}");
    let body = json!({"file": file, "targets": targets(&shown), "name": "Nightly again"});
    let answer = world.client.post("workflows/import", body.clone()).await;
    let location = answer.header("location").unwrap().to_owned();
    let made = answer.expect(201);
    assert!(location.ends_with(&format!("/workflows/{}", id(&made))), "{location}");
    assert_eq!((&made["enabled"], &made["tags"]), (&json!(false), &json!(["ops"])));
    assert_eq!(made["nodes"][1]["config"]["queryID"], world.id("queryID").to_string());
    let before = world.client.all("workflows?limit=100").await.len();
    world.client.post("workflows/import", body).await.refused(409, "CONFLICT");
    assert_eq!(world.client.all("workflows?limit=100").await.len(), before);
}

#[tokio::test]
async fn a_workflow_is_imported_into_another_tenant_only_with_what_it_uses_there() {
    let world = World::full().await;
    let original = workflow(&world).await;
    let file = world.client.get(&format!("workflows/{original}/export")).await.expect(200);
    let second = world.server.tenant(&world.owner, "Second").await;
    let shown = second.post("workflows/import/preview", json!({"file": file})).await.expect(200);
    let role = shown["uses"].as_array().unwrap().iter().find(|one| one["kind"] == "role").unwrap();
    assert!(role["target"].is_string(), "the built-in role is found by its name");
    let refused = second.post("workflows/import", json!({"file": file, "targets": {}})).await;
    let refused = refused.refused(400, "INVALID_REQUEST");
    assert!(refused.path.starts_with("file.workflow.") && refused.message.contains("select one of this tenant"));
    let foreign: Map<String, Value> =
        targets(&shown).as_object().unwrap().keys().map(|id| (id.clone(), json!(id))).collect();
    let refused = second.post("workflows/import", json!({"file": file, "targets": foreign})).await;
    assert!(refused.refused(400, "INVALID_REQUEST").path.starts_with("file.workflow."));
    assert_eq!(second.all("workflows").await.len(), 0);
}

#[tokio::test]
async fn files_of_other_kinds_and_versions_are_refused() {
    let world = World::full().await;
    let original = workflow(&world).await;
    let file = world.client.get(&format!("workflows/{original}/export")).await.expect(200);
    let with = |field: &str, value: Value| {
        let mut file = file.clone();
        file[field] = value;
        file
    };
    let dashboard = world.client.get(&format!("dashboards/{}/export", world.id("dashboardID"))).await.expect(200);
    for (file, path) in [
        (dashboard, "file.format"),
        (with("version", json!(2)), "file.version"),
        (with("more", json!(1)), "file.more"),
        (with("workflow", json!({"name": "x", "nodes": 1})), "file.workflow.nodes"),
    ] {
        let refused =
            world.client.post("workflows/import", json!({"file": file})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{}", refused.message);
    }
}
