//! HTTP headers in a config, with templates in their values.
use crate::{
    Error,
    connect::http::content::put_header,
    error::FieldProblem,
    runner::nodes::{StepContext, StepFailure, problem},
    script::template::as_text,
};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

const MOST: usize = 50;
/// Shown in a step's input instead of the value of a header with credentials.
const HIDDEN: &str = "•••";

/// Returns whether the value contains templates and is known only in a run.
pub fn is_template(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("{{"))
}

/// Checks headers before their templates are resolved. Returns the problems.
pub fn check(headers: &Map<String, Value>) -> Vec<FieldProblem> {
    if headers.len() > MOST {
        return vec![problem("headers", format!("must contain at most {MOST} headers"))];
    }
    let wrong = |(name, value): (&String, &Value)| {
        let value = if is_template(value) { "" } else { &as_text(value) };
        let (_, why) = put_header(&mut HeaderMap::new(), name, value).err()?;
        Some(problem(format!("headers.{name}"), why))
    };
    headers.iter().filter_map(wrong).collect()
}

/// Resolves the templates of headers. Leaves out headers whose value is null.
pub async fn resolve(step: &StepContext<'_>, headers: Map<String, Value>) -> Result<HeaderMap, StepFailure> {
    let mut resolved = HeaderMap::new();
    let Value::Object(headers) = step.resolve(&Value::Object(headers), "headers").await? else { return Ok(resolved) };
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_null()) {
        put_header(&mut resolved, name, &as_text(value))
            .map_err(|(_, why)| Error::invalid(format!("headers.{name}"), why))?;
    }
    Ok(resolved)
}

/// Returns headers as shown in a step's input.
pub fn shown(headers: &HeaderMap) -> Map<String, Value> {
    let show = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        let value = if value.is_sensitive() { HIDDEN } else { value.to_str().unwrap_or_default() };
        (name.to_string(), value.into())
    };
    headers.iter().map(show).collect()
}
