//! JSON values as trees.
use crate::model::widget::kinds::{Config, Visible, parts::data_config};

data_config!(@with []
    /// The result of a query, or one column of its first row.
    Json {
        /// The column of the first row. Leave empty to show the whole result.
        #[serde(default)]
        #[schemars(extend("x-widget" = "column"))]
        pub field: Option<String>,
        /// How many levels are initially expanded.
        #[serde(default = "Json::default_depth")]
        #[schemars(title = "Expanded levels", range(max = 10), extend("x-group" = "Advanced"))]
        pub depth: u8,
    }
);

impl Json {
    fn default_depth() -> u8 {
        2
    }
}

impl Config for Json {
    fn visible(&self) -> Option<Visible<'_>> {
        Some(if self.field.is_some() { Visible::of(&self.field) } else { Visible::all() })
    }
}
