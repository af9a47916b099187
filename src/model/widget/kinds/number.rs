//! One figure.
use super::{
    Config,
    parts::{Pick, data_config},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [figures]
    /// One row's figure.
    Number {
        /// The column that holds the figure.
        #[schemars(extend("x-widget" = "column"))]
        pub field: String,
        /// Which row's figure it is.
        #[serde(default)]
        pub row: Pick,
        /// A column with the figure of the period before.
        #[serde(default)]
        #[schemars(title = "Compared with", extend("x-widget" = "column"))]
        pub compare_field: Option<String>,
        /// Compares with the same column of the row before, where rows are periods.
        #[serde(default)]
        #[schemars(title = "Compare with the row before")]
        pub compare_row: bool,
        /// A column whose values over all rows are drawn as a small line.
        #[serde(default)]
        #[schemars(title = "Course", extend("x-widget" = "column"))]
        pub trend_field: Option<String>,
        /// Which way is good news.
        #[serde(default)]
        #[schemars(extend("x-group" = "Advanced"))]
        pub better: Better,
        /// Written after the figure.
        #[serde(default)]
        #[schemars(length(max = 40))]
        pub unit: Option<String>,
    }
);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    #[default]
    #[schemars(title = "Neither")]
    Neither,
    #[schemars(title = "Higher")]
    Higher,
    #[schemars(title = "Lower")]
    Lower,
}

impl Config for Number {}
