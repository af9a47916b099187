//! Detects the encoding of text: known from a byte-order mark, verified on every byte, or guessed. A guess is never
//! used without confirmation.
use crate::{
    Error, Result,
    connect::file::{options::TextEncoding, preview::Confidence, table::malformed},
};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, UTF_8};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
};

const PIECE: usize = 64 << 10;

impl TextEncoding {
    /// Its name in the API.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    fn decoder(self) -> &'static encoding_rs::Encoding {
        encoding_rs::Encoding::for_label(self.name().as_bytes()).unwrap_or(UTF_8)
    }

    /// Returns the variant for a detected encoding; `None` for encodings that no variant names.
    fn of(found: &'static encoding_rs::Encoding) -> Option<Self> {
        let name = match found.name().to_ascii_lowercase().as_str() {
            "windows-1252" => "latin1".to_owned(),
            "gbk" => "gb18030".to_owned(),
            other => other.to_owned(),
        };
        serde_json::from_value(name.into()).ok()
    }
}

/// What is known about the text of a file.
pub struct EncodedText {
    pub encoding: TextEncoding,
    pub confidence: Confidence,
    /// The length of the byte-order mark.
    mark: u64,
    pub counts: Counts,
    /// If the encoding is a guess: the first line that is not UTF-8.
    pub wrong: Option<u64>,
}

impl EncodedText {
    /// Examines every byte. Calls `go_on` regularly, and stops at its error.
    pub fn survey(file: &File, given: TextEncoding, go_on: &dyn Fn() -> Result<()>) -> Result<Self> {
        let mut scan = Scan::default();
        each_piece(file, &mut |piece| {
            go_on()?;
            scan.observe(piece);
            Ok(())
        })?;
        scan.end();
        let (marked, mark) = match scan.start.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (Some(TextEncoding::Utf8), 3),
            [0xFF, 0xFE, ..] => (Some(TextEncoding::Utf16Le), 2),
            [0xFE, 0xFF, ..] => (Some(TextEncoding::Utf16Be), 2),
            _ => (None, 0),
        };
        let of = |encoding, confidence, wrong| Self { encoding, confidence, mark, counts: scan.counts.clone(), wrong };
        if let Some(encoding) = marked {
            return Ok(of(encoding, Confidence::Certain, None));
        }
        if given != TextEncoding::Auto {
            return Ok(of(given, Confidence::Chosen, None));
        }
        if let Some(encoding) = scan.wide() {
            return Ok(of(encoding, Confidence::Likely, None));
        }
        let Some(line) = scan.wrong else { return Ok(of(TextEncoding::Utf8, Confidence::Certain, None)) };
        Ok(of(guess(file, go_on)?, Confidence::Unsure, Some(line)))
    }

    /// Returns why the encoding is not used, if it is only a guess.
    pub fn doubt(&self) -> Option<String> {
        let line = self.wrong?;
        let name = self.encoding.name();
        Some(format!("line {line} is not UTF-8: select the encoding, which may be {name}"))
    }

    /// Opens the text as UTF-8, from its start. Reading fails with `InvalidData` if the text is not in the encoding.
    pub fn open(&self, file: &File) -> Result<Box<dyn Read>> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(self.mark))?;
        let bytes = BufReader::with_capacity(PIECE, file);
        if self.encoding == TextEncoding::Utf8 {
            return Ok(Box::new(bytes));
        }
        let encoding = self.encoding.decoder();
        Ok(Box::new(Decoded {
            bytes,
            name: self.encoding.name(),
            decoder: encoding.new_decoder_without_bom_handling(),
            ready: Vec::new(),
            at: 0,
            ended: false,
        }))
    }
}

/// Turns the error of text in another encoding into one that names its position.
pub fn unreadable(error: io::Error, unit: &str, at: u64) -> Error {
    if error.kind() == io::ErrorKind::InvalidData {
        return malformed(unit, at, &error.to_string());
    }
    error.into()
}

fn each_piece(file: &File, observe: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = BufReader::with_capacity(PIECE, file);
    loop {
        let piece = bytes.fill_buf()?;
        let length = piece.len();
        if length == 0 {
            return Ok(());
        }
        observe(piece)?;
        bytes.consume(length);
    }
}

fn guess(file: &File, go_on: &dyn Fn() -> Result<()>) -> Result<TextEncoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    each_piece(file, &mut |piece| {
        go_on()?;
        detector.feed(piece, false);
        Ok(())
    })?;
    detector.feed(&[], true);
    Ok(TextEncoding::of(detector.guess(None, Utf8Detection::Deny)).unwrap_or(TextEncoding::Latin1))
}

/// Counts bytes and checks that they are UTF-8.
#[derive(Default)]
struct Scan {
    start: Vec<u8>,
    counts: Counts,
    /// The number of zero bytes at even and at odd positions.
    zeros: [u64; 2],
    length: u64,
    line: u64,
    /// The first bytes of a character that continues in the next piece.
    cut: Vec<u8>,
    wrong: Option<u64>,
}

/// How often each byte occurs.
#[derive(Clone)]
pub struct Counts(Box<[u64; 256]>);

impl Default for Counts {
    fn default() -> Self {
        Self(Box::new([0; 256]))
    }
}

impl Counts {
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)] > 0
    }
}

impl Scan {
    fn observe(&mut self, piece: &[u8]) {
        self.start.extend(piece.iter().take(3 - self.start.len().min(3)));
        for byte in piece {
            self.counts.0[usize::from(*byte)] += 1;
            if *byte == 0 {
                self.zeros[usize::from(self.length % 2 == 1)] += 1;
            }
            self.length += 1;
        }
        if self.wrong.is_none() {
            self.check(piece);
        }
    }

    fn check(&mut self, piece: &[u8]) {
        let joined: Vec<u8>;
        let bytes = if self.cut.is_empty() {
            piece
        } else {
            joined = [self.cut.as_slice(), piece].concat();
            &joined
        };
        match std::str::from_utf8(bytes) {
            Ok(_) => {
                self.line += lines(bytes);
                self.cut.clear();
            }
            Err(error) => {
                let valid = error.valid_up_to();
                self.line += lines(&bytes[..valid]);
                if error.error_len().is_some() {
                    self.wrong = Some(self.line + 1);
                }
                self.cut = bytes[valid..].iter().take(4).copied().collect();
            }
        }
    }

    fn end(&mut self) {
        if !self.cut.is_empty() && self.wrong.is_none() {
            self.wrong = Some(self.line + 1);
        }
    }

    /// Detects UTF-16 without a byte-order mark: in western text, most bytes at odd or at even positions are zero, and
    /// no others.
    fn wide(&self) -> Option<TextEncoding> {
        let [even, odd] = self.zeros;
        let many = |zeros: u64| zeros > 0 && zeros * 3 >= self.length / 2 * 2;
        match self.length % 2 {
            0 if even == 0 && many(odd) => Some(TextEncoding::Utf16Le),
            0 if odd == 0 && many(even) => Some(TextEncoding::Utf16Be),
            _ => None,
        }
    }
}

pub(super) fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

struct Decoded {
    bytes: BufReader<File>,
    name: String,
    decoder: Decoder,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.ended {
            let mut raw = vec![0; 16 << 10];
            let length = self.bytes.read(&mut raw)?;
            self.ended = length == 0;
            // each unit becomes at most three bytes
            self.ready.resize(3 * length + 16, 0);
            let decoded = self.decoder.decode_to_utf8_without_replacement(&raw[..length], &mut self.ready, self.ended);
            let (result, _, written) = decoded;
            if matches!(result, DecoderResult::Malformed(..)) {
                let what = format!("is not {}: select another encoding", self.name);
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
            self.ready.truncate(written);
            self.at = 0;
        }
        let length = into.len().min(self.ready.len() - self.at);
        into[..length].copy_from_slice(&self.ready[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}
