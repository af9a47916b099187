//! One sheet as a table.
use super::{
    Part, SheetInfo, Workbook, at_cell,
    serial::{self, NumberFormat, SerialValue},
    xml::{Tag, XmlEvent, damaged, unescaped},
};
use crate::{
    Error, Result,
    connect::file::{
        options::Merged,
        table::{COLUMNS, RowHandler, Table, malformed},
        values::{cell::Cell, held::OwnedCell, moment},
    },
};

/// The maximum number of merged ranges to fill.
const MERGED: usize = 10_000;
/// The largest integer that a spreadsheet's numbers represent exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub struct Sheet<'w> {
    pub workbook: &'w mut Workbook,
    pub info: SheetInfo,
    pub header: bool,
    /// Rows to skip at the start.
    pub skip: u64,
    pub merged: Merged,
    /// How many ranges are merged, and the first of them.
    pub ranges: (u64, String),
}

impl<'w> Sheet<'w> {
    pub fn new(workbook: &'w mut Workbook, info: SheetInfo, header: bool, skip: u64, merged: Merged) -> Self {
        Self { workbook, info, header, skip, merged, ranges: (0, String::new()) }
    }
}

impl Table for Sheet<'_> {
    fn unit(&self) -> &'static str {
        "row"
    }

    fn read(&mut self, each: &mut RowHandler<'_>) -> Result<Vec<String>> {
        let Self { workbook, info, header, skip, merged, .. } = self;
        let ranges = match merged {
            Merged::First => Vec::new(),
            Merged::Repeat => merged_ranges(&mut workbook.part(&info.part)?)?,
        };
        let strings = std::mem::take(&mut workbook.strings);
        let styles = std::mem::take(&mut workbook.styles);
        let since_1904 = workbook.since_1904;
        let read = workbook.part(&info.part).and_then(|xml| {
            let cells = Cells { xml, styles: &styles, strings: &strings, since_1904 };
            let rows = Rows { header: *header, skip: *skip, names: None, fill: Fill { ranges, open: Vec::new() } };
            rows.read(cells, each)
        });
        (workbook.strings, workbook.styles) = (strings, styles);
        let (names, ranges) = read?;
        self.ranges = ranges;
        Ok(names)
    }

    fn notes(&self) -> Vec<String> {
        let (count, first) = &self.ranges;
        match (self.merged, count) {
            (Merged::Repeat, _) | (_, 0) => Vec::new(),
            (_, 1) => vec![format!("1 range of cells is merged ({first}): only its first cell has the value.")],
            (_, count) => {
                vec![format!(
                    "{count} ranges of cells are merged (the first is {first}): only the first cell of each has the value."
                )]
            }
        }
    }

    fn has_empty_merged_cells(&self) -> bool {
        self.merged != Merged::Repeat && self.ranges.0 > 0
    }
}

/// Reads the rows of a sheet.
struct Rows {
    header: bool,
    skip: u64,
    names: Option<Vec<String>>,
    fill: Fill,
}

impl Rows {
    /// Reads every row. Returns the column names and the merged ranges.
    fn read(mut self, mut cells: Cells<'_, '_>, each: &mut RowHandler<'_>) -> Result<(Vec<String>, (u64, String))> {
        let mut row: Vec<OwnedCell> = Vec::new();
        let (mut at, mut column) = (0_u32, 0_usize);
        let mut merged = (0, String::new());
        loop {
            match cells.xml.next()? {
                XmlEvent::Start(tag) if tag.name() == b"row" => {
                    let next = match tag.attribute("r")? {
                        Some(number) => number.trim().parse().map_err(|_| damaged(&"a row number is not valid"))?,
                        None => at + 1,
                    };
                    if next <= at {
                        return Err(malformed("row", next.into(), "comes after a row with a higher number"));
                    }
                    (at, column) = (next, 0);
                    row.clear();
                }
                XmlEvent::Start(tag) if tag.name() == b"c" => {
                    let place = tag.attribute("r")?;
                    column = place.as_deref().and_then(column_of).unwrap_or(column);
                    let held = cells.cell(&tag, at, column)?;
                    put(&mut row, at, column, held)?;
                    column += 1;
                }
                XmlEvent::End(name) if name == b"row" => {
                    self.fill.fill(&mut row, at)?;
                    self.give(&row, at, each)?;
                }
                XmlEvent::Start(tag) if tag.name() == b"mergeCell" => {
                    merged.0 += 1;
                    if merged.0 == 1 {
                        merged.1 = tag.attribute("ref")?.unwrap_or_default().chars().take(30).collect();
                    }
                }
                XmlEvent::Done => return Ok((self.names.unwrap_or_default(), merged)),
                _ => {}
            }
        }
    }

    /// Passes on a row that is not empty. The first one may hold the column names.
    fn give(&mut self, row: &[OwnedCell], at: u32, each: &mut RowHandler<'_>) -> Result<()> {
        let cells: Vec<Cell<'_>> = row.iter().map(OwnedCell::cell).collect();
        if u64::from(at) <= self.skip || cells.iter().all(|cell| *cell == Cell::Null) {
            return Ok(());
        }
        if self.names.is_none() {
            let names = cells.iter().map(|cell| crate::connect::file::values::cell::whole(*cell));
            self.names = Some(if self.header { names.collect() } else { Vec::new() });
            if self.header {
                return Ok(());
            }
        }
        each(at.into(), &cells)
    }
}

/// Stores a cell that has a value. Cells with only a format take no room.
fn put(row: &mut Vec<OwnedCell>, at: u32, column: usize, held: OwnedCell) -> Result<()> {
    if matches!(held, OwnedCell::Null) {
        return Ok(());
    }
    if column >= COLUMNS {
        return Err(malformed("row", at.into(), &format!("has more than {COLUMNS} columns")));
    }
    if row.len() <= column {
        row.resize(column + 1, OwnedCell::Null);
    }
    row[column] = held;
    Ok(())
}

/// Reads the cells of a sheet.
struct Cells<'a, 'w> {
    xml: Part<'w>,
    styles: &'a [NumberFormat],
    strings: &'a [String],
    since_1904: bool,
}

impl Cells<'_, '_> {
    /// Reads the content of a cell's tag.
    fn cell(&mut self, tag: &Tag, row: u32, column: usize) -> Result<OwnedCell> {
        let style = tag.attribute("s")?.and_then(|style| style.trim().parse::<usize>().ok()).unwrap_or_default();
        let kind = tag.attribute("t")?;
        let (mut value, mut formula) = (None::<String>, false);
        loop {
            match self.xml.next()? {
                XmlEvent::Start(tag) if tag.name() == b"f" => formula = true,
                XmlEvent::Start(tag) if tag.name() == b"v" => value = Some(self.value()?),
                XmlEvent::Start(tag) if tag.name() == b"is" => {
                    return self.inline();
                }
                XmlEvent::End(name) if name == b"c" => break,
                XmlEvent::Done => return Err(damaged(&"a sheet ends in the middle of a cell")),
                _ => {}
            }
        }
        // only a text may be empty: for other types, an empty result means that none was saved
        let missing = value.as_ref().is_none_or(|value| formula && value.is_empty() && kind.as_deref() != Some("str"));
        let Some(value) = value.filter(|_| !missing) else {
            if formula {
                let what = "has a formula without a result: open the workbook in a spreadsheet program and save it";
                return Err(at_cell(row, column, what));
            }
            return Ok(OwnedCell::Null);
        };
        self.held(&value, kind.as_deref(), style).ok_or_else(|| at_cell(row, column, "has a value that cannot be read"))
    }

    fn value(&mut self) -> Result<String> {
        let mut text = String::new();
        loop {
            match self.xml.next()? {
                XmlEvent::Text(more) => text.push_str(&more),
                XmlEvent::End(_) => return Ok(text),
                XmlEvent::Done => return Err(damaged(&"a sheet ends in the middle of a cell")),
                XmlEvent::Start(_) => {}
            }
        }
    }

    /// Reads text that is stored in the cell itself.
    fn inline(&mut self) -> Result<OwnedCell> {
        let text = super::rich_text(&mut self.xml, b"is")?;
        loop {
            match self.xml.next()? {
                XmlEvent::End(name) if name == b"c" => return Ok(self::text(text)),
                XmlEvent::Done => return Err(damaged(&"a sheet ends in the middle of a cell")),
                _ => {}
            }
        }
    }

    fn held(&self, value: &str, kind: Option<&str>, style: usize) -> Option<OwnedCell> {
        let bare = value.trim();
        Some(match kind {
            Some("s") => text(self.strings.get(bare.parse::<usize>().ok()?)?.clone()),
            Some("str" | "inlineStr") => text(unescaped(value).into_owned()),
            Some("b") => OwnedCell::Boolean(match bare {
                "1" | "true" => true,
                "0" | "false" => false,
                _ => return None,
            }),
            Some("e") => OwnedCell::Error(bare.to_owned()),
            Some("d") => dated(bare),
            _ if bare.is_empty() => OwnedCell::Null,
            _ => number(bare, self.styles.get(style).copied().unwrap_or_default(), self.since_1904)?,
        })
    }
}

/// Returns the text, or null if it is empty.
fn text(text: String) -> OwnedCell {
    if text.is_empty() { OwnedCell::Null } else { OwnedCell::Text(text) }
}

/// Parses a date that is stored as ISO 8601 text.
fn dated(text: &str) -> OwnedCell {
    if let Ok(date) = text.parse() {
        return OwnedCell::Date(date);
    }
    if let Ok(at) = text.trim_end_matches('Z').parse() {
        return OwnedCell::Datetime(at);
    }
    if moment::is_time(text) { OwnedCell::Time(text.to_owned()) } else { OwnedCell::Text(text.to_owned()) }
}

/// Converts a number as its style shows it. A whole number becomes an integer.
fn number(text: &str, shape: NumberFormat, since_1904: bool) -> Option<OwnedCell> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    Some(match serial::value(value, shape, since_1904) {
        SerialValue::Date(date) => OwnedCell::Date(date),
        SerialValue::Datetime(at) => OwnedCell::Datetime(at),
        SerialValue::Time(text) => OwnedCell::Time(text),
        SerialValue::Duration(text) => OwnedCell::Duration(text),
        SerialValue::Text(text) => OwnedCell::Text(text.to_owned()),
        SerialValue::Number if value.fract() == 0.0 && value.abs() <= EXACT => {
            OwnedCell::Number(format!("{:.0}", value + 0.0))
        }
        // longer integers come from other programs; anything else is a floating-point number, however it is written
        SerialValue::Number if text.parse::<i64>().is_ok() => OwnedCell::Number(text.to_owned()),
        SerialValue::Number => OwnedCell::Number(format!("{value:?}")),
    })
}

/// Returns the column of a position such as `AB12`, from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.take(4).fold(0, |sum, letter| sum * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

/// A merged range, whose first cell has the value.
struct Range {
    top: u32,
    bottom: u32,
    left: usize,
    right: usize,
}

fn merged_ranges(xml: &mut Part<'_>) -> Result<Vec<Range>> {
    let mut ranges = Vec::new();
    loop {
        match xml.next()? {
            XmlEvent::Start(tag) if tag.name() == b"mergeCell" => {
                let written = tag.attribute("ref")?.unwrap_or_default();
                let row = |place: &str| place.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok();
                let range = written.split_once(':').and_then(|(first, last)| {
                    let (left, right) = (column_of(first)?, column_of(last)?);
                    Some(Range { top: row(first)?, bottom: row(last)?, left, right })
                });
                ranges.extend(range);
                if ranges.len() > MERGED {
                    return Err(Error::datasource(format!(
                        "the sheet has more than {MERGED} merged ranges: set `mergedCells` to `first`"
                    )));
                }
            }
            XmlEvent::Done => {
                ranges.sort_by_key(|range| std::cmp::Reverse(range.top));
                return Ok(ranges);
            }
            _ => {}
        }
    }
}

/// Repeats the value of a merged range in all its cells.
struct Fill {
    /// Ranges that begin further down, in reverse order.
    ranges: Vec<Range>,
    open: Vec<(Range, OwnedCell)>,
}

impl Fill {
    fn fill(&mut self, row: &mut Vec<OwnedCell>, at: u32) -> Result<()> {
        self.open.retain(|(range, _)| range.bottom >= at);
        while self.ranges.last().is_some_and(|range| range.top <= at) {
            let Some(range) = self.ranges.pop() else { break };
            if range.top == at {
                let value = row.get(range.left).cloned().unwrap_or_default();
                self.open.push((range, value));
            }
        }
        for (range, value) in &self.open {
            for column in range.left..=range.right {
                put(row, at, column, value.clone())?;
            }
        }
        Ok(())
    }
}
