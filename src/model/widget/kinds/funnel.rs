//! How many are left after each step.
use super::{
    Config,
    parts::{check_selections, data_config},
};
use crate::Result;

data_config!(@with [figures selects]
    /// A step for each row.
    Funnel {
        /// The column that names each step.
        #[schemars(title = "Steps", extend("x-widget" = "column"))]
        pub label: String,
        /// The column with how many are left.
        #[schemars(title = "Amounts", extend("x-widget" = "column"))]
        pub value: String,
        /// Puts the largest on top; else the steps stand in the order of the rows.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub sorted: bool,
    }
);

impl Config for Funnel {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
