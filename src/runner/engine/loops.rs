//! Loops: a body that runs once for each item, several iterations at a time.
use super::{
    Iteration, LoopPlan, RunEvent, RunState, StepKey, StepNotes, StepPlace, StepResult, board::Phase, result::result,
    rounds::LoopProgress,
};
use crate::{clock::Time, model::run::Failure};
use serde_json::Value;

impl RunState {
    /// Starts the loop at `place`, which times out at `until`.
    pub(super) fn apply_looping(&mut self, place: &StepPlace, looping: LoopPlan, until: Option<Time>) {
        let graph = self.graph();
        let mut rounds = LoopProgress::new(looping);
        if graph.body(Some(place.node)).nodes.is_empty() {
            // an empty body: the loop ends at once, without results
            rounds.next = u32::try_from(rounds.looping.items.len()).unwrap_or(u32::MAX);
        }
        if self.board.set(&graph, place, Phase::Looping { rounds: Box::new(rounds), until }) {
            self.open_rounds(place);
        }
    }

    fn rounds(&mut self, place: &StepPlace) -> Option<&mut LoopProgress> {
        let graph = self.graph();
        match &mut self.board.step_mut(&graph, place)?.phase {
            Phase::Looping { rounds, .. } => Some(rounds),
            _ => None,
        }
    }

    /// Opens as many iterations as may run, and notes when the loop is over.
    fn open_rounds(&mut self, place: &StepPlace) {
        let graph = self.graph();
        while let Some(index) = self.rounds(place).and_then(LoopProgress::take) {
            let round = Iteration::nth(place, index);
            self.board.open(&graph, round.clone());
            for &node in &graph.body(Some(place.node)).nodes {
                if graph.vertices()[node].incoming.is_empty() {
                    let entry = StepPlace { path: round.path.clone(), node };
                    self.board.set(&graph, &entry, Phase::Ready);
                    self.changed.push_back(entry);
                }
            }
        }
        if self.rounds(place).is_some_and(|rounds| rounds.is_over()) {
            self.over_loops.push_back(place.clone());
        }
    }

    /// Ends the iteration of `place` if all of its steps have ended.
    pub(super) fn end_round_of(&mut self, place: &StepPlace) {
        let graph = self.graph();
        let Some(round) = place.round(&graph) else { return };
        if self.board.frame(&graph, place).is_none_or(|frame| frame.left > 0) {
            return;
        }
        let Some(frame) = self.board.close(&graph, &round, &mut self.cut) else { return };
        let owner = round.owner();
        let index = round.index();
        if let Some(rounds) = self.rounds(&owner) {
            rounds.open.remove(&index);
            rounds.keep(index, result(&graph, &round, &frame));
        }
        self.after_round(&owner);
    }

    /// Ends an iteration in which a step failed permanently. The loop's settings decide whether the loop fails.
    pub(super) fn fail_round(&mut self, round: &Iteration, error: &Failure, cause: &StepKey) {
        let graph = self.graph();
        self.board.close(&graph, round, &mut self.cut);
        let owner = round.owner();
        let index = round.index();
        if let Some(rounds) = self.rounds(&owner) {
            rounds.open.remove(&index);
            rounds.fail(index, error, cause);
        }
        self.after_round(&owner);
    }

    fn after_round(&mut self, owner: &StepPlace) {
        if self.rounds(owner).is_some_and(|rounds| rounds.failure.is_some()) {
            self.cut_rounds(owner);
        }
        self.open_rounds(owner);
    }

    /// Drops the open iterations of the loop at `owner`.
    pub(super) fn cut_rounds(&mut self, owner: &StepPlace) {
        let graph = self.graph();
        let Some(rounds) = self.rounds(owner) else { return };
        for index in std::mem::take(&mut rounds.open) {
            self.board.close(&graph, &Iteration::nth(owner, index), &mut self.cut);
        }
    }

    /// Returns the last event of a loop that is over; `None` if it has already ended, for example because it timed out.
    pub(super) fn loop_ending(&mut self, place: &StepPlace) -> Option<RunEvent> {
        let graph = self.graph();
        let rounds = self.rounds(place).filter(|rounds| rounds.is_over())?;
        let step = place.key(&graph);
        let notes = StepNotes::default();
        if let Some(error) = rounds.failure.take() {
            return Some(RunEvent::StepFailed { step, error, notes });
        }
        let results = std::mem::take(&mut rounds.results).into_iter().flatten().collect();
        Some(RunEvent::StepCompleted { step, done: StepResult::out(Value::Array(results)), notes })
    }
}
