//! What a query declares about its columns goes with its results, wherever they are shown or exported.
use crate::support::{Answer, Client, World, client::id};
use serde_json::{Value, json};

fn declared() -> Value {
    json!([
        {"name": "price", "label": "Net price", "format": "currency", "currency": "EUR", "decimals": 2},
        {"name": "name", "label": "Item", "colors": {"Lamp": "green"}},
        {"name": "gone", "label": "Not in the result"},
    ])
}

async fn query(world: &World) -> String {
    let body = json!({
        "name": "Items", "datasourceID": world.id("datasourceID"), "columns": declared(),
        "options": {"sql": "select name, price from items order by price"},
    });
    id(&world.client.post("data-queries", body).await.expect(201)).to_string()
}

/// The described columns without their types, which the datasource names.
fn columns(result: &Value) -> Vec<Value> {
    let mut columns = result["columns"].as_array().unwrap().clone();
    for column in &mut columns {
        column.as_object_mut().unwrap().shift_remove("type");
    }
    columns
}

fn expected() -> Vec<Value> {
    let declared = declared();
    vec![declared[1].clone(), declared[0].clone()]
}

async fn event(client: &Client, path: &str) -> Value {
    let answer = client.post(path, json!({})).await;
    let data = answer.text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_else(|| panic!("{answer}"));
    serde_json::from_str(data).unwrap()
}

#[tokio::test]
async fn declared_columns_go_with_every_result() {
    let world = World::full().await;
    let query = query(&world).await;
    let saved = world.client.get(&format!("data-queries/{query}")).await.expect(200);
    assert_eq!(saved["columns"], declared());
    let result = world.client.post(&format!("data-queries/{query}/execute"), json!({})).await.expect(200);
    assert_eq!(columns(&result), expected());
    assert!(result["data"][0]["price"].is_number() || result["data"][0]["price"].is_string(), "values stay exact");

    let test = json!({
        "datasourceID": world.id("datasourceID"), "options": {"sql": "select name from items"},
        "columns": [{"name": "name", "type": "text", "unit": "pieces"}],
    });
    let tried = world.client.post("data-queries/test", test).await.expect(200);
    assert_eq!(tried["columns"], json!([{"name": "name", "type": "text", "unit": "pieces"}]));

    // a table that shows one column only
    let config = json!({"queryID": query, "columns": [{"field": "price"}]});
    let widget = json!({"name": "Prices", "type": "table", "config": config});
    let widget = id(&world.client.post("widgets", widget).await.expect(201));
    let shown = world.client.post(&format!("widgets/{widget}/data"), json!({})).await.expect(200);
    assert_eq!(columns(&shown), expected());
    let body = json!({"name": "Board", "items": [{"key": "a", "widgetID": widget}]});
    let dashboard = format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)));
    assert_eq!(columns(&event(&world.client, &format!("{dashboard}/data")).await["result"]), expected());

    let link = world.client.post(&format!("{dashboard}/shares"), json!({})).await.expect(201);
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap();
    let visitor = world.server.anyone();
    let seen = event(&visitor, &format!("/api/v1/shared/{token}/data")).await;
    assert_eq!(columns(&seen["result"]), expected()[1..], "visitors see only what the widget shows");
}

#[tokio::test]
async fn a_changed_declaration_applies_to_cached_results_too() {
    let world = World::full().await;
    let query = format!("data-queries/{}", query(&world).await);
    world.client.patch(&query, json!({"cacheSeconds": 600})).await.expect(200);
    let execute = format!("{query}/execute");
    world.client.post(&execute, json!({})).await.expect(200);
    let change = json!({"columns": [{"name": "name", "label": "Product"}]});
    world.client.patch(&query, change).await.expect(200);
    let result = world.client.post(&execute, json!({})).await.expect(200);
    assert_eq!(columns(&result), [json!({"name": "name", "label": "Product"}), json!({"name": "price"})]);
}

#[tokio::test]
async fn exports_have_labels_only_on_request_and_exact_values_always() {
    let world = World::full().await;
    let query = query(&world).await;
    let export = async |options: &str| {
        let answer = world.client.post(&format!("data-queries/{query}/export?{options}"), json!({})).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer
    };
    let lines = |answer: &Answer| answer.text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (plain, labeled) = (lines(&export("format=csv").await), lines(&export("format=csv&headers=labels").await));
    assert_eq!((plain[0].as_str(), labeled[0].as_str()), ("name,price", "Item,Net price"));
    assert_eq!(plain[1..], labeled[1..]);
    let rows = lines(&export("format=ndjson&headers=labels").await);
    assert!(rows[0].starts_with(r#"{"name":"Lamp","price":"#), "{rows:?}");
    let refused = world.client.post(&format!("data-queries/{query}/export?headers=all"), json!({})).await;
    refused.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn an_invalid_declaration_is_refused_with_its_place() {
    let world = World::full().await;
    let query = format!("data-queries/{}", query(&world).await);
    for (columns, path) in [
        (json!([{"name": "a"}, {"name": "a"}]), "columns[1].name"),
        (json!([{"name": "a", "format": "money"}]), "columns[0].format"),
        (json!([{"name": "a", "colors": {"x": "pink"}}]), "columns[0].colors.x"),
        (json!([{"name": "a", "currency": "Euro"}]), "columns[0].currency"),
    ] {
        let refused = world.client.patch(&query, json!({"columns": columns})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, path);
    }
}

#[tokio::test]
async fn options_depend_on_other_variables_and_several_can_be_selected() {
    let world = World::full().await;
    let items = json!({
        "name": "Items up to a price", "datasourceID": world.id("datasourceID"),
        "options": {"sql": "select name from items where price <= {{ params.most }} order by price"},
        "parameters": [{"name": "most", "type": "number", "default": 100_000}],
    });
    let items = id(&world.client.post("data-queries", items).await.expect(201));
    let source = json!({"queryID": items, "valueField": "name", "parameters": {"most": "{{ vars.most }}"}});
    let variables = json!([
        {"name": "most", "type": "number"},
        {"name": "items", "type": "multiSelect", "source": source},
        {"name": "sizes", "type": "multiSelect", "options": ["S", "M", "L"], "default": ["M"]},
    ]);
    let body = json!({"name": "Choices", "items": [], "variables": variables, "timeZone": "Europe/Berlin"});
    let dashboard = format!("dashboards/{}", id(&world.client.post("dashboards", body).await.expect(201)));
    let ask =
        async |variables: Value| world.client.post(&format!("{dashboard}/data"), json!({"variables": variables})).await;
    let offered = |answer: &Answer| -> Vec<String> {
        let data = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
        let event = events.into_iter().find(|event| event["key"] == "items").unwrap_or_else(|| panic!("{answer}"));
        let choices = event["result"].as_array().unwrap().iter();
        choices.map(|choice| choice["value"].as_str().unwrap().to_owned()).collect()
    };
    assert!(offered(&ask(json!({})).await).is_empty(), "a filter that is not set is null, not the parameter's default");
    assert_eq!(offered(&ask(json!({"most": 100_000})).await), ["Lamp", "Chair", "Table"]);
    assert_eq!(offered(&ask(json!({"most": 30})).await), ["Lamp"]);
    let both = json!({"most": 100_000, "items": ["Lamp", "Table"], "sizes": ["S", "L"]});
    assert_eq!(ask(both).await.status, 200);
    for (variables, path) in [
        (json!({"most": 30, "items": ["Lamp", "Table"]}), "variables.items"),
        (json!({"items": "Lamp"}), "variables.items"),
        (json!({"sizes": ["XL"]}), "variables.sizes"),
        (json!({"sizes": [1]}), "variables.sizes"),
    ] {
        assert_eq!(ask(variables).await.refused(400, "INVALID_REQUEST").path, path);
    }
    for (variables, path) in [
        (json!([{"name": "items", "type": "multiSelect", "source": source}]), "variables[0].source.parameters"),
        (json!([{"name": "a", "type": "multiSelect", "default": "x"}]), "variables[0].default"),
    ] {
        let refused = world.client.patch(&dashboard, json!({"variables": variables})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, path);
    }
    let refused = world.client.patch(&dashboard, json!({"timeZone": "Berlin"})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "timeZone");
}
