//! Runs of workflows: their statuses, steps and errors.
use super::{Edge, Node};
use crate::{
    Error,
    clock::Time,
    model::{Json, Permission, Scope, parameter::Parameter},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// The status of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "InstanceStatus")]
pub enum Status {
    /// Accepted, but not yet started.
    #[default]
    Pending,
    Running,
    /// Waiting for a time or an answer.
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

    /// Returns whether the run has ended, so that its status no longer changes.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum StepStatus {
    Pending,
    Running,
    /// Waiting for a time, an answer, or the next attempt.
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
pub enum RunTrigger {
    /// A member, in the UI or the API.
    Manual,
    /// A program with an API key.
    Api,
    Schedule,
    Webhook,
    /// A step of another workflow.
    Workflow,
    /// The failure of another workflow's run.
    Error,
}

impl RunTrigger {
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

/// The question that a waiting step asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalTask {
    pub id: Uuid,
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(flatten)]
    pub asked: ApprovalRoles,
    /// The fields of the answer.
    #[serde(default)]
    pub fields: Vec<Parameter>,
}

/// Who may answer the question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRoles {
    /// The current names of the roles that may answer. If empty, everyone who may execute the workflow can answer.
    /// Owners can always answer.
    #[serde(default)]
    pub assignees: Vec<String>,
    /// The ids of `assignees`, in the same order; `null` for a name that is not a role. Absent in questions from older
    /// versions.
    #[serde(rename = "roleIDs", default, skip_serializing_if = "Vec::is_empty")]
    pub role_ids: Vec<Option<Uuid>>,
}

/// Why a step or a run failed. Every part is safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RunError")]
pub struct Failure {
    /// A machine-readable code, such as `TIMEOUT` or `DATASOURCE_ERROR`.
    pub code: String,
    pub message: String,
    /// Whether a retry may succeed.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub transient: bool,
    /// The minimum delay before a retry, if the other side sent one.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), transient: false, retry_after: None }
    }

    /// Marks the failure as not retryable.
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
            Error::Unavailable(_) | Error::ShortOfMemory(_) => "UNAVAILABLE",
            Error::Conflict(_) => "CONFLICT",
            Error::ChangesData(_) => "CHANGES_DATA",
            Error::QuotaExceeded(_) => "QUOTA_EXCEEDED",
            Error::NoValue(_) => "VALUE_MISSING",
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

/// A run of a workflow. Lists omit `input`, `output` and everything after `finishedAt`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    pub id: Uuid,
    /// Null for a test that names no workflow.
    #[serde(rename = "workflowID")]
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    /// The version that runs, even if a newer one has been saved.
    pub workflow_version: u64,
    pub status: Status,
    pub is_test: bool,
    pub trigger: RunTrigger,
    /// Who started the run: the email address of a member, or the name of an API key.
    pub started_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Json>,
    /// The output of the last `end` step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    #[serde(flatten)]
    pub omitted: Omitted,
    pub error: Option<Failure>,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// When a waiting run continues without an answer.
    pub due_at: Option<Time>,
    /// The run whose step waits for this one.
    #[serde(rename = "parentID")]
    pub parent_id: Option<Uuid>,
    /// The run that this one replays.
    pub replay_of: Option<Uuid>,
    /// The steps in the order in which they started. Long loops list only the first and the failed iterations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<RunStep>>,
    /// The number of steps, including those not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_count: Option<usize>,
    /// The nodes of the version that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Node>>")]
    pub nodes: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Edge>>")]
    pub edges: Option<Json>,
}

impl Instance {
    /// Returns the part of a run that the caller may see in the response to a change. Without `workflow:read`, only its
    /// status: no input, output, error, steps or graph.
    #[must_use]
    pub fn seen_by(self, scope: &Scope) -> Self {
        if scope.grants.may(Permission::WorkflowRead) {
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

/// Parts that are omitted because they are large. Each has its own URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Omitted {
    /// Whether `input` is omitted. It is `null` then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub input_omitted: bool,
    /// The size of the omitted input, in bytes of JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_bytes: Option<usize>,
    /// Whether `output` is omitted. It is `null` then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub output_omitted: bool,
    /// The size of the omitted output, in bytes of JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<usize>,
    /// Whether `logs` are omitted. They are empty then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub logs_omitted: bool,
    /// The size of the omitted logs, in bytes of JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs_bytes: Option<usize>,
}

/// The execution of a node in a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunStep {
    #[serde(rename = "nodeID")]
    pub node_id: String,
    pub name: String,
    pub r#type: String,
    /// The item's index in each enclosing loop, outermost first, such as `4` or `4/0`. Empty outside loops.
    pub iteration: String,
    /// The number of attempts so far. 0 before the first one.
    pub attempt: u32,
    pub status: StepStatus,
    /// The node's config with its templates resolved.
    pub input: Json,
    pub output: Json,
    #[serde(flatten)]
    pub omitted: Omitted,
    pub error: Option<Failure>,
    pub logs: Vec<String>,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// When the step continues: the end of a delay, the next attempt, or the expiry of an approval.
    pub due_at: Option<Time>,
    /// The question of an approval, as long as the step waits.
    pub task: Option<ApprovalTask>,
    /// The run that the step started.
    #[serde(rename = "childID")]
    pub child_id: Option<Uuid>,
    /// Whether the step's result was reused from the run that this one replays.
    pub reused: bool,
}
