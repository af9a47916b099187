//! Forms that run a query or start a workflow.
use super::field::{FieldChoices, FieldType, FormField};
use crate::{
    Error, Result,
    model::{
        Link,
        text::is_identifier,
        widget::{
            fill::Entered,
            kinds::{
                Action, ActionRules, Config, Pressed, Visible,
                parts::{AfterAction, ConditionSource, Conditions, check_words, data_config},
            },
        },
    },
};
use serde_json::{Map, Value};

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
        /// Shows the form only if these conditions are met.
        #[serde(default)]
        #[schemars(title = "Show when", extend("x-group" = "Conditions"))]
        pub when: Conditions,
        /// Disables the button of the form if these conditions are met.
        #[serde(default)]
        #[schemars(title = "Disabled when", extend("x-group" = "Conditions"))]
        pub disabled_when: Conditions,
        /// Shown when the action succeeds. `{{ form.name }}` is replaced.
        #[serde(default)]
        #[schemars(title = "Success message", length(max = 500), extend("x-group" = "After the action"))]
        pub done: String,
        /// Keeps the entered values after the action succeeds.
        #[serde(default)]
        #[schemars(title = "Keep values", extend("x-group" = "After the action"))]
        pub keep: bool,
        /// Shows the fields only if the selected query returns a row, such as the one that is selected in a table.
        #[serde(default)]
        #[schemars(title = "Requires a row", extend("x-group" = "Advanced"))]
        pub needs_row: bool,
        /// Shown instead of the fields if there is no row.
        #[serde(default)]
        #[schemars(title = "Text without a row", length(max = 500), extend("x-group" = "Advanced"))]
        pub no_row: String,
        /// Actions that run after it, each if the one before it succeeded.
        #[serde(default)]
        #[schemars(title = "Then", length(max = 5), extend("x-group" = "After the action", "x-widget" = "actions"))]
        pub then: Vec<Action>,
        #[serde(default)]
        #[schemars(title = "Afterwards", extend("x-group" = "After the action"))]
        pub after: AfterAction,
    }
);

impl Form {
    fn default_submit() -> String {
        "Send".to_owned()
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
            if field.r#type == FieldType::Select && field.options.is_empty() && field.choices.is_none() {
                return Err(Error::invalid(at("options"), "add at least one option, or a query that returns them"));
            }
            if let Some(choices) = &field.choices {
                choices.check(&at("choices"))?;
            }
            if field.min.zip(field.max).is_some_and(|(min, max)| min > max) {
                return Err(Error::invalid(at("max"), "must not be less than `min`"));
            }
            check_words(&field.default, &format!("fields[{i}].default"))?;
        }
        check_words(&self.confirm, "confirm")?;
        check_words(&self.done, "done")
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        let entered = self.fields.iter().map(FormField::entered).collect();
        vec![Pressed { path: "config.action".to_owned(), action: &self.action, entered }]
    }

    fn queries(&self) -> Vec<Link> {
        let fields = self.fields.iter().enumerate();
        let link = |(i, field): (usize, &FormField)| {
            Some(field.choices.as_ref()?.link(format!("config.fields[{i}].choices.queryID")))
        };
        fields.filter_map(link).collect()
    }

    fn choices(&self) -> Vec<(&str, &FieldChoices)> {
        self.fields.iter().filter_map(|field| Some((field.name.as_str(), field.choices.as_ref()?))).collect()
    }

    fn rules(&self, _: &str) -> ActionRules<'_> {
        ActionRules {
            when: Some(&self.when),
            disabled_when: Some(&self.disabled_when),
            sources: &[ConditionSource::Row, ConditionSource::Form, ConditionSource::Vars, ConditionSource::User],
            then: &self.then,
            after: Some(&self.after),
        }
    }

    fn settle(&self, form: &mut Map<String, Value>, row: &Map<String, Value>) {
        for field in &self.fields {
            let value = form.entry(&field.name).or_insert(Value::Null);
            if value.as_str() == Some("") && !field.keeps_empty(row.get(&field.name)) {
                *value = Value::Null;
            }
        }
    }

    fn check_entered(&self, _: &str, entered: &Entered<'_>) -> Result<()> {
        let Value::Object(given) = entered.form else { return Err(Error::invalid("form", "must be an object")) };
        let is_field = |name: &String| self.fields.iter().any(|field| field.name == *name);
        if let Some(unknown) = given.keys().find(|name| !is_field(name)) {
            return Err(Error::invalid(format!("form.{unknown}"), "is not a field of this form"));
        }
        self.fields.iter().try_for_each(|field| {
            let value = given.get(&field.name).unwrap_or(&Value::Null);
            field
                .refusal(value, entered.row.get(&field.name))
                .map_or(Ok(()), |why| Err(Error::invalid(format!("form.{}", field.name), why)))
        })
    }

    fn visible(&self) -> Option<Visible<'_>> {
        None
    }
}
