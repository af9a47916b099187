//! Heatmaps.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        color::SeriesColor,
        parts::{check_selections, data_config},
        plot::{AxisRange, PlotOrder},
    },
};

data_config!(@with [figures legend sides selects]
    /// One cell per pair of categories. Larger values have a stronger color.
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
        #[serde(default)]
        #[schemars(title = "Horizontal order")]
        pub x_order: PlotOrder,
        #[serde(default)]
        #[schemars(title = "Vertical order")]
        pub y_order: PlotOrder,
        /// Shows the value in each cell.
        #[serde(default)]
        #[schemars(title = "Show values", extend("x-group" = "Advanced"))]
        pub labels: bool,
        /// The value with the lightest color. Leave empty to use zero, or the smallest value if it is negative.
        #[serde(default)]
        #[schemars(title = "Color range minimum", extend("x-group" = "Appearance"))]
        pub color_min: Option<f64>,
        /// The value with the strongest color. Leave empty to use the largest value.
        #[serde(default)]
        #[schemars(title = "Color range maximum", extend("x-group" = "Appearance"))]
        pub color_max: Option<f64>,
        /// The strongest color.
        #[serde(default)]
        #[schemars(title = "Color", extend("x-group" = "Appearance"))]
        pub color: SeriesColor,
    }
);

impl Config for Heatmap {
    fn check(&self) -> Result<()> {
        AxisRange { min: self.color_min, max: self.color_max, is_log: false }.check("colorMin", "colorMax")?;
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.x, &self.y, &self.value]).selecting(&self.selects, self.opens.as_ref()))
    }
}
