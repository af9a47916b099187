//! A visible place where branches meet.
use super::{About, Config, Done, Failed, Node, Outcome, Pending, Schema, Setting, Step, read, schema_of};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub struct Join;

const WHY: &str = "a join step does not fail, and takes no time of its own";
const MODE: &str = "set the mode of the join step instead";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    #[schemars(title = "Go on when", extend("default" = "all"))]
    mode: Mode,
    /// How many of the branches that lead here; only `count` looks at it.
    #[serde(default)]
    #[schemars(title = "Count", range(min = 1, max = 1000))]
    count: Option<u32>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// All branches that were taken have come
    #[default]
    All,
    /// The first one has come
    Any,
    /// So many have come
    Count,
}

impl Node for Join {
    fn about(&self) -> About {
        About {
            kind: "join",
            name: "Join",
            category: "Flow",
            description: "Waits for the branches that lead here: for all, for any, or for some of them",
            handles: &[("out", "Next")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &Config) -> Result<()> {
        let settings: Settings = read(config)?;
        match (settings.mode, settings.count) {
            (Mode::Count, None) => Err(Error::invalid("count", "is missing: say how many branches to wait for")),
            (_, None | Some(1..=1000)) => Ok(()),
            (_, Some(_)) => Err(Error::invalid("count", "must be from 1 to 1000")),
        }
    }

    fn ignores(&self) -> &'static [(Setting, &'static str)] {
        &[(Setting::TimeoutMs, WHY), (Setting::Retry, WHY), (Setting::OnError, WHY), (Setting::Join, MODE)]
    }

    /// By the time it runs it has waited: that is the engine's part.
    fn run<'a>(&'a self, _: &'a Step<'a>) -> Pending<'a, Result<Outcome, Failed>> {
        Box::pin(async { Ok(Outcome::Done(Done::out(Value::Null))) })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_count_is_there_when_it_is_needed() {
        let check = |config: Value| Join.check(config.as_object().unwrap());
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
