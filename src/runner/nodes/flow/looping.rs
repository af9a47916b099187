//! Runs the nodes inside the loop once for each item of a list.
use crate::{
    Error, Result,
    model::parse,
    runner::{
        engine::{LOOP, LoopPlan, OnItemError},
        nodes::{
            NodeConfig, NodeFuture, NodeInfo, NodeKind, NodeSetting, Schema, StepContext, StepFailure, StepOutcome,
            read, schema_of,
        },
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const MAX_ITEMS: usize = 100_000;
/// Maximum number of iterations that run at once.
const MAX_CONCURRENCY: u32 = 32;

pub struct LoopNode;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The list to loop over, usually a template such as `{{ steps.users.data }}`. A number loops over 0, 1, 2 … up to
    /// but not including it, an object over its `{key, value}` pairs. The steps inside see `item` and `index`.
    #[schemars(title = "Items")]
    items: Value,
    /// Maximum number of items processed at once, 1 to 32.
    #[serde(default = "one")]
    #[schemars(title = "Concurrency", range(min = 1, max = 32))]
    concurrency: u32,
    /// Whether the loop fails, leaves the item out, or uses the error as the item's result.
    #[serde(default)]
    #[schemars(title = "When an item fails")]
    on_item_error: OnItemError,
    /// The loop fails if there are more items than this; at most 100,000.
    #[serde(default = "most")]
    #[schemars(title = "Max items", range(min = 1, max = 100_000), extend("x-group" = "Advanced"))]
    max_items: usize,
}

fn one() -> u32 {
    1
}

fn most() -> usize {
    MAX_ITEMS
}

impl Settings {
    fn check(&self) -> Result<()> {
        if !(1..=MAX_CONCURRENCY).contains(&self.concurrency) {
            return Err(Error::invalid("concurrency", format!("must be between 1 and {MAX_CONCURRENCY}")));
        }
        if !(1..=MAX_ITEMS).contains(&self.max_items) {
            return Err(Error::invalid("maxItems", format!("must be between 1 and {MAX_ITEMS}")));
        }
        Ok(())
    }

    fn list(&self, items: Value) -> Result<Vec<Value>> {
        let too_many = |count: usize| {
            let why = format!("has {count} items, more than the {} allowed by maxItems", self.max_items);
            Error::invalid("items", why)
        };
        let items = match items {
            Value::Array(items) => items,
            Value::Object(fields) => {
                fields.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
            }
            Value::Number(number) => {
                let count = parse::whole_number(&Value::Number(number)).and_then(|count| usize::try_from(count).ok());
                let count = count.ok_or_else(|| Error::invalid("items", "must be a non-negative integer"))?;
                if count > self.max_items {
                    return Err(too_many(count));
                }
                (0..count).map(Value::from).collect()
            }
            Value::Null => return Err(Error::invalid("items", "is null: check the expression")),
            _ => return Err(Error::invalid("items", "must be a list, an object or a number of iterations")),
        };
        if items.len() > self.max_items { Err(too_many(items.len())) } else { Ok(items) }
    }
}

impl NodeKind for LoopNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: LOOP,
            name: "Loop",
            category: "Flow",
            description: "Runs the steps inside it for each item and returns the list of results",
            handles: &[("out", "Done"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings = read::<Settings>(config)?;
        settings.check()?;
        match &settings.items {
            Value::String(text) if !text.contains("{{") => {
                Err(Error::invalid("items", "is plain text: enter a template such as {{ steps.users.data }}"))
            }
            Value::Array(_) | Value::Object(_) | Value::String(_) | Value::Number(_) => Ok(()),
            _ => Err(Error::invalid("items", "is missing: enter a list, or a template such as {{ steps.users.data }}")),
        }
    }

    fn ignores(&self) -> &'static [(NodeSetting, &'static str)] {
        &[(NodeSetting::Retry, "a loop is not retried as a whole: set the retry of the steps inside it")]
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let items = step.resolve(&settings.items, "items").await?;
            step.saw(&json!({"items": items}));
            let items = settings.list(items)?;
            let (concurrency, on_item_error) = (settings.concurrency, settings.on_item_error);
            Ok(StepOutcome::Loop(LoopPlan { items, concurrency, on_item_error }))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn list(items: Value) -> Result<Vec<Value>> {
        read::<Settings>(json!({"items": 0, "maxItems": 3}).as_object().unwrap()).unwrap().list(items)
    }

    #[test]
    fn loops_accept_lists_objects_and_numbers() {
        assert_eq!(list(json!([1, "a"])).unwrap(), [json!(1), json!("a")]);
        assert_eq!(list(json!(2)).unwrap(), [json!(0), json!(1)]);
        assert_eq!(list(json!({"a": 1})).unwrap(), [json!({"key": "a", "value": 1})]);
        for (items, words) in [
            (json!([1, 2, 3, 4]), "more than the 3"),
            (json!(9_000_000_000_000u64), "more than the 3"),
            (json!(-1), "negative"),
            (json!("abc"), "must be a list"),
            (Value::Null, "is null"),
        ] {
            assert!(list(items.clone()).unwrap_err().to_string().contains(words), "{items}");
        }
    }

    #[test]
    fn the_check_reports_problems_of_a_loop() {
        let checked = |config: Value| LoopNode.check(config.as_object().unwrap()).map_err(|error| error.to_string());
        assert_eq!(checked(json!({"items": "{{ input }}", "concurrency": 32})), Ok(()));
        for (config, words) in [
            (json!({}), "items: is required"),
            (json!({"items": "input"}), "plain text"),
            (json!({"items": null}), "is missing"),
            (json!({"items": [], "concurrency": 33}), "concurrency"),
            (json!({"items": [], "maxItems": 100_001}), "maxItems"),
            (json!({"items": [], "onItemError": "ignore"}), "onItemError"),
        ] {
            let checked = checked(config.clone()).unwrap_err();
            assert!(checked.contains(words), "{config}: {checked}");
        }
    }
}
