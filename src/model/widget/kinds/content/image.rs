//! Images.
use crate::{
    Error, Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{data_config, is_safe_address},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [maybe]
    /// An image from a URL or from a column of the first row.
    Image {
        /// A URL that starts with `https://`, or with `/` for this server.
        #[serde(default)]
        #[schemars(title = "URL", length(max = 2000), extend("x-placeholder" = "https://example.com/plan.png"))]
        pub url: Option<String>,
        /// The column with the URL, if a query is selected.
        #[serde(default)]
        #[schemars(title = "URL (column)", extend("x-widget" = "column"))]
        pub field: Option<String>,
        /// Describes the image to people who cannot see it.
        #[schemars(title = "Alternative text", length(min = 1, max = 500))]
        pub alt: String,
        #[serde(default)]
        pub fit: Fit,
        /// The page that opens on click.
        #[serde(default)]
        #[schemars(length(max = 2000), extend("x-group" = "Advanced"))]
        pub link: Option<String>,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Shows the whole image.
    #[default]
    #[schemars(title = "Contain")]
    Contain,
    /// Fills the widget and crops the image if necessary.
    #[schemars(title = "Cover")]
    Cover,
}

impl Config for Image {
    fn check(&self) -> Result<()> {
        if self.alt.trim().is_empty() {
            return Err(Error::invalid("config.alt", "must describe the image"));
        }
        if self.url.is_none() && (self.query_id.is_none() || self.field.is_none()) {
            return Err(Error::invalid("config.url", "enter a URL, or select a query and a column"));
        }
        for (field, address) in [("url", &self.url), ("link", &self.link)] {
            if address.as_ref().is_some_and(|address| !is_safe_address(address)) {
                return Err(Error::invalid(format!("config.{field}"), "must start with https:// or /"));
            }
        }
        Ok(())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::of(&self.field))
    }
}
