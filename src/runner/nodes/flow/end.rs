//! Ends a run or one of its branches, and sets the run's output.
use crate::{
    Result,
    runner::{
        engine::Ends,
        nodes::{About, Config, Done, Failed, Node, Outcome, Pending, Schema, Step, read, schema_of},
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub struct End;

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
            description: "Ends the run or one of its branches, and sets the run's output",
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

    /// Uses the pinned output, and the config for the rest.
    fn pinned(&self, config: &Config, output: Value) -> Done {
        let ends = read::<Settings>(config).map(|settings| settings.ends()).unwrap_or_default();
        Done { output, handles: Vec::new(), ends: Some(Ends { silent: false, ..ends }) }
    }
}
