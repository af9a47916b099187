//! Joins branches.
use crate::{
    Error, Result,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, NodeSetting, Schema, StepContext, StepFailure, StepOutcome,
        StepResult, read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub struct JoinNode;

const WHY: &str = "a join step neither fails nor takes time";
const MODE: &str = "set the mode of the join step instead";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    #[schemars(title = "Continue when", extend("default" = "all"))]
    mode: Mode,
    /// The number of branches to wait for. Used only by `count`.
    #[serde(default)]
    #[schemars(title = "Count", range(min = 1, max = 1000))]
    count: Option<u32>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// All taken branches have arrived
    #[default]
    All,
    /// The first branch has arrived
    Any,
    /// A number of branches have arrived
    Count,
}

impl NodeKind for JoinNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "join",
            name: "Join",
            category: "Flow",
            description: "Waits for all, any or some of the branches that lead to it",
            handles: &[("out", "Next")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        match (settings.mode, settings.count) {
            (Mode::Count, None) => Err(Error::invalid("count", "is missing: enter the number of branches to wait for")),
            (_, None | Some(1..=1000)) => Ok(()),
            (_, Some(_)) => Err(Error::invalid("count", "must be between 1 and 1000")),
        }
    }

    fn ignores(&self) -> &'static [(NodeSetting, &'static str)] {
        &[
            (NodeSetting::TimeoutMs, WHY),
            (NodeSetting::Retry, WHY),
            (NodeSetting::OnError, WHY),
            (NodeSetting::Join, MODE),
        ]
    }

    /// Completes at once: the engine runs the step only when its branches have arrived.
    fn run<'a>(&'a self, _: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async { Ok(StepOutcome::Done(StepResult::out(Value::Null))) })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_mode_count_requires_a_count() {
        let check = |config: Value| JoinNode.check(config.as_object().unwrap());
        for right in [json!({}), json!({"mode": "any", "count": 2}), json!({"mode": "count", "count": 2})] {
            assert!(check(right.clone()).is_ok(), "{right}");
        }
        for wrong in [
            json!({"mode": "some"}),
            json!({"mode": "count"}),
            json!({"mode": "count", "count": 0}),
            json!({"mode": "all", "count": 0}),
        ] {
            assert!(check(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
