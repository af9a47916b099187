//! A line or two for each row.
use super::{
    Config,
    parts::{check_selections, data_config},
};
use crate::Result;

data_config!(@with [figures selects]
    /// A line or two for each row.
    List {
        /// The column with the words of each line.
        #[schemars(title = "Title", extend("x-widget" = "column"))]
        pub title: String,
        /// A column that stands below it.
        #[serde(default)]
        #[schemars(title = "Second line", extend("x-widget" = "column"))]
        pub subtitle: Option<String>,
        /// A column that stands on the right.
        #[serde(default)]
        #[schemars(title = "On the right", extend("x-widget" = "column"))]
        pub detail: Option<String>,
        /// A column with the address that a line leads to.
        #[serde(default)]
        #[schemars(title = "Link", extend("x-widget" = "column", "x-group" = "Advanced"))]
        pub link: Option<String>,
    }
);

impl Config for List {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
