//! What people see of a run: its steps, folded from the journal, and its events.
use super::{
    definition::Definition,
    engine::{Entry, Event, StepKey},
};
use crate::{
    clock::Time,
    model::run::{Failure, Status, Step, StepStatus, Task},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// How many steps of a run are told; of those in loops the first, and all that failed up to twice as many.
const TOLD: usize = 5000;

/// An event as live followers get it.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// Counts from 1 within the run: a follower that comes back names the last one it has.
    pub id: u64,
    /// `step.completed` and the like.
    pub name: &'static str,
    pub data: EventData,
    /// Whether nothing comes after it.
    pub is_last: bool,
}

/// What an event tells.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "InstanceEvent")]
pub struct EventData {
    pub at: Time,
    #[serde(rename = "nodeID", skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The item's index in the loops around the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iteration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Where the step, or the run, stands from now on.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// When it goes on by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// How many items a loop has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// What a person is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The run that the step started and waits for.
    #[serde(rename = "childID", skip_serializing_if = "Option::is_none")]
    pub child_id: Option<Uuid>,
    /// Who cancelled the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl LiveEvent {
    pub(super) fn of(entry: &Entry, definition: &Definition) -> Self {
        let mut data = EventData { at: entry.at, ..EventData::default() };
        if let Some(step) = entry.event.step() {
            data.node_id = Some(step.node.clone());
            data.iteration = Some(step.iteration.clone());
            let node = definition.graph.index_of(&step.node);
            data.name = node.map(|node| definition.workflow.nodes[node].name.clone());
        }
        data.fill(&entry.event);
        Self { id: entry.seq, name: entry.event.name(), data, is_last: entry.event.is_last() }
    }
}

impl EventData {
    fn fill(&mut self, event: &Event) {
        self.status = match event {
            Event::RunStarted | Event::StepStarted { .. } | Event::StepLooping { .. } => "RUNNING",
            Event::StepRetrying { .. } | Event::StepWaiting { .. } | Event::RunWaiting { .. } => "WAITING",
            Event::StepCompleted { .. } | Event::RunCompleted { .. } => "COMPLETED",
            Event::StepFailed { .. } | Event::RunFailed { .. } => "FAILED",
            Event::StepSkipped { .. } => "SKIPPED",
            Event::RunCancelled { .. } => "CANCELLED",
        };
        if let Event::StepCompleted { notes, .. }
        | Event::StepFailed { notes, .. }
        | Event::StepRetrying { notes, .. }
        | Event::StepWaiting { notes, .. }
        | Event::StepLooping { notes, .. } = event
        {
            self.input = Some(notes.input.clone()).filter(|input| !input.is_null());
            self.logs.clone_from(&notes.logs);
        }
        match event {
            Event::StepStarted { attempt, .. } => self.attempt = Some(*attempt),
            Event::StepCompleted { done, .. } => self.output = Some(done.output.clone()),
            Event::StepFailed { error, .. } => self.error = Some(error.clone()),
            Event::StepRetrying { error, due, .. } => {
                self.error = Some(error.clone());
                self.due_at = Some(*due);
            }
            Event::StepWaiting { wait, .. } => {
                self.due_at = wait.due;
                self.task.clone_from(&wait.task);
                self.child_id = wait.child;
            }
            Event::StepLooping { looping, .. } => self.items = Some(looping.items.len()),
            Event::RunWaiting { due } => self.due_at = *due,
            Event::RunCompleted { output } => self.output = Some(output.clone()),
            Event::RunFailed { error, output } => {
                self.error = Some(error.clone());
                self.output = Some(output.clone());
            }
            Event::RunCancelled { by } => self.by = Some(by.clone()),
            Event::RunStarted | Event::StepSkipped { .. } => {}
        }
    }
}

/// The steps of a run, one entry per node and iteration in the order in which they began, folded from its journal.
pub(super) struct Steps<'a> {
    definition: &'a Definition,
    told: Vec<Step>,
    places: HashMap<StepKey, usize>,
    count: usize,
    ended: Option<Time>,
}

impl<'a> Steps<'a> {
    pub fn new(definition: &'a Definition) -> Self {
        Self { definition, told: Vec::new(), places: HashMap::new(), count: 0, ended: None }
    }

    pub fn take(&mut self, journal: &[Entry]) {
        for entry in journal {
            match entry.event.step() {
                None => self.ended = entry.event.is_last().then_some(entry.at),
                Some(key) => {
                    if let Some(place) = self.place(key, &entry.event) {
                        see(&mut self.told[place], entry);
                    }
                }
            }
        }
    }

    /// The entry that tells of `key`; none when it is one too many.
    fn place(&mut self, key: &StepKey, event: &Event) -> Option<usize> {
        if let Some(&place) = self.places.get(key) {
            return Some(place);
        }
        let begins = matches!(event, Event::StepStarted { attempt: 1, .. } | Event::StepSkipped { .. });
        let reused = matches!(event, Event::StepCompleted { notes, .. } if notes.reused);
        self.count += usize::from(begins || reused);
        let most = if matches!(event, Event::StepFailed { .. }) { TOLD * 2 } else { TOLD };
        if !key.iteration.is_empty() && self.told.len() >= most {
            return None;
        }
        let node = self.definition.graph.index_of(&key.node).map(|node| &self.definition.workflow.nodes[node]);
        self.told.push(Step {
            node_id: key.node.clone(),
            name: node.map(|node| node.name.clone()).unwrap_or_default(),
            r#type: node.map(|node| node.r#type.clone()).unwrap_or_default(),
            iteration: key.iteration.clone(),
            attempt: 0,
            status: StepStatus::Pending,
            input: Value::Null,
            output: Value::Null,
            error: None,
            logs: Vec::new(),
            started_at: None,
            finished_at: None,
            due_at: None,
            task: None,
            child_id: None,
            reused: false,
        });
        self.places.insert(key.clone(), self.told.len() - 1);
        Some(self.told.len() - 1)
    }

    /// The steps, and how many there are in all; in a run that has ended, what had not is cancelled.
    pub fn finish(mut self, status: Status) -> (Vec<Step>, usize) {
        for step in &mut self.told {
            let open = matches!(step.status, StepStatus::Pending | StepStatus::Running | StepStatus::Waiting);
            if open && status.is_final() {
                step.status = StepStatus::Cancelled;
                step.finished_at = self.ended;
                step.due_at = None;
                step.task = None;
            }
        }
        (self.told, self.count)
    }
}

fn see(step: &mut Step, entry: &Entry) {
    let mut data = EventData::default();
    data.fill(&entry.event);
    if let Some(input) = data.input {
        step.input = input;
    }
    if !data.logs.is_empty() {
        step.logs = data.logs;
    }
    step.due_at = data.due_at;
    step.error = data.error;
    step.task = data.task;
    step.child_id = data.child_id.or(step.child_id);
    let (status, finished) = match &entry.event {
        Event::StepStarted { .. } | Event::StepLooping { .. } => (StepStatus::Running, false),
        Event::StepCompleted { notes, .. } => {
            step.reused = notes.reused;
            (StepStatus::Completed, true)
        }
        Event::StepFailed { .. } => (StepStatus::Failed, true),
        Event::StepSkipped { .. } => (StepStatus::Skipped, true),
        _ => (StepStatus::Waiting, false),
    };
    step.status = status;
    step.output = data.output.unwrap_or_default();
    step.finished_at = finished.then_some(entry.at);
    if let Some(attempt) = data.attempt {
        step.attempt = attempt;
        step.started_at.get_or_insert(entry.at);
    }
}
