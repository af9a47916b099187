//! Timelines.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
    },
};

data_config!(@with [selects]
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
    fn check(&self) -> Result<()> {
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.time, &self.title]).and(&self.text).and(&self.tag);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
