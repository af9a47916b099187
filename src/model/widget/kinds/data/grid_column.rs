//! The columns of an editable table.
use super::GridReference;
use crate::model::widget::kinds::{hidden, parts::ValueFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A column of an editable table.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GridWidgetColumn {
    /// The column of the result, and of the table if people may change it.
    #[schemars(length(min = 1, max = 255), extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    /// When people may enter values.
    #[serde(default)]
    pub editing: Editing,
    #[serde(default)]
    pub editor: Editor,
    /// The allowed values. Leave empty to allow any.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub choices: Vec<String>,
    /// Rejects empty cells, also in new rows.
    #[serde(default)]
    pub required: bool,
    /// Stores an empty text instead of no value (NULL) if a text is cleared.
    #[serde(default)]
    #[schemars(title = "Empty is a text")]
    pub empty_text: bool,
    /// How values are shown. Editors show the values themselves.
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
    /// The row of another table that a value refers to: cells show its label, and people select it.
    #[serde(default, skip_serializing_if = "hidden")]
    #[schemars(title = "Refers to", extend("x-widget" = "reference"))]
    pub references: Option<GridReference>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Editing {
    #[default]
    #[schemars(title = "Always")]
    Always,
    /// For keys that people choose.
    #[schemars(title = "Only in new rows")]
    NewRows,
    #[schemars(title = "Never")]
    Never,
}

/// How values are entered.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Editor {
    /// By the type of the column.
    #[default]
    #[schemars(title = "Automatic")]
    Auto,
    #[schemars(title = "Text")]
    Text,
    /// Text with several lines.
    #[schemars(title = "Long text")]
    LongText,
    #[schemars(title = "Number")]
    Number,
    #[schemars(title = "Checkbox")]
    Checkbox,
    #[schemars(title = "Date")]
    Date,
    #[schemars(title = "Date and time")]
    Datetime,
    #[schemars(title = "Time of day")]
    Time,
    #[schemars(title = "JSON")]
    Json,
}

impl GridWidgetColumn {
    /// Returns what the column lets people change.
    pub fn scope(&self) -> Value {
        json!([self.field, self.editing, self.choices, self.required, self.references])
    }
}
