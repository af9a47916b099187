//! The fields of one row.
use super::{
    Config,
    parts::{Pick, Shown, data_config},
};

data_config!(@with []
    /// The fields of one row, by name.
    KeyValue {
        /// Which columns to show, in order; all when empty.
        #[serde(default)]
        #[schemars(title = "Fields", length(max = 200), extend("x-widget" = "marks"))]
        pub fields: Vec<Shown>,
        #[serde(default)]
        pub row: Pick,
    }
);

impl Config for KeyValue {}
