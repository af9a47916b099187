//! Maps.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [figures selects]
    /// One point per row.
    Map {
        /// The column with the latitude in degrees. North is positive.
        #[schemars(title = "Latitude", extend("x-widget" = "column"))]
        pub latitude: String,
        /// The column with the longitude in degrees. East is positive.
        #[schemars(title = "Longitude", extend("x-widget" = "column"))]
        pub longitude: String,
        /// A column that sets the size of each point.
        #[serde(default)]
        #[schemars(title = "Size", extend("x-widget" = "column"))]
        pub size: Option<String>,
        /// A column with the name of each point.
        #[serde(default)]
        #[schemars(title = "Name", extend("x-widget" = "column"))]
        pub label: Option<String>,
        /// The part of the world to show.
        #[serde(default)]
        #[schemars(title = "Extent")]
        pub extent: Extent,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    #[default]
    #[schemars(title = "Fit to points")]
    Points,
    #[schemars(title = "Whole world")]
    World,
}

impl Config for Map {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.latitude, &self.longitude]).and(&self.size).and(&self.label);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
