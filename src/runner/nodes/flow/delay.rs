//! A delay that survives restarts: it stores a due time instead of blocking a thread.
use crate::{
    Error, Result,
    clock::Time,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult, Wait,
        read, schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Maximum delay.
const LONGEST: Duration = Duration::from_hours(30 * 24);

pub struct DelayNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A duration such as `500ms`, `5s`, `10m`, `2h` or `3d`, at most 30 days. Templates are supported.
    #[serde(rename = "for", default)]
    #[schemars(title = "For")]
    length: Option<String>,
    /// A time such as `2026-01-31T12:00:00Z`. Templates are supported.
    #[serde(default)]
    #[schemars(title = "Until")]
    until: Option<String>,
}

/// Parses a duration such as `500ms`, `5s`, `10m`, `2h` or `3d`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number: u64 = number.parse().ok()?;
    let ms = match unit.trim() {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(ms)?))
}

/// Parses the duration in `field` and checks that it does not exceed the maximum.
pub fn duration(field: &str, text: &str) -> Result<Duration> {
    let length = parse_duration(text).ok_or_else(|| {
        Error::invalid(field, format!("`{text}` is not a duration: enter a value such as 500ms, 5s, 10m, 2h or 3d"))
    })?;
    if length > LONGEST {
        return Err(Error::invalid(field, "must be at most 30 days"));
    }
    Ok(length)
}

fn moment(text: &str) -> Result<Time> {
    Time::parse(text).ok_or_else(|| {
        Error::invalid("until", format!("`{text}` is not a time: enter a value such as 2026-01-31T12:00:00Z"))
    })
}

impl Settings {
    /// Returns the time at which a delay that begins at `now` ends.
    fn due(&self, now: Time) -> Result<Time> {
        let due = match (&self.length, &self.until) {
            (Some(length), None) => now.plus(duration("for", length)?),
            (None, Some(until)) => moment(until)?,
            _ => return Err(Error::invalid("for", "set exactly one of `for` and `until`")),
        };
        if due > now.plus(LONGEST) {
            return Err(Error::invalid("until", "must be at most 30 days away"));
        }
        Ok(due)
    }
}

impl NodeKind for DelayNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "delay",
            name: "Delay",
            category: "Flow",
            description: "Waits for a duration or until a time, even across restarts",
            handles: &[("out", "Next")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        let fixed = |text: &Option<String>| text.as_ref().filter(|text| !text.contains("{{")).cloned();
        match (&settings.length, &settings.until) {
            (Some(_), None) => fixed(&settings.length).map_or(Ok(()), |text| duration("for", &text).map(drop)),
            (None, Some(_)) => fixed(&settings.until).map_or(Ok(()), |text| moment(&text).map(drop)),
            (None, None) => Err(Error::invalid("for", "is missing: enter a duration such as 5m")),
            (Some(_), Some(_)) => Err(Error::invalid("until", "cannot be used with `for`: remove one of them")),
        }
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let resolved = step.resolve(&Value::Object(step.config.clone()), "").await?;
            step.saw(&resolved);
            let settings: Settings = crate::model::parse::from_value(resolved, "")?;
            let due = settings.due(Time::now())?;
            let then = StepResult::out(json!({"until": due}));
            Ok(StepOutcome::Wait(Box::new(Wait { due: Some(due), then, ..Wait::default() })))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(config: &Value) -> Result<()> {
        DelayNode.check(config.as_object().unwrap())
    }

    #[test]
    fn durations_have_one_number_and_one_unit() {
        let read = |text| parse_duration(text).map(|length| length.as_millis());
        assert_eq!(read("500ms"), Some(500));
        assert_eq!(read("5s"), Some(5000));
        assert_eq!(read(" 2 h "), Some(7_200_000));
        assert_eq!(read("3d"), Some(259_200_000));
        for wrong in ["", "5", "s", "-5s", "1.5h", "5 weeks", "99999999999999999999d", "5s5s"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_delay_has_for_or_until_but_not_both() {
        assert!(check(&json!({"for": "5m"})).is_ok());
        assert!(check(&json!({"for": "{{ input.wait }}"})).is_ok());
        assert!(check(&json!({"until": "2026-01-31T12:00:00Z"})).is_ok());
        for wrong in [
            json!({}),
            json!({"for": "5m", "until": "2026-01-31T12:00:00Z"}),
            json!({"for": "soon"}),
            json!({"for": "31d"}),
            json!({"until": "soon"}),
            json!({"for": 5}),
        ] {
            assert!(check(&wrong).is_err(), "{wrong}");
        }
    }
}
