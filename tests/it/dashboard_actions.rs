//! Using a dashboard: people with the permission run what is on it, and nothing else.
use crate::support::{Client, World, client::id};
use serde_json::{Value, json};
use uuid::Uuid;

/// A dashboard with a table with row actions and editable cells, a form and a button, over the tenant's `items`.
struct App {
    world: World,
    path: String,
    writer: Uuid,
    datasource: Uuid,
}

async fn query(client: &Client, datasource: Uuid, name: &str, sql: &str, parameters: Value) -> Uuid {
    let draft = json!({"name": name, "datasourceID": datasource, "options": {"sql": sql}, "parameters": parameters});
    id(&client.post("data-queries", draft).await.expect(201))
}

async fn app() -> App {
    let world = World::full().await;
    let client = &world.client;
    let shop = json!({"name": "Shop", "type": "sqlite", "options": {"path": "shop.db", "readOnly": false}});
    let datasource = id(&client.post("datasources", shop).await.expect(201));
    let parameters = json!([{"name": "id", "type": "number", "required": true}, {"name": "name", "required": true}]);
    let sql = "update items set name = {{ params.name }} where id = {{ params.id }}";
    let writer = query(client, datasource, "Rename", sql, parameters).await;
    let sign = query(
        client,
        datasource,
        "Sign",
        "update items set name = {{ params.who }} || '/' || {{ params.region }} where id = 3",
        json!([{"name": "who"}, {"name": "region"}]),
    )
    .await;
    let change = |values: Value| json!({"type": "query", "queryID": writer, "values": values});
    let table = json!({"name": "Items", "type": "table", "config": {
        "queryID": world.id("queryID"),
        "rowActions": [{"label": "Reset", "action": change(json!({"id": "{{ row.id }}", "name": "new"}))}],
        "columns": [{"field": "id"}, {"field": "name", "edit": {
            "choices": ["Lamp", "Torch"], "action": change(json!({"id": "{{ row.id }}", "name": "{{ value }}"})),
        }}],
    }});
    let form = json!({"name": "Edit", "type": "form", "config": {
        "fields": [{"name": "id", "type": "number", "required": true, "max": 3}, {"name": "name", "max": 10}],
        "action": change(json!({"id": "{{ form.id }}", "name": "{{ form.name }}"})),
    }});
    let button = json!({"name": "Sign", "type": "button", "config": {"label": "Sign", "action": {
        "type": "query", "queryID": sign, "values": {"who": "{{ user.email }}", "region": "{{ vars.region }}"},
    }}});
    let starter = json!({"name": "Start", "type": "button", "config": {"label": "Start", "action": {
        "type": "workflow", "workflowID": world.id("workflowID"), "values": {"region": "{{ vars.region }}"},
    }}});
    client.patch(&format!("workflows/{}", world.id("workflowID")), json!({"enabled": true})).await.expect(200);
    let mut items = Vec::new();
    for (key, draft) in [("table", table), ("form", form), ("button", button), ("start", starter)] {
        let widget = id(&client.post("widgets", draft).await.expect(201));
        items.push(json!({"key": key, "widgetID": widget}));
    }
    let draft = json!({"name": "Items app", "items": items, "variables": [
        {"name": "region", "type": "select", "options": ["EU", "US"], "default": "EU"},
    ]});
    let dashboard = id(&client.post("dashboards", draft).await.expect(201));
    App { path: format!("dashboards/{dashboard}/actions"), writer, datasource, world }
}

impl App {
    async fn names(&self) -> Vec<Value> {
        let run = format!("data-queries/{}/execute", self.world.id("queryID"));
        let rows = self.world.client.post(&run, json!({})).await.expect(200)["data"].clone();
        rows.as_array().unwrap().iter().map(|row| row["name"].clone()).collect()
    }
}

#[tokio::test]
async fn an_operator_uses_a_dashboard_and_sees_no_query() {
    let app = app().await;
    let operator = app.world.member("op@example.com", "Operator").await.1;
    for hidden in ["data-queries", "datasources", "widgets", "files", "variables"] {
        operator.get(hidden).await.refused(403, "PERMISSION_DENIED");
    }
    let run = format!("data-queries/{}/execute", app.writer);
    operator.post(&run, json!({"parameters": {"id": 1, "name": "x"}})).await.refused(403, "PERMISSION_DENIED");

    let reset = json!({"item": "table", "action": "config.rowActions[0].action", "row": {"id": 2, "name": "Chair"}});
    let done = operator.post(&app.path, reset).await.expect(200);
    assert_eq!((&done["type"], &done["affectedRows"]), (&json!("query"), &json!(1)));
    let edit = json!({"item": "table", "action": "config.columns[1].edit.action", "row": {"id": 1}, "value": "Torch"});
    operator.post(&app.path, edit).await.expect(200);
    let sign = json!({"item": "button", "action": "config.action", "variables": {"region": "US"}});
    operator.post(&app.path, sign).await.expect(200);
    assert_eq!(app.names().await, ["Torch", "new", "op@example.com/US"]);

    let send = json!({"item": "form", "action": "config.action", "form": {"id": 3, "name": "Desk"}});
    let mut preview = send.clone();
    preview["preview"] = json!(true);
    assert_eq!(operator.post(&app.path, preview).await.expect(200)["affectedRows"], 1);
    assert_eq!(app.names().await[2], "op@example.com/US", "a preview changes nothing");
    operator.post(&app.path, send).await.expect(200);
    assert_eq!(app.names().await[2], "Desk");

    let start = json!({"item": "start", "action": "config.action"});
    let started = operator.post(&app.path, start.clone()).await.expect(200);
    let run = operator.get(&format!("workflows/instances/{}", started["instanceID"].as_str().unwrap())).await;
    assert_eq!(run.expect(200)["input"], json!({"region": "EU"}));
    let mut preview = start;
    preview["preview"] = json!(true);
    operator.post(&app.path, preview).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn only_what_is_on_the_dashboard_runs_and_only_with_allowed_values() {
    let app = app().await;
    let operator = app.world.member("op@example.com", "Operator").await.1;
    let before = app.names().await;
    for (body, path) in [
        (json!({"item": "other", "action": "config.action"}), "item"),
        (json!({"item": "form", "action": "config.rowActions[0].action"}), "action"),
        (json!({"item": "table", "action": "config.rowActions[1].action", "row": {"id": 1}}), "action"),
        (json!({"item": "table", "action": "config.rowActions[0].action"}), "values.id"),
        (json!({"item": "table", "action": "config.columns[1].edit.action", "row": {"id": 1}, "value": "x"}), "value"),
        (json!({"item": "form", "action": "config.action", "form": {"name": "x"}}), "form.id"),
        (json!({"item": "form", "action": "config.action", "form": {"id": 4, "name": "x"}}), "form.id"),
        (json!({"item": "form", "action": "config.action", "form": {"id": "one", "name": "x"}}), "form.id"),
        (json!({"item": "form", "action": "config.action", "form": {"id": 1, "name": "much too long"}}), "form.name"),
        (json!({"item": "form", "action": "config.action", "form": {"id": 1, "more": 1}}), "form.more"),
        (json!({"item": "form", "action": "config.action", "form": {"id": 1}}), "parameters.name"),
        (json!({"item": "button", "action": "config.action", "variables": {"region": "x"}}), "variables.region"),
        (json!({"item": "button", "action": "config.action", "variables": {"other": "x"}}), "variables.other"),
        (json!({"item": "button", "action": "config.action", "more": 1}), "more"),
    ] {
        let refused = operator.post(&app.path, body.clone()).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{body}: {}", refused.message);
    }
    let press = json!({"item": "table", "action": "config.rowActions[0].action", "row": {"id": 2}});
    let viewer = app.world.member("viewer@example.com", "Viewer").await.1;
    viewer.post(&app.path, press.clone()).await.refused(403, "PERMISSION_DENIED");
    let second = app.world.server.tenant(&app.world.owner, "Second").await;
    second.post(&app.path, press).await.refused(404, "NOT_FOUND");
    let sign = json!({"item": "button", "action": "config.action"});
    let key = app.world.server.anyone().with_token(app.world.api_key("Program", "Operator").await);
    let refused = key.in_tenant(app.world.tenant).post(&app.path, sign).await.refused(400, "INVALID_REQUEST");
    assert!(refused.message.contains("user.email"), "a program is nobody: {}", refused.message);
    assert_eq!(app.names().await, before);
}

#[tokio::test]
async fn changes_in_datasources_are_in_the_audit_log_with_who_where_and_what() {
    let app = app().await;
    let (account, operator) = app.world.member("op@example.com", "Operator").await;
    let reset = json!({"item": "table", "action": "config.rowActions[0].action", "row": {"id": 2}});
    operator.post(&app.path, reset).await.expect(200);
    let client = &app.world.client;
    let long = "x".repeat(300);
    let run = format!("data-queries/{}/execute", app.writer);
    client.post(&run, json!({"parameters": {"id": 1, "name": long}})).await.expect(200);
    client.post(&run, json!({"parameters": {"id": 1, "name": "p"}, "mode": "preview"})).await.expect(200);
    let unsaved = json!({"datasourceID": app.datasource, "options": {"sql": "delete from items where id = 1"}});
    client.post("data-queries/test", unsaved).await.expect(200);
    app.names().await;

    let changes = async |action: &str| {
        let found = client.get(&format!("audit-logs?action={action}")).await.expect(200);
        found["items"].as_array().unwrap().clone()
    };
    let saved = changes("dataquery.change").await;
    assert_eq!(saved.len(), 2, "previews and reads are no changes: {saved:?}");
    let (own, pressed) = (&saved[0], &saved[1]);
    assert_eq!(pressed["actor"]["id"], account.user.id.to_string());
    assert_eq!(pressed["object"]["name"], "Rename");
    let place = json!({
        "dashboardID": app.path.split('/').nth(1), "dashboard": "Items app", "widget": "Items",
        "action": "config.rowActions[0].action",
    });
    assert_eq!(pressed["details"], json!({"rows": 1, "parameters": {"id": 2, "name": "new"}, "from": place}));
    assert_eq!(own["details"]["from"], Value::Null);
    assert_eq!(own["details"]["parameters"]["name"].as_str().unwrap().chars().count(), 201);
    let unsaved = changes("datasource.change").await;
    assert_eq!((unsaved.len(), &unsaved[0]["details"]["rows"]), (1, &json!(1)));
    let csv = client.get("audit-logs?format=csv&action=dataquery.change").await;
    assert!(csv.text.contains("Items app") && csv.text.starts_with("at,actor,"), "{}", csv.text);
    let store = &app.world.server.server.app.store;
    assert_eq!(store.recount_usage().await.unwrap(), 0, "every counter must be right");
    let mut unchanged = 0;
    for _ in 0..10 {
        let before = store.changes();
        client.post(&run, json!({"parameters": {"id": 1, "name": "q"}})).await.expect(200);
        // the server may write in the background
        unchanged += u32::from(store.changes() == before);
    }
    assert!(unchanged > 0, "an entry of the audit log must leave cached queries valid");
}

fn role(operator: &str, value: &str) -> Value {
    json!([{"from": "user", "field": "role", "operator": operator, "value": value}])
}

#[tokio::test]
async fn conditions_on_an_unknown_person_are_not_met_and_those_on_roles_hold_for_api_keys() {
    let world = World::full().await;
    let client = &world.client;
    let table = json!({"name": "All", "type": "table", "config": {"queryID": world.id("queryID")}});
    let table = id(&client.post("widgets", table).await.expect(201));
    let not_them = json!([{"from": "user", "field": "email", "operator": "notEquals", "value": "x@example.com"}]);
    let items = json!([
        {"key": "open", "widgetID": table},
        {"key": "staff", "widgetID": table, "when": role("notEquals", "Viewer")},
        {"key": "viewers", "widgetID": table, "when": role("equals", "viewer")},
        {"key": "known", "widgetID": table, "when": not_them},
    ]);
    let dashboard = id(&client.post("dashboards", json!({"name": "Roles", "items": items})).await.expect(201));
    let data = format!("dashboards/{dashboard}/data");
    let keys = async |client: &Client, path: &str| {
        let answer = client.post(path, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let mut keys = vec!["open", "staff", "viewers", "known"];
        keys.retain(|key| answer.text.contains(&format!("\"key\":\"{key}\"")));
        keys
    };
    let viewer = world.member("viewer@example.com", "Viewer").await.1;
    assert_eq!(keys(&viewer, &data).await, ["open", "viewers", "known"]);
    assert_eq!(keys(client, &data).await, ["open", "staff", "known"]);
    for (name, expected) in [("Viewer", ["open", "viewers"]), ("Operator", ["open", "staff"])] {
        let key = world.server.anyone().with_token(world.api_key(name, name).await);
        assert_eq!(keys(&key.in_tenant(world.tenant), &data).await, expected, "{name}");
    }
    let share = client.post(&format!("dashboards/{dashboard}/shares"), json!({})).await.expect(201);
    let token = share["url"].as_str().unwrap().rsplit('/').next().unwrap();
    let visitor = world.server.anyone();
    assert_eq!(keys(&visitor, &format!("/api/v1/shared/{token}/data")).await, ["open"]);
    let shown = visitor.get(&format!("/api/v1/shared/{token}")).await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn people_do_not_get_the_texts_of_items_that_are_not_for_them() {
    let world = World::full().await;
    let client = &world.client;
    let text = async |name: &str| {
        let draft = json!({"name": name, "type": "text", "config": {"markdown": format!("{name} only")}});
        id(&client.post("widgets", draft).await.expect(201))
    };
    let (owners, mixed) = (text("Owners").await, text("Mixed").await);
    let items = json!([
        {"key": "a", "widgetID": owners, "when": role("equals", "Owner")},
        {"key": "b", "widgetID": mixed, "when": role("equals", "Owner")},
        {"key": "c", "widgetID": mixed, "when": [{"from": "vars", "field": "x", "operator": "equals", "value": "1"}]},
    ]);
    let draft = json!({"name": "Texts", "items": items, "variables": [{"name": "x"}]});
    let path = format!("dashboards/{}", id(&client.post("dashboards", draft).await.expect(201)));
    let viewer = world.member("viewer@example.com", "Viewer").await.1;
    let reader = world.reader("reader@example.com").await.1;
    for (who, sees) in [(&viewer, false), (client, true), (&reader, true)] {
        let shown = who.get(&path).await.expect(200);
        let config = |widget: Uuid| {
            let widgets = shown["widgets"].as_array().unwrap();
            widgets.iter().find(|one| one["id"] == widget.to_string()).unwrap()["config"]["markdown"].clone()
        };
        assert_eq!(config(owners), if sees { json!("Owners only") } else { Value::Null });
        assert_eq!(config(mixed), "Mixed only", "the variable decides");
    }
}
