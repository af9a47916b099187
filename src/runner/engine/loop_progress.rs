//! The progress of a loop: which iterations are open, and their results.
use super::StepKey;
use crate::{
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
pub struct LoopPlan {
    pub items: Vec<Value>,
    /// Maximum number of iterations that run at once.
    pub concurrency: u32,
    pub on_item_error: OnItemError,
}

/// The progress of a loop.
#[derive(Clone, Debug, PartialEq)]
pub struct LoopProgress {
    pub(super) looping: LoopPlan,
    /// The index of the first item whose iteration has not started.
    pub(super) next: u32,
    pub(super) open: BTreeSet<u32>,
    /// The result of each item; `None` if it is left out.
    pub(super) results: Vec<Option<Value>>,
    weight: usize,
    held: usize,
    pub(super) failure: Option<Failure>,
    /// The step in the body that failed the loop.
    cause: Option<StepKey>,
}

impl LoopProgress {
    pub(super) fn new(looping: LoopPlan) -> Self {
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
    pub(super) fn take(&mut self) -> Option<u32> {
        let more = (self.next as usize) < self.looping.items.len() && self.failure.is_none();
        let room = self.open.len() < self.looping.concurrency.max(1) as usize;
        (more && room).then(|| {
            let index = self.next;
            self.open.insert(index);
            self.next += 1;
            index
        })
    }

    pub(super) fn keep(&mut self, index: u32, result: Value) {
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

    pub(super) fn fail(&mut self, index: u32, error: &Failure, cause: &StepKey) {
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

    pub(super) fn is_over(&self) -> bool {
        self.failure.is_some() || (self.open.is_empty() && self.next as usize == self.looping.items.len())
    }
}
