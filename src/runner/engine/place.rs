//! The place of a step: its node, and its iteration of each enclosing loop.
use super::{Graph, StepKey};
use std::fmt::Write;

/// A node in one iteration of each enclosing loop, as indices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepPlace {
    /// The item's index in each enclosing loop, outermost first. Empty outside loops.
    pub path: Vec<u32>,
    pub node: usize,
}

/// An iteration of a loop: its body, run with one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iteration {
    /// The node of the loop.
    pub of: usize,
    pub path: Vec<u32>,
}

impl StepPlace {
    /// Returns the place of a node outside loops.
    pub fn root(node: usize) -> Self {
        Self { path: Vec::new(), node }
    }

    /// Finds the place of `key`; `None` if the graph does not contain it.
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

    /// Returns the iteration that contains it; `None` outside loops.
    pub fn iteration(&self, graph: &Graph) -> Option<Iteration> {
        graph.vertices()[self.node].parent.map(|of| Iteration { of, path: self.path.clone() })
    }

    /// Returns the place of another node in the same iteration.
    #[must_use]
    pub fn beside(&self, node: usize) -> Self {
        Self { path: self.path.clone(), node }
    }
}

impl Iteration {
    /// Returns the place of the loop's step.
    pub fn owner(&self) -> StepPlace {
        let outer = self.path.len().saturating_sub(1);
        StepPlace { path: self.path[..outer].to_vec(), node: self.of }
    }

    /// Returns the index of the item.
    pub fn index(&self) -> u32 {
        self.path.last().copied().unwrap_or(0)
    }

    /// Returns the iteration `index` of the loop whose step is at `owner`.
    pub fn nth(owner: &StepPlace, index: u32) -> Self {
        let mut path = owner.path.clone();
        path.push(index);
        Self { of: owner.node, path }
    }
}
