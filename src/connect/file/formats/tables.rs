//! The tables of a file in any format, with what was detected about it.
use super::{
    csv::CsvTable,
    dialect::{self, suggestion},
    encoding::EncodedText,
    json::JsonTable,
    shape::{JsonStructure, parsed, written},
    xlsx::{Sheet, Workbook},
};
use crate::{
    Error, Result,
    budget::Hold,
    connect::file::{
        options::{Delimiter, FileFormat, FileOptions},
        preview::{Confidence, Finding, Suggestion},
        table::{MAIN, Table, UniqueNames, WithoutEmptyRows},
    },
};
use serde_json::json;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

/// The format of a file, and what was detected about it.
pub struct DetectedFormat {
    pub format: FileFormat,
    pub findings: Vec<Finding>,
    pub suggestions: Vec<Suggestion>,
    /// Why the encoding is only a guess.
    pub doubt: Option<String>,
}

/// The names of a table.
pub struct TableNames {
    /// Its name in SQL.
    pub name: String,
    /// The name of the sheet.
    pub sheet: Option<String>,
    pub hidden: bool,
    /// Whether it is also called `data`.
    pub is_main: bool,
}

/// A file that is being read.
pub struct OpenFile<'f> {
    pub file: &'f File,
    pub options: &'f FileOptions,
    /// Counts the memory that reading takes.
    pub hold: &'f Hold,
    /// Fails when nobody waits for the file any longer.
    pub go_on: &'f dyn Fn() -> Result<()>,
    /// Whether a guess is good enough, because somebody looks at the result.
    pub may_guess: bool,
}

impl OpenFile<'_> {
    /// Passes every table of the file to `take`.
    pub fn each(
        &self,
        found: &mut DetectedFormat,
        take: &mut dyn FnMut(TableNames, &mut dyn Table) -> Result<()>,
    ) -> Result<()> {
        if !self.options.skip_empty_rows {
            return self.each_whole(found, take);
        }
        let reading = self.options.reading()?;
        self.each_whole(found, &mut |about, table| {
            take(about, &mut WithoutEmptyRows { table, reading: reading.clone() })
        })
    }

    fn each_whole(
        &self,
        found: &mut DetectedFormat,
        take: &mut dyn FnMut(TableNames, &mut dyn Table) -> Result<()>,
    ) -> Result<()> {
        found.format = self.options.format;
        if self.options.format == FileFormat::Xlsx || self.options.format == FileFormat::Auto && is_book(self.file)? {
            found.format = FileFormat::Xlsx;
            return self.workbook(found, take);
        }
        let text = EncodedText::survey(self.file, self.options.encoding, self.go_on)?;
        found.findings.push(Finding {
            option: "encoding",
            value: text.encoding.name(),
            confidence: text.confidence,
            alternatives: Vec::new(),
        });
        if let Some(doubt) = text.doubt() {
            let name = text.encoding.name();
            found.suggestions.push(suggestion(format!("Read the text as {name}"), "encoding", json!(name)));
            if !self.may_guess {
                return Err(Error::datasource(doubt));
            }
            found.doubt = Some(doubt);
        }
        if self.options.format == FileFormat::Auto {
            found.format = self.text_format(&text)?;
        }
        match found.format {
            FileFormat::Json | FileFormat::Jsonl => self.json(&text, found, take),
            _ => self.csv(&text, found, take),
        }
    }

    /// Detects JSON by its first character: a bracket or a brace.
    fn text_format(&self, text: &EncodedText) -> Result<FileFormat> {
        let mut head = Vec::new();
        let read = text.open(self.file)?.take(64 << 10).read_to_end(&mut head);
        // reading the whole file reports where it is not text
        let _ = read.map_err(|error| super::encoding::unreadable(error, "line", 1));
        Ok(match head.trim_ascii_start().first() {
            Some(b'{' | b'[') => FileFormat::Json,
            _ => FileFormat::Csv,
        })
    }

    fn csv(
        &self,
        text: &EncodedText,
        found: &mut DetectedFormat,
        take: &mut dyn FnMut(TableNames, &mut dyn Table) -> Result<()>,
    ) -> Result<()> {
        let mut options = self.options.clone();
        if found.format == FileFormat::Tsv {
            options.delimiter = Delimiter::Tab;
        }
        let detected = dialect::detect(self.file, text, &options, self.go_on)?;
        found.findings.extend(detected.findings);
        found.suggestions.extend(detected.suggestions);
        let mut table = CsvTable {
            file: self.file,
            text,
            dialect: detected.dialect,
            header: options.header,
            skip: options.skip_rows.into(),
            ragged: options.ragged_rows,
            notes: super::csv::CsvNotes::default(),
            names: Vec::new(),
        };
        take(TableNames::main(), &mut table)
    }

    fn json(
        &self,
        text: &EncodedText,
        found: &mut DetectedFormat,
        take: &mut dyn FnMut(TableNames, &mut dyn Table) -> Result<()>,
    ) -> Result<()> {
        let given = self.options.path.as_deref().filter(|path| !path.is_empty());
        let is_auto = self.options.format == FileFormat::Auto;
        let mut path = given.map(parsed).unwrap_or_default();
        if given.is_none() && found.format == FileFormat::Json {
            let shape = JsonStructure::of(text.open(self.file)?, self.go_on)?;
            if shape.is_lines && is_auto {
                found.format = FileFormat::Jsonl;
            } else {
                path = shape.rows()?;
                let others: Vec<String> = shape
                    .candidates()
                    .iter()
                    .filter(|other| other.path != path)
                    .map(|other| written(&other.path))
                    .collect();
                let confidence = if others.is_empty() { Confidence::Certain } else { Confidence::Likely };
                for other in others.iter().take(5) {
                    found.suggestions.push(suggestion(format!("Read the rows at {other}"), "path", json!(other)));
                }
                found.findings.push(Finding {
                    option: "path",
                    value: written(&path),
                    confidence,
                    alternatives: others,
                });
            }
        }
        let lines = found.format == FileFormat::Jsonl;
        take(TableNames::main(), &mut JsonTable { file: self.file, text, path, lines })
    }

    /// Creates a table for each sheet, with the name of the sheet. The first visible one is also called `data`.
    fn workbook(
        &self,
        found: &mut DetectedFormat,
        take: &mut dyn FnMut(TableNames, &mut dyn Table) -> Result<()>,
    ) -> Result<()> {
        if !is_zip(self.file)? {
            return Err(Error::datasource(
                "this is not an XLSX file: save older Excel files as .xlsx, and protected ones without their password",
            ));
        }
        let options = self.options;
        let mut workbook = Workbook::open(self.file, self.hold)?;
        let mut sheets = workbook.sheets.clone();
        let known: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let given = options.sheet.as_deref().filter(|name| !name.is_empty());
        if let Some(wanted) = given {
            sheets.retain(|sheet| sheet.name == wanted);
            if sheets.is_empty() {
                let known = known.join(", ");
                return Err(Error::datasource(format!("the workbook has no sheet {wanted}: it has {known}")));
            }
        }
        found.findings.push(Finding {
            option: "sheet",
            value: sheets[0].name.clone(),
            confidence: if given.is_some() { Confidence::Chosen } else { Confidence::Certain },
            alternatives: known.into_iter().filter(|name| *name != sheets[0].name).collect(),
        });
        let mut names = UniqueNames::default();
        for (at, info) in sheets.into_iter().enumerate() {
            let name = names.sane(&info.name, at + 1);
            if at == 0 {
                names.take(MAIN);
            }
            let about = TableNames { name, sheet: Some(info.name.clone()), hidden: info.hidden, is_main: at == 0 };
            let skip = options.skip_rows.into();
            take(about, &mut Sheet::new(&mut workbook, info, options.header, skip, options.merged_cells))?;
        }
        Ok(())
    }
}

impl TableNames {
    fn main() -> Self {
        Self { name: MAIN.to_owned(), sheet: None, hidden: false, is_main: true }
    }
}

impl Default for DetectedFormat {
    fn default() -> Self {
        Self { format: FileFormat::Auto, findings: Vec::new(), suggestions: Vec::new(), doubt: None }
    }
}

impl DetectedFormat {
    /// Returns the name of the format.
    pub fn name(&self) -> &'static str {
        self.format.name()
    }
}

fn is_zip(file: &File) -> Result<bool> {
    Ok(magic(file)?.starts_with(b"PK\x03\x04"))
}

/// Whether the file is a workbook, possibly in an older format.
fn is_book(file: &File) -> Result<bool> {
    let magic = magic(file)?;
    Ok(magic.starts_with(b"PK\x03\x04") || magic.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]))
}

fn magic(file: &File) -> Result<Vec<u8>> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    let mut magic = Vec::new();
    file.take(4).read_to_end(&mut magic)?;
    Ok(magic)
}
