//! Checks loops: what may be inside them, and that edges do not cross their boundaries.
use super::Check;
use crate::{
    model::workflow::{Node, Workflow},
    runner::engine::{LOOP, MAX_DEPTH, START},
};
use std::collections::HashMap;

/// Node types that are not allowed inside loops, because they apply to the whole run.
const OUTSIDE: [&str; 2] = [START, "end"];

/// Returns the enclosing loop of each node.
pub(super) fn of(workflow: &Workflow, by_id: &HashMap<&str, usize>) -> Vec<Option<usize>> {
    let parent = |node: &Node| {
        let parent = by_id.get(node.parent_id.as_deref()?).copied();
        parent.filter(|&parent| workflow.nodes[parent].r#type == LOOP)
    };
    workflow.nodes.iter().map(parent).collect()
}

impl Check<'_> {
    pub(super) fn bodies(&mut self) {
        let workflow = self.workflow;
        for (i, node) in workflow.nodes.iter().enumerate() {
            let at = format!("nodes[{i}].parentID");
            let around = std::iter::successors(self.loops[i], |&at| self.loops[at]).take(MAX_DEPTH + 1);
            match (&node.parent_id, around.count()) {
                (Some(id), 0) => {
                    let why = format!("`{id}` is not a loop of this workflow: only loops can contain nodes");
                    self.error(Some(node), at, why);
                }
                (Some(_), depth) if depth > MAX_DEPTH => {
                    let why = format!("`{}` is in more than {MAX_DEPTH} loops, or in itself: move it out", node.name);
                    self.error(Some(node), at, why);
                }
                (Some(_), _) if OUTSIDE.contains(&node.r#type.as_str()) => {
                    let why = format!("a {} node starts or ends the whole run: move it out of the loop", node.r#type);
                    self.error(Some(node), at, why);
                }
                _ => {}
            }
            if node.r#type == LOOP && !self.loops.contains(&Some(i)) {
                let why = format!("`{}` is empty: move the steps to repeat into it", node.name);
                self.error(Some(node), format!("nodes[{i}]"), why);
            }
        }
        self.borders();
    }

    fn borders(&mut self) {
        let workflow = self.workflow;
        for (i, edge) in workflow.edges.iter().enumerate() {
            let ends = (self.by_id.get(edge.source.as_str()), self.by_id.get(edge.target.as_str()));
            let (Some(&source), Some(&target)) = ends else { continue };
            if self.loops[source] == self.loops[target] {
                continue;
            }
            let (from, to) = (&workflow.nodes[source].name, &workflow.nodes[target].name);
            let why = if self.loops[target] == Some(source) {
                format!("`{to}` is inside `{from}` and starts automatically: delete this edge")
            } else {
                format!("`{from}` and `{to}` are not in the same loop: connect the edge to the loop itself")
            };
            self.error(Some(&workflow.nodes[target]), format!("edges[{i}]"), why);
        }
    }
}
