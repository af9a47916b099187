//! The state of a run, folded from its journal, and the decisions that follow from it.
use super::{
    Graph, Iteration, LoopPlan, ReusedResults, RunEntry, RunEvent, StepKey, StepNotes, StepPlace, StepResult, Wait,
    board::{Board, DroppedSteps, Phase, StepState},
    retry::backoff,
};
use crate::{
    clock::Time,
    model::{
        run::{Failure, Status},
        workflow::OnInterrupt,
    },
};
use serde_json::Value;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use uuid::Uuid;

/// How often a step may be interrupted by the end of the process before it is assumed to be the cause.
const MAX_INTERRUPTIONS: u32 = 20;

/// Maximum delay before a retry that another system may request (`Retry-After`).
const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// The outcome of a step's execution.
#[derive(Clone, Debug, PartialEq)]
pub enum StepOutcome {
    Done(StepResult),
    Wait(Box<Wait>),
    Loop(LoopPlan),
    Failed(Failure),
}

/// A run in memory. Replaying its journal gives the same state, event by event.
#[derive(Clone, Debug)]
pub struct RunState {
    pub(super) graph: Arc<Graph>,
    /// The seed of the jitter, so that retries of different runs are spread.
    seed: u64,
    pub(super) time_limit: Option<Duration>,
    pub(super) status: Status,
    seq: u64,
    pub(super) deadline: Option<Time>,
    pub(super) board: Board,
    /// Steps that may have to be skipped, because their incoming edges changed.
    pub(super) changed: VecDeque<StepPlace>,
    /// Loops that are over, whether they succeeded or failed.
    pub(super) over_loops: VecDeque<StepPlace>,
    pub(super) dropped: DroppedSteps,
    pub(super) output: Value,
    pub(super) failure: Option<Failure>,
    /// The step that failed the run. In a loop, the step in its body.
    pub(super) cause: Option<StepKey>,
    /// The node from which an earlier run is replayed.
    pub(super) from: Option<usize>,
    /// Whether a step failed permanently, or an `end` step cancels the rest.
    pub(super) over: bool,
}

impl RunState {
    pub fn new(graph: Arc<Graph>, seed: u64, time_limit: Option<Duration>) -> Self {
        Self {
            seed,
            time_limit,
            status: Status::Pending,
            seq: 0,
            deadline: None,
            board: Board::new(&graph),
            changed: VecDeque::new(),
            over_loops: VecDeque::new(),
            dropped: DroppedSteps::default(),
            output: Value::Null,
            failure: None,
            cause: None,
            from: None,
            over: false,
            graph,
        }
    }

    pub fn status(&self) -> Status {
        self.status
    }
    /// Returns the number of the journal's last entry.
    pub fn seq(&self) -> u64 {
        self.seq
    }
    pub fn graph(&self) -> Arc<Graph> {
        Arc::clone(&self.graph)
    }
    /// Returns the phase of a step; `None` if its iteration is not open.
    pub fn phase(&self, place: &StepPlace) -> Option<&Phase> {
        self.board.step(&self.graph, place).map(|step| &step.phase)
    }
    pub fn attempt(&self, place: &StepPlace) -> u32 {
        self.board.step(&self.graph, place).map_or(0, |step| step.attempt)
    }
    /// Returns whether any step is being executed.
    pub fn is_busy(&self) -> bool {
        self.board.running() > 0
    }
    /// Returns whether an iteration is open.
    pub fn has_iteration(&self, iteration: &Iteration) -> bool {
        self.board.has_iteration(iteration)
    }
    /// Returns the item of an iteration.
    pub fn item(&self, iteration: &Iteration) -> Option<&Value> {
        match self.phase(&iteration.owner())? {
            Phase::Looping { progress, .. } => progress.item(iteration.index()),
            _ => None,
        }
    }
    /// Returns whether running steps were dropped since the last call.
    pub fn take_dropped(&mut self) -> bool {
        std::mem::take(&mut self.dropped.has_new)
    }
    /// Returns the child runs that steps have stopped waiting for since the last call.
    pub fn take_children(&mut self) -> Vec<Uuid> {
        std::mem::take(&mut self.dropped.children)
    }
    /// Returns the step that failed the run; in a loop, the step in its body. `None` if the run failed as a whole.
    pub fn cause(&self) -> Option<&StepKey> {
        self.cause.as_ref()
    }
    /// Returns how many attempts of the step failed and were retried.
    pub fn failures(&self, place: &StepPlace) -> u32 {
        self.board.step(&self.graph, place).map_or(0, |step| step.failures)
    }
    /// Returns the approximate memory of the results of its loops, in bytes.
    pub fn held(&self) -> usize {
        let held = |(_, step): (StepPlace, &StepState)| match &step.phase {
            Phase::Looping { progress, .. } => progress.held(),
            _ => 0,
        };
        self.board.steps(&self.graph).map(held).sum()
    }
    /// Returns the steps that have begun and not ended, each with the number of its failed attempts.
    pub fn open(&self) -> impl Iterator<Item = (StepPlace, u32)> {
        let open = |(place, step): (StepPlace, &StepState)| step.phase.is_active().then_some((place, step.failures));
        self.board.steps(&self.graph).filter_map(open)
    }
    /// Returns the steps that wait for the end of another run.
    pub fn children(&self) -> Vec<(StepPlace, Uuid)> {
        let child = |(place, step): (StepPlace, &StepState)| Some((place, step.phase.child()?));
        self.board.steps(&self.graph).filter_map(child).collect()
    }

    /// Returns the next time at which a step or the run itself is due.
    pub fn next_due(&self) -> Option<Time> {
        self.board.next_due().into_iter().chain(self.deadline).min()
    }

    /// Applies an entry of the journal.
    pub fn replay(&mut self, entry: &RunEntry) {
        self.seq = entry.seq;
        self.apply(entry.at, &entry.event);
    }

    /// Begins a run that has no journal yet, with what it reuses from an earlier run.
    pub fn begin(&mut self, now: Time, inherited: ReusedResults) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        self.record(now, RunEvent::RunStarted { from: inherited.from }, &mut fresh);
        fresh.extend(self.settle(now));
        for event in inherited.endings {
            fresh.extend(self.take_over(event, now));
        }
        fresh
    }

    /// Records how a step ended in an earlier run, and what follows from it.
    pub fn take_over(&mut self, event: RunEvent, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        self.record(now, event, &mut fresh);
        fresh.extend(self.settle(now));
        fresh
    }

    /// Returns the steps that are being executed.
    pub fn running(&self) -> Vec<StepPlace> {
        let running = |(place, step): (StepPlace, &StepState)| (step.phase == Phase::Running).then_some(place);
        let mut running: Vec<_> = self.board.steps(&self.graph).filter_map(running).collect();
        running.sort_unstable();
        running
    }

    /// Recovers after the process ended: steps that were running run again, or fail if their settings say so.
    pub fn recover(&mut self, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        let graph = self.graph();
        for place in self.running() {
            // the failure of a step before it may have dropped its iteration
            if self.phase(&place) != Some(&Phase::Running) {
                continue;
            }
            let interruptions = self.board.step(&graph, &place).map_or(0, |step| step.attempt - step.failures);
            let retries = graph.vertices()[place.node].settings.on_interrupt == OnInterrupt::Retry;
            if retries && interruptions <= MAX_INTERRUPTIONS {
                self.board.set(&graph, &place, Phase::Ready);
                continue;
            }
            let event = RunEvent::StepFailed {
                step: place.key(&graph),
                error: Failure::new("INTERRUPTED", "the server stopped while this step ran"),
                notes: StepNotes::default(),
            };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// Applies everything that is due: waits end, retries become ready, steps and the run time out.
    pub fn wake(&mut self, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        if self.status.is_final() {
            return fresh;
        }
        let graph = self.graph();
        while let Some(place) = self.board.pop_due(now) {
            let event = match self.phase(&place) {
                Some(Phase::Retrying { .. }) => {
                    self.board.set(&graph, &place, Phase::Ready);
                    continue;
                }
                Some(Phase::Waiting { due: Some(due), until, then, .. }) if until.is_none_or(|until| *due <= until) => {
                    RunEvent::StepCompleted { step: place.key(&graph), done: then.clone(), notes: StepNotes::default() }
                }
                Some(Phase::Waiting { .. } | Phase::Looping { .. }) => self.late(&place, now),
                _ => continue,
            };
            self.record(now, event, &mut fresh);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            let error = Failure::new("TIMEOUT", "the run exceeded the timeout of its workflow");
            let event = RunEvent::RunFailed { error, output: self.output.clone() };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// Fails the run in any state.
    pub fn abort(&mut self, error: Failure, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        if !self.status.is_final() {
            let event = RunEvent::RunFailed { error: error.settled(), output: self.output.clone() };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// Records the outcome of the execution at `place`.
    pub fn finish(&mut self, place: &StepPlace, outcome: StepOutcome, notes: StepNotes, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        if self.status.is_final() || self.phase(place) != Some(&Phase::Running) {
            // the step was dropped during its execution: no step waits for the run that it started
            if let StepOutcome::Wait(wait) = outcome {
                self.dropped.children.extend(wait.child);
            }
            return fresh;
        }
        let step = place.key(&self.graph);
        let event = match outcome {
            StepOutcome::Done(done) => RunEvent::StepCompleted { step, done, notes },
            StepOutcome::Wait(wait) => RunEvent::StepWaiting { step, wait: *wait, notes },
            StepOutcome::Loop(looping) => RunEvent::StepLooping { step, looping, notes },
            StepOutcome::Failed(error) => self.failed(place, error, notes, now),
        };
        self.record(now, event, &mut fresh);
        fresh
    }

    /// Records the answer that the step at `place` waits for. Does nothing if it no longer waits.
    pub fn answer(&mut self, place: &StepPlace, answer: Result<StepResult, Failure>, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        if self.status.is_final() || !matches!(self.phase(place), Some(Phase::Waiting { .. })) {
            return fresh;
        }
        let (step, notes) = (place.key(&self.graph), StepNotes::default());
        let child = self.phase(place).and_then(Phase::child);
        let event = match answer {
            Ok(done) => RunEvent::StepCompleted { step, done, notes },
            Err(error) => self.failed(place, error, notes, now),
        };
        self.record(now, event, &mut fresh);
        // the child run has ended and does not have to be stopped
        self.dropped.children.retain(|other| Some(*other) != child);
        fresh
    }

    /// Applies everything that follows from the last events: skips steps that can no longer run, ends loops that are
    /// over, and ends the run when no step is left.
    pub fn settle(&mut self, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        while !self.over && !self.status.is_final() {
            if let Some(place) = self.dropped.unrecorded.front() {
                let step = place.key(&self.graph);
                self.record(now, RunEvent::StepCancelled { step }, &mut fresh);
            } else if let Some(place) = self.changed.pop_front() {
                if self.must_skip(&place) {
                    let step = place.key(&self.graph);
                    self.record(now, RunEvent::StepSkipped { step }, &mut fresh);
                }
            } else if let Some(place) = self.over_loops.pop_front() {
                if let Some(event) = self.loop_ending(&place) {
                    self.record(now, event, &mut fresh);
                }
            } else {
                break;
            }
        }
        if self.status.is_final() || (!self.over && self.board.active() > 0) {
            return fresh;
        }
        let output = self.output.clone();
        let event = match self.failure.clone().or_else(|| self.not_reached()) {
            Some(error) => RunEvent::RunFailed { error, output },
            None => RunEvent::RunCompleted { output },
        };
        self.record(now, event, &mut fresh);
        fresh
    }

    /// Returns the failure of a replay that did not reach the step from which it was to run again.
    fn not_reached(&self) -> Option<Failure> {
        let place = StepPlace::root(self.from?);
        let vertex = &self.graph.vertices()[place.node];
        let is_missing = self.attempt(&place) == 0 && !vertex.settings.disabled;
        is_missing.then(|| {
            let why = format!("the run ended without reaching `{}`, the step it was replayed from", vertex.name);
            Failure::new("STEP_NOT_REACHED", why)
        })
    }

    /// Starts ready steps while fewer than `limit` are running. The caller executes the returned steps.
    pub fn start(&mut self, limit: usize, now: Time) -> (Vec<StepPlace>, Vec<RunEntry>) {
        let mut fresh = Vec::new();
        let mut started = Vec::new();
        if self.status.is_final() {
            return (started, fresh);
        }
        let graph = self.graph();
        while self.board.running() < limit {
            let Some(place) = self.board.pop_ready(&graph) else { break };
            let attempt = self.attempt(&place) + 1;
            self.record(now, RunEvent::StepStarted { step: place.key(&graph), attempt }, &mut fresh);
            started.push(place);
        }
        (started, fresh)
    }

    /// Records that the run waits until the next due time.
    pub fn rest(&mut self, now: Time) -> Vec<RunEntry> {
        let mut fresh = Vec::new();
        let due = self.next_due();
        self.record(now, RunEvent::RunWaiting { due }, &mut fresh);
        fresh
    }

    fn record(&mut self, at: Time, event: RunEvent, fresh: &mut Vec<RunEntry>) {
        self.apply(at, &event);
        self.seq += 1;
        fresh.push(RunEntry { seq: self.seq, at, event });
    }

    /// Fails the waiting or looping step at `place` because it timed out.
    fn late(&self, place: &StepPlace, now: Time) -> RunEvent {
        let limit = self.graph.vertices()[place.node].settings.timeout_ms.unwrap_or_default();
        let error =
            Failure { transient: true, ..Failure::new("TIMEOUT", format!("the step took longer than {limit} ms")) };
        self.failed(place, error, StepNotes::default(), now)
    }

    fn failed(&self, place: &StepPlace, error: Failure, notes: StepNotes, now: Time) -> RunEvent {
        let step: StepKey = place.key(&self.graph);
        let failures = self.board.step(&self.graph, place).map_or(0, |step| step.failures) + 1;
        let retry = self.graph.vertices()[place.node].settings.retry.as_ref();
        let salt = place.path.iter().fold(place.node as u64, |salt, &index| salt.rotate_left(16) ^ u64::from(index));
        // a loop is not retried: its iterations would run again
        let loops = matches!(self.phase(place), Some(Phase::Looping { .. }));
        // a delay requested by the other system may exceed the maximum delay of the settings
        let asked = error.retry_after.unwrap_or_default().min(LONGEST_ASKED);
        match retry.filter(|retry| error.transient && failures < retry.max_attempts && !loops) {
            Some(retry) => RunEvent::StepRetrying {
                step,
                error: error.settled(),
                due: now.plus(backoff(retry, failures, self.seed ^ salt).max(asked)),
                notes,
            },
            None => RunEvent::StepFailed { step, error: error.settled(), notes },
        }
    }
}
