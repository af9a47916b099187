//! The input that a webhook request gives to the run: the whole request, or the inputs that the workflow declares.
use crate::{
    Error, Result,
    bodies::{self, Media, MediaKind, RawContent, form},
    json::number::exact_text,
    model::{
        Json,
        parameter::Parameter,
        trigger::{Signature, Webhook},
    },
};
use axum::http::{
    HeaderName,
    header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION},
    request::Parts,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use std::{borrow::Cow, collections::HashMap};

/// A body, parsed by its media type.
#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    None,
    /// Text, or the base64 of bytes that are not text.
    Text(String),
    Fields(Map<String, Value>),
    /// Validated JSON, kept as text.
    Json(Box<RawValue>),
}

/// The whole request, as the input of a workflow that declares no inputs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WholeCall<'a> {
    method: &'a str,
    /// The path without the token, because those who see the run need not know it.
    path: &'static str,
    query: Map<String, Value>,
    headers: Value,
    body: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_encoding: Option<&'static str>,
    /// The unchanged body, if the trigger asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_body_encoding: Option<&'static str>,
    /// Whether the signature was verified, if the trigger has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<bool>,
}

/// A request that was accepted.
pub struct AcceptedCall<'a> {
    pub webhook: &'a Webhook,
    /// How the webhook's requests are signed.
    pub scheme: Option<&'a Signature>,
    pub parts: &'a Parts,
    /// The body without its content coding.
    pub body: Vec<u8>,
    /// Whether the signature was verified, if the webhook requires one.
    pub signed: Option<bool>,
}

/// Builds the run's input from a request.
///
/// # Errors
/// `Invalid` if the body does not match its media type, or is not an object although the workflow declares inputs.
pub fn of(declared: &[Parameter], call: AcceptedCall<'_>) -> Result<Json> {
    let AcceptedCall { webhook, scheme, parts, body, signed } = call;
    let raw_body = webhook.raw_body.then(|| plain(&body));
    let (content, body_encoding) = read(&Media::of(&parts.headers), body)?;
    let mut query = form::fields(parts.uri.query().unwrap_or_default().as_bytes(), None);
    if declared.is_empty() {
        let headers = headers(scheme, parts);
        let (raw_body, raw_body_encoding) = raw_body.unzip();
        return Json::of(&WholeCall {
            method: parts.method.as_str(),
            path: "/hooks",
            query,
            headers,
            body: content,
            body_encoding,
            raw_body,
            raw_body_encoding: raw_body_encoding.flatten(),
            signed,
        });
    }
    let wrong = || Error::invalid("", "the body must be a JSON object or a form, because the workflow declares inputs");
    let mut given: Map<String, Value> = match content {
        Content::Fields(fields) => fields,
        Content::None => Map::new(),
        Content::Json(raw) if raw.get() == "null" => Map::new(),
        Content::Json(raw) => {
            let fields: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw.get()).map_err(|_| wrong())?;
            let named = |input: &Parameter| {
                let value = fields.get(input.name.as_str())?;
                Some(serde_json::from_str(value.get()).map(|value| (input.name.clone(), value)))
            };
            declared.iter().filter_map(named).collect::<Result<_, _>>()?
        }
        Content::Text(_) => return Err(wrong()),
    };
    if let Some((text, _)) = raw_body {
        given.insert("rawBody".to_owned(), text.into());
    }
    let named = |input: &Parameter| {
        let value = given.shift_remove(&input.name).or_else(|| query.shift_remove(&input.name))?;
        Some((input.name.clone(), value))
    };
    Json::of(&declared.iter().filter_map(named).collect::<Map<_, _>>())
}

/// Returns the content, and its encoding if it differs from what was sent.
fn read(media: &Media, body: Vec<u8>) -> Result<(Content, Option<&'static str>)> {
    let wrong = |why: &str| Error::invalid("", format!("the body {why}"));
    if media.kind() == MediaKind::Multipart && !body.is_empty() {
        return Ok((Content::Fields(form::parts(&body, media).map_err(|why| wrong(&why))?), None));
    }
    Ok(match bodies::raw(media, body).map_err(|refused| refused.into_error(wrong))? {
        RawContent::Empty => (Content::None, None),
        RawContent::Json(text) => {
            Json::check(&text).map_err(|error| wrong(&format!("is not valid JSON: {error}")))?;
            (Content::Json(RawValue::from_string(exact_text(text))?), None)
        }
        RawContent::Form(fields) => (Content::Fields(fields), None),
        RawContent::Text(text) => (Content::Text(text), None),
        RawContent::Bytes(bytes) => (Content::Text(BASE64_STANDARD.encode(bytes)), Some("base64")),
    })
}

/// Returns the bytes as text if they are UTF-8, or else as base64.
fn plain(body: &[u8]) -> (String, Option<&'static str>) {
    match str::from_utf8(body) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (BASE64_STANDARD.encode(body), Some("base64")),
    }
}

/// Returns the headers without credentials, whether they are for this server or for another.
fn headers(scheme: Option<&Signature>, parts: &Parts) -> Value {
    let signature = scheme.map(|scheme| scheme.header.as_str());
    let is_secret = |name: &HeaderName| {
        [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name)
            || signature.is_some_and(|header| name.as_str().eq_ignore_ascii_case(header))
    };
    Value::Object(bodies::headers(&parts.headers, is_secret))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{AcceptedCall, of};
    use crate::{
        Result,
        model::{Json, parameter::Parameter, trigger::Webhook},
    };
    use axum::http::{Request, request::Parts};
    use serde_json::{Value, json};

    fn webhook() -> Webhook {
        serde_json::from_value(json!({"id": "a", "signature": {"header": "X-Signature"}})).unwrap()
    }

    fn call(uri: &str, media: &str) -> Parts {
        let request = Request::post(uri).header("content-type", media).header("authorization", "Bearer t");
        let request =
            request.header("cookie", "a=b").header("x-signature", "s").header("x-more", "1").header("x-more", "2");
        request.body(()).unwrap().into_parts().0
    }

    fn given(webhook: &Webhook, declared: &[Parameter], parts: &Parts, body: &[u8]) -> Result<Json> {
        let scheme = webhook.signature.as_ref();
        of(declared, AcceptedCall { webhook, scheme, parts, body: body.to_vec(), signed: None })
    }

    fn body_of(media: &str, body: &[u8]) -> Value {
        given(&webhook(), &[], &call("/hooks/secret", media), body).unwrap().value().unwrap()
    }

    #[test]
    fn the_input_is_the_whole_request_without_secrets() {
        let input = given(&webhook(), &[], &call("/hooks/secret?a=1&b=2&a=3", "application/json"), b"[1]").unwrap();
        let expected = json!({
            "method": "POST", "path": "/hooks", "query": {"a": ["1", "3"], "b": "2"},
            "headers": {"content-type": "application/json", "x-more": "1, 2"}, "body": [1],
        });
        assert_eq!(input, expected);
    }

    #[test]
    fn a_body_is_parsed_by_its_media_type() {
        assert_eq!(body_of("application/vnd.x+json; charset=utf-8", b"{\"a\":1}")["body"], json!({"a": 1}));
        assert_eq!(body_of("application/x-www-form-urlencoded", b"a=1&b=x+y")["body"], json!({"a": "1", "b": "x y"}));
        assert_eq!(body_of("text/plain", "für".as_bytes())["body"], "für");
        assert_eq!(body_of("application/json", b"")["body"], Value::Null);
        for (media, bytes) in
            [("image/png", b"\x89PNG".as_slice()), ("text/plain", b"\xff"), ("", b"\xff"), ("application/zip", b"PK")]
        {
            let input = body_of(media, bytes);
            assert_eq!(input["bodyEncoding"], "base64", "{media}");
        }
        assert!(given(&webhook(), &[], &call("/hooks/x", "application/json"), b"{").is_err());
    }

    #[test]
    fn charsets_ndjson_and_multipart_forms_are_supported() {
        let two = json!([{"a": 1}, {"a": 2}]);
        assert_eq!(body_of("application/x-ndjson", b"{\"a\":1}\n{\"a\":2}\n")["body"], two);
        assert_eq!(body_of("application/json", b"\xef\xbb\xbf{\"t\":\"\\ud83d\"}")["body"], json!({"t": "\u{fffd}"}));
        assert_eq!(body_of("text/plain; charset=latin1", b"\xfc")["body"], "ü");
        let form = b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--";
        assert_eq!(body_of("multipart/form-data; boundary=X", form)["body"], json!({"a": "1"}));
        let cut = &form[..form.len() - 3];
        assert!(given(&webhook(), &[], &call("/hooks/x", "multipart/form-data; boundary=X"), cut).is_err());
    }

    #[test]
    fn the_raw_body_is_included_if_the_trigger_asks_for_it() {
        let raw: Webhook = serde_json::from_value(json!({"id": "a", "rawBody": true})).unwrap();
        let call = call("/hooks/x", "application/json");
        let input = given(&raw, &[], &call, b"{\"a\":  1}").unwrap().value().unwrap();
        assert_eq!((&input["body"], &input["rawBody"]), (&json!({"a": 1}), &json!("{\"a\":  1}")));
        let declared: Vec<Parameter> = serde_json::from_value(json!([{"name": "a"}, {"name": "rawBody"}])).unwrap();
        assert_eq!(given(&raw, &declared, &call, b"{\"a\":  1}").unwrap(), json!({"a": 1, "rawBody": "{\"a\":  1}"}));
    }

    #[test]
    fn declared_inputs_come_from_the_body_and_then_from_the_query() {
        let declared: Vec<Parameter> =
            serde_json::from_value(json!([{"name": "a"}, {"name": "b"}, {"name": "c"}])).unwrap();
        let parts = call("/hooks/x?a=query&b=query", "application/json");
        let input = given(&webhook(), &declared, &parts, b"{\"a\": 1, \"other\": 2}").unwrap();
        assert_eq!(input, json!({"a": 1, "b": "query"}));
        assert!(given(&webhook(), &declared, &parts, b"[1]").is_err());
        assert_eq!(given(&webhook(), &declared, &parts, b"").unwrap(), json!({"a": "query", "b": "query"}));
    }
}
