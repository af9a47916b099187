//! Buttons that run a query or start a workflow.
use crate::{
    Result,
    model::widget::kinds::{
        Action, ActionRules, Config, Pressed, Queried, Visible,
        parts::{AfterAction, ConditionSource, Conditions, check_words},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A button that runs a query or starts a workflow.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Button {
    #[schemars(length(min = 1, max = 60))]
    pub label: String,
    #[schemars(title = "Action", extend("x-widget" = "action"))]
    pub action: Action,
    /// Text shown beside the button.
    #[serde(default)]
    #[schemars(title = "Explanation", length(max = 500))]
    pub text: String,
    /// Shown before the action runs. `{{ vars.region }}` is replaced. Leave empty to run without confirmation.
    #[serde(default)]
    #[schemars(title = "Confirmation message", length(max = 500))]
    pub confirm: String,
    #[serde(default)]
    pub look: ButtonStyle,
    /// Shows the button only if these conditions are met.
    #[serde(default)]
    #[schemars(title = "Show when", extend("x-group" = "Conditions"))]
    pub when: Conditions,
    /// Disables the button if these conditions are met.
    #[serde(default)]
    #[schemars(title = "Disabled when", extend("x-group" = "Conditions"))]
    pub disabled_when: Conditions,
    /// Shown when the action succeeds. `{{ vars.region }}` is replaced.
    #[serde(default)]
    #[schemars(title = "Success message", length(max = 500), extend("x-group" = "After the action"))]
    pub done: String,
    /// Actions that run after it, each if the one before it succeeded.
    #[serde(default)]
    #[schemars(title = "Then", length(max = 5), extend("x-group" = "After the action", "x-widget" = "actions"))]
    pub then: Vec<Action>,
    #[serde(default)]
    #[schemars(title = "Afterwards", extend("x-group" = "After the action"))]
    pub after: AfterAction,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ButtonStyle {
    #[default]
    #[schemars(title = "Primary")]
    Primary,
    #[schemars(title = "Plain")]
    Plain,
    /// For actions that cannot be undone.
    #[schemars(title = "Danger")]
    Danger,
}

impl Queried for Button {}

impl Config for Button {
    fn check(&self) -> Result<()> {
        check_words(&self.confirm, "confirm")?;
        check_words(&self.done, "done")
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        vec![Pressed { path: "config.action".to_owned(), action: &self.action, entered: Value::Null }]
    }

    fn rules(&self, _: &str) -> ActionRules<'_> {
        ActionRules {
            when: Some(&self.when),
            disabled_when: Some(&self.disabled_when),
            sources: &[ConditionSource::Row, ConditionSource::Vars, ConditionSource::User],
            then: &self.then,
            after: Some(&self.after),
        }
    }

    fn visible(&self) -> Option<Visible<'_>> {
        None
    }
}
