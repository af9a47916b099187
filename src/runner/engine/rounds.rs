//! Loops: a body that runs once for each item, several rounds at a time.
use super::{
    Done, Event, Graph, Place, Round, Run,
    board::{Frame, Phase, Step},
};
use crate::{json::weight, model::run::Failure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many bytes the results of a loop may have together: as many as any step's output.
pub const MAX_RESULTS: usize = 4 << 20;

/// What becomes of a loop when the body fails for an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnItemError {
    /// The loop fails.
    #[default]
    #[schemars(title = "The loop fails")]
    Fail,
    /// The item's result is left out.
    #[schemars(title = "Go on without it")]
    Skip,
    /// The item's result is `{error: {code, message}}`.
    #[schemars(title = "Go on, with the error as its result")]
    Collect,
}

/// A loop that is to begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Looping {
    pub items: Vec<Value>,
    /// How many rounds run at once.
    pub concurrency: u32,
    pub on_item_error: OnItemError,
}

/// How far a loop has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounds {
    looping: Looping,
    /// The first item whose round was not opened yet.
    next: u32,
    open: BTreeSet<u32>,
    /// By item; none where it is left out.
    results: Vec<Option<Value>>,
    weight: usize,
    failure: Option<Failure>,
}

impl Rounds {
    fn new(looping: Looping) -> Self {
        Self {
            results: vec![None; looping.items.len()],
            looping,
            next: 0,
            open: BTreeSet::new(),
            weight: 0,
            failure: None,
        }
    }

    pub fn open(&self) -> impl Iterator<Item = u32> + use<> {
        self.open.clone().into_iter()
    }

    pub fn item(&self, index: u32) -> Option<&Value> {
        self.looping.items.get(index as usize)
    }

    /// Takes the next item, when one more round may run.
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
        if self.weight > MAX_RESULTS {
            let why = format!(
                "the results of the loop have more than the {MAX_RESULTS} bytes that a step may give: let its body end in a step that returns less"
            );
            self.failure = Some(Failure::new("OUTPUT_TOO_LARGE", why));
        } else if let Some(place) = self.results.get_mut(index as usize) {
            *place = Some(result);
        }
    }

    fn fail(&mut self, index: u32, error: &Failure) {
        match self.looping.on_item_error {
            OnItemError::Fail => {
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
    /// Begins the rounds of the loop at `place`.
    pub(super) fn apply_looping(&mut self, place: &Place, looping: Looping) {
        let graph = self.graph();
        let mut rounds = Rounds::new(looping);
        if graph.body(Some(place.node)).nodes.is_empty() {
            // nothing to run: the loop gives nothing for each
            rounds.next = u32::try_from(rounds.looping.items.len()).unwrap_or(u32::MAX);
        }
        if self.board.set(&graph, place, Phase::Looping(Box::new(rounds))) {
            self.open_rounds(place);
        }
    }

    fn rounds(&mut self, place: &Place) -> Option<&mut Rounds> {
        let graph = self.graph();
        match &mut self.board.step_mut(&graph, place)?.phase {
            Phase::Looping(rounds) => Some(rounds),
            _ => None,
        }
    }

    /// Opens as many rounds as may run; notes when the loop has come to its end.
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

    /// Ends the round of `place` when every step in it has ended.
    pub(super) fn end_round_of(&mut self, place: &Place) {
        let graph = self.graph();
        let Some(round) = place.round(&graph) else { return };
        if self.board.frame(&graph, place).is_none_or(|frame| frame.left > 0) {
            return;
        }
        let Some((frame, _)) = self.board.close(&graph, &round) else { return };
        let owner = round.owner();
        let index = round.index();
        if let Some(rounds) = self.rounds(&owner) {
            rounds.open.remove(&index);
            rounds.keep(index, result(&graph, &round, frame));
        }
        self.after_round(&owner);
    }

    /// A step in a round failed for good: the round is over, and the loop decides what that means.
    pub(super) fn fail_round(&mut self, round: &Round, error: &Failure) {
        let graph = self.graph();
        self.cut |= self.board.close(&graph, round).is_some_and(|(_, cut)| cut);
        let owner = round.owner();
        let index = round.index();
        if let Some(rounds) = self.rounds(&owner) {
            rounds.open.remove(&index);
            rounds.fail(index, error);
        }
        self.after_round(&owner);
    }

    fn after_round(&mut self, owner: &Place) {
        let graph = self.graph();
        let Some(rounds) = self.rounds(owner) else { return };
        if rounds.failure.is_some() {
            let open = std::mem::take(&mut rounds.open);
            for index in open {
                self.cut |= self.board.close(&graph, &Round::nth(owner, index)).is_some_and(|(_, cut)| cut);
            }
        }
        self.open_rounds(owner);
    }

    /// What a loop that is over comes to; none when it has ended otherwise.
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

/// What a round gives: the output of its last step; of several, an object with those that ran.
fn result(graph: &Graph, round: &Round, frame: Frame) -> Value {
    let named = |(node, step): (&usize, Step)| Some((graph.vertices()[*node].name.clone(), step.output?));
    let mut outputs: Vec<_> = graph.body(Some(round.of)).nodes.iter().zip(frame.steps).filter_map(named).collect();
    match outputs.len() {
        0 => Value::Null,
        1 => outputs.remove(0).1,
        _ => Value::Object(outputs.into_iter().collect()),
    }
}
