//! Checks whether a workflow can run. Problems say what to do about them.
mod loops;
mod node;
mod references;
mod suggest;
mod triggers;

use super::{
    engine::{START, find_cycle},
    nodes::{self, NodeHandle},
};
use crate::{
    Error, Result,
    error::FieldProblem,
    model::workflow::{Edge, Node, OnError, Severity, WhenFull, Workflow, WorkflowProblem},
};
pub use references::variables;
use std::collections::{HashMap, HashSet};
use suggest::{list, suggestion};

/// Maximum number of reported problems.
const MOST: usize = 200;
/// Maximum concurrency limit of a workflow.
const MOST_RUNS: u32 = 1000;
/// Maximum timeout of a run: 60 days.
const LONGEST_SECONDS: u32 = 60 * 86_400;

/// Returns all problems of a workflow.
pub fn validate(workflow: &Workflow) -> Vec<WorkflowProblem> {
    let mut check = Check::new(workflow);
    check.starts();
    check.edges();
    check.cycle();
    check.bodies();
    check.limits();
    check.triggers();
    for (i, node) in workflow.nodes.iter().enumerate() {
        check.node(i, node);
    }
    check.found.truncate(MOST);
    check.found
}

/// Returns a warning for each step that sends email, for servers that cannot.
pub fn without_mail(workflow: &Workflow) -> Vec<WorkflowProblem> {
    let steps =
        workflow.nodes.iter().enumerate().filter(|(_, node)| node.r#type == nodes::EMAIL && !node.settings.disabled);
    let warning = |(i, node): (usize, &Node)| WorkflowProblem {
        severity: Severity::Warning,
        node_id: Some(node.id.clone()),
        path: format!("nodes[{i}].type"),
        message: format!(
            "`{}` will fail: this server does not send email; the person who runs it must set --smtp-url and --mail-from",
            node.name
        ),
    };
    steps.map(warning).take(MOST).collect()
}

/// # Errors
/// `Invalid` with every problem that prevents the workflow from running.
pub fn runnable(workflow: &Workflow) -> Result<()> {
    let problems = validate(workflow).into_iter().filter(|problem| problem.severity == Severity::Error);
    let fields: Vec<_> =
        problems.map(|problem| FieldProblem { path: problem.path, message: problem.message }).collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::Invalid(fields)) }
}

/// The state of a check.
struct Check<'a> {
    workflow: &'a Workflow,
    by_id: HashMap<&'a str, usize>,
    handles: Vec<Option<Vec<NodeHandle>>>,
    /// The source nodes of each node's incoming edges.
    sources: Vec<Vec<usize>>,
    reached: HashSet<usize>,
    /// The enclosing loop of each node.
    loops: Vec<Option<usize>>,
    found: Vec<WorkflowProblem>,
}

impl<'a> Check<'a> {
    fn new(workflow: &'a Workflow) -> Self {
        let nodes = &workflow.nodes;
        let by_id: HashMap<&str, usize> = nodes.iter().enumerate().map(|(i, node)| (node.id.as_str(), i)).collect();
        let mut sources = vec![Vec::new(); nodes.len()];
        let mut targets = vec![Vec::new(); nodes.len()];
        for edge in &workflow.edges {
            if let (Some(&from), Some(&to)) = (by_id.get(edge.source.as_str()), by_id.get(edge.target.as_str())) {
                sources[to].push(from);
                targets[from].push(to);
            }
        }
        let loops = loops::of(workflow, &by_id);
        for (i, parent) in loops.iter().enumerate() {
            // a loop starts with the nodes inside it that have no incoming edges
            if let Some(parent) = parent.filter(|_| sources[i].is_empty()) {
                targets[parent].push(i);
            }
        }
        let starts = (0..nodes.len()).filter(|&i| nodes[i].r#type == START);
        let handles = nodes.iter().map(|node| Some(nodes::find(&node.r#type)?.handles(&node.config))).collect();
        let reached = spread(starts, &targets);
        Self { workflow, by_id, handles, reached, sources, loops, found: Vec::new() }
    }

    fn say(&mut self, severity: Severity, node: Option<&Node>, path: impl Into<String>, message: impl Into<String>) {
        self.found.push(WorkflowProblem {
            severity,
            node_id: node.map(|node| node.id.clone()),
            path: path.into(),
            message: message.into(),
        });
    }

    fn error(&mut self, node: Option<&Node>, path: impl Into<String>, message: impl Into<String>) {
        self.say(Severity::Error, node, path, message);
    }

    fn warn(&mut self, node: Option<&Node>, path: impl Into<String>, message: impl Into<String>) {
        self.say(Severity::Warning, node, path, message);
    }

    fn starts(&mut self) {
        let workflow = self.workflow;
        let mut starts = workflow.nodes.iter().enumerate().filter(|(_, node)| node.r#type == START);
        let Some((_, first)) = starts.next() else {
            return self.error(None, "nodes", "has no start node: add one and connect it to the first step");
        };
        for (i, node) in starts {
            let why =
                format!("`{}` is a second start node in addition to `{}`: delete one of them", node.name, first.name);
            self.error(Some(node), format!("nodes[{i}].type"), why);
        }
    }

    fn edges(&mut self) {
        for (i, edge) in self.workflow.edges.iter().enumerate() {
            let ends = [("source", &edge.source), ("target", &edge.target)];
            for (field, id) in ends {
                if !self.by_id.contains_key(id.as_str()) {
                    let why = format!("no node has the id `{id}`: delete the edge, or connect it to an existing node");
                    self.error(None, format!("edges[{i}].{field}"), why);
                }
            }
            self.edge(i, edge);
        }
    }

    fn edge(&mut self, i: usize, edge: &Edge) {
        let workflow = self.workflow;
        let target = self.by_id.get(edge.target.as_str()).map(|&at| &workflow.nodes[at]);
        if let Some(target) = target.filter(|target| target.r#type == START) {
            self.error(Some(target), format!("edges[{i}].target"), "no edge can lead to the start node");
        }
        let Some(&at) = self.by_id.get(edge.source.as_str()) else { return };
        let source = &workflow.nodes[at];
        let Some(handles) = &self.handles[at] else { return };
        let ids: Vec<&str> = handles.iter().map(|handle| handle.id.as_str()).collect();
        let handle = edge.handle();
        if !ids.contains(&handle) {
            let has = if ids.is_empty() {
                "nothing can follow it".to_owned()
            } else {
                format!("its handles are {}{}", list(&ids), suggestion(handle, &ids))
            };
            let why = format!("`{}` has no handle `{handle}`: {has}", source.name);
            self.error(Some(source), format!("edges[{i}].sourceHandle"), why);
        } else if handle == "error" && source.settings.on_error != OnError::Branch {
            let why = format!("is never taken: set `onError` of `{}` to branch", source.name);
            self.warn(Some(source), format!("edges[{i}].sourceHandle"), why);
        }
    }

    fn limits(&mut self) {
        let settings = &self.workflow.settings;
        let limits = [
            ("maxConcurrentRuns", settings.max_concurrent_runs, MOST_RUNS),
            ("timeoutSeconds", settings.timeout_seconds, LONGEST_SECONDS),
        ];
        for (field, value, most) in limits {
            if value.is_some_and(|value| value == 0 || value > most) {
                self.error(
                    None,
                    format!("settings.{field}"),
                    format!("must be between 1 and {most}; omit it for no limit"),
                );
            }
        }
        if settings.when_full != WhenFull::Queue && settings.max_concurrent_runs.is_none() {
            let why = "has no effect without `maxConcurrentRuns`: set it, or remove this setting";
            self.warn(None, "settings.whenFull", why);
        }
    }

    fn cycle(&mut self) {
        if let Some(cycle) = find_cycle(self.workflow) {
            let nodes = &self.workflow.nodes;
            let name = |id: &str| self.by_id.get(id).map_or("?", |&i| nodes[i].name.as_str());
            let mut names: Vec<_> = cycle.into_iter().map(name).collect();
            names.push(names[0]);
            let why = format!(
                "must not form a cycle: {}. Delete one of these edges, and use a loop to repeat steps",
                names.join(" → ")
            );
            self.error(None, "edges", why);
        }
    }

    /// Returns all nodes from which a path leads to `node` or to a loop around it.
    fn before(&self, node: usize) -> HashSet<usize> {
        let around = std::iter::successors(Some(node), |&at| self.loops[at]).take(self.workflow.nodes.len());
        let sources: Vec<usize> = around.flat_map(|at| self.sources[at].iter().copied()).collect();
        let mut before = spread(sources.into_iter(), &self.sources);
        before.remove(&node);
        before
    }
}

/// Returns all nodes that can be reached from `from`, including `from`.
fn spread(from: impl Iterator<Item = usize>, next: &[Vec<usize>]) -> HashSet<usize> {
    let mut open: Vec<usize> = from.collect();
    let mut seen = HashSet::new();
    while let Some(node) = open.pop() {
        if seen.insert(node) {
            open.extend(&next[node]);
        }
    }
    seen
}

#[cfg(test)]
mod tests;
