//! Runs another workflow and waits for its result.
use crate::{
    Error, Result,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, Wait, WorkflowCall,
        read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::Duration;
use uuid::Uuid;

/// The type of the node that runs another workflow.
pub const SUB_WORKFLOW: &str = "subWorkflow";

pub struct SubWorkflowNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The workflow to run, in its latest version.
    #[serde(rename = "workflowID")]
    #[schemars(title = "Workflow", extend("x-resource" = "workflow"))]
    workflow_id: Uuid,
    /// The values of the workflow's inputs. Templates are supported.
    #[serde(default)]
    #[schemars(title = "Input")]
    input: Map<String, Value>,
}

impl NodeKind for SubWorkflowNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: SUB_WORKFLOW,
            name: "Sub-workflow",
            category: "Flow",
            description: "Runs another workflow and returns its output, or fails if it fails",
            handles: &[("out", "Next"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        if config.get("workflowID").is_none_or(|id| id.is_null() || id == "") {
            return Err(Error::invalid("workflowID", "is missing: select a workflow"));
        }
        read::<Settings>(config).map(drop)
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let input = step.resolve(&Value::Object(settings.input), "input").await?;
            step.saw(&input);
            let call = WorkflowCall {
                workflow: settings.workflow_id,
                input,
                caller: step.instance,
                step: step.key.clone(),
                failures: step.failures,
                depth: step.depth + 1,
                is_test: step.is_test,
            };
            let child = step.runs.call(step.scope, call).await?;
            Ok(StepOutcome::Wait(Box::new(Wait { child: Some(child), ..Wait::default() })))
        })
    }
}
