//! What happened when.
use super::{Config, parts::data_config};

data_config!(@with []
    /// A moment for each row.
    Timeline {
        /// The column that says when.
        #[schemars(title = "When", extend("x-widget" = "column"))]
        pub time: String,
        /// The column that says what.
        #[schemars(title = "What", extend("x-widget" = "column"))]
        pub title: String,
        /// A column that says more.
        #[serde(default)]
        #[schemars(title = "More", extend("x-widget" = "column"))]
        pub text: Option<String>,
        /// A column whose value is shown as a label.
        #[serde(default)]
        #[schemars(title = "Label", extend("x-widget" = "column"))]
        pub tag: Option<String>,
        /// Begins with the earliest.
        #[serde(default)]
        #[schemars(title = "Oldest first", extend("x-group" = "Advanced"))]
        pub oldest_first: bool,
    }
);

impl Config for Timeline {}
