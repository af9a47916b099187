//! Funnel charts.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        color::{SeriesColor, check_colors},
        parts::{check_selections, data_config},
    },
};

data_config!(@with [figures titles colors selects]
    /// One step per row.
    Funnel {
        /// The column with the names of the steps.
        #[schemars(title = "Steps", extend("x-widget" = "column"))]
        pub label: String,
        /// The column with the values.
        #[schemars(title = "Values", extend("x-widget" = "column"))]
        pub value: String,
        /// Sorts the steps, largest first. If off, the steps keep the order of the rows.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub sorted: bool,
        /// The color of the first step. It fades towards the last one.
        #[serde(default)]
        #[schemars(title = "Color", extend("x-group" = "Appearance"))]
        pub color: SeriesColor,
    }
);

impl Config for Funnel {
    fn check(&self) -> Result<()> {
        check_colors(&self.colors)?;
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.label, &self.value]).selecting(&self.selects, self.opens.as_ref()))
    }
}
