//! Timelines.
use crate::model::widget::kinds::{Config, Visible, parts::data_config};

data_config!(@with []
    /// One event per row.
    Timeline {
        /// The column with the time of the event.
        #[schemars(title = "Time", extend("x-widget" = "column"))]
        pub time: String,
        /// The column with the title of the event.
        #[schemars(title = "Title", extend("x-widget" = "column"))]
        pub title: String,
        /// A column with a description of the event.
        #[serde(default)]
        #[schemars(title = "Description", extend("x-widget" = "column"))]
        pub text: Option<String>,
        /// A column to show as a badge.
        #[serde(default)]
        #[schemars(title = "Label", extend("x-widget" = "column"))]
        pub tag: Option<String>,
        /// Shows the oldest event first.
        #[serde(default)]
        #[schemars(title = "Oldest first", extend("x-group" = "Advanced"))]
        pub oldest_first: bool,
    }
);

impl Config for Timeline {
    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of([&self.time, &self.title]).and(&self.text).and(&self.tag))
    }
}
