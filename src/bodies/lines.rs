//! JSON Lines: one document per line (NDJSON, JSON text sequences).
use crate::json::JsonRefusal;
use serde::de::IgnoredAny;

/// Precedes each document of a JSON text sequence (RFC 7464).
const SEPARATOR: char = '\u{1e}';

/// Whether a text declared as one JSON document has one per line: the first line is a complete object or array, and
/// another document follows.
pub fn is_several(text: &str) -> bool {
    let Some((first, rest)) = text.trim_start().split_once('\n') else { return false };
    let rest = rest.trim_start();
    first.starts_with(['{', '[']) && rest.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(first).is_ok()
}

/// Joins the documents into one JSON array. Skips empty lines.
///
/// # Errors
/// `Wrong`, naming the line that is not valid JSON.
pub fn array(text: &str) -> Result<String, JsonRefusal> {
    let mut list = String::with_capacity(text.len() + 2);
    list.push('[');
    for (at, line) in text.split('\n').enumerate() {
        let line = line.trim_matches([' ', '\t', '\r', SEPARATOR]);
        if line.is_empty() {
            continue;
        }
        serde_json::from_str::<IgnoredAny>(line).map_err(|error| {
            let what = if error.is_eof() { "is incomplete" } else { "is not valid JSON" };
            JsonRefusal::Wrong(format!("is not valid JSON: line {} {what}: {error}", at + 1))
        })?;
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(line);
    }
    list.push(']');
    Ok(list)
}
