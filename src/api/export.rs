//! Every row of a query as a file: CSV and NDJSON as they come, XLSX when it is whole.
use super::{documented, live::Leash, sheet};
use crate::{
    Error, Result,
    connect::{Column, Part},
    execute::Exported,
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    body::{Body, Bytes},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, io::Read};

/// Bytes sent at once from a finished file.
const CHUNK: usize = 64 << 10;
/// What kind of file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub formulas: Formulas,
}

/// What becomes of text that a spreadsheet would run as a formula, in CSV and XLSX.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Formulas {
    /// CSV gets a `'` in front of it, and XLSX marks the cell as text.
    #[default]
    Escape,
    /// It is written as it is, for programs.
    Keep,
}

impl Formulas {
    /// The text of a CSV cell. Every export writes its cells and its header with this.
    pub fn cell(self, text: String) -> String {
        if self.escapes(&text) { format!("'{text}") } else { text }
    }

    /// Whether it is text that a spreadsheet would run as a formula: also behind white space, and with the full-width
    /// forms of the signs. A plain negative number is not.
    pub(super) fn escapes(self, text: &str) -> bool {
        let signs = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
        let is_formula = text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_unseen).starts_with(signs);
        self == Self::Escape && is_formula && !is_negative(text)
    }
}

/// White space, control characters and those that only steer how text is shown: spreadsheets may drop them.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether it is a plain number with a minus sign, and nothing else.
fn is_negative(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('-').is_some_and(|number| match number.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(number),
    })
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ExportFormat")]
pub enum Format {
    #[default]
    Csv,
    Ndjson,
    Xlsx,
}

impl Format {
    fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Xlsx => "xlsx",
        }
    }
}

/// A file on its way.
pub struct Download(Response);

/// Waits for the first rows, so that what fails at once is answered with its own status; a later failure breaks the
/// answer off.
/// A sheet is written at a desk, which is waited for before the export begins.
pub async fn download(
    leash: Leash,
    mut exported: Exported,
    desk: Option<sheet::Desk>,
    query: ExportQuery,
    name: &str,
) -> Result<Download> {
    let ExportQuery { format, formulas } = query;
    let first = exported.next().await.transpose()?;
    let body = match (first, desk) {
        (Some(Part::Columns(columns)), Some(desk)) => {
            let (file, space) = sheet::whole(exported, desk, columns, formulas).await?;
            // whoever reads it slowly keeps their tenant's space meanwhile, and nobody's turn
            pieces_while(leash, file, space)
        }
        (Some(Part::Columns(columns)), None) => as_they_come(leash, exported, &columns, (format, formulas))?,
        _ => return Err(Error::internal("an export did not start with its columns")),
    };
    let disposition = attachment(&format!("{name}.{}", format.ending()));
    let headers = [(CONTENT_TYPE, format.media()), (CONTENT_DISPOSITION, disposition.as_str())];
    Ok(Download((headers, body).into_response()))
}

/// A batch of rows becomes a piece of text, as fast as the reader takes them.
fn as_they_come(
    leash: Leash,
    exported: Exported,
    columns: &[Column],
    (format, formulas): (Format, Formulas),
) -> Result<Body> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let is_csv = matches!(format, Format::Csv);
    let head = if is_csv { csv([names.iter().map(|name| formulas.cell(name.clone()))])? } else { Vec::new() };
    let rows = stream::try_unfold((exported, names), move |(mut exported, names)| async move {
        let rows = match exported.next().await.transpose()? {
            Some(Part::Rows(rows)) => rows,
            Some(Part::Columns(_)) => Vec::new(),
            None => return Ok(None),
        };
        let text = if is_csv { csv_rows(&rows, formulas) } else { lines(&names, rows)? };
        Ok::<_, Error>(Some((text, (exported, names))))
    });
    Ok(leash.body(futures_util::StreamExt::chain(stream::iter([Ok(head)]), rows)))
}

/// Records as CSV, quoted where they must be.
pub(super) fn csv<C: AsRef<[u8]>>(rows: impl IntoIterator<Item = impl IntoIterator<Item = C>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// Rows as CSV. A null is nothing at all and an empty text `""`, so that a reader can tell them apart; a null that is
/// alone in its row is quoted, too, for an empty line is no row.
fn csv_rows(rows: &[Vec<Value>], formulas: Formulas) -> Vec<u8> {
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

/// A cell as text: null is nothing, an object its JSON.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// A cell of CSV. Only texts can be formulas.
fn csv_cell(value: &Value, formulas: Formulas) -> String {
    let text = text(value).into_owned();
    if value.is_string() { formulas.cell(text) } else { text }
}

fn lines(names: &[String], rows: Vec<Vec<Value>>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for row in rows {
        let object: serde_json::Map<String, Value> = names.iter().cloned().zip(row).collect();
        serde_json::to_writer(&mut out, &object)?;
        out.push(b'\n');
    }
    Ok(out)
}

/// A file from where it stands to its end.
pub fn pieces(leash: Leash, file: impl Read + Send + 'static) -> Body {
    pieces_while(leash, file, ())
}

/// The same, holding something until the end.
fn pieces_while<T: Send + 'static>(leash: Leash, file: impl Read + Send + 'static, held: T) -> Body {
    leash.body(stream::try_unfold((file, held), |(mut file, held)| async move {
        tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; CHUNK];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, Error>((length > 0).then(|| (Bytes::from(piece), (file, held))))
        })
        .await?
    }))
}

/// What a browser is told to save an answer as.
pub fn attachment(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let plain: String = name.chars().map(|c| if safe(c) { c } else { '-' }).collect();
    let exact: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for Download {
    type Inner = ();
    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> documented::Answers {
        let mut answer = documented::empty_answer("Every row, as a file");
        for format in [Format::Csv, Format::Ndjson, Format::Xlsx] {
            let media = format.media().split(';').next().unwrap_or_default();
            answer.content.extend(documented::file_answer(media, "").content);
        }
        vec![(documented::status(200), answer)]
    }
}

#[cfg(test)]
mod tests {
    use super::Formulas;

    #[test]
    fn what_a_spreadsheet_would_run_is_escaped_and_nothing_else() {
        let cell = |text: &str| Formulas::Escape.cell(text.to_owned());
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
            assert_eq!(Formulas::Keep.cell(formula.to_owned()), formula);
        }
        for plain in ["", "a", "a=b", "-1", "-1.50", "1", " a", "'=1"] {
            assert_eq!(cell(plain), plain);
        }
    }
}
