//! How each event changes the state of a run.
use super::{
    EndEffect, RunEvent, RunState, StepPlace, StepResult, Vertex,
    board::{EdgeState, Phase},
    graph::JoinRule,
};
use crate::{
    clock::Time,
    model::{
        run::{Failure, Status},
        workflow::OnError,
    },
};
use serde_json::Value;
use std::time::Duration;

impl RunState {
    /// Applies an event. This is the only place that changes the stored state, so a replay gives the same state.
    pub(super) fn apply(&mut self, at: Time, event: &RunEvent) {
        match event {
            RunEvent::RunStarted { from } => {
                self.from = from.as_ref().and_then(|id| self.graph.index_of(id));
                self.apply_begin(at);
            }
            RunEvent::RunWaiting { .. } => self.status = Status::Waiting,
            RunEvent::RunCompleted { .. } => self.apply_over(Status::Completed),
            RunEvent::RunFailed { .. } => self.apply_over(Status::Failed),
            RunEvent::RunCancelled { .. } => self.apply_over(Status::Cancelled),
            // its iteration no longer exists
            RunEvent::StepCancelled { step } => {
                let graph = self.graph();
                let is_it = |place: &StepPlace| place.key(&graph) == *step;
                if self.dropped.unrecorded.front().is_some_and(is_it) {
                    self.dropped.unrecorded.pop_front();
                } else {
                    self.dropped.unrecorded.retain(|place| !is_it(place));
                }
            }
            _ => {
                self.status = Status::Running;
                let place = event.step().and_then(|step| StepPlace::find(&self.graph, step));
                if let Some(place) = place {
                    self.apply_step(at, &place, event);
                }
            }
        }
    }

    /// Ends the run and all open steps; the run's last entry covers them.
    fn apply_over(&mut self, status: Status) {
        self.status = status;
        self.board.clear();
        self.dropped.unrecorded.clear();
        self.changed.clear();
        self.over_loops.clear();
    }

    fn apply_begin(&mut self, at: Time) {
        let graph = self.graph();
        self.status = Status::Running;
        self.deadline = self.time_limit.map(|limit| at.plus(limit));
        self.board.set(&graph, &StepPlace::root(graph.start()), Phase::Ready);
        // unreachable nodes are skipped right away; a disabled start node continues through `out`
        self.changed.extend(graph.body(None).nodes.iter().copied().map(StepPlace::root));
    }

    fn apply_step(&mut self, at: Time, place: &StepPlace, event: &RunEvent) {
        let graph = self.graph();
        let Some(step) = self.board.step_mut(&graph, place) else { return };
        match event {
            RunEvent::StepStarted { attempt, .. } => {
                step.attempt = *attempt;
                step.since = Some(at);
                self.board.set(&graph, place, Phase::Running);
            }
            RunEvent::StepRetrying { due, .. } => {
                step.failures += 1;
                self.dropped.children.extend(step.phase.child());
                self.board.set(&graph, place, Phase::Retrying { due: *due });
            }
            RunEvent::StepWaiting { wait, .. } => {
                let until = self.until(place);
                let phase = Phase::Waiting { due: wait.due, until, then: wait.then.clone(), child: wait.child };
                self.board.set(&graph, place, phase);
            }
            RunEvent::StepLooping { looping, .. } => {
                let until = self.until(place);
                self.apply_looping(place, looping.clone(), until);
            }
            RunEvent::StepCompleted { done, .. } => {
                self.board.set(&graph, place, Phase::Completed);
                self.leave(place, &done.output, |handle| done.handles.iter().any(|one| one == handle));
                if let Some(ends) = done.ends {
                    self.apply_end(place, done, ends);
                }
            }
            RunEvent::StepFailed { error, .. } => self.apply_failure(place, event, error),
            RunEvent::StepSkipped { .. } => {
                // a disabled step that is ready continues through `out`; any other skipped step is off the path
                let passed = step.phase == Phase::Ready;
                self.board.set(&graph, place, Phase::Skipped);
                self.leave(place, &Value::Null, |handle| passed && handle == "out");
            }
            _ => {}
        }
    }

    /// Returns when the current attempt of the step at `place` times out; `None` without a timeout.
    fn until(&self, place: &StepPlace) -> Option<Time> {
        let limit = self.graph.vertices()[place.node].settings.timeout_ms?;
        let since = self.board.step(&self.graph, place)?.since?;
        Some(since.plus(Duration::from_millis(limit)))
    }

    fn apply_failure(&mut self, place: &StepPlace, event: &RunEvent, error: &Failure) {
        let graph = self.graph();
        let mut cause = place.key(&graph);
        match self.phase(place) {
            Some(Phase::Looping { progress, .. }) => {
                cause = progress.cause().cloned().unwrap_or(cause);
                self.drop_iterations(place);
            }
            Some(phase) => self.dropped.children.extend(phase.child()),
            None => {}
        }
        self.board.set(&graph, place, Phase::Failed);
        let output = event.output().unwrap_or_default();
        match (graph.vertices()[place.node].settings.on_error, place.iteration(&graph)) {
            (OnError::Fail, Some(iteration)) => self.fail_iteration(&iteration, error, &cause),
            (OnError::Fail, None) => {
                self.failure = Some(error.clone());
                self.cause = Some(cause);
                self.over = true;
            }
            (OnError::Continue, _) => self.leave(place, &output, |handle| handle == "out"),
            (OnError::Branch, _) => self.leave(place, &output, |handle| handle == "error"),
        }
    }

    fn apply_end(&mut self, place: &StepPlace, done: &StepResult, ends: EndEffect) {
        if !ends.silent {
            self.output = done.output.clone();
        }
        if ends.failed {
            let name = &self.graph.vertices()[place.node].name;
            let why = format!("the run reached `{name}`, which ends the run as failed");
            self.failure = Some(Failure::new("ENDED_AS_FAILED", why));
            self.cause = Some(place.key(&self.graph));
        }
        self.over |= ends.terminate;
    }

    /// Decides the edges that leave `place` and marks their targets as ready. Ends the iteration if this was its last
    /// step.
    fn leave(&mut self, place: &StepPlace, output: &Value, taken: impl Fn(&str) -> bool) {
        let graph = self.graph();
        let vertex = &graph.vertices()[place.node];
        let mut continues = false;
        for &edge in &vertex.outgoing {
            let arc = &graph.edges()[edge];
            let edge_state = if taken(&arc.handle) { EdgeState::Taken } else { EdgeState::Dead };
            continues |= edge_state == EdgeState::Taken;
            if let Some(frame) = self.board.frame_mut(&graph, place) {
                frame.edge_states[arc.slot] = edge_state;
            }
            let target = place.beside(arc.target);
            if self.phase(&target) == Some(&Phase::Pending) && self.is_ready(&target, &graph.vertices()[arc.target]) {
                self.board.set(&graph, &target, Phase::Ready);
            }
            self.changed.push_back(target);
        }
        if vertex.parent.is_some() {
            let may_be_last = vertex.may_be_last && (continues || vertex.outgoing.is_empty());
            if let Some(step) = self.board.step_mut(&graph, place).filter(|step| step.phase != Phase::Skipped) {
                step.output = may_be_last.then(|| output.clone());
            }
            self.end_iteration_of(place);
        }
    }

    fn count(&self, place: &StepPlace, vertex: &Vertex, edge_state: EdgeState) -> usize {
        let Some(frame) = self.board.frame(&self.graph, place) else { return 0 };
        let has_state = |edge: &&usize| frame.edge_states[self.graph.edges()[**edge].slot] == edge_state;
        vertex.incoming.iter().filter(has_state).count()
    }

    fn is_ready(&self, place: &StepPlace, vertex: &Vertex) -> bool {
        let taken = self.count(place, vertex, EdgeState::Taken);
        match vertex.meet {
            JoinRule::All => taken > 0 && self.count(place, vertex, EdgeState::Undecided) == 0,
            JoinRule::Taken(enough) => taken >= enough,
        }
    }

    pub(super) fn must_skip(&self, place: &StepPlace) -> bool {
        let vertex = &self.graph.vertices()[place.node];
        match self.phase(place) {
            // every incoming edge is decided, and too few are taken
            Some(Phase::Pending) => {
                self.count(place, vertex, EdgeState::Undecided) == 0 && !self.is_ready(place, vertex)
            }
            Some(Phase::Ready) => vertex.settings.disabled,
            _ => false,
        }
    }
}
