//! Date inputs.
use crate::{
    Result,
    model::widget::kinds::{Config, Queried, Visible, parts::check_variable},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sets a filter of the dashboard to a date such as `2026-01-31`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DateInput {
    /// The name of the filter to set.
    #[schemars(length(min = 1, max = 64), extend("x-placeholder" = "day"))]
    pub variable: String,
}

impl Queried for DateInput {}

impl Config for DateInput {
    fn check(&self) -> Result<()> {
        check_variable(&self.variable, "config.variable")
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::setting([&self.variable]))
    }
}
