//! Parts that the configs of several kinds share.
use crate::{
    Error, Result,
    model::{
        text::is_identifier,
        widget::{action::check_text, destination::Destination},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::model::{
    column::{Tone, ValueFormat},
    widget::{
        condition::{ConditionSource, Conditions, RowCondition, RowOperator},
        destination::{AfterAction, is_safe_address},
    },
};

/// A column of the result, with an optional label and a format.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormattedColumn {
    /// The column of the result.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    #[serde(default)]
    pub format: ValueFormat,
    /// ISO 4217 code, for `currency`.
    #[serde(default)]
    #[schemars(length(max = 3), extend("x-placeholder" = "EUR", "x-when" = {"format": ["currency"]}))]
    pub currency: Option<String>,
    /// Digits after the decimal point.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub decimals: Option<u8>,
}

/// How several series are combined.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stack {
    /// Series are not stacked.
    #[default]
    #[schemars(title = "Side by side")]
    None,
    /// Series are drawn on top of each other.
    #[schemars(title = "Stacked")]
    Normal,
    /// Series are drawn on top of each other, as percentages of the total.
    #[schemars(title = "100 %")]
    Percent,
}

/// The color from a value up to the next threshold.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Threshold {
    pub from: f64,
    pub color: Tone,
    /// Says what the color means.
    #[serde(default)]
    #[schemars(length(max = 40), extend("x-placeholder" = "Critical"))]
    pub label: Option<String>,
}

/// The row to use if there are several.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pick {
    #[default]
    #[schemars(title = "First row")]
    First,
    #[schemars(title = "Last row")]
    Last,
}

/// A filter of the dashboard that is set to a column's value when a row or a point is selected.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    #[schemars(title = "Filter", length(min = 1, max = 64), extend("x-placeholder" = "region"))]
    pub variable: String,
    #[schemars(title = "From column", extend("x-widget" = "column"))]
    pub field: String,
}

impl Selection {
    /// The field of configs with a list of these.
    pub const FIELD: &'static str = "selects";
}

/// Checks the name of a dashboard variable.
pub fn check_variable(name: &str, path: &str) -> Result<()> {
    if is_identifier(name) { Ok(()) } else { Err(Error::invalid(path, "must be an identifier such as region")) }
}

/// Checks what selecting a row does: the variables that it sets, and what it opens.
pub fn check_selections(selections: &[Selection], opens: Option<&Destination>) -> Result<()> {
    let check = |(i, one): (usize, &Selection)| check_variable(&one.variable, &format!("config.selects[{i}].variable"));
    selections.iter().enumerate().try_for_each(check)?;
    opens.map_or(Ok(()), |to| to.check("config.opens"))
}

/// Checks a text whose placeholders the browser replaces.
pub fn check_words(text: &str, field: &str) -> Result<()> {
    check_text(text, &format!("config.{field}"))
}

/// The default of a setting that is on.
pub const fn on() -> bool {
    true
}

/// Defines a config with a query: `figures` adds the format of values, `selects` adds what selecting a row does, and
/// `maybe` makes the query optional. `plot` adds the settings of charts with axes. Its parts can be added alone: `order`,
/// `limit`, `legend`, `titles`, `lines` and `colors`; `sides` adds the titles of a horizontal and a vertical axis.
macro_rules! data_config {
    (@with [$($with:ident)*] $(#[$meta:meta])* $name:ident { $($body:tt)* }) => {
        data_config!(@step [$($with)*] { $(#[$meta])* $name } { $($body)* });
    };
    (@step [figures $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            pub format: $crate::model::widget::kinds::parts::ValueFormat,
            /// ISO 4217 code, for `currency`.
            #[serde(default)]
            #[schemars(length(max = 3), extend("x-placeholder" = "EUR", "x-when" = {"format": ["currency"]}))]
            pub currency: Option<String>,
            /// Digits after the decimal point.
            #[serde(default)]
            #[schemars(range(max = 10), extend("x-group" = "Advanced"))]
            pub decimals: Option<u8>,
        });
    };
    (@step [plot $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [order limit gaps legend axes lines colors $($rest)*] { $($head)* } {
            $($body)*
            /// How rows with the same axis value are combined.
            #[serde(default)]
            #[schemars(title = "Aggregation")]
            pub aggregate: $crate::model::widget::kinds::plot::Aggregation,
            /// Groups the times on the axis.
            #[serde(default)]
            #[schemars(title = "Time grain")]
            pub grain: $crate::model::widget::kinds::plot::TimeGrain,
        });
    };
    (@step [order $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            #[schemars(title = "Sort order")]
            pub order: $crate::model::widget::kinds::plot::PlotOrder,
        });
    };
    (@step [limit $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// How many categories to show: the largest, or the latest if they are times. A pie chart shows 7 by
            /// default.
            #[serde(default)]
            #[schemars(title = "Limit", range(min = 1, max = 1000))]
            pub limit: Option<u32>,
            /// Combines the rest as “Other”. If off, the rest is not shown.
            #[serde(default = "crate::model::widget::kinds::parts::on")]
            #[schemars(title = "Show “Other”", extend("x-group" = "Advanced"))]
            pub other: bool,
        });
    };
    (@step [gaps $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// How missing values are drawn.
            #[serde(default)]
            #[schemars(title = "Missing values", extend("x-group" = "Advanced"))]
            pub gaps: $crate::model::widget::kinds::plot::GapHandling,
        });
    };
    (@step [legend $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            #[schemars(title = "Legend", extend("x-group" = "Appearance"))]
            pub legend: $crate::model::widget::kinds::plot::LegendPlace,
        });
    };
    (@step [axes $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [titles $($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            #[schemars(title = "Value axis minimum", extend("x-group" = "Appearance"))]
            pub axis_min: Option<f64>,
            #[serde(default)]
            #[schemars(title = "Value axis maximum", extend("x-group" = "Appearance"))]
            pub axis_max: Option<f64>,
            /// Shows values of very different sizes. Values at or below zero cannot be shown.
            #[serde(default)]
            #[schemars(title = "Logarithmic", extend("x-group" = "Appearance"))]
            pub log_scale: bool,
            #[serde(default)]
            #[schemars(title = "Second axis title", length(max = 100), extend("x-group" = "Appearance"))]
            pub second_title: Option<String>,
            #[serde(default)]
            #[schemars(title = "Second axis minimum", extend("x-group" = "Appearance"))]
            pub second_min: Option<f64>,
            #[serde(default)]
            #[schemars(title = "Second axis maximum", extend("x-group" = "Appearance"))]
            pub second_max: Option<f64>,
        });
    };
    (@step [titles $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            #[schemars(title = "Title of the categories", length(max = 100), extend("x-group" = "Appearance"))]
            pub category_title: Option<String>,
            #[serde(default)]
            #[schemars(title = "Title of the values", length(max = 100), extend("x-group" = "Appearance"))]
            pub axis_title: Option<String>,
        });
    };
    (@step [sides $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            #[schemars(title = "Horizontal axis title", length(max = 100), extend("x-group" = "Appearance"))]
            pub x_title: Option<String>,
            #[serde(default)]
            #[schemars(title = "Vertical axis title", length(max = 100), extend("x-group" = "Appearance"))]
            pub y_title: Option<String>,
        });
    };
    (@step [lines $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// Goals and thresholds.
            #[serde(default)]
            #[schemars(title = "Reference lines", length(max = 10), extend("x-group" = "Appearance"))]
            pub lines: Vec<$crate::model::widget::kinds::plot::ReferenceLine>,
        });
    };
    (@step [colors $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// The color of each of these values. Other values have the color that the query declares, or the next one
            /// of the palette.
            #[serde(default)]
            #[schemars(title = "Colors of values", extend("x-group" = "Appearance", "x-widget" = "valueColors"))]
            pub colors: std::collections::BTreeMap<String, $crate::model::widget::kinds::color::SeriesColor>,
        });
    };
    (@step [selects $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// Filters of the dashboard to set to the values of the selected row.
            #[serde(default)]
            #[schemars(
                title = "Set filters",
                length(max = 10),
                extend("x-group" = "When a row is selected", "x-open" = true)
            )]
            pub selects: Vec<$crate::model::widget::kinds::parts::Selection>,
            /// What to open for the selected row.
            #[serde(default, skip_serializing_if = "crate::model::widget::destination::Destination::is_internal")]
            #[schemars(
                title = "Open",
                extend("x-group" = "When a row is selected", "x-open" = true, "x-widget" = "destination")
            )]
            pub opens: Option<$crate::model::widget::destination::Destination>,
        });
    };
    (@step [] { $(#[$meta:meta])* $name:ident } { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// The query to show.
            #[serde(rename = "queryID", skip_serializing_if = "crate::model::widget::kinds::hidden")]
            #[schemars(extend("x-widget" = "query"))]
            pub query_id: uuid::Uuid,
            /// Values for the query's parameters. Use `{{ vars.x }}` for a filter of the dashboard, and
            /// `{{ user.email }}` for the person who is signed in. A parameter whose filter is not set is null; a
            /// required one waits for it.
            #[serde(default, skip_serializing_if = "crate::model::widget::kinds::hidden")]
            #[schemars(extend("default" = {}))]
            pub parameters: serde_json::Map<String, serde_json::Value>,
            $($body)*
        }

        impl $crate::model::widget::kinds::Queried for $name {
            fn query(&self) -> Option<(uuid::Uuid, &serde_json::Map<String, serde_json::Value>)> {
                Some((self.query_id, &self.parameters))
            }
        }
    };
    (@step [maybe] { $(#[$meta:meta])* $name:ident } { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// The query to use, if any.
            #[serde(rename = "queryID", default, skip_serializing_if = "crate::model::widget::kinds::hidden")]
            #[schemars(extend("default" = null, "x-widget" = "query"))]
            pub query_id: Option<uuid::Uuid>,
            /// Values for the query's parameters. Use `{{ vars.x }}` for a filter of the dashboard, and
            /// `{{ user.email }}` for the person who is signed in. A parameter whose filter is not set is null; a
            /// required one waits for it.
            #[serde(default, skip_serializing_if = "crate::model::widget::kinds::hidden")]
            #[schemars(extend("default" = {}))]
            pub parameters: serde_json::Map<String, serde_json::Value>,
            $($body)*
        }

        impl $crate::model::widget::kinds::Queried for $name {
            fn query(&self) -> Option<(uuid::Uuid, &serde_json::Map<String, serde_json::Value>)> {
                Some((self.query_id?, &self.parameters))
            }
        }
    };
}

pub(super) use data_config;
