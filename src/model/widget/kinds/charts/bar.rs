//! Values by category.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{Stack, check_selections, data_config},
        plot::{PlotSeries, check_axes, columns_of},
    },
};

data_config!(@with [plot figures selects]
    /// Values by category.
    Bar {
        /// The column with the categories.
        #[schemars(title = "Categories", extend("x-widget" = "column"))]
        pub x: String,
        #[schemars(length(min = 1, max = 20), extend("x-widget" = "marks"))]
        pub series: Vec<PlotSeries>,
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
        check_axes!(self)?;
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.x]).and(columns_of(&self.series)).and(&self.split);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
