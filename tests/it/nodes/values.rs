use super::{client, run, run_one, step};
use serde_json::{Value, json};

#[tokio::test]
async fn set_values_keep_their_types() {
    let (_world, client) = client().await;
    let values = json!({
        "number": "{{ input.n + 1 }}",
        "list": "{{ input.list }}",
        "nothing": "{{ input.nothing }}",
        "text": "n is {{ input.n }}",
        "nested": {"yes": true, "fixed": [1, "{{ input.list[0] }}"]},
    });
    let finished =
        run_one(&client, "set", json!({"values": values}), json!({"n": 4, "list": ["a", 2], "nothing": null})).await;
    let expected = json!({
        "number": 5, "list": ["a", 2], "nothing": null, "text": "n is 4", "nested": {"yes": true, "fixed": [1, "a"]},
    });
    assert_eq!(finished["output"], expected, "{finished}");
    let later = [
        ("a", "set", json!({"values": {"total": "{{ input.n * 2 }}"}}), json!({})),
        ("b", "set", json!({"values": {"again": "{{ steps.a.total }}"}}), json!({})),
    ];
    assert_eq!(run(&client, &later, json!({"n": 4})).await["output"], json!({"again": 8}));
}

/// Returns a workflow with a switch over `input.v` whose outputs lead to end nodes that return their own names.
fn switch_workflow() -> Value {
    let end = |id: &str| json!({"id": id, "type": "end", "name": id, "config": {"output": id}});
    let edge =
        |handle: &str| json!({"id": handle, "source": "w", "sourceHandle": handle, "target": format!("to_{handle}")});
    let cases = json!([
        {"id": "one", "label": "One", "equals": 1},
        {"id": "list", "equals": ["a", {"b": null}]},
        {"id": "other", "equals": "{{ input.other }}"},
    ]);
    let settings = json!({"onError": "branch"});
    json!({
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "w", "type": "switch", "name": "w", "settings": settings, "config": {"value": "{{ input.v.x }}", "cases": cases}},
            end("to_one"), end("to_list"), end("to_other"), end("to_default"), end("to_error"),
        ],
        "edges": [
            {"id": "s", "source": "s", "target": "w"},
            edge("one"), edge("list"), edge("other"), edge("default"), edge("error"),
        ],
    })
}

#[tokio::test]
async fn a_switch_takes_the_first_equal_case() {
    let (_world, client) = client().await;
    for (value, target) in [
        (json!({"x": 1}), "to_one"),
        (json!({"x": "1"}), "to_one"),
        (json!({"x": ["a", {"b": null}]}), "to_list"),
        (json!({"x": "here"}), "to_other"),
        (json!({"x": null}), "to_default"),
        (json!({"x": "ONE"}), "to_default"),
        (json!(null), "to_error"),
    ] {
        let mut body = switch_workflow();
        body["input"] = json!({"v": value, "other": "here"});
        let finished = client.post("workflows/test?wait=60", body).await.expect(200);
        assert_eq!(
            (&finished["status"], &finished["output"]),
            (&json!("COMPLETED"), &json!(target)),
            "{value}: {finished}"
        );
    }
    let mut body = switch_workflow();
    body["input"] = json!({"v": {"x": 1}, "other": 0});
    let finished = client.post("workflows/test?wait=60", body).await.expect(200);
    assert_eq!(step(&finished, "w")["output"], json!({"branch": "one", "label": "One"}));
    assert_eq!(step(&finished, "w")["input"], json!({"value": 1, "equals": 1}));
}

#[tokio::test]
async fn a_response_is_built_from_templates() {
    let (_world, client) = client().await;
    let config = json!({
        "status": "{{ input.found ? 200 : 404 }}",
        "headers": {"X-Total": "{{ input.n }}"},
        "body": {"items": "{{ input.items }}"},
    });
    let finished = run_one(&client, "respond", config.clone(), json!({"found": false, "n": 2, "items": [1, 2]})).await;
    assert_eq!(finished["output"], json!({"status": 404, "headers": {"x-total": "2"}, "body": {"items": [1, 2]}}));
    assert_eq!(
        run_one(&client, "respond", json!({}), json!({})).await["output"],
        json!({"status": 200, "headers": {}, "body": null})
    );
    let mut evil = config;
    evil["headers"] = json!({"X-Total": "{{ input.evil }}"});
    let finished =
        run_one(&client, "respond", evil, json!({"found": true, "items": [], "evil": "1\r\nSet-Cookie: a=b"})).await;
    assert_eq!(finished["error"]["message"], "headers.X-Total: must be one line of text", "{finished}");
}

#[tokio::test]
async fn a_join_has_no_output_and_continues() {
    let (_world, client) = client().await;
    let finished = run_one(&client, "join", json!({"mode": "any"}), json!({})).await;
    assert_eq!((&finished["status"], &finished["output"]), (&json!("COMPLETED"), &Value::Null), "{finished}");
}
