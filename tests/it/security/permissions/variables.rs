//! The rules of a dashboard's variables apply to members as they do to strangers with a share link.
use super::make;
use crate::support::{Client, World, client::id};
use serde_json::{Value, json};
use uuid::Uuid;

/// A dashboard with one variable of each type, and the widget that it shows.
struct Board {
    world: World,
    path: String,
    widget: Uuid,
}

impl Board {
    async fn new() -> Self {
        let world = World::full().await;
        let query = json!({
            "name": "Items of a name", "datasourceID": world.id("datasourceID"),
            "options": {"sql": "select name, price from items where {{ params.name }} is null or name = {{ params.name }}"},
            "parameters": [{"name": "name"}],
        });
        let query = make(&world.client, "data-queries", query).await;
        let config = json!({"queryID": query, "parameters": {"name": "{{ vars.kind }}"}});
        let widget = make(&world.client, "widgets", json!({"name": "Items", "type": "table", "config": config})).await;
        let cheap = json!({
            "name": "Cheap ones", "datasourceID": world.id("datasourceID"),
            "options": {"sql": "select name from items where price < 100"},
        });
        let cheap = make(&world.client, "data-queries", cheap).await;
        let body = json!({
            "name": "Board", "items": [{"key": "a", "widgetID": widget}],
            "variables": [
                {"name": "kind", "type": "select", "options": ["Lamp", "Chair"], "default": "Other"},
                {"name": "item", "type": "select", "source": {"queryID": cheap, "valueField": "name"}, "default": "None"},
                {"name": "least", "type": "number"}, {"name": "day", "type": "date"},
                {"name": "period", "type": "dateRange"}, {"name": "word", "type": "text"},
            ],
        });
        let path = format!("dashboards/{}", make(&world.client, "dashboards", body).await);
        Self { world, path, widget }
    }

    /// Creates a share link and returns its path in the API.
    async fn link(&self) -> String {
        let created = self.world.client.post(&format!("{}/shares", self.path), json!({})).await.expect(201);
        format!("/api/v1/shared/{}", created["url"].as_str().unwrap().rsplit('/').next().unwrap())
    }
}

async fn ask(client: &Client, path: &str, name: &str, value: &Value) -> Option<String> {
    let answer = client.post(&format!("{path}/data"), json!({"variables": {name: value}})).await;
    match answer.status.as_u16() {
        200 => None,
        _ => Some(answer.refused(400, "INVALID_REQUEST").path),
    }
}

#[tokio::test]
async fn members_and_strangers_can_set_the_same_values() {
    let board = Board::new().await;
    let link = board.link().await;
    let (_, viewer) = board.world.reader("vera@example.com").await;
    let anyone = board.world.server.anyone();
    let long = "x".repeat(1001);
    for (name, value, fits) in [
        ("kind", json!("Lamp"), true),
        ("kind", json!("Table"), false),
        ("kind", json!(["Lamp"]), false),
        ("kind", json!({"a": "Lamp"}), false),
        ("kind", json!("Other"), true), // its default
        ("kind", json!(null), true),
        ("item", json!("Lamp"), true),
        ("item", json!("Table"), false), // not among the options from its query
        ("item", json!("None"), true),   // its default
        ("item", json!(7), false),
        ("least", json!(7), true),
        ("least", json!("7"), false),
        ("day", json!("2026-01-31"), true),
        ("day", json!("tomorrow"), false),
        ("period", json!("last-7-days"), true),
        ("period", json!({"from": "2026-02-01", "to": "2026-01-01"}), false),
        ("word", json!("anything"), true),
        ("word", json!(long), false),
        ("most", json!(1), false),
    ] {
        let refused = (!fits).then(|| format!("variables.{name}"));
        for (who, client, path) in [
            ("an owner", &board.world.client, &board.path),
            ("a viewer", &viewer, &board.path),
            ("a stranger", &anyone, &link),
        ] {
            assert_eq!(ask(client, path, name, &value).await, refused, "{who} sets {name} to {value}");
        }
    }
}

#[tokio::test]
async fn a_new_option_is_accepted_immediately() {
    let board = Board::new().await;
    let client = &board.world.client;
    assert_eq!(ask(client, &board.path, "item", &json!("Lamp")).await, None);
    let cheaper = json!({"options": {"sql": "select name from items"}});
    let query = client.get(&board.path).await.expect(200)["variables"][1]["source"]["queryID"].clone();
    client.patch(&format!("data-queries/{}", query.as_str().unwrap()), cheaper).await.expect(200);
    assert_eq!(ask(client, &board.path, "item", &json!("Table")).await, None);
}

#[tokio::test]
async fn a_share_link_with_a_value_that_is_not_an_option_is_refused() {
    let mut board = Board::new().await;
    let shares = format!("{}/shares", board.path);
    let reader = ["dashboard:read", "dashboard:share"];
    let member = super::member_with(&mut board.world, "Sharer", &reader).await;
    for (name, value) in [("kind", "Table"), ("item", "Table")] {
        let refused = member.post(&shares, json!({"variables": {name: value}})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, format!("variables.{name}"));
    }
    let created = member.post(&shares, json!({"variables": {"kind": "Lamp", "item": "Lamp"}})).await.expect(201);
    let link = format!("/api/v1/shared/{}", created["url"].as_str().unwrap().rsplit('/').next().unwrap());
    let anyone = board.world.server.anyone();
    for name in ["kind", "item"] {
        assert_eq!(ask(&anyone, &link, name, &json!("Chair")).await, Some(format!("variables.{name}")));
    }
    assert_eq!(ask(&anyone, &link, "word", &json!("x")).await, None);
}

#[tokio::test]
async fn the_data_of_a_widget_follows_the_rules_of_the_dashboards_that_show_it() {
    let board = Board::new().await;
    let widget = format!("widgets/{}", board.widget);
    let (_, viewer) = board.world.reader("vera@example.com").await;
    assert_eq!(ask(&viewer, &widget, "kind", &json!("Chair")).await, None);
    for value in [json!("Table"), json!({"a": 1})] {
        assert_eq!(ask(&viewer, &widget, "kind", &value).await, Some("variables.kind".to_owned()), "{value}");
    }
    // members who can execute the query can pass it any value anyway
    assert_eq!(ask(&board.world.client, &widget, "kind", &json!("Table")).await, None);
    // another dashboard lets viewers set any value
    let items = json!([{"key": "a", "widgetID": board.widget}]);
    let free = json!({"name": "Free", "items": items, "variables": [{"name": "kind", "type": "text"}]});
    let free = id(&board.world.client.post("dashboards", free).await.expect(201));
    assert_eq!(ask(&viewer, &widget, "kind", &json!("Table")).await, None);
    board.world.client.delete(&format!("dashboards/{free}")).await.expect(204);
    assert_eq!(ask(&viewer, &widget, "kind", &json!("Table")).await, Some("variables.kind".to_owned()));
    // a variable that no dashboard declares accepts only plain values
    assert_eq!(ask(&viewer, &widget, "other", &json!(["a", 1, true])).await, None);
    for value in [json!({"a": 1}), json!([["a"]]), json!([{}]), json!("x".repeat(1001))] {
        assert_eq!(ask(&viewer, &widget, "other", &value).await, Some("variables.other".to_owned()), "{value}");
    }
}

#[tokio::test]
async fn clearing_a_variable_does_not_allow_other_values() {
    let board = Board::new().await;
    let client = &board.world.client;
    let sql = "select name from items where {{ params.kind }} is null or name = {{ params.kind }}";
    let datasource = client.get("datasources").await.expect(200)["items"][0]["id"].clone();
    let query = json!({
        "name": "By kind", "datasourceID": datasource, "options": {"sql": sql},
        "parameters": [{"name": "kind", "type": "string", "allowed": ["Lamp", "Other"], "default": "Other"}],
    });
    let query = make(client, "data-queries", query).await;
    let config = json!({"queryID": query, "parameters": {"kind": "{{ vars.kind }}"}, "columns": []});
    let widget = make(client, "widgets", json!({"name": "By kind", "type": "table", "config": config})).await;
    let (_, viewer) = board.world.reader("clear@example.com").await;
    let body = json!({
        "name": "Clearing", "items": [{"key": "a", "widgetID": widget}],
        "variables": [{"name": "kind", "type": "select", "options": ["Lamp", "Other"], "default": "Other"}],
    });
    let dashboard = make(client, "dashboards", body).await;
    let cleared = json!({"variables": {"kind": null}});
    let answer = viewer.post(&format!("dashboards/{dashboard}/data"), cleared.clone()).await;
    assert!(!answer.text.contains("Lamp"), "the default must apply: {}", answer.text);
    let answer = viewer.post(&format!("widgets/{widget}/data"), cleared).await;
    assert_eq!(answer.refused(400, "INVALID_REQUEST").path, "variables.kind");
}

#[tokio::test]
async fn changing_the_values_that_a_query_accepts_requires_permission_to_execute_it() {
    let mut board = Board::new().await;
    let may =
        ["widget:list", "widget:read", "dashboard:list", "dashboard:read", "dashboard:create", "dashboard:update"];
    let member = super::member_with(&mut board.world, "Arranger", &may).await;
    let free = json!([{"name": "kind", "type": "text", "default": "Lamp"}]);
    let changed = member.patch(&board.path, json!({"variables": free})).await.refused(403, "PERMISSION_DENIED");
    assert!(changed.message.contains("dataquery:execute"), "{}", changed.message);
    let items = json!([{"key": "a", "widgetID": board.widget}]);
    let own = json!({"name": "Own", "variables": free, "items": items});
    member.post("dashboards", own).await.refused(403, "PERMISSION_DENIED");
    member.post("dashboards", json!({"name": "Own", "items": items})).await.expect(201);
    member.patch(&board.path, json!({"refreshSeconds": 60})).await.expect(200);
}
