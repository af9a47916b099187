//! A workflow's graph, with node ids resolved to indices.
use super::cycle::find_cycle;
use crate::{
    Error, Result,
    model::workflow::{JoinMode, Node, NodeSettings, Workflow},
};
use serde_json::Value;
use std::collections::HashMap;

/// The type of the node where a run starts.
pub const START: &str = "start";
/// The type of the node that runs its body once for each item.
pub const LOOP: &str = "loop";
/// The type of the node that joins branches.
pub const JOIN: &str = "join";
/// The types of nodes that only select a branch. Their output describes the branch, and is never an iteration's result.
const DECISIONS: [&str; 2] = ["condition", "switch"];
/// The types of nodes that only wait, and pass on the results before them.
const PASSING: [&str; 2] = [JOIN, "delay"];
/// Maximum nesting of loops.
pub const MAX_DEPTH: usize = 5;

/// A validated graph: one start node, no dangling edges, no cycles, and no edges into or out of a loop.
#[derive(Debug)]
pub struct Graph {
    vertices: Vec<Vertex>,
    edges: Vec<GraphEdge>,
    start: usize,
    by_id: HashMap<String, usize>,
    root: GraphBody,
    /// The body of each vertex. Empty except for loops.
    bodies: Vec<GraphBody>,
}

/// A node, with the indices of its edges.
#[derive(Debug)]
pub struct Vertex {
    pub id: String,
    pub name: String,
    pub settings: NodeSettings,
    pub meet: JoinRule,
    pub incoming: Vec<usize>,
    pub outgoing: Vec<usize>,
    /// The loop that contains it.
    pub parent: Option<usize>,
    /// Its index in `nodes` of its body.
    pub slot: usize,
    pub role: NodeRole,
    /// Whether its output may be the result of an iteration.
    pub may_be_last: bool,
}

/// What a node's output means for its iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    Works,
    Decides,
    Passes,
}

/// When a node with several incoming edges is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRule {
    /// When all are decided and at least one is taken.
    All,
    /// When this many are taken.
    Taken(usize),
}

/// A directed edge, leaving `source` through `handle`.
#[derive(Debug)]
pub struct GraphEdge {
    pub source: usize,
    pub handle: String,
    pub target: usize,
    /// Its index among the edges of its body.
    pub slot: usize,
}

/// The nodes of one level: of the workflow itself, or of a loop.
#[derive(Debug, Default)]
pub struct GraphBody {
    pub nodes: Vec<usize>,
    pub edges: usize,
}

impl Graph {
    /// # Errors
    /// `Invalid` if the graph cannot run; `runner::validate` reports details.
    pub fn new(workflow: &Workflow) -> Result<Self> {
        let by_id: HashMap<String, usize> =
            workflow.nodes.iter().enumerate().map(|(i, node)| (node.id.clone(), i)).collect();
        let mut vertices: Vec<Vertex> = workflow.nodes.iter().map(Vertex::of).collect();
        let mut root = GraphBody::default();
        let mut bodies: Vec<GraphBody> = workflow.nodes.iter().map(|_| GraphBody::default()).collect();
        for (i, node) in workflow.nodes.iter().enumerate() {
            let parent = node.parent_id.as_ref().map(|id| parent(workflow, &by_id, i, id)).transpose()?;
            let body = parent.map_or(&mut root, |parent| &mut bodies[parent]);
            vertices[i].parent = parent;
            vertices[i].slot = body.nodes.len();
            body.nodes.push(i);
        }
        let mut edges = Vec::with_capacity(workflow.edges.len());
        for (i, edge) in workflow.edges.iter().enumerate() {
            let find = |id: &str| by_id.get(id).copied();
            let (Some(source), Some(target)) = (find(&edge.source), find(&edge.target)) else {
                return Err(Error::invalid(format!("edges[{i}]"), "refers to a node that does not exist"));
            };
            if vertices[source].parent != vertices[target].parent {
                return Err(Error::invalid(format!("edges[{i}]"), "must not cross the boundary of a loop"));
            }
            vertices[source].outgoing.push(i);
            vertices[target].incoming.push(i);
            let body = vertices[source].parent.map_or(&mut root, |parent| &mut bodies[parent]);
            edges.push(GraphEdge { source, handle: edge.handle().to_owned(), target, slot: body.edges });
            body.edges += 1;
        }
        let mut starts = root.nodes.iter().copied().filter(|&i| workflow.nodes[i].r#type == START);
        let (Some(start), None) = (starts.next(), starts.next()) else {
            return Err(Error::invalid("nodes", "must contain exactly one start node"));
        };
        if find_cycle(workflow).is_some() {
            return Err(Error::invalid("edges", "must not form a cycle"));
        }
        let mut graph = Self { vertices, edges, start, by_id, root, bodies };
        for (node, may) in may_be_last(&graph).into_iter().enumerate() {
            graph.vertices[node].may_be_last = may;
        }
        Ok(graph)
    }

    pub fn vertices(&self) -> &[Vertex] {
        &self.vertices
    }
    pub fn edges(&self) -> &[GraphEdge] {
        &self.edges
    }
    pub fn start(&self) -> usize {
        self.start
    }
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Returns the body of the loop `parent`, or of the workflow itself for `None`.
    pub fn body(&self, parent: Option<usize>) -> &GraphBody {
        parent.map_or(&self.root, |parent| &self.bodies[parent])
    }

    /// Returns the number of loops around a node.
    pub fn depth(&self, node: usize) -> usize {
        std::iter::successors(self.vertices[node].parent, |&parent| self.vertices[parent].parent).count()
    }
}

/// Finds the loop `id`, the parent of the node `child`.
fn parent(workflow: &Workflow, by_id: &HashMap<String, usize>, child: usize, id: &str) -> Result<usize> {
    let wrong = |why: &str| Error::invalid(format!("nodes[{child}].parentID"), why);
    let found = by_id.get(id).copied().filter(|&i| workflow.nodes[i].r#type == LOOP);
    let found = found.ok_or_else(|| wrong("must be the id of a loop"))?;
    let outer = |&i: &usize| by_id.get(workflow.nodes[i].parent_id.as_deref()?).copied();
    // a loop inside itself would be followed without end
    match std::iter::successors(Some(found), outer).take(MAX_DEPTH + 1).count() {
        depth if depth > MAX_DEPTH => Err(wrong("must not be inside itself or nested too deeply")),
        _ => Ok(found),
    }
}

impl Vertex {
    fn of(node: &Node) -> Self {
        Self {
            id: node.id.clone(),
            name: node.name.clone(),
            settings: node.settings.clone(),
            meet: JoinRule::of(node),
            incoming: Vec::new(),
            outgoing: Vec::new(),
            parent: None,
            slot: 0,
            role: NodeRole::of(node),
            may_be_last: false,
        }
    }
}

impl NodeRole {
    fn of(node: &Node) -> Self {
        match &*node.r#type {
            _ if node.settings.disabled => Self::Passes,
            kind if PASSING.contains(&kind) => Self::Passes,
            kind if DECISIONS.contains(&kind) => Self::Decides,
            _ => Self::Works,
        }
    }
}

impl JoinRule {
    fn of(node: &Node) -> Self {
        let config = |name: &str| node.config.get(name);
        match config("mode").and_then(Value::as_str).filter(|_| node.r#type == JOIN) {
            Some("all") => Self::All,
            Some("any") => Self::Taken(1),
            Some("count") => {
                let count = config("count").and_then(Value::as_u64).unwrap_or(1);
                Self::Taken(usize::try_from(count).unwrap_or(usize::MAX).max(1))
            }
            _ if node.settings.join == JoinMode::Any => Self::Taken(1),
            _ => Self::All,
        }
    }
}

/// Returns for each node whether its output may be the result of an iteration, according to the graph alone.
fn may_be_last(graph: &Graph) -> Vec<bool> {
    let mut ends = vec![None; graph.vertices().len()];
    let all = graph.vertices().iter().enumerate();
    all.map(|(node, vertex)| {
        vertex.parent.is_some() && vertex.role == NodeRole::Works && may_end(graph, node, &mut ends)
    })
    .collect()
}

/// Returns whether a path may end at `node`, or after it at nodes that only pass results on.
fn may_end(graph: &Graph, node: usize, known: &mut [Option<bool>]) -> bool {
    if let Some(known) = known[node] {
        return known;
    }
    let outgoing = &graph.vertices()[node].outgoing;
    let mut targets = outgoing.iter().map(|&edge| graph.edges()[edge].target);
    let ends = outgoing.is_empty()
        || targets.any(|target| graph.vertices()[target].role == NodeRole::Passes && may_end(graph, target, known));
    known[node] = Some(ends);
    ends
}
