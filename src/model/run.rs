//! Runs of workflows: their states and how they fail.
use super::{
    Json, Scope,
    data_query::Parameter,
    workflow::{Edge, Node},
};
use crate::{Error, clock::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "InstanceStatus")]
pub enum Status {
    /// Accepted, not begun.
    #[default]
    Pending,
    Running,
    /// Nothing to do before some time or answer.
    Waiting,
    Completed,
    Failed,
    Cancelled,
}

impl Status {
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Running, Self::Waiting, Self::Completed, Self::Failed, Self::Cancelled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Waiting => "WAITING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether nothing changes it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// Where one step of a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum StepStatus {
    Pending,
    Running,
    /// For a time, an answer, or its next attempt.
    Waiting,
    Completed,
    Failed,
    Skipped,
    Cancelled,
}

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "InstanceTrigger")]
pub enum Trigger {
    /// A person.
    Manual,
    /// A program with an API key.
    Api,
    Schedule,
    Webhook,
    /// A step of another workflow.
    Workflow,
    /// Another workflow's failure.
    Error,
}

impl Trigger {
    pub const ALL: [Self; 6] = [Self::Manual, Self::Api, Self::Schedule, Self::Webhook, Self::Workflow, Self::Error];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Api => "api",
            Self::Schedule => "schedule",
            Self::Webhook => "webhook",
            Self::Workflow => "workflow",
            Self::Error => "error",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == text)
    }
}

/// What a person is asked by a waiting step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub id: Uuid,
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(flatten)]
    pub asked: Asked,
    /// What the answer holds.
    #[serde(default)]
    pub fields: Vec<Parameter>,
}

/// Who may answer a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The roles that may answer, by their present names; empty: everyone who may execute the workflow. Owners may
    /// always answer.
    #[serde(default)]
    pub assignees: Vec<String>,
    /// The ids of `assignees`, in their order; `null` for one that is no role. Absent in questions of older versions.
    #[serde(rename = "roleIDs", default, skip_serializing_if = "Vec::is_empty")]
    pub role_ids: Vec<Option<Uuid>>,
}

/// Why a step or a run failed; every part is safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RunError")]
pub struct Failure {
    /// A word for programs, such as `TIMEOUT` or `DATASOURCE_ERROR`.
    pub code: String,
    pub message: String,
    /// Whether trying again may help.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub transient: bool,
    /// The least wait before that, where the other side has said one.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), transient: false, retry_after: None }
    }

    /// The same, no longer to be tried again.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { transient: false, retry_after: None, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Invalid(_) => "INVALID_REQUEST",
            Error::NotFound(_) => "NOT_FOUND",
            Error::Datasource(_) => "DATASOURCE_ERROR",
            Error::RateLimited { .. } => "RATE_LIMITED",
            Error::Timeout(_) => "TIMEOUT",
            Error::Unavailable(_) => "UNAVAILABLE",
            Error::Conflict(_) => "CONFLICT",
            Error::QuotaExceeded(_) => "QUOTA_EXCEEDED",
            _ => "SERVER_ERROR",
        };
        Self {
            code: code.to_owned(),
            message: error.to_string(),
            transient: error.is_transient(),
            retry_after: error.retry_after(),
        }
    }
}

/// A run of a workflow. Lists leave out `input`, `output` and all that follows `finishedAt`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    pub id: Uuid,
    /// None in the test of a graph that was not saved.
    #[serde(rename = "workflowID")]
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    /// The version that runs, whatever is saved since.
    pub workflow_version: u64,
    pub status: Status,
    pub is_test: bool,
    pub trigger: Trigger,
    /// Who started it: a person's e-mail address, an API key's name.
    pub started_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Json>,
    /// What the last `end` step gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    #[serde(flatten)]
    pub omitted: Omitted,
    pub error: Option<Failure>,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// When a waiting run goes on by itself.
    pub due_at: Option<Time>,
    /// The run whose step waits for this one.
    #[serde(rename = "parentID")]
    pub parent_id: Option<Uuid>,
    /// The run that this one runs again.
    pub replay_of: Option<Uuid>,
    /// In the order in which they began. Of a long loop only the first rounds are told, and those that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Step>>,
    /// How many steps there are, told or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_count: Option<usize>,
    /// The graph of the version that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Node>>")]
    pub nodes: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Edge>>")]
    pub edges: Option<Json>,
}

impl Instance {
    /// The run in the answer to a change of it. Without `workflow:read` that is its state alone: neither what it was given
    /// nor what it did with it.
    #[must_use]
    pub fn seen_by(self, scope: &Scope) -> Self {
        if scope.grants.may("workflow:read") {
            return self;
        }
        Self {
            input: None,
            output: None,
            omitted: Omitted::default(),
            error: None,
            steps: None,
            step_count: None,
            nodes: None,
            edges: None,
            ..self
        }
    }
}

/// What is left out because it is large; each part can be read by its own address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Omitted {
    /// Whether `input` is left out: it is `null` here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub input_omitted: bool,
    /// How many bytes of JSON the input has, where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_bytes: Option<usize>,
    /// Whether `output` is left out: it is `null` here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub output_omitted: bool,
    /// How many bytes of JSON the output has, where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<usize>,
    /// Whether `logs` are left out: they are empty here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub logs_omitted: bool,
    /// How many bytes of JSON the logs have, where they are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs_bytes: Option<usize>,
}

/// What became of one node in a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Step")]
pub struct Step {
    #[serde(rename = "nodeID")]
    pub node_id: String,
    pub name: String,
    pub r#type: String,
    /// The item's index in the loops around the step, outermost first (`4`, `4/0`); empty outside loops.
    pub iteration: String,
    /// How many times it was begun.
    pub attempt: u32,
    pub status: StepStatus,
    /// Its config with the templates resolved.
    pub input: Json,
    pub output: Json,
    #[serde(flatten)]
    pub omitted: Omitted,
    pub error: Option<Failure>,
    pub logs: Vec<String>,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// When it goes on by itself: the end of a delay, the next attempt.
    pub due_at: Option<Time>,
    /// What a person is asked, as long as the step waits.
    pub task: Option<Task>,
    /// The run that the step started.
    #[serde(rename = "childID")]
    pub child_id: Option<Uuid>,
    /// Taken from the record of the run that this one runs again.
    pub reused: bool,
}
