//! Asks a person for approval, and continues with the answer.
use crate::{
    Error, Result,
    clock::Time,
    model::{
        parameter::{Parameter, check_parameters},
        run::ApprovalTask,
        text::check_length,
    },
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult, Wait,
        flow::duration, read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// The type of the node that waits for an approval.
pub const APPROVAL: &str = "approval";
/// Maximum lengths, in characters.
const MAX_TITLE: usize = 255;
const MAX_DESCRIPTION: usize = 10_000;

pub struct ApprovalNode;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The question, for example `Refund order {{ input.id }}?`.
    #[schemars(title = "Title", length(min = 1, max = 255))]
    title: String,
    /// What people should know to decide. Markdown and templates are supported.
    #[serde(default)]
    #[schemars(title = "Description", extend("format" = "multiline"))]
    description: String,
    /// The roles that may answer, by id or name (saving replaces names with ids). Empty: every role that may execute
    /// the workflow. Owners may always answer.
    #[serde(default)]
    #[schemars(title = "Assignees", length(max = 20), extend("x-widget" = "roles"))]
    assignees: Vec<String>,
    /// The fields that people fill in. The step's output contains them as `data`.
    #[serde(default)]
    #[schemars(title = "Form", length(max = 50), extend("x-widget" = "parameters"))]
    fields: Vec<Parameter>,
    /// How long to wait for an answer, for example `30m`, `2h` or `3d`; at most 30 days. Then the run continues through
    /// `expired`. Without a value it waits until someone answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Expires after")]
    expires_after: Option<String>,
}

impl NodeKind for ApprovalNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: APPROVAL,
            name: "Approval",
            category: "People",
            description: "Waits for a person to approve or reject, with an optional form, even across restarts",
            handles: &[("approved", "Approved"), ("rejected", "Rejected"), ("expired", "Expired")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        check_length("title", &settings.title, 1..=MAX_TITLE)?;
        check_length("description", &settings.description, 0..=MAX_DESCRIPTION)?;
        if settings.assignees.len() > 20 {
            return Err(Error::invalid("assignees", "must contain at most 20 roles"));
        }
        if settings.fields.len() > 50 {
            return Err(Error::invalid("fields", "must contain at most 50 fields"));
        }
        check_parameters(&settings.fields, "fields")?;
        match &settings.expires_after {
            Some(length) if !length.contains("{{") => duration("expiresAfter", length).map(drop),
            _ => Ok(()),
        }
    }

    /// Continues through the pinned output's decision, such as `{"decision": "rejected"}`.
    fn pinned(&self, _: &NodeConfig, output: Value) -> StepResult {
        let decision = output.get("decision").and_then(Value::as_str).unwrap_or("approved").to_owned();
        StepResult::through(&decision, output)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let resolved = step.resolve(&Value::Object(step.config.clone()), "").await?;
            step.saw(&resolved);
            let settings: Settings = crate::model::parse::from_value(resolved, "")?;
            let length = settings.expires_after.as_deref().map(|length| duration("expiresAfter", length));
            let due = length.transpose()?.map(|length| Time::now().plus(length));
            let task = ApprovalTask {
                id: Uuid::now_v7(),
                title: settings.title.chars().take(MAX_TITLE).collect(),
                description: settings.description.chars().take(MAX_DESCRIPTION).collect(),
                asked: step.runs.asked(step.scope, settings.assignees)?,
                fields: settings.fields,
            };
            let then =
                StepResult::through("expired", json!({"decision": "expired", "data": {}, "by": null, "at": due}));
            Ok(StepOutcome::Wait(Box::new(Wait { due, then, task: Some(task), child: None })))
        })
    }
}
