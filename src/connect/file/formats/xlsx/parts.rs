//! Checks the sizes of a workbook's parts by unpacking them before anything is kept, because the sizes that a part
//! declares may be false.
use crate::{Error, Result, connect::file::table::CELL};
use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
};
use zip::ZipArchive;

/// The maximum size of a workbook, in bytes.
const PACKED: u64 = 32 << 20;
/// The maximum size of all its unpacked parts, in bytes.
const UNPACKED: u64 = 1 << 30;
/// The maximum number of its parts.
const PARTS: usize = 10_000;
/// How much memory the parts that are kept may take, in bytes. All but the sheets are kept.
const HELD: u64 = 96 << 20;
/// The memory of one shared string in addition to its text, in bytes: the list may have twice the capacity that it
/// requires.
const STRING: u64 = 96;
/// The memory that markup takes, as a multiple of its text.
const MARKUP: u64 = 3;
/// A part up to this size is harmless, whatever it contains: images are not XML.
const SMALL: u64 = 8 << 20;

/// Unpacks every part once and keeps nothing. Returns the memory that the open workbook takes, in bytes.
///
/// # Errors
/// `Datasource` if the workbook is damaged, too large, or would take more memory than its size suggests.
pub fn inspect(file: &File) -> Result<u64> {
    if file.metadata()?.len() > PACKED {
        return Err(Error::datasource("the workbook is larger than 32 MiB: save the sheet as CSV"));
    }
    let unreadable = |_| Error::datasource("the workbook is damaged: it cannot be unpacked");
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    if entries(&mut file)? > PARTS {
        return Err(bomb());
    }
    file.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
    let (mut left, mut held) = (UNPACKED, 0);
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(unreadable)?;
        let is_sheet = is_sheet(part.name());
        let mut scan = Scan::default();
        unpack(part.take(left + 1), &mut scan)?;
        left = left.checked_sub(scan.size).ok_or_else(bomb)?;
        if scan.announced > scan.size {
            return Err(Error::datasource("the workbook is damaged: it declares more texts than it has"));
        }
        if !is_sheet {
            held += MARKUP * scan.markup + scan.text + STRING * scan.strings;
        }
        if held > HELD {
            return Err(bomb());
        }
        if scan.too_long && scan.size > SMALL {
            return Err(Error::datasource("the workbook has a cell of more than 1 MiB: save the sheet as CSV"));
        }
    }
    Ok(held)
}

/// Whether a part is a sheet, which is read cell by cell and not kept. No other part may have such a name.
pub fn is_sheet(name: &str) -> bool {
    name.contains("worksheets/")
}

fn bomb() -> Error {
    Error::datasource("the workbook is too large when unpacked: save the sheet as CSV")
}

/// Counts the parts that the archive lists, whatever number it declares.
fn entries(file: &mut File) -> Result<usize> {
    const NAMED: &[u8] = b"PK\x01\x02";
    let mut piece = vec![0; 64 << 10];
    let (mut kept, mut count) = (0, 0);
    loop {
        let length = file.read(&mut piece[kept..])?;
        if length == 0 {
            return Ok(count);
        }
        let seen = kept + length;
        count += piece[..seen].windows(NAMED.len()).filter(|found| *found == NAMED).count();
        // a signature that is cut in two is found with the next piece
        kept = seen.min(NAMED.len() - 1);
        piece.copy_within(seen - kept..seen, 0);
    }
}

fn unpack(mut part: impl Read, scan: &mut Scan) -> Result<()> {
    let damaged = |_| Error::datasource("the workbook is damaged: a part of it cannot be unpacked");
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = part.read(&mut piece).map_err(damaged)?;
        if length == 0 {
            return Ok(());
        }
        let mut rest = &piece[..length];
        while !rest.is_empty() {
            let plain = scan.plain(rest);
            rest = &rest[plain..];
            if let Some((first, after)) = rest.split_first() {
                scan.observe(*first);
                rest = after;
            }
        }
    }
}

/// Follows XML byte by byte, only as far as it takes to know what a parser holds at once.
#[derive(Default)]
struct Scan {
    size: u64,
    /// Bytes inside tags, comments and the like, and bytes outside of them.
    markup: u64,
    text: u64,
    /// How many shared strings there are, and how many the part declares.
    strings: u64,
    announced: u64,
    /// Whether one tag, or the text of one cell, is longer than a cell may be.
    too_long: bool,
    place: ScanState,
    /// The start and the end of the tag that is being read.
    tag: Vec<u8>,
    /// The length of the tag, and of the cell's text so far.
    tag_length: usize,
    cell: usize,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum ScanState {
    #[default]
    Text,
    Tag,
    /// In an attribute value, up to this quote.
    Quoted(u8),
    Comment,
    /// In a CDATA section, up to `]]>`.
    Plain,
    /// In the document type declaration, and in everything after it.
    Type,
}

impl Scan {
    /// How much of a tag is kept.
    const LOOK: usize = 512;

    /// Skips plain text at the start of `bytes`, and returns its length.
    fn plain(&mut self, bytes: &[u8]) -> usize {
        if self.place != ScanState::Text {
            return 0;
        }
        let length = bytes.iter().position(|byte| *byte == b'<').unwrap_or(bytes.len());
        self.size += length as u64;
        self.text += length as u64;
        self.write(length);
        length
    }

    /// Takes the next byte, which starts a tag if the scan is in text.
    fn observe(&mut self, byte: u8) {
        self.size += 1;
        if self.place == ScanState::Text {
            self.place = ScanState::Tag;
            self.tag.clear();
            self.tag_length = 0;
            return;
        }
        self.markup += 1;
        self.tag_length += 1;
        self.too_long |= self.tag_length > CELL;
        if self.tag.len() == Self::LOOK {
            // the end is examined, too
            self.tag.drain(Self::LOOK / 2..Self::LOOK - 2);
        }
        self.tag.push(byte);
        match (self.place, byte) {
            // a parser holds a whole document type declaration at once, so everything after it counts as part of it
            (ScanState::Tag, b'D' | b'd') if self.tag.len() == 2 && self.tag[0] == b'!' => self.place = ScanState::Type,
            (ScanState::Tag, b'"' | b'\'') if !self.tag.starts_with(b"?") => self.place = ScanState::Quoted(byte),
            (ScanState::Tag, b'-') if self.tag == b"!--" => self.place = ScanState::Comment,
            (ScanState::Tag, b'[') if self.tag == b"![CDATA[" => self.place = ScanState::Plain,
            (ScanState::Tag, b'>') if !self.tag.starts_with(b"?") || self.tag.ends_with(b"?>") => self.end(),
            (ScanState::Quoted(quote), byte) if quote == byte => self.place = ScanState::Tag,
            (ScanState::Comment, b'>') if self.tag_length > 5 && self.tag.ends_with(b"-->") => {
                self.place = ScanState::Text;
            }
            (ScanState::Plain, b'>') if self.tag.ends_with(b"]]>") => {
                self.place = ScanState::Text;
                self.write(self.tag_length);
            }
            _ => {}
        }
    }

    /// Adds text to the current cell.
    fn write(&mut self, bytes: usize) {
        self.cell += bytes;
        self.too_long |= self.cell > CELL;
    }

    /// Handles the end of a tag.
    fn end(&mut self) {
        self.place = ScanState::Text;
        let tag = std::mem::take(&mut self.tag);
        let name = tag.strip_prefix(b"/").unwrap_or(&tag);
        let length = name.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>'));
        let name = &name[..length.unwrap_or(name.len())];
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
        match name {
            b"c" | b"row" => self.cell = 0,
            b"si" => {
                self.cell = 0;
                self.strings += u64::from(!tag.starts_with(b"/"));
            }
            b"sst" => self.announced = self.announced.max(announced(&tag)),
            _ => {}
        }
        self.tag = tag;
    }
}

/// Returns the number of strings that a tag declares: readers allocate room for as many.
fn announced(tag: &[u8]) -> u64 {
    const NAMES: [&[u8]; 2] = [b"uniqueCount", b"count"];
    let number = |name: &[u8]| {
        let at = tag.windows(name.len()).position(|found| found == name)? + name.len();
        let digits = tag[at..].iter().skip_while(|byte| !byte.is_ascii_digit());
        let digits: String = digits.take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        Some(digits.parse().unwrap_or(u64::MAX))
    };
    NAMES.into_iter().filter_map(number).max().unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{CELL, Scan};

    fn scanned(pieces: &[&str]) -> Scan {
        let mut scan = Scan::default();
        for piece in pieces {
            super::unpack(piece.as_bytes(), &mut scan).unwrap();
        }
        scan
    }

    #[test]
    fn what_a_parser_holds_at_once_is_bounded_in_every_form() {
        let blanks = " ".repeat(CELL + 1);
        let half = "x".repeat(CELL / 2 + 1);
        for long in [
            vec!["<c><v>", &blanks, "</v></c>"],
            vec![&blanks, "<worksheet>"],
            vec!["<c a=\"", &blanks, "\">"],
            vec!["<c a='", &">".repeat(CELL + 1), "'>"],
            vec!["<!--", &"<c>".repeat(CELL), "-->"],
            vec!["<c><![CDATA[", &"<c>".repeat(CELL), "]]></c>"],
            vec!["<!DOCTYPE a [", &"<!ENTITY a 'b'>".repeat(CELL / 8), "]>"],
            vec!["<?x ", &">".repeat(CELL + 1), "?>"],
            vec!["<c><is><r><t>", &half, "</t></r><r><t>", &half, "</t></r></is></c>"],
            vec!["<c><t>", &half, "<!-- > -->", &half, "</t></c>"],
            vec!["<x:si><x:t>", &half, "</x:t><x:t>", &half, "</x:t></x:si>"],
        ] {
            assert!(scanned(&long).too_long, "{}", &long[0]);
        }
        let fine = ["<row><c r=\"A1\" t='s'><v>", &half, "</v></c><c><v>", &half, "</v></c></row>", "<!-- a > b -->"];
        assert!(!scanned(&fine).too_long);
    }

    #[test]
    fn shared_strings_are_counted_with_any_prefix() {
        let scan =
            scanned(&["<sst count=\"9\" uniqueCount=\"7\"><si/><si><t>a</t></si><x:si></x:si>", "<size/></sst>"]);
        assert_eq!((scan.strings, scan.announced), (3, 9));
        assert_eq!(scanned(&["<s:sst uniqueCount = '99999999999999999999'>"]).announced, u64::MAX);
    }
}
