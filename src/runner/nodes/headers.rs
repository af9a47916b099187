//! Headers in a config: names, and values with templates.
use super::{Failed, Step, problem};
use crate::{Error, connect::http::content::put_header, error::FieldProblem, script::template::as_text};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

const MOST: usize = 50;
/// What the record of a step shows of a header that holds credentials.
const HIDDEN: &str = "•••";

/// Whether it takes a run to know the value.
pub(super) fn is_template(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("{{"))
}

/// What is wrong with headers before their templates are resolved.
pub(super) fn check(headers: &Map<String, Value>) -> Vec<FieldProblem> {
    if headers.len() > MOST {
        return vec![problem("headers", format!("must be at most {MOST}"))];
    }
    let wrong = |(name, value): (&String, &Value)| {
        let value = if is_template(value) { "" } else { &as_text(value) };
        let (_, why) = put_header(&mut HeaderMap::new(), name, value).err()?;
        Some(problem(format!("headers.{name}"), why))
    };
    headers.iter().filter_map(wrong).collect()
}

/// Headers with their templates resolved; one that comes to nothing is left out.
pub(super) async fn resolve(step: &Step<'_>, headers: Map<String, Value>) -> Result<HeaderMap, Failed> {
    let mut resolved = HeaderMap::new();
    let Value::Object(headers) = step.resolve(&Value::Object(headers), "headers").await? else { return Ok(resolved) };
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_null()) {
        put_header(&mut resolved, name, &as_text(value))
            .map_err(|(_, why)| Error::invalid(format!("headers.{name}"), why))?;
    }
    Ok(resolved)
}

/// Headers as the record of a step shows them.
pub(super) fn shown(headers: &HeaderMap) -> Map<String, Value> {
    let show = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        let value = if value.is_sensitive() { HIDDEN } else { value.to_str().unwrap_or_default() };
        (name.to_string(), value.into())
    };
    headers.iter().map(show).collect()
}
