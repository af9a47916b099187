//! Content codings (RFC 9110, section 8.4): compressed bodies. They are decompressed piece by piece, so that the
//! consumer can stop at a limit: a small body can expand to a very large one.
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use std::io::{self, Write};

/// How many codings may be applied to one body.
const MOST: usize = 2;
/// How many bytes are decompressed before the output, at most about a thousand times as much, is passed on.
const STEP: usize = 512;

/// The name of a coding that is not supported.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownCoding(pub String);

/// Why compressed bytes cannot be decompressed, as the end of a sentence about the body.
#[derive(Debug, PartialEq, Eq)]
pub struct BrokenCoding(pub &'static str);

/// Why decompression stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum UnpackFailure<E> {
    Broken(BrokenCoding),
    /// The consumer's own error.
    Taker(E),
}

/// Decompresses one body.
#[derive(Default)]
pub struct Unpacker {
    /// The coding that was applied last comes first.
    stages: Vec<Stage>,
}

enum Stage {
    Gzip(MultiGzDecoder<Vec<u8>>, bool),
    /// Undecided until the first bytes arrive: `deflate` means zlib's format, but some servers leave out the zlib
    /// header.
    Deflate(Vec<u8>),
    Zlib(ZlibDecoder<Vec<u8>>),
    Raw(DeflateDecoder<Vec<u8>>),
}

impl Unpacker {
    /// Creates an unpacker for a body with these headers. It passes the body through if they name no coding.
    ///
    /// # Errors
    /// `UnknownCoding` with the name of an unsupported coding, or with the whole header if it names too many.
    pub fn of(headers: &HeaderMap) -> Result<Self, UnknownCoding> {
        let mut stages = Vec::new();
        for value in headers.get_all(CONTENT_ENCODING) {
            let text = super::header_text(value.as_bytes()).to_ascii_lowercase();
            for name in text.split(',').map(str::trim) {
                match name {
                    "gzip" | "x-gzip" => stages.push(Stage::Gzip(MultiGzDecoder::new(Vec::new()), false)),
                    "deflate" => stages.push(Stage::Deflate(Vec::new())),
                    // `aws-chunked` describes how an S3 client uploaded the object, and stays in its metadata
                    "" | "identity" | "none" | "aws-chunked" => {}
                    // some servers put a charset here, which compresses nothing
                    name if encoding_rs::Encoding::for_label(name.as_bytes()).is_some() => {}
                    name => return Err(UnknownCoding(name.chars().take(40).collect())),
                }
                if stages.len() > MOST {
                    return Err(UnknownCoding(text.chars().take(40).collect()));
                }
            }
        }
        stages.reverse();
        Ok(Self { stages })
    }

    /// Whether there is nothing to decompress.
    pub fn is_idle(&self) -> bool {
        self.stages.is_empty()
    }

    /// Decompresses the next piece and passes the output to `take`.
    ///
    /// # Errors
    /// Those of `take`, and `BrokenCoding` if the data is not compressed as declared.
    pub fn push<E>(
        &mut self,
        piece: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), UnpackFailure<E>> {
        through(&mut self.stages, piece, take)
    }

    /// Passes on the remaining output.
    ///
    /// # Errors
    /// Those of [`Self::push`], and `BrokenCoding` if the data is incomplete.
    pub fn finish<E>(mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), UnpackFailure<E>> {
        let mut stages = self.stages.as_mut_slice();
        while let Some((first, rest)) = stages.split_first_mut() {
            let out = first.finish().map_err(UnpackFailure::Broken)?;
            through(rest, &out, take)?;
            stages = rest;
        }
        Ok(())
    }
}

fn through<E>(
    stages: &mut [Stage],
    piece: &[u8],
    take: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), UnpackFailure<E>> {
    let Some((first, rest)) = stages.split_first_mut() else {
        return if piece.is_empty() { Ok(()) } else { take(piece).map_err(UnpackFailure::Taker) };
    };
    for step in piece.chunks(STEP) {
        let out = first.write(step).map_err(UnpackFailure::Broken)?;
        through(rest, &out, take)?;
    }
    Ok(())
}

impl Stage {
    fn write(&mut self, bytes: &[u8]) -> Result<Vec<u8>, BrokenCoding> {
        if let Self::Deflate(begun) = self {
            begun.extend_from_slice(bytes);
            let [first, second, ..] = begun.as_slice() else { return Ok(Vec::new()) };
            let is_framed = first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0;
            let begun = std::mem::take(begun);
            *self = if is_framed {
                Self::Zlib(ZlibDecoder::new(Vec::new()))
            } else {
                Self::Raw(DeflateDecoder::new(Vec::new()))
            };
            return self.write(&begun);
        }
        match self {
            Self::Gzip(_, false) if bytes.first().is_some_and(|first| *first != GZIP) => {
                return Err(BrokenCoding(OTHER));
            }
            Self::Gzip(decoder, has_begun) => {
                *has_begun |= !bytes.is_empty();
                decoder.write_all(bytes).map(|()| std::mem::take(decoder.get_mut()))
            }
            Self::Zlib(decoder) => decoder.write_all(bytes).map(|()| std::mem::take(decoder.get_mut())),
            Self::Raw(decoder) => decoder.write_all(bytes).map(|()| std::mem::take(decoder.get_mut())),
            Self::Deflate(_) => Ok(Vec::new()),
        }
        .map_err(|error| broken(&error))
    }

    fn finish(&mut self) -> Result<Vec<u8>, BrokenCoding> {
        match self {
            Self::Gzip(_, false) => Ok(Vec::new()),
            Self::Gzip(decoder, true) => decoder.try_finish().map(|()| std::mem::take(decoder.get_mut())),
            Self::Zlib(decoder) => decoder.try_finish().map(|()| std::mem::take(decoder.get_mut())),
            Self::Raw(decoder) => decoder.try_finish().map(|()| std::mem::take(decoder.get_mut())),
            Self::Deflate(begun) if begun.is_empty() => Ok(Vec::new()),
            Self::Deflate(_) => return Err(BrokenCoding(CUT)),
        }
        // all input was valid so far, so only the end can be missing
        .map_err(|_| BrokenCoding(CUT))
    }
}

/// The first byte of gzip data (RFC 1952).
const GZIP: u8 = 0x1f;
const OTHER: &str = "is not compressed as its Content-Encoding says";
const CUT: &str = "ends in the middle of its compressed data";

fn broken(error: &io::Error) -> BrokenCoding {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero => BrokenCoding(CUT),
        _ => BrokenCoding(OTHER),
    }
}

/// Decompresses a whole body. Returns `None` if the result would exceed `most` bytes.
///
/// # Errors
/// Those of [`Unpacker::push`] and [`Unpacker::finish`].
pub fn unpack(mut unpacker: Unpacker, body: &[u8], most: usize) -> Result<Option<Vec<u8>>, BrokenCoding> {
    let mut whole = Vec::new();
    let mut take = |piece: &[u8]| {
        if whole.len() + piece.len() > most {
            return Err(());
        }
        whole.extend_from_slice(piece);
        Ok(())
    };
    let done = unpacker.push(body, &mut take).and_then(|()| unpacker.finish(&mut take));
    match done {
        Ok(()) => Ok(Some(whole)),
        Err(UnpackFailure::Taker(())) => Ok(None),
        Err(UnpackFailure::Broken(broken)) => Err(broken),
    }
}
