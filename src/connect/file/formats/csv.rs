//! CSV and similar formats as tables: one record per line, each with the same number of fields.
use super::{
    encoding::EncodedText,
    records::{CsvDialect, Records},
};
use crate::{
    Error, Result,
    connect::file::{
        options::Ragged,
        table::{RowHandler, Table, malformed},
        values::cell::Cell,
    },
};
use std::fs::File;

pub struct CsvTable<'f> {
    pub file: &'f File,
    pub text: &'f EncodedText,
    pub dialect: CsvDialect,
    pub header: bool,
    /// Lines to skip at the start.
    pub skip: u64,
    pub ragged: Ragged,
    pub notes: CsvNotes,
    pub names: Vec<String>,
}

/// Observations about a file, to report to its user.
#[derive(Default)]
pub struct CsvNotes {
    /// The number of skipped empty lines, and the first of them.
    blank: (u64, u64),
    /// The number of records with line breaks in a value, and the first of them.
    broken: (u64, u64),
    /// The number of records with a different number of fields than the first, and the first of them.
    odd: (u64, u64),
}

fn note(noted: &mut (u64, u64), line: u64) {
    noted.0 += 1;
    if noted.0 == 1 {
        noted.1 = line;
    }
}

impl CsvNotes {
    pub fn sentences(&self) -> Vec<String> {
        let blank = match self.blank {
            (0, _) => None,
            (1, line) => Some(format!("1 empty line was skipped (line {line}).")),
            (count, line) => Some(format!("{count} empty lines were skipped (the first on line {line}).")),
        };
        let broken = match self.broken {
            (0, _) => None,
            (1, line) => Some(format!("1 row has a value with line breaks (line {line}).")),
            (count, line) => Some(format!("{count} rows have values with line breaks (the first on line {line}).")),
        };
        let odd = match self.odd {
            (0, _) => None,
            (1, line) => Some(format!("1 row has a different number of fields (line {line}).")),
            (count, line) => {
                Some(format!("{count} rows have a different number of fields (the first on line {line})."))
            }
        };
        [blank, broken, odd].into_iter().flatten().collect()
    }
}

impl Table for CsvTable<'_> {
    fn unit(&self) -> &'static str {
        "line"
    }

    fn read(&mut self, each: &mut RowHandler<'_>) -> Result<Vec<String>> {
        let mut records = Records::open(self.file, self.text, self.dialect, self.skip)?;
        self.notes = CsvNotes::default();
        let mut is_begun = false;
        self.names.clear();
        let mut expected = None;
        // the number of empty lines since the last record, and the first of them
        let mut blank = (0, 0);
        while let Some(line) = records.next()? {
            if records.is_blank() {
                note(&mut blank, line);
                continue;
            }
            let count = records.width();
            let first = *expected.get_or_insert(count);
            if first == 1 && is_begun {
                // with a single column, an empty line is a row with a missing value
                (blank.1..blank.1 + blank.0).try_for_each(|line| each(line, &[Cell::Null]))?;
            } else if blank.0 > 0 {
                self.notes.blank =
                    (self.notes.blank.0 + blank.0, if self.notes.blank.0 == 0 { blank.1 } else { self.notes.blank.1 });
            }
            blank = (0, 0);
            if count != first {
                if self.ragged == Ragged::Refuse {
                    let what = format!(
                        "has {count} fields, but the first line has {first}: is a quote or a delimiter missing?"
                    );
                    return Err(malformed("line", line, &what));
                }
                note(&mut self.notes.odd, line);
            }
            if records.line() > line + 1 {
                note(&mut self.notes.broken, line);
            }
            let cells: Vec<Cell<'_>> = records.cells().collect::<Option<_>>().ok_or_else(|| not_text(line))?;
            if !is_begun {
                let own = |cell: &Cell<'_>| match cell {
                    Cell::Written(text, _) => (*text).to_owned(),
                    _ => String::new(),
                };
                self.names = if self.header { cells.iter().map(own).collect() } else { Vec::new() };
                is_begun = true;
                if self.header {
                    continue;
                }
            }
            each(line, &cells)?;
        }
        Ok(self.names.clone())
    }

    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.sentences()
    }
}

fn not_text(line: u64) -> Error {
    malformed("line", line, "is not UTF-8: select another encoding")
}
