//! What a webhook's call gives to the run: the whole call, or the fields that the workflow declares.
use crate::{
    Error, Result,
    model::{Json, data_query::Parameter, trigger::Webhook},
};
use axum::http::{
    HeaderName,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION},
    request::Parts,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use serde_json::{Map, Value, json, value::RawValue};
use std::{borrow::Cow, collections::HashMap, fmt};
use url::form_urlencoded;

/// A body, read by its type.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    None,
    /// Text, or base64 of bytes that are no text.
    Text(Cow<'a, str>),
    Fields(Map<String, Value>),
    /// JSON that was checked, and stays text.
    Json(&'a RawValue),
}

/// The whole call, as a workflow that declares no inputs is given it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WholeCall<'a> {
    method: &'a str,
    /// Without the token: whoever sees the run need not know it.
    path: &'static str,
    query: Map<String, Value>,
    headers: Value,
    body: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_encoding: Option<&'static str>,
}

/// # Errors
/// `Invalid` when the body is not what its type says, or no object where the workflow declares inputs.
pub fn of(webhook: &Webhook, declared: &[Parameter], parts: &Parts, body: &[u8]) -> Result<Json> {
    let (content, body_encoding) = read(parts, body)?;
    let mut query = fields(parts.uri.query().unwrap_or_default().as_bytes());
    if declared.is_empty() {
        let (method, headers) = (parts.method.as_str(), headers(webhook, parts));
        return Json::of(&WholeCall { method, path: "/hooks", query, headers, body: content, body_encoding });
    }
    let wrong = || Error::invalid("", "the body must be an object in JSON, or a form: the workflow has inputs");
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
    let named = |input: &Parameter| {
        let value = given.shift_remove(&input.name).or_else(|| query.shift_remove(&input.name))?;
        Some((input.name.clone(), value))
    };
    Json::of(&declared.iter().filter_map(named).collect::<Map<_, _>>())
}

/// The content, and its encoding where it is not as it was sent.
fn read<'a>(parts: &Parts, body: &'a [u8]) -> Result<(Content<'a>, Option<&'static str>)> {
    if body.is_empty() {
        return Ok((Content::None, None));
    }
    let media = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        let wrong = |error: &dyn fmt::Display| Error::invalid("", format!("the body is not valid JSON: {error}"));
        let text = str::from_utf8(body).map_err(|error| wrong(&error))?;
        Json::check(text).map_err(|error| wrong(&error))?;
        return Ok((Content::Json(serde_json::from_str(text)?), None));
    }
    if essence == "application/x-www-form-urlencoded" {
        return Ok((Content::Fields(fields(body)), None));
    }
    let is_text =
        essence.is_empty() || essence.starts_with("text/") || essence == "application/xml" || essence.ends_with("+xml");
    match str::from_utf8(body) {
        Ok(text) if is_text => Ok((Content::Text(text.into()), None)),
        _ => Ok((Content::Text(BASE64_STANDARD.encode(body).into()), Some("base64"))),
    }
}

/// Names and values; a name that comes again has a list.
fn fields(text: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(text) {
        let value = Value::from(value.into_owned());
        match fields.get_mut(name.as_ref()) {
            None => drop(fields.insert(name.into_owned(), value)),
            Some(Value::Array(all)) => all.push(value),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    fields
}

/// Without what lets the caller in: here, or elsewhere.
fn headers(webhook: &Webhook, parts: &Parts) -> Value {
    let signature = webhook.signature.as_ref().map(|signature| signature.header.as_str());
    let is_secret = |name: &HeaderName| {
        [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name)
            || signature.is_some_and(|header| name.as_str().eq_ignore_ascii_case(header))
    };
    let mut headers = Map::new();
    for name in parts.headers.keys().filter(|name| !is_secret(name)) {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.insert(name.as_str().to_owned(), values.collect::<Vec<_>>().join(", ").into());
    }
    Value::Object(headers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::of;
    use crate::model::{data_query::Parameter, trigger::Webhook};
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

    fn body_of(media: &str, body: &[u8]) -> Value {
        of(&webhook(), &[], &call("/hooks/secret", media), body).unwrap().value().unwrap()
    }

    #[test]
    fn the_whole_call_is_given_without_what_is_secret() {
        let input = of(&webhook(), &[], &call("/hooks/secret?a=1&b=2&a=3", "application/json"), b"[1]").unwrap();
        let expected = json!({
            "method": "POST", "path": "/hooks", "query": {"a": ["1", "3"], "b": "2"},
            "headers": {"content-type": "application/json", "x-more": "1, 2"}, "body": [1],
        });
        assert_eq!(input, expected);
    }

    #[test]
    fn a_body_is_read_by_its_type() {
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
        assert!(of(&webhook(), &[], &call("/hooks/x", "application/json"), b"{").is_err());
    }

    #[test]
    fn declared_inputs_come_from_the_body_and_then_from_the_query() {
        let declared: Vec<Parameter> =
            serde_json::from_value(json!([{"name": "a"}, {"name": "b"}, {"name": "c"}])).unwrap();
        let parts = call("/hooks/x?a=query&b=query", "application/json");
        let input = of(&webhook(), &declared, &parts, b"{\"a\": 1, \"other\": 2}").unwrap();
        assert_eq!(input, json!({"a": 1, "b": "query"}));
        assert!(of(&webhook(), &declared, &parts, b"[1]").is_err());
        assert_eq!(of(&webhook(), &declared, &parts, b"").unwrap(), json!({"a": "query", "b": "query"}));
    }
}
