//! How two amounts go together.
use super::{
    Config,
    parts::{check_selections, data_config},
};
use crate::Result;

data_config!(@with [figures selects]
    /// A point for each row.
    Scatter {
        /// The column of the horizontal axis.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        /// The column of the vertical axis.
        #[schemars(title = "Vertical axis", extend("x-widget" = "column"))]
        pub y: String,
        /// A column that makes the points bubbles, each as large as its value.
        #[serde(default)]
        #[schemars(title = "Size", extend("x-widget" = "column"))]
        pub size: Option<String>,
        /// A column whose values get a colour each, at most eight.
        #[serde(default)]
        #[schemars(title = "Colour by", extend("x-widget" = "column"))]
        pub group: Option<String>,
        /// A column that names each point.
        #[serde(default)]
        #[schemars(title = "Name", extend("x-widget" = "column"))]
        pub label: Option<String>,
    }
);

impl Config for Scatter {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
