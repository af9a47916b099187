//! Number inputs.
use crate::{
    Error, Result,
    model::widget::kinds::{Config, Queried, Visible, parts::check_variable},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sets a filter of the dashboard to a number.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NumberInput {
    /// The name of the filter to set.
    #[schemars(length(min = 1, max = 64), extend("x-placeholder" = "limit"))]
    pub variable: String,
    #[serde(default)]
    #[schemars(title = "Minimum")]
    pub min: Option<f64>,
    #[serde(default)]
    #[schemars(title = "Maximum")]
    pub max: Option<f64>,
    #[serde(default)]
    #[schemars(extend("x-group" = "Advanced"))]
    pub step: Option<f64>,
    /// Shows a slider. Requires a minimum and a maximum.
    #[serde(default)]
    pub slider: bool,
}

impl Queried for NumberInput {}

impl Config for NumberInput {
    fn check(&self) -> Result<()> {
        check_variable(&self.variable, "config.variable")?;
        if self.min.zip(self.max).is_some_and(|(min, max)| min >= max) {
            return Err(Error::invalid("config.max", "must be more than `min`"));
        }
        if self.slider && (self.min.is_none() || self.max.is_none()) {
            return Err(Error::invalid("config.slider", "a slider requires `min` and `max`"));
        }
        if self.step.is_some_and(|step| step <= 0.0) {
            return Err(Error::invalid("config.step", "must be more than 0"));
        }
        Ok(())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::setting([&self.variable]))
    }
}
