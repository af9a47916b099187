//! `multipart/form-data`: fields and files in one body (RFC 7578).
use crate::{Error, Result, bodies, model::parse, script::template};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A file among the fields
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    filename: Option<String>,
    content_type: Option<String>,
    base64: Option<String>,
    text: Option<String>,
}

/// Returns the media type and the body. The media type names a boundary that occurs nowhere in the data. `path` is for
/// errors.
pub(super) fn body(fields: &Map<String, Value>, path: &str) -> Result<(HeaderValue, Vec<u8>)> {
    let mut parts = Vec::new();
    for (name, value) in fields {
        let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in several.iter().filter(|item| !item.is_null()) {
            parts.push(part(name, item, path)?);
        }
    }
    let mut boundary = random();
    while parts.iter().any(|(head, data)| holds(head.as_bytes(), &boundary) || holds(data, &boundary)) {
        boundary = random();
    }
    let mut bytes = Vec::new();
    for (head, data) in parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(&data);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}")).map_err(Error::internal)?;
    Ok((kind, bytes))
}

fn random() -> String {
    hex::encode(rand::random::<[u8; 24]>())
}

fn holds(data: &[u8], boundary: &str) -> bool {
    data.windows(boundary.len()).any(|window| window == boundary.as_bytes())
}

/// Returns the headers of one part, and its data.
fn part(name: &str, value: &Value, path: &str) -> Result<(String, Vec<u8>)> {
    let at = format!("{path}.{name}");
    let head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
    if !value.is_object() {
        return Ok((head, template::as_text(value).into_owned().into_bytes()));
    }
    let file: File = parse::from_value(value.clone(), &at)?;
    let data = match (file.base64, file.text) {
        (Some(encoded), None) => BASE64
            .decode(bodies::unmarked(&encoded).split_whitespace().collect::<String>())
            .map_err(|_| Error::invalid(format!("{at}.base64"), "is not valid base64"))?,
        (None, Some(text)) => text.into_bytes(),
        _ => return Err(Error::invalid(at, "must contain either `base64` or `text`")),
    };
    let kind = file.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    if HeaderValue::from_str(&kind).is_err() || !kind.is_ascii() {
        return Err(Error::invalid(format!("{at}.contentType"), "must be one line of text"));
    }
    let filename = quoted(file.filename.as_deref().unwrap_or(name));
    Ok((format!("{head}; filename=\"{filename}\"\r\nContent-Type: {kind}"), data))
}

/// Escapes a name inside quotes as browsers do, so that it can end neither the quotes nor the line.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::body;
    use serde_json::{Map, Value, json};

    fn made(fields: Value) -> String {
        let fields: Map<String, Value> = serde_json::from_value(fields).unwrap();
        let (kind, bytes) = body(&fields, "options.body").unwrap();
        let boundary = kind.to_str().unwrap().strip_prefix("multipart/form-data; boundary=").unwrap().to_owned();
        String::from_utf8(bytes).unwrap().replace(&boundary, "BOUNDARY")
    }

    #[test]
    fn fields_and_files_become_parts() {
        assert_eq!(
            made(
                json!({"n": 7, "tag": ["a", "b"], "f": {"filename": "x.txt", "contentType": "text/plain", "base64": "aGk="}})
            ),
            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n\
             --BOUNDARY\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\na\r\n\
             --BOUNDARY\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\nb\r\n\
             --BOUNDARY\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n\
             --BOUNDARY--\r\n"
        );
    }

    #[test]
    fn names_cannot_add_headers() {
        let text = made(json!({"a\"\r\nX-Evil: 1": {"filename": "b\"\r\nX-Evil: 2", "text": "t"}}));
        assert!(!text.contains("\nX-Evil"), "{text}");
        assert!(text.contains("name=\"a%22%0D%0AX-Evil: 1\"; filename=\"b%22%0D%0AX-Evil: 2\""), "{text}");
        for (file, expected) in [
            (json!({"text": "t", "contentType": "a\r\nX-Evil: 1"}), "options.body.f.contentType: must be one line"),
            (json!({"filename": "x"}), "options.body.f: must contain either"),
            (json!({"base64": "***"}), "options.body.f.base64: is not valid base64"),
            (json!({"text": "t", "more": 1}), "options.body.f.more: is not a known field"),
        ] {
            let fields = Map::from_iter([("f".to_owned(), file)]);
            let refused = body(&fields, "options.body").unwrap_err().to_string();
            assert!(refused.starts_with(expected), "{refused}");
        }
    }
}
