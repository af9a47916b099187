//! Sets the response to the webhook that started the run.
use crate::{
    Error, Result,
    model::parse,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult,
        http::{headers, response_headers},
        problem, read, schema_of,
    },
    script::template::as_text,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The node type whose output is the response to the caller.
pub const RESPOND: &str = "respond";

pub struct RespondNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A status from 200 to 599, or a template.
    #[serde(default = "ok")]
    #[schemars(title = "Status", extend("default" = 200))]
    status: Value,
    #[serde(default)]
    #[schemars(title = "Headers", length(max = 50))]
    headers: Map<String, Value>,
    /// Text is sent unchanged, anything else as JSON.
    #[serde(default)]
    #[schemars(title = "Body")]
    body: Value,
}

fn ok() -> Value {
    200.into()
}

/// Parses the status of a final response, a number or its text: 200 to 599. A 1xx status only announces another one.
///
/// # Errors
/// `Invalid` at `status`.
pub fn status(value: &Value) -> Result<u16> {
    let number = parse::whole_number(value).or_else(|| value.as_str()?.trim().parse().ok());
    let status = number.and_then(|number| u16::try_from(number).ok()).filter(|status| (200..600).contains(status));
    status.ok_or_else(|| Error::invalid("status", "must be between 200 and 599"))
}

impl NodeKind for RespondNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: RESPOND,
            name: "Respond",
            category: "Flow",
            description: "Responds to the webhook that started the run",
            handles: &[("out", "Next")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        let mut problems = headers::check(&settings.headers);
        let refused = |(name, value): (&String, &Value)| {
            let literal = (!headers::is_template(value)).then(|| as_text(value));
            let why = response_headers::check(name, literal.as_deref()).err()?;
            Some(problem(format!("headers.{name}"), why))
        };
        let wrong = settings.headers.iter().filter_map(refused);
        problems.extend(wrong);
        problems.dedup_by(|one, other| one.path == other.path);
        if !headers::is_template(&settings.status)
            && let Err(Error::Invalid(wrong)) = status(&settings.status)
        {
            problems.extend(wrong);
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let status = status(&step.resolve(&settings.status, "status").await?)?;
            let mut given = Map::new();
            for (name, value) in &headers::resolve(step, settings.headers).await? {
                let text = value.to_str().unwrap_or_default();
                response_headers::check(name.as_str(), Some(text))
                    .map_err(|why| Error::invalid(format!("headers.{name}"), why))?;
                given.insert(name.to_string(), text.into());
            }
            let body = step.resolve(&settings.body, "body").await?;
            let output = json!({"status": status, "headers": given, "body": body});
            step.saw(&output);
            Ok(StepOutcome::Done(StepResult::out(output)))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_responses_that_can_be_sent_are_accepted() {
        let check = |config: Value| RespondNode.check(config.as_object().unwrap());
        for right in [
            json!({}),
            json!({"status": 201, "headers": {"X-Total": "{{ input.n }}"}, "body": {"a": "{{ input.a }}"}}),
            json!({"status": "{{ input.ok ? 200 : 404 }}"}),
        ] {
            assert!(check(right.clone()).is_ok(), "{right}");
        }
        for wrong in [
            json!({"status": 99}),
            json!({"status": 101}),
            json!({"status": 199}),
            json!({"status": "199"}),
            json!({"status": 600}),
            json!({"status": "soon"}),
            json!({"headers": {"not a name": "x"}}),
            json!({"headers": {"X-A": "two\nlines"}}),
            json!({"headers": {"Content-Length": "5"}}),
            json!({"headers": {"Set-Cookie": "{{ input.a }}"}}),
            json!({"headers": {"Location": "javascript:alert(1)"}}),
        ] {
            assert!(check(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
