//! Select inputs.
use crate::{
    Error, Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_variable, data_config},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

data_config!(@with [maybe]
    /// Sets a filter of the dashboard to one of several values: options that you list, or the rows of a query.
    SelectInput {
        /// The name of the filter to set.
        #[schemars(length(min = 1, max = 64), extend("x-placeholder" = "region"))]
        pub variable: String,
        /// The options to select from.
        #[serde(default)]
        #[schemars(length(max = 1000))]
        pub options: Vec<SelectOption>,
        /// The column with the values, if a query is selected.
        #[serde(default)]
        #[schemars(title = "Values (column)", extend("x-widget" = "column"))]
        pub value_field: Option<String>,
        /// The column with the labels.
        #[serde(default)]
        #[schemars(title = "Labels (column)", extend("x-widget" = "column"))]
        pub label_field: Option<String>,
        /// Shown while nothing is selected.
        #[serde(default)]
        #[schemars(length(max = 255), extend("x-group" = "Advanced"))]
        pub placeholder: String,
    }
);

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SelectOption {
    #[schemars(length(max = 1000))]
    pub value: String,
    /// Shown instead of the value.
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
}

impl Config for SelectInput {
    fn check(&self) -> Result<()> {
        check_variable(&self.variable, "config.variable")?;
        if self.options.is_empty() && self.query_id.is_none() {
            return Err(Error::invalid("config.options", "add options, or select a query that returns them"));
        }
        if self.query_id.is_some() && self.value_field.is_none() {
            return Err(Error::invalid("config.valueField", "select the column with the values"));
        }
        Ok(())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        Some(Visible::setting([&self.variable]).and(&self.value_field).and(&self.label_field))
    }
}
