//! The content of a response: its data, the requested part of it, or the server's error message.
use super::{HttpResponse, later};
use crate::{
    Error, Result,
    bodies::{self, BodyContent, Media, MediaKind, RawContent},
    budget::HoldPortion,
    clock::Time,
    connect::secrets::Scrubber,
    error::DatasourceProblem,
    json::{self, JsonRefusal, Room, TruncatedArray},
    script::template::{Segment, follow_path, parse_path},
};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, SET_COOKIE},
};
use serde_json::{Map, Value};
use std::time::Duration;

/// How much of a server's message is shown, in characters.
const MESSAGE: usize = 500;
/// The maximum length of an error response that is examined, in bytes.
const REFUSAL: usize = 64 << 10;
const ROOT: &str = "body";
/// Where services put the message of an error.
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

impl HttpResponse {
    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| str::from_utf8(value.as_bytes()).ok())
    }

    /// Checks that the body was read in full, and can be decompressed.
    ///
    /// # Errors
    /// `Datasource` if the body was longer than the limit, or its compression is not supported.
    pub fn check_whole(&self) -> Result<()> {
        if let Some(coding) = &self.packed {
            return Err(Error::Datasource(Box::new(DatasourceProblem {
                message: format!("the response is compressed as `{coding}`, which is not supported"),
                hint: Some("request gzip, deflate or identity in the `Accept-Encoding` header".to_owned()),
                ..DatasourceProblem::default()
            })));
        }
        let too_large =
            || Error::datasource(format!("the response is larger than {} bytes: request less data", self.limit));
        if self.whole { Ok(()) } else { Err(too_large()) }
    }

    /// Returns the media type that the server declares for the body.
    pub fn media(&self) -> Media {
        Media::of(&self.headers)
    }

    /// Takes the body: JSON and forms as values, text as text, an empty body as null, and anything else as a data URL,
    /// `data:image/png;base64,…`. Of JSON, it takes no more than `part`. The memory for the value is counted in `room`.
    pub async fn value(&mut self, room: Room, part: Option<TruncatedArray>) -> Result<Value> {
        let hold = room.hold.clone();
        Ok(match self.content(room, part).await? {
            BodyContent::Empty => Value::Null,
            BodyContent::Value(value) => value,
            BodyContent::Text(text) => text.into(),
            BodyContent::Bytes(bytes) => {
                if let Some(hold) = hold {
                    hold.grow(bytes.len() / 3 * 4 + 64)?;
                }
                bodies::marked(&self.media(), &bytes).into()
            }
        })
    }

    /// Takes the body, interpreted by its type.
    pub async fn content(&mut self, room: Room, part: Option<TruncatedArray>) -> Result<BodyContent> {
        self.check_whole()?;
        let (media, body) = (self.media(), std::mem::take(&mut self.body));
        let (length, hold) = (body.len(), room.hold.clone());
        let read = if media.kind() == MediaKind::Multipart {
            let form = bodies::form::parts(&body, &media).map(Value::Object);
            form.map(BodyContent::Value).map_err(JsonRefusal::Wrong)
        } else {
            bodies::read(media, body, room, part).await
        };
        let content = read.map_err(wrong)?;
        let counted = self.counted.take();
        if let BodyContent::Text(text) = &content {
            // the text reuses the bytes of the body, which stay counted in the hold
            counted.into_iter().for_each(HoldPortion::keep);
            hold.map_or(Ok(()), |hold| hold.grow(text.len().saturating_sub(length)))?;
        }
        Ok(content)
    }

    /// Takes the body as JSON, whatever its type is; null if it is empty.
    pub async fn json(&mut self, room: Room, part: Option<TruncatedArray>) -> Result<Value> {
        self.check_whole()?;
        let content = bodies::read_json(self.media(), std::mem::take(&mut self.body), room, part).await;
        self.counted = None;
        Ok(match content.map_err(wrong)? {
            BodyContent::Value(value) => value,
            _ => Value::Null,
        })
    }

    /// Returns the values of a small response that is JSON, JSON Lines or a form, whatever its status is.
    pub fn values_if_small(&self) -> Option<Value> {
        if self.body.len() > REFUSAL || self.packed.is_some() {
            return None;
        }
        let media = self.media();
        let form = || Some(Value::Object(bodies::form::fields(&self.body, media.encoding())));
        match media.kind() {
            MediaKind::Form => form(),
            kind => match bodies::json_text(&media, self.body.clone(), kind == MediaKind::Lines).ok()? {
                RawContent::Json(text) => json::parse(text.as_bytes(), &Room::of(16 * REFUSAL)).ok(),
                _ => None,
            },
        }
    }

    /// Returns the body as text, in the encoding that the server declares, or in UTF-8.
    pub fn text(&self) -> String {
        bodies::lossy(&self.media(), &self.body)
    }

    /// Removes the secrets, and the credentials that were `sent`, from an error response. This must happen before
    /// anything truncates it: half a secret would not be found.
    pub fn scrub(&mut self, secrets: &Scrubber, sent: &HeaderMap) {
        // nothing beyond this length is shown
        self.body.truncate(4 * REFUSAL);
        let clean = secrets.clean(&self.text());
        self.body = Scrubber::new(sensitive(sent)).clean(&clean).into_bytes();
        let kind = HeaderValue::try_from(format!("{}; charset=utf-8", self.media().essence()));
        if let (Ok(kind), true) = (kind, self.headers.contains_key(CONTENT_TYPE)) {
            self.headers.insert(CONTENT_TYPE, kind);
        }
    }

    /// Returns status and headers, for requests that have no other result. Cookies are left out, because they are not
    /// data.
    pub fn head(&self) -> Value {
        let headers = bodies::headers(&self.headers, |name| *name == SET_COOKIE);
        serde_json::json!({"status": self.status.as_u16(), "headers": headers})
    }

    /// Returns how long the server asks the client to wait, if it does so in a temporary error, a 403 or a redirect
    /// that is not followed.
    pub fn retry_after(&self) -> Option<Duration> {
        let status = self.status;
        let asks = is_transient(status) || status.is_redirection() || status == StatusCode::FORBIDDEN;
        later::asked(&self.headers, Time::now()).filter(|_| asks)
    }

    /// Turns a non-2xx response into an error.
    pub fn refusal(&self) -> Error {
        let may_have_message = matches!(self.media().kind(), MediaKind::Json | MediaKind::Untyped | MediaKind::Form);
        let message = self.values_if_small().filter(|_| may_have_message).map(Document::new).and_then(|document| {
            MESSAGES.iter().find_map(|path| document.at(path).ok().flatten().filter(Value::is_string))
        });
        let text = match message.as_ref().and_then(Value::as_str) {
            Some(message) => message.to_owned(),
            None if self.packed.is_some() => String::new(),
            None => bodies::lossy(&self.media(), &self.body[..self.body.len().min(4 * MESSAGE)]),
        };
        let text: String = text.trim().chars().take(MESSAGE).collect();
        let separator = if text.is_empty() { "" } else { ": " };
        let status = self.status;
        Error::Datasource(Box::new(DatasourceProblem {
            message: format!("the server answered {status}{separator}{text}"),
            code: Some(status.as_str().to_owned()),
            hint: hint(status, self.retry_after()),
            transient: is_transient(status) || self.retry_after().is_some(),
            retry_after: self.retry_after(),
            ..DatasourceProblem::default()
        }))
    }
}

/// Whether an error with this status may be temporary.
pub fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// Yields the credentials in a request's headers, without their scheme.
fn sensitive(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    values.map(|value| value.split_once(' ').map_or(value, |(_, rest)| rest))
}

fn hint(status: StatusCode, later: Option<Duration>) -> Option<String> {
    match status {
        _ if later.is_some() => later.map(later::hint),
        StatusCode::UNAUTHORIZED => Some("check the credentials".to_owned()),
        StatusCode::FORBIDDEN => Some("check the permissions of these credentials".to_owned()),
        _ => None,
    }
}

fn wrong(refused: JsonRefusal) -> Error {
    refused.into_error(|why| Error::datasource(format!("the response {why}")))
}

/// The JSON of a response, from which parts are taken.
#[derive(Clone)]
pub struct Document(Map<String, Value>);

impl Document {
    pub fn new(value: Value) -> Self {
        Self(Map::from_iter([(ROOT.to_owned(), value)]))
    }

    /// Whether the whole document is null.
    pub fn is_null(&self) -> bool {
        self.0.get(ROOT).is_none_or(Value::is_null)
    }

    /// Returns what `path` (`data.items[0]`) leads to; `None` if there is nothing. An empty path is the whole document.
    ///
    /// # Errors
    /// If the text is not a path.
    pub fn at(&self, path: &str) -> Result<Option<Value>, &'static str> {
        Ok(follow_path(&segments(path)?, &self.0).and_then(Result::ok))
    }

    /// Returns the same without a copy. The rest of the document is lost.
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
            // a length, or something that is missing
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

/// Returns the fields that a path names; `None` if it names an item of a list, or is not a path.
pub fn fields(path: &str) -> Option<Vec<String>> {
    let named = |segment: &Segment| match segment {
        Segment::Key(name) => Some(name.clone()),
        Segment::Index(_) => None,
    };
    segments(path).ok()?[1..].iter().map(named).collect()
}
