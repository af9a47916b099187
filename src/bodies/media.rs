//! Media types (RFC 9110, section 8.3): what a body is, by what its sender calls it.
use super::header_text;
use encoding_rs::Encoding;
use hyper::header::{CONTENT_TYPE, HeaderMap};

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One JSON document.
    Json,
    /// A JSON document on each line.
    Lines,
    Form,
    Multipart,
    /// Text if its bytes are.
    Text,
    /// Never text: pictures, sound, archives.
    Binary,
    /// Nobody says what it is.
    Untyped,
}

/// A media type, with what of it matters.
#[derive(Clone, Debug, Default)]
pub struct Media {
    /// Such as `text/csv`, in lower case; empty when there is none.
    essence: String,
    charset: Option<String>,
    boundary: Option<String>,
}

/// What the types of JSON lines have in their names: none is registered but for `json-seq`, and services write all of them.
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
    /// That of a body with these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        headers.get(CONTENT_TYPE).map(|value| Self::parse(&header_text(value.as_bytes()))).unwrap_or_default()
    }

    /// Reads `text/csv; charset="utf-8"`; what is not understood is passed over.
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

    /// The encoding that the type names.
    pub fn encoding(&self) -> Option<&'static Encoding> {
        Encoding::for_label(self.charset.as_deref()?.trim().as_bytes())
    }

    /// What its text is written in, for messages.
    pub fn charset(&self) -> &str {
        self.encoding().map_or("UTF-8", Encoding::name)
    }

    pub fn kind(&self) -> Kind {
        let essence = self.essence.as_str();
        if essence.is_empty() {
            Kind::Untyped
        } else if LINES.iter().any(|name| essence.contains(name)) {
            Kind::Lines
        } else if essence.contains("json") {
            Kind::Json
        } else if essence == "application/x-www-form-urlencoded" {
            Kind::Form
        } else if essence == "multipart/form-data" {
            Kind::Multipart
        } else if self.is_binary() {
            Kind::Binary
        } else {
            Kind::Text
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

/// The parameters of a header such as `text/csv; charset="utf-8"`: their names in lower case, their values without quotes.
pub(super) fn parameters(text: &str) -> impl Iterator<Item = (String, String)> {
    split(text).into_iter().skip(1).filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
    })
}

/// The parts between semicolons; those inside quotes separate nothing.
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
    // other backslashes are those of a path: browsers and curl escape nothing else
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}
