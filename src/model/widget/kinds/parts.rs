//! What the configs of several kinds have in common.
use super::super::action::check_text;
use crate::{Error, Result, model::data_query::is_identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a figure is written.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As it comes.
    #[default]
    #[schemars(title = "Automatic")]
    Auto,
    /// Never as a number.
    #[schemars(title = "Text")]
    Text,
    #[schemars(title = "Number")]
    Number,
    /// With a currency.
    #[schemars(title = "Currency")]
    Currency,
    /// A share: 0.021 is 2.1 %.
    #[schemars(title = "Percent")]
    Percent,
    /// A size: 1 500 000 is 1.5 MB.
    #[schemars(title = "Bytes")]
    Bytes,
    /// Milliseconds: 90 000 is 1 min 30 s.
    #[schemars(title = "Duration")]
    Duration,
    #[schemars(title = "Date")]
    Date,
    #[schemars(title = "Date and time")]
    Datetime,
    /// How long ago.
    #[schemars(title = "Time ago")]
    Relative,
}

/// A column of the result under words of its own.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mark {
    /// The column with its values.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
}

/// A column of the result under words of its own, and how its values are written.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shown {
    /// The result's column.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    #[serde(default)]
    pub format: Format,
    /// ISO 4217 code, for `currency`.
    #[serde(default)]
    #[schemars(length(max = 3), extend("x-placeholder" = "EUR", "x-when" = {"format": ["currency"]}))]
    pub currency: Option<String>,
    /// Digits after the point.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub decimals: Option<u8>,
}

/// What is told of rows apart.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Operator {
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

/// Which rows are meant.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Condition {
    #[schemars(title = "Column", extend("x-widget" = "column"))]
    pub field: String,
    pub operator: Operator,
    /// What the column is compared with; numbers and dates are compared as such.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub value: String,
}

/// A meaning, as a colour with a word or a shape beside it.
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

/// How series stand to each other.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stack {
    /// Each on its own.
    #[default]
    #[schemars(title = "Side by side")]
    None,
    /// One upon the other.
    #[schemars(title = "Stacked")]
    Normal,
    /// One upon the other, as shares of the whole.
    #[schemars(title = "100 %")]
    Percent,
}

/// Which row is meant where there are several.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pick {
    #[default]
    #[schemars(title = "First row")]
    First,
    #[schemars(title = "Last row")]
    Last,
}

/// A dashboard variable that takes a column's value when a row or a point is chosen.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    #[schemars(title = "Variable", length(min = 1, max = 64), extend("x-placeholder" = "region"))]
    pub variable: String,
    #[schemars(title = "Takes the column", extend("x-widget" = "column"))]
    pub field: String,
}

/// The name of a dashboard variable.
pub fn check_variable(name: &str, path: &str) -> Result<()> {
    if is_identifier(name) { Ok(()) } else { Err(Error::invalid(path, "must be an identifier such as region")) }
}

pub fn check_selections(selections: &[Selection]) -> Result<()> {
    let check = |(i, one): (usize, &Selection)| check_variable(&one.variable, &format!("config.selects[{i}].variable"));
    selections.iter().enumerate().try_for_each(check)
}

/// A text whose placeholders the browser fills in.
pub fn check_words(text: &str, field: &str) -> Result<()> {
    check_text(text, &format!("config.{field}"))
}

/// An address that a browser may be sent to or load from: this server's, or one behind TLS.
pub fn is_safe_address(text: &str) -> bool {
    let ours = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    plain && (ours || text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")))
}

/// A config that draws a query's data, with `figures` when it writes figures, with `selects` when rows can be chosen,
/// with `maybe` when it may do without a query.
macro_rules! data_config {
    (@with [$($with:ident)*] $(#[$meta:meta])* $name:ident { $($body:tt)* }) => {
        data_config!(@step [$($with)*] { $(#[$meta])* $name } { $($body)* });
    };
    (@step [figures $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            #[serde(default)]
            pub format: $crate::model::widget::kinds::parts::Format,
            /// ISO 4217 code, for `currency`.
            #[serde(default)]
            #[schemars(length(max = 3), extend("x-placeholder" = "EUR", "x-when" = {"format": ["currency"]}))]
            pub currency: Option<String>,
            /// Digits after the point.
            #[serde(default)]
            #[schemars(range(max = 10), extend("x-group" = "Advanced"))]
            pub decimals: Option<u8>,
        });
    };
    (@step [selects $($rest:ident)*] { $($head:tt)* } { $($body:tt)* }) => {
        data_config!(@step [$($rest)*] { $($head)* } {
            $($body)*
            /// Dashboard variables that are set when one is chosen.
            #[serde(default)]
            #[schemars(title = "Choosing one sets", length(max = 10), extend("x-group" = "Advanced"))]
            pub selects: Vec<$crate::model::widget::kinds::parts::Selection>,
        });
    };
    (@step [] { $(#[$meta:meta])* $name:ident } { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// The query to draw.
            #[serde(rename = "queryID")]
            #[schemars(extend("x-widget" = "query"))]
            pub query_id: uuid::Uuid,
            /// Values for the query's parameters; `{{ vars.x }}` takes a dashboard variable.
            #[serde(default)]
            pub parameters: serde_json::Map<String, serde_json::Value>,
            $($body)*
        }
    };
    (@step [maybe] { $(#[$meta:meta])* $name:ident } { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// The query to draw, if any.
            #[serde(rename = "queryID", default)]
            #[schemars(extend("x-widget" = "query"))]
            pub query_id: Option<uuid::Uuid>,
            /// Values for the query's parameters; `{{ vars.x }}` takes a dashboard variable.
            #[serde(default)]
            pub parameters: serde_json::Map<String, serde_json::Value>,
            $($body)*
        }
    };
}

pub(super) use data_config;

#[cfg(test)]
mod tests {
    use super::is_safe_address;

    #[test]
    fn an_address_is_ours_or_behind_tls() {
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
