//! The result of an iteration of a loop.
use super::{
    Graph, Iteration,
    board::{BoardFrame, EdgeState, Phase, StepState},
    graph::NodeRole,
};
use serde_json::Value;

/// Returns the output of the iteration's last step; for several, an object with the outputs of those that ran, by node
/// name. Steps that only pass results on (delays, joins, disabled steps) are never last; the steps before them are. A
/// path that ends at a handle without an edge, such as a condition's branch for items to ignore, has no result.
pub(super) fn result(graph: &Graph, iteration: &Iteration, frame: &BoardFrame) -> Value {
    let mut known = vec![None; frame.steps.len()];
    let mut last = |(&node, step): (&usize, &StepState)| {
        let output = step.output.as_ref()?;
        (!leads_on(graph, frame, node, &mut known)).then(|| (graph.vertices()[node].name.clone(), output.clone()))
    };
    let mut outputs: Vec<_> =
        graph.body(Some(iteration.of)).nodes.iter().zip(&frame.steps).filter_map(&mut last).collect();
    match outputs.len() {
        0 => Value::Null,
        1 => outputs.remove(0).1,
        _ => Value::Object(outputs.into_iter().collect()),
    }
}

/// Returns whether a path was taken from `node` that leads to a step that does not just pass results on. `known` caches
/// the answers by slot.
fn leads_on(graph: &Graph, frame: &BoardFrame, node: usize, known: &mut [Option<bool>]) -> bool {
    let vertex = &graph.vertices()[node];
    if let Some(known) = known[vertex.slot] {
        return known;
    }
    let leads = vertex.outgoing.iter().map(|&edge| &graph.edges()[edge]).any(|arc| {
        let target = &graph.vertices()[arc.target];
        let is_reached = target.settings.disabled || frame.steps[target.slot].phase != Phase::Skipped;
        frame.edge_states[arc.slot] == EdgeState::Taken
            && is_reached
            && (target.role != NodeRole::Passes || leads_on(graph, frame, arc.target, known))
    });
    known[vertex.slot] = Some(leads);
    leads
}
