//! Shares of a whole.
use super::{
    Config,
    parts::{check_selections, data_config},
};
use crate::Result;

data_config!(@with [figures selects]
    /// Shares of a whole.
    Pie {
        /// The column that names each share.
        #[schemars(title = "Names", extend("x-widget" = "column"))]
        pub label: String,
        /// The column with its size.
        #[schemars(title = "Sizes", extend("x-widget" = "column"))]
        pub value: String,
        /// A ring instead of a disc.
        #[serde(default)]
        #[schemars(title = "Ring")]
        pub donut: bool,
    }
);

impl Config for Pie {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
