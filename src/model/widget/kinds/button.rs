//! One press, one query or workflow.
use super::{Action, Config, Pressed, parts::check_words};
use crate::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A button that runs a query or starts a workflow.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Button {
    #[schemars(length(min = 1, max = 60))]
    pub label: String,
    #[schemars(title = "What it does", extend("x-widget" = "action"))]
    pub action: Action,
    /// Words beside the button.
    #[serde(default)]
    #[schemars(title = "Explanation", length(max = 500))]
    pub text: String,
    /// Asked before it is done; `{{ vars.region }}` is filled in. Done at once when empty.
    #[serde(default)]
    #[schemars(title = "Question", length(max = 500))]
    pub confirm: String,
    #[serde(default)]
    pub look: Look,
    /// Said when it worked.
    #[serde(default)]
    #[schemars(title = "When it worked", length(max = 500), extend("x-group" = "Advanced"))]
    pub done: String,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    #[default]
    #[schemars(title = "Primary")]
    Primary,
    #[schemars(title = "Plain")]
    Plain,
    /// For what cannot be taken back.
    #[schemars(title = "Danger")]
    Danger,
}

impl Config for Button {
    fn check(&self) -> Result<()> {
        check_words(&self.confirm, "confirm")
    }

    fn actions(&self) -> Vec<Pressed<'_>> {
        vec![Pressed { path: "config.action".to_owned(), action: &self.action, entered: Value::Null }]
    }
}
