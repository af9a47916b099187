//! The state of one run: a fold of its journal, and the decisions that follow from it.
use super::{
    Done, Entry, Event, Graph, Inherited, Looping, Notes, Place, Round, StepKey, Wait,
    board::{Board, Cut, Phase, Step},
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

/// How often one step may be interrupted by the end of the process before it is taken for the cause.
const MAX_INTERRUPTIONS: u32 = 20;

/// The longest wait before a retry that another system may ask for.
const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// What a step's execution came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Done),
    Wait(Box<Wait>),
    Loop(Looping),
    Failed(Failure),
}

/// A run in memory: replaying its journal gives the same state, event by event.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) graph: Arc<Graph>,
    /// Spreads the retries of different runs.
    seed: u64,
    pub(super) time_limit: Option<Duration>,
    pub(super) status: Status,
    seq: u64,
    pub(super) deadline: Option<Time>,
    pub(super) board: Board,
    /// Steps whose incoming edges changed and that may have to be skipped.
    pub(super) changed: VecDeque<Place>,
    /// Loops that have come to their end, for better or worse.
    pub(super) over_loops: VecDeque<Place>,
    pub(super) cut: Cut,
    pub(super) output: Value,
    pub(super) failure: Option<Failure>,
    /// The step that failed the run; in a loop the one inside.
    pub(super) cause: Option<StepKey>,
    /// The node from which an earlier run is run again.
    pub(super) from: Option<usize>,
    /// A step failed for good or an `end` step cancels the rest.
    pub(super) over: bool,
}

impl Run {
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
            cut: Cut::default(),
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
    /// The number of the journal's last entry.
    pub fn seq(&self) -> u64 {
        self.seq
    }
    pub fn graph(&self) -> Arc<Graph> {
        Arc::clone(&self.graph)
    }
    /// None where the round is not open.
    pub fn phase(&self, place: &Place) -> Option<&Phase> {
        self.board.step(&self.graph, place).map(|step| &step.phase)
    }
    pub fn attempt(&self, place: &Place) -> u32 {
        self.board.step(&self.graph, place).map_or(0, |step| step.attempt)
    }
    /// Whether some step is being executed.
    pub fn is_busy(&self) -> bool {
        self.board.running() > 0
    }
    /// Whether a round of a loop is under way.
    pub fn has_round(&self, round: &Round) -> bool {
        self.board.has_round(round)
    }
    /// The item that a round works on.
    pub fn item(&self, round: &Round) -> Option<&Value> {
        match self.phase(&round.owner())? {
            Phase::Looping { rounds, .. } => rounds.item(round.index()),
            _ => None,
        }
    }
    /// Whether steps were dropped while they were being executed, since this was last asked.
    pub fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.cut.has_new)
    }
    /// The runs that steps waited for and do not wait for any more, since this was last asked.
    pub fn take_children(&mut self) -> Vec<Uuid> {
        std::mem::take(&mut self.cut.children)
    }
    /// The step that failed the run; in a loop the one inside. None where it failed as a whole.
    pub fn cause(&self) -> Option<&StepKey> {
        self.cause.as_ref()
    }
    /// How often the step failed and is tried again.
    pub fn failures(&self, place: &Place) -> u32 {
        self.board.step(&self.graph, place).map_or(0, |step| step.failures)
    }
    /// About as many bytes of memory as the results of its loops take.
    pub fn held(&self) -> usize {
        let held = |(_, step): (Place, &Step)| match &step.phase {
            Phase::Looping { rounds, .. } => rounds.held(),
            _ => 0,
        };
        self.board.steps(&self.graph).map(held).sum()
    }
    /// Steps that have begun and not ended.
    pub fn open(&self) -> impl Iterator<Item = (Place, u32)> {
        let open = |(place, step): (Place, &Step)| step.phase.is_active().then_some((place, step.failures));
        self.board.steps(&self.graph).filter_map(open)
    }
    /// The steps that wait for the end of another run.
    pub fn children(&self) -> Vec<(Place, Uuid)> {
        let child = |(place, step): (Place, &Step)| Some((place, step.phase.child()?));
        self.board.steps(&self.graph).filter_map(child).collect()
    }

    /// The next moment at which something happens by itself.
    pub fn next_due(&self) -> Option<Time> {
        self.board.next_due().into_iter().chain(self.deadline).min()
    }

    /// Takes in an entry of the journal.
    pub fn replay(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        self.apply(entry.at, &entry.event);
    }

    /// Begins a run that has no journal yet, with what it takes over from the record of another.
    pub fn begin(&mut self, now: Time, inherited: Inherited) -> Vec<Entry> {
        let mut fresh = Vec::new();
        self.record(now, Event::RunStarted { from: inherited.from }, &mut fresh);
        fresh.extend(self.settle(now));
        for event in inherited.endings {
            fresh.extend(self.take_over(event, now));
        }
        fresh
    }

    /// Takes over how a step ended in another run, with what follows from it.
    pub fn take_over(&mut self, event: Event, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        self.record(now, event, &mut fresh);
        fresh.extend(self.settle(now));
        fresh
    }

    /// The steps that are being executed.
    pub fn running(&self) -> Vec<Place> {
        let running = |(place, step): (Place, &Step)| (step.phase == Phase::Running).then_some(place);
        let mut running: Vec<_> = self.board.steps(&self.graph).filter_map(running).collect();
        running.sort_unstable();
        running
    }

    /// After the end of the process: what was running runs again, or fails when it may not.
    pub fn recover(&mut self, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        let graph = self.graph();
        for place in self.running() {
            let interruptions = self.board.step(&graph, &place).map_or(0, |step| step.attempt - step.failures);
            let retries = graph.vertices()[place.node].settings.on_interrupt == OnInterrupt::Retry;
            if retries && interruptions <= MAX_INTERRUPTIONS {
                self.board.set(&graph, &place, Phase::Ready);
                continue;
            }
            let event = Event::StepFailed {
                step: place.key(&graph),
                error: Failure::new("INTERRUPTED", "the server stopped while this step ran"),
                notes: Notes::default(),
            };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// What is due happens: waits end, retries become ready, the run's time is up.
    pub fn wake(&mut self, now: Time) -> Vec<Entry> {
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
                    Event::StepCompleted { step: place.key(&graph), done: then.clone(), notes: Notes::default() }
                }
                Some(Phase::Waiting { .. } | Phase::Looping { .. }) => self.late(&place, now),
                _ => continue,
            };
            self.record(now, event, &mut fresh);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            let error = Failure::new("TIMEOUT", "the run took longer than its workflow allows");
            let event = Event::RunFailed { error, output: self.output.clone() };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// Fails the run, whatever it is doing.
    pub fn abort(&mut self, error: Failure, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        if !self.status.is_final() {
            let event = Event::RunFailed { error: error.settled(), output: self.output.clone() };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// An execution at `place` came to `outcome`.
    pub fn finish(&mut self, place: &Place, outcome: Outcome, notes: Notes, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        if self.status.is_final() || self.phase(place) != Some(&Phase::Running) {
            // it was cut while it was executed: nobody waits for what it has started
            if let Outcome::Wait(wait) = outcome {
                self.cut.children.extend(wait.child);
            }
            return fresh;
        }
        let step = place.key(&self.graph);
        let event = match outcome {
            Outcome::Done(done) => Event::StepCompleted { step, done, notes },
            Outcome::Wait(wait) => Event::StepWaiting { step, wait: *wait, notes },
            Outcome::Loop(looping) => Event::StepLooping { step, looping, notes },
            Outcome::Failed(error) => self.failed(place, error, notes, now),
        };
        self.record(now, event, &mut fresh);
        fresh
    }

    /// The answer that the step at `place` waits for; nothing when it does not wait any more.
    pub fn answer(&mut self, place: &Place, answer: Result<Done, Failure>, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        if self.status.is_final() || !matches!(self.phase(place), Some(Phase::Waiting { .. })) {
            return fresh;
        }
        let (step, notes) = (place.key(&self.graph), Notes::default());
        let child = self.phase(place).and_then(Phase::child);
        let event = match answer {
            Ok(done) => Event::StepCompleted { step, done, notes },
            Err(error) => self.failed(place, error, notes, now),
        };
        self.record(now, event, &mut fresh);
        // it has ended, and needs no stopping
        self.cut.children.retain(|other| Some(*other) != child);
        fresh
    }

    /// Follows what happened to its end: skips what cannot run any more, ends loops that are over, and the run when
    /// nothing is left.
    pub fn settle(&mut self, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        while !self.over && !self.status.is_final() {
            if let Some(place) = self.cut.untold.front() {
                let step = place.key(&self.graph);
                self.record(now, Event::StepCancelled { step }, &mut fresh);
            } else if let Some(place) = self.changed.pop_front() {
                if self.must_skip(&place) {
                    let step = place.key(&self.graph);
                    self.record(now, Event::StepSkipped { step }, &mut fresh);
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
            Some(error) => Event::RunFailed { error, output },
            None => Event::RunCompleted { output },
        };
        self.record(now, event, &mut fresh);
        fresh
    }

    /// The failure of a run that never came to the step from which it was to run again.
    fn not_reached(&self) -> Option<Failure> {
        let place = Place::root(self.from?);
        let vertex = &self.graph.vertices()[place.node];
        let is_missing = self.attempt(&place) == 0 && !vertex.settings.disabled;
        is_missing.then(|| {
            let why = format!("the run ended without `{}`, from which it was to run again", vertex.name);
            Failure::new("STEP_NOT_REACHED", why)
        })
    }

    /// Starts ready steps, at most so many that `limit` run together; the caller executes those returned.
    pub fn start(&mut self, limit: usize, now: Time) -> (Vec<Place>, Vec<Entry>) {
        let mut fresh = Vec::new();
        let mut started = Vec::new();
        if self.status.is_final() {
            return (started, fresh);
        }
        let graph = self.graph();
        while self.board.running() < limit {
            let Some(place) = self.board.pop_ready(&graph) else { break };
            let attempt = self.attempt(&place) + 1;
            self.record(now, Event::StepStarted { step: place.key(&graph), attempt }, &mut fresh);
            started.push(place);
        }
        (started, fresh)
    }

    /// Notes that there is nothing to do before the next due time.
    pub fn rest(&mut self, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        let due = self.next_due();
        self.record(now, Event::RunWaiting { due }, &mut fresh);
        fresh
    }

    fn record(&mut self, at: Time, event: Event, fresh: &mut Vec<Entry>) {
        self.apply(at, &event);
        self.seq += 1;
        fresh.push(Entry { seq: self.seq, at, event });
    }

    /// The step at `place` waited, or repeated, for longer than its settings allow.
    fn late(&self, place: &Place, now: Time) -> Event {
        let limit = self.graph.vertices()[place.node].settings.timeout_ms.unwrap_or_default();
        let error =
            Failure { transient: true, ..Failure::new("TIMEOUT", format!("the step took longer than {limit} ms")) };
        self.failed(place, error, Notes::default(), now)
    }

    fn failed(&self, place: &Place, error: Failure, notes: Notes, now: Time) -> Event {
        let step: StepKey = place.key(&self.graph);
        let failures = self.board.step(&self.graph, place).map_or(0, |step| step.failures) + 1;
        let retry = self.graph.vertices()[place.node].settings.retry.as_ref();
        let salt = place.path.iter().fold(place.node as u64, |salt, &index| salt.rotate_left(16) ^ u64::from(index));
        // what a loop has repeated is not repeated again
        let loops = matches!(self.phase(place), Some(Phase::Looping { .. }));
        // the other side's word goes beyond the longest delay of the settings
        let asked = error.retry_after.unwrap_or_default().min(LONGEST_ASKED);
        match retry.filter(|retry| error.transient && failures < retry.max_attempts && !loops) {
            Some(retry) => Event::StepRetrying {
                step,
                error: error.settled(),
                due: now.plus(backoff(retry, failures, self.seed ^ salt).max(asked)),
                notes,
            },
            None => Event::StepFailed { step, error: error.settled(), notes },
        }
    }
}
