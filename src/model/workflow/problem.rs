//! What is wrong with a graph.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error or a warning about a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowProblem {
    pub severity: Severity,
    /// The node concerned, if any.
    #[serde(rename = "nodeID")]
    pub node_id: Option<String>,
    /// The field, such as `nodes[2].config.queryID`.
    pub path: String,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "WorkflowProblemSeverity")]
pub enum Severity {
    /// The workflow cannot run.
    Error,
    /// The workflow runs, but probably not as intended.
    Warning,
}
