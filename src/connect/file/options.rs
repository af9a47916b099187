//! Options of a file datasource. Whatever is not given is detected, or read as written.
use super::values::{
    cell::{CellOptions, FileColumnType},
    moment::DateOrder,
    number::Numerals,
};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An uploaded file
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Options")]
pub struct FileOptions {
    /// One of the tenant's files.
    #[serde(rename = "fileID")]
    #[schemars(
        title = "File",
        with = "String",
        regex(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
        extend("format" = "file-id")
    )]
    pub file_id: Uuid,
    /// The format of the file; `auto` detects it.
    #[serde(default)]
    pub format: FileFormat,
    /// What separates the fields of CSV; `auto` detects it.
    #[schemars(extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "csv"]}))]
    #[serde(default)]
    pub delimiter: Delimiter,
    /// What encloses fields of CSV that contain delimiters; `auto` detects it.
    #[schemars(extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "csv", "tsv"]}))]
    #[serde(default)]
    pub quote: Quote,
    /// Whether the first row of CSV and sheets contains the column names.
    #[schemars(title = "First row is a header")]
    #[serde(default = "yes")]
    pub header: bool,
    /// Rows to skip at the start of CSV and sheets, such as a title.
    #[schemars(title = "Rows to skip", range(max = 10_000), extend("x-group" = "Advanced"))]
    #[serde(default)]
    pub skip_rows: u32,
    /// Leave out rows without any value, such as lines that consist of delimiters.
    #[schemars(title = "Leave out empty rows", extend("x-group" = "Advanced"))]
    #[serde(default)]
    pub skip_empty_rows: bool,
    /// What to do with rows of CSV that have more or fewer fields than the first.
    #[schemars(title = "Rows of a different length", extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "csv", "tsv"]}))]
    #[serde(default)]
    pub ragged_rows: Ragged,
    /// The encoding of the text; a byte-order mark in the file takes precedence.
    #[schemars(extend("x-group" = "Advanced"))]
    #[serde(default)]
    pub encoding: TextEncoding,
    /// The decimal separator of numbers in CSV.
    #[schemars(title = "Decimal separator", extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "csv", "tsv"]}))]
    #[serde(default)]
    pub decimal: DecimalSeparator,
    /// What separates groups of three digits in CSV.
    #[schemars(title = "Thousands separator", extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "csv", "tsv"]}))]
    #[serde(default)]
    pub thousands: ThousandsSeparator,
    /// How dates are written in CSV if not in ISO 8601.
    #[schemars(title = "Date order", extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "csv", "tsv"]}))]
    #[serde(default)]
    pub date_order: DateOrder,
    /// Texts that mean a missing value, such as `NULL` or `N/A`.
    #[schemars(title = "Missing values", length(max = 50), inner(length(min = 1, max = 100)), extend("x-group" = "Advanced"))]
    #[serde(default)]
    pub nulls: Vec<String>,
    /// Ignore spaces around values.
    #[schemars(title = "Trim values", extend("x-group" = "Advanced"))]
    #[serde(default)]
    pub trim: bool,
    /// Types of columns. The type of other columns is detected: one that fits every value, or text.
    #[schemars(title = "Column types", length(max = 1000), extend("x-group" = "Advanced"))]
    #[serde(default)]
    pub columns: Vec<ColumnType>,
    /// The only sheet of a workbook to read. If empty, every sheet becomes a table.
    #[schemars(length(max = 100), extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "xlsx"]}))]
    pub sheet: Option<String>,
    /// Which cells of a merged range have its value.
    #[schemars(title = "Merged cells", extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "xlsx"]}))]
    #[serde(default)]
    pub merged_cells: Merged,
    /// The path to the array of rows in JSON, such as `result.items` or `/result/items`. If empty, the first array of
    /// objects.
    #[schemars(length(max = 500), extend("x-group" = "Advanced", "x-when" = {"format": ["auto", "json"]}))]
    pub path: Option<String>,
}

/// The type of a column
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileColumnChoice")]
pub struct ColumnType {
    /// The column's name in the table.
    #[schemars(length(min = 1, max = 120))]
    pub name: String,
    /// If a value does not fit, the file is rejected, and the error names the value.
    pub r#type: FileColumnType,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    #[default]
    Auto,
    Csv,
    Tsv,
    Xlsx,
    Json,
    Jsonl,
}

impl FileFormat {
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv | Self::Auto => "CSV",
            Self::Tsv => "TSV",
            Self::Xlsx => "XLSX",
            Self::Json => "JSON",
            Self::Jsonl => "JSON Lines",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Delimiter {
    #[default]
    Auto,
    Comma,
    Semicolon,
    Tab,
    Pipe,
    /// Each line is one value.
    None,
}

impl Delimiter {
    pub const ALL: [Self; 4] = [Self::Tab, Self::Pipe, Self::Semicolon, Self::Comma];

    pub fn byte(self) -> Option<u8> {
        match self {
            Self::Auto | Self::None => None,
            Self::Comma => Some(b','),
            Self::Semicolon => Some(b';'),
            Self::Tab => Some(b'\t'),
            Self::Pipe => Some(b'|'),
        }
    }

    /// Returns the name of a delimiter, or the character itself.
    pub fn name(byte: Option<u8>) -> String {
        let Some(byte) = byte else { return "none".to_owned() };
        let known = Self::ALL.into_iter().find(|known| known.byte() == Some(byte));
        known.map_or_else(|| char::from(byte).to_string(), |known| format!("{known:?}").to_lowercase())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TextEncoding {
    /// UTF-8 or UTF-16, as detected in the file.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252, used by older programs in western Europe.
    #[serde(rename = "latin1")]
    Latin1,
    /// Central Europe.
    #[serde(rename = "windows-1250")]
    Windows1250,
    /// Cyrillic.
    #[serde(rename = "windows-1251")]
    Windows1251,
    /// Greek.
    #[serde(rename = "windows-1253")]
    Windows1253,
    /// Turkish.
    #[serde(rename = "windows-1254")]
    Windows1254,
    /// Hebrew.
    #[serde(rename = "windows-1255")]
    Windows1255,
    /// Arabic.
    #[serde(rename = "windows-1256")]
    Windows1256,
    /// Baltic.
    #[serde(rename = "windows-1257")]
    Windows1257,
    /// Vietnamese.
    #[serde(rename = "windows-1258")]
    Windows1258,
    /// Central Europe, used by Unix programs.
    #[serde(rename = "iso-8859-2")]
    Iso8859_2,
    /// Western Europe with the euro sign, used by Unix programs.
    #[serde(rename = "iso-8859-15")]
    Iso8859_15,
    #[serde(rename = "macintosh")]
    Macintosh,
    #[serde(rename = "shift_jis")]
    ShiftJis,
    #[serde(rename = "euc-jp")]
    EucJp,
    #[serde(rename = "euc-kr")]
    EucKr,
    #[serde(rename = "gb18030")]
    Gb18030,
    #[serde(rename = "big5")]
    Big5,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Quote {
    #[default]
    Auto,
    /// `"`, doubled within a field.
    Double,
    /// `"`, escaped with a backslash within a field.
    Backslash,
    /// `'`, doubled within a field.
    Single,
    /// Quotation marks are text.
    None,
}

impl Quote {
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ragged {
    /// The file is rejected, and the error names the row.
    #[default]
    Refuse,
    /// Missing fields are empty, and additional ones get columns.
    Fill,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Merged {
    /// Only the first, as stored in the file.
    #[default]
    First,
    /// All of them.
    Repeat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DecimalSeparator {
    #[default]
    Point,
    Comma,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ThousandsSeparator {
    #[default]
    None,
    Point,
    Comma,
    Space,
    Apostrophe,
}

impl ThousandsSeparator {
    const ALL: [Self; 4] = [Self::Point, Self::Comma, Self::Space, Self::Apostrophe];

    fn sign(self) -> Option<char> {
        match self {
            Self::None => None,
            Self::Point => Some('.'),
            Self::Comma => Some(','),
            Self::Space => Some(' '),
            Self::Apostrophe => Some('\''),
        }
    }

    pub fn of(sign: Option<char>) -> Self {
        Self::ALL.into_iter().find(|known| known.sign() == sign).unwrap_or_default()
    }
}

impl FileOptions {
    /// Returns how to read cells.
    ///
    /// # Errors
    /// `Invalid` if two options contradict each other.
    pub fn reading(&self) -> Result<CellOptions> {
        let decimal = if self.decimal == DecimalSeparator::Comma { ',' } else { '.' };
        let thousands = self.thousands.sign();
        if thousands == Some(decimal) {
            return Err(Error::invalid("options.thousands", "must differ from the decimal separator"));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if self.columns[..at].iter().any(|other| other.name == column.name) {
                return Err(Error::invalid(format!("options.columns[{at}].name"), "must be unique"));
            }
        }
        Ok(CellOptions {
            numerals: Numerals { decimal, thousands },
            dates: self.date_order,
            nulls: self.nulls.clone(),
            trim: self.trim,
        })
    }
}
