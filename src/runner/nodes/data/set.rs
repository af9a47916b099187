//! Defines values for later steps.
use crate::{
    Error, Result,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult, problem,
        read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

const MOST: usize = 200;

pub struct SetNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Names and values: any JSON with templates. A single template keeps the type of its value. Later steps use
    /// `steps.<name of this step>.<name>`.
    #[schemars(title = "Values", length(max = 200))]
    values: Map<String, Value>,
}

impl NodeKind for SetNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "set",
            name: "Set values",
            category: "Data",
            description: "Sets named values for later steps",
            handles: &[("out", "Next")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let Settings { values } = read(config)?;
        if values.len() > MOST {
            return Err(Error::invalid("values", format!("must contain at most {MOST} values")));
        }
        let nameless = values.keys().any(|name| name.trim().is_empty());
        if nameless { Err(Error::Invalid(vec![problem("values", "contains a value without a name")])) } else { Ok(()) }
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let Settings { values } = read(step.config)?;
            let output = step.resolve(&Value::Object(values), "values").await?;
            Ok(StepOutcome::Done(StepResult::out(output)))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_must_have_names() {
        let check = |config: Value| SetNode.check(config.as_object().unwrap());
        assert!(check(json!({"values": {"total": "{{ input.a }}", "list": [1, null]}})).is_ok());
        assert!(check(json!({"values": {}})).is_ok());
        let many: Map<String, Value> = (0..201).map(|i| (format!("v{i}"), Value::Null)).collect();
        for wrong in [json!({}), json!({"values": []}), json!({"values": {" ": 1}}), json!({"values": many})] {
            assert!(check(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
