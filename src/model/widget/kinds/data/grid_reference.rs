//! The rows of another table that a column of an editable table refers to.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table that the values of a column refer to. It is in the query's datasource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GridReference {
    /// The schema or database of the table. Leave empty for the default one.
    #[serde(default)]
    #[schemars(length(max = 255), extend("default" = null, "x-placeholder" = "public"))]
    pub schema: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub table: String,
    /// Its column with the values, usually the primary key.
    #[schemars(title = "Key column", length(min = 1, max = 255))]
    pub key: String,
    /// Its column that people recognize a row by.
    #[schemars(title = "Label column", length(min = 1, max = 255))]
    pub label: String,
}

impl GridReference {
    /// Returns the names to check, each with its path.
    pub(super) fn names(&self, at: &str) -> Vec<(String, &String)> {
        let schema = self.schema.iter().filter(|name| !name.is_empty()).map(|name| ("schema", name));
        let names = schema.chain([("table", &self.table), ("key", &self.key), ("label", &self.label)]);
        names.map(|(name, value)| (format!("{at}.{name}"), value)).collect()
    }
}
