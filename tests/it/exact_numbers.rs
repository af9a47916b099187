//! Numbers that do not fit a double keep all their digits, whichever way they enter and leave.
use crate::support::{
    Client, World,
    client::id,
    recorder::{Recorder, Seen},
};
use axum::{body::Body, http::Response};
use reqwest::Method;
use serde_json::{Value, json};

const NUMBERS: [&str; 6] = [
    "9007199254740993",
    "-18446744073709551616",
    "170141183460469231731687303715884105727",
    "0.1234567890123456789",
    "12345678901234567.25",
    "1.5e-400",
];

/// A graph that passes `input.n` through a template, a script, a loop and a request.
fn graph(url: &str) -> Value {
    let node = |id: &str, kind: &str, config: Value| json!({"id": id, "type": kind, "name": id, "config": config});
    let echo = json!({"method": "POST", "url": format!("{url}/?n={{{{ input.n }}}}"), "body": {"n": "{{ input.n }}"}});
    let output = json!({
        "template": "{{ input.n }}", "text": "n={{ input.n }}", "script": "{{ steps.script }}", "set": "{{ steps.set.n }}",
        "loop": "{{ steps.loop[0] }}", "answer": "{{ steps.http.body }}",
    });
    let nodes = json!([
        node("start", "start", json!({})),
        node("script", "javascript", json!({"code": "return JSON.parse(JSON.stringify({n: input.n}))"})),
        node("set", "set", json!({"values": {"n": "{{ steps.script.n }}"}})),
        node("loop", "loop", json!({"items": "{{ [input.n] }}"})),
        {"id": "in", "type": "set", "name": "in", "parentID": "loop", "config": {"values": {"item": "{{ item }}"}}},
        node("http", "httpRequest", echo),
        node("end", "end", json!({"output": output})),
    ]);
    let order = ["start", "script", "set", "loop", "http", "end"];
    let edges: Vec<Value> =
        order.windows(2).map(|pair| json!({"id": pair[0], "source": pair[0], "target": pair[1]})).collect();
    json!({"nodes": nodes, "edges": edges})
}

/// Returns the request's query parameter, as a number, and its body.
fn answer(seen: &Seen) -> Response<Body> {
    let number = seen.param("n").unwrap_or_default();
    let body = format!(
        "{{\"asked\": {number}, \"sent\": {}}}",
        if seen.text().is_empty() { "null".to_owned() } else { seen.text() }
    );
    Response::builder().header("content-type", "application/json").body(Body::from(body)).unwrap()
}

/// Returns the number as JSON in the server: text unless 64 bits hold it.
fn held(number: &str) -> Value {
    number.parse::<i64>().map_or_else(|_| number.into(), Value::from)
}

fn check(number: &str, output: &Value) {
    assert_eq!(output["template"], held(number));
    assert_eq!(output["text"], format!("n={number}"));
    // scripts and the templates that calculate get text
    assert_eq!((&output["script"]["n"], &output["set"]), (&json!(number), &json!(number)));
    assert_eq!(output["loop"]["item"], number, "{output}");
    assert_eq!(output["answer"], json!({"asked": held(number), "sent": {"n": held(number)}}));
}

async fn raw(client: &Client, path: &str, body: String) -> Value {
    client.call(Method::POST, path).raw("application/json", body).send().await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_keeps_all_its_digits_in_a_workflow() {
    let world = World::empty().await;
    let recorder = Recorder::start(answer).await;
    let mut workflow_graph = graph(&recorder.url());
    workflow_graph["nodes"][3]["config"]["items"] = json!("{{ [input.n] }}");
    let declared = json!([{"name": "n", "type": "number", "required": true}]);
    let body = json!({"name": "Exact", "enabled": true, "inputs": declared, "nodes": workflow_graph["nodes"],
        "edges": workflow_graph["edges"], "triggers": [{"type": "webhook", "answer": "finish"}]});
    let workflow = world.client.post("workflows", body).await.expect(201);
    let hook = workflow["triggerStates"][0]["path"].as_str().unwrap();
    for number in NUMBERS {
        let start = format!("workflows/{}/execute?wait=60", id(&workflow));
        let run = raw(&world.client, &start, format!("{{\"input\": {{\"n\": {number}}}}}")).await;
        assert_eq!((&run["input"]["n"], &run["status"]), (&held(number), &json!("COMPLETED")), "{run}");
        check(number, &run["output"]);
        let response = raw(&world.server.anyone(), hook, format!("{{\"n\": {number}}}")).await;
        check(number, &response["output"]);
    }
    for seen in recorder.take() {
        assert!(NUMBERS.contains(&seen.param("n").unwrap()), "{:?}", seen.param("n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_keeps_all_its_digits_from_a_service_through_a_transformer_to_an_export() {
    let world = World::empty().await;
    let recorder = Recorder::start(|seen: &Seen| {
        let body = format!("[{{\"n\": {}, \"plain\": 1.50}}]", seen.param("n").unwrap_or_default());
        Response::builder().header("content-type", "application/json").body(Body::from(body)).unwrap()
    })
    .await;
    let source = json!({"name": "Service", "type": "restapi", "options": {"baseUrl": recorder.url()}});
    let source = id(&world.client.post("datasources", source).await.expect(201));
    for number in NUMBERS {
        let query = json!({
            "name": format!("n {number}"), "datasourceID": source, "transformer": "return data.map((row) => ({...row, same: row.n}))",
            "options": {"method": "GET", "path": "/", "queryParams": [{"name": "n", "value": number}]},
        });
        let query = id(&world.client.post("data-queries", query).await.expect(201));
        let found = world.client.post(&format!("data-queries/{query}/execute"), json!({})).await.expect(200);
        assert_eq!(found["data"], json!([{"n": number, "plain": 1.5, "same": number}]));
        let file = world.client.post(&format!("data-queries/{query}/export?format=csv"), json!({})).await;
        assert_eq!(file.text, format!("n,plain,same\n{number},1.5,{number}\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_a_script_made_stays_a_number() {
    let world = World::empty().await;
    let source = json!({"name": "Scripts", "type": "javascript", "options": {}});
    let source = id(&world.client.post("datasources", source).await.expect(201));
    let code = "return [{n: 1764482830470000000, tiny: 5e-324}]";
    for transformer in [Value::Null, json!("return data.map((row) => ({...row}))")] {
        let query = json!({"datasourceID": source, "options": {"code": code}, "transformer": transformer});
        let found = world.client.post("data-queries/test", query).await.expect(200);
        assert_eq!(found["data"], json!([{"n": 1_764_482_830_470_000_000_u64, "tiny": 5e-324}]));
    }
}

#[tokio::test]
async fn a_number_variable_has_the_exact_value_of_a_row() {
    let world = World::full().await;
    let query = json!({
        "name": "One", "datasourceID": world.id("datasourceID"), "options": {"sql": "select {{ params.id }} as id"},
        "parameters": [{"name": "id", "type": "number"}],
    });
    let query = id(&world.client.post("data-queries", query).await.expect(201));
    let config = json!({"queryID": query, "parameters": {"id": "{{ vars.id }}"}});
    let widget = json!({"name": "One", "type": "table", "config": config});
    let widget = id(&world.client.post("widgets", widget).await.expect(201));
    let dashboard = json!({
        "name": "One", "items": [{"key": "one", "widgetID": widget}], "variables": [{"name": "id", "type": "number"}],
    });
    let path = format!("dashboards/{}/data", id(&world.client.post("dashboards", dashboard).await.expect(201)));
    for number in ["9007199254740993", "-9007199254740993", "9223372036854775807"] {
        let shown = world.client.post(&path, json!({"variables": {"id": number}})).await;
        assert!(shown.status == 200 && shown.text.contains(&format!("{{\"id\":\"{number}\"}}")), "{}", shown.text);
    }
    for other in ["5", "9007199254740992", "09007199254740993", "many"] {
        let refused = world.client.post(&path, json!({"variables": {"id": other}})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "variables.id", "{other}");
    }
}
