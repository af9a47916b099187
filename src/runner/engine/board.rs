//! Where every step of a run stands, with what follows from that kept up to date: who is ready, who runs, who waits.
use super::{Done, Graph, Place, Round, rounds::Rounds};
use crate::clock::Time;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, VecDeque};
use uuid::Uuid;

/// Where a step stands, with what that needs to go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Pending,
    Ready,
    Running,
    Retrying {
        due: Time,
    },
    /// For a time, an answer, or the end of the run `child`; at `until` it has taken too long.
    Waiting {
        due: Option<Time>,
        until: Option<Time>,
        then: Done,
        child: Option<Uuid>,
    },
    /// Its body runs, round by round; at `until` it has taken too long.
    Looping {
        rounds: Box<Rounds>,
        until: Option<Time>,
    },
    Completed,
    Failed,
    Skipped,
    /// The run ended first.
    Cancelled,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub phase: Phase,
    pub attempt: u32,
    pub failures: u32,
    /// When the present attempt began.
    pub since: Option<Time>,
    /// Kept where it may become the result of a round.
    pub output: Option<Value>,
}

/// What was dropped before its end, together with the rounds or the run that it was in.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    /// Steps that had begun, of which the journal does not yet say that they are cancelled.
    pub untold: VecDeque<Place>,
    /// Whether executions may have been dropped since this was last looked at.
    pub has_new: bool,
    /// Runs that steps waited for and do not wait for any more.
    pub children: Vec<Uuid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Undecided,
    Taken,
    Dead,
}

/// The nodes of one body that run together: a round, or the workflow itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub steps: Vec<Step>,
    pub fates: Vec<Fate>,
    /// Steps that have not ended.
    pub left: usize,
}

#[derive(Clone, Debug)]
pub struct Board {
    root: Frame,
    rounds: HashMap<Round, Frame>,
    running: usize,
    active: usize,
    ready: VecDeque<Place>,
    due: BTreeSet<(Time, Place)>,
}

impl Phase {
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Skipped | Self::Cancelled)
    }

    pub const fn is_active(&self) -> bool {
        !self.is_final() && !matches!(self, Self::Pending)
    }

    /// The run that it waits for.
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

impl Frame {
    fn new(nodes: usize, edges: usize) -> Self {
        let step = Step { phase: Phase::Pending, attempt: 0, failures: 0, since: None, output: None };
        Self { steps: vec![step; nodes], fates: vec![Fate::Undecided; edges], left: nodes }
    }
}

impl Board {
    pub fn new(graph: &Graph) -> Self {
        let body = graph.body(None);
        Self {
            root: Frame::new(body.nodes.len(), body.edges),
            rounds: HashMap::new(),
            running: 0,
            active: 0,
            ready: VecDeque::new(),
            due: BTreeSet::new(),
        }
    }

    pub fn running(&self) -> usize {
        self.running
    }
    /// Steps that are to be executed, are being executed, or wait.
    pub fn active(&self) -> usize {
        self.active
    }
    pub fn next_due(&self) -> Option<Time> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes a place whose time has come; its phase still says so.
    pub fn pop_due(&mut self, now: Time) -> Option<Place> {
        let first = self.due.first().filter(|(due, _)| *due <= now)?.clone();
        self.due.remove(&first);
        Some(first.1)
    }

    /// Takes the step that has been ready for longest.
    pub fn pop_ready(&mut self, graph: &Graph) -> Option<Place> {
        loop {
            let place = self.ready.pop_front()?;
            if self.step(graph, &place).is_some_and(|step| step.phase == Phase::Ready) {
                return Some(place);
            }
        }
    }

    pub fn has_round(&self, round: &Round) -> bool {
        self.rounds.contains_key(round)
    }

    /// The frame that a place is in; none when its round is not open.
    pub fn frame(&self, graph: &Graph, place: &Place) -> Option<&Frame> {
        match place.round(graph) {
            None => Some(&self.root),
            Some(round) => self.rounds.get(&round),
        }
    }

    pub fn frame_mut(&mut self, graph: &Graph, place: &Place) -> Option<&mut Frame> {
        match place.round(graph) {
            None => Some(&mut self.root),
            Some(round) => self.rounds.get_mut(&round),
        }
    }

    pub fn step(&self, graph: &Graph, place: &Place) -> Option<&Step> {
        Some(&self.frame(graph, place)?.steps[graph.vertices()[place.node].slot])
    }

    pub fn step_mut(&mut self, graph: &Graph, place: &Place) -> Option<&mut Step> {
        Some(&mut self.frame_mut(graph, place)?.steps[graph.vertices()[place.node].slot])
    }

    /// Every step that is somewhere on its way, with where it is.
    pub fn steps<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = (Place, &'a Step)> {
        let root = std::iter::once((None, &self.root));
        let rounds = self.rounds.iter().map(|(round, frame)| (Some(round), frame));
        root.chain(rounds).flat_map(|(round, frame)| {
            let path = round.map(|round| round.path.clone()).unwrap_or_default();
            let nodes = &graph.body(round.map(|round| round.of)).nodes;
            let place = move |node: &usize| Place { path: path.clone(), node: *node };
            nodes.iter().map(place).zip(&frame.steps)
        })
    }

    /// Moves a step to another phase; false when its round is not open.
    pub fn set(&mut self, graph: &Graph, place: &Place, phase: Phase) -> bool {
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

    /// Takes a phase that is left out of the counts.
    fn forget(&mut self, place: &Place, phase: &Phase) {
        self.running -= usize::from(*phase == Phase::Running);
        self.active -= usize::from(phase.is_active());
        if let Some(due) = phase.due() {
            self.due.remove(&(due, place.clone()));
        }
    }

    pub fn open(&mut self, graph: &Graph, round: Round) {
        let body = graph.body(Some(round.of));
        self.rounds.insert(round, Frame::new(body.nodes.len(), body.edges));
    }

    /// Drops a round. Whatever had begun in it and has not ended is cancelled: it is added to `cut`, and nothing of it
    /// is executed, waited for or due any more.
    pub fn close(&mut self, graph: &Graph, round: &Round, cut: &mut Cut) -> Option<Frame> {
        let frame = self.rounds.remove(round)?;
        for (&node, step) in graph.body(Some(round.of)).nodes.iter().zip(&frame.steps) {
            let place = Place { path: round.path.clone(), node };
            self.forget(&place, &step.phase);
            match &step.phase {
                Phase::Looping { rounds, .. } => {
                    for index in rounds.open() {
                        self.close(graph, &Round::nth(&place, index), cut);
                    }
                }
                phase => cut.children.extend(phase.child()),
            }
            if step.phase.is_active() && step.attempt > 0 {
                cut.has_new |= step.phase == Phase::Running;
                cut.untold.push_back(place);
            }
        }
        Some(frame)
    }

    /// Drops everything: the run has ended, and with it whatever was open.
    pub fn clear(&mut self) {
        self.rounds.clear();
        for step in self.root.steps.iter_mut().filter(|step| step.phase.is_active()) {
            step.phase = Phase::Cancelled;
        }
        (self.running, self.active) = (0, 0);
        self.ready.clear();
        self.due.clear();
    }
}
