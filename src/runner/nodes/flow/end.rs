//! Ends a run or one of its branches, and sets the run's output.
use crate::{
    Result,
    runner::{
        engine::EndEffect,
        nodes::{
            NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult,
            read, schema_of,
        },
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub struct EndNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The run's output: a template such as `{{ steps.users.data }}`, or any JSON with templates. Leave empty to keep
    /// the output of another end step.
    #[serde(default)]
    #[schemars(title = "Output")]
    output: Value,
    /// Whether the run ends as completed or as failed.
    #[serde(default)]
    #[schemars(title = "Status")]
    status: Status,
    /// Cancels steps that are still running or waiting in other branches.
    #[serde(default)]
    #[schemars(title = "Cancel other branches")]
    terminate: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Completed,
    Failed,
}

impl Settings {
    fn ends(&self) -> EndEffect {
        EndEffect { failed: self.status == Status::Failed, terminate: self.terminate, silent: self.output.is_null() }
    }
}

impl NodeKind for EndNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "end",
            name: "End",
            category: "Flow",
            description: "Ends the run or one of its branches, and sets the run's output",
            handles: &[],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        read::<Settings>(config).map(drop)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let ends = settings.ends();
            let output = step.resolve(&settings.output, "output").await?;
            Ok(StepOutcome::Done(StepResult { output, handles: Vec::new(), ends: Some(ends) }))
        })
    }

    /// Uses the pinned output, and the config for the rest.
    fn pinned(&self, config: &NodeConfig, output: Value) -> StepResult {
        let ends = read::<Settings>(config).map(|settings| settings.ends()).unwrap_or_default();
        StepResult { output, handles: Vec::new(), ends: Some(EndEffect { silent: false, ..ends }) }
    }
}
