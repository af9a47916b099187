//! Amounts by two categories.
use super::{
    Config,
    parts::{check_selections, data_config},
};
use crate::Result;

data_config!(@with [figures selects]
    /// A field for each pair of categories, darker the more there is.
    Heatmap {
        /// The column of the horizontal categories.
        #[schemars(title = "Across", extend("x-widget" = "column"))]
        pub x: String,
        /// The column of the vertical categories.
        #[schemars(title = "Down", extend("x-widget" = "column"))]
        pub y: String,
        /// The column with the amounts; those of the same pair are added up.
        #[schemars(title = "Amounts", extend("x-widget" = "column"))]
        pub value: String,
        /// Writes each amount into its field.
        #[serde(default)]
        #[schemars(title = "Show values", extend("x-group" = "Advanced"))]
        pub labels: bool,
    }
);

impl Config for Heatmap {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
