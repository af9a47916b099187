//! Media types (RFC 9110, section 8.3): what a body contains, according to its sender.
use super::header_text;
use encoding_rs::Encoding;
use hyper::header::{CONTENT_TYPE, HeaderMap};

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// One JSON document.
    Json,
    /// A JSON document on each line.
    Lines,
    Form,
    Multipart,
    /// Text if the bytes can be decoded.
    Text,
    /// Never text: images, audio, archives.
    Binary,
    /// The sender named no type.
    Untyped,
}

/// A media type, with the parameters that matter here.
#[derive(Clone, Debug, Default)]
pub struct Media {
    /// Such as `text/csv`, in lower case; empty without a content type.
    essence: String,
    charset: Option<String>,
    boundary: Option<String>,
}

/// Parts of the names of JSON Lines types. Only `json-seq` is registered, but services use all of them.
const LINES: [&str; 6] = ["ndjson", "jsonl", "json-lines", "json-seq", "stream+json", "json-stream"];
const BINARY: [&str; 8] = [
    "application/zip",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
    "application/x-7z-compressed",
    "application/x-bzip2",
    "application/pdf",
    "application/wasm",
];

impl Media {
    /// Returns the media type of a body with these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        headers.get(CONTENT_TYPE).map(|value| Self::parse(&header_text(value.as_bytes()))).unwrap_or_default()
    }

    /// Parses `text/csv; charset="utf-8"`. Ignores what it does not understand.
    pub fn parse(text: &str) -> Self {
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut media = Self { essence, ..Self::default() };
        for (name, value) in parameters(text) {
            match name.as_str() {
                "charset" => media.charset = media.charset.or(Some(value)),
                "boundary" => media.boundary = media.boundary.or(Some(value)),
                _ => {}
            }
        }
        media
    }

    pub fn essence(&self) -> &str {
        &self.essence
    }

    pub fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    /// Returns the encoding that the `charset` parameter names; `None` if it is absent or unknown.
    pub fn encoding(&self) -> Option<&'static Encoding> {
        Encoding::for_label(self.charset.as_deref()?.trim().as_bytes())
    }

    /// Returns the name of the text's encoding, for messages.
    pub fn charset(&self) -> &str {
        self.encoding().map_or("UTF-8", Encoding::name)
    }

    pub fn kind(&self) -> MediaKind {
        let essence = self.essence.as_str();
        if essence.is_empty() {
            MediaKind::Untyped
        } else if LINES.iter().any(|name| essence.contains(name)) {
            MediaKind::Lines
        } else if essence.contains("json") {
            MediaKind::Json
        } else if essence == "application/x-www-form-urlencoded" {
            MediaKind::Form
        } else if essence == "multipart/form-data" {
            MediaKind::Multipart
        } else if self.is_binary() {
            MediaKind::Binary
        } else {
            MediaKind::Text
        }
    }

    fn is_binary(&self) -> bool {
        let family = self.essence.split('/').next().unwrap_or_default();
        let is_drawn_in_text = self.is_xml();
        BINARY.contains(&self.essence.as_str())
            || (matches!(family, "image" | "audio" | "video" | "font") && !is_drawn_in_text)
    }

    pub fn is_xml(&self) -> bool {
        matches!(self.essence.as_str(), "application/xml" | "text/xml") || self.essence.ends_with("+xml")
    }

    pub fn is_html(&self) -> bool {
        self.essence == "text/html"
    }
}

/// Yields the parameters of a header such as `text/csv; charset="utf-8"`: names in lower case, values without quotes.
pub(super) fn parameters(text: &str) -> impl Iterator<Item = (String, String)> {
    split(text).into_iter().skip(1).filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
    })
}

/// Splits at semicolons, except inside quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut from) = (false, false, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.trim_matches('\'').to_owned();
    };
    // browsers and curl escape nothing else: other backslashes belong to a path
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}
