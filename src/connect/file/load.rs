//! Loads a file into a database. Every row is read twice: first to detect the columns, then to store the values.
use super::{
    formats::{DetectedFormat, OpenFile, TableNames},
    options::FileOptions,
    survey::{Survey, TablePlan},
    table::{MAIN, Table},
    values::cell::{Cell, CellOptions, shown},
};
use crate::{
    Error, Result,
    budget::Hold,
    connect::{
        TableInfo,
        sqlite::{Builder, Scalar},
    },
};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};
use tempfile::TempPath;

/// How much memory reading takes, in bytes, in addition to what a workbook holds: a row with its cells, and the tables
/// while they are written.
pub const READING: usize = 16 << 20;
/// The maximum size of one file's tables, in bytes.
pub const SIZE: u64 = 1 << 30;

/// The tables loaded from a file.
pub struct Tables {
    pub database: TempPath,
    pub size: u64,
    /// Such as `CSV, 12 columns, 3 400 rows`.
    pub summary: String,
    pub comments: Comments,
}

/// Comments on tables, and on columns by the names of table and column.
#[derive(Default)]
pub struct Comments {
    tables: HashMap<String, String>,
    columns: HashMap<(String, String), String>,
}

impl Comments {
    fn add(&mut self, table: &str, plan: &TablePlan, survey: &Survey, unit: &str, notes: &[String]) -> usize {
        if !notes.is_empty() {
            self.tables.insert(table.to_owned(), notes.join(" "));
        }
        let mut count = notes.len();
        for kept in &plan.columns {
            if let Some(note) = kept.note(survey, unit) {
                self.columns.insert((table.to_owned(), kept.name.clone()), note);
                count += 1;
            }
        }
        count
    }

    /// Adds the comments to the tables and columns.
    pub fn write(&self, tables: &mut [TableInfo]) {
        for table in tables {
            table.comment = self.tables.get(&table.name).cloned();
            for column in &mut table.columns {
                column.comment = self.columns.get(&(table.name.clone(), column.name.clone())).cloned();
            }
        }
    }
}

/// Returns an error when nobody waits for the file any longer.
pub fn go_on(stop: &AtomicBool) -> Result<()> {
    if stop.load(Ordering::Relaxed) {
        return Err(Error::Unavailable("reading the file was cancelled"));
    }
    Ok(())
}

/// Builds the database in `folder`. Stops as soon as `stop` is set. Counts the memory it takes in `hold`.
pub fn load(file: &File, options: &FileOptions, folder: &Path, stop: &AtomicBool, hold: &Hold) -> Result<Tables> {
    hold.grow(READING)?;
    let go_on = || go_on(stop);
    let opened = OpenFile { file, options, hold, go_on: &go_on, may_guess: false };
    let mut found = DetectedFormat::default();
    let mut loading = Loading {
        builder: Builder::new(folder, SIZE)?,
        options,
        reading: options.reading()?,
        go_on: &go_on,
        rows: 0,
        columns: 0,
        warnings: 0,
        sheets: 0,
        unknown: (0..options.columns.len()).collect(),
        known: Vec::new(),
        comments: Comments::default(),
    };
    opened.each(&mut found, &mut |about, table| loading.table(&about, table))?;
    check_names(options, &loading.unknown, &loading.known)?;
    let mut summary = found.name().to_owned();
    if loading.sheets > 1 {
        summary = format!("{summary}, {} sheets", loading.sheets);
    }
    summary = format!("{summary}, {} columns, {} rows", loading.columns, super::preview::spaced(loading.rows));
    match loading.warnings {
        0 => {}
        1 => summary.push_str(", 1 warning"),
        many => summary = format!("{summary}, {many} warnings"),
    }
    let comments = loading.comments;
    let (database, size) = loading.builder.finish()?;
    Ok(Tables { database, size, summary, comments })
}

/// Rejects column types for columns that no table has.
pub fn check_names(options: &FileOptions, unknown: &HashSet<usize>, known: &[String]) -> Result<()> {
    let Some(at) = unknown.iter().min() else { return Ok(()) };
    let name = &options.columns[*at].name;
    let shown = known.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
    Err(Error::datasource(format!("options.columns[{at}]: the file has no column {name}: it has {shown}")))
}

struct Loading<'l> {
    builder: Builder,
    options: &'l FileOptions,
    reading: CellOptions,
    go_on: &'l dyn Fn() -> Result<()>,
    rows: u64,
    columns: usize,
    warnings: usize,
    sheets: usize,
    /// Columns of the options that no table has had so far, and the columns that there are.
    unknown: HashSet<usize>,
    known: Vec<String>,
    comments: Comments,
}

impl Loading<'_> {
    fn table(&mut self, about: &TableNames, table: &mut dyn Table) -> Result<()> {
        let mut survey = Survey::of(table, &self.reading, self.rows, 0, self.go_on);
        if let Some(error) = survey.failed.take() {
            return Err(error);
        }
        self.rows += survey.rows;
        self.sheets += usize::from(about.sheet.is_some());
        let plan = TablePlan::of(&survey, self.options, &mut self.unknown);
        self.known.extend(plan.columns.iter().map(|kept| kept.name.clone()));
        let name = &about.name;
        if plan.columns.is_empty() {
            // SQLite has no tables without columns: an empty sheet gets one empty column
            self.builder.table(name, &[("column_1".to_owned(), "text")])?;
        } else {
            self.insert(name, &plan, table)?;
        }
        self.columns += plan.columns.len();
        let notes = plan.notes(table);
        self.warnings += self.comments.add(name, &plan, &survey, table.unit(), &notes);
        if about.is_main && name.to_lowercase() != MAIN {
            self.builder.alias(MAIN, name)?;
            self.comments.add(MAIN, &plan, &survey, table.unit(), &notes);
        }
        Ok(())
    }

    fn insert(&mut self, name: &str, plan: &TablePlan, table: &mut dyn Table) -> Result<()> {
        let definitions: Vec<_> = plan.columns.iter().map(|kept| (kept.name.clone(), kept.kind.name())).collect();
        let mut insert = self.builder.table(name, &definitions)?;
        let (reading, go_on, unit) = (&self.reading, self.go_on, table.unit());
        table.read(&mut |row, cells| {
            go_on()?;
            let mut values = Vec::with_capacity(plan.columns.len());
            for kept in &plan.columns {
                let cell = reading.clean(cells.get(kept.at).copied().unwrap_or(Cell::Null));
                let value: Option<Scalar<'_>> = reading.convert(cell, kept.kind, kept.declared);
                values.push(value.ok_or_else(|| kept.misfit(unit, row, &shown(cell)))?);
            }
            insert.add(values.into_iter())
        })?;
        Ok(())
    }
}
