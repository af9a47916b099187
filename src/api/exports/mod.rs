//! Exports all rows of a query as a file: CSV and NDJSON are streamed, XLSX is sent once it is complete.
pub mod cells;
pub mod sheet;

use crate::{
    Error, Result,
    api::{access::live::Leash, responses::documented},
    connect::{Column, StreamPart},
    execute::Exported,
    model::column::QueryColumn,
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    body::{Body, Bytes},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use cells::{FormulaHandling, csv, csv_rows};
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::{collections::HashMap, io::Read};

/// How many bytes of a complete file are sent at once.
const CHUNK: usize = 64 << 10;
/// Options of an export.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    #[serde(default)]
    pub format: ExportFormat,
    #[serde(default)]
    pub formulas: FormulaHandling,
    /// What the header row of CSV and XLSX contains. Values are exact, and NDJSON has names, in either case.
    #[serde(default)]
    pub headers: HeaderTexts,
}

/// What a header row contains.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HeaderTexts {
    /// The names of the columns.
    #[default]
    Names,
    /// The labels that the query declares; the name of a column without one.
    Labels,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    #[default]
    Csv,
    Ndjson,
    Xlsx,
}

impl ExportFormat {
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

/// A response with the exported file.
pub struct Download(Response);

/// Waits for the first part, so that an immediate failure gets its own status; a later failure interrupts the response.
/// A spreadsheet requires a desk, which the caller acquires before the export starts.
pub async fn download(
    leash: Leash,
    mut exported: Exported,
    desk: Option<sheet::SheetResources>,
    query: ExportQuery,
    name: &str,
    labels: &[QueryColumn],
) -> Result<Download> {
    let ExportQuery { format, formulas, headers } = query;
    let labels = if headers == HeaderTexts::Labels { labels } else { &[] };
    let first = exported.next().await.transpose()?;
    let body = match (first, desk) {
        (Some(StreamPart::Columns(columns)), Some(desk)) => {
            let (file, space) = sheet::whole(exported, desk, headed(&columns, labels), formulas).await?;
            // a slow reader keeps occupying the tenant's temporary space, but not a turn
            pieces_while(leash, file, space)
        }
        (Some(StreamPart::Columns(columns)), None) => {
            as_they_come(leash, exported, &columns, labels, (format, formulas))?
        }
        _ => return Err(Error::internal("an export did not start with its columns")),
    };
    let disposition = attachment(&format!("{name}.{}", format.ending()));
    let headers = [(CONTENT_TYPE, format.media()), (CONTENT_DISPOSITION, disposition.as_str())];
    Ok(Download((headers, body).into_response()))
}

/// Streams each batch of rows as text, at the pace of the reader.
fn as_they_come(
    leash: Leash,
    exported: Exported,
    columns: &[Column],
    labels: &[QueryColumn],
    (format, formulas): (ExportFormat, FormulaHandling),
) -> Result<Body> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let is_csv = matches!(format, ExportFormat::Csv);
    let head =
        if is_csv { csv([headed(columns, labels).into_iter().map(|text| formulas.cell(text))])? } else { Vec::new() };
    let rows = stream::try_unfold((exported, names), move |(mut exported, names)| async move {
        let rows = match exported.next().await.transpose()? {
            Some(StreamPart::Rows(rows)) => rows,
            Some(StreamPart::Columns(_)) => Vec::new(),
            None => return Ok(None),
        };
        let text = if is_csv { csv_rows(&rows, formulas) } else { lines(&names, rows)? };
        Ok::<_, Error>(Some((text, (exported, names))))
    });
    Ok(leash.body(futures_util::StreamExt::chain(stream::iter([Ok(head)]), rows)))
}

/// Returns the texts of the header row: labels where there are any, else the names.
fn headed(columns: &[Column], labels: &[QueryColumn]) -> Vec<String> {
    let labels: HashMap<&str, &String> =
        labels.iter().filter_map(|column| Some((column.name.as_str(), column.label.as_ref()?))).collect();
    let label = |name: &String| labels.get(name.as_str()).copied().filter(|label| !label.is_empty());
    columns.iter().map(|Column { name, .. }| label(name).unwrap_or(name).clone()).collect()
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

/// Streams a file from its current position to the end.
pub fn pieces(leash: Leash, file: impl Read + Send + 'static) -> Body {
    pieces_while(leash, file, ())
}

/// Streams a file and keeps `held` until the end.
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

/// Returns a `Content-Disposition` that saves the response under `name` (RFC 6266).
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
    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut answer = documented::empty_answer("All rows, as a file");
        for format in [ExportFormat::Csv, ExportFormat::Ndjson, ExportFormat::Xlsx] {
            let media = format.media().split(';').next().unwrap_or_default();
            answer.content.extend(documented::file_answer(media, "").content);
        }
        vec![(documented::status(200), answer)]
    }
}
