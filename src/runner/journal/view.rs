//! A run as the API shows it: its steps, folded from the journal, and its events.
use super::line::{JournalLine, LARGE, Values};
use crate::{
    Result,
    clock::Time,
    model::{
        Json,
        run::{ApprovalTask, Failure, Omitted, RunStep, Status, StepStatus},
    },
    runner::{definition::Definition, engine::StepKey},
    store::JournalEntry,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Maximum number of listed steps. Failed steps in loops are listed up to twice this number; steps outside loops
/// always.
const TOLD: usize = 5000;
/// Once the listed values of a run exceed this size, in bytes, only values up to [`SMALL`] are included.
const TOTAL: usize = 4 << 20;
const SMALL: usize = 256;

/// An event as sent to live followers.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// Counts from 1 within the run. A follower that reconnects sends the last id that it has received.
    pub id: u64,
    /// For example `step.completed`.
    pub name: &'static str,
    pub data: EventData,
    /// Whether it is the last event of the run.
    pub is_last: bool,
}

/// The data of an event.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "InstanceEvent")]
pub struct EventData {
    pub at: Time,
    #[serde(rename = "nodeID", skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The item's index in each enclosing loop, outermost first (`4`, `4/0`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iteration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The new status of the step or the run.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    #[serde(flatten)]
    pub omitted: Omitted,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// When the wait ends, or the next attempt starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// The number of items of a loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// The approval that the step waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<ApprovalTask>,
    /// The run that the step started and waits for.
    #[serde(rename = "childID", skip_serializing_if = "Option::is_none")]
    pub child_id: Option<Uuid>,
    /// Who cancelled the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl LiveEvent {
    pub(in crate::runner) fn of(entry: &JournalEntry, definition: &Definition) -> Result<Self> {
        let line = JournalLine::read(entry)?;
        let Values { input, output, logs, omitted, .. } = line.values(LARGE)?;
        let mut data = EventData {
            at: entry.at,
            attempt: line.attempt,
            input,
            output,
            logs,
            omitted,
            items: line.items()?,
            ..EventData::default()
        };
        if let Some(step) = &line.step {
            data.node_id = Some(step.node.clone());
            data.iteration = Some(step.iteration.clone());
            let node = definition.graph.index_of(&step.node);
            data.name = node.map(|node| definition.workflow.nodes[node].name.clone());
        }
        let is_last = line.is_last();
        let (name, status) = NAMES.iter().find(|(name, _)| *name == line.name).copied().unwrap_or_default();
        data.status = status;
        data.due_at = line.due;
        data.error = line.error;
        data.task = line.task;
        data.child_id = line.child;
        data.by = line.by;
        Ok(Self { id: entry.seq, name, data, is_last })
    }
}

/// The names of events, with the status of the step or the run after each.
const NAMES: [(&str, &str); 13] = [
    ("run.started", "RUNNING"),
    ("step.started", "RUNNING"),
    ("step.completed", "COMPLETED"),
    ("step.failed", "FAILED"),
    ("step.retrying", "WAITING"),
    ("step.waiting", "WAITING"),
    ("step.looping", "RUNNING"),
    ("step.skipped", "SKIPPED"),
    ("step.cancelled", "CANCELLED"),
    ("run.waiting", "WAITING"),
    ("run.completed", "COMPLETED"),
    ("run.failed", "FAILED"),
    ("run.cancelled", "CANCELLED"),
];

/// The steps of a run, folded from its journal: one for each node and iteration, in the order in which they began.
pub(super) struct Steps<'a> {
    definition: &'a Definition,
    listed: Vec<RunStep>,
    places: HashMap<StepKey, usize>,
    count: usize,
    ended: Option<Time>,
    /// The total size of the listed values, in bytes.
    bytes: usize,
}

impl<'a> Steps<'a> {
    pub fn new(definition: &'a Definition) -> Self {
        Self { definition, listed: Vec::new(), places: HashMap::new(), count: 0, ended: None, bytes: 0 }
    }

    pub fn take(&mut self, entry: &JournalEntry) -> Result<()> {
        let line = JournalLine::read(entry)?;
        let Some(key) = &line.step else {
            self.ended = line.is_last().then_some(entry.at);
            return Ok(());
        };
        if let Some(place) = self.place(key, &line) {
            let most = if self.bytes > TOTAL { SMALL } else { LARGE };
            self.bytes += apply_line(&mut self.listed[place], entry.at, &line, most)?;
        }
        Ok(())
    }

    /// Returns the index of the step `key`, and adds the step if it is new. `None` if the list is full.
    fn place(&mut self, key: &StepKey, line: &JournalLine<'_>) -> Option<usize> {
        if let Some(&place) = self.places.get(key) {
            return Some(place);
        }
        let begins = line.attempt == Some(1) || line.name == "step.skipped";
        let reused = line.name == "step.completed" && line.is_reused();
        self.count += usize::from(begins || reused);
        let most = if line.name == "step.failed" { TOLD * 2 } else { TOLD };
        if !key.iteration.is_empty() && self.listed.len() >= most {
            return None;
        }
        let node = self.definition.graph.index_of(&key.node).map(|node| &self.definition.workflow.nodes[node]);
        self.listed.push(RunStep {
            node_id: key.node.clone(),
            name: node.map(|node| node.name.clone()).unwrap_or_default(),
            r#type: node.map(|node| node.r#type.clone()).unwrap_or_default(),
            iteration: key.iteration.clone(),
            attempt: 0,
            status: StepStatus::Pending,
            input: Json::default(),
            output: Json::default(),
            omitted: Omitted::default(),
            error: None,
            logs: Vec::new(),
            started_at: None,
            finished_at: None,
            due_at: None,
            task: None,
            child_id: None,
            reused: false,
        });
        self.places.insert(key.clone(), self.listed.len() - 1);
        Some(self.listed.len() - 1)
    }

    /// Returns the listed steps and the total number of steps. In an ended run, unfinished steps count as cancelled.
    pub fn finish(mut self, status: Status) -> (Vec<RunStep>, usize) {
        for step in &mut self.listed {
            let open = matches!(step.status, StepStatus::Pending | StepStatus::Running | StepStatus::Waiting);
            if open && status.is_final() {
                step.status = StepStatus::Cancelled;
                step.finished_at = self.ended;
                step.due_at = None;
                step.task = None;
            }
        }
        (self.listed, self.count)
    }
}

/// Applies a journal entry to its step. Returns the size of the included values, in bytes.
fn apply_line(step: &mut RunStep, at: Time, line: &JournalLine<'_>, most: usize) -> Result<usize> {
    let Values { input, output, logs, omitted, bytes } = line.values(most)?;
    if input.is_some() || omitted.input_omitted {
        step.input = input.unwrap_or_default();
        (step.omitted.input_omitted, step.omitted.input_bytes) = (omitted.input_omitted, omitted.input_bytes);
    }
    if !logs.is_empty() || omitted.logs_omitted {
        step.logs = logs;
        (step.omitted.logs_omitted, step.omitted.logs_bytes) = (omitted.logs_omitted, omitted.logs_bytes);
    }
    step.output = output.unwrap_or_default();
    (step.omitted.output_omitted, step.omitted.output_bytes) = (omitted.output_omitted, omitted.output_bytes);
    step.due_at = line.due;
    step.error.clone_from(&line.error);
    step.task.clone_from(&line.task);
    step.child_id = line.child.or(step.child_id);
    let (status, finished) = match &*line.name {
        "step.started" | "step.looping" => (StepStatus::Running, false),
        "step.completed" => (StepStatus::Completed, true),
        "step.failed" => (StepStatus::Failed, true),
        "step.skipped" => (StepStatus::Skipped, true),
        "step.cancelled" => (StepStatus::Cancelled, true),
        _ => (StepStatus::Waiting, false),
    };
    step.reused |= status == StepStatus::Completed && line.is_reused();
    step.status = status;
    step.finished_at = finished.then_some(at);
    if let Some(attempt) = line.attempt {
        step.attempt = attempt;
        step.started_at.get_or_insert(at);
    }
    Ok(bytes)
}
