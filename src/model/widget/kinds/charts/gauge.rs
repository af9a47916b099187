//! Gauges.
use crate::{
    Error, Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{Threshold, data_config},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [figures]
    /// A value of the first row, within a range.
    Gauge {
        /// The column with the value.
        #[schemars(extend("x-widget" = "column"))]
        pub field: String,
        #[serde(default)]
        pub shape: GaugeShape,
        /// The lower end of the range.
        #[serde(default)]
        #[schemars(title = "Minimum")]
        pub min: f64,
        /// The upper end of the range.
        #[serde(default = "Gauge::default_max")]
        #[schemars(title = "Maximum")]
        pub max: f64,
        /// A column with the upper end of the range, such as a target.
        #[serde(default)]
        #[schemars(title = "Maximum (column)", extend("x-widget" = "column"))]
        pub max_field: Option<String>,
        /// The color from each value up to the next one.
        #[serde(default)]
        #[schemars(length(max = 8))]
        pub thresholds: Vec<Threshold>,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GaugeShape {
    #[default]
    #[schemars(title = "Dial")]
    Dial,
    #[schemars(title = "Bar")]
    Bar,
}

impl Gauge {
    fn default_max() -> f64 {
        100.0
    }
}

impl Config for Gauge {
    fn check(&self) -> Result<()> {
        if self.max_field.is_none() && self.min >= self.max {
            return Err(Error::invalid("config.max", "must be more than `min`"));
        }
        Ok(())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.field]).and(&self.max_field))
    }
}
