//! The content of a request: its verb, its headers, and its body as bytes with their media type.
use super::multipart;
use crate::{Error, Result, connect::options::sensitive::is_sensitive, script::template};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

/// Headers that the connection itself sets.
const RESERVED: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpVerb {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BodyType {
    /// JSON if there is a body.
    #[default]
    Json,
    Form,
    Text,
    Multipart,
}

impl From<HttpVerb> for Method {
    fn from(verb: HttpVerb) -> Self {
        match verb {
            HttpVerb::Get => Self::GET,
            HttpVerb::Head => Self::HEAD,
            HttpVerb::Post => Self::POST,
            HttpVerb::Put => Self::PUT,
            HttpVerb::Patch => Self::PATCH,
            HttpVerb::Delete => Self::DELETE,
        }
    }
}

/// A body that is not serialised yet.
#[derive(Clone)]
pub enum OutgoingBody {
    None,
    Json(Value),
    Bytes(Vec<u8>),
}

impl OutgoingBody {
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::None => None,
            Self::Json(value) => Some(value.to_string().into_bytes()),
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

/// Encodes `value` as a body of that kind, and adds its media type to `headers` if they contain none. `path` is for
/// errors.
pub fn encode(kind: BodyType, value: Value, headers: &mut HeaderMap, path: &str) -> Result<OutgoingBody> {
    let (media, body) = match kind {
        BodyType::Json => (HeaderValue::from_static("application/json"), OutgoingBody::Json(value)),
        BodyType::Text => {
            let text = template::as_text(&value).into_owned();
            (HeaderValue::from_static("text/plain; charset=utf-8"), OutgoingBody::Bytes(text.into_bytes()))
        }
        BodyType::Form => {
            let mut form = Serializer::new(String::new());
            for (name, value) in fields(&value, path)? {
                add(&mut form, name, value);
            }
            let media = HeaderValue::from_static("application/x-www-form-urlencoded");
            (media, OutgoingBody::Bytes(form.finish().into_bytes()))
        }
        BodyType::Multipart => {
            let (media, bytes) = multipart::body(fields(&value, path)?, path)?;
            // it contains the boundary, so no other media type is possible
            headers.insert(CONTENT_TYPE, media.clone());
            (media, OutgoingBody::Bytes(bytes))
        }
    };
    headers.entry(CONTENT_TYPE).or_insert(media);
    Ok(body)
}

fn fields<'a>(body: &'a Value, path: &str) -> Result<&'a Map<String, Value>> {
    body.as_object().ok_or_else(|| Error::invalid(path, "must be an object for a form"))
}

/// Adds a field. A list of plain values repeats its name; nested values get their keys in brackets: `a[b][0][c]`.
fn add(form: &mut Serializer<'_, String>, name: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let nested = item.is_array() || item.is_object();
                add(form, &if nested { format!("{name}[{i}]") } else { name.to_owned() }, item);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                add(form, &format!("{name}[{key}]"), item);
            }
        }
        // a parameter without a value is not sent
        Value::Null => {}
        plain => {
            form.append_pair(name, &template::as_text(plain));
        }
    }
}

/// Returns the pairs of a parameter in a query string: its name once for each item of a list, and nothing for null. An
/// empty text is a value.
pub fn query_pairs(name: &str, value: &Value) -> Vec<(String, String)> {
    let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let given = several.iter().filter(|item| !item.is_null());
    given.map(|item| (name.to_owned(), template::as_text(item).into_owned())).collect()
}

/// The part of a header that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderPart {
    Name,
    Value,
}

/// Sets a header. No value can add a second one.
pub fn put_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), (HeaderPart, &'static str)> {
    let name =
        HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| (HeaderPart::Name, "is not a valid header name"))?;
    if RESERVED.contains(&name.as_str()) {
        return Err((HeaderPart::Name, "is set by the connection itself"));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| (HeaderPart::Value, "must be one line of text"))?;
    value.set_sensitive(is_sensitive(name.as_str()));
    headers.insert(name, value);
    Ok(())
}
