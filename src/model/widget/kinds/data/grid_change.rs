//! Changes to rows of an editable table.
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A change to one row of an editable table. The names of values are its columns.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum GridChange {
    Update(RowUpdate),
    Insert(RowInsertion),
    Delete(RowDeletion),
}

// each has a name, because some client generators fail on unions of objects without names

/// Changes a row.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowUpdate {
    /// The values of the key columns.
    pub key: Map<String, Value>,
    /// The values that the row is expected to have, at least of every changed column.
    pub before: Map<String, Value>,
    /// The new values.
    pub after: Map<String, Value>,
}

/// Adds a row.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowInsertion {
    /// Columns without a value get the table's default.
    pub values: Map<String, Value>,
}

/// Deletes a row.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowDeletion {
    /// The values of the key columns.
    pub key: Map<String, Value>,
    /// The values that the row is expected to have.
    pub before: Map<String, Value>,
}
