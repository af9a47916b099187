//! Says in plain words what serde refuses. Its own texts name Rust's types, and repeat the value without limit.

/// The most characters of a refused value that a text repeats.
const LONGEST: usize = 60;
/// The most allowed values that a text lists.
const LISTED: usize = 60;

/// What a message of serde means: the text, after the name of a field that the path lacks.
pub(super) struct Wording {
    pub field: Option<String>,
    pub text: String,
}

/// Returns what a message means for the sender.
pub(super) fn worded(message: &str) -> Wording {
    let quoted = |start: &str| Some(message.strip_prefix(start)?.split('`').next().unwrap_or_default().to_owned());
    if let Some(name) = quoted("missing field `") {
        return Wording { field: Some(name), text: "is required".to_owned() };
    }
    if let Some(name) = quoted("duplicate field `") {
        return Wording { field: Some(name), text: "is there twice: send it once".to_owned() };
    }
    if let Some(name) = quoted("unknown field `") {
        let expected = message.split_once("`, ").map_or("", |(_, rest)| rest);
        return Wording { field: Some(name), text: format!("is not a known field ({expected})") };
    }
    Wording { field: None, text: reworded(message).unwrap_or_else(|| message.to_owned()) }
}

fn reworded(message: &str) -> Option<String> {
    if let Some(text) = unread(message) {
        return Some(text.to_owned());
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        return unknown_variant(rest);
    }
    if let Some(rest) = message.strip_prefix("invalid length ") {
        return wrong_length(rest);
    }
    if message.starts_with("data did not match any variant") {
        return Some("has none of the forms that are accepted here".to_owned());
    }
    if message.starts_with("UUID parsing failed") {
        return Some("must be a UUID".to_owned());
    }
    let is_value = message.starts_with("invalid value: ");
    if !is_value && !message.starts_with("invalid type: ") {
        return None;
    }
    let (given, expected) = message.rsplit_once(", expected ")?;
    if let Some(text) = number_rule(expected, given.starts_with("invalid value: integer")) {
        return Some(text);
    }
    Some(type_rule(expected, is_value))
}

/// Returns what a value of another type or size than a number must be.
fn number_rule(expected: &str, wrong_size: bool) -> Option<String> {
    let between = |low: i64, high: u64| format!("must be a whole number from {low} to {high}");
    let rule = match expected {
        "u8" if wrong_size => between(0, u8::MAX.into()),
        "u16" if wrong_size => between(0, u16::MAX.into()),
        "u32" if wrong_size => between(0, u32::MAX.into()),
        "u64" | "usize" if wrong_size => between(0, u64::MAX),
        "i8" if wrong_size => between(i8::MIN.into(), i8::MAX as u64),
        "i16" if wrong_size => between(i16::MIN.into(), i16::MAX as u64),
        "i32" if wrong_size => between(i32::MIN.into(), i32::MAX as u64),
        "i64" | "isize" if wrong_size => between(i64::MIN, i64::MAX as u64),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
            "must be a whole number".to_owned()
        }
        "f32" | "f64" => "must be a number".to_owned(),
        other if other.starts_with("a nonzero ") => "must be a whole number other than 0".to_owned(),
        _ => return None,
    };
    Some(rule)
}

fn type_rule(expected: &str, is_value: bool) -> String {
    let rule = match expected {
        "a string" | "a borrowed string" | "string" | "variant identifier" | "field identifier" => "must be a string",
        "a character" | "a char" => "must be one character",
        "a boolean" => "must be true or false",
        "a sequence" => "must be a list",
        "unit" | "null" => "must be null",
        "a UUID" | "a UUID string" | "a formatted UUID string" => "must be a UUID",
        "string or map" => "must be a string or an object",
        "map with a single key" => "must be an object with exactly one field",
        "newtype variant" | "struct variant" | "tuple variant" => "must be an object with the values of this choice",
        "unit variant" => "must be a string without further values",
        other if other.starts_with("an array") || other.starts_with("a tuple") || other.starts_with("tuple ") => {
            "must be a list"
        }
        other if other == "a map" || other.starts_with("struct ") || other.contains("tagged enum ") => {
            "must be an object"
        }
        other if other.starts_with("enum ") => "must be one of the values that are documented for it",
        // a type's own description, such as `an RFC 3339 formatted date and time string`
        other => return format!("must be {}", short(other)),
    };
    if is_value && rule == "must be a list" { "must be a list of the right length".to_owned() } else { rule.to_owned() }
}

/// `rest` begins within the backticks around the given value; then come the allowed ones.
fn unknown_variant(rest: &str) -> Option<String> {
    let (given, expected) = rest.rsplit_once("`, expected ").or_else(|| rest.rsplit_once("`, there are "))?;
    // the allowed values are between backticks
    let allowed: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let given = serde_json::Value::from(short(given));
    match allowed.as_slice() {
        [] => Some(format!("must not be {given}: there is no value that is allowed here")),
        [only] => Some(format!("must be {only}, not {given}")),
        all => {
            let more = if all.len() > LISTED { ", …" } else { "" };
            let listed: Vec<&str> = all.iter().take(LISTED).copied().collect();
            Some(format!("must be one of {}{more}, not {given}", listed.join(", ")))
        }
    }
}

/// `rest` is such as `1, expected an array of length 2`.
fn wrong_length(rest: &str) -> Option<String> {
    let (given, expected) = rest.split_once(", expected ")?;
    let digits =
        |text: &str| text.split(|c: char| !c.is_ascii_digit()).rfind(|part| !part.is_empty()).map(str::to_owned);
    let items = |count: &str| if count == "1" { "1 item".to_owned() } else { format!("{count} items") };
    Some(match digits(expected) {
        Some(count) => format!("must have {}, not {given}", items(&count)),
        None => format!("must not have {}", items(given)),
    })
}

/// Returns what the standard library's message about a text that is no number or boolean means: query strings consist of
/// texts.
fn unread(message: &str) -> Option<&'static str> {
    Some(match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => "must be a whole number",
        "number too large to fit in target type" => "must be a smaller number",
        "number too small to fit in target type" => "must be a larger number",
        "number would be zero for non-zero type" => "must be a whole number other than 0",
        "invalid float literal" | "cannot parse float from empty string" => "must be a number",
        "provided string was not `true` or `false`" => "must be true or false",
        _ => return None,
    })
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::worded;
    use crate::model::parse::from_value;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use std::num::NonZeroU16;
    use uuid::Uuid;

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "camelCase")]
    enum Method {
        Get,
        Post,
        HeadOnly,
    }

    #[derive(Deserialize, Debug)]
    #[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
    #[allow(dead_code)]
    enum Action {
        Run { query: Uuid },
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code)]
    enum Change {
        Insert { values: u8 },
        Nothing,
    }

    #[derive(Deserialize, Debug)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Loose {
        Number(u8),
        Flag(bool),
    }

    #[derive(Deserialize, Debug, Default)]
    #[serde(deny_unknown_fields, default)]
    #[allow(dead_code)]
    struct Everything {
        method: Option<Method>,
        action: Option<Action>,
        change: Option<Change>,
        loose: Option<Loose>,
        point: Option<[i32; 2]>,
        pair: Option<(u8, String)>,
        id: Option<Uuid>,
        small: Option<i8>,
        count: Option<NonZeroU16>,
        share: Option<f32>,
        letter: Option<char>,
        text: Option<String>,
        flag: Option<bool>,
        list: Option<Vec<u8>>,
        nothing: Option<()>,
        day: Option<chrono::NaiveDate>,
    }

    fn refused(given: &Value) -> String {
        from_value::<Everything>(given.clone(), "config").map_or_else(|error| error.to_string(), |_| panic!("{given}"))
    }

    #[test]
    fn each_kind_of_refusal_is_in_plain_words() {
        for (given, expected) in [
            (json!({"method": "brew"}), "config.method: must be one of get, post, headOnly, not \"brew\""),
            (json!({"method": 5}), "config.method: must be a string or an object"),
            (json!({"action": {"type": "walk"}}), "config.action.type: must be run, not \"walk\""),
            (json!({"action": {}}), "config.action.type: is required"),
            (json!({"action": {"type": "run"}}), "config.action.query: is required"),
            (json!({"change": {"drop": {}}}), "config.change: must be one of insert, nothing, not \"drop\""),
            (json!({"change": "insert"}), "config.change.insert: must be an object with the values of this choice"),
            (
                json!({"change": {"insert": {"values": 1}, "x": 1}}),
                "config.change: must be an object with exactly one field",
            ),
            (json!({"loose": "x"}), "config.loose: has none of the forms that are accepted here"),
            (json!({"point": [1]}), "config.point: must have 2 items, not 1"),
            (json!({"point": 1}), "config.point: must be a list"),
            (json!({"pair": [1]}), "config.pair: must have 2 items, not 1"),
            (json!({"id": "x"}), "config.id: must be a UUID"),
            (json!({"id": 5}), "config.id: must be a UUID"),
            (json!({"small": 300}), "config.small: must be a whole number from -128 to 127"),
            (json!({"small": "x"}), "config.small: must be a whole number"),
            (json!({"count": 0}), "config.count: must be a whole number other than 0"),
            (json!({"share": "x"}), "config.share: must be a number"),
            (json!({"letter": "ab"}), "config.letter: must be one character"),
            (json!({"text": 5}), "config.text: must be a string"),
            (json!({"flag": "yes"}), "config.flag: must be true or false"),
            (json!({"list": {}}), "config.list: must be a list"),
            (json!({"list": [1, 999]}), "config.list[1]: must be a whole number from 0 to 255"),
            (json!({"nothing": 1}), "config.nothing: must be null"),
        ] {
            let text = refused(&given);
            assert_eq!(text, expected, "{given}");
        }
        let unknown = refused(&json!({"colour": 1}));
        assert!(
            unknown.starts_with("config.colour: is not a known field (expected one of `method`, `action`"),
            "{unknown}"
        );
        let long = refused(&json!({"method": "x".repeat(500)}));
        assert!(long.len() < 200 && long.ends_with("…\""), "{long}");
        assert!(!refused(&json!({"day": 5})).contains("invalid type"));
    }

    #[test]
    fn a_name_that_is_not_in_the_path_is_returned() {
        for (message, field, text) in [
            ("missing field `name`", Some("name"), "is required"),
            ("duplicate field `limit`", Some("limit"), "is there twice: send it once"),
            ("unknown field `x`, there are no fields", Some("x"), "is not a known field (there are no fields)"),
            (
                "unknown variant `x`, there are no variants",
                None,
                "must not be \"x\": there is no value that is allowed here",
            ),
            ("unknown variant ``, expected `a` or `b`", None, "must be one of a, b, not \"\""),
            ("invalid length 0, expected a value", None, "must not have 0 items"),
            ("invalid type: null, expected an RFC 3339 date", None, "must be an RFC 3339 date"),
            ("anything else", None, "anything else"),
        ] {
            let found = worded(message);
            assert_eq!((found.field.as_deref(), found.text.as_str()), (field, text), "{message}");
        }
    }
}
