//! Reads the rows of one table of a file, to write them somewhere else. Every row is read twice, as when it is loaded.
use super::{
    Stop,
    formats::{DetectedFormat, OpenFile, TableNames},
    load::{READING, go_on},
    options::FileOptions,
    survey::{Survey, TablePlan},
    table::{MAIN, Table},
    values::{
        cell::{Cell, CellOptions, FileColumnType, shown},
        number,
    },
};
use crate::{
    Error, Result,
    budget::{Account, Hold},
    connect::{
        imports::{ImportPart, ImportRow, ImportRows, ImportType},
        sqlite::Scalar,
    },
    model::parse,
    turns::{Accounts, Turns},
};
use serde_json::{Map, Value};
use std::{
    fs::File,
    sync::{Arc, LazyLock, atomic::AtomicBool},
};
use tokio::sync::{
    mpsc::{Sender, channel},
    oneshot,
};

/// Limits how many files are written to tables at once, in total and per tenant.
static IMPORTS: LazyLock<Arc<Turns>> = LazyLock::new(|| Turns::new(4, 2, 200, Accounts::default()));
/// The maximum number of parts in the channel, of rows in a part, and of bytes in a part.
const PARTS: usize = 2;
const ROWS: usize = 500;
const BYTES: usize = 1 << 20;
/// How much memory the rows take that are read and not written yet, in bytes.
const HELD: usize = (PARTS + 2) * 4 * BYTES;

/// A column to read.
#[derive(Clone, Debug)]
pub struct WantedColumn {
    /// Its name in the file.
    pub from: String,
    /// `None` for the type that is detected.
    pub kind: Option<ImportType>,
}

/// Which part of a file to read.
#[derive(Clone, Debug)]
pub struct WantedFileRows {
    /// The name of the table; `None` for the first.
    pub table: Option<String>,
    /// `None` for all columns.
    pub columns: Option<Vec<WantedColumn>>,
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadColumn {
    pub name: String,
    pub kind: ImportType,
}

/// The rows of a file.
pub struct FileRows {
    pub columns: Vec<ReadColumn>,
    pub rows: ImportRows,
    /// Stops the reading when it is dropped.
    pub reading: Stop,
}

/// Starts to read the rows of a file: returns when the columns are known.
///
/// # Errors
/// `Invalid` at `options`, `source` or `columns` for what the file does not have.
pub async fn rows(
    file: File,
    options: &Map<String, Value>,
    wanted: WantedFileRows,
    account: &Account,
) -> Result<FileRows> {
    let options: FileOptions = parse::from_value(Value::Object(options.clone()), "options")?;
    let turn = IMPORTS.take(account.id()).await.ok_or(Error::RateLimited { retry_after: super::BUSY })?;
    let (known, columns) = oneshot::channel();
    let (sender, parts) = channel(PARTS);
    let (stop, hold) = (Stop::default(), account.hold());
    let stopped = Arc::clone(&stop.0);
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut reading = Reading { wanted, known: Some(known), sender, tables: Vec::new(), read: false };
        let ended = reading.run(&file, &options, &stopped, &hold);
        if let Err(error) = ended {
            reading.fail(error);
        }
    });
    let broken = |_| Error::datasource("the file is malformed: it cannot be read");
    let (unit, columns) = columns.await.map_err(broken)??;
    Ok(FileRows { columns, rows: ImportRows { unit, parts }, reading: stop })
}

type Known = Result<(&'static str, Vec<ReadColumn>)>;

struct Reading {
    wanted: WantedFileRows,
    /// Told the columns, or why they cannot be read.
    known: Option<oneshot::Sender<Known>>,
    sender: Sender<Result<ImportPart>>,
    /// The names of the tables before.
    tables: Vec<String>,
    read: bool,
}

/// A column, its position in the file, and how to read its cells.
struct Source {
    at: usize,
    name: String,
    kind: ImportType,
    declared: bool,
}

impl Reading {
    fn run(&mut self, file: &File, options: &FileOptions, stop: &AtomicBool, hold: &Hold) -> Result<()> {
        hold.grow(READING + HELD)?;
        let go_on = || go_on(stop);
        let opened = OpenFile { file, options, hold, go_on: &go_on, may_guess: false };
        let cells = options.reading()?;
        let mut found = DetectedFormat::default();
        opened.each(&mut found, &mut |about, table| {
            if self.read || !self.wants(&about) {
                self.tables.push(about.name);
                return Ok(());
            }
            self.read = true;
            self.table(options, &cells, table, &go_on)
        })?;
        if !self.read {
            let names = self.tables.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
            return Err(Error::invalid("source", format!("the file has no such table: it has {names}")));
        }
        self.send(ImportPart::End)
    }

    fn wants(&self, about: &TableNames) -> bool {
        match self.wanted.table.as_deref() {
            None | Some(MAIN) if about.is_main => true,
            None => false,
            Some(name) => about.name == name,
        }
    }

    fn table(
        &mut self,
        options: &FileOptions,
        cells_options: &CellOptions,
        table: &mut dyn Table,
        go_on: &dyn Fn() -> Result<()>,
    ) -> Result<()> {
        let mut survey = Survey::of(table, cells_options, 0, 0, go_on);
        if let Some(error) = survey.failed.take() {
            return Err(error);
        }
        let mut unknown = (0..options.columns.len()).collect();
        let plan = TablePlan::of(&survey, options, &mut unknown);
        let sources = self.sources(&plan)?;
        let unit = table.unit();
        let columns = sources.iter().map(|source| ReadColumn { name: source.name.clone(), kind: source.kind });
        if let Some(known) = self.known.take() {
            // nobody waits any longer if this fails, and then sending the rows fails, too
            let _ = known.send(Ok((unit, columns.collect())));
        }
        let (mut part, mut bytes) = (Vec::new(), 0);
        table.read(&mut |position, cells| {
            go_on()?;
            let mut values = Vec::with_capacity(sources.len());
            for source in &sources {
                let cell = cells_options.clean(cells.get(source.at).copied().unwrap_or(Cell::Null));
                let value = source.value(cells_options, cell).ok_or_else(|| source.misfit(unit, position, cell))?;
                bytes += value.as_str().map_or(16, |text| text.len() + 32);
                values.push(value);
            }
            part.push(ImportRow { position, values });
            if part.len() >= ROWS || bytes >= BYTES {
                bytes = 0;
                self.send(ImportPart::Rows(std::mem::take(&mut part)))?;
            }
            Ok(())
        })?;
        if part.is_empty() { Ok(()) } else { self.send(ImportPart::Rows(part)) }
    }

    fn sources(&self, plan: &TablePlan) -> Result<Vec<Source>> {
        let all = || plan.columns.iter().map(|kept| WantedColumn { from: kept.name.clone(), kind: None }).collect();
        let wanted = self.wanted.columns.clone().unwrap_or_else(all);
        let source = |(at, wanted): (usize, WantedColumn)| {
            let kept = plan.columns.iter().find(|kept| kept.name == wanted.from).ok_or_else(|| {
                let names: Vec<&str> = plan.columns.iter().take(20).map(|kept| kept.name.as_str()).collect();
                let why = format!("the file has no column `{}`: it has {}", wanted.from, names.join(", "));
                Error::invalid(format!("columns[{at}].from"), why)
            })?;
            let detected = detected(kept.kind);
            let kind = wanted.kind.unwrap_or(detected);
            let is_same = kind == detected || kind == ImportType::Timestamp && detected == ImportType::Datetime;
            Ok(Source { at: kept.at, name: wanted.from, kind, declared: kept.declared || !is_same })
        };
        let sources = wanted.into_iter().enumerate().map(source).collect::<Result<Vec<_>>>()?;
        if sources.is_empty() {
            return Err(Error::datasource("the table has no columns: nothing can be imported"));
        }
        Ok(sources)
    }

    fn send(&self, part: ImportPart) -> Result<()> {
        self.sender.blocking_send(Ok(part)).map_err(|_| Error::Unavailable("reading the file was cancelled"))
    }

    fn fail(&mut self, error: Error) {
        match self.known.take() {
            Some(known) => drop(known.send(Err(error))),
            None => drop(self.sender.blocking_send(Err(error))),
        }
    }
}

/// Returns the type of a table's column for a type of the file.
fn detected(kind: FileColumnType) -> ImportType {
    match kind {
        // databases differ too much in how they store durations
        FileColumnType::Text | FileColumnType::Duration => ImportType::Text,
        FileColumnType::Integer => ImportType::Integer,
        FileColumnType::Real => ImportType::Real,
        FileColumnType::Boolean => ImportType::Boolean,
        FileColumnType::Date => ImportType::Date,
        FileColumnType::Datetime => ImportType::Datetime,
        FileColumnType::Time => ImportType::Time,
        FileColumnType::Json => ImportType::Json,
    }
}

impl Source {
    fn value(&self, options: &CellOptions, cell: Cell<'_>) -> Option<Value> {
        let to = match self.kind {
            ImportType::Decimal => return decimal(options, cell, self.declared),
            ImportType::Text => FileColumnType::Text,
            ImportType::Integer => FileColumnType::Integer,
            ImportType::Real => FileColumnType::Real,
            ImportType::Boolean => FileColumnType::Boolean,
            ImportType::Date => FileColumnType::Date,
            ImportType::Datetime | ImportType::Timestamp => FileColumnType::Datetime,
            ImportType::Time => FileColumnType::Time,
            ImportType::Json => FileColumnType::Json,
        };
        Some(match options.convert(cell, to, self.declared)? {
            Scalar::Null => Value::Null,
            Scalar::Integer(value) if to == FileColumnType::Boolean => Value::Bool(value != 0),
            Scalar::Integer(value) => value.into(),
            Scalar::Real(value) => value.into(),
            Scalar::Text(text) => text.into_owned().into(),
        })
    }

    fn misfit(&self, unit: &str, row: u64, cell: Cell<'_>) -> Error {
        let (name, kind, value) = (&self.name, self.kind.value(), shown(cell));
        Error::datasource(format!(
            "{unit} {row}, column {name}: \"{value}\" is not {kind}. Correct the value, choose another type for the \
             column, or add the value to the texts that mean a missing value. Nothing was written."
        ))
    }
}

/// Returns the digits of a number, all of them.
fn decimal(options: &CellOptions, cell: Cell<'_>, declared: bool) -> Option<Value> {
    match cell {
        Cell::Null | Cell::Written("", _) => Some(Value::Null),
        Cell::Error(_) if !declared => Some(Value::Null),
        Cell::Number(digits) => number::decimal(digits, number::Numerals::default()).map(Value::from),
        Cell::Written(text, _) | Cell::Text(text) => number::decimal(text, options.numerals).map(Value::from),
        _ => None,
    }
}
