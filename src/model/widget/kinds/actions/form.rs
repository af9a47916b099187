//! Forms that run a query or start a workflow.
use crate::{
    Error, Result,
    json::number::number,
    model::{
        email,
        text::is_identifier,
        widget::{
            fill::Entered,
            kinds::{
                Action, Config, Pressed, Visible,
                parts::{check_words, data_config},
            },
        },
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

data_config!(@with [maybe]
    /// Fields that are validated and passed to a query or a workflow. If a query is selected, its first row fills the
    /// fields with the same names.
    Form {
        #[schemars(length(min = 1, max = 50))]
        pub fields: Vec<FormField>,
        /// `{{ form.name }}` is the value of a field.
        #[schemars(title = "Action", extend("x-widget" = "action"))]
        pub action: Action,
        /// The label of the button.
        #[serde(default = "Form::default_submit")]
        #[schemars(title = "Button label", length(min = 1, max = 60))]
        pub submit: String,
        /// Shown before the action runs. `{{ form.name }}` is replaced. Leave empty to run without confirmation.
        #[serde(default)]
        #[schemars(title = "Confirmation message", length(max = 500))]
        pub confirm: String,
        /// Shown when the action succeeds.
        #[serde(default)]
        #[schemars(title = "Success message", length(max = 500), extend("x-group" = "Advanced"))]
        pub done: String,
        /// Keeps the entered values after the action succeeds.
        #[serde(default)]
        #[schemars(title = "Keep values", extend("x-group" = "Advanced"))]
        pub keep: bool,
    }
);

impl Form {
    fn default_submit() -> String {
        "Send".to_owned()
    }
}

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
    /// The initial value. `{{ vars.region }}` is replaced.
    #[serde(default)]
    #[schemars(title = "Default", length(max = 10_000))]
    pub default: String,
    /// Help text below the label.
    #[serde(default)]
    #[schemars(length(max = 500), extend("x-group" = "Advanced"))]
    pub help: String,
    /// The smallest number, or the minimum length of a text.
    #[serde(default)]
    #[schemars(title = "Minimum", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number"]}))]
    pub min: Option<f64>,
    /// The largest number, or the maximum length of a text.
    #[serde(default)]
    #[schemars(title = "Maximum", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number"]}))]
    pub max: Option<f64>,
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
    #[schemars(title = "Date")]
    Date,
}

impl FormField {
    /// Returns the settings that decide which values can be sent.
    fn entered(&self) -> Value {
        json!([self.name, self.r#type, self.required, self.options, self.default, self.min, self.max])
    }

    /// Returns why a value cannot be sent.
    fn refusal(&self, value: &Value) -> Option<String> {
        let text = value.as_str();
        if value.is_null() || text == Some("") {
            return self.required.then(|| "is required".to_owned());
        }
        match self.r#type {
            FieldType::Text | FieldType::LongText if text.is_none() => Some("must be a string".to_owned()),
            FieldType::Email if text.is_none_or(|text| email::normal(text).is_none()) => {
                Some("must be an email address".to_owned())
            }
            FieldType::Text | FieldType::LongText | FieldType::Email => self.length_refusal(text?.chars().count()),
            FieldType::Number => self.number_refusal(value),
            FieldType::Select => {
                let is_option = text.is_some_and(|text| self.options.iter().any(|option| option == text));
                (!is_option).then(|| format!("must be one of {}", self.options.join(", ")))
            }
            FieldType::Boolean => (!value.is_boolean()).then(|| "must be true or false".to_owned()),
            FieldType::Date => {
                let is_date = text.is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok());
                (!is_date).then(|| "must be a date such as 2026-01-31".to_owned())
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

impl Config for Form {
    fn check(&self) -> Result<()> {
        for (i, field) in self.fields.iter().enumerate() {
            let at = |name: &str| format!("config.fields[{i}].{name}");
            if !is_identifier(&field.name) {
                return Err(Error::invalid(at("name"), "must be an identifier such as customer"));
            }
            if self.fields[..i].iter().any(|other| other.name == field.name) {
                return Err(Error::invalid(at("name"), format!("`{}` is used twice", field.name)));
            }
            if field.r#type == FieldType::Select && field.options.is_empty() {
                return Err(Error::invalid(at("options"), "add at least one option"));
            }
            if field.min.zip(field.max).is_some_and(|(min, max)| min > max) {
                return Err(Error::invalid(at("max"), "must not be less than `min`"));
            }
            check_words(&field.default, &format!("fields[{i}].default"))?;
        }
        check_words(&self.confirm, "confirm")
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        let entered = self.fields.iter().map(FormField::entered).collect();
        vec![Pressed { path: "config.action".to_owned(), action: &self.action, entered }]
    }

    fn check_entered(&self, _: &str, entered: &Entered<'_>) -> Result<()> {
        let Value::Object(given) = entered.form else { return Err(Error::invalid("form", "must be an object")) };
        let is_field = |name: &String| self.fields.iter().any(|field| field.name == *name);
        if let Some(unknown) = given.keys().find(|name| !is_field(name)) {
            return Err(Error::invalid(format!("form.{unknown}"), "is not a field of this form"));
        }
        self.fields.iter().try_for_each(|field| {
            let value = given.get(&field.name).unwrap_or(&Value::Null);
            field.refusal(value).map_or(Ok(()), |why| Err(Error::invalid(format!("form.{}", field.name), why)))
        })
    }

    fn visible(&self) -> Option<Visible<'_>> {
        None
    }
}
