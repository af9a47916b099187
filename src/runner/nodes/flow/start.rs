//! Starts a run: its output is the run's input.
use crate::{
    Result,
    runner::nodes::{About, Config, Done, Failed, Node, Outcome, Pending, Schema, Setting, Step, read, schema_of},
};
use schemars::JsonSchema;
use serde::Deserialize;

pub struct Start;

const WHY: &str = "a start step neither fails nor waits";

/// No settings: the workflow declares the inputs of its runs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {}

impl Node for Start {
    fn about(&self) -> About {
        About {
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

    fn check(&self, config: &Config) -> Result<()> {
        read::<Settings>(config).map(|Settings {}| ())
    }

    fn ignores(&self) -> &'static [(Setting, &'static str)] {
        &[(Setting::TimeoutMs, WHY), (Setting::Retry, WHY), (Setting::OnError, WHY), (Setting::Join, WHY)]
    }

    fn run<'a>(&'a self, step: &'a Step<'a>) -> Pending<'a, Result<Outcome, Failed>> {
        let input = step.globals.value("input").cloned().unwrap_or_default();
        Box::pin(async move { Ok(Outcome::Done(Done::out(input))) })
    }
}
