//! XLSX exports: written completely to a temporary file before they are sent. Limited by turns and by the tenant's
//! temporary space.
use super::cells::{FormulaHandling, text};
use crate::{
    Error, Result,
    api::App,
    connect::StreamPart,
    error::DatasourceProblem,
    execute::Exported,
    quota::Temporary,
    turns::{Accounts, Turn, Turns},
};
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet, XlsxError};
use serde_json::{Number, Value};
use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};
use uuid::Uuid;

/// The maximum number of rows below the header row, and of columns, in an XLSX sheet.
const SHEET_ROWS: u32 = 1_048_575;
const SHEET_COLUMNS: usize = 16_384;
/// The maximum length of a cell's text, in characters.
const CELL: usize = 32_767;
/// The maximum size of an uncompressed sheet on disk, in bytes.
const SHEET_BYTES: u64 = 512 << 20;
/// How many sheets are written at once, how many may wait, and for how long; then when to retry.
const SHEETS: usize = 8;
const WAITING: usize = 64;
const PATIENCE: Duration = Duration::from_secs(20);
const BUSY: Duration = Duration::from_secs(10);
/// The size in bytes of a row without its cells, of a cell with a number or boolean, and of any other cell without its
/// text.
const ROW_FRAME: u64 = 24;
const SHORT_CELL: u64 = 48;
const CELL_FRAME: u64 = 72;
/// The size of a cell with a number of the maximum length.
const LONG_NUMBER: u64 = 400;

/// Creates the turns for writing sheets, which no tenant or account can use up alone.
pub fn turns(accounts: Accounts) -> Arc<Turns> {
    Turns::new(SHEETS, SHEETS, WAITING, accounts)
}

/// The resources for writing a sheet: a turn until it is written, and temporary space until it is sent.
pub struct SheetResources {
    turn: Turn,
    space: Temporary,
    folder: PathBuf,
}

impl SheetResources {
    /// Waits for a turn.
    ///
    /// # Errors
    /// `RateLimited` if too many are waiting, or if the wait takes too long.
    pub async fn of(app: &App, tenant: Uuid) -> Result<Self> {
        let busy = Error::RateLimited { retry_after: BUSY };
        let turn = timeout(PATIENCE, app.sheets.take(tenant)).await.ok().flatten().ok_or(busy)?;
        let quotas = app.store.quotas();
        Ok(Self { turn, space: quotas.files(tenant).temporary(), folder: quotas.temporary.clone() })
    }
}

/// Writes the sheet to a temporary file on a separate thread. The caller must keep the returned space as long as the
/// file.
pub async fn whole(
    mut exported: Exported,
    desk: SheetResources,
    headers: Vec<String>,
    formulas: FormulaHandling,
) -> Result<(File, Temporary)> {
    let SheetResources { turn, space, folder } = desk;
    let (sender, receiver) = mpsc::channel(2);
    let writing = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        write(&headers, receiver, formulas, Spool { space, sheet: 0, file: 0, refused: None }, &folder)
    });
    while let Some(part) = exported.next().await.transpose()? {
        let StreamPart::Rows(rows) = part else { continue };
        // the error of a failed writer is returned below
        if sender.send(rows).await.is_err() {
            break;
        }
    }
    drop(sender);
    writing.await?
}

fn write(
    headers: &[String],
    mut rows: mpsc::Receiver<Vec<Vec<Value>>>,
    formulas: FormulaHandling,
    mut spool: Spool,
    folder: &Path,
) -> Result<(File, Temporary)> {
    if headers.len() > SHEET_COLUMNS {
        return Err(too_much("has more than 16 384 columns"));
    }
    let mut book = Workbook::new();
    book.set_tempdir(folder).map_err(|error| refused(&error))?;
    let sheet = book.add_worksheet_with_constant_memory().map_err(|error| refused(&error))?;
    // text cells are not run, but become formulas when someone edits them; the quote prefix prevents this
    let marked = Style::new().set_quote_prefix();
    let (bold, bold_marked) = (Style::new().set_bold(), Style::new().set_bold().set_quote_prefix());
    for (at, text) in (0..).zip(headers) {
        let style = if formulas.escapes(text) { &bold_marked } else { &bold };
        sheet.write_string_with_format(0, at, text, style).map_err(|error| refused(&error))?;
    }
    let mut at = 0;
    while let Some(batch) = rows.blocking_recv() {
        for row in batch {
            at += 1;
            if at > SHEET_ROWS {
                return Err(too_much("has more than 1 048 575 rows"));
            }
            spool.sheet += ROW_FRAME;
            for (column, value) in (0..).zip(&row) {
                let style = value.as_str().is_some_and(|text| formulas.escapes(text)).then_some(&marked);
                spool.sheet += cell(sheet, (at, column), value, style).map_err(|error| refused(&error))?;
            }
            if spool.sheet > SHEET_BYTES {
                return Err(too_much("is larger than 512 MiB"));
            }
        }
        spool.count()?;
    }
    let mut packed = Packed { file: tempfile::tempfile_in(folder)?, spool };
    let saved = book.save_to_writer(&mut packed);
    let Packed { mut file, mut spool } = packed;
    saved.map_err(|error| spool.refused.take().unwrap_or_else(|| refused(&error)))?;
    drop(book);
    spool.sheet = 0;
    spool.count()?;
    file.seek(SeekFrom::Start(0))?;
    Ok((file, spool.space))
}

/// How much of the tenant's temporary space a sheet uses, uncompressed and compressed.
struct Spool {
    space: Temporary,
    sheet: u64,
    file: u64,
    refused: Option<Error>,
}

impl Spool {
    fn count(&mut self) -> Result<()> {
        self.space.set(self.sheet + self.file)
    }
}

/// The compressed file, counted as it grows.
struct Packed {
    file: File,
    spool: Spool,
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        let end = self.file.stream_position()?;
        if end > self.spool.file {
            self.spool.file = end;
            if let Err(full) = self.spool.count() {
                self.spool.refused = Some(full);
                return Err(io::ErrorKind::StorageFull.into());
            }
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Packed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes a cell and returns its size in bytes.
fn cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &Value,
    style: Option<&Style>,
) -> Result<u64, XlsxError> {
    let text = match value {
        Value::Null => return Ok(0),
        Value::Bool(value) => {
            sheet.write_boolean(row, column, *value)?;
            return Ok(SHORT_CELL);
        }
        Value::Number(number) => match exact(number) {
            Some(number) => {
                sheet.write_number(row, column, number)?;
                // numbers are written without an exponent
                let is_short = number == 0.0 || (1e-5..1e17).contains(&number.abs());
                return Ok(if is_short { SHORT_CELL } else { LONG_NUMBER });
            }
            // a number cell would round it
            None => number.to_string().into(),
        },
        other => text(other),
    };
    match style {
        Some(style) => sheet.write_string_with_format(row, column, &*text, style)?,
        None => sheet.write_string(row, column, &*text)?,
    };
    Ok(CELL_FRAME + escaped(&text))
}

/// Returns the number as a float, as sheets store it; `None` if that would round it.
#[allow(clippy::cast_possible_truncation)] // compared right after
fn exact(number: &Number) -> Option<f64> {
    let value = number.as_f64()?;
    number.as_i128().is_none_or(|whole| whole.unsigned_abs() <= 1 << 53 && value as i128 == whole).then_some(value)
}

/// Returns the size of a text as it is written, or more: some characters are escaped.
fn escaped(text: &str) -> u64 {
    let length = |byte| match byte {
        b'&' | b'<' | b'>' => 5,
        // `_x0001_`; a `_` may be escaped, too
        0..0x20 | b'_' => 7,
        _ => 1,
    };
    text.bytes().map(length).sum()
}

fn refused(error: &XlsxError) -> Error {
    match error {
        XlsxError::MaxStringLengthExceeded => too_much(&format!("contains a text of more than {CELL} characters")),
        other => Error::internal(other.to_string()),
    }
}

fn too_much(what: &str) -> Error {
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("the result {what}, which is more than a sheet can hold"),
        hint: Some("export as CSV".to_owned()),
        ..DatasourceProblem::default()
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ROW_FRAME, Workbook, cell};
    use serde_json::{Value, json};
    use std::io::Cursor;
    use zip::ZipArchive;

    /// Returns the counted size of a hundred such cells, and the size of the uncompressed sheet.
    fn sheet_of(value: &Value) -> (u64, u64) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().unwrap();
        let counted = (0..100).map(|row| ROW_FRAME + cell(sheet, (row, 0), value, None).unwrap()).sum();
        let packed = book.save_to_buffer().unwrap();
        let mut packed = ZipArchive::new(Cursor::new(packed)).unwrap();
        (counted, packed.by_name("xl/worksheets/sheet1.xml").unwrap().size())
    }

    #[test]
    fn every_kind_of_cell_counts_at_least_its_size() {
        let (_, frame) = sheet_of(&Value::Null);
        for value in [
            json!(["x".repeat(1000)]),
            json!({"a": {"b": vec![1.5; 200]}}),
            json!("<&>\u{1}\n\"'é".repeat(100)),
            json!("_x0000_".repeat(100)),
            json!("a"),
            json!(-1.234_567_890_123_456_7e-300),
            json!(true),
        ] {
            let (counted, takes) = sheet_of(&value);
            assert!(counted >= takes - frame, "{value} counts as {counted} of {}", takes - frame);
        }
    }
}
