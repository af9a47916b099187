//! Loops: a body that runs once for each item, several iterations at a time.
use super::{Done, Event, Place, Round, Run, StepKey, board::Phase, result::result};
use crate::{
    clock::Time,
    json::{cost, weight},
    model::run::Failure,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Maximum size of all results of a loop, in bytes. The same as for the output of any step.
pub const MAX_RESULTS: usize = 4 << 20;

/// What happens when the body fails for an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnItemError {
    /// The loop fails.
    #[default]
    #[schemars(title = "Fail the loop")]
    Fail,
    /// The item's result is left out.
    #[schemars(title = "Continue without the item")]
    Skip,
    /// The item's result is `{error: {code, message}}`.
    #[schemars(title = "Continue with the error as the item's result")]
    Collect,
}

/// The items of a loop, and how to run its body for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Looping {
    pub items: Vec<Value>,
    /// Maximum number of iterations that run at once.
    pub concurrency: u32,
    pub on_item_error: OnItemError,
}

/// The progress of a loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounds {
    looping: Looping,
    /// The index of the first item whose iteration has not started.
    next: u32,
    open: BTreeSet<u32>,
    /// The result of each item; `None` if it is left out.
    results: Vec<Option<Value>>,
    weight: usize,
    held: usize,
    failure: Option<Failure>,
    /// The step in the body that failed the loop.
    cause: Option<StepKey>,
}

impl Rounds {
    fn new(looping: Looping) -> Self {
        Self {
            results: vec![None; looping.items.len()],
            looping,
            next: 0,
            open: BTreeSet::new(),
            weight: 0,
            held: 0,
            failure: None,
            cause: None,
        }
    }

    pub fn open(&self) -> impl Iterator<Item = u32> + use<> {
        self.open.clone().into_iter()
    }

    /// Returns the approximate memory of its results, in bytes.
    pub fn held(&self) -> usize {
        self.held + self.results.len() * size_of::<Option<Value>>()
    }

    /// Returns the step in the body that failed the loop; `None` if something else did.
    pub fn cause(&self) -> Option<&StepKey> {
        self.cause.as_ref()
    }

    pub fn item(&self, index: u32) -> Option<&Value> {
        self.looping.items.get(index as usize)
    }

    /// Starts the next iteration if another one may run. Returns its index.
    fn take(&mut self) -> Option<u32> {
        let more = (self.next as usize) < self.looping.items.len() && self.failure.is_none();
        let room = self.open.len() < self.looping.concurrency.max(1) as usize;
        (more && room).then(|| {
            let index = self.next;
            self.open.insert(index);
            self.next += 1;
            index
        })
    }

    fn keep(&mut self, index: u32, result: Value) {
        self.weight += weight(&result);
        self.held += cost(&result);
        if self.weight > MAX_RESULTS {
            let why = format!(
                "the results of the loop exceed {MAX_RESULTS} bytes, the limit for a step's output: \
                                 end the body with a step that returns less"
            );
            self.failure = Some(Failure::new("OUTPUT_TOO_LARGE", why));
        } else if let Some(place) = self.results.get_mut(index as usize) {
            *place = Some(result);
        }
    }

    fn fail(&mut self, index: u32, error: &Failure, cause: &StepKey) {
        match self.looping.on_item_error {
            OnItemError::Fail => {
                self.cause = Some(cause.clone());
                let why = format!("item {index}: {}", error.message);
                self.failure = Some(Failure::new(&error.code, why));
            }
            OnItemError::Skip => {}
            OnItemError::Collect => {
                self.keep(index, json!({"error": {"code": error.code, "message": error.message}}));
            }
        }
    }

    fn is_over(&self) -> bool {
        self.failure.is_some() || (self.open.is_empty() && self.next as usize == self.looping.items.len())
    }
}

impl Run {
    /// Starts the loop at `place`, which times out at `until`.
    pub(super) fn apply_looping(&mut self, place: &Place, looping: Looping, until: Option<Time>) {
        let graph = self.graph();
        let mut rounds = Rounds::new(looping);
        if graph.body(Some(place.node)).nodes.is_empty() {
            // an empty body: the loop ends at once, without results
            rounds.next = u32::try_from(rounds.looping.items.len()).unwrap_or(u32::MAX);
        }
        if self.board.set(&graph, place, Phase::Looping { rounds: Box::new(rounds), until }) {
            self.open_rounds(place);
        }
    }

    fn rounds(&mut self, place: &Place) -> Option<&mut Rounds> {
        let graph = self.graph();
        match &mut self.board.step_mut(&graph, place)?.phase {
            Phase::Looping { rounds, .. } => Some(rounds),
            _ => None,
        }
    }

    /// Opens as many iterations as may run, and notes when the loop is over.
    fn open_rounds(&mut self, place: &Place) {
        let graph = self.graph();
        while let Some(index) = self.rounds(place).and_then(Rounds::take) {
            let round = Round::nth(place, index);
            self.board.open(&graph, round.clone());
            for &node in &graph.body(Some(place.node)).nodes {
                if graph.vertices()[node].incoming.is_empty() {
                    let entry = Place { path: round.path.clone(), node };
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
    pub(super) fn end_round_of(&mut self, place: &Place) {
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
    pub(super) fn fail_round(&mut self, round: &Round, error: &Failure, cause: &StepKey) {
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

    fn after_round(&mut self, owner: &Place) {
        if self.rounds(owner).is_some_and(|rounds| rounds.failure.is_some()) {
            self.cut_rounds(owner);
        }
        self.open_rounds(owner);
    }

    /// Drops the open iterations of the loop at `owner`.
    pub(super) fn cut_rounds(&mut self, owner: &Place) {
        let graph = self.graph();
        let Some(rounds) = self.rounds(owner) else { return };
        for index in std::mem::take(&mut rounds.open) {
            self.board.close(&graph, &Round::nth(owner, index), &mut self.cut);
        }
    }

    /// Returns the last event of a loop that is over; `None` if it has already ended, for example because it timed out.
    pub(super) fn loop_ending(&mut self, place: &Place) -> Option<Event> {
        let graph = self.graph();
        let rounds = self.rounds(place).filter(|rounds| rounds.is_over())?;
        let step = place.key(&graph);
        let notes = super::Notes::default();
        if let Some(error) = rounds.failure.take() {
            return Some(Event::StepFailed { step, error, notes });
        }
        let results = std::mem::take(&mut rounds.results).into_iter().flatten().collect();
        Some(Event::StepCompleted { step, done: Done::out(Value::Array(results)), notes })
    }
}
