//! Dashboard variables, and the values that viewers may set.
use super::range::{RangeBound, RelativeRange, are_moments, day};
use crate::{
    Error, Result,
    json::number::{canonical, is_text_in_browsers},
    model::{
        text::IDENTIFIER,
        widget::{action::check_text, variables_in},
    },
};
use chrono::DateTime;
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use uuid::Uuid;

/// The most characters of a value.
const MAX_VALUE: usize = 1000;
/// The most values that one variable of type `multiSelect` may have at once.
const MAX_SELECTED: usize = 200;

/// A value that viewers set and widgets use as `{{ vars.name }}`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DashboardVariable {
    #[schemars(extend("pattern" = IDENTIFIER))]
    pub name: String,
    #[serde(default)]
    pub r#type: VariableType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default)]
    pub default: Value,
    /// The options of a `select` or `multiSelect`.
    #[serde(default)]
    pub options: Vec<String>,
    /// The query that returns the options of a `select` or `multiSelect`, instead of `options`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Choices>,
    /// Not shown in the filter bar: set only by selected rows, inputs and links.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// A query whose rows are the options of a variable.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "VariableChoices")]
pub struct Choices {
    #[serde(rename = "queryID")]
    pub query_id: Uuid,
    /// The column with the values.
    pub value_field: String,
    /// The column with the labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_field: Option<String>,
    /// Values for the query's parameters. `{{ vars.x }}` is the value of another variable, which must be above this
    /// one, and `{{ user.email }}` is about the person who is signed in. A parameter that is not listed has its
    /// default; one whose variable has no value is null, or the choices wait for it if it is required.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum VariableType {
    #[default]
    Text,
    Number,
    Select,
    /// Several of the options. The value is a list of texts.
    MultiSelect,
    Date,
    /// Two days, `{{ vars.period.from }}` and `{{ vars.period.to }}`. The value is an object with both, or a relative
    /// range such as `last-30-days`.
    DateRange,
    /// Two moments, `{{ vars.time.from }}` and `{{ vars.time.to }}`, such as `2026-01-31T12:00:00+01:00`. The value is
    /// an object with both, each a day, a local time or a time with its offset, or a relative range such as
    /// `last-15-minutes`, `last-6-hours` or `today`.
    TimeRange,
}

/// Checks that every value belongs to a declared variable and follows its rules. Applies to members and to viewers of
/// share links.
///
/// # Errors
/// `Invalid` at `variables.<name>`.
pub fn check_values(declared: &[DashboardVariable], values: &Map<String, Value>) -> Result<()> {
    for (name, value) in values {
        let at = format!("variables.{name}");
        let Some(variable) = declared.iter().find(|variable| variable.name == *name) else {
            return Err(Error::invalid(at, "is not a variable of this dashboard"));
        };
        variable.check_value(value).map_err(|why| Error::invalid(at, why))?;
    }
    Ok(())
}

/// Checks the value of an undeclared variable.
///
/// # Errors
/// Says what the value must be.
pub fn check_plain(value: &Value) -> Result<(), String> {
    let is_plain = |value: &Value| match value {
        Value::String(text) => text.chars().count() <= MAX_VALUE,
        Value::Array(_) | Value::Object(_) => false,
        _ => true,
    };
    let fits = match value {
        Value::Array(items) => items.len() <= MAX_VALUE && items.iter().all(is_plain),
        Value::Object(ends) => is_range(ends) || is_time_range(ends),
        one => is_plain(one),
    };
    if fits {
        return Ok(());
    }
    Err(format!(
        "must be a number, a text of at most {MAX_VALUE} characters, true or false, a list of these, or two days or \
         moments"
    ))
}

impl DashboardVariable {
    /// Checks that a viewer may set this value. Null clears the variable, unless it always has a value; its default is
    /// always allowed. Whether a value is among the options of a query is checked where the query can run: see
    /// [`DashboardVariable::chosen`].
    ///
    /// # Errors
    /// Says what the value must be.
    pub fn check_value(&self, value: &Value) -> Result<(), String> {
        let text = match value {
            Value::Null if !self.is_always_chosen() => return Ok(()),
            value if *value == self.default => return Ok(()),
            Value::Number(_) if self.r#type == VariableType::Number => return Ok(()),
            Value::Number(_) if self.r#type == VariableType::Select => &value.to_string(),
            Value::Object(days) if self.r#type == VariableType::DateRange && is_range(days) => return Ok(()),
            Value::Object(ends) if self.r#type == VariableType::TimeRange && is_time_range(ends) => return Ok(()),
            Value::Array(items) if self.r#type == VariableType::MultiSelect => return self.check_selected(items),
            Value::String(text) => text,
            _ => return Err(self.r#type.rule().to_owned()),
        };
        if text.chars().count() > MAX_VALUE {
            return Err(format!("must be at most {MAX_VALUE} characters"));
        }
        let fits = match self.r#type {
            VariableType::Text => true,
            VariableType::Number => is_text_in_browsers(text),
            VariableType::DateRange => RelativeRange::parse_days(text).is_some(),
            VariableType::TimeRange => RelativeRange::parse(text).is_some(),
            VariableType::Select => self.source.is_some() || self.option(text).is_some(),
            VariableType::MultiSelect => false,
            VariableType::Date => day(text).is_some(),
        };
        if fits { Ok(()) } else { Err(self.r#type.rule().to_owned()) }
    }

    /// Returns the option that equals a text; numbers are equal by their values.
    fn option(&self, text: &str) -> Option<&String> {
        let wanted = canonical(text);
        let same = |option: &&String| option.as_str() == text;
        self.options.iter().find(same).or_else(|| self.options.iter().find(|option| canonical(option) == wanted))
    }

    /// Returns a checked value with the options as they are declared.
    pub fn as_declared(&self, value: Value) -> Value {
        let one = |value: Value| match value {
            Value::String(text) => self.option(&text).cloned().unwrap_or(text).into(),
            Value::Number(number) => {
                let text = number.to_string();
                self.option(&text).cloned().unwrap_or(text).into()
            }
            other => other,
        };
        match value {
            value if value == self.default => value,
            Value::Array(items) if self.r#type == VariableType::MultiSelect => items.into_iter().map(one).collect(),
            value if self.r#type == VariableType::Select => one(value),
            value => value,
        }
    }

    fn check_selected(&self, items: &[Value]) -> Result<(), String> {
        if items.len() > MAX_SELECTED {
            return Err(format!("must have at most {MAX_SELECTED} values"));
        }
        if items.is_empty() && self.is_always_chosen() {
            return Err(self.r#type.rule().to_owned());
        }
        for item in items {
            let text = item.as_str().ok_or_else(|| self.r#type.rule().to_owned())?;
            if text.chars().count() > MAX_VALUE {
                return Err(format!("must have values of at most {MAX_VALUE} characters"));
            }
            if self.source.is_none() && self.option(text).is_none() {
                return Err(self.r#type.rule().to_owned());
            }
        }
        Ok(())
    }

    /// Returns whether one of the options is always selected, because the variable has a default.
    pub fn is_always_chosen(&self) -> bool {
        matches!(self.r#type, VariableType::Select | VariableType::MultiSelect) && !self.default.is_null()
    }

    /// Returns whether a value clears the variable.
    pub fn is_cleared(value: &Value) -> bool {
        value.is_null() || value.as_array().is_some_and(Vec::is_empty)
    }

    /// Returns the query whose rows must contain these values; `None` if they do not come from a query.
    pub fn chosen<'a>(&'a self, value: &'a Value) -> Option<(&'a Choices, Vec<&'a str>)> {
        let source = self.source.as_ref().filter(|_| *value != self.default)?;
        let texts = match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            one => vec![one.as_str()?],
        };
        (!texts.is_empty()).then_some((source, texts))
    }

    /// Returns the names of the variables that decide which options there are.
    pub fn depends_on(&self) -> Vec<String> {
        self.source.as_ref().map(|source| variables_in(&source.parameters)).unwrap_or_default()
    }

    /// Replaces a relative range by its days or moments at `now`, and the ends of a time range by moments in the same
    /// time zone.
    ///
    /// # Errors
    /// Says what the value must be, if it is text but not a range.
    pub fn resolve(&self, value: Value, now: DateTime<Tz>) -> Result<Value, String> {
        let wrong = || self.r#type.rule().to_owned();
        match (self.r#type, value) {
            (VariableType::DateRange, Value::String(text)) => {
                let days = RelativeRange::parse(&text).and_then(|range| range.days(now.date_naive()));
                let (from, to) = days.ok_or_else(wrong)?;
                Ok(json!({"from": from.to_string(), "to": to.to_string()}))
            }
            (VariableType::TimeRange, Value::String(text)) => {
                let (from, to) = RelativeRange::parse(&text).and_then(|range| range.moments(now)).ok_or_else(wrong)?;
                Ok(json!({"from": from, "to": to}))
            }
            (VariableType::TimeRange, Value::Object(ends)) => {
                let end = |name: &str, bound: RangeBound| bound.moment(ends.get(name)?.as_str()?, now.timezone());
                let (from, to) = end("from", RangeBound::First).zip(end("to", RangeBound::Last)).ok_or_else(wrong)?;
                Ok(json!({"from": from, "to": to}))
            }
            // nothing selected is no value
            (VariableType::MultiSelect, value) if Self::is_cleared(&value) => Ok(Value::Null),
            (_, value) => Ok(value),
        }
    }

    /// Checks the variable; `above` are the names of the variables before it.
    pub(super) fn check(&self, at: &str, above: &HashSet<&str>) -> Result<()> {
        if let Some(name) = self.depends_on().into_iter().find(|name| !above.contains(name.as_str())) {
            let message = format!("uses `vars.{name}`, but there is no variable of that name above this one");
            return Err(Error::invalid(format!("{at}.source.parameters"), message));
        }
        // the defaults of other types are checked where they are used
        if matches!(self.r#type, VariableType::DateRange | VariableType::TimeRange | VariableType::MultiSelect) {
            self.check_default().map_err(|why| Error::invalid(format!("{at}.default"), why))?;
        }
        self.check_source(&format!("{at}.source"))
    }

    fn check_default(&self) -> Result<(), String> {
        let is_list = self.r#type == VariableType::MultiSelect;
        let fits = match &self.default {
            Value::Null => true,
            Value::Array(items) if is_list => {
                (1..=MAX_SELECTED).contains(&items.len()) && items.iter().all(Value::is_string)
            }
            _ if is_list => false,
            Value::Object(_) | Value::String(_) => return self.check_range(),
            _ => false,
        };
        if fits { Ok(()) } else { Err(self.r#type.rule().to_owned()) }
    }

    /// Checks the default of a range.
    fn check_range(&self) -> Result<(), String> {
        let has_times = self.r#type == VariableType::TimeRange;
        let fits = match &self.default {
            Value::Object(ends) if has_times => is_time_range(ends),
            Value::Object(days) => is_range(days),
            Value::String(text) if has_times => RelativeRange::parse(text).is_some(),
            Value::String(text) => RelativeRange::parse_days(text).is_some(),
            _ => false,
        };
        if fits { Ok(()) } else { Err(self.r#type.rule().to_owned()) }
    }

    fn check_source(&self, at: &str) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        if !matches!(self.r#type, VariableType::Select | VariableType::MultiSelect) {
            let message = "only a variable of type `select` or `multiSelect` can take its options from a query";
            return Err(Error::invalid(at, message));
        }
        for (name, value) in &source.parameters {
            check_placeholders(value, &format!("{at}.parameters.{name}"))?;
        }
        if source.value_field.is_empty() {
            return Err(Error::invalid(format!("{at}.valueField"), "select the column with the values"));
        }
        Ok(())
    }
}

impl VariableType {
    /// Says what a value must be.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Text => "must be text",
            Self::Number => "must be a number",
            Self::Select => "must be one of the options",
            Self::MultiSelect => "must be a list of options",
            Self::Date => "must be a day such as 2026-01-31",
            Self::DateRange => {
                "must be two days such as {\"from\": \"2026-01-01\", \"to\": \"2026-01-31\"}, or one of today, \
                 last-7-days, last-2-weeks, last-12-months, this-month, last-month and this-year"
            }
            Self::TimeRange => {
                "must be two moments such as {\"from\": \"2026-01-31T08:00\", \"to\": \"2026-01-31T12:00\"}, or one of \
                 last-15-minutes, last-6-hours, today, last-7-days, last-2-weeks, last-12-months, this-month, \
                 last-month and this-year"
            }
        }
    }
}

/// Checks that the placeholders in a value are paths such as `{{ vars.region }}`.
fn check_placeholders(value: &Value, at: &str) -> Result<()> {
    match value {
        Value::String(text) => check_text(text, at),
        Value::Array(items) => items.iter().try_for_each(|item| check_placeholders(item, at)),
        Value::Object(fields) => fields.values().try_for_each(|field| check_placeholders(field, at)),
        _ => Ok(()),
    }
}

fn is_range(days: &Map<String, Value>) -> bool {
    let end = |name: &str| days.get(name).and_then(Value::as_str).and_then(day);
    days.len() == 2 && end("from").zip(end("to")).is_some_and(|(from, to)| from <= to)
}

fn is_time_range(ends: &Map<String, Value>) -> bool {
    let end = |name: &str| ends.get(name).and_then(Value::as_str);
    ends.len() == 2 && end("from").zip(end("to")).is_some_and(|(from, to)| are_moments(from, to))
}
