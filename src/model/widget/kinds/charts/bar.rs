//! Values by category.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{LabeledColumn, Stack, check_selections, data_config, fields},
    },
};

data_config!(@with [figures selects]
    /// Values by category.
    Bar {
        /// The column with the categories.
        #[schemars(title = "Categories", extend("x-widget" = "column"))]
        pub x: String,
        #[schemars(length(min = 1, max = 20), extend("x-widget" = "marks"))]
        pub series: Vec<LabeledColumn>,
        /// Creates a series for each value of this column, for data with several rows per axis value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(title = "Split by", extend("x-widget" = "column"))]
        pub split: Option<String>,
        #[serde(default)]
        #[schemars(title = "Stacking")]
        pub stack: Stack,
        /// Draws horizontal bars.
        #[serde(default)]
        pub horizontal: bool,
        /// Shows the value at each bar.
        #[serde(default)]
        #[schemars(title = "Show values", extend("x-group" = "Advanced"))]
        pub labels: bool,
    }
);

impl Config for Bar {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.x]).and(fields(&self.series)).and(&self.split).selecting(&self.selects))
    }
}
