//! Changing what a record passes to the records it links to requires permission to run or see those.
use super::{DENIED, in_a_row, make, member_with, node};
use crate::support::{Client, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// Permissions to save records, but not to run or see what they link to.
const WRITER: [&str; 12] = [
    "widget:create",
    "widget:update",
    "widget:clone",
    "dashboard:create",
    "dashboard:update",
    "dashboard:clone",
    "workflow:create",
    "workflow:update",
    "workflow:clone",
    "dataquery:update",
    "datasource:create",
    "datasource:update",
];

/// A record, a change to what it passes on, and the permission that the change requires in addition.
struct Change {
    path: String,
    patch: Value,
    requires: &'static str,
    /// A change that does not affect what is passed on.
    harmless: Value,
}

async fn lending(world: &World) -> Vec<Change> {
    let (client, query, workflow) = (&world.client, world.id("queryID"), world.id("workflowID"));
    let echo = json!({
        "name": "Who", "datasourceID": world.id("datasourceID"),
        "options": {"sql": "select {{ params.who }} as who"}, "parameters": [{"name": "who"}],
    });
    let echo = make(client, "data-queries", echo).await;
    let mut changes = widgets(client, echo, workflow).await;
    changes.extend(dashboards(world, echo).await);
    changes.extend(workflows(client, echo, workflow).await);
    // other members run this query through their own records
    let sql = json!({"options": {"sql": "select * from sqlite_schema"}});
    let change = |path, patch, requires, harmless| Change { path, patch, requires, harmless };
    let name = json!({"description": "Another"});
    changes.push(change(format!("data-queries/{query}"), sql, "dataquery:execute", name));
    changes
}

async fn widgets(client: &Client, query: Uuid, workflow: Uuid) -> Vec<Change> {
    let mut changes = Vec::new();
    let action = |who: &str| json!({"type": "query", "queryID": query, "values": {"who": who}});
    let start = |who: &str| json!({"type": "workflow", "workflowID": workflow, "values": {"region": who}});
    let table = |who: &str| json!({"queryID": query, "parameters": {"who": who}});
    let form =
        |default: &str| json!({"fields": [{"name": "who", "default": default}], "action": action("{{ form.who }}")});
    let edit = |who: &str| json!({"queryID": query, "columns": [{"field": "who", "edit": {"action": action(who)}}]});
    let row = |who: &str| json!({"queryID": query, "rowActions": [{"label": "Go", "action": start(who)}]});
    for (r#type, before, after, requires, harmless) in [
        ("table", table("me"), table("root"), "dataquery:execute", json!({"columns": [{"field": "who"}]})),
        ("table", edit("me"), edit("root"), "dataquery:execute", json!({"compact": true})),
        ("table", row("me"), row("root"), "workflow:execute", json!({"compact": true})),
        ("form", form("me"), form("root"), "dataquery:execute", json!({"submit": "Send it"})),
        (
            "button",
            json!({"label": "Go", "action": action("me")}),
            json!({"action": action("root")}),
            "dataquery:execute",
            json!({"label": "Away"}),
        ),
        (
            "button",
            json!({"label": "Go", "action": start("me")}),
            json!({"action": start("root")}),
            "workflow:execute",
            json!({"label": "Away"}),
        ),
    ] {
        let name = format!("{type} {}", changes.len());
        let id = make(client, "widgets", json!({"name": name, "type": r#type, "config": before})).await;
        let (path, harmless) = (format!("widgets/{id}"), json!({"config": harmless}));
        changes.push(Change { path, patch: json!({"config": after}), requires, harmless });
    }
    changes
}

async fn dashboards(world: &World, query: Uuid) -> Vec<Change> {
    let chosen =
        |field: &str| json!([{"name": "who", "type": "select", "source": {"queryID": query, "valueField": field}}]);
    let offered = |options: Value| json!([{"name": "kind", "type": "select", "label": "Kind", "options": options}]);
    let labelled =
        |label: &str| json!({"variables": [{"name": "kind", "type": "select", "label": label, "options": ["a"]}]});
    let items = json!([{"key": "a", "widgetID": world.id("widgetID")}]);
    let choices = json!({"name": "Choices", "variables": chosen("who")});
    let choices = make(&world.client, "dashboards", choices).await;
    let options = json!({"name": "Options", "variables": offered(json!(["a"])), "items": items});
    let options = make(&world.client, "dashboards", options).await;
    vec![
        Change {
            path: format!("dashboards/{choices}"),
            patch: json!({"variables": chosen("secret")}),
            requires: "dataquery:execute",
            harmless: json!({"refreshSeconds": 60}),
        },
        Change {
            path: format!("dashboards/{options}"),
            patch: json!({"variables": offered(json!(["a", "secret"]))}),
            requires: "widget:read",
            harmless: labelled("What kind"),
        },
    ]
}

/// A graph that executes a query with the result of its script.
fn query_graph(query: Uuid, who: &str, code: &str, x: u32) -> Value {
    let mut script = node("pick", "javascript", json!({"code": code}));
    script["position"] = json!({"x": x, "y": 0});
    let ask = node("ask", "dataQuery", json!({"queryID": query, "parameters": {"who": who}}));
    json!([node("start", "start", json!({})), script, ask])
}

async fn workflows(client: &Client, query: Uuid, workflow: Uuid) -> Vec<Change> {
    let edges = in_a_row(&["start", "pick", "ask"]);
    let save = async |name: &str, body: Value| {
        let mut body = body;
        body["name"] = json!(name);
        body["edges"] = edges.clone();
        format!("workflows/{}", make(client, "workflows", body).await)
    };
    let script =
        |who: &str| json!({"nodes": query_graph(query, "{{ steps.pick.output }}", &format!("return '{who}'"), 0)});
    let call = |who: &str| {
        let child = node("ask", "subWorkflow", json!({"workflowID": workflow, "input": {"region": who}}));
        json!({"nodes": [node("start", "start", json!({})), node("pick", "set", json!({"values": {}})), child]})
    };
    let failing = |why: &str| {
        let nodes = query_graph(query, "me", &format!("throw new Error('{why}')"), 0);
        let nodes: Vec<Value> = nodes.as_array().unwrap()[..2].to_vec();
        json!({"nodes": nodes, "edges": in_a_row(&["start", "pick"]), "settings": {"errorWorkflowID": workflow}})
    };
    let direct = |who: &str| json!({"nodes": query_graph(query, who, "return 1", 0)});
    let moved = json!({"nodes": query_graph(query, "me", "return 1", 500)});
    let path = save("Direct", direct("me")).await;
    let mut changes = vec![Change { path, patch: direct("root"), requires: "dataquery:execute", harmless: moved }];
    for (name, of, requires) in [
        ("Computed", &script as &dyn Fn(&str) -> Value, "dataquery:execute"),
        ("Called", &call, "workflow:execute"),
        ("Failing", &failing, "workflow:execute"),
    ] {
        let path = match name {
            "Failing" => {
                let mut body = failing("me");
                body["name"] = json!(name);
                format!("workflows/{}", make(client, "workflows", body).await)
            }
            _ => save(name, of("me")).await,
        };
        changes.push(Change { path, patch: of("root"), requires, harmless: json!({"description": "Another"}) });
    }
    changes
}

#[tokio::test]
async fn changing_what_a_record_passes_on_requires_permission_for_the_linked_record() {
    let mut world = World::full().await;
    let changes = lending(&world).await;
    let writer = member_with(&mut world, "Writer", &WRITER).await;
    for Change { path, patch, requires, harmless } in &changes {
        let before = world.client.get(path).await.expect(200);
        let refused = writer.patch(path, patch.clone()).await.refused(DENIED.0, DENIED.1);
        assert!(refused.message.contains(requires), "{path}: {}", refused.message);
        assert_eq!(world.client.get(path).await.expect(200), before, "{path}");
        writer.patch(path, harmless.clone()).await.expect(200);
    }
    for requires in ["dataquery:execute", "widget:read", "workflow:execute"] {
        let mut permissions = WRITER.to_vec();
        // graphs and tables that link to both kinds require both permissions
        permissions.extend(["dataquery:execute", "widget:read", "workflow:execute"]);
        let able = member_with(&mut world, &format!("Able to {requires}"), &permissions).await;
        for Change { path, patch, .. } in changes.iter().filter(|change| change.requires == requires) {
            able.patch(path, patch.clone()).await.expect(200);
        }
    }
}

#[tokio::test]
async fn restoring_and_copying_a_record_require_permission_for_the_linked_records() {
    let mut world = World::full().await;
    let changes = lending(&world).await;
    let writer = member_with(&mut world, "Writer", &WRITER).await;
    let mut permissions = WRITER.to_vec();
    permissions.extend(["dataquery:execute", "widget:read", "workflow:execute"]);
    let able = member_with(&mut world, "Able", &permissions).await;
    for Change { path, patch, .. } in &changes {
        let old = world.client.get(&format!("{path}/versions/1")).await.expect(200)["spec"].clone();
        let part: Value = patch.as_object().unwrap().keys().map(|name| (name.clone(), old[name].clone())).collect();
        world.client.patch(path, patch.clone()).await.expect(200);
        writer.patch(path, part.clone()).await.refused(DENIED.0, DENIED.1);
        able.patch(path, part).await.expect(200);
        if !path.starts_with("data-queries") {
            writer.post(&format!("{path}/clone"), json!({})).await.refused(DENIED.0, DENIED.1);
        }
    }
}

#[tokio::test]
async fn a_datasource_of_a_file_requires_permission_to_read_the_file() {
    let mut world = World::full().await;
    let body = |name: &str| json!({"name": name, "type": "file", "options": {"fileID": world.id("fileID")}});
    let (body, again) = (body("Sheet"), body("Again"));
    let writer = member_with(&mut world, "Writer", &WRITER).await;
    let refused = writer.post("datasources", body.clone()).await.refused(DENIED.0, DENIED.1);
    assert!(refused.message.contains("options.fileID") && refused.message.contains("file:read"), "{}", refused.message);
    let draft = json!({"type": "file", "options": body["options"]});
    let blind = member_with(&mut world, "Blind", &super::all_but(&["file:read"])).await;
    blind.post("datasources/test", draft).await.refused(DENIED.0, DENIED.1);
    let sheet = make(&world.client, "datasources", body).await;
    writer.patch(&format!("datasources/{sheet}"), json!({"tags": ["a"]})).await.expect(200);
    let reader = member_with(&mut world, "Reader", &["datasource:create", "file:read"]).await;
    reader.post("datasources", again).await.expect(201);
}

#[tokio::test]
async fn enabling_triggers_requires_permission_to_execute_the_workflow() {
    let mut world = World::full().await;
    let nodes =
        |code: &str| json!([node("start", "start", json!({})), node("step", "javascript", json!({"code": code}))]);
    let trigger = |cron: &str| json!([{"type": "schedule", "id": "daily", "cron": cron}]);
    let body = |name: &str, enabled: bool| {
        json!({
            "name": name, "nodes": nodes("return 1"), "edges": in_a_row(&["start", "step"]),
            "triggers": trigger("0 0 1 1 *"), "enabled": enabled,
        })
    };
    let writer = member_with(&mut world, "Writer", &["workflow:create", "workflow:read", "workflow:update"]).await;
    let refused = writer.post("workflows", body("On", true)).await.refused(DENIED.0, DENIED.1);
    assert!(
        refused.message.contains("triggers[0]") && refused.message.contains("workflow:execute"),
        "{}",
        refused.message
    );
    let off = make(&writer, "workflows", body("Off", false)).await;
    let off = format!("workflows/{off}");
    writer.patch(&off, json!({"triggers": trigger("0 0 2 2 *")})).await.expect(200);
    writer.patch(&off, json!({"enabled": true})).await.refused(DENIED.0, DENIED.1);
    world.client.patch(&off, json!({"enabled": true})).await.expect(200);
    for patch in [json!({"triggers": trigger("* * * * *")}), json!({"nodes": nodes("return 2")})] {
        writer.patch(&off, patch).await.refused(DENIED.0, DENIED.1);
    }
    writer.patch(&off, json!({"description": "Daily"})).await.expect(200);
    writer.patch(&off, json!({"enabled": false})).await.expect(200);
    writer.patch(&off, json!({"nodes": nodes("return 2")})).await.expect(200);
}
