//! The phase of every step of a run, with indexes of the steps that are ready, running or waiting.
use super::{Graph, Iteration, StepPlace, StepResult, loop_progress::LoopProgress};
use crate::clock::Time;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, VecDeque};
use uuid::Uuid;

/// The phase of a step, with the data it needs to continue.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Pending,
    Ready,
    Running,
    Retrying {
        due: Time,
    },
    /// Waits for a time, an answer or the end of the run `child`. Times out at `until`.
    Waiting {
        due: Option<Time>,
        until: Option<Time>,
        then: StepResult,
        child: Option<Uuid>,
    },
    /// Runs its body for each item. Times out at `until`.
    Looping {
        progress: Box<LoopProgress>,
        until: Option<Time>,
    },
    Completed,
    Failed,
    Skipped,
    /// The run ended before the step did.
    Cancelled,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StepState {
    pub phase: Phase,
    pub attempt: u32,
    pub failures: u32,
    /// When the current attempt started.
    pub since: Option<Time>,
    /// Kept if it may become the result of an iteration.
    pub output: Option<Value>,
}

/// Steps that were dropped before they ended, because their iteration or run ended.
#[derive(Clone, Debug, Default)]
pub struct DroppedSteps {
    /// Started steps whose cancellation is not yet in the journal.
    pub unrecorded: VecDeque<StepPlace>,
    /// Whether running steps were dropped since the last check.
    pub has_new: bool,
    /// Child runs that no step waits for any more.
    pub children: Vec<Uuid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeState {
    Undecided,
    Taken,
    Dead,
}

/// The steps of one body: an iteration of a loop, or the workflow itself.
#[derive(Clone, Debug, PartialEq)]
pub struct BoardFrame {
    pub steps: Vec<StepState>,
    pub edge_states: Vec<EdgeState>,
    /// The number of steps that have not ended.
    pub left: usize,
}

#[derive(Clone, Debug)]
pub struct Board {
    root: BoardFrame,
    iterations: HashMap<Iteration, BoardFrame>,
    running: usize,
    active: usize,
    ready: VecDeque<StepPlace>,
    due: BTreeSet<(Time, StepPlace)>,
}

impl Phase {
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Skipped | Self::Cancelled)
    }

    pub const fn is_active(&self) -> bool {
        !self.is_final() && !matches!(self, Self::Pending)
    }

    /// Returns the run that the step waits for.
    pub fn child(&self) -> Option<Uuid> {
        match self {
            Self::Waiting { child, .. } => *child,
            _ => None,
        }
    }

    fn due(&self) -> Option<Time> {
        match *self {
            Self::Retrying { due } => Some(due),
            Self::Waiting { due, until, .. } => due.into_iter().chain(until).min(),
            Self::Looping { until, .. } => until,
            _ => None,
        }
    }
}

impl BoardFrame {
    fn new(nodes: usize, edges: usize) -> Self {
        let step = StepState { phase: Phase::Pending, attempt: 0, failures: 0, since: None, output: None };
        Self { steps: vec![step; nodes], edge_states: vec![EdgeState::Undecided; edges], left: nodes }
    }
}

impl Board {
    pub fn new(graph: &Graph) -> Self {
        let body = graph.body(None);
        Self {
            root: BoardFrame::new(body.nodes.len(), body.edges),
            iterations: HashMap::new(),
            running: 0,
            active: 0,
            ready: VecDeque::new(),
            due: BTreeSet::new(),
        }
    }

    pub fn running(&self) -> usize {
        self.running
    }
    /// Returns the number of steps that are ready, running or waiting.
    pub fn active(&self) -> usize {
        self.active
    }
    pub fn next_due(&self) -> Option<Time> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Removes and returns a place that is due. Its phase does not change.
    pub fn pop_due(&mut self, now: Time) -> Option<StepPlace> {
        let first = self.due.first().filter(|(due, _)| *due <= now)?.clone();
        self.due.remove(&first);
        Some(first.1)
    }

    /// Removes and returns the step that has been ready the longest.
    pub fn pop_ready(&mut self, graph: &Graph) -> Option<StepPlace> {
        loop {
            let place = self.ready.pop_front()?;
            if self.step(graph, &place).is_some_and(|step| step.phase == Phase::Ready) {
                return Some(place);
            }
        }
    }

    pub fn has_iteration(&self, iteration: &Iteration) -> bool {
        self.iterations.contains_key(iteration)
    }

    /// Returns the frame of a place; `None` if its iteration is not open.
    pub fn frame(&self, graph: &Graph, place: &StepPlace) -> Option<&BoardFrame> {
        match place.iteration(graph) {
            None => Some(&self.root),
            Some(iteration) => self.iterations.get(&iteration),
        }
    }

    pub fn frame_mut(&mut self, graph: &Graph, place: &StepPlace) -> Option<&mut BoardFrame> {
        match place.iteration(graph) {
            None => Some(&mut self.root),
            Some(iteration) => self.iterations.get_mut(&iteration),
        }
    }

    pub fn step(&self, graph: &Graph, place: &StepPlace) -> Option<&StepState> {
        Some(&self.frame(graph, place)?.steps[graph.vertices()[place.node].slot])
    }

    pub fn step_mut(&mut self, graph: &Graph, place: &StepPlace) -> Option<&mut StepState> {
        Some(&mut self.frame_mut(graph, place)?.steps[graph.vertices()[place.node].slot])
    }

    /// Iterates over the steps of the workflow and of all open iterations.
    pub fn steps<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = (StepPlace, &'a StepState)> {
        let root = std::iter::once((None, &self.root));
        let iterations = self.iterations.iter().map(|(iteration, frame)| (Some(iteration), frame));
        root.chain(iterations).flat_map(|(iteration, frame)| {
            let path = iteration.map(|iteration| iteration.path.clone()).unwrap_or_default();
            let nodes = &graph.body(iteration.map(|iteration| iteration.of)).nodes;
            let place = move |node: &usize| StepPlace { path: path.clone(), node: *node };
            nodes.iter().map(place).zip(&frame.steps)
        })
    }

    /// Sets the phase of a step. Returns `false` if its iteration is not open.
    pub fn set(&mut self, graph: &Graph, place: &StepPlace, phase: Phase) -> bool {
        let (due, ends) = (phase.due(), phase.is_final());
        let (ready, running, active) = (phase == Phase::Ready, phase == Phase::Running, phase.is_active());
        let Some(frame) = self.frame_mut(graph, place) else { return false };
        let before = std::mem::replace(&mut frame.steps[graph.vertices()[place.node].slot].phase, phase);
        if ends && !before.is_final() {
            frame.left -= 1;
        }
        self.forget(place, &before);
        self.running += usize::from(running);
        self.active += usize::from(active);
        if ready {
            self.ready.push_back(place.clone());
        }
        if let Some(due) = due {
            self.due.insert((due, place.clone()));
        }
        true
    }

    /// Removes the previous phase of a step from the counts.
    fn forget(&mut self, place: &StepPlace, phase: &Phase) {
        self.running -= usize::from(*phase == Phase::Running);
        self.active -= usize::from(phase.is_active());
        if let Some(due) = phase.due() {
            self.due.remove(&(due, place.clone()));
        }
    }

    pub fn open(&mut self, graph: &Graph, iteration: Iteration) {
        let body = graph.body(Some(iteration.of));
        self.iterations.insert(iteration, BoardFrame::new(body.nodes.len(), body.edges));
    }

    /// Drops an iteration. Adds its started, unfinished steps to `dropped`: they are cancelled, and no longer running,
    /// waiting or due.
    pub fn close(&mut self, graph: &Graph, iteration: &Iteration, dropped: &mut DroppedSteps) -> Option<BoardFrame> {
        let frame = self.iterations.remove(iteration)?;
        for (&node, step) in graph.body(Some(iteration.of)).nodes.iter().zip(&frame.steps) {
            let place = StepPlace { path: iteration.path.clone(), node };
            self.forget(&place, &step.phase);
            match &step.phase {
                Phase::Looping { progress, .. } => {
                    for index in progress.open() {
                        self.close(graph, &Iteration::nth(&place, index), dropped);
                    }
                }
                phase => dropped.children.extend(phase.child()),
            }
            if step.phase.is_active() && step.attempt > 0 {
                dropped.has_new |= step.phase == Phase::Running;
                dropped.unrecorded.push_back(place);
            }
        }
        Some(frame)
    }

    /// Cancels all open steps, because the run has ended.
    pub fn clear(&mut self) {
        self.iterations.clear();
        for step in self.root.steps.iter_mut().filter(|step| step.phase.is_active()) {
            step.phase = Phase::Cancelled;
        }
        (self.running, self.active) = (0, 0);
        self.ready.clear();
        self.due.clear();
    }
}
