//! Markup in a frame of its own.
use super::{
    Config,
    parts::{check_words, data_config},
};
use crate::Result;

data_config!(@with [maybe]
    /// Markup that is shown in a frame without scripts, which reaches nothing of this page.
    Html {
        /// HTML and CSS; scripts do not run. `{{ row.name }}` is a value of the first row, `{{ vars.region }}` one of the
        /// dashboard, both as text.
        #[schemars(title = "HTML", length(max = 100_000), extend("x-widget" = "code", "x-language" = "text"))]
        pub markup: String,
    }
);

impl Config for Html {
    fn check(&self) -> Result<()> {
        check_words(&self.markup, "markup")
    }
}
