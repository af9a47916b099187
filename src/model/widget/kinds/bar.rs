//! Amounts by category.
use super::{
    Config,
    parts::{Mark, Stack, check_selections, data_config},
};
use crate::Result;

data_config!(@with [figures selects]
    /// Amounts by category.
    Bar {
        /// The column of the categories.
        #[schemars(title = "Categories", extend("x-widget" = "column"))]
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
        /// Bars from left to right.
        #[serde(default)]
        pub horizontal: bool,
        /// Writes each amount at its bar.
        #[serde(default)]
        #[schemars(title = "Show values", extend("x-group" = "Advanced"))]
        pub labels: bool,
    }
);

impl Config for Bar {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
