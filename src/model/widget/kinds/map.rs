//! Points on a map of the world.
use super::{
    Config,
    parts::{check_selections, data_config},
};
use crate::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [figures selects]
    /// A point for each row.
    Map {
        /// The column with degrees north.
        #[schemars(title = "Latitude", extend("x-widget" = "column"))]
        pub latitude: String,
        /// The column with degrees east.
        #[schemars(title = "Longitude", extend("x-widget" = "column"))]
        pub longitude: String,
        /// A column that makes each point as large as its value.
        #[serde(default)]
        #[schemars(title = "Size", extend("x-widget" = "column"))]
        pub size: Option<String>,
        /// A column that names each point.
        #[serde(default)]
        #[schemars(title = "Name", extend("x-widget" = "column"))]
        pub label: Option<String>,
        /// What is seen of the world.
        #[serde(default)]
        #[schemars(title = "Shows")]
        pub extent: Extent,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    #[default]
    #[schemars(title = "Where the points are")]
    Points,
    #[schemars(title = "The whole world")]
    World,
}

impl Config for Map {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects)
    }
}
