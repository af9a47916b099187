//! Plain paths such as `steps.users.data[0].id`, followed without the JavaScript engine but by its rules.
use serde_json::{Map, Value};
use std::borrow::Cow;

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    Key(String),
    Index(usize),
}

/// Parses `source` as a path; `None` if it is anything else.
pub fn parse(source: &str) -> Option<Vec<Segment>> {
    let (first, mut rest) = identifier(source)?;
    let mut segments = vec![Segment::Key(first.to_owned())];
    while !rest.is_empty() {
        let (segment, after) = if let Some(after) = rest.strip_prefix('.') {
            let (name, after) = identifier(after)?;
            (Segment::Key(name.to_owned()), after)
        } else {
            bracketed(rest.strip_prefix('[')?)?
        };
        segments.push(segment);
        rest = after;
    }
    // what every object inherits from its prototype is left to the engine
    let inherited = |segment: &Segment| matches!(segment, Segment::Key(key) if key == "__proto__");
    (!segments.iter().any(inherited)).then_some(segments)
}

fn identifier(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let starts_well = name.starts_with(|c: char| !c.is_ascii_digit());
    starts_well.then_some((name, rest))
}

/// Parses `0]…` or `"key"]…`. Also returns what follows the bracket.
fn bracketed(text: &str) -> Option<(Segment, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (key, rest) = text[1..].split_once(quote)?;
        let plain = !key.contains(['\\', '\n', '\r']);
        return plain.then_some((Segment::Key(key.to_owned()), rest.strip_prefix(']')?));
    }
    let (digits, rest) = text.split_once(']')?;
    let canonical = digits == "0" || !digits.starts_with('0');
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !canonical || !numeric || digits.len() > 9 {
        return None;
    }
    Some((Segment::Index(digits.parse().ok()?), rest))
}

impl Segment {
    /// Returns the segment as the name of an object's field.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Key(key) => Cow::Borrowed(key),
            Self::Index(index) => Cow::Owned(index.to_string()),
        }
    }
}

/// Follows a path. Returns `None` if its variable is not in the scope, because the engine may know it.
pub fn follow(path: &[Segment], scope: &Map<String, Value>) -> Option<Result<Value, String>> {
    let (Segment::Key(root), rest) = path.split_first()? else {
        return None;
    };
    walk(scope.get(root)?, rest)
}

/// Follows `rest` from `start`. Returns `None` if only the engine can evaluate it.
pub fn walk(start: &Value, rest: &[Segment]) -> Option<Result<Value, String>> {
    let mut current = start;
    for (i, segment) in rest.iter().enumerate() {
        current = match (current, segment) {
            (Value::Null, segment) => return Some(Err(of_nothing(segment, "null"))),
            (Value::Object(fields), segment) => match fields.get(&*segment.name()) {
                Some(value) => value,
                None => return Some(missing(&rest[i + 1..])),
            },
            (Value::Array(items), Segment::Index(index)) => match items.get(*index) {
                Some(value) => value,
                None => return Some(missing(&rest[i + 1..])),
            },
            (Value::Array(items), Segment::Key(key)) if key == "length" => {
                return Some(scalar(items.len().into(), &rest[i + 1..]));
            }
            (Value::String(text), Segment::Key(key)) if key == "length" => {
                return Some(scalar(text.encode_utf16().count().into(), &rest[i + 1..]));
            }
            // methods and the like exist only in the engine
            _ => return None,
        };
    }
    Some(Ok(current.clone()))
}

/// Returns null for a missing property, and an error if `rest` reads a property of that.
pub fn missing(rest: &[Segment]) -> Result<Value, String> {
    match rest.first() {
        None => Ok(Value::Null),
        Some(segment) => Err(of_nothing(segment, "undefined")),
    }
}

/// Follows `rest` from a number, which has no properties: the first is null, and reading a property of that is an
/// error.
fn scalar(value: Value, rest: &[Segment]) -> Result<Value, String> {
    match rest {
        [] => Ok(value),
        [_, rest @ ..] => missing(rest),
    }
}

fn of_nothing(segment: &Segment, what: &str) -> String {
    format!("TypeError: cannot read property '{}' of {what}", segment.name())
}
