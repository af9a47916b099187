//! Random workflows, and the outcome of each execution in them.
use crate::{
    model::workflow::{Edge, JoinMode, Node, OnError, OnInterrupt, Retry, Workflow},
    runner::engine::{JOIN, LOOP, OnItemError},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

/// Choices below this value crash the process.
pub const CRASH: u8 = 20;
/// The choice that aborts the run.
pub const ABORT: u8 = 20;

const HANDLES: [&str; 4] = ["out", "error", "a", "b"];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlannedOutcome {
    Done(&'static str),
    Wait(&'static str),
    /// Waits for another run, whose result continues through this handle, or which fails for `None`.
    Call(Option<&'static str>),
    Loop {
        items: u32,
        concurrency: u32,
        on_item_error: OnItemError,
    },
    Soft,
    Hard,
    End {
        failed: bool,
        terminate: bool,
    },
}

#[derive(Clone, Debug)]
pub struct WorkflowPlan {
    pub workflow: Workflow,
    /// The outcome of each execution of a node, by the number of earlier failures.
    pub acts: Vec<Vec<PlannedOutcome>>,
    /// Which running step ends next, and where the process crashes (below [`CRASH`]) or the run is aborted ([`ABORT`]).
    pub choices: Vec<u8>,
}

impl WorkflowPlan {
    pub fn node(&self, id: &str) -> &Node {
        self.workflow.nodes.iter().find(|node| node.id == id).unwrap()
    }

    /// The nodes in the loop `parent`, or of the workflow itself for `None`.
    pub fn body<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a Node> {
        self.workflow.nodes.iter().filter(move |node| node.parent_id.as_deref() == parent)
    }
}

fn act() -> impl Strategy<Value = PlannedOutcome> {
    prop_oneof![
        6 => select(&HANDLES[..]).prop_map(PlannedOutcome::Done),
        2 => select(&HANDLES[..]).prop_map(PlannedOutcome::Wait),
        1 => prop::option::weighted(0.8, select(&HANDLES[..])).prop_map(PlannedOutcome::Call),
        2 => Just(PlannedOutcome::Soft),
        1 => Just(PlannedOutcome::Hard),
        1 => (any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(failed, terminate)| PlannedOutcome::End { failed, terminate }),
    ]
}

fn looping() -> impl Strategy<Value = PlannedOutcome> {
    let on_item_error = select(&[OnItemError::Fail, OnItemError::Skip, OnItemError::Collect][..]);
    (0u32..5, 1u32..4, on_item_error).prop_map(|(items, concurrency, on_item_error)| PlannedOutcome::Loop {
        items,
        concurrency,
        on_item_error,
    })
}

fn node() -> impl Strategy<Value = (Node, Vec<PlannedOutcome>, PlannedOutcome)> {
    let join = prop_oneof![2 => Just(JoinMode::All), 1 => Just(JoinMode::Any)];
    let on_error = prop_oneof![1 => Just(OnError::Fail), 3 => Just(OnError::Continue), 3 => Just(OnError::Branch)];
    let attempts = 0u32..4;
    let flags = (prop::bool::weighted(0.1), prop_oneof![4 => Just(OnInterrupt::Retry), 1 => Just(OnInterrupt::Fail)]);
    let count = prop_oneof![4 => Just(None), 1 => (1u32..4).prop_map(Some)];
    let timeout = prop_oneof![3 => Just(None), 1 => select(&[3u64, 20, 500, 3000][..]).prop_map(Some)];
    (join, on_error, attempts, flags, vec(act(), 4), (looping(), count, timeout)).prop_map(
        |(join, on_error, attempts, (disabled, on_interrupt), acts, (looping, count, timeout))| {
            let mut node: Node = serde_json::from_value(json!({"id": "", "type": "javascript", "name": ""})).unwrap();
            node.settings.join = join;
            node.settings.on_error = on_error;
            node.settings.disabled = disabled;
            node.settings.timeout_ms = timeout;
            node.settings.on_interrupt = on_interrupt;
            node.settings.retry = (attempts > 0).then(|| Retry { max_attempts: attempts, ..Retry::default() });
            if let Some(count) = count {
                node.r#type = JOIN.to_owned();
                node.config = json!({"mode": "count", "count": count}).as_object().unwrap().clone();
            }
            (node, acts, looping)
        },
    )
}

pub fn plan() -> impl Strategy<Value = WorkflowPlan> {
    vec(node(), 1..14).prop_flat_map(|nodes| {
        let count = nodes.len();
        let edge = (0..count, 0..count, prop_oneof![3 => Just("out"), 1 => select(&HANDLES[..])]);
        let edges = vec(edge, 0..count * 3);
        let parents = vec(prop_oneof![2 => Just(None), 1 => (0..count).prop_map(Some)], count);
        (Just(nodes), edges, parents, vec(any::<u8>(), 96)).prop_map(move |(nodes, edges, parents, choices)| {
            let (mut nodes, mut acts): (Vec<_>, Vec<_>) =
                nodes.into_iter().map(|(node, acts, looping)| (node, (acts, looping))).unzip();
            let mut depth = vec![0; count];
            for i in 0..count {
                nodes[i].id = format!("n{i}");
                nodes[i].name = format!("n{i}");
                // the parent comes before the node, is not the start node, and is not nested too deeply
                if let Some(parent) = parents[i].filter(|&parent| parent > 0 && parent < i && depth[parent] < 2) {
                    depth[i] = depth[parent] + 1;
                    nodes[i].parent_id = Some(format!("n{parent}"));
                    nodes[parent].r#type = LOOP.to_owned();
                    nodes[parent].config.clear();
                }
            }
            nodes[0].r#type = "start".to_owned();
            nodes[0].config.clear();
            let acts = acts.drain(..).zip(&nodes).map(|((mut acts, looping), node)| {
                for act in &mut acts {
                    match act {
                        PlannedOutcome::Done(_)
                        | PlannedOutcome::Wait(_)
                        | PlannedOutcome::Call(_)
                        | PlannedOutcome::End { .. }
                            if node.r#type == LOOP =>
                        {
                            *act = looping;
                        }
                        PlannedOutcome::End { .. } if node.parent_id.is_some() => *act = PlannedOutcome::Done("out"),
                        _ => {}
                    }
                }
                acts
            });
            let acts = acts.collect();
            let together = |a: usize, b: usize| nodes[a].parent_id == nodes[b].parent_id;
            let edges = edges.into_iter().filter(|&(a, b, _)| a < b && together(a, b));
            let edges = edges.enumerate().map(|(i, (source, target, handle))| Edge {
                id: format!("e{i}"),
                source: format!("n{source}"),
                source_handle: (handle != "out").then(|| handle.to_owned()),
                target: format!("n{target}"),
            });
            let edges = edges.collect();
            WorkflowPlan { workflow: Workflow { nodes, edges, ..Workflow::default() }, acts, choices }
        })
    })
}
