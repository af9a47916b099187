//! Where a run, or a branch of it, ends: sets the run's output.
use super::{About, Config, Done, Failed, Node, Outcome, Pending, Schema, Step, read, schema_of};
use crate::{Result, runner::engine::Ends};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub struct End;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What the run gives: a template such as `{{ steps.users.data }}`, or any JSON with templates in it.
    #[serde(default)]
    #[schemars(title = "Output")]
    output: Value,
    /// Whether the run counts as completed or as failed.
    #[serde(default)]
    #[schemars(title = "Status")]
    status: Status,
    /// Cancels the steps that still run or wait in other branches.
    #[serde(default)]
    #[schemars(title = "End other branches too")]
    terminate: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Completed,
    Failed,
}

impl Node for End {
    fn about(&self) -> About {
        About {
            kind: "end",
            name: "End",
            category: "Flow",
            description: "Ends the run or a branch of it, and sets the run's output",
            handles: &[],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &Config) -> Result<()> {
        read::<Settings>(config).map(drop)
    }

    fn run<'a>(&'a self, step: &'a Step<'a>) -> Pending<'a, Result<Outcome, Failed>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let output = step.resolve(&settings.output, "output").await?;
            Ok(Outcome::Done(Done {
                output,
                handles: Vec::new(),
                ends: Some(Ends { failed: settings.status == Status::Failed, terminate: settings.terminate }),
            }))
        })
    }

    fn pinned(&self, output: Value) -> Done {
        Done { output, handles: Vec::new(), ends: Some(Ends { failed: false, terminate: false }) }
    }
}
