//! Regular expressions of users. Matching takes time in proportion to the pattern and the text, and nothing can
//! interrupt it: short ones run immediately, all others in a process that can be killed.
use super::{ScriptProblem, ScriptProblemKind};
use crate::json::{self, Room};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// The memory that one compiled pattern may take.
const LARGEST: usize = 1 << 20;
/// The compiled size, and the length of pattern and text, up to which a match runs immediately: it takes about 20
/// milliseconds at worst.
const SMALL: usize = 32 << 10;
const SHORT: usize = 1 << 10;
/// The longest text that is matched, in bytes.
const LONGEST: usize = 16 << 20;

/// Checks that a pattern is valid and not too large.
///
/// # Errors
/// Why it is not.
pub fn check(pattern: &str) -> Result<(), String> {
    compile(pattern, LARGEST).map(drop)
}

/// Returns whether `pattern` matches `text`, if that can be determined quickly.
pub(super) fn at_once(pattern: &str, text: &str) -> Option<bool> {
    let is_short = pattern.len() <= SHORT && text.len() <= SHORT;
    is_short.then(|| compile(pattern, SMALL).ok()).flatten().map(|pattern| pattern.is_match(text))
}

/// Returns whether `pattern` matches the string in `json`, as JSON text.
pub(super) fn matches(pattern: &str, json: Option<Vec<u8>>) -> Result<String, ScriptProblem> {
    let pattern = compile(pattern, LARGEST).map_err(|why| ScriptProblem::new(ScriptProblemKind::Syntax, why))?;
    let text = json.and_then(|json| json::parse(&json, &Room::of(LONGEST)).ok());
    let Some(Value::String(text)) = text else {
        return Err(ScriptProblem::new(ScriptProblemKind::Limit, "the text is too long for a pattern"));
    };
    Ok(pattern.is_match(&text).to_string())
}

fn compile(pattern: &str, size: usize) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).size_limit(size).build();
    built.map_err(|error| format!("is not a valid regular expression: {error}"))
}
