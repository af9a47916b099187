//! Running a draft requires the permissions to save it.
use super::{DENIED, all_but, in_a_row, make, member_with, node};
use crate::support::{World, recorder::Recorder};
use axum::{body::Body, response::Response};
use serde_json::{Value, json};

/// Routes that take a body without a record, but run nothing in it.
const HARMLESS: [&str; 5] =
    ["workflows/cron-preview", "workflows/import", "dashboards/contents", "dashboards/import", "data-queries/effect"];

/// A route that runs a draft: its path below the tenant, and the required permissions: one of each group.
struct Draft {
    path: String,
    requires: Vec<Vec<String>>,
}

/// Every documented route that takes a body and belongs to a kind, not to one of its records: `…/widgets/preview`.
fn drafts() -> Vec<Draft> {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut drafts = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1/tenants/{tenantID}/") else { continue };
        let has_no_record = path.split('/').count() == 2 && !path.contains('{');
        let operation = &item["post"];
        if !has_no_record || operation["requestBody"].is_null() || HARMLESS.contains(&path) {
            continue;
        }
        let own = operation["x-permission"].as_str().unwrap();
        let also = operation["x-permission-also"].as_array().into_iter().flatten().map(|one| one.as_str().unwrap());
        let requires = std::iter::once(own).chain(also);
        let requires = requires.map(|one| one.split('|').map(str::to_owned).collect()).collect();
        drafts.push(Draft { path: path.to_owned(), requires });
    }
    drafts
}

#[test]
fn every_route_that_runs_a_draft_requires_permission_to_save_one() {
    let drafts = drafts();
    let paths: Vec<_> = drafts.iter().map(|draft| draft.path.as_str()).collect();
    assert_eq!(
        paths,
        ["datasources/test", "datasources/preview", "files/preview", "data-queries/test", "workflows/test"]
    );
    for Draft { path, requires } in drafts {
        let kind = requires[0][0].split(':').next().unwrap().to_owned();
        let saves =
            |permission: &String| ["create", "update"].map(|verb| format!("{kind}:{verb}")).contains(permission);
        assert!(requires.iter().any(|group| group.iter().all(saves)), "{path} requires {requires:?}");
    }
}

#[tokio::test]
async fn running_a_draft_requires_all_its_permissions() {
    let mut world = World::full().await;
    for Draft { path, requires } in drafts() {
        for (i, group) in requires.iter().enumerate() {
            let missing: Vec<&str> = group.iter().map(String::as_str).collect();
            let name = format!("{} without {i}", path.replace('/', " "));
            let client = member_with(&mut world, &name, &all_but(&missing)).await;
            let refused = client.post(&path, json!({})).await.refused(DENIED.0, DENIED.1);
            assert!(missing.iter().all(|one| refused.message.contains(one)), "{path}: {}", refused.message);
            for one in &missing {
                let rest: Vec<&str> = missing.iter().copied().filter(|other| other != one).collect();
                let name = format!("{} with {one}", path.replace('/', " "));
                let client = member_with(&mut world, &name, &all_but(&rest)).await;
                let answer = client.post(&path, json!({})).await;
                // the body is the file itself: a row without columns
                if path == "files/preview" {
                    answer.expect(200);
                } else {
                    answer.refused(400, "INVALID_REQUEST");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_operator_cannot_run_an_unsaved_graph() {
    let world = World::full().await;
    let recorder = Recorder::start(|_| Response::new(Body::from("inside"))).await;
    let (_, operator) = world.member("op@example.com", "Operator").await;
    let steps = [
        node("step", "httpRequest", json!({"url": recorder.url()})),
        node("step", "javascript", json!({"code": "return 1"})),
        node("step", "email", json!({"to": ["stranger@example.com"], "subject": "Hi", "text": "Hi"})),
        node("step", "notify", json!({"url": recorder.url(), "text": "Hi", "format": "slack"})),
        node("step", "dataQuery", json!({"queryID": world.id("queryID")})),
        node("step", "subWorkflow", json!({"workflowID": world.id("workflowID")})),
    ];
    for step in steps {
        let graph = json!({"nodes": [node("start", "start", json!({})), step], "edges": in_a_row(&["start", "step"])});
        operator.post("workflows/test?wait=10", graph).await.refused(DENIED.0, DENIED.1);
    }
    assert!(recorder.take().is_empty(), "the test run must not send anything");
    let saved = format!("workflows/{}/execute?wait=10", world.id("workflowID"));
    operator.post(&saved, json!({})).await.expect(200);
}

#[tokio::test]
async fn replaying_a_test_run_requires_permission_to_start_one() {
    let mut world = World::full().await;
    let graph = json!({
        "nodes": [node("start", "start", json!({})), node("step", "javascript", json!({"code": "return 1"}))],
        "edges": in_a_row(&["start", "step"]),
    });
    let (_, editor) = world.member("ed@example.com", "Editor").await;
    let run = editor.post("workflows/test?wait=30", graph).await.expect(200);
    let replay = format!("workflows/instances/{}/replay", run["id"].as_str().unwrap());
    let (_, operator) = world.member("op@example.com", "Operator").await;
    for body in [json!({}), json!({"fromNodeID": "step"}), json!({"useVersion": "original"})] {
        operator.post(&replay, body).await.refused(DENIED.0, DENIED.1);
    }
    let author = ["workflow:read", "workflow:execute", "workflow:update"];
    member_with(&mut world, "Author", &author).await.post(&replay, json!({})).await.expect(202);
    // runs of a saved workflow can be replayed by everyone who can execute it
    let path = format!("workflows/{}/execute?wait=10", world.id("workflowID"));
    let run = operator.post(&path, json!({})).await.expect(200);
    let replay = format!("workflows/instances/{}/replay", run["id"].as_str().unwrap());
    operator.post(&replay, json!({})).await.expect(202);
}

#[tokio::test]
async fn testing_a_graph_with_variables_requires_permission_to_read_them() {
    let mut world = World::full().await;
    let nodes = json!([node("start", "start", json!({})), node("end", "end", json!({"output": "{{ vars.region }}"}))]);
    let graph = json!({"nodes": nodes, "edges": in_a_row(&["start", "end"])});
    let run = world.client.post("workflows/test?wait=30", graph.clone()).await.expect(200);
    let replay = format!("workflows/instances/{}/replay", run["id"].as_str().unwrap());
    let blind = member_with(&mut world, "Blind", &all_but(&["variable:read"])).await;
    blind.post("workflows/test", graph).await.refused(DENIED.0, DENIED.1);
    blind.post(&replay, json!({})).await.refused(DENIED.0, DENIED.1);
}

#[tokio::test]
async fn testing_a_sqlite_datasource_creates_no_file() {
    let world = World::full().await;
    let files = world.server.data_dir().join("files").join(world.tenant.to_string());
    let second = world.server.tenant(&world.owner, "Second").await;
    let folder = world.server.data_dir().join("files").join(second.tenant.unwrap().to_string());
    let draft = |path: &str| json!({"type": "sqlite", "options": {"path": path, "readOnly": false}});
    for (client, folder) in [(&world.client, &files), (&second, &folder)] {
        let report = client.post("datasources/test", draft("new.db")).await.expect(200);
        assert_eq!(report["ok"], true, "{report}");
        let wrong = client.post("datasources/test", draft("nowhere/new.db")).await.expect(200);
        assert_eq!(wrong["ok"], false, "{wrong}");
        let mut saved = draft("new.db");
        saved["name"] = json!("New");
        let saved = make(client, "datasources", saved).await;
        let report = client.post(&format!("datasources/{saved}/test"), json!({})).await.expect(200);
        assert_eq!(report["ok"], true, "{report}");
        assert_eq!(client.get(&format!("datasources/{saved}/schema")).await.expect(200)["items"], json!([]));
        assert!(!folder.join("new.db").exists());
        let sql = json!({"datasourceID": saved, "options": {"sql": "create table t (a)"}});
        client.post("data-queries/test", sql).await.expect(200);
        assert!(folder.join("new.db").exists(), "executing a statement must create the file");
    }
}
