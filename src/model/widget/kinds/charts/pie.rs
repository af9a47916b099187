//! Parts of a whole.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
    },
};

data_config!(@with [figures selects]
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
    }
);

impl Config for Pie {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.label, &self.value]).selecting(&self.selects, self.opens.as_ref()))
    }
}
