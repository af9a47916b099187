//! Random graphs, failures, waits and crashes against a simple model of the scheduling rules.
#![allow(clippy::unwrap_used)]
use super::{Done, Ends, Entry, Event, Graph, Notes, Outcome, Phase, Run};
use crate::{
    clock::Time,
    model::{
        run::{Failure, Status},
        workflow::{Edge, Join, Node, OnError, OnInterrupt, Retry, Workflow},
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};

const HANDLES: [&str; 4] = ["out", "error", "a", "b"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Done(&'static str),
    Wait(&'static str),
    Soft,
    Hard,
    End { failed: bool, terminate: bool },
}

#[derive(Clone, Debug)]
struct Plan {
    workflow: Workflow,
    /// What each execution of a node comes to, by the number of failures before.
    acts: Vec<Vec<Act>>,
    /// Which running step ends next, and where the process dies (0).
    choices: Vec<u8>,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => select(&HANDLES[..]).prop_map(Act::Done),
        2 => select(&HANDLES[..]).prop_map(Act::Wait),
        2 => Just(Act::Soft),
        1 => Just(Act::Hard),
        1 => (any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(failed, terminate)| Act::End { failed, terminate }),
    ]
}

fn node() -> impl Strategy<Value = (Node, Vec<Act>)> {
    let join = prop_oneof![2 => Just(Join::All), 1 => Just(Join::Any)];
    let on_error = prop_oneof![1 => Just(OnError::Fail), 3 => Just(OnError::Continue), 3 => Just(OnError::Branch)];
    let attempts = 0u32..4;
    let flags = (prop::bool::weighted(0.1), prop_oneof![4 => Just(OnInterrupt::Retry), 1 => Just(OnInterrupt::Fail)]);
    (join, on_error, attempts, flags, vec(act(), 4)).prop_map(
        |(join, on_error, attempts, (disabled, on_interrupt), acts)| {
            let mut node: Node = serde_json::from_value(json!({"id": "", "type": "javascript", "name": ""})).unwrap();
            node.settings.join = join;
            node.settings.on_error = on_error;
            node.settings.disabled = disabled;
            node.settings.on_interrupt = on_interrupt;
            node.settings.retry = (attempts > 0).then(|| Retry { max_attempts: attempts, ..Retry::default() });
            (node, acts)
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    vec(node(), 1..12).prop_flat_map(|nodes| {
        let count = nodes.len();
        let edge = (0..count, 0..count, prop_oneof![3 => Just("out"), 1 => select(&HANDLES[..])]);
        let edges = vec(edge, 0..count * 3);
        (Just(nodes), edges, vec(any::<u8>(), 64)).prop_map(|(nodes, edges, choices)| {
            let (mut nodes, acts): (Vec<_>, Vec<_>) = nodes.into_iter().unzip();
            for (i, node) in nodes.iter_mut().enumerate() {
                node.id = format!("n{i}");
                node.name.clone_from(&node.id);
            }
            nodes[0].r#type = "start".to_owned();
            let edges = edges.into_iter().filter(|(a, b, _)| a < b);
            let edges = edges.enumerate().map(|(i, (source, target, handle))| Edge {
                id: format!("e{i}"),
                source: format!("n{source}"),
                source_handle: (handle != "out").then(|| handle.to_owned()),
                target: format!("n{target}"),
            });
            let workflow = Workflow { edges: edges.collect(), nodes, ..Workflow::default() };
            Plan { workflow, acts, choices }
        })
    })
}

/// How a node ends: `None` when it is skipped, else the handles that it leaves through.
type Ending = Option<Vec<String>>;

/// The journal so far, seen through the rules and not through the engine.
struct Model<'a> {
    plan: &'a Plan,
    endings: HashMap<String, Ending>,
    starts: HashMap<String, u32>,
    due: HashMap<String, Time>,
    over: bool,
}

impl Model<'_> {
    fn node(&self, id: &str) -> &Node {
        self.plan.workflow.nodes.iter().find(|node| node.id == id).unwrap()
    }

    /// Of each incoming edge whether it is taken; none while undecided.
    fn incoming(&self, id: &str) -> Vec<Option<bool>> {
        let edges = self.plan.workflow.edges.iter().filter(|e| e.target == id);
        let taken = |edge: &Edge| {
            let ending = self.endings.get(&edge.source)?;
            Some(ending.as_ref().is_some_and(|handles| handles.iter().any(|one| one == edge.handle())))
        };
        edges.map(taken).collect()
    }

    fn may_run(&self, id: &str) -> bool {
        let incoming = self.incoming(id);
        let taken = incoming.contains(&Some(true));
        match self.node(id).settings.join {
            _ if id == "n0" => true,
            Join::All => taken && !incoming.contains(&None),
            Join::Any => taken,
        }
    }

    fn end(&mut self, id: &str, ending: Ending) {
        let before = self.endings.insert(id.to_owned(), ending);
        assert!(before.is_none(), "{id} ended twice");
    }

    fn see(&mut self, entry: &Entry) {
        assert!(!self.over, "something happened after the end");
        let id = entry.event.step().map(|step| step.node.clone());
        let id = id.unwrap_or_default();
        match &entry.event {
            Event::StepStarted { attempt, .. } => {
                assert!(!self.endings.contains_key(&id), "{id} started after its end");
                assert!(self.may_run(&id), "{id} started before its inputs");
                assert!(!self.node(&id).settings.disabled);
                let starts = self.starts.entry(id).or_default();
                *starts += 1;
                assert_eq!(attempt, starts);
            }
            Event::StepWaiting { due, .. } => {
                self.due.insert(id, due.unwrap());
            }
            Event::StepCompleted { done, .. } => {
                if let Some(due) = self.due.get(&id) {
                    assert!(entry.at >= *due, "{id} did not wait");
                }
                self.over = done.ends.is_some_and(|ends| ends.terminate);
                self.end(&id, Some(done.handles.clone()));
                self.over = false;
            }
            Event::StepFailed { .. } => {
                let handle = match self.node(&id).settings.on_error {
                    OnError::Branch => "error",
                    OnError::Continue | OnError::Fail => "out",
                };
                self.end(&id, Some(vec![handle.to_owned()]));
            }
            Event::StepSkipped { .. } => {
                let passed = self.node(&id).settings.disabled && self.may_run(&id);
                let off = !self.incoming(&id).contains(&Some(true)) && !self.incoming(&id).contains(&None);
                assert!(passed || (off && id != "n0"), "{id} skipped on its path");
                self.end(&id, passed.then(|| vec!["out".to_owned()]));
            }
            event => self.over = event.is_last(),
        }
    }
}

/// Executes a plan step by step, killing the process where the plan says so.
struct World<'a> {
    model: Model<'a>,
    graph: Arc<Graph>,
    run: Run,
    journal: Vec<String>,
    /// Results of executions that the journal has; a crash loses the others.
    failures: HashMap<usize, usize>,
    now: Time,
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan) -> Self {
        let graph = Arc::new(Graph::new(&plan.workflow).unwrap());
        let model = Model { plan, endings: HashMap::new(), starts: HashMap::new(), due: HashMap::new(), over: false };
        let run = Run::new(Arc::clone(&graph), 7, None);
        Self { model, graph, run, journal: Vec::new(), failures: HashMap::new(), now: Time(0) }
    }

    fn commit(&mut self, mut fresh: Vec<Entry>) {
        fresh.extend(self.run.settle(self.now));
        fresh.extend(self.run.start(3, self.now).1);
        for entry in fresh {
            self.model.see(&entry);
            assert_eq!(entry.seq, self.journal.len() as u64 + 1);
            self.journal.push(serde_json::to_string(&entry.event).unwrap());
        }
        let mut replayed = self.replayed();
        self.compare(&replayed);
        assert!(replayed.settle(self.now).is_empty());
    }

    /// Memory may be ahead of the journal only in that a step is ready to run again.
    fn compare(&self, replayed: &Run) {
        assert_eq!((replayed.status(), replayed.seq()), (self.run.status(), self.run.seq()));
        for node in 0..self.graph.vertices().len() {
            let again = matches!(replayed.phase(node), Phase::Running | Phase::Retrying { .. });
            if *self.run.phase(node) != Phase::Ready || !again {
                assert_eq!(replayed.phase(node), self.run.phase(node));
            }
            assert_eq!(replayed.attempt(node), self.run.attempt(node));
        }
    }

    fn replayed(&self) -> Run {
        let mut run = Run::new(Arc::clone(&self.graph), 7, None);
        for (i, line) in self.journal.iter().enumerate() {
            let event = serde_json::from_str(line).unwrap();
            run.replay(&Entry { seq: i as u64 + 1, at: self.now, event });
        }
        run.settle(self.now);
        run
    }

    fn outcome(&mut self, node: usize) -> Outcome {
        let failures = self.failures.entry(node).or_default();
        let act = self.model.plan.acts[node][*failures];
        *failures += 1;
        match act {
            Act::Done(handle) => Outcome::Done(Done::through(handle, json!(node))),
            Act::Wait(handle) => {
                Outcome::Wait { due: Some(Time(self.now.0 + 1000)), then: Done::through(handle, json!(node)) }
            }
            Act::Soft => Outcome::Failed(Failure { transient: true, ..Failure::new("X", "x") }),
            Act::Hard => Outcome::Failed(Failure::new("X", "x")),
            Act::End { failed, terminate } => {
                Outcome::Done(Done { output: json!(node), handles: vec![], ends: Some(Ends { failed, terminate }) })
            }
        }
    }

    fn play(&mut self) -> Status {
        let fresh = self.run.begin(self.now);
        self.commit(fresh);
        let mut choices = self.model.plan.choices.iter();
        for _ in 0..1000 {
            if self.run.status().is_final() {
                return self.run.status();
            }
            let choice = choices.next().copied().unwrap_or(255);
            let running: Vec<usize> =
                (0..self.graph.vertices().len()).filter(|&node| *self.run.phase(node) == Phase::Running).collect();
            self.now.0 += 1;
            let fresh = if choice < 20 {
                self.run = self.replayed();
                let mut fresh = self.run.recover(self.now);
                fresh.extend(self.run.wake(self.now));
                fresh
            } else if running.is_empty() {
                self.now = self.run.next_due().unwrap().max(self.now);
                self.run.wake(self.now)
            } else {
                let node = running[usize::from(choice) % running.len()];
                let outcome = self.outcome(node);
                self.run.finish(node, outcome, Notes::default(), self.now)
            };
            self.commit(fresh);
        }
        panic!("the run does not end");
    }
}

/// What must have happened to every node in a run that no failure, termination or crash cut short.
fn expected(plan: &Plan) -> HashMap<String, Ending> {
    let mut model = Model { plan, endings: HashMap::new(), starts: HashMap::new(), due: HashMap::new(), over: false };
    for (i, node) in plan.workflow.nodes.iter().enumerate() {
        let runs = model.incoming(&node.id).contains(&Some(true)) || i == 0;
        let attempts = node.settings.retry.as_ref().map_or(1, |r| r.max_attempts);
        let acts = plan.acts[i].iter().take(attempts as usize);
        let act = acts.clone().find(|act| **act != Act::Soft);
        let handles = match act {
            _ if node.settings.disabled => vec!["out"],
            Some(Act::Done(handle) | Act::Wait(handle)) => vec![*handle],
            Some(Act::End { .. }) => vec![],
            _ if node.settings.on_error == OnError::Branch => vec!["error"],
            _ => vec!["out"],
        };
        let handles = handles.into_iter().map(str::to_owned).collect();
        model.end(&node.id, runs.then_some(handles));
    }
    model.endings
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_run_follows_the_rules_and_ends(plan in plan()) {
        let mut world = World::new(&plan);
        let status = world.play();
        prop_assert!(matches!(status, Status::Completed | Status::Failed));
        prop_assert!(world.model.over);
    }

    #[test]
    fn every_node_has_its_ending_whatever_the_order(mut plan in plan()) {
        for (node, acts) in plan.workflow.nodes.iter_mut().zip(&mut plan.acts) {
            if node.settings.on_error == OnError::Fail {
                node.settings.on_error = OnError::Continue;
            }
            node.settings.on_interrupt = OnInterrupt::Retry;
            for act in acts {
                if let Act::End { terminate, .. } = act {
                    *terminate = false;
                }
            }
        }
        let mut world = World::new(&plan);
        world.play();
        prop_assert_eq!(&world.model.endings, &expected(&plan));
    }
}
