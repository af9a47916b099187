//! HTTP bodies as services and senders write them, read in one place: decompressed, decoded, and interpreted by type.
//! Responses to connectors and steps, webhook calls and uploads all come through here; [`docs/http.md`] lists the
//! rules.
//!
//! [`docs/http.md`]: ../../docs/http.md
mod charset;
mod coding;
pub mod form;
mod lines;
mod media;
mod mend;
mod parts;

use crate::json::{self, JsonRefusal, Room, TruncatedArray};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hyper::header::{HeaderMap, HeaderName};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt::Write};

pub use charset::{decode, lossy};
pub use coding::{BrokenCoding, UnknownCoding, UnpackFailure, Unpacker, unpack};
pub use media::{Media, MediaKind};
pub use mend::mended;
pub use parts::{FormEvent, FormParser, PartHead};

/// Precedes the base64 in a value that holds bytes (RFC 2397): `data:image/png;base64,`.
const MARK: &str = ";base64,";

/// A body, interpreted by its type.
#[derive(Debug)]
pub enum BodyContent {
    /// Nothing, or only white space where JSON was expected.
    Empty,
    Value(Value),
    Text(String),
    /// Not text, or declared as a binary type.
    Bytes(Vec<u8>),
}

/// A body, interpreted by its type, with JSON as unparsed text.
#[derive(Debug)]
pub enum RawContent {
    Empty,
    /// One document, which may still be invalid JSON. JSON Lines are joined into one array.
    Json(String),
    /// A URL-encoded form.
    Form(Map<String, Value>),
    Text(String),
    Bytes(Vec<u8>),
}

/// Interprets `body` by its type, without parsing JSON.
///
/// # Errors
/// `Wrong` for JSON that cannot be decoded as text, and for JSON Lines with an invalid line.
pub fn raw(media: &Media, body: Vec<u8>) -> Result<RawContent, JsonRefusal> {
    if body.is_empty() {
        return Ok(RawContent::Empty);
    }
    match media.kind() {
        MediaKind::Json => json_text(media, body, false),
        MediaKind::Lines => json_text(media, body, true),
        MediaKind::Form => Ok(RawContent::Form(form::fields(&body, media.encoding()))),
        MediaKind::Binary | MediaKind::Multipart => Ok(RawContent::Bytes(body)),
        MediaKind::Text => Ok(decode(media, body).map_or_else(RawContent::Bytes, RawContent::Text)),
        MediaKind::Untyped => match decode(media, body) {
            Ok(text) if looks_like_json(&text) => Ok(RawContent::Json(text)),
            Ok(text) => Ok(RawContent::Text(text)),
            Err(bytes) => Ok(RawContent::Bytes(bytes)),
        },
    }
}

/// Reads the body as JSON, whatever its type is.
///
/// # Errors
/// As [`raw`].
pub fn json_text(media: &Media, body: Vec<u8>, is_lines: bool) -> Result<RawContent, JsonRefusal> {
    let text = decode(media, body).map_err(|bytes| {
        let valid = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        JsonRefusal::Wrong(format!("is not valid JSON: byte {} is not valid {}", valid + 1, media.charset()))
    })?;
    if text.trim_ascii().is_empty() {
        return Ok(RawContent::Empty);
    }
    let text = match mended(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(mended) => mended,
    };
    if is_lines || lines::is_several(&text) {
        lines::array(&text).map(RawContent::Json)
    } else {
        Ok(RawContent::Json(text))
    }
}

/// Reads `body` by its type; of JSON, no more than `part`. The memory for values is counted in `room`.
///
/// # Errors
/// If JSON is not valid, or the values do not fit into `room`.
pub async fn read(
    media: Media,
    body: Vec<u8>,
    room: Room,
    part: Option<TruncatedArray>,
) -> Result<BodyContent, JsonRefusal> {
    json::long_work(body.len(), move || {
        let raw = raw(&media, body)?;
        value(raw, &room, part.as_ref())
    })
    .await
    .map_err(JsonRefusal::Full)?
}

/// Reads like [`read`], but always as JSON.
///
/// # Errors
/// As [`read`].
pub async fn read_json(
    media: Media,
    body: Vec<u8>,
    room: Room,
    part: Option<TruncatedArray>,
) -> Result<BodyContent, JsonRefusal> {
    json::long_work(body.len(), move || {
        let raw = json_text(&media, body, media.kind() == MediaKind::Lines)?;
        value(raw, &room, part.as_ref())
    })
    .await
    .map_err(JsonRefusal::Full)?
}

fn value(raw: RawContent, room: &Room, part: Option<&TruncatedArray>) -> Result<BodyContent, JsonRefusal> {
    Ok(match raw {
        RawContent::Empty => BodyContent::Empty,
        RawContent::Json(text) => BodyContent::Value(match part {
            Some(part) => json::parse_part(text.as_bytes(), room, part)?,
            None => json::parse(text.as_bytes(), room)?,
        }),
        RawContent::Form(fields) => {
            let fields = Value::Object(fields);
            if let Some(hold) = &room.hold {
                hold.grow(json::cost(&fields)).map_err(JsonRefusal::Full)?;
            }
            BodyContent::Value(fields)
        }
        RawContent::Text(text) => BodyContent::Text(text),
        RawContent::Bytes(bytes) => BodyContent::Bytes(bytes),
    })
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(&mended(text)).is_ok()
}

/// Encodes bytes as a data URL: `data:image/png;base64,iVBORw…`.
pub fn marked(media: &Media, bytes: &[u8]) -> String {
    let kind = if media.essence().is_empty() { "application/octet-stream" } else { media.essence() };
    let mut text = String::with_capacity(kind.len() + 16 + bytes.len().div_ceil(3) * 4);
    let _ = write!(text, "data:{kind}{MARK}");
    BASE64.encode_string(bytes, &mut text);
    text
}

/// Returns the base64 of a text, without the prefix that [`marked`] adds.
pub fn unmarked(text: &str) -> &str {
    let rest = text.strip_prefix("data:").and_then(|rest| rest.split_once(MARK));
    rest.filter(|(kind, _)| !kind.contains(',')).map_or(text, |(_, rest)| rest)
}

/// Returns headers as an object of texts. Repeated headers are joined with commas (RFC 9110, section 5.3).
pub fn headers(headers: &HeaderMap, is_left_out: impl Fn(&HeaderName) -> bool) -> Map<String, Value> {
    let joined = |name: &HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().map(|value| header_text(value.as_bytes())).collect();
        (name.as_str().to_owned(), values.join(", ").into())
    };
    headers.keys().filter(|name| !is_left_out(name)).map(joined).collect()
}

/// Decodes a header's value as UTF-8, or else as ISO 8859-1, which HTTP used in the past.
pub fn header_text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => text.into(),
        Err(_) => value.iter().map(|&byte| char::from(byte)).collect::<String>().into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
