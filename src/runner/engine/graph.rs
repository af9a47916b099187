//! A workflow's nodes and edges with every name looked up once.
use crate::{
    Error, Result,
    model::workflow::{Node, NodeSettings, Workflow},
};
use std::collections::{HashMap, HashSet, VecDeque};

/// The type of the node where a run begins.
pub const START: &str = "start";

/// A checked graph: one start, no dangling edge, no cycle.
#[derive(Debug)]
pub struct Graph {
    vertices: Vec<Vertex>,
    edges: Vec<Arc>,
    start: usize,
    by_id: HashMap<String, usize>,
}

/// A node and the edges at it, as indices.
#[derive(Debug)]
pub struct Vertex {
    pub id: String,
    pub name: String,
    pub settings: NodeSettings,
    pub incoming: Vec<usize>,
    pub outgoing: Vec<usize>,
}

/// A directed edge, leaving `source` through `handle`.
#[derive(Debug)]
pub struct Arc {
    pub source: usize,
    pub handle: String,
    pub target: usize,
}

impl Graph {
    /// # Errors
    /// `Invalid` when the graph cannot be run; `runner::validate` explains at length.
    pub fn new(workflow: &Workflow) -> Result<Self> {
        let by_id: HashMap<String, usize> =
            workflow.nodes.iter().enumerate().map(|(i, node)| (node.id.clone(), i)).collect();
        let mut vertices: Vec<Vertex> = workflow.nodes.iter().map(Vertex::of).collect();
        let mut edges = Vec::with_capacity(workflow.edges.len());
        for (i, edge) in workflow.edges.iter().enumerate() {
            let find = |id: &str| by_id.get(id).copied();
            let (Some(source), Some(target)) = (find(&edge.source), find(&edge.target)) else {
                return Err(Error::invalid(format!("edges[{i}]"), "joins a node that is not there"));
            };
            vertices[source].outgoing.push(i);
            vertices[target].incoming.push(i);
            edges.push(Arc { source, handle: edge.handle().to_owned(), target });
        }
        let mut starts = (0..vertices.len()).filter(|&i| workflow.nodes[i].r#type == START);
        let (Some(start), None) = (starts.next(), starts.next()) else {
            return Err(Error::invalid("nodes", "needs exactly one start node"));
        };
        if find_cycle(workflow).is_some() {
            return Err(Error::invalid("edges", "must not form a cycle"));
        }
        Ok(Self { vertices, edges, start, by_id })
    }

    pub fn vertices(&self) -> &[Vertex] {
        &self.vertices
    }
    pub fn edges(&self) -> &[Arc] {
        &self.edges
    }
    pub fn start(&self) -> usize {
        self.start
    }
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }
}

impl Vertex {
    fn of(node: &Node) -> Self {
        Self {
            id: node.id.clone(),
            name: node.name.clone(),
            settings: node.settings.clone(),
            incoming: Vec::new(),
            outgoing: Vec::new(),
        }
    }
}

/// The ids along one cycle, in the order of its edges from its first node on; none when there is no cycle.
pub fn find_cycle(workflow: &Workflow) -> Option<Vec<&str>> {
    let mut incoming: HashMap<&str, usize> = HashMap::new();
    let mut targets: HashMap<&str, Vec<&str>> = HashMap::new();
    for edge in &workflow.edges {
        *incoming.entry(&edge.target).or_default() += 1;
        targets.entry(&edge.source).or_default().push(&edge.target);
    }
    // take away what nothing leads to, again and again: what stays is on a cycle or behind one
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

/// Among `left` every node has a predecessor in `left`: going back long enough comes round.
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
