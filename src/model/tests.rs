//! Rules that hold for every kind: its links, the values passed through them, and removing them.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::model::{widget::kinds, workflow::POINTERS};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Returns specs of a kind that use every link it can have, with the ids `1..=9`.
fn specs<R: Resource>() -> Vec<Value> {
    let query = |n| json!({"type": "query", "queryID": id(n), "values": {"id": "{{ row.id }}"}});
    let workflow = |n| json!({"type": "workflow", "workflowID": id(n), "values": {"id": "{{ row.id }}"}});
    match R::KIND.name() {
        "datasource" => vec![json!({"type": "file", "options": {"fileID": id(1)}})],
        "dataquery" => vec![json!({"datasourceID": id(1)})],
        "widget" => vec![
            json!({"type": "table", "config": {
                "queryID": id(1), "parameters": {"a": 1}, "rowActions": [{"label": "Go", "action": query(2)}],
                "columns": [{"field": "a", "edit": {"action": workflow(3)}}],
            }}),
            json!({"type": "button", "config": {"label": "Go", "action": workflow(1)}}),
            json!({"type": "form", "config": {"queryID": id(1), "fields": [{"name": "a"}], "action": query(2)}}),
            json!({"type": "workflowRuns", "config": {"workflowID": id(1)}}),
        ],
        "dashboard" => vec![json!({
            "items": [{"key": "a", "widgetID": id(1)}, {"key": "b", "widgetID": id(2)}, {"key": "c", "widgetID": id(1)}],
            "layouts": {"lg": [{"i": "a", "x": 0, "y": 0, "w": 1, "h": 1}, {"i": "b", "x": 0, "y": 1, "w": 1, "h": 1}]},
            "variables": [
                {"name": "v", "type": "select", "source": {"queryID": id(3), "valueField": "x"}, "options": ["one"]},
                {"name": "w", "type": "select", "source": {"queryID": id(1), "valueField": "x"}},
            ],
        })],
        "workflow" => {
            let config = |(n, (field, _)): (usize, &(&str, &ResourceKind))| json!({*field: id(n as u128 + 1), "input": {"a": 1}});
            let node = |(n, config): (usize, Value)| json!({"id": n.to_string(), "type": "any", "name": format!("n{n}"), "config": config});
            let asked = json!({"assignees": [id(4), "Owner", id(5)]});
            let configs = POINTERS.iter().enumerate().map(config).chain([asked, json!({"assignees": [id(6)]})]);
            let nodes: Vec<Value> = configs.enumerate().map(node).collect();
            vec![json!({"nodes": nodes, "settings": {"errorWorkflowID": id(3)}, "enabled": true})]
        }
        "file" | "variable" | "role" => vec![json!({})],
        other => panic!("no specs for the kind {other}: add some that use all of its links"),
    }
}

fn read<R: Resource>(spec: &Value) -> R {
    serde_json::from_value(spec.clone()).unwrap()
}

fn targets<R: Resource>(spec: &R) -> Vec<Uuid> {
    spec.links().iter().map(|link| link.id).collect()
}

/// Replaces each id in a spec by the next of `ids`.
fn with_ids(spec: &mut Value, ids: &mut impl Iterator<Item = u128>) {
    match spec {
        Value::Object(fields) => fields.values_mut().for_each(|field| with_ids(field, ids)),
        Value::Array(items) => items.iter_mut().for_each(|item| with_ids(item, ids)),
        Value::String(text) if Uuid::parse_str(text).is_ok() => *spec = json!(ids.next().map(id)),
        _ => {}
    }
}

/// Checks that removing the links to each target of a record leaves exactly its other links.
fn removes_each_target<R: Resource>(spec: &Value) {
    let whole: R = read(spec);
    whole.check().unwrap_or_else(|error| panic!("{spec}: {error}"));
    for target in targets(&whole) {
        let Some(left) = whole.clone().without(target) else { continue };
        let others: Vec<_> = targets(&whole).into_iter().filter(|other| *other != target).collect();
        assert_eq!(targets(&left), others, "{}: {spec} without {target}", R::KIND.name());
        left.check().unwrap_or_else(|error| panic!("{spec} without {target}: {error}"));
    }
}

proptest! {
    #[test]
    fn a_record_without_a_target_has_no_link_to_it(ids in vec(1_u128..=4, 16)) {
        macro_rules! all {
            ($($resource:ty),*) => {$(
                for mut spec in specs::<$resource>() {
                    removes_each_target::<$resource>(&spec);
                    with_ids(&mut spec, &mut ids.iter().copied().cycle());
                    removes_each_target::<$resource>(&spec);
                }
            )*};
        }
        every_kind!(all);
    }
}

/// Returns every JSON value that differs from `value` in one place.
fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| changes(field).into_iter().map(move |field| (name, field)))
            .map(|(name, field)| {
                let mut changed = fields.clone();
                changed.insert(name.clone(), field);
                Value::Object(changed)
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(i, item)| changes(item).into_iter().map(move |item| (i, item)))
            .map(|(i, item)| {
                let mut changed = items.clone();
                changed[i] = item;
                Value::Array(changed)
            })
            .collect(),
        Value::String(text) if Uuid::parse_str(text).is_ok() => Vec::new(),
        Value::String(text) => vec![json!(format!("{text}x"))],
        _ => vec![json!("changed")],
    }
}

/// Returns what a record passes on: to each target, and in its context.
fn passed<R: Resource>(spec: &R) -> (Vec<(Uuid, Value)>, Value) {
    (spec.links().into_iter().map(|link| (link.id, link.given)).collect(), spec.context())
}

/// The fields next to a link's id whose values reach the target.
const PASSED: [&str; 5] = ["parameters", "values", "input", "valueField", "labelField"];

/// Finds the paths of the fields that reach a target: the `PASSED` fields of every object that holds a link's id.
fn pointing(value: &Value, path: &str, found: &mut Vec<String>) {
    let linked = |name: &str| ["queryID", "workflowID"].contains(&name);
    if let Value::Object(fields) = value {
        if fields.keys().any(|name| linked(name)) {
            found.extend(
                fields.keys().filter(|name| PASSED.contains(&name.as_str())).map(|name| format!("{path}/{name}")),
            );
        }
        for (name, field) in fields {
            pointing(field, &format!("{path}/{name}"), found);
        }
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        pointing(item, &format!("{path}/{i}"), found);
    }
}

#[test]
fn every_value_passed_through_a_link_is_part_of_it() {
    fn holds<R: Resource>() -> usize {
        let mut tried = 0;
        for spec in specs::<R>() {
            let mut places = Vec::new();
            pointing(&spec, "", &mut places);
            for place in places {
                for changed in changes(spec.pointer(&place).unwrap()) {
                    let mut other = spec.clone();
                    *other.pointer_mut(&place).unwrap() = changed;
                    assert_ne!(passed(&read::<R>(&spec)), passed(&read::<R>(&other)), "{}{place}", R::KIND.name());
                    tried += 1;
                }
            }
        }
        tried
    }
    let mut tried = 0;
    macro_rules! all {
        ($($resource:ty),*) => { $(tried += holds::<$resource>();)* };
    }
    every_kind!(all);
    assert!(tried >= 9, "only {tried} changes were tried");
}

#[test]
fn every_widget_that_shows_a_query_passes_its_parameters() {
    for kind in kinds::ALL {
        let schema = (kind.schema)().to_value();
        if schema["properties"].get("queryID").is_none() {
            continue;
        }
        let (_, least) = kinds::tests::least().into_iter().find(|(name, _)| *name == kind.name).unwrap();
        let with = |parameters: Value| {
            let mut config = least.clone();
            config["queryID"] = json!(id(1));
            config["parameters"] = parameters;
            read::<Widget>(&json!({"type": kind.name, "config": config}))
        };
        let (one, other) = (with(json!({"a": 1})), with(json!({"a": "{{ vars.a }}"})));
        assert_eq!(targets(&one)[0], id(1), "{}", kind.name);
        assert_ne!(passed(&one), passed(&other), "{}", kind.name);
    }
}

#[test]
fn what_a_form_sends_is_part_of_the_link() {
    let action = json!({"type": "query", "queryID": id(1), "values": {"a": "{{ form.a }}"}});
    let form =
        |field: Value| -> Widget { read(&json!({"type": "form", "config": {"fields": [field], "action": action}})) };
    let plain = form(json!({"name": "a", "default": "1"}));
    for field in [json!({"name": "a", "default": "2"}), json!({"name": "a", "type": "number", "default": "1"})] {
        assert_ne!(passed(&plain), passed(&form(field)));
    }
    assert_eq!(passed(&plain), passed(&form(json!({"name": "a", "default": "1", "help": "Which one"}))));
}

#[test]
fn the_code_of_a_step_is_part_of_the_context_and_its_position_is_not() {
    let graph = |code: &str, x: f64| -> Workflow {
        read(&json!({"nodes": [
            {"id": "1", "type": "javascript", "name": "who", "config": {"code": code}, "position": {"x": x, "y": 0}},
            {"id": "2", "type": "dataQuery", "name": "q", "config": {"queryID": id(1), "parameters": {"who": "{{ steps.who }}"}}},
        ]}))
    };
    let before = graph("return 'me'", 0.0);
    assert_eq!(passed(&before), passed(&graph("return 'me'", 40.0)));
    assert_ne!(passed(&before), passed(&graph("return 'root'", 0.0)));
}
