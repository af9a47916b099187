//! Parts that the configs of several kinds share.
use crate::{
    Error, Result,
    model::{text::is_identifier, widget::action::check_text},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How values are formatted.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ValueFormat {
    /// Formatted by the type of the value.
    #[default]
    #[schemars(title = "Automatic")]
    Auto,
    /// Always as text, even if it is a number.
    #[schemars(title = "Text")]
    Text,
    #[schemars(title = "Number")]
    Number,
    /// A number with a currency.
    #[schemars(title = "Currency")]
    Currency,
    /// A fraction: 0.021 is shown as 2.1 %.
    #[schemars(title = "Percent")]
    Percent,
    /// A size: 1 500 000 is shown as 1.5 MB.
    #[schemars(title = "Bytes")]
    Bytes,
    /// Milliseconds: 90 000 is shown as 1 min 30 s.
    #[schemars(title = "Duration")]
    Duration,
    #[schemars(title = "Date")]
    Date,
    #[schemars(title = "Date and time")]
    Datetime,
    /// The time that has passed since then.
    #[schemars(title = "Time ago")]
    Relative,
}

/// A column of the result, with an optional label.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabeledColumn {
    /// The column with the values.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
}

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

/// How the column is compared.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RowOperator {
    #[schemars(title = "is")]
    Equals,
    #[schemars(title = "is not")]
    NotEquals,
    #[schemars(title = "contains")]
    Contains,
    #[schemars(title = "is more than")]
    Greater,
    #[schemars(title = "is less than")]
    Less,
    #[schemars(title = "is empty")]
    Empty,
    #[schemars(title = "is not empty")]
    NotEmpty,
}

/// A condition that rows must meet.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowCondition {
    #[schemars(title = "Column", extend("x-widget" = "column"))]
    pub field: String,
    pub operator: RowOperator,
    /// The value to compare with. Numbers and dates are not compared as text.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub value: String,
}

/// A color. Text or a shape beside it carries the same meaning.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    #[schemars(title = "Green")]
    Green,
    #[schemars(title = "Blue")]
    Blue,
    #[schemars(title = "Violet")]
    Violet,
    #[schemars(title = "Amber")]
    Amber,
    #[schemars(title = "Red")]
    Red,
    #[schemars(title = "Grey")]
    Grey,
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

/// A dashboard variable that is set to a column's value when a row or a point is selected.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    #[schemars(title = "Variable", length(min = 1, max = 64), extend("x-placeholder" = "region"))]
    pub variable: String,
    #[schemars(title = "From column", extend("x-widget" = "column"))]
    pub field: String,
}

impl Selection {
    /// The field of configs with a list of these.
    pub const FIELD: &'static str = "selects";
}

/// Returns the columns of several series.
pub fn fields(marks: &[LabeledColumn]) -> impl Iterator<Item = &String> {
    marks.iter().map(|mark| &mark.field)
}

/// Checks the name of a dashboard variable.
pub fn check_variable(name: &str, path: &str) -> Result<()> {
    if is_identifier(name) { Ok(()) } else { Err(Error::invalid(path, "must be an identifier such as region")) }
}

pub fn check_selections(selections: &[Selection]) -> Result<()> {
    let check = |(i, one): (usize, &Selection)| check_variable(&one.variable, &format!("config.selects[{i}].variable"));
    selections.iter().enumerate().try_for_each(check)
}

/// Checks a text whose placeholders the browser replaces.
pub fn check_words(text: &str, field: &str) -> Result<()> {
    check_text(text, &format!("config.{field}"))
}

/// Returns whether a browser may open or load a URL: one of this server, or one with TLS.
pub fn is_safe_address(text: &str) -> bool {
    let ours = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    plain && (ours || text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")))
}

/// Defines a config with a query: `figures` adds the format of values, `selects` adds variables that a selection sets,
/// and `maybe` makes the query optional.
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
    (@step [selects $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// Dashboard variables to set when a row or a point is selected.
            #[serde(default)]
            #[schemars(title = "Variables set on selection", length(max = 10), extend("x-group" = "Advanced"))]
            pub selects: Vec<$crate::model::widget::kinds::parts::Selection>,
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
            /// Values for the query's parameters. Use `{{ vars.x }}` for a dashboard variable.
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
            /// Values for the query's parameters. Use `{{ vars.x }}` for a dashboard variable.
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

#[cfg(test)]
mod tests {
    use super::is_safe_address;

    #[test]
    fn a_safe_url_is_one_of_this_server_or_uses_tls() {
        for fine in ["/logo.png", "https://example.com/a.png", "HTTPS://example.com"] {
            assert!(is_safe_address(fine), "{fine}");
        }
        for wrong in [
            "",
            "javascript:alert(1)",
            "http://example.com",
            "//example.com",
            "/\\example.com",
            "data:text/html,x",
            "https://a b",
            "java\nscript:x",
        ] {
            assert!(!is_safe_address(wrong), "{wrong}");
        }
    }
}
