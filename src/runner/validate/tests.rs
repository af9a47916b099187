#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
use super::*;
use serde_json::{Value, json};

fn workflow(nodes: Value, edges: &[(&str, &str)]) -> Workflow {
    let edge = |(i, (source, target)): (usize, &(&str, &str))| {
        let (source, handle) = source.split_once(':').unwrap_or((source, "out"));
        json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target})
    };
    let edges: Vec<_> = edges.iter().enumerate().map(edge).collect();
    serde_json::from_value(json!({"nodes": nodes, "edges": edges})).unwrap()
}

fn node(id: &str, kind: &str, config: Value) -> Value {
    json!({"id": id, "type": kind, "name": id, "config": config})
}

/// Asserts that the problems are exactly these: severity, node, path, and a part of the message.
#[track_caller]
fn expect(workflow: &Workflow, expected: &[(Severity, Option<&str>, &str, &str)]) {
    let found = validate(workflow);
    let fits = found.len() == expected.len()
        && found.iter().zip(expected).all(|(problem, (severity, node, path, words))| {
            problem.severity == *severity
                && problem.node_id.as_deref() == *node
                && problem.path == *path
                && problem.message.contains(words)
        });
    assert!(fits, "{found:#?}");
}

use Severity::{Error as Bad, Warning as Odd};

#[test]
fn a_good_workflow_has_no_problems() {
    let nodes = json!([
        node("start", "start", json!({})),
        node(
            "users",
            "dataQuery",
            json!({"queryID": "0198c5f6-0000-7000-8000-000000000000", "parameters": {"a": "{{ input.a }}"}})
        ),
        node("check", "condition", json!({"branches": [{"id": "many", "when": "steps.users.rowCount > 10"}]})),
        node("wait", "delay", json!({"for": "5s"})),
        node("end", "end", json!({"output": {"n": "{{ steps.users.rowCount }}"}})),
    ]);
    let edges =
        [("start", "users"), ("users", "check"), ("check:many", "wait"), ("check:default", "end"), ("wait", "end")];
    expect(&workflow(nodes, &edges), &[]);
}

#[test]
fn there_is_exactly_one_start() {
    expect(&workflow(json!([]), &[]), &[(Bad, None, "nodes", "no start node")]);
    let nodes = json!([node("a", "start", json!({})), node("b", "start", json!({}))]);
    expect(&workflow(nodes, &[]), &[(Bad, Some("b"), "nodes[1].type", "second start")]);
}

#[test]
fn edges_connect_existing_handles_and_nodes() {
    let nodes = json!([
        node("start", "start", json!({})),
        node("js", "javascript", json!({"code": "return 1"})),
        node("end", "end", json!({})),
    ]);
    let edges =
        [("start", "js"), ("js:ot", "end"), ("js", "gone"), ("end", "js"), ("js:error", "end"), ("js", "start")];
    expect(
        &workflow(nodes, &edges),
        &[
            (Bad, Some("js"), "edges[1].sourceHandle", "did you mean `out`?"),
            (Bad, None, "edges[2].target", "no node has the id `gone`"),
            (Bad, Some("end"), "edges[3].sourceHandle", "nothing can follow it"),
            (Odd, Some("js"), "edges[4].sourceHandle", "set `onError`"),
            (Bad, Some("start"), "edges[5].target", "no edge can lead to the start"),
            (Bad, None, "edges", "cycle"),
        ],
    );
}

#[test]
fn a_cycle_lists_its_nodes() {
    let js = |id| node(id, "javascript", json!({"code": "return 1"}));
    let nodes = json!([node("start", "start", json!({})), js("a"), js("b"), js("c"), js("after")]);
    let edges = [("start", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "after")];
    expect(&workflow(nodes, &edges), &[(Bad, None, "edges", "a → b → c → a")]);
}

#[test]
fn names_are_identifiers_used_once() {
    let mut twin = node("b", "delay", json!({"for": "1s"}));
    twin["name"] = json!("a");
    let mut odd = node("c", "delay", json!({"for": "1s"}));
    odd["name"] = json!("not a name");
    let nodes = json!([node("start", "start", json!({})), node("a", "delay", json!({"for": "1s"})), twin, odd]);
    expect(
        &workflow(nodes, &[("start", "a"), ("a", "b"), ("b", "c")]),
        &[
            (Bad, Some("b"), "nodes[2].name", "also the name of the delay node `a`"),
            (Bad, Some("c"), "nodes[3].name", "identifier"),
        ],
    );
}

#[test]
fn configs_and_types_are_checked() {
    let nodes = json!([
        node("start", "start", json!({})),
        node("a", "javscript", json!({})),
        node("b", "dataQuery", json!({})),
        node("c", "delay", json!({"for": "5s", "colour": 1})),
        node("d", "end", json!({"output": "{{ 1 + }} {{"})),
    ]);
    expect(
        &workflow(nodes, &[("start", "a"), ("start", "b"), ("start", "c"), ("start", "d")]),
        &[
            (Bad, Some("a"), "nodes[1].type", "did you mean `javascript`?"),
            (Bad, Some("b"), "nodes[2].config.queryID", "select a query"),
            (Bad, Some("c"), "nodes[3].config.colour", "not a known field"),
            (Bad, Some("d"), "nodes[4].config.output", "character 11"),
        ],
    );
}

#[test]
fn expressions_use_steps_that_have_run() {
    let nodes = json!([
        node("start", "start", json!({})),
        node("users", "javascript", json!({"code": "return steps.late // steps.nothing"})),
        node(
            "late",
            "end",
            json!({"output": ["{{ steps.user.id }}", "{{ steps.users.id + steps.other.x }}", "{{ steps.late }}"]})
        ),
        node("other", "javascript", json!({"code": "return 1"})),
    ]);
    expect(
        &workflow(nodes, &[("start", "users"), ("users", "late"), ("start", "other")]),
        &[
            (Odd, Some("users"), "nodes[1].config.code", "`steps.late` is not available here"),
            (Odd, Some("users"), "nodes[1].config.code", "no step is named `nothing`"),
            (Bad, Some("late"), "nodes[2].config.output[0]", "did you mean `users`?"),
            (Bad, Some("late"), "nodes[2].config.output[1]", "`steps.other` is not available here"),
            (Bad, Some("late"), "nodes[2].config.output[2]", "its own output"),
        ],
    );
}

#[test]
fn settings_stay_within_their_limits() {
    let mut js = node("js", "javascript", json!({"code": "return 1"}));
    js["settings"] = json!({"timeoutMs": 0, "retry": {"maxAttempts": 11, "factor": 0.5}, "onError": "branch"});
    let mut wait = node("wait", "delay", json!({"for": "1s"}));
    wait["settings"] = json!({"onError": "branch"});
    let nodes = json!([node("start", "start", json!({})), js, wait, node("alone", "end", json!({}))]);
    expect(
        &workflow(nodes, &[("start", "js"), ("js", "wait")]),
        &[
            (Bad, Some("js"), "nodes[1].settings.timeoutMs", "between 1 and 60000"),
            (Bad, Some("js"), "nodes[1].settings.retry.maxAttempts", "between 1 and 10"),
            (Bad, Some("js"), "nodes[1].settings.retry.factor", "between 1 and 100"),
            (Odd, Some("js"), "nodes[1].settings.onError", "no edge leaves the error handle"),
            (Bad, Some("wait"), "nodes[2].settings.onError", "no error handle"),
            (Odd, Some("alone"), "nodes[3]", "`alone` cannot be reached"),
        ],
    );
}

mod properties {
    use super::*;
    use crate::runner::engine::Graph;
    use proptest::{collection::vec, prelude::*, sample::select};

    /// Few distinct ids, names and configs, so that valid graphs occur among all kinds of invalid ones.
    fn any_workflow() -> impl Strategy<Value = Workflow> {
        let config = select(vec![
            json!({}),
            json!({"for": "1s"}),
            json!({"code": "return steps.n0"}),
            json!({"output": "{{ steps.n1.x }}"}),
            json!({"output": "{{ "}),
            json!({"branches": [{"id": "a", "when": "steps.n0"}]}),
            json!({"branches": 5, "for": []}),
        ]);
        let kind = select(vec!["start", "delay", "javascript", "condition", "end", "dataQuery", "other"]);
        let node = (0..6_u8, 0..6_u8, kind, config);
        let edge = (0..7_u8, select(vec!["out", "a", "default", "error", "x"]), 0..7_u8);
        (vec(node, 0..6), vec(edge, 0..8)).prop_map(|(nodes, edges)| {
            let node = |(id, name, kind, config): (u8, u8, &str, Value)| {
                json!({"id": format!("n{id}"), "name": format!("n{name}"), "type": kind, "config": config})
            };
            let edge = |(source, handle, target): (u8, &str, u8)| {
                json!({"id": "e", "source": format!("n{source}"), "sourceHandle": handle, "target": format!("n{target}")})
            };
            let nodes: Vec<_> = nodes.into_iter().map(node).collect();
            let edges: Vec<_> = edges.into_iter().map(edge).collect();
            serde_json::from_value(json!({"nodes": nodes, "edges": edges})).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn workflows_without_errors_can_run(workflow in any_workflow()) {
            let problems = validate(&workflow);
            let errors = problems.iter().any(|problem| problem.severity == Severity::Error);
            prop_assert_eq!(runnable(&workflow).is_err(), errors);
            if !errors {
                prop_assert!(Graph::new(&workflow).is_ok());
            }
            for problem in problems {
                prop_assert!(!problem.path.is_empty() && !problem.message.is_empty());
            }
        }
    }
}

fn inside(parent: &str, mut node: Value) -> Value {
    node["parentID"] = json!(parent);
    node
}

fn script(id: &str, code: &str) -> Value {
    node(id, "javascript", json!({"code": code}))
}

#[test]
fn a_loop_has_a_body_whose_edges_stay_inside() {
    let each = node("each", "loop", json!({"items": "{{ input.items }}"}));
    let nodes = json!([
        node("start", "start", json!({})),
        each,
        inside("each", script("a", "return item")),
        inside("each", script("b", "return steps.a + index")),
        script("after", "return steps.each.length"),
    ]);
    let good = [("start", "each"), ("a", "b"), ("each", "after")];
    expect(&workflow(nodes.clone(), &good), &[]);
    let crossing = [("start", "each"), ("each", "a"), ("a", "b"), ("b", "after"), ("each", "after")];
    expect(
        &workflow(nodes, &crossing),
        &[
            (Bad, Some("a"), "edges[1]", "starts automatically"),
            (Bad, Some("after"), "edges[3]", "not in the same loop"),
        ],
    );
    let empty = json!([node("start", "start", json!({})), each]);
    expect(&workflow(empty, &[("start", "each")]), &[(Bad, Some("each"), "nodes[1]", "is empty")]);
}

#[test]
fn steps_inside_a_loop_are_available_outside_only_as_its_results() {
    let nodes = json!([
        node("start", "start", json!({})),
        node("each", "loop", json!({"items": 3})),
        inside("each", node("a", "delay", json!({"for": "1s"}))),
        node("after", "end", json!({"output": "{{ steps.a }}"})),
    ]);
    let edges = [("start", "each"), ("each", "after")];
    expect(&workflow(nodes, &edges), &[(Bad, Some("after"), "nodes[3].config.output", "use steps.each")]);
}

#[test]
fn only_loops_contain_nodes_and_never_an_end_node() {
    let nodes = json!([
        node("start", "start", json!({})),
        node("each", "loop", json!({"items": 3})),
        inside("each", node("stop", "end", json!({}))),
        inside("start", script("a", "return 1")),
        inside("gone", script("b", "return 1")),
    ]);
    let problems = validate(&workflow(nodes, &[("start", "each")]));
    let at = |path: &str| problems.iter().any(|problem| problem.path == path && problem.severity == Bad);
    assert!(at("nodes[2].parentID") && at("nodes[3].parentID") && at("nodes[4].parentID"), "{problems:#?}");
    let mut around = json!([
        node("start", "start", json!({})),
        node("x", "loop", json!({"items": 3})),
        node("y", "loop", json!({"items": 3})),
    ]);
    around[1]["parentID"] = json!("y");
    around[2]["parentID"] = json!("x");
    let problems = validate(&workflow(around, &[]));
    assert!(problems.iter().any(|problem| problem.message.contains("or in itself")), "{problems:#?}");
}
