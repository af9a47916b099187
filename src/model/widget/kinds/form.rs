//! Fields that are checked and given to a query or a workflow.
use super::{
    Action, Config, Pressed,
    parts::{check_words, data_config},
};
use crate::{Error, Result, model::data_query::is_identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

data_config!(@with [maybe]
    /// Fields that are checked and given to a query or a workflow. When a query is chosen, the first row's values are
    /// filled into the fields of the same names.
    Form {
        #[schemars(length(min = 1, max = 50))]
        pub fields: Vec<Field>,
        /// `{{ form.name }}` is the value of a field.
        #[schemars(title = "What it does", extend("x-widget" = "action"))]
        pub action: Action,
        /// The words on the button.
        #[serde(default = "Form::default_submit")]
        #[schemars(title = "Button", length(min = 1, max = 60))]
        pub submit: String,
        /// Asked before it is done; `{{ form.name }}` is filled in. Done at once when empty.
        #[serde(default)]
        #[schemars(title = "Question", length(max = 500))]
        pub confirm: String,
        /// Said when it worked.
        #[serde(default)]
        #[schemars(title = "When it worked", length(max = 500), extend("x-group" = "Advanced"))]
        pub done: String,
        /// Keeps what was entered when it worked.
        #[serde(default)]
        #[schemars(title = "Keep the values", extend("x-group" = "Advanced"))]
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
pub struct Field {
    /// How the action calls it: `{{ form.name }}`.
    #[schemars(length(min = 1, max = 64), extend("x-placeholder" = "customer"))]
    pub name: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    #[serde(default)]
    pub r#type: FieldType,
    #[serde(default)]
    pub required: bool,
    /// The values of a choice.
    #[serde(default)]
    #[schemars(length(max = 500), extend("x-when" = {"type": ["select"]}))]
    pub options: Vec<String>,
    /// What it begins with; `{{ vars.region }}` is filled in.
    #[serde(default)]
    #[schemars(title = "Default", length(max = 10_000))]
    pub default: String,
    /// Words below the label.
    #[serde(default)]
    #[schemars(length(max = 500), extend("x-group" = "Advanced"))]
    pub help: String,
    /// The least number, or the least length of a text.
    #[serde(default)]
    #[schemars(title = "Least", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number"]}))]
    pub min: Option<f64>,
    /// The largest number, or the largest length of a text.
    #[serde(default)]
    #[schemars(title = "Most", extend("x-group" = "Advanced", "x-when" = {"type": ["text", "longText", "email", "number"]}))]
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
    #[schemars(title = "E-mail address")]
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

impl Field {
    /// What of it decides which values can be sent.
    fn entered(&self) -> Value {
        json!([self.name, self.r#type, self.required, self.options, self.default, self.min, self.max])
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
                return Err(Error::invalid(at("options"), "a choice needs at least one value"));
            }
            if field.min.zip(field.max).is_some_and(|(min, max)| min > max) {
                return Err(Error::invalid(at("max"), "must not be less than `min`"));
            }
            check_words(&field.default, &format!("fields[{i}].default"))?;
        }
        check_words(&self.confirm, "confirm")
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        let entered = self.fields.iter().map(Field::entered).collect();
        vec![Pressed { path: "config.action".to_owned(), action: &self.action, entered }]
    }
}
