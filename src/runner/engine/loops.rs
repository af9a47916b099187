//! Loops: a body that runs once for each item, several iterations at a time.
use super::{
    Iteration, LoopPlan, RunEvent, RunState, StepKey, StepNotes, StepPlace, StepResult, board::Phase,
    loop_progress::LoopProgress, result::result,
};
use crate::{clock::Time, model::run::Failure};
use serde_json::Value;

impl RunState {
    /// Starts the loop at `place`, which times out at `until`.
    pub(super) fn apply_looping(&mut self, place: &StepPlace, looping: LoopPlan, until: Option<Time>) {
        let graph = self.graph();
        let mut progress = LoopProgress::new(looping);
        if graph.body(Some(place.node)).nodes.is_empty() {
            // an empty body: the loop ends at once, without results
            progress.next = u32::try_from(progress.looping.items.len()).unwrap_or(u32::MAX);
        }
        if self.board.set(&graph, place, Phase::Looping { progress: Box::new(progress), until }) {
            self.open_iterations(place);
        }
    }

    fn progress(&mut self, place: &StepPlace) -> Option<&mut LoopProgress> {
        let graph = self.graph();
        match &mut self.board.step_mut(&graph, place)?.phase {
            Phase::Looping { progress, .. } => Some(progress),
            _ => None,
        }
    }

    /// Opens as many iterations as may run, and notes when the loop is over.
    fn open_iterations(&mut self, place: &StepPlace) {
        let graph = self.graph();
        while let Some(index) = self.progress(place).and_then(LoopProgress::take) {
            let iteration = Iteration::nth(place, index);
            self.board.open(&graph, iteration.clone());
            for &node in &graph.body(Some(place.node)).nodes {
                if graph.vertices()[node].incoming.is_empty() {
                    let entry = StepPlace { path: iteration.path.clone(), node };
                    self.board.set(&graph, &entry, Phase::Ready);
                    self.changed.push_back(entry);
                }
            }
        }
        if self.progress(place).is_some_and(|progress| progress.is_over()) {
            self.over_loops.push_back(place.clone());
        }
    }

    /// Ends the iteration of `place` if all of its steps have ended.
    pub(super) fn end_iteration_of(&mut self, place: &StepPlace) {
        let graph = self.graph();
        let Some(iteration) = place.iteration(&graph) else { return };
        if self.board.frame(&graph, place).is_none_or(|frame| frame.left > 0) {
            return;
        }
        let Some(frame) = self.board.close(&graph, &iteration, &mut self.dropped) else { return };
        let owner = iteration.owner();
        let index = iteration.index();
        if let Some(progress) = self.progress(&owner) {
            progress.open.remove(&index);
            progress.keep(index, result(&graph, &iteration, &frame));
        }
        self.after_iteration(&owner);
    }

    /// Ends an iteration in which a step failed permanently. The loop's settings decide whether the loop fails.
    pub(super) fn fail_iteration(&mut self, iteration: &Iteration, error: &Failure, cause: &StepKey) {
        let graph = self.graph();
        self.board.close(&graph, iteration, &mut self.dropped);
        let owner = iteration.owner();
        let index = iteration.index();
        if let Some(progress) = self.progress(&owner) {
            progress.open.remove(&index);
            progress.fail(index, error, cause);
        }
        self.after_iteration(&owner);
    }

    fn after_iteration(&mut self, owner: &StepPlace) {
        if self.progress(owner).is_some_and(|progress| progress.failure.is_some()) {
            self.drop_iterations(owner);
        }
        self.open_iterations(owner);
    }

    /// Drops the open iterations of the loop at `owner`.
    pub(super) fn drop_iterations(&mut self, owner: &StepPlace) {
        let graph = self.graph();
        let Some(progress) = self.progress(owner) else { return };
        for index in std::mem::take(&mut progress.open) {
            self.board.close(&graph, &Iteration::nth(owner, index), &mut self.dropped);
        }
    }

    /// Returns the last event of a loop that is over; `None` if it has already ended, for example because it timed out.
    pub(super) fn loop_ending(&mut self, place: &StepPlace) -> Option<RunEvent> {
        let graph = self.graph();
        let progress = self.progress(place).filter(|progress| progress.is_over())?;
        let step = place.key(&graph);
        let notes = StepNotes::default();
        if let Some(error) = progress.failure.take() {
            return Some(RunEvent::StepFailed { step, error, notes });
        }
        let results = std::mem::take(&mut progress.results).into_iter().flatten().collect();
        Some(RunEvent::StepCompleted { step, done: StepResult::out(Value::Array(results)), notes })
    }
}
