//! The state of one run: a fold of its journal, and the decisions that follow from it.
use super::{Done, Ends, Entry, Event, Graph, Notes, StepKey, Vertex, retry::backoff};
use crate::{
    clock::Time,
    model::{
        run::{Failure, Status},
        workflow::{Join, OnError, OnInterrupt},
    },
};
use serde_json::Value;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How often one step may be interrupted by the end of the process before it is taken for the cause.
const MAX_INTERRUPTIONS: u32 = 20;

/// What a step's execution came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Done),
    /// Completes with `then` at `due`, if no answer comes before.
    Wait {
        due: Option<Time>,
        then: Done,
    },
    Failed(Failure),
}

/// Where a step stands, with what that needs to go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Pending,
    Ready,
    Running,
    Retrying { due: Time },
    Waiting { due: Option<Time>, then: Done },
    Completed,
    Failed,
    Skipped,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    phase: Phase,
    attempt: u32,
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Undecided,
    Taken,
    Dead,
}

/// A run in memory: replaying its journal gives the same state, event by event.
#[derive(Clone, Debug)]
pub struct Run {
    graph: Arc<Graph>,
    /// Spreads the retries of different runs.
    seed: u64,
    time_limit: Option<Duration>,
    status: Status,
    seq: u64,
    deadline: Option<Time>,
    steps: Vec<Step>,
    fates: Vec<Fate>,
    /// Nodes whose incoming edges changed and that may have to be skipped.
    changed: VecDeque<usize>,
    output: Value,
    failure: Option<Failure>,
    /// A step failed for good or an `end` step cancels the rest.
    over: bool,
}

impl Run {
    pub fn new(graph: Arc<Graph>, seed: u64, time_limit: Option<Duration>) -> Self {
        let step = Step { phase: Phase::Pending, attempt: 0, failures: 0 };
        Self {
            seed,
            time_limit,
            status: Status::Pending,
            seq: 0,
            deadline: None,
            steps: vec![step; graph.vertices().len()],
            fates: vec![Fate::Undecided; graph.edges().len()],
            changed: VecDeque::new(),
            output: Value::Null,
            failure: None,
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
    pub fn phase(&self, node: usize) -> &Phase {
        &self.steps[node].phase
    }
    pub fn attempt(&self, node: usize) -> u32 {
        self.steps[node].attempt
    }
    /// Whether some step is being executed.
    pub fn is_busy(&self) -> bool {
        self.steps.iter().any(|step| step.phase == Phase::Running)
    }

    /// The next moment at which something happens by itself.
    pub fn next_due(&self) -> Option<Time> {
        let due = |step: &Step| match step.phase {
            Phase::Retrying { due } => Some(due),
            Phase::Waiting { due, .. } => due,
            _ => None,
        };
        self.steps.iter().filter_map(due).chain(self.deadline).min()
    }

    /// Takes in an entry of the journal.
    pub fn replay(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        self.apply(entry.at, &entry.event);
    }

    /// Begins a run that has no journal yet.
    pub fn begin(&mut self, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        self.record(now, Event::RunStarted, &mut fresh);
        fresh
    }

    /// After the end of the process: what was running runs again, or fails when it may not.
    pub fn recover(&mut self, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        for node in 0..self.steps.len() {
            let step = &mut self.steps[node];
            if step.phase != Phase::Running {
                continue;
            }
            let interruptions = step.attempt - step.failures;
            let retries = self.graph.vertices()[node].settings.on_interrupt == OnInterrupt::Retry;
            if retries && interruptions <= MAX_INTERRUPTIONS {
                step.phase = Phase::Ready;
                continue;
            }
            let event = Event::StepFailed {
                step: self.key(node),
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
        for node in 0..self.steps.len() {
            match &self.steps[node].phase {
                Phase::Retrying { due } if *due <= now => self.steps[node].phase = Phase::Ready,
                Phase::Waiting { due: Some(due), then } if *due <= now => {
                    let event =
                        Event::StepCompleted { step: self.key(node), done: then.clone(), notes: Notes::default() };
                    self.record(now, event, &mut fresh);
                }
                _ => {}
            }
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            let error = Failure::new("TIMEOUT", "the run took longer than its workflow allows");
            let event = Event::RunFailed { error, output: self.output.clone() };
            self.record(now, event, &mut fresh);
        }
        fresh
    }

    /// An execution of `node` came to `outcome`.
    pub fn finish(&mut self, node: usize, outcome: Outcome, notes: Notes, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        if self.status.is_final() || self.steps[node].phase != Phase::Running {
            return fresh;
        }
        let step = self.key(node);
        let event = match outcome {
            Outcome::Done(done) => Event::StepCompleted { step, done, notes },
            Outcome::Wait { due, then } => Event::StepWaiting { step, due, then, notes },
            Outcome::Failed(error) => self.failed(node, error, notes, now),
        };
        self.record(now, event, &mut fresh);
        fresh
    }

    /// Follows what happened to its end: skips what cannot run any more, ends the run when nothing is left.
    pub fn settle(&mut self, now: Time) -> Vec<Entry> {
        let mut fresh = Vec::new();
        while !self.over && !self.status.is_final() {
            let Some(node) = self.changed.pop_front() else {
                break;
            };
            if self.must_skip(node) {
                let step = self.key(node);
                self.record(now, Event::StepSkipped { step }, &mut fresh);
            }
        }
        let active = |step: &Step| {
            matches!(step.phase, Phase::Ready | Phase::Running | Phase::Retrying { .. } | Phase::Waiting { .. })
        };
        if self.status.is_final() || (!self.over && self.steps.iter().any(active)) {
            return fresh;
        }
        let output = self.output.clone();
        let event = match self.failure.clone() {
            Some(error) => Event::RunFailed { error, output },
            None => Event::RunCompleted { output },
        };
        self.record(now, event, &mut fresh);
        fresh
    }

    /// Starts ready steps, at most so many that `limit` run together; the caller executes those returned.
    pub fn start(&mut self, limit: usize, now: Time) -> (Vec<usize>, Vec<Entry>) {
        let mut fresh = Vec::new();
        let mut started = Vec::new();
        if self.status.is_final() {
            return (started, fresh);
        }
        let running = |step: &&Step| step.phase == Phase::Running;
        let free = limit.saturating_sub(self.steps.iter().filter(running).count());
        let ready = |&node: &usize| self.steps[node].phase == Phase::Ready;
        let chosen: Vec<usize> = (0..self.steps.len()).filter(ready).take(free).collect();
        for node in chosen {
            let event = Event::StepStarted { step: self.key(node), attempt: self.steps[node].attempt + 1 };
            self.record(now, event, &mut fresh);
            started.push(node);
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

    /// The only place where the state changes for good, so that a replay cannot differ from the first time.
    fn apply(&mut self, at: Time, event: &Event) {
        match event {
            Event::RunStarted => self.apply_begin(at),
            Event::RunWaiting { .. } => self.status = Status::Waiting,
            Event::RunCompleted { .. } => self.status = Status::Completed,
            Event::RunFailed { .. } => self.status = Status::Failed,
            Event::RunCancelled { .. } => self.status = Status::Cancelled,
            _ => {
                self.status = Status::Running;
                let node = event.step().and_then(|step| self.graph.index_of(&step.node));
                if let Some(node) = node {
                    self.apply_step(node, event);
                }
            }
        }
    }

    fn apply_begin(&mut self, at: Time) {
        self.status = Status::Running;
        self.deadline = self.time_limit.map(|limit| at.plus(limit));
        self.steps[self.graph.start()].phase = Phase::Ready;
        // what nothing leads to is skipped at once; a disabled start passes on
        self.changed.extend(0..self.steps.len());
    }

    fn apply_step(&mut self, node: usize, event: &Event) {
        let step = &mut self.steps[node];
        match event {
            Event::StepStarted { attempt, .. } => {
                step.phase = Phase::Running;
                step.attempt = *attempt;
            }
            Event::StepRetrying { due, .. } => {
                step.failures += 1;
                step.phase = Phase::Retrying { due: *due };
            }
            Event::StepWaiting { due, then, .. } => {
                step.phase = Phase::Waiting { due: *due, then: then.clone() };
            }
            Event::StepCompleted { done, .. } => {
                step.phase = Phase::Completed;
                self.leave(node, |handle| done.handles.iter().any(|one| one == handle));
                if let Some(ends) = done.ends {
                    self.apply_end(node, done, ends);
                }
            }
            Event::StepFailed { error, .. } => {
                step.phase = Phase::Failed;
                match self.graph.vertices()[node].settings.on_error {
                    OnError::Fail => {
                        self.failure = Some(error.clone());
                        self.over = true;
                    }
                    OnError::Continue => self.leave(node, |handle| handle == "out"),
                    OnError::Branch => self.leave(node, |handle| handle == "error"),
                }
            }
            Event::StepSkipped { .. } => {
                // a disabled step whose turn has come is passed by, any other is off the path
                let passed = step.phase == Phase::Ready;
                step.phase = Phase::Skipped;
                self.leave(node, |handle| passed && handle == "out");
            }
            _ => {}
        }
    }

    fn apply_end(&mut self, node: usize, done: &Done, ends: Ends) {
        self.output = done.output.clone();
        if ends.failed {
            let name = &self.graph.vertices()[node].name;
            let why = format!("the run reached `{name}`, which ends it as failed");
            self.failure = Some(Failure::new("ENDED_AS_FAILED", why));
        }
        self.over |= ends.terminate;
    }

    /// Decides the edges that leave `node`, and makes ready what they lead to.
    fn leave(&mut self, node: usize, taken: impl Fn(&str) -> bool) {
        let graph = Arc::clone(&self.graph);
        for &edge in &graph.vertices()[node].outgoing {
            let arc = &graph.edges()[edge];
            let fate = if taken(&arc.handle) { Fate::Taken } else { Fate::Dead };
            self.fates[edge] = fate;
            if self.steps[arc.target].phase == Phase::Pending && self.is_ready(&graph.vertices()[arc.target]) {
                self.steps[arc.target].phase = Phase::Ready;
            }
            self.changed.push_back(arc.target);
        }
    }

    fn is_ready(&self, vertex: &Vertex) -> bool {
        let any = |fate| vertex.incoming.iter().any(|&edge| self.fates[edge] == fate);
        match vertex.settings.join {
            Join::All => any(Fate::Taken) && !any(Fate::Undecided),
            Join::Any => any(Fate::Taken),
        }
    }

    fn must_skip(&self, node: usize) -> bool {
        let vertex = &self.graph.vertices()[node];
        match self.steps[node].phase {
            Phase::Pending => vertex.incoming.iter().all(|&edge| self.fates[edge] == Fate::Dead),
            Phase::Ready => vertex.settings.disabled,
            _ => false,
        }
    }

    fn failed(&self, node: usize, error: Failure, notes: Notes, now: Time) -> Event {
        let step = self.key(node);
        let failures = self.steps[node].failures + 1;
        let retry = self.graph.vertices()[node].settings.retry.as_ref();
        match retry.filter(|retry| error.transient && failures < retry.max_attempts) {
            Some(retry) => Event::StepRetrying {
                step,
                error: error.settled(),
                due: now.plus(backoff(retry, failures, self.seed ^ node as u64)),
                notes,
            },
            None => Event::StepFailed { step, error: error.settled(), notes },
        }
    }

    fn key(&self, node: usize) -> StepKey {
        StepKey::root(&self.graph.vertices()[node].id)
    }
}
