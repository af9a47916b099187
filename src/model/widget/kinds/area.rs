//! Amounts over time, filled.
use super::{
    Config,
    parts::{Mark, Stack, data_config},
};

data_config!(@with [figures]
    /// Amounts over time, filled down to zero.
    Area {
        /// The column of the horizontal axis.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        #[schemars(length(min = 1, max = 20), extend("x-widget" = "marks"))]
        pub series: Vec<Mark>,
        /// Draws a series for each value of this column, for data that has several rows for one place on the axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(title = "Split by", extend("x-widget" = "column"))]
        pub split: Option<String>,
        #[serde(default)]
        #[schemars(title = "Series stand")]
        pub stack: Stack,
        /// Rounds the corners.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub smooth: bool,
    }
);

impl Config for Area {}
