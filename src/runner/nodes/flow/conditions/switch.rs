//! Selects a branch by a value.
use super::{branches, operators};
use crate::{
    Error, Result,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeHandle, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome,
        StepResult, read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

pub struct SwitchNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The value to compare, usually a template such as `{{ input.country }}`.
    #[serde(default)]
    #[schemars(title = "Value")]
    value: Value,
    /// Checked in order. The run continues through the first case that equals the value, or through `default` if none
    /// does.
    #[schemars(title = "Cases", length(min = 1, max = 50))]
    cases: Vec<Case>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The id of this case's output, unique within the step.
    #[schemars(title = "ID", length(min = 1, max = 64))]
    id: String,
    #[serde(default)]
    #[schemars(title = "Label")]
    label: String,
    /// Any value, or a template. Numbers, true and false also equal their text.
    #[serde(default)]
    #[schemars(title = "Equals")]
    equals: Value,
}

impl NodeKind for SwitchNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "switch",
            name: "Switch",
            category: "Flow",
            description: "Continues through the case that equals a value, or through the default",
            handles: branches::HANDLES,
            dynamic_handles: Some("cases"),
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        if settings.value.is_null() {
            return Err(Error::invalid("value", "is missing: enter the value to compare, such as {{ input.country }}"));
        }
        branches::check("cases", &settings.cases, |case| &case.id, |_, _| None)
    }

    fn handles(&self, config: &NodeConfig) -> Vec<NodeHandle> {
        branches::handles("cases", config)
    }

    fn pinned(&self, _: &NodeConfig, output: Value) -> StepResult {
        branches::pinned(output)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let value = step.resolve(&settings.value, "value").await?;
            step.saw(&json!({"value": value}));
            for (i, case) in settings.cases.iter().enumerate() {
                let equals = step.resolve(&case.equals, &format!("cases[{i}].equals")).await?;
                if operators::equal(&value, &equals) {
                    step.saw(&json!({"value": value, "equals": equals}));
                    return Ok(branches::take(Some((&case.id, &case.label))));
                }
            }
            Ok(branches::take(None))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_handles_with_unique_ids() {
        let checked = |config: Value| SwitchNode.check(config.as_object().unwrap()).map_err(|error| error.to_string());
        let case = |id: &str| json!({"id": id, "equals": 1});
        assert!(checked(json!({"value": "{{ input.a }}", "cases": [case("a"), case("b")]})).is_ok());
        for (config, words) in [
            (json!({"cases": [case("a")]}), "value: is missing"),
            (json!({"value": 1}), "cases: is required"),
            (json!({"value": 1, "cases": []}), "must contain 1 to 50"),
            (json!({"value": 1, "cases": [case("default")]}), "cases[0].id: `default` is reserved"),
            (json!({"value": 1, "cases": [case("a"), case("a")]}), "cases[1].id: `a` is used twice"),
            (json!({"value": 1, "cases": [{"id": "a", "when": 1}]}), "cases[0].when: is not a known field"),
        ] {
            assert!(checked(config.clone()).unwrap_err().contains(words), "{config}");
        }
        let config = json!({"cases": [{"id": "a", "label": "A"}]});
        let ids: Vec<_> = SwitchNode.handles(config.as_object().unwrap()).into_iter().map(|handle| handle.id).collect();
        assert_eq!(ids, ["a", "default", "error"]);
    }
}
