//! XLSX workbooks: their sheets, read cell by cell after all parts have been checked.
mod parts;
mod serial;
mod sheet;
mod xml;

pub use sheet::Sheet;

use crate::{Error, Result, budget::Hold};
use serial::NumberFormat;
use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Seek, SeekFrom},
};
use xml::{Tag, XmlEvent, XmlReader, damaged, unescaped};
use zip::{ZipArchive, read::ZipFile, result::ZipError};

const SHEETS: usize = 100;

/// A sheet with cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetInfo {
    pub name: String,
    pub hidden: bool,
    part: String,
}

pub struct Workbook {
    archive: ZipArchive<BufReader<File>>,
    /// The visible sheets, then the hidden ones, each in the order of the workbook.
    pub sheets: Vec<SheetInfo>,
    strings: Vec<String>,
    /// For each style, the shape in which it shows a number.
    styles: Vec<NumberFormat>,
    since_1904: bool,
}

type Part<'a> = XmlReader<BufReader<ZipFile<'a, BufReader<File>>>>;

impl Workbook {
    pub fn open(file: &File, hold: &Hold) -> Result<Self> {
        // the memory is counted before anything is kept
        hold.grow(usize::try_from(parts::inspect(file)?).unwrap_or(usize::MAX))?;
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(&error))?;
        let mut book = Self { archive, sheets: Vec::new(), strings: Vec::new(), styles: Vec::new(), since_1904: false };
        book.read()?;
        Ok(book)
    }

    fn read(&mut self) -> Result<()> {
        let no_workbook = || {
            Error::datasource("the workbook is damaged or not an XLSX file: save workbooks of another format as .xlsx")
        };
        let roots = self.relations("", "_rels/.rels")?;
        let root = roots.into_iter().find(|(_, kind, _)| kind.ends_with("/officeDocument"));
        let root = root.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, _, target)| target);
        let (folder, name) = root.rsplit_once('/').unwrap_or(("", &root));
        let relations = self.relations(folder, &joined(folder, &format!("_rels/{name}.rels")))?;
        let part = self.kept(Some(root))?.ok_or_else(no_workbook)?;
        self.list(&part, &relations)?;
        let target = |kind: &str| {
            relations.iter().find(|(_, found, _)| found.ends_with(kind)).map(|(_, _, target)| target.clone())
        };
        if let Some(part) = self.kept(target("/styles"))? {
            let found = styles(&mut self.part(&part)?);
            self.styles = found?;
        }
        if let Some(part) = self.kept(target("/sharedStrings"))? {
            let found = strings(&mut self.part(&part)?);
            self.strings = found?;
        }
        match self.sheets.len() {
            0 => Err(Error::datasource("the workbook has no sheet")),
            1..=SHEETS => Ok(()),
            many => Err(Error::datasource(format!("the workbook has {many} sheets, more than {SHEETS}: split it"))),
        }
    }

    /// Lists the sheets that the main part declares.
    fn list(&mut self, part: &str, relations: &[Relation]) -> Result<()> {
        let mut found = Vec::new();
        let mut since_1904 = false;
        let mut xml = self.part(part)?;
        loop {
            match xml.next()? {
                XmlEvent::Start(tag) if tag.name() == b"workbookPr" => {
                    since_1904 = matches!(tag.attribute("date1904")?.as_deref(), Some("1" | "true"));
                }
                XmlEvent::Start(tag) if tag.name() == b"sheet" => found.push(tag),
                XmlEvent::Done => break,
                _ => {}
            }
        }
        drop(xml);
        self.since_1904 = since_1904;
        for tag in found {
            self.sheets.extend(self.sheet(&tag, relations)?);
        }
        self.sheets.sort_by_key(|sheet| sheet.hidden);
        Ok(())
    }

    /// Returns the sheet of a tag; `None` if it has no cells, such as a chart.
    fn sheet(&self, tag: &Tag, relations: &[Relation]) -> Result<Option<SheetInfo>> {
        let id = tag.attribute("id")?.unwrap_or_default();
        let relation = relations.iter().find(|(known, _, _)| *known == id);
        let Some((_, _, target)) = relation.filter(|(_, kind, _)| kind.ends_with("/worksheet")) else {
            return Ok(None);
        };
        let name = tag.attribute("name")?.unwrap_or_default();
        let missing = || Error::datasource(format!("the workbook is damaged: the sheet {name} is missing"));
        let part = self.find(target).ok_or_else(missing)?;
        let hidden = matches!(tag.attribute("state")?.as_deref(), Some("hidden" | "veryHidden"));
        Ok(Some(SheetInfo { name, hidden, part }))
    }

    /// Returns the name of a part as the archive spells it: some programs use another case, or backslashes.
    fn find(&self, name: &str) -> Option<String> {
        let plain = |name: &str| name.replace('\\', "/").to_ascii_lowercase();
        let wanted = plain(name);
        self.archive.file_names().find(|known| plain(known) == wanted).map(str::to_owned)
    }

    /// Finds a part whose content is kept. It must have been counted as such, and not as a sheet.
    fn kept(&self, target: Option<String>) -> Result<Option<String>> {
        let found = target.and_then(|target| self.find(&target));
        match found {
            Some(part) if parts::is_sheet(&part) => {
                Err(damaged(&"a part that is not a sheet is stored among the sheets"))
            }
            found => Ok(found),
        }
    }

    fn part(&mut self, name: &str) -> Result<Part<'_>> {
        match self.archive.by_name(name) {
            Ok(part) => Ok(XmlReader::new(BufReader::with_capacity(64 << 10, part))),
            Err(ZipError::Io(error)) => Err(error.into()),
            Err(error) => Err(damaged(&error)),
        }
    }

    /// Returns the id, the kind and the target of each relation; empty if there are none.
    fn relations(&mut self, folder: &str, part: &str) -> Result<Vec<Relation>> {
        let Some(part) = self.find(part) else { return Ok(Vec::new()) };
        let mut xml = self.part(&part)?;
        let mut found = Vec::new();
        loop {
            match xml.next()? {
                XmlEvent::Start(tag) if tag.name() == b"Relationship" => {
                    let value = |name: &str| tag.attribute(name).map(Option::unwrap_or_default);
                    found.push((value("Id")?, value("Type")?, joined(folder, &value("Target")?)));
                }
                XmlEvent::Done => return Ok(found),
                _ => {}
            }
        }
    }
}

type Relation = (String, String, String);

/// Resolves a target relative to its folder or to the root.
fn joined(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None if folder.is_empty() => target,
        None => format!("{folder}/{target}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn styles(xml: &mut Part<'_>) -> Result<Vec<NumberFormat>> {
    let mut own: HashMap<u32, NumberFormat> = HashMap::new();
    let (mut styles, mut within) = (Vec::new(), false);
    let id = |tag: &Tag| -> Result<u32> {
        Ok(tag.attribute("numFmtId")?.and_then(|id| id.trim().parse().ok()).unwrap_or_default())
    };
    loop {
        match xml.next()? {
            XmlEvent::Start(tag) if tag.name() == b"numFmt" => {
                let code = tag.attribute("formatCode")?.unwrap_or_default();
                own.insert(id(&tag)?, serial::shape(&code));
            }
            XmlEvent::Start(tag) if tag.name() == b"cellXfs" => within = true,
            XmlEvent::End(name) if name == b"cellXfs" => within = false,
            XmlEvent::Start(tag) if within && tag.name() == b"xf" => {
                let id = id(&tag)?;
                styles.push(own.get(&id).copied().unwrap_or_else(|| serial::built_in(id)));
            }
            XmlEvent::Done => return Ok(styles),
            _ => {}
        }
    }
}

fn strings(xml: &mut Part<'_>) -> Result<Vec<String>> {
    let mut strings = Vec::new();
    loop {
        match xml.next()? {
            XmlEvent::Start(tag) if tag.name() == b"si" => strings.push(rich_text(xml, b"si")?),
            XmlEvent::Done => return Ok(strings),
            _ => {}
        }
    }
}

/// Returns the text up to the end of an element, without phonetic hints.
fn rich_text(xml: &mut Part<'_>, end: &[u8]) -> Result<String> {
    let (mut text, mut within, mut aside) = (String::new(), false, false);
    loop {
        match xml.next()? {
            XmlEvent::Start(tag) if tag.name() == b"rPh" => aside = true,
            XmlEvent::End(name) if name == b"rPh" => aside = false,
            XmlEvent::Start(tag) if tag.name() == b"t" => within = !aside,
            XmlEvent::End(name) if name == b"t" => within = false,
            XmlEvent::Text(more) if within => text.push_str(&more),
            XmlEvent::End(name) if name == end => return Ok(unescaped(&text).into_owned()),
            XmlEvent::Done => return Err(damaged(&"it ends in the middle of a text")),
            _ => {}
        }
    }
}

/// Returns the error for a cell.
fn at_cell(row: u32, column: usize, what: &str) -> Error {
    Error::datasource(format!("row {row}, cell {}{row}: {what}", letters(column)))
}

/// Returns the letters of a column: 0 is A.
fn letters(column: usize) -> String {
    let mut name = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        name.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or_default()));
        left /= 26;
    }
    name.iter().rev().collect()
}
