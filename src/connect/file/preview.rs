//! The preview of a file: what was detected, and what speaks against it.
use super::{
    options::FileFormat,
    values::{
        cell::FileColumnType,
        column::{Exceptions, Sample},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// The preview of a file with the given options.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilePreview {
    pub format: FileFormat,
    /// Why the file cannot be read. The other fields hold what is known nevertheless.
    pub error: Option<String>,
    /// What was detected for options that are not given.
    pub findings: Vec<Finding>,
    /// The tables. The first one is also called `data`.
    pub tables: Vec<PreviewTable>,
    /// Options that may suit the file better.
    pub suggestions: Vec<Suggestion>,
}

/// How certain a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "FilePreviewConfidence")]
pub enum Confidence {
    /// The options set the value.
    Chosen,
    /// The value fits the whole file, and no other value does.
    Certain,
    /// The value fits the whole file, but another value may fit it, too.
    Likely,
    /// A guess, or the value does not fit the whole file.
    Unsure,
}

/// What was detected for one option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewFinding")]
pub struct Finding {
    /// The option's name.
    pub option: &'static str,
    pub value: String,
    pub confidence: Confidence,
    /// Other possible values.
    pub alternatives: Vec<String>,
}

/// Options that may suit the file better.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewSuggestion")]
pub struct Suggestion {
    pub message: String,
    /// What to change: a JSON merge patch for the datasource's options.
    pub options: Map<String, Value>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FilePreviewTable")]
pub struct PreviewTable {
    /// Its name in SQL. The first table is also called `data`.
    pub name: String,
    /// The name of the sheet.
    pub sheet: Option<String>,
    /// Whether the sheet is hidden.
    pub hidden: bool,
    /// The number of rows. If the file cannot be read: how many rows were read.
    pub total_rows: u64,
    pub columns: Vec<PreviewColumn>,
    /// The first rows.
    pub rows: Vec<PreviewRow>,
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FilePreviewColumn")]
pub struct PreviewColumn {
    pub name: String,
    pub r#type: FileColumnType,
    /// Whether the options declare this type.
    pub is_declared: bool,
    /// The number of rows with a value.
    pub values: u64,
    /// The number of rows without a value.
    pub missing: u64,
    /// The values that do not have the column's declared type, or the type that most of its values have.
    pub exceptions: Option<Exceptions>,
    /// A sentence about these exceptions, or about cells with an error.
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewRow")]
pub struct PreviewRow {
    /// The row of a sheet or of a JSON array, or the line of a text file, from 1.
    pub row: u64,
    /// A value for each column, as a query returns it. Long texts are truncated.
    pub values: Vec<Value>,
}

/// Returns a note such as `3 of 12 000 values are not numbers: line 17 (n/a), line 203 (-), …`.
pub fn exceptions_note(exceptions: &Exceptions, values: u64, unit: &str) -> String {
    let Exceptions { expected, count, rows } = exceptions;
    if *count == 0 {
        let example =
            rows.first().map_or(String::new(), |sample| format!(" ({}, {unit} {})", sample.value, sample.row));
        let kind = expected.name();
        return format!(
            "Some values would be written differently as {kind}{example}: declare the type {kind} to convert them"
        );
    }
    let not =
        if *count == 1 { format!("is not {}", expected.value()) } else { format!("are not {}", expected.values()) };
    format!("{} of {} values {not}: {}", spaced(*count), spaced(values), places(rows, *count, unit))
}

/// Returns a note such as `2 cells have an error instead of a value: row 5 (#DIV/0!), row 9 (#N/A)`.
pub fn errors_note(count: u64, rows: &[Sample], unit: &str) -> String {
    let cells = if count == 1 {
        "1 cell has an error instead of a value".to_owned()
    } else {
        format!("{} cells have an error instead of a value", spaced(count))
    };
    format!("{cells}: {}", places(rows, count, unit))
}

fn places(rows: &[Sample], count: u64, unit: &str) -> String {
    let named: Vec<String> = rows.iter().map(|sample| format!("{unit} {} ({})", sample.row, sample.value)).collect();
    let more = if (rows.len() as u64) < count { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

/// Formats 3400 as `3 400`.
pub fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn thousands_are_separated_by_spaces() {
        assert_eq!([0, 999, 3400, 1_234_567].map(spaced), ["0", "999", "3 400", "1 234 567"]);
    }
}
