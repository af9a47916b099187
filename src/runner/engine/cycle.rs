//! Finds a cycle of edges, for an error message that names it.
use crate::model::Workflow;
use std::collections::{HashMap, HashSet, VecDeque};

/// Returns the node ids along one cycle in the order of its edges, starting with the node that comes first in the
/// workflow; `None` if there is no cycle.
pub fn find_cycle(workflow: &Workflow) -> Option<Vec<&str>> {
    let mut incoming: HashMap<&str, usize> = HashMap::new();
    let mut targets: HashMap<&str, Vec<&str>> = HashMap::new();
    for edge in &workflow.edges {
        *incoming.entry(&edge.target).or_default() += 1;
        targets.entry(&edge.source).or_default().push(&edge.target);
    }
    // repeatedly remove nodes without incoming edges: the rest is on a cycle or reachable from one
    let ids = workflow.nodes.iter().map(|node| node.id.as_str()).collect::<HashSet<_>>();
    let mut free: VecDeque<&str> = ids.iter().copied().filter(|id| !incoming.contains_key(id)).collect();
    let mut left = ids;
    while let Some(id) = free.pop_front() {
        left.remove(id);
        for target in targets.get(id).into_iter().flatten() {
            if let Some(count) = incoming.get_mut(target) {
                *count -= 1;
                if *count == 0 {
                    free.push_back(target);
                }
            }
        }
    }
    walk_back(workflow, &left)
}

/// Follows edges backwards until a node repeats. Every node in `left` has a predecessor in `left`.
fn walk_back<'a>(workflow: &'a Workflow, left: &HashSet<&'a str>) -> Option<Vec<&'a str>> {
    let first = workflow.nodes.iter().find(|node| left.contains(node.id.as_str()))?;
    let mut sources: HashMap<&str, &str> = HashMap::new();
    for edge in &workflow.edges {
        if left.contains(edge.source.as_str()) {
            sources.entry(&edge.target).or_insert(&edge.source);
        }
    }
    let mut path = vec![first.id.as_str()];
    let mut seen: HashMap<&str, usize> = HashMap::from([(first.id.as_str(), 0)]);
    loop {
        let at = path.last()?;
        let before = *sources.get(at)?;
        if let Some(&from) = seen.get(before) {
            let mut cycle = path.split_off(from);
            cycle.reverse();
            let first = workflow.nodes.iter().find_map(|node| cycle.iter().position(|id| *id == node.id));
            cycle.rotate_left(first.unwrap_or(0));
            return Some(cycle);
        }
        seen.insert(before, path.len());
        path.push(before);
    }
}
