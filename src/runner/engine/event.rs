//! The events of a run's journal.
use super::LoopPlan;
use crate::{
    clock::Time,
    model::run::{ApprovalRoles, ApprovalTask, Failure},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use uuid::Uuid;

/// An entry of a run's journal.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEntry {
    /// Counts from 1 within the run. Also the id of the live event.
    pub seq: u64,
    pub at: Time,
    pub event: RunEvent,
}

/// A node in one iteration of each enclosing loop.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepKey {
    pub node: String,
    /// The item's index in each enclosing loop, outermost first (`4`, `4/0`). Empty outside loops.
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

/// The result of a completed step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepResult {
    pub output: Value,
    /// The handles whose edges are taken. Edges at other handles are dead.
    pub handles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<EndEffect>,
}

impl StepResult {
    /// Continues through `out`.
    pub fn out(output: Value) -> Self {
        Self::through("out", output)
    }

    pub fn through(handle: &str, output: Value) -> Self {
        Self { output, handles: vec![handle.to_owned()], ends: None }
    }
}

/// How an `end` step affects the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndEffect {
    pub failed: bool,
    /// Cancels steps that are still open.
    pub terminate: bool,
    /// Whether it has no output: the run keeps the output of another `end` step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

/// What the UI shows of an execution in addition to its result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepNotes {
    /// The config with its templates resolved.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub input: Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// Copied from the journal of an earlier run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
    /// Whether a reused result lists its `approvals`; false in journals of older versions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub traced: bool,
    /// The approvals that a reused result depends on. Reusing it again requires permission to answer them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<AnsweredApproval>,
}

/// An answered approval, with the roles that could answer it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnsweredApproval {
    pub task: Uuid,
    #[serde(flatten)]
    pub asked: ApprovalRoles,
}

/// What a step waits for after its execution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Completes with `then` at this time; `None` waits for an answer only.
    pub due: Option<Time>,
    pub then: StepResult,
    /// The approval that people answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<ApprovalTask>,
    /// The child run whose result is the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<Uuid>,
}

/// What a run reuses from an earlier run.
#[derive(Clone, Debug, Default)]
pub struct ReusedResults {
    /// The node from which the earlier run is replayed.
    pub from: Option<String>,
    /// The last event of each step before it.
    pub endings: Vec<RunEvent>,
}

/// An event of a run. The journal stores events; live followers receive them once they are committed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum RunEvent {
    #[serde(rename = "run.started")]
    RunStarted {
        /// The node from which an earlier run is replayed. The run fails if it does not reach this node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    #[serde(rename = "step.started")]
    StepStarted { step: StepKey, attempt: u32 },
    #[serde(rename = "step.completed")]
    StepCompleted {
        step: StepKey,
        done: StepResult,
        #[serde(default)]
        notes: StepNotes,
    },
    #[serde(rename = "step.failed")]
    StepFailed {
        step: StepKey,
        error: Failure,
        #[serde(default)]
        notes: StepNotes,
    },
    /// An attempt failed. The next one starts at `due`.
    #[serde(rename = "step.retrying")]
    StepRetrying {
        step: StepKey,
        error: Failure,
        due: Time,
        #[serde(default)]
        notes: StepNotes,
    },
    /// The step was executed and now waits.
    #[serde(rename = "step.waiting")]
    StepWaiting {
        step: StepKey,
        #[serde(flatten)]
        wait: Wait,
        #[serde(default)]
        notes: StepNotes,
    },
    /// A loop has its items; its body runs for each of them.
    #[serde(rename = "step.looping")]
    StepLooping {
        step: StepKey,
        #[serde(flatten)]
        looping: LoopPlan,
        #[serde(default)]
        notes: StepNotes,
    },
    #[serde(rename = "step.skipped")]
    StepSkipped { step: StepKey },
    /// Its iteration was dropped before the step ended.
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

impl RunEvent {
    /// Returns the name of the live event.
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

    /// Returns the step; `None` for events of the run itself.
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

    /// Returns what later steps see as the step's output. A failed step that the run continues after gives its error.
    pub fn output(&self) -> Option<Value> {
        match self {
            Self::StepCompleted { done, .. } => Some(done.output.clone()),
            Self::StepFailed { error, .. } => Some(json!({"error": {"code": error.code, "message": error.message}})),
            _ => None,
        }
    }

    /// Returns whether the step stops running or waiting with this event. It may still be retried.
    pub const fn leaves_step(&self) -> bool {
        matches!(
            self,
            Self::StepCompleted { .. }
                | Self::StepFailed { .. }
                | Self::StepRetrying { .. }
                | Self::StepCancelled { .. }
        )
    }

    /// Returns whether this is the last event of a run.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::RunCompleted { .. } | Self::RunFailed { .. } | Self::RunCancelled { .. })
    }
}
