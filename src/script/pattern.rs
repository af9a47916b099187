//! Regular expressions of users. A match takes time that grows with the pattern and with the text, and nothing can
//! interrupt it: short ones run here and now, all others in a process that can be killed.
use super::{Problem, ProblemKind};
use crate::json::{self, Room};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// The memory that one compiled pattern may take.
const LARGEST: usize = 1 << 20;
/// What is matched at once: about 20 milliseconds at the worst.
const SMALL: usize = 32 << 10;
const SHORT: usize = 1 << 10;
/// The longest text.
const LONGEST: usize = 16 << 20;

/// # Errors
/// Why it is no pattern, or too large a one.
pub fn check(pattern: &str) -> Result<(), String> {
    compile(pattern, LARGEST).map(drop)
}

/// Whether `pattern` matches `text`, if that is quick to say.
pub(super) fn at_once(pattern: &str, text: &str) -> Option<bool> {
    let is_short = pattern.len() <= SHORT && text.len() <= SHORT;
    is_short.then(|| compile(pattern, SMALL).ok()).flatten().map(|pattern| pattern.is_match(text))
}

/// Whether `pattern` matches the string in `json`, as JSON text.
pub(super) fn matches(pattern: &str, json: Option<Vec<u8>>) -> Result<String, Problem> {
    let pattern = compile(pattern, LARGEST).map_err(|why| Problem::new(ProblemKind::Syntax, why))?;
    let text = json.and_then(|json| json::parse(&json, &Room::of(LONGEST)).ok());
    let Some(Value::String(text)) = text else {
        return Err(Problem::new(ProblemKind::Limit, "the text is too long for a pattern"));
    };
    Ok(pattern.is_match(&text).to_string())
}

fn compile(pattern: &str, size: usize) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).size_limit(size).build();
    built.map_err(|error| format!("is not a regular expression: {error}"))
}
