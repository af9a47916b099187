//! What an answer says: its data, the part of it that is wanted, or the server's own words for a refusal.
use super::Answer;
use crate::{
    Error, Result,
    connect::secrets::Scrubber,
    error::DatasourceProblem,
    script::template::{follow_path, parse_path},
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

    /// The body: JSON where it is JSON, text where it is text, anything else as base64; null when there is none.
    pub fn value(&self, limit: usize) -> Result<Value> {
        if !self.whole {
            return Err(Error::datasource(format!("the answer is larger than {limit} bytes")));
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        if self.is_json() {
            let wrong = |error| Error::datasource(format!("the answer is not valid JSON: {error}"));
            return serde_json::from_slice(&self.body).map_err(wrong);
        }
        Ok(match std::str::from_utf8(&self.body) {
            Ok(text) => text.into(),
            Err(_) => BASE64.encode(&self.body).into(),
        })
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
        let json = self.is_json().then(|| serde_json::from_slice::<Value>(&self.body).ok()).flatten();
        let told = json.map(Document::new).and_then(|document| {
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
pub struct Document(Map<String, Value>);

impl Document {
    pub fn new(value: Value) -> Self {
        Self(Map::from_iter([(ROOT.to_owned(), value)]))
    }

    /// What `path` (`data.items[0]`) leads to; none when there is nothing. An empty path is the whole.
    ///
    /// # Errors
    /// When the text is no path.
    pub fn at(&self, path: &str) -> Result<Option<Value>, &'static str> {
        let path = path.trim();
        let rooted = match path.chars().next() {
            None => ROOT.to_owned(),
            Some('[') => format!("{ROOT}{path}"),
            Some(_) => format!("{ROOT}.{path}"),
        };
        let segments = parse_path(&rooted).ok_or("must be a path such as data.items")?;
        Ok(follow_path(&segments, &self.0).and_then(Result::ok))
    }
}
