//! How exports write the cells of a table as text: CSV, and text that a spreadsheet would run as a formula.
use crate::{Error, Result, json::number::DecimalParts};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// How to write text that a spreadsheet would run as a formula, in CSV and XLSX.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FormulaHandling {
    /// Prefixes the text with `'` in CSV, and marks the cell as text in XLSX.
    #[default]
    Escape,
    /// Writes the text unchanged, for programs.
    Keep,
}

impl FormulaHandling {
    /// Returns the text of a CSV cell. All exports use this for their cells and headers.
    pub fn cell(self, text: String) -> String {
        if self.escapes(&text) { format!("'{text}") } else { text }
    }

    /// Returns whether a spreadsheet would run the text as a formula, even after white space or with full-width signs.
    /// A plain negative number is not a formula.
    pub fn escapes(self, text: &str) -> bool {
        let signs = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
        let is_formula = text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_unseen).starts_with(signs);
        self == Self::Escape && is_formula && !is_negative(text)
    }
}

/// Returns whether spreadsheets may ignore the character: white space, control characters and formatting characters.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns whether the text is a plain negative number.
fn is_negative(text: &str) -> bool {
    text.starts_with('-') && DecimalParts::of(text).is_some()
}

/// Writes records as CSV, with quotes where required.
pub fn csv<C: AsRef<[u8]>>(rows: impl IntoIterator<Item = impl IntoIterator<Item = C>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// Writes rows as CSV. Null is written as nothing and empty text as `""`, so that readers can distinguish them. A null
/// that is the only value of its row is also quoted, because an empty line would not count as a row.
pub fn csv_rows(rows: &[Vec<Value>], formulas: FormulaHandling) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let text = csv_cell(value, formulas);
            let is_bare =
                !text.contains([',', '"', '\n', '\r']) && (!text.is_empty() || value.is_null() && row.len() > 1);
            if is_bare {
                out.extend_from_slice(text.as_bytes());
            } else {
                out.push(b'"');
                out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
                out.push(b'"');
            }
        }
        out.push(b'\n');
    }
    out
}

/// Returns a cell as text: null as empty text, an object as JSON.
pub fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// Returns the text of a CSV cell. Only strings can be formulas.
fn csv_cell(value: &Value, formulas: FormulaHandling) -> String {
    let text = text(value).into_owned();
    if value.is_string() { formulas.cell(text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::FormulaHandling;

    #[test]
    fn only_text_that_a_spreadsheet_would_run_is_escaped() {
        let cell = |text: &str| FormulaHandling::Escape.cell(text.to_owned());
        for formula in [
            "=1+1",
            "+1",
            "-1+1",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "  =1",
            "\u{ff1d}1",
            "\u{ff20}A",
            "-",
            "--1",
            "-1.",
            "-.5",
            "-A1",
        ] {
            assert_eq!(cell(formula), format!("'{formula}"));
            assert_eq!(FormulaHandling::Keep.cell(formula.to_owned()), formula);
        }
        for plain in ["", "a", "a=b", "-1", "-1.50", "-123e-5", "-1.5E+300", "1", " a", "'=1"] {
            assert_eq!(cell(plain), plain);
        }
    }
}
