//! A second, independent implementation of the scheduling rules. The engine's journal is checked against it.
use super::plan::{PlannedOutcome, WorkflowPlan};
use crate::{
    clock::Time,
    model::workflow::{JoinMode, Node, OnError},
    runner::engine::{JOIN, LoopPlan, OnItemError, RunEntry, RunEvent, StepKey},
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How a step ends: the handles through which the run continues; `None` if the step is skipped.
pub type Ending = Option<Vec<String>>;

/// The state according to the journal so far.
pub struct Model<'a> {
    plan: &'a WorkflowPlan,
    pub endings: HashMap<StepKey, Ending>,
    starts: HashMap<StepKey, u32>,
    due: HashMap<StepKey, Time>,
    loops: HashMap<StepKey, LoopPlan>,
    /// Iterations in which a step failed permanently, by the step of the loop and the index.
    broken: HashSet<(StepKey, u32)>,
    /// Started steps that have not ended, with the run that each waits for.
    pub open: HashMap<StepKey, Option<Uuid>>,
    pub over: bool,
}

impl<'a> Model<'a> {
    pub fn new(plan: &'a WorkflowPlan) -> Self {
        Self {
            plan,
            endings: HashMap::new(),
            starts: HashMap::new(),
            due: HashMap::new(),
            loops: HashMap::new(),
            broken: HashSet::new(),
            open: HashMap::new(),
            over: false,
        }
    }

    fn node(&self, key: &StepKey) -> &'a Node {
        self.plan.node(&key.node)
    }

    /// The step of the enclosing loop, and the index of the iteration.
    fn owner(&self, key: &StepKey) -> Option<(StepKey, u32)> {
        let node = self.node(key).parent_id.clone()?;
        let (outer, index) = key.iteration.rsplit_once('/').unwrap_or(("", &key.iteration));
        Some((StepKey { node, iteration: outer.to_owned() }, index.parse().unwrap()))
    }

    /// For each incoming edge: taken, dead, or undecided.
    pub fn incoming(&self, key: &StepKey) -> Vec<Option<bool>> {
        let edges = self.plan.workflow.edges.iter().filter(|edge| edge.target == key.node);
        let taken = |edge: &crate::model::workflow::Edge| {
            let source = StepKey { node: edge.source.clone(), iteration: key.iteration.clone() };
            let ending = self.endings.get(&source)?;
            Some(ending.as_ref().is_some_and(|handles| handles.iter().any(|one| one == edge.handle())))
        };
        edges.map(taken).collect()
    }

    pub fn may_run(&self, key: &StepKey) -> bool {
        let node = self.node(key);
        let incoming = self.incoming(key);
        let taken = incoming.iter().filter(|edge_state| **edge_state == Some(true)).count();
        let entry = incoming.is_empty() && (node.parent_id.is_some() || node.id == "n0");
        if entry || node.id == "n0" {
            return true;
        }
        if node.r#type == JOIN {
            return taken as u64 >= node.config["count"].as_u64().unwrap();
        }
        match node.settings.join {
            JoinMode::All => taken > 0 && !incoming.contains(&None),
            JoinMode::Any => taken > 0,
        }
    }

    fn is_off(&self, key: &StepKey) -> bool {
        !self.incoming(key).contains(&None) && !self.may_run(key)
    }

    fn end(&mut self, key: StepKey, ending: Ending) {
        assert!(!self.endings.contains_key(&key), "{key} ended twice");
        self.endings.insert(key, ending);
    }

    /// Returns whether every step of an iteration has ended.
    fn iteration_ended(&self, owner: &StepKey, index: u32) -> bool {
        let iteration =
            if owner.iteration.is_empty() { index.to_string() } else { format!("{}/{index}", owner.iteration) };
        let ended =
            |node: &Node| self.endings.contains_key(&StepKey { node: node.id.clone(), iteration: iteration.clone() });
        self.plan.body(Some(&owner.node)).all(ended)
    }

    /// Checks that the iteration of a step may be open: its loop has not ended, none of its steps failed permanently,
    /// and the concurrency is not exceeded.
    fn check_iteration(&self, key: &StepKey) {
        let Some((owner, index)) = self.owner(key) else { return };
        self.check_iteration(&owner);
        let looping = self.loops.get(&owner).unwrap_or_else(|| panic!("{key} without its loop"));
        assert!(!self.endings.contains_key(&owner), "{key} after the end of its loop");
        assert!((index as usize) < looping.items.len(), "{key} has no item in its loop");
        assert!(!self.broken.contains(&(owner.clone(), index)), "{key} after its iteration failed");
        let before =
            (0..index).filter(|&i| !self.iteration_ended(&owner, i) && !self.broken.contains(&(owner.clone(), i)));
        assert!(before.count() < looping.concurrency as usize, "{key} exceeds the concurrency");
    }

    /// Returns whether an iteration around the step was dropped: one of its steps failed permanently, or its loop has
    /// ended or must end.
    fn is_cut(&self, key: &StepKey) -> bool {
        let Some((owner, index)) = self.owner(key) else { return false };
        let fails = |looping: &LoopPlan| looping.on_item_error == OnItemError::Fail;
        let is_broken = |index| self.broken.contains(&(owner.clone(), index));
        let items = self.loops.get(&owner).map_or(0, |looping| u32::try_from(looping.items.len()).unwrap());
        self.endings.contains_key(&owner)
            || is_broken(index)
            || (self.loops.get(&owner).is_some_and(fails) && (0..items).any(is_broken))
            || self.is_cut(&owner)
    }

    /// Checks, after a transition, that no step of a dropped iteration is open.
    pub fn settled(&self) {
        for key in self.open.keys().filter(|_| !self.over) {
            assert!(!self.is_cut(key), "{key} is still open although its iteration was dropped");
        }
    }

    /// Updates the open steps. A step is open from its start to its end.
    fn keep_open(&mut self, key: &StepKey, event: &RunEvent) {
        match event {
            RunEvent::StepStarted { .. } | RunEvent::StepRetrying { .. } | RunEvent::StepLooping { .. } => {
                self.open.insert(key.clone(), None);
            }
            RunEvent::StepWaiting { wait, .. } => {
                self.open.insert(key.clone(), wait.child);
            }
            _ => {
                self.open.remove(key);
            }
        }
    }

    pub fn observe(&mut self, entry: &RunEntry) {
        assert!(!self.over, "something happened after the end");
        let Some(key) = entry.event.step().cloned() else {
            self.over = entry.event.is_last();
            return;
        };
        if let RunEvent::StepCancelled { .. } = &entry.event {
            assert!(self.open.remove(&key).is_some(), "{key} was cancelled but not open");
            assert!(self.is_cut(&key), "{key} was cancelled in an iteration that continues");
            return;
        }
        self.keep_open(&key, &entry.event);
        self.check_iteration(&key);
        match &entry.event {
            RunEvent::StepStarted { attempt, .. } => {
                assert!(!self.endings.contains_key(&key), "{key} started after its end");
                assert!(!self.loops.contains_key(&key), "{key} is already looping");
                assert!(self.may_run(&key), "{key} started before its inputs");
                assert!(!self.node(&key).settings.disabled);
                let starts = self.starts.entry(key).or_default();
                *starts += 1;
                assert_eq!(attempt, starts);
            }
            RunEvent::StepWaiting { wait, .. } => {
                self.due.extend(wait.due.map(|due| (key, due)));
            }
            RunEvent::StepRetrying { .. } => drop(self.due.remove(&key)),
            RunEvent::StepLooping { looping, .. } => {
                assert!(self.loops.insert(key, looping.clone()).is_none());
            }
            RunEvent::StepCompleted { done, .. } => {
                if let Some(due) = self.due.get(&key) {
                    assert!(entry.at >= *due, "{key} did not wait");
                }
                if let Some(looping) = self.loops.get(&key) {
                    self.check_results(&key, looping, done.output.as_array().unwrap().len());
                }
                self.end(key, Some(done.handles.clone()));
            }
            RunEvent::StepFailed { .. } => self.see_failure(key),
            RunEvent::StepSkipped { .. } => {
                let passed = self.node(&key).settings.disabled && self.may_run(&key);
                assert!(passed || (self.is_off(&key) && key.node != "n0"), "{key} skipped on its path");
                self.end(key, passed.then(|| vec!["out".to_owned()]));
            }
            _ => {}
        }
    }

    fn see_failure(&mut self, key: StepKey) {
        let handle = match self.node(&key).settings.on_error {
            OnError::Branch => "error",
            OnError::Continue => "out",
            OnError::Fail => {
                if let Some(iteration) = self.owner(&key) {
                    self.broken.insert(iteration);
                }
                "out"
            }
        };
        self.end(key, Some(vec![handle.to_owned()]));
    }

    fn check_results(&self, key: &StepKey, looping: &LoopPlan, results: usize) {
        let items = u32::try_from(looping.items.len()).unwrap();
        let broken = (0..items).filter(|&i| self.broken.contains(&(key.clone(), i))).count();
        for index in 0..items {
            let ended = self.iteration_ended(key, index) || self.broken.contains(&(key.clone(), index));
            assert!(ended, "{key} completed before its iteration {index}");
        }
        let expected = match looping.on_item_error {
            OnItemError::Fail => {
                assert_eq!(broken, 0, "{key} completed although an item failed");
                looping.items.len()
            }
            OnItemError::Skip => looping.items.len() - broken,
            OnItemError::Collect => looping.items.len(),
        };
        assert_eq!(results, expected, "{key} has the wrong number of results");
    }
}

/// Returns the expected ending of every step of a run that no failure, termination or crash ended early.
pub fn expected(plan: &WorkflowPlan) -> HashMap<StepKey, Ending> {
    let mut model = Model::new(plan);
    expect(plan, &mut model, None, "");
    model.endings
}

fn expect(plan: &WorkflowPlan, model: &mut Model<'_>, parent: Option<&str>, iteration: &str) {
    for node in plan.body(parent) {
        let key = StepKey { node: node.id.clone(), iteration: iteration.to_owned() };
        let runs = model.may_run(&key);
        let index: usize = node.id[1..].parse().unwrap();
        let attempts = node.settings.retry.as_ref().map_or(1, |r| r.max_attempts);
        let mut acts = plan.acts[index].iter().take(attempts as usize);
        let act = acts.find(|act| !matches!(act, PlannedOutcome::Soft | PlannedOutcome::Call(None)));
        let handles = match act {
            _ if node.settings.disabled => vec!["out"],
            Some(PlannedOutcome::Done(handle) | PlannedOutcome::Wait(handle) | PlannedOutcome::Call(Some(handle))) => {
                vec![*handle]
            }
            Some(PlannedOutcome::End { .. }) => vec![],
            Some(PlannedOutcome::Loop { items, .. }) => {
                for item in 0..if runs { *items } else { 0 } {
                    let inner = if iteration.is_empty() { item.to_string() } else { format!("{iteration}/{item}") };
                    expect(plan, model, Some(&node.id), &inner);
                }
                vec!["out"]
            }
            _ if node.settings.on_error == OnError::Branch => vec!["error"],
            _ => vec!["out"],
        };
        let handles = handles.into_iter().map(str::to_owned).collect();
        model.end(key, runs.then_some(handles));
    }
}
