//! The fields of forms.
use crate::{
    Error, Result,
    json::number::number,
    model::{DataQuery, Link, Resource, email, parameter::ParameterType, text::is_identifier},
};
use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// How a time may be written.
const TIMES: [&str; 2] = ["%H:%M", "%H:%M:%S%.f"];

/// One field of a form.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormField {
    /// The action uses the field's value as `{{ form.name }}`.
    #[schemars(length(min = 1, max = 64), extend("x-placeholder" = "customer"))]
    pub name: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    #[serde(default)]
    pub r#type: FieldType,
    #[serde(default)]
    pub required: bool,
    /// The options to select from.
    #[serde(default)]
    #[schemars(length(max = 500), extend("x-when" = {"type": ["select"]}))]
    pub options: Vec<String>,
    /// A query that returns the values to select from, instead of options.
    #[serde(default)]
    #[schemars(title = "Choices from a query", extend("x-when" = {"type": ["select"]}))]
    pub choices: Option<FieldChoices>,
    /// The initial value. `{{ vars.region }}` is replaced.
    #[serde(default)]
    #[schemars(title = "Default", length(max = 10_000))]
    pub default: String,
    /// Help text below the label.
    #[serde(default)]
    #[schemars(length(max = 500), extend("x-group" = "Advanced"))]
    pub help: String,
    /// Shown while nothing is entered, such as what the database then stores.
    #[serde(default)]
    #[schemars(length(max = 120), extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number", "select", "optionalBoolean"]}))]
    pub placeholder: String,
    /// Sends an empty text instead of no value if nothing is entered. In a required field, only the row's own text may be
    /// empty.
    #[serde(default)]
    #[schemars(title = "Empty is a text", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText"]}))]
    pub empty_text: bool,
    /// The smallest number, or the minimum length of a text.
    #[serde(default)]
    #[schemars(title = "Minimum", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number"]}))]
    pub min: Option<f64>,
    /// The largest number, or the maximum length of a text.
    #[serde(default)]
    #[schemars(title = "Maximum", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number"]}))]
    pub max: Option<f64>,
    /// Shown in the field, such as `kg`.
    #[serde(default)]
    #[schemars(length(max = 40), extend("x-group" = "Advanced", "x-when" = {"type": ["number"]}))]
    pub unit: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldType {
    #[default]
    #[schemars(title = "Text")]
    Text,
    #[schemars(title = "Long text")]
    LongText,
    #[schemars(title = "Email address")]
    Email,
    #[schemars(title = "Number")]
    Number,
    #[schemars(title = "Choice")]
    Select,
    #[schemars(title = "Yes or no")]
    Boolean,
    /// Yes, no or no value.
    #[schemars(title = "Yes, no or empty")]
    OptionalBoolean,
    #[schemars(title = "Date")]
    Date,
    #[schemars(title = "Time")]
    Time,
    /// A date and time without a time zone.
    #[schemars(title = "Date and time")]
    DateTime,
    /// A date and time that everyone sees in their own time zone.
    #[schemars(title = "Date, time and time zone")]
    Moment,
}

/// A query that returns the values of a field.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldChoices {
    #[serde(rename = "queryID")]
    #[schemars(title = "Query", extend("x-widget" = "query"))]
    pub query_id: Uuid,
    /// The column with the values.
    #[schemars(title = "Values (column)", length(min = 1, max = 255))]
    pub value_field: String,
    /// The column with the labels.
    #[serde(default)]
    #[schemars(title = "Labels (column)", length(max = 255))]
    pub label_field: Option<String>,
    /// The parameter that receives the search text. Without it, the server searches the query's rows.
    #[serde(default)]
    #[schemars(title = "Search parameter", length(max = 64))]
    pub search: Option<String>,
    /// The parameter that receives the current value, whose row the query then always returns.
    #[serde(default)]
    #[schemars(title = "Value parameter", length(max = 64))]
    pub value: Option<String>,
}

impl FieldChoices {
    pub(super) fn check(&self, at: &str) -> Result<()> {
        if self.value_field.is_empty() {
            return Err(Error::invalid(format!("{at}.valueField"), "select the column with the values"));
        }
        for (field, name) in [("search", &self.search), ("value", &self.value)] {
            if name.as_ref().is_some_and(|name| !is_identifier(name)) {
                return Err(Error::invalid(format!("{at}.{field}"), "must be the name of a parameter, such as search"));
            }
        }
        Ok(())
    }

    pub(super) fn link(&self, path: String) -> Link {
        Link { path, kind: &DataQuery::KIND, id: self.query_id, given: json!([self.search, self.value]) }
    }
}

/// Returns whether a text consists of the parts of a date or a time, whether or not a calendar has it.
fn is_beyond_calendars(text: &str) -> bool {
    let moment = text.strip_suffix(" BC").unwrap_or(text);
    let is_part = |c: char| c.is_ascii_digit() || "-+:. TZ".contains(c);
    matches!(text, "infinity" | "-infinity") || (text.len() <= 60 && moment.chars().all(is_part))
}

impl FormField {
    /// Returns the settings that decide which values can be sent.
    pub(super) fn entered(&self) -> Value {
        let rules = json!([self.name, self.r#type, self.required, self.options, self.default, self.min, self.max]);
        json!([rules, self.choices])
    }

    /// Returns whether an empty text counts as a value here, not as a missing one: in a text field that says so, or
    /// whose row contains it.
    pub(super) fn keeps_empty(&self, own: Option<&Value>) -> bool {
        let is_text = matches!(self.r#type, FieldType::Text | FieldType::LongText);
        is_text && (self.empty_text || own.and_then(Value::as_str) == Some(""))
    }

    /// Returns whether a value stays what it was in the row of the form, although its input cannot represent it:
    /// databases contain times such as `24:30:00` and dates such as `infinity` or `0044-03-15 BC`.
    fn keeps(&self, value: &Value, own: Option<&Value>) -> bool {
        let is_special = match self.r#type {
            FieldType::Date | FieldType::Time | FieldType::DateTime | FieldType::Moment => {
                value.is_number() || value.as_str().is_some_and(is_beyond_calendars)
            }
            // columns of SQLite contain numbers whatever their type
            FieldType::Text | FieldType::LongText => value.is_number(),
            // without limits, which would not hold for it
            FieldType::Number if self.min.is_none() && self.max.is_none() => {
                matches!(value.as_str(), Some("NaN" | "Infinity" | "-Infinity"))
            }
            _ => false,
        };
        is_special && own == Some(value)
    }

    /// Returns why a value cannot be sent. `own` is the value in the row of the form, if there is one. The browser
    /// sends it, so it loosens no rule of the field but the format, and `required` where an empty text is a value.
    pub(super) fn refusal(&self, value: &Value, own: Option<&Value>) -> Option<String> {
        let text = value.as_str();
        if value.is_null() || text == Some("") {
            let stays_empty = self.empty_text && text == Some("") && own.and_then(Value::as_str) == Some("");
            return (self.required && !stays_empty).then(|| "is required".to_owned());
        }
        if self.keeps(value, own) {
            return None;
        }
        match self.r#type {
            FieldType::Text | FieldType::LongText if text.is_none() => Some("must be a string".to_owned()),
            FieldType::Email if text.is_none_or(|text| email::normal(text).is_none()) => {
                Some("must be an email address".to_owned())
            }
            FieldType::Text | FieldType::LongText | FieldType::Email => self.length_refusal(text?.chars().count()),
            FieldType::Number => self.number_refusal(value),
            FieldType::Select if self.choices.is_some() => {
                let is_plain = !value.is_array() && !value.is_object();
                (!is_plain).then(|| "must be one of the choices".to_owned())
            }
            FieldType::Select => {
                let is_option = text.is_some_and(|text| self.options.iter().any(|option| option == text));
                (!is_option).then(|| format!("must be one of {}", self.options.join(", ")))
            }
            FieldType::Boolean | FieldType::OptionalBoolean => {
                (!value.is_boolean()).then(|| "must be true or false".to_owned())
            }
            FieldType::Date => {
                let is_date = text.is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok());
                (!is_date).then(|| "must be a date such as 2026-01-31".to_owned())
            }
            FieldType::Time => {
                let is_time =
                    text.is_some_and(|text| TIMES.iter().any(|form| NaiveTime::parse_from_str(text, form).is_ok()));
                (!is_time).then(|| "must be a time such as 14:30".to_owned())
            }
            FieldType::DateTime | FieldType::Moment => {
                let is_moment = ParameterType::Date.coerce(value.clone()).is_ok();
                (!is_moment).then(|| "must be a date and time such as 2026-01-31T14:30:00".to_owned())
            }
        }
    }

    #[allow(clippy::cast_precision_loss)] // no text is that long
    fn length_refusal(&self, length: usize) -> Option<String> {
        let length = length as f64;
        match (self.min, self.max) {
            (Some(min), _) if length < min => Some(format!("must be at least {min} characters")),
            (_, Some(max)) if length > max => Some(format!("must be at most {max} characters")),
            _ => None,
        }
    }

    fn number_refusal(&self, value: &Value) -> Option<String> {
        // a number that no double holds arrives as its text
        let text = value.as_str().filter(|text| number(text).is_some());
        let Some(size) = value.as_f64().or_else(|| text?.parse().ok()) else {
            return Some("must be a number".to_owned());
        };
        match (self.min, self.max) {
            (Some(min), _) if size < min => Some(format!("must be at least {min}")),
            (_, Some(max)) if size > max => Some(format!("must be at most {max}")),
            _ => None,
        }
    }
}
