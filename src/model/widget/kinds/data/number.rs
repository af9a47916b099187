//! Single values.
use crate::model::widget::kinds::{
    Config, Visible,
    parts::{Pick, Threshold, data_config},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [figures]
    /// A value of one row.
    Number {
        /// The column with the value.
        #[schemars(extend("x-widget" = "column"))]
        pub field: String,
        /// The row to take the value from.
        #[serde(default)]
        pub row: Pick,
        /// A column with the value of the previous period.
        #[serde(default)]
        #[schemars(title = "Compared with", extend("x-widget" = "column"))]
        pub compare_field: Option<String>,
        /// Compares the value with the same column of the previous row, if each row is a period.
        #[serde(default)]
        #[schemars(title = "Compare with previous row")]
        pub compare_row: bool,
        /// A column to draw as a sparkline, with one point per row.
        #[serde(default)]
        #[schemars(title = "Trend", extend("x-widget" = "column"))]
        pub trend_field: Option<String>,
        /// Whether a higher or a lower value is better.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub better: Better,
        /// The value to reach. The widget shows how much of it is reached.
        #[serde(default)]
        pub goal: Option<f64>,
        /// A column with the value to reach.
        #[serde(default)]
        #[schemars(title = "Goal (column)", extend("x-widget" = "column"))]
        pub goal_field: Option<String>,
        /// The color from each value up to the next one.
        #[serde(default)]
        #[schemars(length(max = 8))]
        pub thresholds: Vec<Threshold>,
        /// Shown after the value.
        #[serde(default)]
        #[schemars(length(max = 40))]
        pub unit: Option<String>,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    #[default]
    #[schemars(title = "Neither")]
    Neither,
    #[schemars(title = "Higher")]
    Higher,
    #[schemars(title = "Lower")]
    Lower,
}

impl Config for Number {
    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.field]).and(&self.compare_field).and(&self.trend_field).and(&self.goal_field))
    }
}
