//! A value as a tree.
use super::{Config, parts::data_config};

data_config!(@with []
    /// What a query answered, or one column of its first row.
    Json {
        /// The column of the first row; all there is when empty.
        #[serde(default)]
        #[schemars(extend("x-widget" = "column"))]
        pub field: Option<String>,
        /// How many levels are open at first.
        #[serde(default = "Json::default_depth")]
        #[schemars(title = "Open levels", range(max = 10), extend("x-group" = "Advanced"))]
        pub depth: u8,
    }
);

impl Json {
    fn default_depth() -> u8 {
        2
    }
}

impl Config for Json {}
