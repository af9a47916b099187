//! The trash: what is deleted can be restored as it was, for a while.
use crate::support::{Client, World, client::id};
use jet_admin::{clock::Time, store::RetentionLimits};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

async fn trash(client: &Client, query: &str) -> Vec<Value> {
    let listed = client.get(&format!("trash?{query}")).await.expect(200);
    assert_eq!(listed["total"], listed["items"].as_array().unwrap().len());
    listed["items"].as_array().unwrap().clone()
}

async fn restore(client: &Client, id: Uuid) -> Value {
    client.post(&format!("trash/{id}/restore"), json!({})).await.expect(200)
}

#[tokio::test]
async fn what_was_deleted_together_is_restored_together_with_versions_links_and_secrets() {
    let world = World::full().await;
    let (datasource, query, widget) = (world.id("datasourceID"), world.id("queryID"), world.id("widgetID"));
    let widget_path = format!("widgets/{widget}");
    world.client.patch(&widget_path, json!({"description": "second"})).await.expect(200);
    let before = world.client.get(&widget_path).await.expect(200);
    let run = format!("data-queries/{query}/execute");
    let data = world.client.post(&run, json!({})).await.expect(200)["data"].clone();

    world.client.delete(&format!("datasources/{datasource}?cascade=true")).await.expect(204);
    world.client.get(&widget_path).await.refused(404, "NOT_FOUND");
    world.client.post(&run, json!({})).await.refused(404, "NOT_FOUND");
    let deleted = trash(&world.client, "").await;
    let kinds: Vec<_> = deleted.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    for kind in ["datasource", "dataquery", "widget"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert!(deleted.iter().all(|item| item["deletion"] == deleted[0]["deletion"]));
    assert_eq!(deleted[0]["deletedBy"], "owner@example.com");
    assert!(deleted[0]["expiresAt"].as_str() > deleted[0]["deletedAt"].as_str());

    let restored = restore(&world.client, query).await;
    assert_eq!(restored["items"].as_array().unwrap().len(), deleted.len());
    assert_eq!(restored["items"][0]["id"], query.to_string(), "the requested record comes first");
    let after = world.client.get(&widget_path).await.expect(200);
    assert_eq!((&after["config"], &after["name"]), (&before["config"], &before["name"]));
    assert_eq!(after["version"], before["version"].as_u64().unwrap() + 1, "a restored record is a new version");
    let versions = world.client.get(&format!("{widget_path}/versions")).await.expect(200);
    assert_eq!(versions["items"].as_array().unwrap().len(), 3);
    assert_eq!(world.client.post(&run, json!({})).await.expect(200)["data"], data);
    world.client.delete(&format!("data-queries/{query}")).await.refused(409, "CONFLICT");
    assert!(trash(&world.client, "").await.is_empty());
    let acts = world.client.get("audit-logs?limit=200").await.expect(200);
    let acts: Vec<_> = acts["items"].as_array().unwrap().iter().map(|act| act["action"].clone()).collect();
    assert!(acts.contains(&json!("datasource.restore")) && acts.contains(&json!("widget.delete")), "{acts:?}");
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn a_restored_widget_is_on_its_dashboards_again_unless_they_were_changed_since() {
    let world = World::full().await;
    let (dashboard, query, widget) = (world.id("dashboardID"), world.id("queryID"), world.id("widgetID"));
    let path = format!("dashboards/{dashboard}");
    let items = async || world.client.get(&path).await.expect(200)["items"].clone();
    let before = items().await;
    assert!(before.to_string().contains(&widget.to_string()), "{before}");
    // the query takes its widgets with it, and they leave their dashboards
    world.client.delete(&format!("data-queries/{query}?cascade=true")).await.expect(204);
    assert!(!items().await.to_string().contains(&widget.to_string()));
    restore(&world.client, query).await;
    assert_eq!(items().await, before);
    world.client.delete(&format!("data-queries/{query}?cascade=true")).await.expect(204);
    world.client.patch(&path, json!({"description": "changed"})).await.expect(200);
    restore(&world.client, query).await;
    assert!(!items().await.to_string().contains(&widget.to_string()), "what somebody has saved since stays");
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn workflows_call_what_is_restored_again_unless_the_caller_may_not_save_them() {
    let world = World::full().await;
    let called = world.id("workflowID");
    let caller = json!({"name": "Caller", "enabled": true, "nodes": [
        {"id": "1", "type": "start", "name": "start"},
        {"id": "2", "type": "subWorkflow", "name": "call", "config": {"workflowID": called}},
        {"id": "3", "type": "end", "name": "end"},
    ], "edges": [{"id": "a", "source": "1", "target": "2"}, {"id": "b", "source": "2", "target": "3"}]});
    let caller = format!("workflows/{}", id(&world.client.post("workflows", caller).await.expect(201)));
    let state = async || {
        let caller = world.client.get(&caller).await.expect(200);
        (caller["enabled"].clone(), caller["nodes"][1]["config"]["workflowID"].clone())
    };
    world.client.delete(&format!("workflows/{called}?cascade=true")).await.expect(204);
    assert_eq!(state().await, (json!(false), Value::Null), "it cannot run without the workflow that it calls");
    restore(&world.client, called).await;
    assert_eq!(state().await, (json!(true), json!(called)));

    // what is restored does not lend others what the person who restores it may not do
    let permissions = ["tenant:read", "workflow:create", "workflow:update", "dataquery:execute"];
    let role = world.client.post("roles", json!({"name": "Restorer", "permissions": permissions})).await.expect(201);
    let account = world.server.account("restorer@example.com").await;
    let restorer = world.server.join(&account, world.tenant, id(&role)).await;
    world.client.delete(&format!("workflows/{called}?cascade=true")).await.expect(204);
    restore(&restorer, called).await;
    assert_eq!(state().await, (json!(false), Value::Null));
}

#[tokio::test]
async fn versions_name_what_they_link_to_until_it_is_gone() {
    let world = World::full().await;
    let (dashboard, widget) = (world.id("dashboardID"), world.id("widgetID"));
    let name = world.client.get(&format!("widgets/{widget}")).await.expect(200)["name"].clone();
    let first = format!("dashboards/{dashboard}/versions/1");
    let linked = async || {
        let version = world.client.get(&first).await.expect(200);
        version["linked"].as_array().unwrap().iter().find(|one| one["id"] == widget.to_string()).cloned()
    };
    let expected = json!({"id": widget, "kind": "widget", "name": name});
    assert_eq!(linked().await, Some(expected.clone()));
    world.client.delete(&format!("widgets/{widget}?cascade=true")).await.expect(204);
    assert_eq!(linked().await, Some(expected), "a deleted widget keeps its name");
    world.client.delete(&format!("trash/{widget}")).await.expect(204);
    assert_eq!(linked().await, None);
}

#[tokio::test]
async fn a_taken_name_or_a_missing_link_prevents_a_restore_and_changes_nothing() {
    let world = World::full().await;
    let (datasource, query, widget) = (world.id("datasourceID"), world.id("queryID"), world.id("widgetID"));
    let path = format!("data-queries/{query}");
    world.client.delete(&format!("{path}?cascade=true")).await.expect(204);
    let sql = json!({"name": "A query", "datasourceID": datasource, "options": {"sql": "select 1"}});
    let other = id(&world.client.post("data-queries", sql).await.expect(201));
    let refused = world.client.post(&format!("trash/{widget}/restore"), json!({})).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("A query") && refused.message.contains("rename"), "{}", refused.message);
    assert_eq!(trash(&world.client, "").await.len(), 2);
    world.client.patch(&format!("data-queries/{other}"), json!({"name": "Another"})).await.expect(200);

    world.client.delete(&format!("trash/{query}")).await.expect(204);
    world.client.delete(&format!("trash/{query}")).await.refused(404, "NOT_FOUND");
    let refused =
        world.client.post(&format!("trash/{widget}/restore"), json!({})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.queryID", "{}", refused.message);
    assert_eq!(trash(&world.client, "kind=widget").await.len(), 1);
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn the_trash_is_listed_in_pages_by_kind_and_by_text() {
    let world = World::full().await;
    let datasource = world.id("datasourceID");
    for n in 0..5 {
        let draft = json!({"name": format!("Report {n}"), "datasourceID": datasource, "options": {"sql": "select 1"}});
        let query = id(&world.client.post("data-queries", draft).await.expect(201));
        world.client.delete(&format!("data-queries/{query}")).await.expect(204);
    }
    let workflow = world.id("workflowID");
    world.client.delete(&format!("workflows/{workflow}")).await.expect(204);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.client.get(&format!("trash?limit=2{cursor}")).await.expect(200);
        assert_eq!(page["total"], 6);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].clone()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen[1..], ["Report 4", "Report 3", "Report 2", "Report 1", "Report 0"]);
    assert_eq!(trash(&world.client, "kind=workflow").await.len(), 1);
    assert_eq!(trash(&world.client, "q=REPORT+3").await.len(), 1);
    for wrong in ["kind=role", "kind=x", "limit=0", "cursor=x", "more=1"] {
        world.client.get(&format!("trash?{wrong}")).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn restoring_and_deleting_for_good_require_what_creating_and_deleting_do() {
    let mut world = World::full().await;
    let widget = world.id("widgetID");
    world.client.delete(&format!("dashboards/{}", world.id("dashboardID"))).await.expect(204);
    world.client.delete(&format!("widgets/{widget}")).await.expect(204);
    let viewer = world.reader("viewer@example.com").await.1;
    assert_eq!(trash(&viewer, "").await.len(), 2);
    viewer.post(&format!("trash/{widget}/restore"), json!({})).await.refused(403, "PERMISSION_DENIED");
    viewer.delete(&format!("trash/{widget}")).await.refused(403, "PERMISSION_DENIED");
    // a widget lends the query that it shows
    let role = ["tenant:read", "widget:list", "widget:create", "widget:delete"];
    world.role("Tidier", &role).await;
    let tidier = world.member("tidier@example.com", "Tidier").await.1;
    assert_eq!(trash(&tidier, "").await.len(), 1, "only kinds that the role may list");
    tidier.get("trash?kind=dashboard").await.refused(403, "PERMISSION_DENIED");
    let refused = tidier.post(&format!("trash/{widget}/restore"), json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:execute"), "{}", refused.message);
    let second = world.server.tenant(&world.owner, "Second").await;
    second.post(&format!("trash/{widget}/restore"), json!({})).await.refused(404, "NOT_FOUND");
    assert!(trash(&second, "").await.is_empty());
    tidier.delete(&format!("trash/{widget}")).await.expect(204);
}

#[tokio::test]
async fn what_belongs_to_a_dashboard_needs_the_permissions_for_it_and_for_the_dashboard() {
    let mut world = World::full().await;
    let dashboard = id(&world.client.post("dashboards", json!({"name": "Sales"})).await.expect(201));
    let text =
        |name: &str| json!({"name": name, "type": "text", "config": {"markdown": "x"}, "dashboardID": dashboard});
    let first = id(&world.client.post("widgets", text("First")).await.expect(201));
    let second = id(&world.client.post("widgets", text("Second")).await.expect(201));
    let restore_first = format!("trash/{first}/restore");

    // a widget alone changes its dashboard
    world.client.delete(&format!("widgets/{first}")).await.expect(204);
    let role = ["tenant:read", "widget:list", "widget:create", "dashboard:create", "dashboard:delete"];
    world.role("Restorer", &role).await;
    let restorer = world.member("restorer@example.com", "Restorer").await.1;
    let refused = restorer.post(&restore_first, json!({})).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dashboard:update"), "{}", refused.message);
    world.client.post(&restore_first, json!({})).await.expect(200);

    // with its dashboard, it is restored as it was
    world.client.delete(&format!("widgets/{first}")).await.expect(204);
    world.client.delete(&format!("dashboards/{dashboard}")).await.expect(204);
    let back = restorer.post(&format!("trash/{second}/restore"), json!({})).await.expect(200);
    assert_eq!(back["items"].as_array().unwrap().len(), 2);

    // a purged dashboard destroys its widgets, also those that were deleted before it
    world.client.delete(&format!("dashboards/{dashboard}")).await.expect(204);
    let purge = format!("trash/{dashboard}");
    let refused = restorer.delete(&purge).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("widget:delete"), "{}", refused.message);
    assert!(!refused.message.contains("dataquery:delete"), "{}", refused.message);
    assert_eq!(trash(&world.client, "").await.len(), 2, "one of the widgets was deleted alone");
    world.role("Cleaner", &["tenant:read", "dashboard:delete", "widget:delete"]).await;
    let cleaner = world.member("cleaner@example.com", "Cleaner").await.1;
    cleaner.delete(&purge).await.expect(204);
    assert!(trash(&world.client, "").await.is_empty());
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn a_restored_workflow_keeps_the_url_of_its_webhook() {
    let world = World::full().await;
    let draft = json!({
        "name": "Hooked", "enabled": true, "triggers": [{"type": "webhook"}],
        "nodes": [{"id": "s", "type": "start", "name": "start"}],
    });
    let workflow = world.client.post("workflows", draft).await.expect(201);
    let hook = workflow["triggerStates"][0]["path"].as_str().unwrap().to_owned();
    let anyone = world.server.anyone();
    let call = async || anyone.call(Method::POST, &hook).json(&json!({})).send().await.status;
    assert_eq!(call().await, 202);
    world.client.delete(&format!("workflows/{}", id(&workflow))).await.expect(204);
    assert_eq!(call().await, 404);
    restore(&world.client, id(&workflow)).await;
    assert_eq!(call().await, 202);
}

#[tokio::test]
async fn a_version_that_uses_a_deleted_record_says_where_it_is() {
    let world = World::full().await;
    let path = format!("dashboards/{}", world.id("dashboardID"));
    let whole = world.client.get(&path).await.expect(200);
    let version = whole["version"].as_u64().unwrap();
    world.client.patch(&path, json!({"items": [], "layouts": {"lg": []}})).await.expect(200);
    world.client.delete(&format!("widgets/{}", world.id("widgetID"))).await.expect(204);
    let old = world.client.get(&format!("{path}/versions/{version}")).await.expect(200)["spec"].clone();
    let refused = world.client.patch(&path, json!({"items": old["items"]})).await.refused(400, "INVALID_REQUEST");
    assert!(refused.message.contains("is in the trash: restore it first"), "{}", refused.message);
    restore(&world.client, world.id("widgetID")).await;
    world.client.patch(&path, json!({"items": old["items"]})).await.expect(200);
}

#[tokio::test]
async fn share_links_end_with_the_deletion_of_their_dashboard() {
    let world = World::full().await;
    let dashboard = world.id("dashboardID");
    let shares = format!("dashboards/{dashboard}/shares");
    world.client.post(&shares, json!({})).await.expect(201);
    world.client.delete(&format!("dashboards/{dashboard}")).await.expect(204);
    restore(&world.client, dashboard).await;
    assert_eq!(world.client.get(&shares).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn the_trash_is_emptied_after_its_days() {
    let world = World::full().await;
    world.client.delete(&format!("workflows/{}", world.id("workflowID"))).await.expect(204);
    let store = &world.server.server.app.store;
    let days = |days: u64| Time::now().plus(Duration::from_hours(24 * days));
    store.prune_workspace(RetentionLimits::default(), days(29)).await.unwrap();
    assert_eq!(trash(&world.client, "").await.len(), 1);
    store.prune_workspace(RetentionLimits::default(), days(31)).await.unwrap();
    assert!(trash(&world.client, "").await.is_empty());
    assert_eq!(store.recount_usage().await.unwrap(), 0, "every counter must be right");
}

#[tokio::test]
async fn the_uses_of_a_record_are_those_that_the_caller_may_see() {
    let mut world = World::full().await;
    let path = format!("data-queries/{}/uses", world.id("queryID"));
    let uses = world.client.get(&path).await.expect(200);
    let names: Vec<_> = uses["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"A widget") && names.contains(&"A workflow"), "{names:?}");
    assert_eq!(uses["more"], json!([]));
    let indirect = format!("datasources/{}/uses?indirect=true", world.id("datasourceID"));
    let of = |uses: &Value, kind: &str| uses["items"].as_array().unwrap().iter().any(|one| one["kind"] == kind);
    let all = world.client.get(&indirect).await.expect(200);
    for kind in ["dataquery", "widget", "dashboard", "workflow"] {
        assert!(of(&all, kind), "a {kind} uses the datasource through others: {all}");
    }
    let direct = world.client.get(indirect.trim_end_matches("?indirect=true")).await.expect(200);
    assert!(of(&direct, "dataquery") && !of(&direct, "dashboard"), "{direct}");
    world.client.get(&format!("{path}?indirect=perhaps")).await.refused(400, "INVALID_REQUEST");
    world.role("Narrow", &["tenant:read", "dataquery:read", "widget:list"]).await;
    let narrow = world.member("narrow@example.com", "Narrow").await.1;
    let uses = narrow.get(&path).await.expect(200);
    assert!(uses["items"].as_array().unwrap().iter().all(|one| one["kind"] == "widget"), "{uses}");
    assert_eq!(uses["more"], json!([{"kind": "workflow", "count": 1}]));
    world.client.get(&format!("widgets/{}/uses", world.id("queryID"))).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_belongs_to_a_dashboard_is_counted_with_it_and_a_role_gets_its_start_page_back() {
    let world = World::full().await;
    let (widget, query) = (Uuid::now_v7(), Uuid::now_v7());
    let contents = json!({
        "dashboard": {"name": "Start", "items": [{"key": "a", "widgetID": widget}]},
        "widgets": [{"id": widget, "name": "Items", "type": "table", "config": {"queryID": query}}],
        "queries": [{
            "id": query, "name": "All", "datasourceID": world.id("datasourceID"), "options": {"sql": "select 1"},
        }],
    });
    let dashboard = id(&world.client.post("dashboards/contents", contents).await.expect(201)["dashboard"]);
    let role = format!("roles/{}", world.roles["Viewer"]);
    world.client.patch(&role, json!({"startDashboardID": dashboard})).await.expect(200);
    world.client.delete(&format!("dashboards/{dashboard}?cascade=true")).await.expect(204);
    assert_eq!(world.client.get(&role).await.expect(200)["startDashboardID"], Value::Null);

    let listed = trash(&world.client, "").await;
    assert_eq!((listed.len(), &listed[0]["name"], &listed[0]["parts"]), (1, &json!("Start"), &json!(2)));
    assert!(trash(&world.client, "kind=widget").await.is_empty());
    assert_eq!(restore(&world.client, dashboard).await["items"].as_array().unwrap().len(), 3);
    assert_eq!(world.client.get(&role).await.expect(200)["startDashboardID"], dashboard.to_string());

    // a part that was deleted alone is listed
    world.client.patch(&format!("dashboards/{dashboard}"), json!({"items": []})).await.expect(200);
    world.client.delete(&format!("widgets/{widget}")).await.expect(204);
    let listed = trash(&world.client, "").await;
    assert_eq!((&listed[0]["name"], &listed[0]["parts"]), (&json!("Items"), &json!(0)));
    restore(&world.client, widget).await;

    // another start page that was set meanwhile stays
    let other = id(&world.client.post("dashboards", json!({"name": "Other"})).await.expect(201));
    world.client.delete(&format!("dashboards/{dashboard}?cascade=true")).await.expect(204);
    world.client.patch(&role, json!({"startDashboardID": other})).await.expect(200);
    restore(&world.client, dashboard).await;
    assert_eq!(world.client.get(&role).await.expect(200)["startDashboardID"], other.to_string());
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
}
