//! Values over time.
use crate::model::widget::kinds::{
    Config, Visible,
    parts::{LabeledColumn, data_config, fields},
};

data_config!(@with [figures]
    /// Values over time.
    Line {
        /// The column for the horizontal axis.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        #[schemars(length(min = 1, max = 20), extend("x-widget" = "marks"))]
        pub series: Vec<LabeledColumn>,
        /// Creates a series for each value of this column, for data with several rows per axis value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(title = "Split by", extend("x-widget" = "column"))]
        pub split: Option<String>,
        /// Draws curves instead of straight lines.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub smooth: bool,
        /// Starts the axis at zero, even if all values are far from it.
        #[serde(default)]
        #[schemars(title = "Start at zero", extend("x-group" = "Advanced"))]
        pub from_zero: bool,
    }
);

impl Config for Line {
    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.x]).and(fields(&self.series)).and(&self.split))
    }
}
