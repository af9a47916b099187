//! Heatmaps.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
    },
};

data_config!(@with [figures selects]
    /// One cell per pair of categories. Larger values are darker.
    Heatmap {
        /// The column with the horizontal categories.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        /// The column with the vertical categories.
        #[schemars(title = "Vertical axis", extend("x-widget" = "column"))]
        pub y: String,
        /// The column with the values. Values of the same pair are added up.
        #[schemars(title = "Values", extend("x-widget" = "column"))]
        pub value: String,
        /// Shows the value in each cell.
        #[serde(default)]
        #[schemars(title = "Show values", extend("x-group" = "Advanced"))]
        pub labels: bool,
    }
);

impl Config for Heatmap {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.x, &self.y, &self.value]).selecting(&self.selects, self.opens.as_ref()))
    }
}
