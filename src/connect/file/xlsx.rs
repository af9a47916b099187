//! XLSX workbooks: read cell by cell, once their parts are known to be harmless.
use super::{
    cell::Cell,
    load::{COLUMNS, Each, Table, malformed},
    parts, text,
};
use crate::{Error, Result, budget::Hold};
use calamine::{DataRef, Reader, SheetType, Xlsx, XlsxError};
use std::{
    fs::File,
    io::{BufReader, Seek, SeekFrom},
};

const SHEETS: usize = 100;
/// The largest integer that a spreadsheet's numbers hold exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub struct Workbook(Xlsx<BufReader<File>>);

impl Workbook {
    pub fn open(file: &File, hold: &Hold) -> Result<Self> {
        if !text::is_zip(file)? {
            return Err(Error::datasource("this is no XLSX file: older Excel files must be saved as .xlsx first"));
        }
        // what it takes is counted before any of it is kept
        hold.grow(usize::try_from(parts::inspect(file)?).unwrap_or(usize::MAX))?;
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Xlsx::new(BufReader::new(file)).map(Self).map_err(|error| broken(&error))
    }

    /// The names of the sheets with cells, in their order.
    pub fn sheets(&self) -> Result<Vec<String>> {
        let sheets = self.0.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
        match names.len() {
            0 => Err(Error::datasource("the workbook has no sheet")),
            1..=SHEETS => Ok(names),
            many => Err(Error::datasource(format!("the workbook has {many} sheets, more than {SHEETS}: choose one"))),
        }
    }
}

/// One sheet as a table.
pub struct Sheet<'w> {
    pub workbook: &'w mut Workbook,
    pub name: String,
    pub header: bool,
}

/// A cell with the text that it needs.
enum Held<'a> {
    Null,
    Shared(&'a str),
    Own(String),
    Real(f64),
    Integer(i64),
    Boolean(bool),
}

impl Table for Sheet<'_> {
    fn read(&mut self, each: &mut Each<'_>) -> Result<Vec<String>> {
        let mut cells = self.workbook.0.worksheet_cells_reader(&self.name).map_err(|error| broken(&error))?;
        let mut names = (!self.header).then(Vec::new);
        let mut row: Vec<Held<'_>> = Vec::new();
        let mut at = 0;
        loop {
            let next = cells.next_cell().map_err(|error| malformed("row", u64::from(at) + 1, &said(&error)))?;
            let position = next.as_ref().map(|cell| cell.get_position());
            if position.is_none_or(|(next, _)| next != at) {
                give(&mut names, &row, at, each)?;
                row.clear();
            }
            let (Some(cell), Some((next, column))) = (next, position) else { return Ok(names.unwrap_or_default()) };
            if next < at {
                return Err(malformed("row", u64::from(next) + 1, "comes after a later one"));
            }
            let column = column as usize;
            if column >= COLUMNS {
                return Err(malformed("row", u64::from(next) + 1, &format!("has more than {COLUMNS} columns")));
            }
            at = next;
            while row.len() <= column {
                row.push(Held::Null);
            }
            row[column] = held(cell.get_value().clone());
        }
    }
}

/// Hands on a row that holds something; the first one may be the columns' names.
fn give(names: &mut Option<Vec<String>>, row: &[Held<'_>], at: u32, each: &mut Each<'_>) -> Result<()> {
    if row.iter().all(|cell| matches!(cell, Held::Null)) {
        return Ok(());
    }
    if names.is_none() {
        *names = Some(row.iter().map(name).collect());
        return Ok(());
    }
    let cells: Vec<Cell<'_>> = row
        .iter()
        .map(|cell| match cell {
            Held::Null => Cell::Null,
            Held::Shared(text) => Cell::Text(text),
            Held::Own(text) => Cell::Text(text),
            Held::Real(value) => Cell::Real(*value),
            Held::Integer(value) => Cell::Integer(*value),
            Held::Boolean(value) => Cell::Boolean(*value),
        })
        .collect();
    each(u64::from(at) + 1, &cells)
}

fn name(cell: &Held<'_>) -> String {
    match cell {
        Held::Null => String::new(),
        Held::Shared(text) => (*text).to_owned(),
        Held::Own(text) => text.clone(),
        Held::Real(value) => value.to_string(),
        Held::Integer(value) => value.to_string(),
        Held::Boolean(value) => value.to_string(),
    }
}

fn held(value: DataRef<'_>) -> Held<'_> {
    match value {
        // an error holds no value
        DataRef::Empty | DataRef::Error(_) | DataRef::SharedString("") => Held::Null,
        DataRef::SharedString(text) => Held::Shared(text),
        DataRef::String(text) if text.is_empty() => Held::Null,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Held::Own(text),
        DataRef::Int(value) => Held::Integer(value),
        DataRef::Float(value) => number(value),
        DataRef::Bool(value) => Held::Boolean(value),
        DataRef::DateTime(value) => {
            let moment = value.as_datetime().filter(|_| value.is_datetime());
            moment.map_or_else(
                || number(value.as_f64()),
                |moment| {
                    let whole = moment.and_utc().timestamp_millis() % 86_400_000 == 0;
                    Held::Own(moment.format(if whole { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S%.f" }).to_string())
                },
            )
        }
    }
}

/// A spreadsheet's number: an integer where it is whole.
fn number(value: f64) -> Held<'static> {
    #[allow(clippy::cast_possible_truncation)] // whole, and within what both hold
    if value.fract() == 0.0 && value.abs() <= EXACT { Held::Integer(value as i64) } else { Held::Real(value) }
}

fn broken(error: &XlsxError) -> Error {
    Error::datasource(format!("the workbook cannot be read: {}", said(error)))
}

fn said(error: &XlsxError) -> String {
    match error {
        XlsxError::Password => "it is protected by a password".to_owned(),
        other => other.to_string(),
    }
}
