//! Date range inputs.
use crate::{
    Error, Result,
    model::widget::kinds::{Config, Queried, Visible, parts::check_variable},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sets two filters of the dashboard to the first and last day of a range, such as `2026-01-31`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DateRange {
    /// The name of the filter that is set to the first day.
    #[schemars(title = "Filter for the first day", length(min = 1, max = 64), extend("x-placeholder" = "from"))]
    pub from: String,
    /// The name of the filter that is set to the last day.
    #[schemars(title = "Filter for the last day", length(min = 1, max = 64), extend("x-placeholder" = "to"))]
    pub to: String,
    /// Offers the last 7, 30, 90 and 365 days as presets.
    #[serde(default = "DateRange::default_presets")]
    #[schemars(extend("x-group" = "Advanced"))]
    pub presets: bool,
}

impl DateRange {
    fn default_presets() -> bool {
        true
    }
}

impl Queried for DateRange {}

impl Config for DateRange {
    fn check(&self) -> Result<()> {
        check_variable(&self.from, "config.from")?;
        check_variable(&self.to, "config.to")?;
        if self.from == self.to {
            return Err(Error::invalid("config.to", "must not be the same variable as `from`"));
        }
        Ok(())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::setting([&self.from, &self.to]))
    }
}
