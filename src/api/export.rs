//! Every row of a query as a file: CSV and NDJSON as they come, XLSX when it is whole.
use super::{documented, live::Leash};
use crate::{
    Error, Result,
    connect::{Column, Part},
    error::DatasourceProblem,
    execute::Exported,
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    body::{Body, Bytes},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet, XlsxError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    sync::Arc,
};
use tokio::sync::mpsc;

/// What a sheet can hold below its line of names.
const SHEET_ROWS: u32 = 1_048_575;
const SHEET_COLUMNS: usize = 16_384;
/// What one cell can hold.
const CELL: usize = 32_767;
/// Bytes sent at once from a finished file.
const CHUNK: usize = 64 << 10;

/// What kind of file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    #[serde(default)]
    pub format: Format,
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
pub async fn download(leash: Leash, mut exported: Exported, format: Format, name: &str) -> Result<Download> {
    let first = exported.next().await.transpose()?;
    let body = match (first, format) {
        (Some(Part::Columns(columns)), Format::Xlsx) => whole(leash, exported, columns).await?,
        (Some(Part::Columns(columns)), format) => as_they_come(leash, exported, &columns, format)?,
        _ => return Err(Error::internal("an export did not start with its columns")),
    };
    let disposition = attachment(&format!("{name}.{}", format.ending()));
    let headers = [(CONTENT_TYPE, format.media()), (CONTENT_DISPOSITION, disposition.as_str())];
    Ok(Download((headers, body).into_response()))
}

/// A batch of rows becomes a piece of text, as fast as the reader takes them.
fn as_they_come(leash: Leash, exported: Exported, columns: &[Column], format: Format) -> Result<Body> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let head = if matches!(format, Format::Csv) { csv([names.iter().map(String::as_str)])? } else { Vec::new() };
    let rows = stream::try_unfold((exported, names), move |(mut exported, names)| async move {
        let rows = match exported.next().await.transpose()? {
            Some(Part::Rows(rows)) => rows,
            Some(Part::Columns(_)) => Vec::new(),
            None => return Ok(None),
        };
        let text = if matches!(format, Format::Csv) {
            csv(rows.iter().map(|row| row.iter().map(text)))?
        } else {
            lines(&names, rows)?
        };
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

/// A cell as text: null is nothing, an object its JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
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

/// Writes the sheet into a temporary file on a thread of its own, then sends that.
async fn whole(leash: Leash, mut exported: Exported, columns: Arc<[Column]>) -> Result<Body> {
    let (sender, receiver) = mpsc::channel(2);
    let writing = tokio::task::spawn_blocking(move || write(&columns, receiver));
    while let Some(part) = exported.next().await.transpose()? {
        let Part::Rows(rows) = part else { continue };
        // a writer that has failed says why when it is waited for
        if sender.send(rows).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(pieces(leash, writing.await??))
}

/// A file from where it stands to its end.
pub fn pieces(leash: Leash, file: File) -> Body {
    leash.body(stream::try_unfold(file, |mut file| async move {
        tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; CHUNK];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, Error>((length > 0).then(|| (Bytes::from(piece), file)))
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

fn write(columns: &[Column], mut rows: mpsc::Receiver<Vec<Vec<Value>>>) -> Result<File> {
    if columns.len() > SHEET_COLUMNS {
        return Err(too_much("has more than 16 384 columns"));
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().map_err(|error| refused(&error))?;
    let bold = Style::new().set_bold();
    for (at, column) in (0..).zip(columns) {
        sheet.write_string_with_format(0, at, &column.name, &bold).map_err(|error| refused(&error))?;
    }
    let mut at = 0;
    while let Some(batch) = rows.blocking_recv() {
        for row in batch {
            at += 1;
            if at > SHEET_ROWS {
                return Err(too_much("has more than 1 048 575 rows"));
            }
            for (column, value) in (0..).zip(&row) {
                cell(sheet, at, column, value).map_err(|error| refused(&error))?;
            }
        }
    }
    let mut file = tempfile::tempfile()?;
    book.save_to_writer(&mut file).map_err(|error| refused(&error))?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn cell(sheet: &mut Worksheet, row: u32, column: u16, value: &Value) -> Result<(), XlsxError> {
    match value {
        Value::Null => return Ok(()),
        Value::Bool(value) => sheet.write_boolean(row, column, *value)?,
        Value::Number(number) => sheet.write_number(row, column, number.as_f64().unwrap_or_default())?,
        other => sheet.write_string(row, column, text(other))?,
    };
    Ok(())
}

fn refused(error: &XlsxError) -> Error {
    match error {
        XlsxError::MaxStringLengthExceeded => too_much(&format!("has a text of more than {CELL} characters")),
        other => Error::internal(other.to_string()),
    }
}

fn too_much(what: &str) -> Error {
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("the answer {what}: more than a sheet can hold"),
        hint: Some("export as CSV".to_owned()),
        ..DatasourceProblem::default()
    }))
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for Download {
    type Inner = ();
    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> documented::Answers {
        let mut answer = documented::plain_answer("", "Every row, as a file");
        for format in [Format::Csv, Format::Ndjson, Format::Xlsx] {
            let media = format.media().split(';').next().unwrap_or_default();
            answer.content.extend(documented::plain_answer(media, "").content);
        }
        vec![(documented::status(200), answer)]
    }
}
