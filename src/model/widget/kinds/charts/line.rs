//! Values over time.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
        plot::{PlotSeries, check_axes, columns_of},
    },
};

data_config!(@with [plot figures selects]
    /// Values over time.
    Line {
        /// The column for the horizontal axis.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        #[schemars(length(min = 1, max = 20), extend("x-widget" = "marks"))]
        pub series: Vec<PlotSeries>,
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
    fn check(&self) -> Result<()> {
        check_axes!(self)?;
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.x]).and(columns_of(&self.series)).and(&self.split);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
