//! The outputs of loops, end nodes and runs.
use super::{begin, edges, end, node, run, save, script, start, until_shown};
use crate::support::{Client, World};
use serde_json::{Value, json};

fn inside(mut node: Value) -> Value {
    node["parentID"] = json!("each");
    node
}

/// Returns the output of a loop over 1, 2, 3 that contains these nodes.
async fn results(client: &Client, body: Value, joins: &[&str]) -> Value {
    let mut nodes = vec![start(), node("each", "loop", json!({"items": [1, 2, 3]}))];
    nodes.extend(body.as_array().unwrap().iter().cloned().map(inside));
    nodes.push(end("{{ steps.each }}"));
    let joins: Vec<_> = joins.iter().copied().chain(["start>each", "each>end"]).collect();
    let body = json!({"nodes": nodes, "edges": edges(&joins)});
    let ended = client.post("workflows/test?wait=60", body).await.expect(200);
    assert_eq!(ended["status"], "COMPLETED", "{ended}");
    ended["output"].clone()
}

fn large() -> Value {
    node("large", "condition", json!({"branches": [{"id": "yes", "when": "item > 1"}]}))
}

#[tokio::test]
async fn an_iteration_that_takes_no_branch_has_no_result() {
    let world = World::empty().await;
    let client = &world.client;
    let set = |name: &str| node(name, "set", json!({"values": {name: "{{ item }}"}}));
    let switch = node("large", "switch", json!({"value": "{{ item }}", "cases": [{"id": "yes", "equals": 2}]}));
    let ask = json!({"title": "Sure?", "expiresAfter": "1ms"});
    for (body, joins, expected) in [
        (json!([large(), set("v")]), vec!["large:yes>v"], json!([null, {"v": 2}, {"v": 3}])),
        (json!([switch, set("v")]), vec!["large:yes>v"], json!([null, {"v": 2}, null])),
        (json!([set("a"), large(), set("v")]), vec!["a>large", "large:yes>v"], json!([null, {"v": 2}, {"v": 3}])),
        (
            json!([set("a"), large(), set("v")]),
            vec!["large:yes>v"],
            json!([{"a": 1}, {"a": {"a": 2}, "v": {"v": 2}}, {"a": {"a": 3}, "v": {"v": 3}}]),
        ),
        (json!([large()]), vec![], json!([null, null, null])),
        (json!([node("ask", "approval", ask), set("v")]), vec!["ask:approved>v"], json!([null, null, null])),
    ] {
        assert_eq!(results(client, body.clone(), &joins).await, expected, "{body} {joins:?}");
    }
}

#[tokio::test]
async fn delays_joins_and_disabled_nodes_are_no_result() {
    let world = World::empty().await;
    let client = &world.client;
    let give = |name: &str| script(name, &format!("return '{name}' + item"));
    let wait = || node("wait", "delay", json!({"for": "1ms"}));
    let meet = || node("meet", "join", json!({}));
    let mut off = script("off", "return 'never'");
    off["settings"] = json!({"disabled": true});
    for (body, joins, first) in [
        (json!([give("a"), wait()]), vec!["a>wait"], json!("a1")),
        (json!([give("a"), give("b"), meet()]), vec!["a>meet", "b>meet"], json!({"a": "a1", "b": "b1"})),
        (json!([give("a"), wait(), meet()]), vec!["a>wait", "wait>meet"], json!("a1")),
        (json!([give("a"), wait(), give("b")]), vec!["a>wait", "wait>b"], json!("b1")),
        (json!([give("a"), off]), vec!["a>off"], json!("a1")),
        (json!([wait()]), vec![], Value::Null),
    ] {
        let all = results(client, body.clone(), &joins).await;
        assert_eq!((&all[0], all.as_array().unwrap().len()), (&first, 3), "{body} {joins:?}: {all}");
    }
}

#[tokio::test]
async fn an_end_node_without_an_output_keeps_the_earlier_output() {
    let world = World::empty().await;
    let client = &world.client;
    let nodes = |late: Value| {
        json!([
            start(),
            node("early", "end", json!({"output": {"order": 17}})),
            node("wait", "delay", json!({"for": "50ms"})),
            node("late", "end", late),
        ])
    };
    let joins = ["start>early", "start>wait", "wait>late"];
    for (late, expected) in [
        (json!({}), json!({"order": 17})),
        (json!({"output": null}), json!({"order": 17})),
        (json!({"output": "{{ null }}"}), Value::Null),
        (json!({"output": 1}), json!(1)),
    ] {
        let flow = save(client, &format!("Ends {late}"), nodes(late.clone()), &joins, json!({})).await;
        assert_eq!(run(client, &flow, json!({})).await["output"], expected, "{late}");
    }
}

#[tokio::test]
async fn a_pinned_output_must_name_an_existing_branch() {
    let world = World::empty().await;
    let client = &world.client;
    let test = async |pinned: Value| {
        let mut large = large();
        large["pinnedOutput"] = pinned;
        let mut end = node("end", "end", json!({"status": "failed"}));
        end["pinnedOutput"] = json!("pinned");
        let body = json!({"nodes": [start(), large, end], "edges": edges(&["start>large", "large:yes>end"])});
        client.post("workflows/test?wait=60", body).await.expect(200)
    };
    let ended = test(json!({"branch": "yes"})).await;
    assert_eq!((&ended["error"]["code"], &ended["output"]), (&json!("ENDED_AS_FAILED"), &json!("pinned")), "{ended}");
    let refused = test(json!({"branch": "renamed"})).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("`renamed`"), "{refused}");
}

#[tokio::test]
async fn a_resumed_run_uses_the_current_values_of_variables() {
    let world = World::empty().await;
    let client = &world.client;
    let variable = client.post("variables", json!({"name": "greeting", "value": "old"})).await.expect(201);
    let nodes = json!([
        start(),
        // large enough for the run to be kept in memory
        node("each", "loop", json!({"items": 200, "concurrency": 32})),
        inside(node("v", "set", json!({"values": {"v": "{{ item }}"}}))),
        node("ask", "approval", json!({"title": "Go on?"})),
        end("{{ vars.greeting }}"),
    ]);
    let flow = save(client, "Greets", nodes, &["start>each", "each>ask", "ask:approved>end"], json!({})).await;
    let path = begin(client, &flow, json!({})).await;
    let task = until_shown(client, "workflows/tasks", |list| list["items"][0].is_object()).await["items"][0].clone();
    client.patch(&format!("variables/{}", variable["id"].as_str().unwrap()), json!({"value": "new"})).await.expect(200);
    client.post(&format!("{path}/tasks/{}", task["id"].as_str().unwrap()), json!({})).await.expect(200);
    let ended = until_shown(client, &path, super::has_ended).await;
    assert_eq!(ended["output"], "new", "{}", ended["error"]);
}
