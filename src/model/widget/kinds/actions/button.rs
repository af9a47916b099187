//! Buttons that run a query or start a workflow.
use crate::{
    Result,
    model::widget::kinds::{Action, Config, Pressed, Queried, Visible, parts::check_words},
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
    /// Shown when the action succeeds.
    #[serde(default)]
    #[schemars(title = "Success message", length(max = 500), extend("x-group" = "Advanced"))]
    pub done: String,
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
        check_words(&self.confirm, "confirm")
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        vec![Pressed { path: "config.action".to_owned(), action: &self.action, entered: Value::Null }]
    }

    fn visible(&self) -> Option<Visible<'_>> {
        None
    }
}
