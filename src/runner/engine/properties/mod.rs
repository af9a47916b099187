//! Checks random graphs with loops, failures, waits and crashes against a simple model of the scheduling rules.
#![allow(clippy::unwrap_used)]
mod model;
mod plan;

use super::{
    Board, EndEffect, Graph, LoopPlan, OnItemError, Phase, ReusedResults, RunEntry, RunEvent, RunState, StepKey,
    StepNotes, StepOutcome, StepPlace, StepResult, Wait,
};
use crate::{
    clock::Time,
    model::{
        run::{Failure, Status},
        workflow::{OnError, OnInterrupt},
    },
};
use model::{Model, expected};
use plan::{ABORT, CRASH, PlannedOutcome, WorkflowPlan, plan};
use proptest::prelude::*;
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Executes a plan step by step, with crashes where the plan contains them.
struct World<'a> {
    plan: &'a WorkflowPlan,
    model: Model<'a>,
    graph: Arc<Graph>,
    run: RunState,
    journal: Vec<(Time, String)>,
    /// The runs that steps called, and whether each was stopped as orphaned.
    called: HashMap<Uuid, bool>,
    calls: u128,
    /// The number of executions of each step.
    failures: HashMap<StepPlace, usize>,
    now: Time,
}

impl<'a> World<'a> {
    fn new(plan: &'a WorkflowPlan) -> Self {
        let graph = Arc::new(Graph::new(&plan.workflow).unwrap());
        let run = RunState::new(Arc::clone(&graph), 7, None);
        let model = Model::new(plan);
        Self {
            plan,
            model,
            graph,
            run,
            journal: Vec::new(),
            called: HashMap::new(),
            calls: 0,
            failures: HashMap::new(),
            now: Time(0),
        }
    }

    fn commit(&mut self, mut fresh: Vec<RunEntry>) {
        fresh.extend(self.run.settle(self.now));
        fresh.extend(self.run.start(3, self.now).1);
        for entry in fresh {
            self.model.observe(&entry);
            assert_eq!(entry.seq, self.journal.len() as u64 + 1);
            self.journal.push((entry.at, serde_json::to_string(&entry.event).unwrap()));
            if let RunEvent::StepCancelled { step } = &entry.event {
                self.finish_late(step);
            }
        }
        self.check_open();
        let mut replayed = self.replayed();
        self.compare(&replayed);
        assert!(replayed.settle(self.now).is_empty());
    }

    /// Finishes the execution of a cancelled step: the run that it called must be stopped.
    fn finish_late(&mut self, step: &StepKey) {
        let place = StepPlace::find(&self.graph, step).unwrap();
        let outcome = self.call();
        assert!(self.run.finish(&place, outcome, StepNotes::default(), self.now).is_empty());
    }

    fn call(&mut self) -> StepOutcome {
        let child = Uuid::from_u128(self.calls);
        self.calls += 1;
        self.called.insert(child, false);
        StepOutcome::Wait(Box::new(Wait { child: Some(child), ..Wait::default() }))
    }

    /// Checks that the same steps and called runs are open in memory and in the journal. All other called runs must be
    /// stopped.
    fn check_open(&mut self) {
        for child in self.run.take_children() {
            assert_eq!(self.called.insert(child, true), Some(false), "{child} was stopped twice, or never called");
        }
        self.model.settled();
        let board = &self.run.board;
        let count = |is: fn(&Phase) -> bool| board.steps(&self.graph).filter(|(_, step)| is(&step.phase)).count();
        assert_eq!(board.running(), count(|phase| *phase == Phase::Running));
        assert_eq!(board.active(), count(Phase::is_active));
        if self.model.over {
            assert_eq!((board.active(), board.next_due()), (0, None));
            return;
        }
        let waited: HashSet<Uuid> = self.model.open.values().flatten().copied().collect();
        assert_eq!(self.run.children().into_iter().map(|(_, child)| child).collect::<HashSet<_>>(), waited);
        let live = self.called.iter().filter(|(_, is_stopped)| !**is_stopped).map(|(child, _)| *child);
        assert_eq!(live.collect::<HashSet<_>>(), waited);
    }

    /// Ends the called run that was called first.
    fn answer(&mut self) -> Vec<RunEntry> {
        let (place, child) = self.run.children().into_iter().min_by_key(|(_, child)| *child).unwrap();
        self.called.remove(&child);
        let act = self.plan.acts[place.node][self.failures[&place] - 1];
        let answer = match act {
            PlannedOutcome::Call(Some(handle)) => Ok(StepResult::through(handle, json!(place.node))),
            _ => Err(Failure { transient: true, ..Failure::new("X", "x") }),
        };
        self.run.answer(&place, answer, self.now)
    }

    /// Memory may differ from the journal only in steps that are ready to run again.
    fn compare(&self, replayed: &RunState) {
        assert_eq!((replayed.status(), replayed.seq()), (self.run.status(), self.run.seq()));
        let steps = |board: &Board| -> BTreeMap<StepPlace, (Phase, u32)> {
            board.steps(&self.graph).map(|(place, step)| (place, (step.phase.clone(), step.attempt))).collect()
        };
        let (there, here) = (steps(&replayed.board), steps(&self.run.board));
        assert_eq!(there.keys().collect::<Vec<_>>(), here.keys().collect::<Vec<_>>());
        for (place, (phase, attempt)) in here {
            let (stored, attempts) = &there[&place];
            let again = matches!(stored, Phase::Running | Phase::Retrying { .. });
            if phase != Phase::Ready || !again {
                assert_eq!(*stored, phase);
            }
            assert_eq!(*attempts, attempt);
        }
    }

    fn replayed(&self) -> RunState {
        let mut run = RunState::new(Arc::clone(&self.graph), 7, None);
        for (i, (at, line)) in self.journal.iter().enumerate() {
            let event = serde_json::from_str(line).unwrap();
            run.replay(&RunEntry { seq: i as u64 + 1, at: *at, event });
        }
        assert!(run.settle(self.now).is_empty());
        run.take_children();
        run
    }

    fn outcome(&mut self, place: &StepPlace) -> StepOutcome {
        let failures = self.failures.entry(place.clone()).or_default();
        let act = self.plan.acts[place.node][*failures];
        *failures += 1;
        match act {
            PlannedOutcome::Done(handle) => StepOutcome::Done(StepResult::through(handle, json!(place.node))),
            PlannedOutcome::Wait(handle) => {
                let due = Some(Time(self.now.0 + 1000));
                let then = StepResult::through(handle, json!(place.node));
                StepOutcome::Wait(Box::new(Wait { due, then, ..Wait::default() }))
            }
            PlannedOutcome::Call(_) => self.call(),
            PlannedOutcome::Loop { items, concurrency, on_item_error } => StepOutcome::Loop(LoopPlan {
                items: (0..items).map(|item| json!(item)).collect(),
                concurrency,
                on_item_error,
            }),
            PlannedOutcome::Soft => StepOutcome::Failed(Failure { transient: true, ..Failure::new("X", "x") }),
            PlannedOutcome::Hard => StepOutcome::Failed(Failure::new("X", "x")),
            PlannedOutcome::End { failed, terminate } => {
                let ends = Some(EndEffect { failed, terminate, silent: false });
                StepOutcome::Done(StepResult { output: json!(place.node), handles: vec![], ends })
            }
        }
    }

    fn play(&mut self) -> Status {
        let fresh = self.run.begin(self.now, ReusedResults::default());
        self.commit(fresh);
        let mut choices = self.plan.choices.iter();
        for _ in 0..5000 {
            if self.run.status().is_final() {
                return self.run.status();
            }
            let choice = choices.next().copied().unwrap_or(255);
            let running = self.run.running();
            self.now.0 += 1;
            let fresh = if choice == ABORT {
                self.run.abort(Failure::new("X", "x"), self.now)
            } else if choice < CRASH {
                self.run = self.replayed();
                let mut fresh = self.run.recover(self.now);
                fresh.extend(self.run.wake(self.now));
                fresh
            } else if running.is_empty() && !self.run.children().is_empty() && choice % 2 == 0 {
                self.answer()
            } else if running.is_empty() {
                match self.run.next_due() {
                    Some(due) => {
                        self.now = due.max(self.now);
                        self.run.wake(self.now)
                    }
                    None => self.answer(),
                }
            } else {
                let place = &running[usize::from(choice) % running.len()];
                let outcome = self.outcome(place);
                self.run.finish(place, outcome, StepNotes::default(), self.now)
            };
            self.commit(fresh);
        }
        panic!("the run does not end");
    }
}

#[test]
fn iterations_that_are_dropped_during_recovery_end_once() {
    let inner =
        json!({"id": "n2", "type": "javascript", "name": "n2", "parentID": "n1", "settings": {"onInterrupt": "fail"}});
    let nodes = json!([{"id": "n0", "type": "start", "name": "n0"}, {"id": "n1", "type": "loop", "name": "n1"}, inner]);
    let edges = json!([{"id": "e0", "source": "n0", "target": "n1"}]);
    let looping = PlannedOutcome::Loop { items: 4, concurrency: 3, on_item_error: OnItemError::Fail };
    for crash in 0..6 {
        let plan = WorkflowPlan {
            workflow: serde_json::from_value(json!({"nodes": nodes, "edges": edges})).unwrap(),
            acts: [PlannedOutcome::Done("out"), looping, PlannedOutcome::Done("out")].map(|act| vec![act; 4]).to_vec(),
            choices: (0..6).map(|at| if at == crash { 0 } else { u8::MAX }).collect(),
        };
        assert!(World::new(&plan).play().is_final());
    }
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
    fn every_step_has_its_ending_whatever_the_order(mut plan in plan()) {
        for (node, acts) in plan.workflow.nodes.iter_mut().zip(&mut plan.acts) {
            if node.settings.on_error == OnError::Fail {
                node.settings.on_error = OnError::Continue;
            }
            node.settings.on_interrupt = OnInterrupt::Retry;
            node.settings.timeout_ms = None;
            for act in acts {
                if let PlannedOutcome::End { terminate, .. } = act {
                    *terminate = false;
                }
            }
        }
        plan.choices.iter_mut().filter(|choice| **choice == ABORT).for_each(|choice| *choice += 1);
        let mut world = World::new(&plan);
        world.play();
        prop_assert_eq!(&world.model.endings, &expected(&plan));
    }
}
