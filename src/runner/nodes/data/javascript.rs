//! Runs a script with access to the run's data.
use crate::{
    Error, Result,
    runner::nodes::{
        ConfigCode, NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome,
        StepResult, read, schema_of,
    },
    script::{LONGEST, ParseProblem},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

pub struct JavascriptNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The body of an async function with access to `input`, `steps`, `vars` and `run`. Its return value is the step's
    /// output.
    #[schemars(title = "Code", length(max = 100_000), extend("format" = "javascript"))]
    code: String,
}

impl NodeKind for JavascriptNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "javascript",
            name: "JavaScript",
            category: "Data",
            description: "Runs a script in a sandbox and keeps its `console.log` output",
            handles: &[("out", "Next"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        match read::<Settings>(config)?.code.len() {
            0 => Err(Error::invalid("code", "is empty: enter the body of a function, such as `return input`")),
            1..=100_000 => Ok(()),
            _ => Err(Error::invalid("code", "must be at most 100,000 bytes")),
        }
    }

    fn sources(&self, config: &NodeConfig) -> Result<Vec<ConfigCode>, ParseProblem> {
        let code = config.get("code").and_then(Value::as_str);
        let source = |code: &str| ConfigCode { path: "code".to_owned(), code: code.to_owned(), is_script: true };
        Ok(code.map(source).into_iter().collect())
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(10)
    }

    fn longest(&self) -> Duration {
        LONGEST
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let output = step.script(&settings.code, "code").await?;
            Ok(StepOutcome::Done(StepResult::out(output)))
        })
    }
}
