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
    /// What the run gives: a template such as `{{ steps.users.data }}`, or any JSON with templates in it. Empty: what
    /// another end step gave stays.
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

impl Settings {
    fn ends(&self) -> Ends {
        Ends { failed: self.status == Status::Failed, terminate: self.terminate, silent: self.output.is_null() }
    }
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
            let ends = settings.ends();
            let output = step.resolve(&settings.output, "output").await?;
            Ok(Outcome::Done(Done { output, handles: Vec::new(), ends: Some(ends) }))
        })
    }

    /// A pinned output is an output; the rest is as the config says.
    fn pinned(&self, config: &Config, output: Value) -> Done {
        let ends = read::<Settings>(config).map(|settings| settings.ends()).unwrap_or_default();
        Done { output, handles: Vec::new(), ends: Some(Ends { silent: false, ..ends }) }
    }
}
