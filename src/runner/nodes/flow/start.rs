//! Starts a run: its output is the run's input.
use crate::{
    Result,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, NodeSetting, Schema, StepContext, StepFailure, StepOutcome,
        StepResult, read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;

pub struct StartNode;

const WHY: &str = "a start step neither fails nor waits";

/// No settings: the workflow declares the inputs of its runs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {}

impl NodeKind for StartNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: crate::runner::engine::START,
            name: "Start",
            category: "Flow",
            description: "Starts every run and returns its input",
            handles: &[("out", "Next")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        read::<Settings>(config).map(|Settings {}| ())
    }

    fn ignores(&self) -> &'static [(NodeSetting, &'static str)] {
        &[
            (NodeSetting::TimeoutMs, WHY),
            (NodeSetting::Retry, WHY),
            (NodeSetting::OnError, WHY),
            (NodeSetting::Join, WHY),
        ]
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        let input = step.globals.value("input").cloned().unwrap_or_default();
        Box::pin(async move { Ok(StepOutcome::Done(StepResult::out(input))) })
    }
}
