//! CSV and its kin: a record a line, each with as many fields.
use super::{
    cell::Cell,
    load::{Each, Table, malformed},
    text::{self, Encoding},
};
use crate::Result;
use csv::{ErrorKind, StringRecord};
use std::fs::File;

pub struct Csv {
    pub file: File,
    pub encoding: Encoding,
    pub delimiter: u8,
    pub header: bool,
}

impl Table for Csv {
    fn read(&mut self, each: &mut Each<'_>) -> Result<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(self.header)
            .delimiter(self.delimiter)
            .from_reader(text::open(&self.file, self.encoding)?);
        let names = if self.header {
            reader.headers().map_err(|error| explain(&error))?.iter().map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| explain(&error))? {
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<Cell<'_>> = record.iter().map(Cell::Written).collect();
            each(line, &cells)?;
        }
        Ok(names)
    }
}

fn explain(error: &csv::Error) -> crate::Error {
    let at = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { .. } => malformed("line", at, "is not UTF-8: choose another encoding"),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let message =
                format!("has {len} fields, and the first line {expected_len}: is a quote or a delimiter missing?");
            malformed("line", at, &message)
        }
        _ => malformed("line", at, "cannot be read"),
    }
}
