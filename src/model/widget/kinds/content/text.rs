//! Markdown text.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_words, data_config},
    },
};

data_config!(@with [maybe]
    /// Markdown.
    Text {
        /// Markdown. HTML in it is shown as text. `{{ row.name }}` inserts a value of the first row and
        /// `{{ vars.region }}` a filter of the dashboard.
        #[schemars(length(max = 100_000), extend("x-widget" = "textarea"))]
        pub markdown: String,
    }
);

impl Config for Text {
    fn check(&self) -> Result<()> {
        check_words(&self.markdown, "markdown")
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::default().filling(&self.markdown))
    }
}
