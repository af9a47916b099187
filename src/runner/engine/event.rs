//! The journal's words: all that ever happens in a run.
use super::Looping;
use crate::{
    clock::Time,
    model::run::{Asked, Failure, Task},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use uuid::Uuid;

/// One line of a run's journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Counts from 1 within the run; also the id of the live event.
    pub seq: u64,
    pub at: Time,
    pub event: Event,
}

/// A node in one round of the loops around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepKey {
    pub node: String,
    /// Empty outside loops; in a loop the item's index, outermost first: `4`, `4/0`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub iteration: String,
}

impl StepKey {
    pub fn root(node: &str) -> Self {
        Self { node: node.to_owned(), iteration: String::new() }
    }
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.node, self.iteration)
    }
}

/// What a step leaves when it has done its work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Done {
    pub output: Value,
    /// The handles whose edges are taken; the others are dead.
    pub handles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Ends>,
}

impl Done {
    /// Goes on through `out`.
    pub fn out(output: Value) -> Self {
        Self::through("out", output)
    }

    pub fn through(handle: &str, output: Value) -> Self {
        Self { output, handles: vec![handle.to_owned()], ends: None }
    }
}

/// What an `end` step says of the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    pub failed: bool,
    /// Cancels what still runs.
    pub terminate: bool,
    /// Whether it gives no output: what another one gave stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

/// What a person wants to see of an execution beside its result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// The config with its templates resolved.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub input: Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// Taken from the record of an earlier run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
    /// Whether a reused result knows its `approvals`; false in journals of older versions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub traced: bool,
    /// The approvals that a reused result depends on: whoever reuses it again must be able to give them, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
}

/// A question that was answered, with who could answer it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    pub task: Uuid,
    #[serde(flatten)]
    pub asked: Asked,
}

/// What a step waits for when it has done its part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Completes with `then` by itself at this time; none: only by an answer.
    pub due: Option<Time>,
    pub then: Done,
    /// What a person is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The run whose end is the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<Uuid>,
}

/// What a run takes over from the record of another.
#[derive(Clone, Debug, Default)]
pub struct Inherited {
    /// The node from which that one is run again.
    pub from: Option<String>,
    /// How steps before it ended.
    pub endings: Vec<Event>,
}

/// Something that happened. The journal keeps these; live followers see them as they are committed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "run.started")]
    RunStarted {
        /// The node from which an earlier run is run again: without its step the run has failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    #[serde(rename = "step.started")]
    StepStarted { step: StepKey, attempt: u32 },
    #[serde(rename = "step.completed")]
    StepCompleted {
        step: StepKey,
        done: Done,
        #[serde(default)]
        notes: Notes,
    },
    #[serde(rename = "step.failed")]
    StepFailed {
        step: StepKey,
        error: Failure,
        #[serde(default)]
        notes: Notes,
    },
    /// An attempt failed; the next one starts at `due`.
    #[serde(rename = "step.retrying")]
    StepRetrying {
        step: StepKey,
        error: Failure,
        due: Time,
        #[serde(default)]
        notes: Notes,
    },
    /// The step did its part and waits.
    #[serde(rename = "step.waiting")]
    StepWaiting {
        step: StepKey,
        #[serde(flatten)]
        wait: Wait,
        #[serde(default)]
        notes: Notes,
    },
    /// A loop has its items: from here on its body runs for each.
    #[serde(rename = "step.looping")]
    StepLooping {
        step: StepKey,
        #[serde(flatten)]
        looping: Looping,
        #[serde(default)]
        notes: Notes,
    },
    #[serde(rename = "step.skipped")]
    StepSkipped { step: StepKey },
    /// The round that it was in was dropped before it ended.
    #[serde(rename = "step.cancelled")]
    StepCancelled { step: StepKey },
    #[serde(rename = "run.waiting")]
    RunWaiting { due: Option<Time> },
    #[serde(rename = "run.completed")]
    RunCompleted { output: Value },
    #[serde(rename = "run.failed")]
    RunFailed { error: Failure, output: Value },
    #[serde(rename = "run.cancelled")]
    RunCancelled { by: String },
}

impl Event {
    /// The name under which live followers get it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run.started",
            Self::StepStarted { .. } => "step.started",
            Self::StepCompleted { .. } => "step.completed",
            Self::StepFailed { .. } => "step.failed",
            Self::StepRetrying { .. } => "step.retrying",
            Self::StepWaiting { .. } => "step.waiting",
            Self::StepLooping { .. } => "step.looping",
            Self::StepSkipped { .. } => "step.skipped",
            Self::StepCancelled { .. } => "step.cancelled",
            Self::RunWaiting { .. } => "run.waiting",
            Self::RunCompleted { .. } => "run.completed",
            Self::RunFailed { .. } => "run.failed",
            Self::RunCancelled { .. } => "run.cancelled",
        }
    }

    /// The step that it is about; none for the run itself.
    pub const fn step(&self) -> Option<&StepKey> {
        match self {
            Self::StepStarted { step, .. }
            | Self::StepCompleted { step, .. }
            | Self::StepFailed { step, .. }
            | Self::StepRetrying { step, .. }
            | Self::StepWaiting { step, .. }
            | Self::StepLooping { step, .. }
            | Self::StepSkipped { step }
            | Self::StepCancelled { step } => Some(step),
            _ => None,
        }
    }

    /// What later steps see as the step's output; a failed one that the run goes on from gives its error.
    pub fn output(&self) -> Option<Value> {
        match self {
            Self::StepCompleted { done, .. } => Some(done.output.clone()),
            Self::StepFailed { error, .. } => Some(json!({"error": {"code": error.code, "message": error.message}})),
            _ => None,
        }
    }

    /// Whether the step neither runs nor waits from here on; it may be tried again.
    pub const fn leaves_step(&self) -> bool {
        matches!(
            self,
            Self::StepCompleted { .. }
                | Self::StepFailed { .. }
                | Self::StepRetrying { .. }
                | Self::StepCancelled { .. }
        )
    }

    /// Whether nothing comes after it.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::RunCompleted { .. } | Self::RunFailed { .. } | Self::RunCancelled { .. })
    }
}
