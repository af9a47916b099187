//! `multipart/form-data`, read in pieces (RFC 7578, RFC 2046): only what may be the start of a boundary is held back.
use super::{BrokenCoding, Media, UnpackFailure, media::parameters};

/// The maximum length of a part's head, in bytes.
const HEAD: usize = 16 << 10;
const LONGEST_BOUNDARY: usize = 200;

/// The headers of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartHead {
    pub name: String,
    /// The file name; `None` for a plain field.
    pub file_name: Option<String>,
    /// Its media type.
    pub kind: Option<String>,
}

/// The next element of a form.
#[derive(Debug, PartialEq, Eq)]
pub enum FormEvent<'a> {
    /// A part begins.
    Head(PartHead),
    /// A piece of the part's data.
    Data(&'a [u8]),
}

/// A streaming parser for multipart forms.
pub struct FormParser {
    /// Precedes each part. Before the first one, the line break may be missing.
    delimiter: Vec<u8>,
    state: State,
    /// Bytes that were received, but not passed on yet.
    kept: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Before the first part.
    Preamble,
    /// Right after a boundary.
    Boundary,
    Head,
    Data,
    /// After the last boundary; the rest is ignored.
    End,
}

impl FormParser {
    /// Creates a parser for forms of this type.
    ///
    /// # Errors
    /// If the type has no boundary, or one that is too long.
    pub fn new(media: &Media) -> Result<Self, BrokenCoding> {
        let boundary = media.boundary().filter(|boundary| !boundary.is_empty() && boundary.len() <= LONGEST_BOUNDARY);
        let boundary = boundary.ok_or(BrokenCoding("has no boundary in its Content-Type"))?;
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Ok(Self { delimiter, state: State::Preamble, kept: b"\r\n".to_vec() })
    }

    /// Parses the next piece and passes each element to `take`.
    ///
    /// # Errors
    /// Those of `take`, and `BrokenCoding` if the form is not valid.
    pub fn push<E>(
        &mut self,
        piece: &[u8],
        take: &mut dyn FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<(), UnpackFailure<E>> {
        self.kept.extend_from_slice(piece);
        let kept = std::mem::take(&mut self.kept);
        let mut rest = kept.as_slice();
        while let Some(read) = self.step(rest, take)? {
            rest = &rest[read..];
        }
        self.kept = rest.to_vec();
        Ok(())
    }

    /// Checks that the form is complete.
    ///
    /// # Errors
    /// If the last boundary is missing.
    pub fn finish(self) -> Result<(), BrokenCoding> {
        if self.state == State::End {
            Ok(())
        } else {
            Err(BrokenCoding("is an incomplete form: its last boundary is missing"))
        }
    }

    /// Parses one element. Returns how many bytes of `rest` it read; `None` if more data is required.
    fn step<E>(
        &mut self,
        rest: &[u8],
        take: &mut dyn FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<Option<usize>, UnpackFailure<E>> {
        let read = match self.state {
            State::End if rest.is_empty() => return Ok(None),
            State::End => rest.len(),
            State::Preamble | State::Data => {
                let found = memchr::memmem::find(rest, &self.delimiter);
                let data = found.unwrap_or_else(|| rest.len().saturating_sub(self.delimiter.len() - 1));
                if self.state == State::Data && data > 0 {
                    take(FormEvent::Data(&rest[..data])).map_err(UnpackFailure::Taker)?;
                }
                match found {
                    Some(at) => {
                        self.state = State::Boundary;
                        at + self.delimiter.len()
                    }
                    None if data == 0 => return Ok(None),
                    None => data,
                }
            }
            State::Boundary if rest.starts_with(b"--") => {
                self.state = State::End;
                2
            }
            State::Boundary => {
                let Some(end) = memchr::memmem::find(rest, b"\r\n") else {
                    return if rest.len() > HEAD { Err(broken()) } else { Ok(None) };
                };
                if !rest[..end].iter().all(|byte| b" \t".contains(byte)) {
                    return Err(broken());
                }
                self.state = State::Head;
                end
            }
            State::Head => {
                // the line break of the boundary's line is still there, so that an empty head ends with two, too
                let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n") else {
                    return if rest.len() > HEAD { Err(broken()) } else { Ok(None) };
                };
                take(FormEvent::Head(head(&rest[..end]))).map_err(UnpackFailure::Taker)?;
                self.state = State::Data;
                end + 4
            }
        };
        Ok(Some(read))
    }
}

fn broken<E>() -> UnpackFailure<E> {
    UnpackFailure::Broken(BrokenCoding("is not a valid multipart form"))
}

fn head(lines: &[u8]) -> PartHead {
    let text = super::header_text(lines);
    let mut head = PartHead::default();
    for line in text.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.trim().eq_ignore_ascii_case("content-type") {
            head.kind = Some(value.trim().to_owned());
        } else if name.trim().eq_ignore_ascii_case("content-disposition") {
            for (name, value) in parameters(value) {
                match name.as_str() {
                    "name" => head.name = value,
                    "filename" => head.file_name = head.file_name.or(Some(value)),
                    "filename*" => head.file_name = extended(&value).or(head.file_name),
                    _ => {}
                }
            }
        }
    }
    head
}

/// Decodes an extended value (RFC 8187), of which only UTF-8 is in use.
fn extended(value: &str) -> Option<String> {
    let mut pieces = value.splitn(3, '\'');
    let (charset, _, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let (text, _) = super::form::pairs(text.replace('+', "%2B").as_bytes()).next()?;
    charset.eq_ignore_ascii_case("utf-8").then(|| String::from_utf8(text).ok()).flatten()
}
