//! What an answer says: its data, the part of it that is wanted, or the server's own words for a refusal.
use super::Answer;
use crate::{
    Error, Result,
    connect::secrets::Scrubber,
    error::DatasourceProblem,
    json::{self, Part, Room},
    script::template::{Segment, follow_path, parse_path},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use encoding_rs::{Encoding, UTF_8};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::{Map, Value};

/// How much of a server's message is shown, in characters.
const MESSAGE: usize = 500;
/// How long a refusal may be that is looked into.
const REFUSAL: usize = 64 << 10;
const ROOT: &str = "body";
/// Where services put the message in a refusal.
const MESSAGES: [&str; 10] = [
    "error.message",
    "error.reason",
    "error_description",
    "message",
    "errorMessages[0]",
    "errors[0].message",
    "errors[0].detail",
    "detail",
    "error",
    "title",
];

impl Answer {
    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// # Errors
    /// `Datasource` when the body was longer than the limit.
    pub fn check_whole(&self) -> Result<()> {
        let too_large =
            || Error::datasource(format!("the answer is larger than {} bytes: ask for less of it", self.limit));
        if self.whole { Ok(()) } else { Err(too_large()) }
    }

    /// Takes the body: JSON where it is JSON, text where it is text, anything else as base64; null when there is none.
    /// Of JSON, no more than `part` wants. What the value takes is counted in `room`.
    pub async fn value(&mut self, room: Room, part: Option<Part>) -> Result<Value> {
        if self.is_json() {
            return self.json(room, part).await;
        }
        self.check_whole()?;
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        Ok(match String::from_utf8(std::mem::take(&mut self.body)) {
            // the bytes stay where they are
            Ok(text) => {
                if let Some(counted) = self.counted.take() {
                    counted.keep();
                }
                text.into()
            }
            Err(bytes) => {
                if let Some(hold) = &room.hold {
                    hold.grow(bytes.as_bytes().len() / 3 * 4 + 4)?;
                }
                let text = BASE64.encode(bytes.as_bytes());
                self.counted = None;
                text.into()
            }
        })
    }

    /// Takes the body as JSON, whatever its type; null when there is none.
    pub async fn json(&mut self, room: Room, part: Option<Part>) -> Result<Value> {
        self.check_whole()?;
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        let value = json::parse_long(std::mem::take(&mut self.body), room, part).await;
        self.counted = None;
        value.map_err(|refused| refused.told(|why| Error::datasource(format!("the answer {why}"))))
    }

    /// The JSON of an answer that is not of success, if it is small.
    pub fn said(&self) -> Option<Value> {
        let small = self.body.len() <= REFUSAL;
        small.then(|| json::parse(&self.body, &Room::of(16 * REFUSAL)).ok()).flatten()
    }

    /// The body as text, in the encoding that the server says; UTF-8 when it says none.
    pub fn text(&self) -> String {
        let kind = self.header(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        let charset = kind.split_once("charset=").map(|(_, rest)| rest.split(';').next().unwrap_or_default());
        let encoding = charset.and_then(|name| Encoding::for_label(name.trim_matches(['"', ' ']).as_bytes()));
        encoding.unwrap_or(UTF_8).decode(&self.body).0.into_owned()
    }

    /// Takes what must not be repeated out of a refusal: the secrets, and the credentials that were `sent`. It goes
    /// before anything cuts it: half a secret would not be found.
    pub fn scrub(&mut self, secrets: &Scrubber, sent: &HeaderMap) {
        // nothing near this end is shown
        self.body.truncate(4 * REFUSAL);
        let clean = secrets.clean(&String::from_utf8_lossy(&self.body));
        self.body = Scrubber::new(sensitive(sent)).clean(&clean).into_bytes();
    }

    fn is_json(&self) -> bool {
        let kind = self.header(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        kind.contains("json") || (kind.is_empty() && matches!(first, Some(b'{' | b'[')))
    }

    /// Status and headers, for a request that has no other answer. Cookies are nobody's data.
    pub fn head(&self) -> Value {
        let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned().into())
        };
        let shown = self.headers.iter().filter(|(name, _)| name.as_str() != "set-cookie");
        let headers: Map<String, Value> = shown.map(text).collect();
        serde_json::json!({"status": self.status.as_u16(), "headers": headers})
    }

    /// The error of an answer that is none of success.
    pub fn refusal(&self) -> Error {
        let told = self.said().filter(|_| self.is_json()).map(Document::new).and_then(|document| {
            MESSAGES.iter().find_map(|path| document.at(path).ok().flatten().filter(Value::is_string))
        });
        let text = match told.as_ref().and_then(Value::as_str) {
            Some(told) => told.to_owned(),
            None => String::from_utf8_lossy(&self.body[..self.body.len().min(4 * MESSAGE)]).into_owned(),
        };
        let text: String = text.trim().chars().take(MESSAGE).collect();
        let separator = if text.is_empty() { "" } else { ": " };
        let status = self.status;
        Error::Datasource(Box::new(DatasourceProblem {
            message: format!("the server answered {status}{separator}{text}"),
            code: Some(status.as_str().to_owned()),
            hint: hint(status, &self.headers),
            transient: status.is_server_error()
                || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT),
            ..DatasourceProblem::default()
        }))
    }
}

/// The credentials in a request's headers, without the word for their kind.
fn sensitive(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    values.map(|value| value.split_once(' ').map_or(value, |(_, rest)| rest))
}

fn hint(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let seconds = || headers.get("retry-after")?.to_str().ok()?.trim().parse::<u32>().ok();
    match status {
        StatusCode::UNAUTHORIZED => Some("check the credentials".to_owned()),
        StatusCode::FORBIDDEN => Some("check what these credentials may do".to_owned()),
        StatusCode::TOO_MANY_REQUESTS => seconds().map(|seconds| format!("try again after {seconds} seconds")),
        _ => None,
    }
}

/// An answer's JSON, of which parts are wanted.
#[derive(Clone)]
pub struct Document(Map<String, Value>);

impl Document {
    pub fn new(value: Value) -> Self {
        Self(Map::from_iter([(ROOT.to_owned(), value)]))
    }

    /// Whether there is nothing in it.
    pub fn is_null(&self) -> bool {
        self.0.get(ROOT).is_none_or(Value::is_null)
    }

    /// What `path` (`data.items[0]`) leads to; none when there is nothing. An empty path is the whole.
    ///
    /// # Errors
    /// When the text is no path.
    pub fn at(&self, path: &str) -> Result<Option<Value>, &'static str> {
        Ok(follow_path(&segments(path)?, &self.0).and_then(Result::ok))
    }

    /// The same without a copy; the rest of the document is lost.
    pub fn take(mut self, path: &str) -> Result<Option<Value>, &'static str> {
        let path = segments(path)?;
        let mut here = self.0.get_mut(ROOT);
        for segment in &path[1..] {
            here = match (here, segment) {
                (Some(Value::Object(fields)), segment) => fields.get_mut(&*segment.name()),
                (Some(Value::Array(items)), Segment::Index(index)) => items.get_mut(*index),
                _ => None,
            };
        }
        match here {
            Some(found) => Ok(Some(found.take())),
            // a length, or what is not there
            None => Ok(follow_path(&path, &self.0).and_then(Result::ok)),
        }
    }
}

fn segments(path: &str) -> Result<Vec<Segment>, &'static str> {
    let path = path.trim();
    let rooted = match path.chars().next() {
        None => ROOT.to_owned(),
        Some('[') => format!("{ROOT}{path}"),
        Some(_) => format!("{ROOT}.{path}"),
    };
    parse_path(&rooted).ok_or("must be a path such as data.items")
}

/// The fields that a path names; none when it names an item of a list, or is not a path.
pub fn fields(path: &str) -> Option<Vec<String>> {
    let named = |segment: &Segment| match segment {
        Segment::Key(name) => Some(name.clone()),
        Segment::Index(_) => None,
    };
    segments(path).ok()?[1..].iter().map(named).collect()
}
