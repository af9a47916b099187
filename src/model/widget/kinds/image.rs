//! A picture.
use super::{
    Config,
    parts::{data_config, is_safe_address},
};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [maybe]
    /// A picture, from an address or from a column of the first row.
    Image {
        /// An address that begins with `https://`, or with `/` for this server.
        #[serde(default)]
        #[schemars(title = "Address", length(max = 2000), extend("x-placeholder" = "https://example.com/plan.png"))]
        pub url: Option<String>,
        /// The column with the address, when a query is chosen.
        #[serde(default)]
        #[schemars(title = "Address (column)", extend("x-widget" = "column"))]
        pub field: Option<String>,
        /// What the picture shows, for those who cannot see it.
        #[schemars(title = "Description of the picture", length(min = 1, max = 500))]
        pub alt: String,
        #[serde(default)]
        pub fit: Fit,
        /// Where a click leads.
        #[serde(default)]
        #[schemars(length(max = 2000), extend("x-group" = "Advanced"))]
        pub link: Option<String>,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// All of it is seen.
    #[default]
    #[schemars(title = "Contain")]
    Contain,
    /// It fills the widget, cut off where it must be.
    #[schemars(title = "Cover")]
    Cover,
}

impl Config for Image {
    fn check(&self) -> Result<()> {
        if self.alt.trim().is_empty() {
            return Err(Error::invalid("config.alt", "must say what the picture shows"));
        }
        if self.url.is_none() && (self.query_id.is_none() || self.field.is_none()) {
            return Err(Error::invalid("config.url", "give an address, or choose a query and a column"));
        }
        for (field, address) in [("url", &self.url), ("link", &self.link)] {
            if address.as_ref().is_some_and(|address| !is_safe_address(address)) {
                return Err(Error::invalid(format!("config.{field}"), "must begin with https:// or /"));
            }
        }
        Ok(())
    }
}
