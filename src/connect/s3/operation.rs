//! The operations on a bucket. Every key stays in the bucket, whatever a parameter contains.
use super::{LIST, Storage, xml};
use crate::{
    Error, Result, bodies,
    connect::{
        Column, QueryRequest, ResultLimits, Rows, Written,
        http::address,
        rows::{Collector, received},
    },
    json::TruncatedArray,
    model::parse,
    script::template,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::{SecondsFormat, Utc};
use reqwest::{
    Method,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED},
};
use rusty_s3::{S3Action, actions::ListObjectsV2};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// The longest key that S3 supports, in bytes.
const KEY: usize = 1024;
/// The largest body that is sent, in bytes.
const BODY: usize = 32 << 20;

/// One operation
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "operation", rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Operation")]
pub(super) enum S3Operation {
    /// Lists keys, in order
    List {
        /// Only keys that begin with this text.
        #[schemars(with = "Option<String>", title = "Prefix", length(max = 1024))]
        prefix: Option<Value>,
        /// Such as `/`. Keys that are equal up to the next delimiter are grouped into one row.
        #[schemars(with = "Option<String>", title = "Delimiter", length(max = 100))]
        delimiter: Option<Value>,
        /// Only keys after this one. For the next page, enter the last key of the current page.
        #[schemars(with = "Option<String>", title = "Start after", length(max = 1024))]
        start_after: Option<Value>,
        /// The maximum number of keys. If empty, the limit of the query applies.
        #[schemars(title = "Max keys", range(min = 1, max = 100_000))]
        max_keys: Option<u32>,
    },
    /// Returns an object's content: JSON as a value, text as text, anything else as `data:<type>;base64,…`
    Get {
        #[schemars(with = "String", title = "Key", length(min = 1, max = 1024))]
        key: Value,
    },
    /// Returns an object's metadata, without its content
    Head {
        #[schemars(with = "String", title = "Key", length(min = 1, max = 1024))]
        key: Value,
    },
    /// Stores an object
    Put {
        #[schemars(with = "String", title = "Key", length(min = 1, max = 1024))]
        key: Value,
        /// Text; other values are stored as JSON.
        #[schemars(title = "Body")]
        #[serde(default)]
        body: Value,
        #[schemars(title = "Body encoding", extend("default" = "text"))]
        #[serde(default)]
        encoding: BodyEncoding,
        /// If empty, it follows from the body.
        #[schemars(with = "Option<String>", title = "Content type", length(max = 200))]
        content_type: Option<Value>,
    },
    /// Deletes an object; succeeds even if it does not exist
    Delete {
        #[schemars(with = "String", title = "Key", length(min = 1, max = 1024))]
        key: Value,
    },
    /// Creates a URL with which anyone can download or upload one object until it expires
    Presign {
        #[schemars(with = "String", title = "Key", length(min = 1, max = 1024))]
        key: Value,
        #[schemars(title = "Method", extend("default" = "get"))]
        #[serde(default)]
        method: PresignMethod,
        #[schemars(title = "Expires after (s)", range(min = 1, max = 604_800), extend("default" = 3600))]
        expires_seconds: Option<u32>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum BodyEncoding {
    /// The body is sent unchanged.
    #[default]
    Text,
    /// The body is base64-encoded bytes, either plain or as `data:<type>;base64,…`.
    Base64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PresignMethod {
    #[default]
    Get,
    Put,
}

pub(super) async fn run(storage: &Storage, request: &QueryRequest) -> Result<Rows> {
    let options = Value::Object((*request.options).clone());
    let scope = request.params.scope();
    let resolved = template::resolve_value(&options, &scope, &storage.sandbox, request.timeout).await;
    let operation: S3Operation = parse::from_value(resolved.map_err(|problem| problem.at("options"))?, "options")?;
    let credentials = storage.credentials.as_ref();
    match operation {
        S3Operation::List { prefix, delimiter, start_after, max_keys } => {
            let mut list = storage.bucket.list_objects_v2(credentials);
            for (name, value) in [("prefix", prefix), ("delimiter", delimiter), ("start-after", start_after)] {
                if let Some(value) = given(value) {
                    list.query_mut().insert(name, value);
                }
            }
            let rows = request.limits.rows.min(max_keys.map_or(usize::MAX, |most| most as usize));
            pages(storage, list, request, rows).await
        }
        S3Operation::Get { key } => {
            let key = key_of(&key)?;
            let action = storage.bucket.get_object(credentials, &key);
            let limits = &request.limits;
            let mut answer = storage.ask(&action, Method::GET, HeaderMap::new(), None, limits.text()).await?;
            let rows = TruncatedArray { path: Vec::new(), most: limits.rows.saturating_add(1) };
            Ok(received(answer.value(limits.values(), Some(rows)).await?, limits))
        }
        S3Operation::Head { key } => {
            let key = key_of(&key)?;
            let action = storage.bucket.head_object(credentials, &key);
            let answer = storage.ask(&action, Method::HEAD, HeaderMap::new(), None, LIST).await?;
            Ok(one(known(&key, &answer.headers)))
        }
        S3Operation::Put { key, body, encoding, content_type } => {
            let key = key_of(&key)?;
            let (bytes, headers) = payload(&body, encoding, given(content_type).as_deref())?;
            let action = storage.bucket.put_object(credentials, &key);
            let answer = storage.ask(&action, Method::PUT, headers, Some(bytes), LIST).await?;
            let data = json!({"key": key, "etag": text(&answer.headers, &ETAG)});
            Ok(Rows { affected: Some(1), written: Written::Something, ..one(data) })
        }
        S3Operation::Delete { key } => {
            let key = key_of(&key)?;
            let action = storage.bucket.delete_object(credentials, &key);
            storage.ask(&action, Method::DELETE, HeaderMap::new(), None, LIST).await?;
            Ok(Rows { written: Written::Something, ..one(json!({"key": key})) })
        }
        S3Operation::Presign { key, method, expires_seconds } => {
            presign(storage, &key_of(&key)?, method, Duration::from_secs(expires_seconds.unwrap_or(3600).into()))
        }
    }
}

fn presign(storage: &Storage, key: &str, method: PresignMethod, lifetime: Duration) -> Result<Rows> {
    let Some(credentials) = &storage.credentials else {
        return Err(Error::invalid("options.operation", "requires credentials: the datasource has none"));
    };
    let expires = (Utc::now() + lifetime).to_rfc3339_opts(SecondsFormat::Secs, true);
    let (method, url) = match method {
        PresignMethod::Get => ("GET", storage.bucket.get_object(Some(credentials), key).sign(lifetime)),
        PresignMethod::Put => ("PUT", storage.bucket.put_object(Some(credentials), key).sign(lifetime)),
    };
    // a cached URL would expire in the cache
    Ok(Rows { written: Written::Perhaps, ..one(json!({"url": url.as_str(), "method": method, "expiresAt": expires})) })
}

/// Reads page after page, up to the limits.
async fn pages(storage: &Storage, mut list: ListObjectsV2<'_>, request: &QueryRequest, rows: usize) -> Result<Rows> {
    let column = |(name, kind): &(&str, &str)| Column { name: (*name).to_owned(), r#type: (*kind).to_owned() };
    let columns = [
        ("key", "string"),
        ("size", "number"),
        ("lastModified", "date"),
        ("etag", "string"),
        ("storageClass", "string"),
    ];
    let limits = ResultLimits { rows, ..request.limits.clone() };
    let mut found = Collector::new(columns.iter().map(column).collect(), limits);
    let mut left = rows.saturating_add(1);
    loop {
        list.with_max_keys(left.min(1000));
        let answer = storage.ask(&list, Method::GET, HeaderMap::new(), None, LIST).await?;
        let page = std::str::from_utf8(&answer.body).ok().filter(|text| xml::is_shallow(text));
        let page = page.and_then(|text| ListObjectsV2::parse_response(text).ok());
        let page = page.ok_or_else(|| Error::datasource("the response is not a list of objects"))?;
        left = left.saturating_sub(page.contents.len() + page.common_prefixes.len());
        for object in page.contents {
            let size = object.size.map_or(Value::Null, Value::from);
            let etag = object.etag.map(|etag| etag.trim_matches('"').to_owned());
            let row = [object.key.into(), size, object.last_modified.into(), etag.into(), object.storage_class.into()];
            if !found.push(row)? {
                return Ok(found.finish());
            }
        }
        for group in page.common_prefixes {
            if !found.push([group.prefix.into(), Value::Null, Value::Null, Value::Null, Value::Null])? {
                return Ok(found.finish());
            }
        }
        match page.next_continuation_token {
            Some(token) => list.with_continuation_token(token),
            None => return Ok(found.finish()),
        }
    }
}

fn given(value: Option<Value>) -> Option<String> {
    value.map(|value| template::as_text(&value).into_owned()).filter(|text| !text.is_empty())
}

/// Returns the key, if a URL can contain it unchanged.
fn key_of(value: &Value) -> Result<String> {
    let key = template::as_text(value).into_owned();
    let wrong = |why: &str| Err(Error::invalid("options.key", why));
    if key.is_empty() || key.len() > KEY {
        return wrong("must have 1 to 1024 bytes");
    }
    match address::check(&key) {
        Ok(()) => Ok(key),
        Err(why) => wrong(why),
    }
}

fn payload(body: &Value, encoding: BodyEncoding, kind: Option<&str>) -> Result<(Vec<u8>, HeaderMap)> {
    let wrong = |option: &str, why: &str| Error::invalid(format!("options.{option}"), why);
    let (bytes, usual) = match (encoding, body) {
        (BodyEncoding::Base64, body) => {
            let bytes = BASE64.decode(bodies::unmarked(&template::as_text(body)).as_bytes());
            (bytes.map_err(|_| wrong("body", "must be valid base64"))?, "application/octet-stream")
        }
        (BodyEncoding::Text, Value::String(text)) => (text.as_bytes().to_vec(), "text/plain; charset=utf-8"),
        (BodyEncoding::Text, Value::Null) => (Vec::new(), "application/octet-stream"),
        (BodyEncoding::Text, other) => (serde_json::to_vec(other)?, "application/json"),
    };
    if bytes.len() > BODY {
        return Err(wrong("body", "must be at most 32 MiB"));
    }
    let kind = HeaderValue::from_str(kind.unwrap_or(usual));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, kind.map_err(|_| wrong("contentType", "must be one line of text"))?);
    if bytes.is_empty() {
        // the client leaves it out, but S3 requires it
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok((bytes, headers))
}

fn known(key: &str, headers: &HeaderMap) -> Value {
    const OWN: &str = "x-amz-meta-";
    let word = |name: &'static str| text(headers, &HeaderName::from_static(name));
    let size = text(headers, &CONTENT_LENGTH).and_then(|size| size.parse::<u64>().ok());
    let metadata: Map<String, Value> = headers
        .iter()
        .filter_map(|(name, value)| {
            let text = bodies::header_text(value.as_bytes());
            Some((name.as_str().strip_prefix(OWN)?.to_owned(), text.into()))
        })
        .collect();
    json!({
        "key": key,
        "size": size,
        "contentType": text(headers, &CONTENT_TYPE),
        "lastModified": text(headers, &LAST_MODIFIED),
        "etag": text(headers, &ETAG),
        "storageClass": word("x-amz-storage-class"),
        "metadata": metadata,
    })
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(|text| text.trim_matches('"').to_owned())
}

fn one(data: Value) -> Rows {
    Rows { data: Arc::new(data), ..Rows::default() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{BodyEncoding, key_of, payload};
    use serde_json::json;

    #[test]
    fn a_key_stays_in_its_bucket() {
        for key in ["a", "/a", "//a", "a//b/", "..a", "a..", "a/..b", "100%", "a b?c#d&e", "...", "\\x", "a;b"] {
            assert_eq!(key_of(&json!(key)).unwrap(), key);
        }
        for key in [
            "",
            "..",
            ".",
            "../x",
            "a/../b",
            "a/./b",
            "a/..",
            "/..",
            "%2e%2e/x",
            "\\..\\x",
            ".\t.",
            "a\nb",
            &"k".repeat(1025),
        ] {
            assert!(key_of(&json!(key)).is_err(), "{key}");
        }
        assert_eq!(key_of(&json!(7)).unwrap(), "7");
    }

    #[test]
    fn the_content_type_follows_from_the_body() {
        for (body, encoding, bytes, kind) in [
            (json!("hi"), BodyEncoding::Text, &b"hi"[..], "text/plain; charset=utf-8"),
            (json!({"a": 1}), BodyEncoding::Text, b"{\"a\":1}", "application/json"),
            (json!("//4="), BodyEncoding::Base64, b"\xff\xfe", "application/octet-stream"),
            (json!(null), BodyEncoding::Text, b"", "application/octet-stream"),
        ] {
            let (found, headers) = payload(&body, encoding, None).unwrap();
            assert_eq!((found.as_slice(), headers["content-type"].to_str().unwrap()), (bytes, kind));
        }
        assert!(payload(&json!("?"), BodyEncoding::Base64, None).is_err());
        assert!(payload(&json!(""), BodyEncoding::Text, Some("a\r\nb")).is_err());
    }
}
