//! What a query declares about the columns of its results: labels, types, formats and colors.
use super::text::check_length;
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The maximum number of declared columns, and of colors of one column.
const MAX_COLUMNS: usize = 200;
const MAX_COLORS: usize = 50;

/// How the values of a column of a query's results are shown, wherever they are shown. The settings of a widget take
/// precedence. Values themselves never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryColumn {
    /// The column of the result. Columns that a result lacks are ignored.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Shown instead of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    /// What the values are, if the datasource does not say so, for example because all of its values are text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<DeclaredType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ValueFormat>,
    /// ISO 4217 code, for the format `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 3))]
    pub currency: Option<String>,
    /// Shown after the values, such as `kg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub unit: Option<String>,
    /// Digits after the decimal point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10))]
    pub decimals: Option<u8>,
    /// The color of each of these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub colors: BTreeMap<String, Tone>,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeclaredType {
    Text,
    Number,
    Boolean,
    /// A day.
    Date,
    /// A day with a time.
    Datetime,
}

/// How values are formatted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// A color. Text or a shape beside it carries the same meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Checks the declared columns of a query: at most 200, each of them once.
///
/// # Errors
/// `Invalid` at `columns[i]…`.
pub fn check_columns(columns: &[QueryColumn]) -> Result<()> {
    if columns.len() > MAX_COLUMNS {
        return Err(Error::invalid("columns", format!("must have at most {MAX_COLUMNS} items")));
    }
    for (i, column) in columns.iter().enumerate() {
        let at = format!("columns[{i}]");
        column.check(&at)?;
        if columns[..i].iter().any(|other| other.name == column.name) {
            return Err(Error::invalid(format!("{at}.name"), format!("`{}` is declared twice", column.name)));
        }
    }
    Ok(())
}

impl QueryColumn {
    fn check(&self, at: &str) -> Result<()> {
        check_length(&format!("{at}.name"), &self.name, 1..=255)?;
        check_length(&format!("{at}.label"), self.label.as_deref().unwrap_or_default(), 0..=255)?;
        check_length(&format!("{at}.unit"), self.unit.as_deref().unwrap_or_default(), 0..=40)?;
        let is_code = |code: &str| code.len() == 3 && code.chars().all(|c| c.is_ascii_uppercase());
        if self.currency.as_deref().is_some_and(|code| !code.is_empty() && !is_code(code)) {
            return Err(Error::invalid(format!("{at}.currency"), "must be an ISO 4217 code such as EUR"));
        }
        if self.decimals.is_some_and(|decimals| decimals > 10) {
            return Err(Error::invalid(format!("{at}.decimals"), "must be at most 10"));
        }
        if self.colors.len() > MAX_COLORS {
            return Err(Error::invalid(format!("{at}.colors"), format!("must have at most {MAX_COLORS} values")));
        }
        self.colors.keys().try_for_each(|value| check_length(&format!("{at}.colors.{value}"), value, 0..=255))
    }
}

impl DeclaredType {
    /// Returns the name that results have as the column's type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{QueryColumn, check_columns};
    use serde_json::{Value, json};

    fn problem(columns: Value) -> Option<String> {
        let columns: Vec<QueryColumn> = serde_json::from_value(columns).unwrap();
        check_columns(&columns).err().map(|error| error.to_string())
    }

    #[test]
    fn declared_columns_are_bounded_and_unique() {
        let full = json!({
            "name": "total", "label": "Total", "type": "number", "format": "currency", "currency": "EUR", "unit": "net",
            "decimals": 2, "colors": {"0": "red"},
        });
        assert_eq!(problem(json!([full, {"name": "at"}])), None);
        let many: Vec<Value> = (0..201).map(|n| json!({"name": n.to_string()})).collect();
        let colors: serde_json::Map<String, Value> = (0..51).map(|n| (n.to_string(), "red".into())).collect();
        for (columns, expected) in [
            (json!(many), "columns: must have at most 200 items"),
            (json!([{"name": ""}]), "columns[0].name: must be 1 to 255 characters"),
            (json!([{"name": "a"}, {"name": "a"}]), "columns[1].name: `a` is declared twice"),
            (json!([{"name": "a", "label": "x".repeat(256)}]), "columns[0].label: must be at most 255 characters"),
            (json!([{"name": "a", "unit": "x".repeat(41)}]), "columns[0].unit: must be at most 40 characters"),
            (json!([{"name": "a", "currency": "eu"}]), "columns[0].currency: must be an ISO 4217 code such as EUR"),
            (json!([{"name": "a", "decimals": 11}]), "columns[0].decimals: must be at most 10"),
            (json!([{"name": "a", "colors": colors}]), "columns[0].colors: must have at most 50 values"),
        ] {
            assert_eq!(problem(columns), Some(expected.to_owned()));
        }
    }

    #[test]
    fn what_is_not_declared_is_not_stored() {
        let column: QueryColumn = serde_json::from_value(json!({"name": "a", "label": null})).unwrap();
        assert_eq!(serde_json::to_string(&column).unwrap(), r#"{"name":"a"}"#);
    }
}
