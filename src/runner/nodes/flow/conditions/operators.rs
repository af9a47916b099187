//! The operators of a condition's comparisons.
use super::decimal::DecimalNumber;
use crate::{json::number::number, script::pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds(bool),
    /// Depends on whether the pattern matches the text, which the sandbox decides.
    Matches {
        pattern: String,
        text: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ComparisonOperator {
    Equals,
    NotEquals,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    GreaterThan,
    LessThan,
    GreaterOrEqual,
    LessOrEqual,
    IsEmpty,
    IsNotEmpty,
    /// A regular expression, matched in linear time.
    Matches,
    /// `[low, high]`, inclusive.
    Between,
    In,
}

impl ComparisonOperator {
    /// Checks a right side without templates.
    pub fn check(self, right: &Value) -> Result<(), String> {
        match (self, right) {
            (Self::Matches, Value::String(pattern)) => pattern::check(pattern),
            (Self::Matches, _) => Err("must be a regular expression".to_owned()),
            (Self::Between, right) => pair(right).map(drop),
            (Self::In, Value::Array(_)) => Ok(()),
            (Self::In, _) => Err("must be a list".to_owned()),
            _ => Ok(()),
        }
    }

    /// Compares `left` to `right`.
    ///
    /// # Errors
    /// If the operator does not apply to the types of the values.
    pub fn compare(self, left: &Value, right: &Value) -> Result<Verdict, String> {
        Ok(Verdict::Holds(match self {
            Self::Equals => equal(left, right),
            Self::NotEquals => !equal(left, right),
            Self::Contains => contains(left, right)?,
            Self::NotContains => !contains(left, right)?,
            Self::StartsWith => text(left)?.starts_with(&text(right)?),
            Self::EndsWith => text(left)?.ends_with(&text(right)?),
            Self::GreaterThan => order(left, right)? == Ordering::Greater,
            Self::LessThan => order(left, right)? == Ordering::Less,
            Self::GreaterOrEqual => order(left, right)? != Ordering::Less,
            Self::LessOrEqual => order(left, right)? != Ordering::Greater,
            Self::IsEmpty => is_empty(left),
            Self::IsNotEmpty => !is_empty(left),
            Self::Matches => return Ok(Verdict::Matches { pattern: text(right)?, text: text(left)? }),
            Self::Between => {
                let (low, high) = pair(right)?;
                order(left, low)? != Ordering::Less && order(left, high)? != Ordering::Greater
            }
            Self::In => match right {
                Value::Array(items) => items.iter().any(|item| equal(left, item)),
                _ => return Err(format!("`in` requires a list on the right, not {}", name(right))),
            },
        }))
    }
}

fn pair(value: &Value) -> Result<(&Value, &Value), String> {
    match value.as_array().map(Vec::as_slice) {
        Some([low, high]) => Ok((low, high)),
        _ => Err("must be a list of two values: [low, high]".to_owned()),
    }
}

/// Returns whether two values are equal. Numbers and booleans also equal their text. Numbers that became text, because
/// nothing else holds them, are equal if their values are.
pub fn equal(left: &Value, right: &Value) -> bool {
    let is_kept = |text: &str| matches!(number(text), Some(Value::String(_)));
    match (left, right) {
        (Value::String(one), Value::String(other)) if one != other && is_kept(one) && is_kept(other) => {
            DecimalNumber::of(left) == DecimalNumber::of(right)
        }
        (Value::Number(one), Value::Number(other)) if one == other => true,
        (Value::Number(_), Value::Number(_) | Value::String(_)) | (Value::String(_), Value::Number(_)) => {
            DecimalNumber::of(left).is_some_and(|number| Some(number) == DecimalNumber::of(right))
        }
        (Value::Bool(value), Value::String(text)) | (Value::String(text), Value::Bool(value)) => {
            text.trim().parse() == Ok(*value)
        }
        _ => left == right,
    }
}

fn contains(left: &Value, right: &Value) -> Result<bool, String> {
    match left {
        Value::String(left) => Ok(left.contains(&text(right)?)),
        Value::Array(items) => Ok(items.iter().any(|item| equal(item, right))),
        Value::Object(fields) => Ok(fields.contains_key(&text(right)?)),
        Value::Null => Ok(false),
        _ => Err(format!("{} cannot contain other values", name(left))),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Orders numbers by value, also if they are text, and other text by character, which suits RFC 3339 times in UTC.
fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    if let (Some(left), Some(right)) = (DecimalNumber::of(left), DecimalNumber::of(right)) {
        return Ok(left.cmp(&right));
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        _ => Err(format!("{} and {} cannot be compared", name(left), name(right))),
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null => Ok(String::new()),
        _ => Err(format!("must be text, not {}", name(value))),
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::{ComparisonOperator::*, Verdict};
    use serde_json::json;

    #[test]
    fn operators_compare_values() {
        let cases = [
            (json!(5), Equals, json!(5.0), true),
            (json!("5"), Equals, json!(5), true),
            (json!("true"), Equals, json!(true), true),
            (json!(9_007_199_254_740_993_u64), Equals, json!(9_007_199_254_740_992_u64), false),
            (json!(9_007_199_254_740_993_u64), GreaterThan, json!(9_007_199_254_740_992_u64), true),
            (json!("9007199254740993"), Equals, json!(9_007_199_254_740_992_u64), false),
            (json!(9_007_199_254_740_993_u64), In, json!([9_007_199_254_740_992_u64]), false),
            (json!(9_007_199_254_740_993_u64), Between, json!([0, 9_007_199_254_740_992_u64]), false),
            (json!([9_007_199_254_740_993_u64]), Contains, json!(9_007_199_254_740_992_u64), false),
            (json!("Nan"), GreaterThan, json!("5"), true),
            (json!("Infinity"), Equals, json!(1e308), false),
            (json!([1, {"a": 2}]), Equals, json!([1, {"a": 2}]), true),
            (json!("12345678901234567.10"), Equals, json!("12345678901234567.1"), true),
            (json!("12345678901234567.10"), In, json!(["12345678901234567.1"]), true),
            (json!("5.0"), Equals, json!("5"), false),
            (json!("007"), Equals, json!("7"), false),
            (json!(null), Equals, json!(""), false),
            (json!("a"), NotEquals, json!("b"), true),
            (json!("hello"), Contains, json!("ell"), true),
            (json!([1, 2]), Contains, json!("2"), true),
            (json!({"a": 1}), Contains, json!("a"), true),
            (json!(null), Contains, json!("a"), false),
            (json!("hello"), NotContains, json!("z"), true),
            (json!("hello"), StartsWith, json!("he"), true),
            (json!("hello"), EndsWith, json!("lo"), true),
            (json!(10), GreaterThan, json!(9), true),
            (json!("10"), GreaterThan, json!(9), true),
            (json!("2026-02-01"), GreaterThan, json!("2026-01-31"), true),
            (json!(1), LessThan, json!(2), true),
            (json!(2), GreaterOrEqual, json!(2), true),
            (json!(2), LessOrEqual, json!(2), true),
            (json!(3), LessOrEqual, json!(2), false),
            (json!([]), IsEmpty, json!(null), true),
            (json!(0), IsEmpty, json!(null), false),
            (json!("a"), IsNotEmpty, json!(null), true),
            (json!(5), Between, json!([1, 5]), true),
            (json!(6), Between, json!([1, 5]), false),
            (json!("b"), In, json!(["a", "b"]), true),
            (json!("c"), In, json!(["a", "b"]), false),
        ];
        for (left, operator, right, expected) in cases {
            assert_eq!(operator.compare(&left, &right), Ok(Verdict::Holds(expected)), "{left} {operator:?} {right}");
        }
        let (pattern, text) = ("^order-\\d+$".to_owned(), "order-17".to_owned());
        assert_eq!(Matches.compare(&json!(text), &json!(pattern)), Ok(Verdict::Matches { pattern, text }));
    }

    #[test]
    fn incomparable_values_are_an_error_instead_of_false() {
        for (left, operator, right) in [
            (json!({}), GreaterThan, json!(1)),
            (json!(null), LessThan, json!(1)),
            (json!(5), Contains, json!(5)),
            (json!([1]), StartsWith, json!("a")),
            (json!("a"), In, json!("abc")),
            (json!("a"), Matches, json!([])),
            (json!("a"), Between, json!(["a"])),
        ] {
            assert!(operator.compare(&left, &right).is_err(), "{left} {operator:?} {right}");
        }
    }
}
