//! Where a step stands: its node, and its round in each loop around it.
use super::{Graph, StepKey};
use std::fmt::Write;

/// A node in one round of the loops around it, as indices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The item's index in each loop around the node, outermost first; empty outside loops.
    pub path: Vec<u32>,
    pub node: usize,
}

/// One round of one loop: its body, run with one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Round {
    /// The loop, by its node.
    pub of: usize,
    pub path: Vec<u32>,
}

impl Place {
    /// A node outside loops.
    pub fn root(node: usize) -> Self {
        Self { path: Vec::new(), node }
    }

    /// The place that `key` names; none when the graph has no such.
    pub fn find(graph: &Graph, key: &StepKey) -> Option<Self> {
        let node = graph.index_of(&key.node)?;
        let parts = key.iteration.split('/').filter(|part| !part.is_empty());
        let path = parts.map(|part| part.parse().ok()).collect::<Option<Vec<_>>>()?;
        (path.len() == graph.depth(node)).then_some(Self { path, node })
    }

    pub fn key(&self, graph: &Graph) -> StepKey {
        let mut iteration = String::new();
        for index in &self.path {
            // writing to a string cannot fail
            let _ = write!(iteration, "{}{index}", if iteration.is_empty() { "" } else { "/" });
        }
        StepKey { node: graph.vertices()[self.node].id.clone(), iteration }
    }

    /// The round that it belongs to; none outside loops.
    pub fn round(&self, graph: &Graph) -> Option<Round> {
        graph.vertices()[self.node].parent.map(|of| Round { of, path: self.path.clone() })
    }

    /// The same round's other node.
    #[must_use]
    pub fn beside(&self, node: usize) -> Self {
        Self { path: self.path.clone(), node }
    }
}

impl Round {
    /// The loop's own step.
    pub fn owner(&self) -> Place {
        let outer = self.path.len().saturating_sub(1);
        Place { path: self.path[..outer].to_vec(), node: self.of }
    }

    /// Which of the loop's items it works on.
    pub fn index(&self) -> u32 {
        self.path.last().copied().unwrap_or(0)
    }

    /// Round `index` of the loop whose step stands at `owner`.
    pub fn nth(owner: &Place, index: u32) -> Self {
        let mut path = owner.path.clone();
        path.push(index);
        Self { of: owner.node, path }
    }
}
