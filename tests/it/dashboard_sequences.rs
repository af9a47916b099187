//! Conditions of actions and items, actions that run one after the other, and what selected rows open.
use crate::support::{Client, World, client::id};
use serde_json::{Value, json};
use uuid::Uuid;

/// A dashboard over the tenant's `items`, for widgets that the tests create.
struct App {
    world: World,
    rename: Uuid,
    reprice: Uuid,
    failing: Uuid,
}

impl App {
    async fn new() -> Self {
        let world = World::full().await;
        let shop = json!({"name": "Shop", "type": "sqlite", "options": {"path": "shop.db", "readOnly": false}});
        let datasource = id(&world.client.post("datasources", shop).await.expect(201));
        let query = async |name: &str, sql: &str, parameters: Value| {
            let options = json!({"sql": sql});
            let body = json!({"name": name, "datasourceID": datasource, "options": options, "parameters": parameters});
            id(&world.client.post("data-queries", body).await.expect(201))
        };
        let parameters =
            json!([{"name": "id", "type": "number", "required": true}, {"name": "name", "required": true}]);
        let rename =
            query("Rename", "update items set name = {{ params.name }} where id = {{ params.id }}", parameters).await;
        let parameters = json!([{"name": "id", "type": "number"}, {"name": "price", "type": "number"}]);
        let reprice =
            query("Reprice", "update items set price = {{ params.price }} where id = {{ params.id }}", parameters)
                .await;
        let failing = query("Fail", "insert into nowhere values (1)", json!([])).await;
        Self { world, rename, reprice, failing }
    }

    fn rename(&self, id: impl Into<Value>, name: &str) -> Value {
        json!({"type": "query", "queryID": self.rename, "values": {"id": id.into(), "name": name}})
    }

    fn reprice(&self, id: impl Into<Value>, price: u32) -> Value {
        json!({"type": "query", "queryID": self.reprice, "values": {"id": id.into(), "price": price}})
    }

    async fn widget(&self, r#type: &str, config: Value) -> Uuid {
        let name = format!("{type} {}", Uuid::now_v7());
        id(&self
            .world
            .client
            .post("widgets", json!({"name": name, "type": r#type, "config": config}))
            .await
            .expect(201))
    }

    /// Creates a dashboard and returns its path.
    async fn dashboard(&self, items: Value, variables: Value) -> String {
        let body = json!({"name": format!("App {}", Uuid::now_v7()), "items": items, "variables": variables});
        format!("dashboards/{}", id(&self.world.client.post("dashboards", body).await.expect(201)))
    }

    /// Creates a dashboard with one button, and returns the path of its actions.
    async fn button(&self, mut config: Value) -> String {
        config["label"] = "Go".into();
        let widget = self.widget("button", config).await;
        format!("{}/actions", self.dashboard(json!([{"key": "go", "widgetID": widget}]), json!([])).await)
    }

    async fn rows(&self) -> Vec<(String, f64)> {
        let sql = json!({"sql": "select name, price from items order by id"});
        let query = json!({"datasourceID": self.world.id("datasourceID"), "options": sql});
        let found = self.world.client.post("data-queries/test", query).await.expect(200)["data"].clone();
        let rows = found.as_array().unwrap().iter();
        rows.map(|row| {
            (
                row["name"].as_str().unwrap().to_owned(),
                row["price"].as_f64().or_else(|| row["price"].as_str()?.parse().ok()).unwrap(),
            )
        })
        .collect()
    }
}

async fn operator(world: &World) -> Client {
    world.member("op@example.com", "Operator").await.1
}

fn condition(from: &str, field: &str, operator: &str, value: &str) -> Value {
    json!({"from": from, "field": field, "operator": operator, "value": value})
}

const GO: &str = "config.action";

#[tokio::test]
async fn actions_run_one_after_the_other_and_each_is_audited() {
    let app = App::new().await;
    let operator = operator(&app.world).await;
    let path =
        app.button(json!({"action": app.rename(1, "First"), "then": [app.reprice(1, 7), app.rename(2, "Last")]})).await;
    let press = json!({"item": "go", "action": GO});

    let mut preview = press.clone();
    preview["preview"] = json!(true);
    let previewed = operator.post(&path, preview).await.expect(200);
    assert_eq!(previewed["steps"].as_array().unwrap().len(), 3);
    assert_eq!(app.rows().await[0], ("Lamp".into(), 19.5), "a preview changes nothing");

    let done = operator.post(&path, press.clone()).await.expect(200);
    assert_eq!((&done["type"], &done["failed"], &done["notStarted"]), (&json!("sequence"), &Value::Null, &json!(0)));
    let steps: Vec<_> =
        done["steps"].as_array().unwrap().iter().map(|one| (&one["action"], &one["affectedRows"])).collect();
    let paths = [json!(GO), json!("config.then[0]"), json!("config.then[1]")];
    let one = json!(1);
    assert_eq!(steps, paths.iter().map(|path| (path, &one)).collect::<Vec<_>>());
    assert_eq!(app.rows().await[..2], [("First".into(), 7.0), ("Last".into(), 49.0)]);

    let found = app.world.client.get("audit-logs?action=dataquery.change").await.expect(200);
    let places: Vec<_> =
        found["items"].as_array().unwrap().iter().map(|one| one["details"]["from"]["action"].clone()).collect();
    assert_eq!(places, paths.iter().rev().cloned().collect::<Vec<_>>());

    // a follower is not an action that can be pressed itself
    let skip = json!({"item": "go", "action": "config.then[1]"});
    assert_eq!(operator.post(&path, skip).await.refused(400, "INVALID_REQUEST").path, "action");
    let viewer = app.world.member("viewer@example.com", "Viewer").await.1;
    viewer.post(&path, press).await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn the_actions_after_a_failed_one_are_not_started() {
    let app = App::new().await;
    let operator = operator(&app.world).await;
    let press = json!({"item": "go", "action": GO});
    let failing = json!({"type": "query", "queryID": app.failing, "values": {}});
    let path = app.button(json!({"action": app.rename(1, "Done"), "then": [failing, app.rename(2, "Never")]})).await;
    let failed = operator.post(&path, press.clone()).await.expect(200);
    assert_eq!((&failed["failed"]["action"], &failed["notStarted"]), (&json!("config.then[0]"), &json!(1)));
    assert_eq!(failed["failed"]["code"], "DATASOURCE_ERROR");
    assert!(failed["failed"]["message"].as_str().unwrap().contains("nowhere"), "{failed:?}");
    assert_eq!(app.rows().await[0].0, "Done", "what was done before stays");
    assert_eq!(app.rows().await[1].0, "Chair");

    let nobody = app.rename(99, "Nobody");
    let path = app.button(json!({"action": nobody, "then": [app.rename(2, "Never")]})).await;
    let failed = operator.post(&path, press.clone()).await.expect(200);
    assert_eq!((&failed["failed"]["action"], &failed["failed"]["code"]), (&json!(GO), &json!("NO_ROWS_CHANGED")));
    assert_eq!((&failed["notStarted"], &app.rows().await[1].0), (&json!(1), &"Chair".to_owned()));

    let mut nobody = app.rename(99, "Nobody");
    nobody["mayChangeNothing"] = json!(true);
    let path = app.button(json!({"action": nobody, "then": [app.rename(2, "Moved")]})).await;
    assert_eq!(operator.post(&path, press.clone()).await.expect(200)["failed"], Value::Null);
    assert_eq!(app.rows().await[1].0, "Moved");

    // no value is missing before the first one runs
    let path = app.button(json!({"action": app.rename(1, "Early"), "then": [app.rename("{{ row.id }}", "x")]})).await;
    let refused = operator.post(&path, press).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.then[0].values.id");
    assert_eq!(app.rows().await[0].0, "Done");
}

#[tokio::test]
async fn a_workflow_starts_after_the_queries_before_it() {
    let app = App::new().await;
    let operator = operator(&app.world).await;
    let workflow = app.world.id("workflowID");
    app.world.client.patch(&format!("workflows/{workflow}"), json!({"enabled": true})).await.expect(200);
    let start = json!({"type": "workflow", "workflowID": workflow, "values": {}});
    let path = app.button(json!({"action": app.rename(1, "Before"), "then": [start.clone()]})).await;
    let press = json!({"item": "go", "action": GO});
    let done = operator.post(&path, press.clone()).await.expect(200);
    let run = done["steps"][1]["instanceID"].as_str().unwrap();
    operator.get(&format!("workflows/instances/{run}")).await.expect(200);
    let preview = json!({"item": "go", "action": GO, "preview": true});
    assert_eq!(operator.post(&path, preview).await.refused(400, "INVALID_REQUEST").path, "preview");
    let early = json!({"name": "Early", "type": "button", "config": {
        "label": "Go", "action": start, "then": [app.rename(1, "x")],
    }});
    let refused = app.world.client.post("widgets", early).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.then");
}

#[tokio::test]
async fn conditions_of_actions_are_checked_when_they_are_pressed() {
    let app = App::new().await;
    let operator = operator(&app.world).await;
    let table = json!({"queryID": app.world.id("queryID"), "rowActions": [
        {
            "label": "Reset", "action": app.rename("{{ row.id }}", "new"),
            "when": {"field": "name", "operator": "notEquals", "value": "new"},
            "disabledWhen": [condition("row", "price", "greater", "100"), condition("vars", "region", "equals", "EU")],
        },
        {"label": "Owners", "action": app.rename(1, "owned"), "when": [condition("user", "role", "equals", "Owner")]},
    ]});
    let form = json!({
        "fields": [{"name": "note"}, {"name": "sure", "type": "boolean"}], "action": app.rename(3, "{{ form.note }}"),
        "disabledWhen": [condition("form", "sure", "notEquals", "true")],
    });
    let (table, form) = (app.widget("table", table).await, app.widget("form", form).await);
    let button = app.widget("button", json!({"label": "Go", "action": app.rename(2, "pressed")})).await;
    let items = json!([
        {"key": "table", "widgetID": table}, {"key": "form", "widgetID": form},
        {"key": "us", "widgetID": button, "when": [condition("vars", "region", "equals", "US")]},
        {"key": "mine", "widgetID": button, "when": [condition("user", "email", "equals", "op@example.com")]},
    ]);
    let variables = json!([{"name": "region", "type": "select", "options": ["EU", "US"], "default": "EU"}]);
    let path = format!("{}/actions", app.dashboard(items, variables).await);
    let (first, second) = ("config.rowActions[0].action", "config.rowActions[1].action");
    let reset = |row: Value, region: &str| {
        let variables = json!({"region": region});
        json!({"item": "table", "action": first, "row": row, "variables": variables})
    };
    let before = app.rows().await;
    for (body, path_of) in [
        (reset(json!({"id": 1, "name": "new", "price": 1}), "US"), "action"),
        (reset(json!({"id": 1, "name": "Lamp", "price": 200}), "EU"), "action"),
        (json!({"item": "table", "action": second, "row": {"id": 1}}), "action"),
        (json!({"item": "form", "action": GO, "form": {"note": "x", "sure": false}}), "action"),
        (json!({"item": "us", "action": GO}), "item"),
        (json!({"item": "us", "action": GO, "variables": {"region": "EU"}}), "item"),
        // who they are is not what they say
        (json!({"item": "table", "action": second, "row": {"id": 1}, "user": {"role": "Owner"}}), "user"),
    ] {
        let refused = operator.post(&path, body.clone()).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path_of, "{body}: {}", refused.message);
    }
    assert_eq!(app.rows().await, before);
    operator.post(&path, reset(json!({"id": 1, "name": "Lamp", "price": 200}), "US")).await.expect(200);
    operator.post(&path, reset(json!({"id": 1, "name": "Lamp", "price": 20}), "EU")).await.expect(200);
    operator.post(&path, json!({"item": "form", "action": GO, "form": {"note": "x", "sure": true}})).await.expect(200);
    operator.post(&path, json!({"item": "us", "action": GO, "variables": {"region": "US"}})).await.expect(200);
    operator.post(&path, json!({"item": "mine", "action": GO})).await.expect(200);
    let owners = json!({"item": "table", "action": second, "row": {"id": 1}});
    app.world.client.post(&path, owners).await.expect(200);
    app.world.client.post(&path, json!({"item": "mine", "action": GO})).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn what_conditions_hide_has_no_data() {
    let app = App::new().await;
    let table = app.widget("table", json!({"queryID": app.world.id("queryID")})).await;
    let when =
        |field: &str, value: &str| json!([{"from": "vars", "field": field, "operator": "equals", "value": value}]);
    let items = json!([
        {"key": "always", "widgetID": table},
        {"key": "us", "widgetID": table, "when": when("region", "US")},
        {"key": "locked", "widgetID": table, "when": when("level", "high")},
        {"key": "known", "widgetID": table, "when": [{"from": "user", "field": "email", "operator": "notEmpty"}]},
    ]);
    let variables = json!([{"name": "region", "default": "EU", "hidden": true}, {"name": "level", "default": "low"}]);
    let path = app.dashboard(items, variables).await;
    let keys = |text: &str| {
        let mut keys: Vec<String> = ["always", "us", "locked", "known"].map(str::to_owned).into();
        keys.retain(|key| text.contains(&format!("\"key\":\"{key}\"")));
        keys
    };
    let client = &app.world.client;
    let answer = client.post(&format!("{path}/data"), json!({})).await;
    assert_eq!(keys(&answer.text), ["always", "known"]);
    let answer = client.post(&format!("{path}/data"), json!({"variables": {"region": "US", "level": "high"}})).await;
    assert_eq!(keys(&answer.text), ["always", "us", "locked", "known"]);

    let share = async |variables: Value| {
        let created = client.post(&format!("{path}/shares"), json!({"variables": variables})).await.expect(201);
        let token = created["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (app.world.server.anyone(), format!("/api/v1/shared/{token}"))
    };
    let (visitor, shared) = share(json!({"level": "low"})).await;
    let shown = visitor.get(&shared).await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().iter().map(|one| &one["key"]).collect::<Vec<_>>(), ["always", "us"]);
    assert_eq!(shown["items"][1]["when"], when("region", "US"));
    assert_eq!((&shown["variables"][0]["hidden"], shown["variables"].as_array().unwrap().len()), (&json!(true), 1));
    let answer = visitor.post(&format!("{shared}/data"), json!({"variables": {"region": "US"}})).await;
    assert_eq!(keys(&answer.text), ["always", "us"]);
    let (visitor, shared) = share(json!({"level": "high", "region": "EU"})).await;
    let shown = visitor.get(&shared).await.expect(200);
    assert_eq!(
        shown["items"].as_array().unwrap().iter().map(|one| &one["key"]).collect::<Vec<_>>(),
        ["always", "locked"]
    );
    assert_eq!(shown["items"][1]["when"], json!([]), "what is decided needs no condition");
}

#[tokio::test]
async fn visitors_see_no_target_inside_the_tenant() {
    let app = App::new().await;
    let query = app.world.id("queryID");
    let details = app.widget("keyValue", json!({"queryID": query})).await;
    let form = app.widget("form", json!({"fields": [{"name": "a"}], "action": app.rename(1, "x")})).await;
    let other = app.dashboard(json!([]), json!([])).await;
    let other = other.rsplit('/').next().unwrap();
    let mut items =
        vec![json!({"key": "details", "widgetID": details, "drawer": true}), json!({"key": "form", "widgetID": form})];
    let url = json!({"type": "url", "url": "https://example.com/{{ row.id }}"});
    for (key, opens) in [
        ("toDetails", json!({"type": "widget", "widgetID": details})),
        ("toForm", json!({"type": "widget", "widgetID": form})),
        ("toOther", json!({"type": "dashboard", "dashboardID": other, "variables": {"id": "{{ row.id }}"}})),
        ("toPage", url.clone()),
    ] {
        let config = json!({"queryID": query, "columns": [{"field": "name"}], "opens": opens});
        items.push(json!({"key": key, "widgetID": app.widget("table", config).await}));
    }
    let path = app.dashboard(json!(items), json!([])).await;
    let created = app.world.client.post(&format!("{path}/shares"), json!({})).await.expect(201);
    let token = created["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let answer = app.world.server.anyone().get(&format!("/api/v1/shared/{token}")).await;
    for hidden in [details.to_string(), form.to_string(), other.to_owned(), query.to_string()] {
        assert!(!answer.text.contains(&hidden), "{hidden}: {}", answer.text);
    }
    let shown = answer.expect(200);
    let items: Vec<_> = shown["items"].as_array().unwrap().iter().collect();
    let opens = |key: &str| items.iter().find(|one| one["key"] == key).map(|one| one["config"].get("opens").cloned());
    assert_eq!(opens("form"), None);
    assert_eq!(opens("toDetails"), Some(Some(json!({"type": "widget", "widgetID": "details"}))));
    assert_eq!((opens("toForm"), opens("toOther")), (Some(None), Some(None)));
    assert_eq!(opens("toPage"), Some(Some(url)));
    assert_eq!(items.iter().find(|one| one["key"] == "details").unwrap()["drawer"], true);
}

#[tokio::test]
async fn what_opens_and_follows_is_checked_when_a_widget_is_saved() {
    let app = App::new().await;
    let query = app.world.id("queryID");
    let action = app.rename(1, "x");
    let table = |opens: Value| ("table", json!({"queryID": query, "opens": opens}));
    let button = |more: Value| {
        let mut config = json!({"label": "Go", "action": action});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("button", config)
    };
    let open = json!({"type": "open", "to": {"type": "url", "url": "https://example.com"}});
    for ((r#type, config), path) in [
        (table(json!({"type": "url", "url": "http://example.com"})), "config.opens.url"),
        (table(json!({"type": "url", "url": "https://{{ row.host }}/"})), "config.opens.url"),
        (table(json!({"type": "url", "url": "javascript:alert(1)"})), "config.opens.url"),
        (
            table(json!({"type": "dashboard", "dashboardID": query, "variables": {"a b": 1}})),
            "config.opens.variables.a b",
        ),
        (button(json!({"then": [open]})), "config.then[0].type"),
        (button(json!({"then": vec![action.clone(); 6]})), "config.then"),
        (button(json!({"when": [{"from": "form", "field": "a", "operator": "empty"}]})), "config.when[0].from"),
        (button(json!({"disabledWhen": [{"field": "", "operator": "empty"}]})), "config.disabledWhen[0].field"),
        (button(json!({"done": "{{ 1 + 1 }}"})), "config.done"),
        (button(json!({"after": {"open": {"type": "url", "url": "//x"}}})), "config.after.open.url"),
        (button(json!({"action": open, "then": [action]})), "config.then"),
    ] {
        let body = json!({"name": "Wrong", "type": r#type, "config": config});
        let refused = app.world.client.post("widgets", body.clone()).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{body}: {}", refused.message);
    }
    let item = |when: Value| json!({"name": "Wrong", "items": [{"key": "a", "widgetID": query, "when": when}]});
    let refused = app.world.client.post("dashboards", item(json!([{"field": "a", "operator": "empty"}]))).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "items[0].when[0].from");

    let opening = app.widget("button", json!({"label": "Open", "action": open})).await;
    let path = app.dashboard(json!([{"key": "go", "widgetID": opening}]), json!([])).await;
    let press = json!({"item": "go", "action": GO});
    app.world.client.post(&format!("{path}/actions"), press).await.refused(400, "INVALID_REQUEST");
}
