//! The data of widgets and dashboards, for members who can see only those.
use crate::support::{Answer, Client, World, client::id};
use jet_admin::clock::Time;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A query for the items that cost at least `params.least`, which is 0 by default.
async fn query(world: &World) -> Uuid {
    query_named(world, "Items from a price up").await
}

async fn query_named(world: &World, name: &str) -> Uuid {
    let created = world.client.post(
        "data-queries",
        json!({
            "name": name,
            "datasourceID": world.id("datasourceID"),
            "options": {"sql": "select name, price from items where price >= {{ params.least }} order by price"},
            "parameters": [{"name": "least", "type": "number", "default": 0}],
        }),
    );
    id(&created.await.expect(201))
}

async fn widget(world: &World, name: &str, query: Uuid, least: Value) -> Uuid {
    let config = json!({"queryID": query, "parameters": {"least": least}});
    id(&world.client.post("widgets", json!({"name": name, "type": "table", "config": config})).await.expect(201))
}

async fn dashboard(world: &World, widgets: &[Uuid]) -> String {
    let items: Vec<Value> =
        widgets.iter().enumerate().map(|(n, id)| json!({"key": format!("item{n}"), "widgetID": id})).collect();
    let variables = json!([{"name": "least", "type": "number", "default": 40}]);
    let body = json!({"name": "Prices", "items": items, "variables": variables});
    format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)))
}

/// The events of a dashboard's data, by item. Checks that the last event is `done`.
async fn data(client: &Client, dashboard: &str, body: Value) -> BTreeMap<String, Value> {
    let answer = client.post(&format!("{dashboard}/data"), body).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some("text/event-stream")), "{answer}");
    let mut frames: Vec<&str> = answer.text.split("\n\n").filter(|frame| !frame.is_empty()).collect();
    assert!(frames.pop().unwrap().starts_with("event: done"), "{answer}");
    let item = |frame: &str| {
        let data = frame.strip_prefix("event: item\ndata: ").unwrap_or_else(|| panic!("{frame}"));
        let item: Value = serde_json::from_str(data).unwrap();
        (item["key"].as_str().unwrap().to_owned(), item)
    };
    frames.into_iter().map(item).collect()
}

fn names(result: &Value) -> Vec<&str> {
    result["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_viewer_sees_a_widgets_data_without_permission_to_execute_its_query() {
    let world = World::full().await;
    let query = query(&world).await;
    let widget = format!("widgets/{}", widget(&world, "Prices", query, json!("{{ vars.least }}")).await);
    let (_, viewer) = world.reader("vera@example.com").await;
    let execute = format!("data-queries/{query}/execute");
    viewer.post(&execute, json!({})).await.refused(403, "PERMISSION_DENIED");
    let result = viewer.post(&format!("{widget}/data"), json!({"variables": {"least": 40}})).await.expect(200);
    assert_eq!(names(&result), ["Chair", "Table"]);
    assert_eq!(result["columns"][1]["name"], "price");
    // a variable that does not exist leaves the default; one that was cleared makes the parameter null
    let result = viewer.post(&format!("{widget}/data"), json!({})).await.expect(200);
    assert_eq!(names(&result), ["Lamp", "Chair", "Table"]);
    let cleared = json!({"variables": {"least": null}});
    let result = viewer.post(&format!("{widget}/data"), cleared).await.expect(200);
    assert_eq!(names(&result), [""; 0]);
    // only variables can be sent
    for body in [json!({"parameters": {"least": 1}}), json!({"options": {"sql": "select 1"}}), json!({"variables": 1})]
    {
        viewer.post(&format!("{widget}/data"), body).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_variable_is_a_value_and_never_becomes_part_of_the_query() {
    let world = World::full().await;
    let query = query(&world).await;
    let widget = format!("widgets/{}/data", widget(&world, "Prices", query, json!("{{ vars.least }}")).await);
    for hostile in ["0 or 1=1", "0; drop table items", "{{ 1 + 1 }}", "' --"] {
        let refused = world.client.post(&widget, json!({"variables": {"least": hostile}})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "variables.least", "{hostile}");
    }
    let all = world.client.post(&widget, json!({"variables": {"least": 0}})).await.expect(200);
    assert_eq!(all["rowCount"], 3);
}

#[tokio::test]
async fn a_dashboard_streams_each_item_and_executes_equal_queries_once() {
    let world = World::full().await;
    let query = query(&world).await;
    let by_variable = widget(&world, "From the variable", query, json!("{{ vars.least }}")).await;
    let same = widget(&world, "The same", query, json!("{{ vars.least }}")).await;
    let dear = widget(&world, "Dear ones", query, json!(100)).await;
    let text = json!({"name": "Words", "type": "text", "config": {"markdown": "# Hi"}});
    let text = id(&world.client.post("widgets", text).await.expect(201));
    let dashboard = dashboard(&world, &[by_variable, same, dear, text]).await;
    let (_, viewer) = world.reader("vera@example.com").await;

    let items = data(&viewer, &dashboard, json!({})).await;
    assert_eq!(items.keys().collect::<Vec<_>>(), ["item0", "item1", "item2", "item3"]);
    assert_eq!(names(&items["item0"]["result"]), ["Chair", "Table"], "the variable's default must be used");
    assert_eq!(items["item0"]["result"], items["item1"]["result"]);
    assert_eq!(names(&items["item2"]["result"]), ["Table"]);
    assert_eq!(items["item3"]["result"], Value::Null);
    let history = format!("data-queries/{query}/runs");
    assert_eq!(world.client.all_of(&history, 2).await.len(), 2, "three items with two different queries");

    let only = data(&viewer, &dashboard, json!({"items": ["item2", "gone"]})).await;
    assert_eq!(only.keys().collect::<Vec<_>>(), ["item2"]);
    world.client.all_of(&history, 3).await;

    let items = data(&viewer, &dashboard, json!({"variables": {"least": 20}})).await;
    assert_eq!(names(&items["item1"]["result"]), ["Chair", "Table"]);
    assert_eq!(world.client.all_of(&history, 5).await.len(), 5);
    let unknown = viewer.post(&format!("{dashboard}/data"), json!({"variables": {"most": 1}})).await;
    assert_eq!(unknown.refused(400, "INVALID_REQUEST").path, "variables.most");
}

#[tokio::test]
async fn an_item_that_fails_reports_an_error_and_does_not_affect_the_others() {
    let world = World::full().await;
    let good = widget(&world, "Good", query(&world).await, json!(0)).await;
    let broken = json!({"name": "Broken", "datasourceID": world.id("datasourceID"), "options": {"sql": "select * from nowhere"}});
    let broken = id(&world.client.post("data-queries", broken).await.expect(201));
    let config = json!({"queryID": broken});
    let broken = json!({"name": "Broken", "type": "table", "config": config});
    let broken = id(&world.client.post("widgets", broken).await.expect(201));
    let dashboard = dashboard(&world, &[broken, good]).await;
    let items = data(&world.client, &dashboard, json!({})).await;
    assert_eq!(items["item0"]["error"]["code"], "DATASOURCE_ERROR");
    assert!(items["item0"]["error"]["message"].as_str().unwrap().contains("nowhere"));
    assert_eq!(items["item1"]["result"]["rowCount"], 3);
}

#[tokio::test]
async fn a_dashboard_includes_its_widgets() {
    let world = World::full().await;
    let one = widget(&world, "One", query(&world).await, json!(0)).await;
    let dashboard = dashboard(&world, &[one, one]).await;
    let shown = world.client.get(&dashboard).await.expect(200);
    let widgets = shown["widgets"].as_array().unwrap();
    assert_eq!((widgets.len(), id(&widgets[0]), &widgets[0]["name"]), (1, one, &json!("One")));
}

#[tokio::test]
async fn a_table_with_server_paging_is_read_page_by_page() {
    let world = World::full().await;
    let config = json!({"queryID": query(&world).await, "serverPaging": true, "pageSize": 2});
    let paged = json!({"name": "Pages", "type": "table", "config": config});
    let paged = id(&world.client.post("widgets", paged).await.expect(201));
    let whole = widget(&world, "Whole", query_named(&world, "Again").await, json!(0)).await;
    let dashboard = dashboard(&world, &[paged, whole]).await;
    let (_, viewer) = world.reader("vera@example.com").await;

    let first = viewer.post(&format!("widgets/{paged}/data"), json!({})).await.expect(200);
    assert_eq!((names(&first), &first["truncated"]), (vec!["Lamp", "Chair"], &json!(true)));
    let second = viewer.post(&format!("widgets/{paged}/data"), json!({"page": 1})).await.expect(200);
    assert_eq!((names(&second), &second["truncated"]), (vec!["Table"], &json!(false)));
    let refused = viewer.post(&format!("widgets/{whole}/data"), json!({"page": 1})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "page");

    let items = data(&viewer, &dashboard, json!({})).await;
    assert_eq!((items.len(), names(&items["item0"]["result"])), (2, vec!["Lamp", "Chair"]));
    let items = data(&viewer, &dashboard, json!({"pages": {"item0": 1}})).await;
    assert_eq!((items.len(), names(&items["item0"]["result"])), (1, vec!["Table"]), "only the requested item");
    let items = data(&viewer, &dashboard, json!({"pages": {"item1": 1}})).await;
    assert_eq!(items["item1"]["error"]["code"], "INVALID_REQUEST");
    assert!(items["item1"]["error"]["requestId"].is_string());
}

#[tokio::test]
async fn server_paging_is_refused_if_the_datasource_does_not_support_it() {
    let world = World::full().await;
    let script = json!({"name": "Script", "type": "javascript", "options": {}});
    let script = id(&world.client.post("datasources", script).await.expect(201));
    let rows = json!({"name": "Rows", "datasourceID": script, "options": {"code": "return [{a: 1}]"}});
    let rows = id(&world.client.post("data-queries", rows).await.expect(201));
    let config = json!({"queryID": rows, "serverPaging": true});
    let refused = world.client.post("widgets", json!({"name": "Rows", "type": "table", "config": config})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "config.serverPaging");
}

#[tokio::test]
async fn variables_can_have_options_from_a_query_and_date_ranges() {
    let world = World::full().await;
    let query = query(&world).await;
    let config = json!({"queryID": query, "parameters": {"least": "{{ vars.period.from.length }}"}});
    let least = json!({"name": "Since", "type": "table", "config": config});
    let widget = id(&world.client.post("widgets", least).await.expect(201));
    let variables = json!([
        {"name": "item", "type": "select", "source": {"queryID": query, "valueField": "price", "labelField": "name"}},
        {"name": "period", "type": "dateRange", "default": {"from": "2026-01-01", "to": "2026-01-31"}},
    ]);
    let body = json!({"name": "Chosen", "items": [{"key": "a", "widgetID": widget}], "variables": variables});
    let dashboard = format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)));
    let answer = world.client.post(&format!("{dashboard}/data"), json!({})).await;
    assert!(answer.text.contains("event: options\ndata: {\"key\":\"item\",\"result\":[{\"value\":"), "{answer}");
    assert!(answer.text.contains("\"label\":\"Lamp\"") && answer.text.contains("\"rowCount\":3"), "{answer}");
    let part = world.client.post(&format!("{dashboard}/data"), json!({"items": ["a"]})).await;
    assert!(!part.text.contains("event: options"), "{part}");

    world.client.delete(&format!("data-queries/{query}")).await.refused(409, "CONFLICT");
    for (source, path) in [
        (json!({"name": "a", "source": {"queryID": query, "valueField": "x"}}), "variables[0].source"),
        (
            json!({"name": "a", "type": "select", "source": {"queryID": query, "valueField": ""}}),
            "variables[0].source.valueField",
        ),
        (
            json!({"name": "a", "type": "select", "source": {"queryID": Uuid::now_v7(), "valueField": "x"}}),
            "variables[0].source.queryID",
        ),
    ] {
        let refused = world.client.patch(&dashboard, json!({"variables": [source]})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, path);
    }
}

#[tokio::test]
async fn options_beyond_the_limit_are_indicated_and_can_be_searched() {
    let world = World::full().await;
    let script = json!({"name": "Script", "type": "javascript", "options": {}});
    let script = id(&world.client.post("datasources", script).await.expect(201));
    let code =
        "return Array.from({length: 1500}, (_, i) => ({v: 'c' + String(i).padStart(4, '0'), n: 'Customer ' + i}))";
    let many = json!({"name": "Many", "datasourceID": script, "options": {"code": code}});
    let many = id(&world.client.post("data-queries", many).await.expect(201));
    let source = |value: &str| json!({"queryID": many, "valueField": value, "labelField": "n"});
    let body = json!({"name": "Choices", "items": [], "variables": [
        {"name": "customer", "type": "select", "source": source("v")},
        {"name": "broken", "type": "select", "source": source("gone")},
        {"name": "free", "type": "text"},
    ]});
    let dashboard = format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)));
    let event = |answer: &Answer, name: &str| -> Value {
        let data = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
        let mut events = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
        events.find(|event| event["key"] == name).unwrap_or_else(|| panic!("{answer}"))
    };
    let ask = async |body: Value| world.client.post(&format!("{dashboard}/data"), body).await;

    let whole = ask(json!({})).await;
    let sent = event(&whole, "customer");
    assert_eq!((sent["result"].as_array().unwrap().len(), &sent["more"]), (1000, &json!(true)));
    let broken = event(&whole, "broken");
    assert!(broken["error"]["message"].as_str().unwrap().contains("no column `gone`"), "{broken}");

    let found = ask(json!({"search": {"customer": "CUSTOMER 1234"}})).await;
    assert_eq!(event(&found, "customer")["result"], json!([{"value": "c1234", "label": "Customer 1234"}]));
    assert_eq!(keys_of(&found), ["customer"], "nothing else may be sent");
    assert_eq!(event(&ask(json!({"search": {"customer": "nobody"}})).await, "customer")["result"], json!([]));
    let chosen = ask(json!({"variables": {"customer": "c1234"}})).await;
    assert_eq!(chosen.status, 200, "{chosen}");
    for (name, text) in [("free", "a".to_owned()), ("other", "a".to_owned()), ("customer", "a".repeat(201))] {
        let refused = ask(json!({"search": {name: text}})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, format!("search.{name}"));
    }
}

/// A dashboard with two tabs: two items on the first, one on the second, and a select fed by a query.
async fn tabbed(world: &World) -> String {
    let query = query(world).await;
    let (cheap, dear) = (widget(world, "Cheap", query, json!(0)).await, widget(world, "Dear", query, json!(100)).await);
    let body = json!({
        "name": "Tabs",
        "tabs": [{"key": "all", "title": "Everything"}, {"key": "dear", "title": "Dear things"}],
        "items": [
            {"key": "a", "widgetID": cheap, "tab": "all"},
            {"key": "b", "widgetID": dear, "tab": "dear"},
            {"key": "c", "widgetID": dear, "tab": "all"},
        ],
        "layouts": {"lg": [{"i": "a", "x": 0, "y": 0, "w": 4, "h": 4}, {"i": "b", "x": 0, "y": 0, "w": 4, "h": 4}]},
        "variables": [{"name": "item", "type": "select", "source": {"queryID": query, "valueField": "name"}}],
    });
    format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)))
}

/// The keys of the events in a response.
fn keys_of(answer: &Answer) -> Vec<String> {
    let events = answer.text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
    let mut keys: Vec<String> = events.filter_map(|event: Value| Some(event["key"].as_str()?.to_owned())).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn requesting_a_tab_returns_only_its_items() {
    let world = World::full().await;
    let dashboard = tabbed(&world).await;
    let path = format!("{dashboard}/data");
    let request = async |body: Value| world.client.post(&path, body).await;
    assert_eq!(keys_of(&request(json!({})).await), ["a", "b", "c", "item"]);
    assert_eq!(keys_of(&request(json!({"tab": "all"})).await), ["a", "c", "item"], "with the variables' options");
    assert_eq!(keys_of(&request(json!({"tab": "dear"})).await), ["b", "item"]);
    assert_eq!(keys_of(&request(json!({"tab": "dear", "items": ["a", "b"]})).await), ["b"]);
    let unknown = request(json!({"tab": "gone"})).await.refused(400, "INVALID_REQUEST");
    assert_eq!((unknown.path.as_str(), unknown.message.as_str()), ("tab", "tab: no tab has the key `gone`"));
}

#[tokio::test]
async fn every_item_of_a_dashboard_with_tabs_must_be_on_one() {
    let world = World::full().await;
    let dashboard = tabbed(&world).await;
    let saved = world.client.get(&dashboard).await.expect(200);
    let tab = |n: usize| json!({"key": format!("t{n}"), "title": "T"});
    let on = |tab: &str| json!([{"key": "a", "widgetID": saved["items"][0]["widgetID"], "tab": tab}]);
    let without_tab = json!([{"key": "a", "widgetID": saved["items"][0]["widgetID"]}]);
    for (patch, path) in [
        (json!({"tabs": [{"key": "all", "title": "Everything"}]}), "items[1].tab"),
        (json!({"tabs": null}), "items[0].tab"),
        (json!({"layouts": null, "items": without_tab}), "items[0].tab"),
        (json!({"layouts": null, "items": on("gone")}), "items[0].tab"),
        (json!({"tabs": [tab(0), tab(0)]}), "tabs[1].key"),
        (json!({"tabs": [{"key": "", "title": "T"}]}), "tabs[0].key"),
        (json!({"tabs": [{"key": "a/b", "title": "T"}]}), "tabs[0].key"),
        (json!({"tabs": [{"key": "a", "title": " "}]}), "tabs[0].title"),
        (json!({"tabs": [{"key": "a", "title": "T".repeat(61)}]}), "tabs[0].title"),
        (json!({"tabs": [{"key": "a", "title": "T", "icon": "x"}]}), "tabs[0].icon"),
        (json!({"tabs": (0..21).map(tab).collect::<Vec<_>>()}), "tabs"),
        (json!({"variables": [{"name": "tab"}]}), "variables[0].name"),
    ] {
        let refused = world.client.patch(&dashboard, patch.clone()).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{patch}: {}", refused.message);
    }
    // without tabs, items need no tab and a variable can be called `tab`
    let plain = json!({"tabs": null, "layouts": null, "items": without_tab, "variables": [{"name": "tab"}]});
    let plain = world.client.patch(&dashboard, plain).await.expect(200);
    assert_eq!((&plain["tabs"], plain["items"][0].get("tab")), (&json!([]), None));
}

#[tokio::test]
async fn tabs_are_cloned_and_kept_in_versions() {
    let world = World::full().await;
    let dashboard = tabbed(&world).await;
    let saved = world.client.get(&dashboard).await.expect(200);
    let clone = world.client.post(&format!("{dashboard}/clone"), json!({})).await.expect(201);
    assert_eq!((&clone["tabs"], &clone["items"]), (&saved["tabs"], &saved["items"]));
    let renamed = json!({"tabs": [{"key": "dear", "title": "First"}, {"key": "all", "title": "All"}]});
    world.client.patch(&dashboard, renamed).await.expect(200);
    let first = world.client.get(&format!("{dashboard}/versions/1")).await.expect(200);
    assert_eq!(first["spec"]["tabs"], saved["tabs"]);
}

/// A dashboard with an item that returns the days of the variable `period`.
async fn period(world: &World, standard: Value) -> Answer {
    let echo = json!({
        "name": "Days", "datasourceID": world.id("datasourceID"),
        "options": {"sql": "select {{ params.from }} as first, {{ params.to }} as last"},
        "parameters": [{"name": "from", "type": "date"}, {"name": "to", "type": "date"}],
    });
    let echo = id(&world.client.post("data-queries", echo).await.expect(201));
    let parameters = json!({"from": "{{ vars.period.from }}", "to": "{{ vars.period.to }}"});
    let config = json!({"queryID": echo, "parameters": parameters});
    let widget = json!({"name": "Days", "type": "table", "config": config});
    let widget = id(&world.client.post("widgets", widget).await.expect(201));
    let variables = json!([{"name": "period", "type": "dateRange", "default": standard}]);
    let body = json!({"name": "Period", "items": [{"key": "a", "widgetID": widget}], "variables": variables});
    world.client.post("dashboards", body).await
}

#[tokio::test]
async fn a_relative_date_range_is_stored_unchanged_and_resolved_to_days() {
    let world = World::full().await;
    let created = period(&world, json!("last-7-days")).await.expect(201);
    assert_eq!(created["variables"][0]["default"], "last-7-days");
    let path = format!("dashboards/{}", id(&created));
    let days = async |body: Value| {
        let row = data(&world.client, &path, body).await["a"]["result"]["data"][0].clone();
        (row["first"].as_str().unwrap().to_owned(), row["last"].as_str().unwrap().to_owned())
    };
    // midnight may pass during the request
    let around = async |body: Value, back: u64| loop {
        let (before, found) = (Time::now().day(), days(body.clone()).await);
        if before == Time::now().day() {
            let first = before.checked_sub_days(chrono::Days::new(back)).unwrap();
            break (found, (first.to_string(), before.to_string()));
        }
    };
    let (found, expected) = around(json!({}), 6).await;
    assert_eq!(found, expected, "the default");
    let (found, expected) = around(json!({"variables": {"period": "last-2-weeks"}}), 13).await;
    assert_eq!(found, expected, "the given range");
    let plain = json!({"variables": {"period": {"from": "2026-01-01", "to": "2026-01-31"}}});
    assert_eq!(days(plain).await, ("2026-01-01".to_owned(), "2026-01-31".to_owned()));

    let wrong = world.client.post(&format!("{path}/data"), json!({"variables": {"period": "some-day"}})).await;
    let wrong = wrong.refused(400, "INVALID_REQUEST");
    assert!(wrong.path == "variables.period" && wrong.message.contains("last-7-days"), "{}", wrong.message);
    for standard in [json!("last-0-days"), json!({"from": "2026-01-01"}), json!(7)] {
        let refused = period(&World::full().await, standard).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "variables[0].default");
    }
}
