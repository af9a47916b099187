//! From a file to a database: every row is read twice, first to know the columns, then to keep the values.
use super::{
    Delimiter, Format, Options,
    cell::{Cell, Column},
    csv::Csv,
    json::Json,
    text,
    xlsx::{Sheet, Workbook},
};
use crate::{
    Error, Result,
    budget::Hold,
    connect::sqlite::{Builder, Scalar},
};
use std::{
    collections::HashSet,
    fs::File,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};
use tempfile::TempPath;

pub const COLUMNS: usize = 1000;
const ROWS: u64 = 5_000_000;
/// What one cell may have, in bytes, and one row.
pub const CELL: usize = 1 << 20;
pub const ROW: usize = 8 << 20;
/// What is wrong with a longer cell.
pub const TOO_LONG: &str = "has a cell of more than 1 MiB: is a closing quote missing?";
/// What reading takes in memory, beside what a workbook keeps: a row and its cells, and the tables as they are written.
const READING: usize = 16 << 20;
/// What one file's tables may take.
pub const SIZE: u64 = 1 << 30;
/// The table that every file has.
const MAIN: &str = "data";

/// Takes the rows of a table: where each is in the file, and its cells.
pub type Each<'e> = dyn FnMut(u64, &[Cell<'_>]) -> Result<()> + 'e;

/// Rows that can be read more than once.
pub trait Table {
    /// Reads every row; answers with the columns' names, as far as they have any.
    fn read(&mut self, each: &mut Each<'_>) -> Result<Vec<String>>;
}

/// What was made of a file.
pub struct Tables {
    pub database: TempPath,
    pub size: u64,
    /// `CSV, 12 columns, 3 400 rows`.
    pub summary: String,
}

/// A file that does not keep to its format.
pub fn malformed(unit: &str, at: u64, what: &str) -> Error {
    Error::datasource(format!("{unit} {at} {what}"))
}

/// Builds the database in `folder`. Gives up as soon as `stop` is set. What it takes in memory is counted in `hold`.
pub fn load(file: File, options: &Options, folder: &Path, stop: &AtomicBool, hold: &Hold) -> Result<Tables> {
    hold.grow(READING)?;
    let format = match options.format {
        Format::Auto => match text::recognise(&file, options.encoding)? {
            // whoever names the way to the rows means a document
            Format::Jsonl if options.path.as_ref().is_some_and(|path| !path.is_empty()) => Format::Json,
            found => found,
        },
        given => given,
    };
    let mut loading = Loading { builder: Builder::new(folder, SIZE)?, stop, rows: 0, columns: 0 };
    let mut what = format.name().to_owned();
    match format {
        Format::Xlsx => {
            let sheets = loading.workbook(&mut Workbook::open(&file, hold)?, options)?;
            if sheets > 1 {
                what = format!("{what}, {sheets} sheets");
            }
        }
        Format::Json | Format::Jsonl => {
            let path = options.path.as_deref().unwrap_or_default();
            let path = path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
            let lines = format == Format::Jsonl;
            loading.table(MAIN, &mut Json { file, encoding: options.encoding, path, lines })?;
        }
        Format::Csv | Format::Tsv | Format::Auto => {
            let delimiter = match (format, options.delimiter.byte()) {
                (Format::Tsv, _) => Delimiter::Tab.byte(),
                (_, given) => given,
            };
            let delimiter = delimiter.map_or_else(|| text::delimiter(&file, options.encoding), Ok)?;
            loading.table(MAIN, &mut Csv { file, encoding: options.encoding, delimiter, header: options.header })?;
        }
    }
    let summary = format!("{what}, {} columns, {} rows", loading.columns, spaced(loading.rows));
    let (database, size) = loading.builder.finish()?;
    Ok(Tables { database, size, summary })
}

struct Loading<'l> {
    builder: Builder,
    stop: &'l AtomicBool,
    rows: u64,
    columns: usize,
}

impl Loading<'_> {
    /// A table for each sheet, named as it; the first is also `data`. How many there are.
    fn workbook(&mut self, workbook: &mut Workbook, options: &Options) -> Result<usize> {
        let mut sheets = workbook.sheets()?;
        if let Some(wanted) = options.sheet.as_deref().filter(|name| !name.is_empty()) {
            let known = sheets.join(", ");
            sheets.retain(|name| name == wanted);
            if sheets.is_empty() {
                return Err(Error::datasource(format!("there is no sheet {wanted}: the workbook has {known}")));
            }
        }
        let count = sheets.len();
        let mut taken = HashSet::new();
        for (at, name) in sheets.into_iter().enumerate() {
            let table = sane(&name, at + 1, &mut taken);
            self.table(&table, &mut Sheet { workbook, name, header: options.header })?;
            if at == 0 && table.to_lowercase() != MAIN {
                taken.insert(MAIN.to_owned());
                self.builder.alias(MAIN, &table)?;
            }
        }
        Ok(count)
    }

    fn table(&mut self, name: &str, table: &mut dyn Table) -> Result<()> {
        let mut columns: Vec<Column> = Vec::new();
        let stop = self.stop;
        let go_on = || {
            if stop.load(Ordering::Relaxed) {
                Err(Error::Unavailable("nobody waits for the file any more"))
            } else {
                Ok(())
            }
        };
        let names = table.read(&mut |at, cells| {
            go_on()?;
            self.rows += 1;
            if self.rows > ROWS {
                return Err(Error::datasource("the file has more than 5 000 000 rows: split it"));
            }
            if cells.len() > COLUMNS {
                return Err(malformed("row", at, &format!("has more than {COLUMNS} columns")));
            }
            columns.resize(columns.len().max(cells.len()), Column::default());
            for (column, cell) in columns.iter_mut().zip(cells) {
                check(at, *cell)?;
                column.see(*cell);
            }
            Ok(())
        })?;
        if names.len() > COLUMNS {
            return Err(Error::datasource(format!("the file has more than {COLUMNS} columns")));
        }
        columns.resize(columns.len().max(names.len()), Column::default());
        let mut taken = HashSet::new();
        let kept: Vec<(usize, String, Column)> = columns
            .into_iter()
            .enumerate()
            .map(|(at, column)| (at, names.get(at).map_or("", |name| name.trim()), column))
            // what has neither name nor value is only a delimiter too many
            .filter(|(_, name, column)| !name.is_empty() || !column.is_empty())
            .map(|(at, name, column)| (at, sane(name, at + 1, &mut taken), column))
            .collect();
        if kept.is_empty() {
            // a table without columns cannot be: an empty sheet has one that is empty
            self.builder.table(name, &[("column_1".to_owned(), "text")])?;
            return Ok(());
        }
        self.columns += kept.len();
        let definitions: Vec<_> = kept.iter().map(|(_, name, column)| (name.clone(), column.name())).collect();
        let mut insert = self.builder.table(name, &definitions)?;
        table.read(&mut |_, cells| {
            go_on()?;
            let value = |(at, _, column): &(usize, String, Column)| {
                cells.get(*at).map_or(Scalar::Null, |cell| column.scalar(*cell))
            };
            insert.add(kept.iter().map(value))
        })?;
        Ok(())
    }
}

fn check(at: u64, cell: Cell<'_>) -> Result<()> {
    match cell {
        Cell::Written(text) | Cell::Text(text) | Cell::Number(text) | Cell::Json(text) if text.len() > CELL => {
            Err(malformed("row", at, TOO_LONG))
        }
        _ => Ok(()),
    }
}

/// A name for a column or a table: on one line, of at most 100 characters, and like no other.
fn sane(name: &str, number: usize, taken: &mut HashSet<String>) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut plain: String = words.collect::<Vec<_>>().join(" ").chars().take(100).collect();
    // names of the database's own
    if plain.is_empty() || plain.to_lowercase().starts_with("sqlite_") {
        plain = format!("column_{number}");
    }
    let mut unique = plain.clone();
    let mut count = 1;
    while !taken.insert(unique.to_lowercase()) {
        count += 1;
        unique = format!("{plain}_{count}");
    }
    unique
}

/// 3400 as `3 400`.
fn spaced(number: u64) -> String {
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
    use super::{HashSet, sane, spaced};

    #[test]
    fn names_are_sane_and_told_apart() {
        let mut taken = HashSet::new();
        let names = ["id", "ID", "  First\n name ", "", "sqlite_master", "a\u{0}b", "id_2"];
        let made: Vec<_> = names.iter().enumerate().map(|(at, name)| sane(name, at + 1, &mut taken)).collect();
        assert_eq!(made, ["id", "ID_2", "First name", "column_4", "column_5", "a b", "id_2_2"]);
    }

    #[test]
    fn numbers_are_read_by_people() {
        assert_eq!([0, 999, 3400, 1_234_567].map(spaced), ["0", "999", "3 400", "1 234 567"]);
    }
}
