//! The first reading of a table: detects its columns, and plans how to store them.
use super::{
    options::FileOptions,
    preview::{errors_note, exceptions_note},
    table::{CELL, COLUMNS, ROWS, TOO_LONG, Table, UniqueNames, is_empty, malformed},
    values::{
        cell::{Cell, CellOptions, FileColumnType},
        column::{ColumnStatistics, Exceptions},
        held::OwnedCell,
    },
};
use crate::{Error, Result};
use std::collections::HashSet;

/// What was found in a table.
pub struct Survey {
    pub names: Vec<String>,
    pub columns: Vec<ColumnStatistics>,
    pub rows: u64,
    /// How many of them have no value.
    pub empty: u64,
    /// The first rows, with their positions.
    pub head: Vec<(u64, Vec<OwnedCell>)>,
    /// Why reading stopped before the end of the table.
    pub failed: Option<Error>,
}

impl Survey {
    /// Reads the whole table, and keeps its first `keep` rows. Earlier tables of the file had `before` rows.
    pub fn of(
        table: &mut dyn Table,
        reading: &CellOptions,
        before: u64,
        keep: usize,
        go_on: &dyn Fn() -> Result<()>,
    ) -> Self {
        let mut survey =
            Self { names: Vec::new(), columns: Vec::new(), rows: 0, empty: 0, head: Vec::new(), failed: None };
        let Self { columns, rows, empty, head, .. } = &mut survey;
        let read = table.read(&mut |at, cells| {
            go_on()?;
            if before + *rows >= ROWS {
                return Err(Error::datasource("the file has more than 5 000 000 rows: split it"));
            }
            if cells.len() > COLUMNS {
                return Err(malformed("row", at, &format!("has more than {COLUMNS} columns")));
            }
            if columns.len() < cells.len() {
                columns.resize_with(cells.len(), || ColumnStatistics::after(*rows));
            }
            for cell in cells {
                check(at, *cell)?;
            }
            for (place, column) in columns.iter_mut().enumerate() {
                column.observe(at, reading.clean(cells.get(place).copied().unwrap_or(Cell::Null)), reading);
            }
            *rows += 1;
            *empty += u64::from(is_empty(cells, reading));
            if head.len() < keep {
                head.push((at, cells.iter().map(|cell| OwnedCell::of(*cell)).collect()));
            }
            Ok(())
        });
        match read {
            Ok(names) if names.len() > COLUMNS => {
                survey.failed = Some(Error::datasource(format!("the file has more than {COLUMNS} columns")));
            }
            Ok(names) => survey.names = names,
            Err(error) => (survey.names, survey.failed) = (table.names(), Some(error)),
        }
        let (rows, wide) = (survey.rows, survey.columns.len().max(survey.names.len()));
        survey.columns.resize_with(wide, || ColumnStatistics::after(rows));
        survey
    }
}

fn check(at: u64, cell: Cell<'_>) -> Result<()> {
    match cell {
        Cell::Written(text, _) | Cell::Text(text) | Cell::Number(text) | Cell::Json(text) if text.len() > CELL => {
            Err(malformed("row", at, TOO_LONG))
        }
        _ => Ok(()),
    }
}

/// How the columns of a table are stored.
pub struct TablePlan {
    pub columns: Vec<StoredColumn>,
    /// Notes on columns that were renamed, as sentences.
    renamed: Vec<String>,
}

/// A column of the stored table.
pub struct StoredColumn {
    /// Its position in the file.
    pub at: usize,
    pub name: String,
    pub kind: FileColumnType,
    /// Whether the options declare its type.
    pub declared: bool,
}

impl TablePlan {
    /// Plans the columns, and removes those of the options that this table has from `unknown`.
    pub fn of(survey: &Survey, options: &FileOptions, unknown: &mut HashSet<usize>) -> Self {
        let mut names = UniqueNames::default();
        let (mut columns, mut renamed) = (Vec::new(), Vec::new());
        for (at, column) in survey.columns.iter().enumerate() {
            let given = survey.names.get(at).map_or("", |name| name.trim());
            // a column with neither name nor values comes from a surplus delimiter
            if given.is_empty() && column.values() == 0 {
                continue;
            }
            let name = names.sane(given, at + 1);
            if !survey.names.is_empty() && name != given {
                renamed.push(match given {
                    "" => format!("Column {} has no name and is called {name}.", at + 1),
                    _ => format!(
                        "Column {} was renamed to {name}: its name is taken, too long or not on one line.",
                        at + 1
                    ),
                });
            }
            let declared = options.columns.iter().position(|column| column.name == name);
            if let Some(place) = declared {
                unknown.remove(&place);
            }
            let kind = declared.map_or_else(|| column.kind(), |place| options.columns[place].r#type);
            columns.push(StoredColumn { at, name, kind, declared: declared.is_some() });
        }
        Self { columns, renamed }
    }

    /// Returns notes on the table, as sentences.
    pub fn notes(&self, table: &dyn Table) -> Vec<String> {
        self.renamed.iter().take(10).cloned().chain(table.notes()).collect()
    }
}

impl StoredColumn {
    /// Returns the values that rule out a type other than text.
    pub fn exceptions(&self, survey: &Survey) -> Option<Exceptions> {
        if self.declared { None } else { survey.columns[self.at].exceptions() }
    }

    /// Returns a note on the column's values, as a sentence.
    pub fn note(&self, survey: &Survey, unit: &str) -> Option<String> {
        let column = &survey.columns[self.at];
        if let Some(exceptions) = self.exceptions(survey) {
            return Some(exceptions_note(&exceptions, column.values(), unit));
        }
        let (count, rows) = column.errors();
        (count > 0 && self.kind != FileColumnType::Text).then(|| errors_note(count, rows, unit))
    }

    /// Returns the error for a value that does not have the declared type.
    pub fn misfit(&self, unit: &str, row: u64, value: &str) -> Error {
        let Self { name, kind, .. } = self;
        Error::datasource(format!(
            "{unit} {row}, column {name}: \"{value}\" is not of the type {}: correct the value, add it to `nulls`, or \
             select the type text",
            kind.name()
        ))
    }
}
