//! The API document: complete, in sync with the browser's types, and correct.
use crate::support::{TestServer, World};
use serde_json::{Value, json};
use std::{collections::HashSet, fs, path::Path, process::Command};
use uuid::Uuid;

fn document() -> Value {
    serde_json::from_slice(&jet_admin::api::document()).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_browsers_copy_is_up_to_date() {
    let copy = fs::read_to_string(root().join("assets/admin/openapi.json")).unwrap();
    let copy: Value = serde_json::from_str(&copy).unwrap();
    assert!(copy == document(), "the API has changed: run `make openapi`");
}

#[test]
fn every_operation_is_described() {
    let mut ids = HashSet::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{at} has no operationId"));
            assert!(ids.insert(id.to_owned()), "{id} is used twice");
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{at} has no summary or tag");
            let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
            assert!(statuses.iter().any(|status| status.starts_with('2')), "{at} documents no success");
            for status in statuses.iter().filter(|status| status.as_str() >= "400" && path.starts_with("/api/")) {
                let body = &operation["responses"][status.as_str()]["content"]["application/json"]["schema"];
                assert_eq!(body["$ref"], "#/components/schemas/ErrorBody", "{at} {status}");
            }
            for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
                let known =
                    operation["parameters"].as_array().unwrap().iter().any(|p| p["name"] == name && p["in"] == "path");
                assert!(known, "{at} does not describe {name}");
            }
        }
    }
}

/// Operations that are cancelled when the caller disconnects although they do not use GET, because they change nothing.
const CANCELLED_WITH_CALLER: &[&str] = &[
    "accounts.lookup",
    "dashboard.choices",
    "dashboard.data",
    "dashboard.previewImport",
    "dataquery.effect",
    "dataquery.execute",
    "dataquery.export",
    "dataquery.test",
    "datasource.preview",
    "datasource.test",
    "datasource.testOptions",
    "file.createTable",
    "file.preview",
    "shared.data",
    "widget.data",
    "workflow.cronPreview",
    "workflow.previewImport",
];

#[test]
fn only_operations_that_leave_nothing_behind_are_cancelled_with_their_caller() {
    let mut cancelled = Vec::new();
    for item in document()["paths"].as_object().unwrap().values() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            match operation["x-cancelled-with-caller"].as_bool() {
                Some(true) => cancelled.push(id),
                Some(false) => assert_eq!((method.as_str(), id.as_str()), ("get", "hooks.get")),
                None => {}
            }
        }
    }
    cancelled.sort_unstable();
    assert_eq!(
        cancelled, CANCELLED_WITH_CALLER,
        "a route that stores anything must not be marked with `documented::asks`, unless it undoes everything"
    );
}

#[test]
fn every_reference_can_be_resolved() {
    let document = document();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} is outside the document"));
        assert!(document.pointer(pointer).is_some(), "{reference} does not exist");
    }
}

#[tokio::test]
async fn the_document_is_served_and_shown_without_external_assets() {
    let server = TestServer::start().await;
    let json = server.anyone().get("/api/v1/openapi.json").await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!(json.expect(200), document());
    let page = server.anyone().get("/api/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    for foreign in ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "@import", "url(http"] {
        assert!(!page.text.contains(foreign), "the page loads {foreign}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_no_server_error_and_no_undocumented_response() {
    let tool = root().join("target/python/bin/schemathesis");
    assert!(tool.exists(), "schemathesis is not installed: `make test` installs it");
    let world = World::full().await;
    let spare = world.server.tenant(&world.owner, "Spare").await.tenant.unwrap();
    let run = world
        .client
        .post(&format!("workflows/{}/execute?wait=10", world.id("workflowID")), json!({}))
        .await
        .expect(200);
    let reports = tempfile::tempdir().unwrap();
    let mut schemathesis = Command::new(tool);
    schemathesis.arg("--config-file").arg(root().join("tests/schemathesis/schemathesis.toml"));
    schemathesis.arg("run").arg(format!("{}/api/v1/openapi.json", world.server.url)).current_dir(reports.path());
    schemathesis
        .env("JET_ADMIN_URL", &world.server.url)
        .env("JET_ADMIN_TOKEN", world.owner.client.token.as_ref().unwrap());
    for (name, id) in [("TENANT", world.tenant), ("SPARE_TENANT", spare), ("NOTHING", Uuid::now_v7())] {
        schemathesis.env(format!("JET_ADMIN_{name}"), id.to_string());
    }
    for kind in ["datasource", "query", "widget", "dashboard", "workflow", "role", "file"] {
        schemathesis.env(format!("JET_ADMIN_{}", kind.to_uppercase()), world.id(&format!("{kind}ID")).to_string());
    }
    schemathesis.env("JET_ADMIN_INSTANCE", run["id"].as_str().unwrap());
    let result = tokio::task::spawn_blocking(move || schemathesis.output().unwrap()).await.unwrap();
    let output = String::from_utf8_lossy(&result.stdout);
    assert!(result.status.success(), "{output}{}", String::from_utf8_lossy(&result.stderr));
    let operations: usize =
        document()["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    // one operation is an endless stream
    let tested = operations - 1;
    assert!(output.contains(&format!("Tested: {tested}")), "every operation must be tested:\n{output}");
}
