//! Text files: their encoding, and what they seem to be.
use super::Format;
use crate::{
    Result,
    json::{self, Room},
};
use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
};

/// How much of a file tells what it is.
const HEAD: u64 = 256 << 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252, as older programs write it in western Europe.
    Latin1,
}

/// The text of a file in UTF-8, from its start. A byte-order mark says more than `encoding`.
pub fn open(file: &File, encoding: Encoding) -> Result<Box<dyn Read>> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    let mut mark = Vec::new();
    file.by_ref().take(3).read_to_end(&mut mark)?;
    let (skip, decoder) = match (mark.as_slice(), encoding) {
        ([0xEF, 0xBB, 0xBF], _) => (3, None),
        ([0xFF, 0xFE, ..], _) => (2, Some(UTF_16LE)),
        ([0xFE, 0xFF, ..], _) => (2, Some(UTF_16BE)),
        (_, Encoding::Utf8) => (0, None),
        (_, Encoding::Latin1) => (0, Some(WINDOWS_1252)),
    };
    file.seek(SeekFrom::Start(skip))?;
    let bytes = BufReader::with_capacity(64 << 10, file);
    Ok(match decoder {
        None => Box::new(bytes),
        Some(encoding) => Box::new(BufReader::new(Decoded {
            bytes,
            decoder: encoding.new_decoder_without_bom_handling(),
            ready: Vec::new(),
            at: 0,
            ended: false,
        })),
    })
}

struct Decoded {
    bytes: BufReader<File>,
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
            // every unit becomes three bytes at most
            self.ready.resize(3 * length + 16, 0);
            let (_, _, written, _) = self.decoder.decode_to_utf8(&raw[..length], &mut self.ready, self.ended);
            self.ready.truncate(written);
            self.at = 0;
        }
        let length = into.len().min(self.ready.len() - self.at);
        into[..length].copy_from_slice(&self.ready[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// What a file is, by its first bytes.
pub fn recognise(file: &File, encoding: Encoding) -> Result<Format> {
    if is_zip(file)? {
        return Ok(Format::Xlsx);
    }
    let head = head(file, encoding)?;
    let text = head.trim_start();
    Ok(match text.as_bytes().first() {
        Some(b'{') if is_lines(text) => Format::Jsonl,
        Some(b'[' | b'{') => Format::Json,
        _ => Format::Csv,
    })
}

pub fn is_zip(file: &File) -> Result<bool> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    let mut magic = Vec::new();
    file.take(4).read_to_end(&mut magic)?;
    Ok(magic == *b"PK\x03\x04")
}

/// The start of the text; what cannot be read is left for whoever reads the whole.
fn head(file: &File, encoding: Encoding) -> Result<String> {
    let mut bytes = Vec::new();
    open(file, encoding)?.take(HEAD).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether the first line is an object of its own.
fn is_lines(text: &str) -> bool {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match json::parse(first.as_bytes(), &Room::of(32 << 20)) {
        Ok(Value::Object(fields)) => !rest.trim().is_empty() || !fields.values().any(Value::is_array),
        _ => false,
    }
}

/// The delimiter that the first line holds most of, outside of quotes.
pub fn delimiter(file: &File, encoding: Encoding) -> Result<u8> {
    let head = head(file, encoding)?;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in head.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(known, _)| *known == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // the first of equals: a comma
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    Ok(most.map_or(b',', |(delimiter, _)| delimiter))
}
