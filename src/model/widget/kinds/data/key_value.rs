//! The fields of a single row.
use crate::model::widget::kinds::{
    Config, Visible,
    parts::{FormattedColumn, Pick, data_config},
};

data_config!(@with []
    /// The fields of a single row.
    KeyValue {
        /// The columns to show, in order. Leave empty to show all.
        #[serde(default)]
        #[schemars(title = "Fields", length(max = 200), extend("x-widget" = "marks"))]
        pub fields: Vec<FormattedColumn>,
        #[serde(default)]
        pub row: Pick,
    }
);

impl Config for KeyValue {
    fn visible(&self) -> Option<Visible<'_>> {
        if self.fields.is_empty() {
            return Some(Visible::all());
        }
        Some(Visible::of(self.fields.iter().map(|shown| &shown.field)))
    }
}
