//! Decodes bytes to text. The encoding comes from a byte-order mark, the media type or the document itself.
use super::Media;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes of a document are searched for its encoding declaration.
const DECLARED: usize = 1024;

/// Decodes a body to text without its byte-order mark. The encoding comes from, in this order: a byte-order mark, the
/// type's `charset`, the declaration in an XML or HTML document, UTF-16 if every other byte of JSON is zero, UTF-8.
///
/// # Errors
/// The body itself, if it is not text in that encoding.
pub fn decode(media: &Media, mut body: Vec<u8>) -> Result<String, Vec<u8>> {
    let (encoding, mark) = encoding(media, &body);
    if encoding == UTF_8 {
        body.drain(..mark);
        return match String::from_utf8(body) {
            // a NUL byte means that the data is binary
            Ok(text) if media.essence() == "application/octet-stream" && text.contains('\0') => Err(text.into_bytes()),
            Ok(text) => Ok(text),
            Err(error) => Err(error.into_bytes()),
        };
    }
    let text =
        encoding.decode_without_bom_handling_and_without_replacement(&body[mark..]).map(|text| text.into_owned());
    text.ok_or(body)
}

/// Decodes like [`decode`], with U+FFFD for invalid sequences.
pub fn lossy(media: &Media, body: &[u8]) -> String {
    let (encoding, mark) = encoding(media, body);
    encoding.decode_without_bom_handling(&body[mark..]).0.into_owned()
}

/// Returns the encoding, and the length of the byte-order mark.
fn encoding(media: &Media, body: &[u8]) -> (&'static Encoding, usize) {
    if let Some(found) = Encoding::for_bom(body) {
        return found;
    }
    let declared = || {
        let head = &body[..body.len().min(DECLARED)];
        if media.is_xml() || (media.essence().is_empty() && head.starts_with(b"<?xml")) {
            declared(head, b"<?xml", b"encoding")
        } else if media.is_html() {
            declared(head, b"<meta", b"charset")
        } else {
            None
        }
    };
    let wide = || match body {
        [0, second, ..] if *second != 0 => Some(UTF_16BE),
        [first, 0, ..] if *first != 0 => Some(UTF_16LE),
        _ => None,
    };
    let is_json = matches!(media.kind(), super::MediaKind::Json | super::MediaKind::Lines);
    let named = media.encoding().or_else(declared).or_else(|| wide().filter(|_| is_json));
    (named.unwrap_or(UTF_8), 0)
}

/// Returns the encoding that is assigned to `name` after `start`: `<?xml version="1.0" encoding="ISO-8859-1"?>`, `<meta
/// charset=utf-8>`, `<meta … content="text/html; charset=utf-8">`.
fn declared(head: &[u8], start: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    let from = memchr::memmem::find(&lower, start)?;
    let rest = &lower[from..];
    let rest = &rest[memchr::memmem::find(rest, name)? + name.len()..];
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| b"\"'; >/?".contains(byte)).unwrap_or(rest.len());
    let found = Encoding::for_label(&rest[..end])?;
    // a declaration that can be read as ASCII is not in UTF-16
    Some(if found == UTF_16BE || found == UTF_16LE { UTF_8 } else { found })
}
