//! Amounts over time.
use super::{
    Config,
    parts::{Mark, data_config},
};

data_config!(@with [figures]
    /// Amounts over time.
    Line {
        /// The column of the horizontal axis.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        #[schemars(length(min = 1, max = 20), extend("x-widget" = "marks"))]
        pub series: Vec<Mark>,
        /// Draws a series for each value of this column, for data that has several rows for one place on the axis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(title = "Split by", extend("x-widget" = "column"))]
        pub split: Option<String>,
        /// Rounds the corners.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub smooth: bool,
        /// Begins the axis at zero even where the values lie far from it.
        #[serde(default)]
        #[schemars(title = "From zero", extend("x-group" = "Advanced"))]
        pub from_zero: bool,
    }
);

impl Config for Line {}
