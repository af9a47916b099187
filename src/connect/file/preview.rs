//! What a file would be read as: everything that was found out, with what speaks against it.
use super::{
    cell::Type,
    column::{Exceptions, Sample},
    options::Format,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// What is read of a file with the given options.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilePreview {
    pub format: Format,
    /// Why the file cannot be read, if it cannot. The other fields say what is known nevertheless.
    pub error: Option<String>,
    /// What was found out about the options that are not given.
    pub findings: Vec<Finding>,
    /// The tables, beginning with the one that is called `data` as well.
    pub tables: Vec<PreviewTable>,
    /// Options that may suit the file better.
    pub suggestions: Vec<Suggestion>,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "FilePreviewConfidence")]
pub enum Confidence {
    /// The options say so.
    Chosen,
    /// The whole file agrees, and with nothing else.
    Certain,
    /// The whole file agrees, and may agree with something else.
    Likely,
    /// A guess, or the file disagrees.
    Unsure,
}

/// What was found out about one option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewFinding")]
pub struct Finding {
    /// The option's name.
    pub option: &'static str,
    pub value: String,
    pub confidence: Confidence,
    /// Other values that are possible.
    pub alternatives: Vec<String>,
}

/// Options that may suit the file better.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewSuggestion")]
pub struct Suggestion {
    pub message: String,
    /// What to change: a JSON merge patch of the datasource's options.
    pub options: Map<String, Value>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FilePreviewTable")]
pub struct PreviewTable {
    /// Its name in SQL; the first table is called `data` as well.
    pub name: String,
    /// The sheet's own name.
    pub sheet: Option<String>,
    /// Whether the sheet is hidden.
    pub hidden: bool,
    /// How many rows there are. Where the file cannot be read: how many were read.
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
    pub r#type: Type,
    /// Whether the options give it this type.
    pub is_declared: bool,
    /// How many rows have a value, and how many have none.
    pub values: u64,
    pub missing: u64,
    /// What keeps the column from having the type that most of its values have, or the one that it is declared to have.
    pub exceptions: Option<Exceptions>,
    /// The same in a sentence.
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FilePreviewRow")]
pub struct PreviewRow {
    /// The row of a sheet or of a JSON array, from 1; the line of a text file.
    pub row: u64,
    /// A value for each column, as a query gives it. Long texts are cut.
    pub values: Vec<Value>,
}

/// `3 of 12 000 values are not numbers: lines 17, 203, …`
pub fn exceptions_note(exceptions: &Exceptions, values: u64, unit: &str) -> String {
    let Exceptions { expected, count, rows } = exceptions;
    if *count == 0 {
        let example =
            rows.first().map_or(String::new(), |sample| format!(" ({} in {unit} {})", sample.value, sample.row));
        return format!(
            "Not every value reads back as it is written{example}: declare the type {} to convert them",
            expected.name()
        );
    }
    let not =
        if *count == 1 { format!("is not {}", expected.value()) } else { format!("are not {}", expected.values()) };
    format!("{} of {} values {not}: {}", spaced(*count), spaced(values), places(rows, *count, unit))
}

/// `2 cells are in error: row 5 (#DIV/0!), row 9 (#N/A)`
pub fn errors_note(count: u64, rows: &[Sample], unit: &str) -> String {
    let cells = if count == 1 {
        "1 cell is in error and has no value".to_owned()
    } else {
        format!("{} cells are in error and have no value", spaced(count))
    };
    format!("{cells}: {}", places(rows, count, unit))
}

fn places(rows: &[Sample], count: u64, unit: &str) -> String {
    let named: Vec<String> = rows.iter().map(|sample| format!("{unit} {} ({})", sample.row, sample.value)).collect();
    let more = if (rows.len() as u64) < count { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

/// 3400 as `3 400`.
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
    fn numbers_are_read_by_people() {
        assert_eq!([0, 999, 3400, 1_234_567].map(spaced), ["0", "999", "3 400", "1 234 567"]);
    }
}
