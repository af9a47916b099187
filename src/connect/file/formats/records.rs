//! Reads the records of CSV. The size of each is limited while it is read, and every quote must be closed.
use super::encoding::{EncodedText, lines, unreadable};
use crate::{
    Error, Result,
    connect::file::{
        options::Quote,
        table::{CELL, COLUMNS, ROW, TOO_LONG, malformed},
        values::cell::Cell,
    },
};
use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
};

/// How the fields of a record are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvDialect {
    /// `None` if each line is one value.
    pub delimiter: Option<u8>,
    pub quote: Quote,
}

impl CsvDialect {
    fn quote_byte(self) -> Option<u8> {
        match self.quote {
            Quote::None => None,
            Quote::Single => Some(b'\''),
            Quote::Auto | Quote::Double | Quote::Backslash => Some(b'"'),
        }
    }
}

/// Reads record after record into the same buffer.
pub struct Records {
    input: BufReader<Box<dyn Read>>,
    parser: Parser,
}

impl Records {
    /// Starts after `skip` lines, and after a line that only declares the delimiter.
    pub fn open(file: &File, text: &EncodedText, dialect: CsvDialect, skip: u64) -> Result<Self> {
        let (line, head, rest) = start(file, text, skip)?;
        let (head, line) = match announced(&head) {
            Some((_, length)) => (head[length..].to_vec(), line + 1),
            None => (head, line),
        };
        let input = BufReader::with_capacity(64 << 10, Box::new(Cursor::new(head).chain(rest)) as Box<dyn Read>);
        Ok(Self { input, parser: Parser::new(dialect, line) })
    }

    /// Reads the next record. Returns the line on which it begins; `None` at the end.
    pub fn next(&mut self) -> Result<Option<u64>> {
        self.parser.begin();
        let line = self.parser.first;
        loop {
            let bytes = self.input.fill_buf().map_err(|error| unreadable(error, "line", line))?;
            let (used, whole) = if bytes.is_empty() { (0, self.parser.end()?) } else { self.parser.feed(bytes)? };
            let ended = bytes.is_empty();
            self.input.consume(used);
            if whole {
                return Ok(Some(self.parser.first));
            }
            if ended {
                return Ok(None);
            }
        }
    }

    /// Returns the number of the line after the record.
    pub fn line(&self) -> u64 {
        self.parser.line
    }

    /// Whether the record is an empty line.
    pub fn is_blank(&self) -> bool {
        self.parser.ends == [0] && !self.parser.quoted[0]
    }

    pub fn width(&self) -> usize {
        self.parser.ends.len()
    }

    /// Returns how many of its fields are quoted.
    pub fn quoted(&self) -> usize {
        self.parser.quoted.iter().filter(|quoted| **quoted).count()
    }

    /// Yields the fields of the record; `None` for a field that is not UTF-8.
    pub fn cells(&self) -> impl Iterator<Item = Option<Cell<'_>>> {
        let mut start = 0;
        self.parser.ends.iter().zip(&self.parser.quoted).map(move |(end, quoted)| {
            let field = std::str::from_utf8(&self.parser.text[start..*end]).ok();
            start = *end;
            field.map(|text| Cell::Written(text, *quoted))
        })
    }
}

/// Skips lines. Returns the number of the next line, its first bytes, and the rest.
fn start(file: &File, text: &EncodedText, skip: u64) -> Result<(u64, Vec<u8>, Box<dyn Read>)> {
    let mut input = BufReader::with_capacity(64 << 10, text.open(file)?);
    let mut line = 1;
    while line <= skip {
        let bytes = input.fill_buf().map_err(|error| unreadable(error, "line", line))?;
        let (length, ends) = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (bytes.len(), false),
        };
        if length == 0 {
            break;
        }
        input.consume(length);
        line += u64::from(ends);
    }
    let mut head = Vec::new();
    input.by_ref().take(16).read_to_end(&mut head).map_err(|error| unreadable(error, "line", line))?;
    Ok((line, head, Box::new(input)))
}

/// Returns the delimiter that a file declares on its first line, as spreadsheets write it: `sep=;`.
pub fn named_delimiter(file: &File, text: &EncodedText, skip: u64) -> Result<Option<u8>> {
    let (_, head, _) = start(file, text, skip)?;
    Ok(announced(&head).map(|(delimiter, _)| delimiter))
}

/// Parses the line `sep=;`. Returns the delimiter, and the length of the line.
fn announced(head: &[u8]) -> Option<(u8, usize)> {
    let (quoted, bare) = head.strip_prefix(b"\"").map_or((false, head), |bare| (true, bare));
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, rest @ ..] = bare else { return None };
    let rest = if quoted { rest.strip_prefix(b"\"")? } else { rest };
    let end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [] => 0,
        _ => return None,
    };
    let is_delimiter = delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric() && !b"\"\r\n".contains(delimiter);
    is_delimiter.then_some((*delimiter, head.len() - rest.len() + end))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    Escaped,
    /// After what may be a closing quote.
    Closed,
}

/// Splits bytes into records.
#[allow(clippy::struct_excessive_bools)] // the flags are independent
struct Parser {
    delimiter: Option<u8>,
    quote: Option<u8>,
    backslash: bool,
    state: State,
    /// The fields of the record one after the other, where each ends, and which were quoted.
    text: Vec<u8>,
    ends: Vec<usize>,
    quoted: Vec<bool>,
    is_quoted: bool,
    /// The current line, the line on which the record began, and the line on which the last quote was opened.
    line: u64,
    first: u64,
    opened: u64,
    /// Whether a line feed that comes next belongs to the previous line break.
    after_return: bool,
    started: bool,
}

impl Parser {
    fn new(dialect: CsvDialect, line: u64) -> Self {
        Self {
            delimiter: dialect.delimiter,
            quote: dialect.quote_byte(),
            backslash: dialect.quote == Quote::Backslash,
            state: State::Start,
            text: Vec::new(),
            ends: Vec::new(),
            quoted: Vec::new(),
            is_quoted: false,
            line,
            first: line,
            opened: line,
            after_return: false,
            started: false,
        }
    }

    fn begin(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.quoted.clear();
        self.is_quoted = false;
        self.started = false;
        self.state = State::Start;
        self.first = self.line;
    }

    /// Takes bytes up to the end of the record. Returns how many it took, and whether the record is complete.
    fn feed(&mut self, bytes: &[u8]) -> Result<(usize, bool)> {
        let mut at = 0;
        if std::mem::take(&mut self.after_return) && bytes.first() == Some(&b'\n') {
            at = 1;
        }
        while at < bytes.len() {
            self.started = true;
            let rest = &bytes[at..];
            match self.state {
                State::Start if self.quote == Some(rest[0]) => {
                    (self.state, self.is_quoted, self.opened) = (State::Quoted, true, self.line);
                    at += 1;
                }
                State::Start => self.state = State::Plain,
                State::Plain => {
                    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r') || Some(*byte) == self.delimiter;
                    let length = rest.iter().position(ends).unwrap_or(rest.len());
                    self.push(&rest[..length])?;
                    at += length;
                    if let Some(byte) = rest.get(length) {
                        at += 1;
                        if self.end_field(*byte)? {
                            return Ok((at, true));
                        }
                    }
                }
                State::Quoted => {
                    let ends = |byte: &u8| Some(*byte) == self.quote || self.backslash && *byte == b'\\';
                    let length = rest.iter().position(ends).unwrap_or(rest.len());
                    self.line += lines(&rest[..length]);
                    self.push(&rest[..length])?;
                    at += length;
                    if let Some(byte) = rest.get(length) {
                        at += 1;
                        self.state = if Some(*byte) == self.quote { State::Closed } else { State::Escaped };
                    }
                }
                State::Escaped => {
                    if rest[0] != b'\\' && Some(rest[0]) != self.quote {
                        self.push(b"\\")?;
                    }
                    self.line += u64::from(rest[0] == b'\n');
                    self.push(&rest[..1])?;
                    (self.state, at) = (State::Quoted, at + 1);
                }
                State::Closed if self.quote == Some(rest[0]) => {
                    self.push(&rest[..1])?;
                    (self.state, at) = (State::Quoted, at + 1);
                }
                State::Closed => {
                    at += 1;
                    if !matches!(rest[0], b'\n' | b'\r') && Some(rest[0]) != self.delimiter {
                        return Err(self.stray());
                    }
                    if self.end_field(rest[0])? {
                        return Ok((at, true));
                    }
                }
            }
        }
        Ok((at, false))
    }

    /// Handles the end of the file. Returns whether there is one more record.
    fn end(&mut self) -> Result<bool> {
        if !self.started {
            return Ok(false);
        }
        if matches!(self.state, State::Quoted | State::Escaped) {
            let field = self.ends.len() + 1;
            let what = format!(
                "opens a quote in field {field} that is never closed: close it, or read the file without quotes"
            );
            return Err(malformed("line", self.opened, &what));
        }
        self.close_field()?;
        Ok(true)
    }

    /// Ends the field at this byte. Returns true if the record ends, too.
    fn end_field(&mut self, byte: u8) -> Result<bool> {
        self.close_field()?;
        if Some(byte) == self.delimiter {
            return Ok(false);
        }
        self.line += 1;
        self.after_return = byte == b'\r';
        Ok(true)
    }

    fn close_field(&mut self) -> Result<()> {
        if self.ends.len() == COLUMNS {
            return Err(malformed("line", self.first, &format!("has more than {COLUMNS} columns")));
        }
        self.ends.push(self.text.len());
        self.quoted.push(self.is_quoted);
        (self.state, self.is_quoted) = (State::Start, false);
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.text.extend_from_slice(bytes);
        if self.text.len() - self.ends.last().copied().unwrap_or_default() > CELL {
            return Err(malformed("row", self.first, TOO_LONG));
        }
        if self.text.len() > ROW {
            return Err(malformed("line", self.first, "is longer than 8 MiB: is a closing quote missing?"));
        }
        Ok(())
    }

    fn stray(&self) -> Error {
        let field = self.ends.len() + 1;
        let what = if self.opened == self.line {
            format!("has text after the closing quote of field {field}: is a quote missing, or not doubled?")
        } else {
            let end = self.line;
            format!(
                "has text after the closing quote of field {field} on line {end}: is a quote missing, or not doubled?"
            )
        };
        malformed("line", self.opened, &what)
    }
}
