//! One or two lines per row.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
    },
};

data_config!(@with [figures selects]
    /// One or two lines per row.
    List {
        /// The column with the title of each row.
        #[schemars(title = "Title", extend("x-widget" = "column"))]
        pub title: String,
        /// A column to show below the title.
        #[serde(default)]
        #[schemars(title = "Second line", extend("x-widget" = "column"))]
        pub subtitle: Option<String>,
        /// A column to show on the right.
        #[serde(default)]
        #[schemars(title = "On the right", extend("x-widget" = "column"))]
        pub detail: Option<String>,
        /// A column with the URL that opens on click.
        #[serde(default)]
        #[schemars(title = "Link", extend("x-widget" = "column", "x-group" = "Advanced"))]
        pub link: Option<String>,
    }
);

impl Config for List {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.title]).and(&self.subtitle).and(&self.detail).and(&self.link);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
