//! Parts of a whole.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        color::check_colors,
        parts::{check_selections, data_config},
        plot::PlotOrder,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [limit figures legend colors selects]
    /// Parts of a whole.
    Pie {
        /// The column with the names of the parts.
        #[schemars(title = "Names", extend("x-widget" = "column"))]
        pub label: String,
        /// The column with the values.
        #[schemars(title = "Values", extend("x-widget" = "column"))]
        pub value: String,
        /// Draws a ring instead of a disc.
        #[serde(default)]
        #[schemars(title = "Ring")]
        pub donut: bool,
        /// What is written at each part.
        #[serde(default)]
        #[schemars(title = "Labels")]
        pub labels: SliceLabels,
        #[serde(default = "Pie::default_order")]
        #[schemars(title = "Sort order")]
        pub order: PlotOrder,
    }
);

/// What is written at the parts of a pie chart.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SliceLabels {
    #[default]
    #[schemars(title = "None")]
    None,
    #[schemars(title = "Name")]
    Name,
    #[schemars(title = "Value")]
    Value,
    #[schemars(title = "Percent")]
    Percent,
}

impl Pie {
    fn default_order() -> PlotOrder {
        PlotOrder::Largest
    }
}

impl Config for Pie {
    fn check(&self) -> Result<()> {
        check_colors(&self.colors)?;
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.label, &self.value]).selecting(&self.selects, self.opens.as_ref()))
    }
}
