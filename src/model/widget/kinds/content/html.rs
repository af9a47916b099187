//! Custom HTML in a frame.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_words, data_config},
    },
};

data_config!(@with [maybe]
    /// Custom HTML in a sandboxed frame, without scripts and without access to the page.
    Html {
        /// HTML and CSS. Scripts do not run. `{{ row.name }}` inserts a value of the first row and `{{ vars.region }}`
        /// a filter of the dashboard, both as text.
        #[schemars(title = "HTML", length(max = 100_000), extend("x-widget" = "code", "x-language" = "text"))]
        pub markup: String,
    }
);

impl Config for Html {
    fn check(&self) -> Result<()> {
        check_words(&self.markup, "markup")
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::default().filling(&self.markup))
    }
}
