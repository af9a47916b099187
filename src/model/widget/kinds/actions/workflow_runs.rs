//! Lists of a workflow's runs.
use crate::model::{
    Link, Resource, Workflow,
    widget::kinds::{Config, Queried, Visible},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The latest runs of a workflow. Shown only to viewers who may see runs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkflowRuns {
    #[serde(rename = "workflowID")]
    #[schemars(title = "Workflow", extend("x-widget" = "workflow"))]
    pub workflow_id: Uuid,
    /// How many runs to show.
    #[serde(default = "WorkflowRuns::default_limit")]
    #[schemars(title = "Runs", range(min = 1, max = 50))]
    pub limit: u8,
    /// Also shows test runs.
    #[serde(default)]
    #[schemars(title = "Test runs", extend("x-group" = "Advanced"))]
    pub tests: bool,
}

impl WorkflowRuns {
    fn default_limit() -> u8 {
        10
    }
}

impl Queried for WorkflowRuns {}

impl Config for WorkflowRuns {
    fn links(&self) -> Vec<Link> {
        let (path, kind) = ("config.workflowID".to_owned(), &Workflow::KIND);
        vec![Link { path, kind, id: self.workflow_id, given: Value::Null }]
    }

    fn visible(&self) -> Option<Visible<'_>> {
        None
    }
}
