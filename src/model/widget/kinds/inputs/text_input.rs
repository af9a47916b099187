//! Text inputs.
use crate::{
    Result,
    model::widget::kinds::{Config, Queried, Visible, parts::check_variable},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sets a filter of the dashboard to the entered text.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextInput {
    /// The name of the filter to set.
    #[schemars(length(min = 1, max = 64), extend("x-placeholder" = "search"))]
    pub variable: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub placeholder: String,
}

impl Queried for TextInput {}

impl Config for TextInput {
    fn check(&self) -> Result<()> {
        check_variable(&self.variable, "config.variable")
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::setting([&self.variable]))
    }
}
