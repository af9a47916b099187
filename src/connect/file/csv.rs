//! CSV and its kin: a record a line, each with as many fields. A record is bounded while it is read.
use super::{
    cell::Cell,
    load::{CELL, COLUMNS, Each, ROW, TOO_LONG, Table, malformed},
    text::{self, Encoding},
};
use crate::{Error, Result};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
};

pub struct Csv {
    pub file: File,
    pub encoding: Encoding,
    pub delimiter: u8,
    pub header: bool,
}

impl Table for Csv {
    fn read(&mut self, each: &mut Each<'_>) -> Result<Vec<String>> {
        let mut records = Records::new(text::open(&self.file, self.encoding)?, self.delimiter);
        let mut names = None;
        while let Some(line) = records.next()? {
            let cells: Vec<&str> = records.fields().collect::<Option<_>>().ok_or_else(|| not_text(line))?;
            if names.is_none() && self.header {
                names = Some(cells.into_iter().map(str::to_owned).collect());
                continue;
            }
            let cells: Vec<Cell<'_>> = cells.into_iter().map(Cell::Written).collect();
            each(line, &cells)?;
        }
        Ok(names.unwrap_or_default())
    }
}

fn not_text(line: u64) -> Error {
    malformed("line", line, "is not UTF-8: choose another encoding")
}

/// Reads record after record into the same room.
struct Records<R> {
    input: BufReader<R>,
    core: Reader,
    /// The fields of the record, one after the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
    /// How many fields the first record has.
    expected: Option<usize>,
}

impl<R: Read> Records<R> {
    fn new(input: R, delimiter: u8) -> Self {
        Self {
            input: BufReader::with_capacity(64 << 10, input),
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; 16 << 10],
            ends: vec![0; COLUMNS + 1],
            count: 0,
            expected: None,
        }
    }

    /// The line on which the next record begins; none at the end.
    fn next(&mut self) -> Result<Option<u64>> {
        let line = self.core.line();
        let mut written = 0;
        self.count = 0;
        loop {
            let (result, used, out, ends) = {
                let input = self.input.fill_buf()?;
                self.core.read_record(input, &mut self.text[written..], &mut self.ends[self.count..])
            };
            self.input.consume(used);
            written += out;
            self.count += ends;
            let last = self.count.checked_sub(1).map_or(0, |last| self.ends[last]);
            if written.saturating_sub(last) > CELL {
                return Err(malformed("row", line, TOO_LONG));
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() >= ROW => {
                    return Err(malformed("line", line, "is longer than 8 MiB: is a closing quote missing?"));
                }
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => {
                    return Err(malformed("line", line, &format!("has more than {COLUMNS} columns")));
                }
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::Record => return self.whole(line).map(Some),
            }
        }
    }

    fn whole(&mut self, line: u64) -> Result<u64> {
        let (expected, count) = (*self.expected.get_or_insert(self.count), self.count);
        if count != expected {
            let message =
                format!("has {count} fields, and the first line {expected}: is a quote or a delimiter missing?");
            return Err(malformed("line", line, &message));
        }
        Ok(line)
    }

    /// The fields of the record; none for one that is no text.
    fn fields(&self) -> impl Iterator<Item = Option<&str>> {
        let mut start = 0;
        self.ends[..self.count].iter().map(move |end| {
            let field = std::str::from_utf8(&self.text[start..*end]).ok();
            start = *end;
            field
        })
    }
}
