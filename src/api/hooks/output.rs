//! What a `respond` step says, as an HTTP answer: its status, its headers but for those that are not its to set, its body.
use crate::runner::response_headers;
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::CONTENT_TYPE,
    },
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// # Errors
/// Names what it says that HTTP cannot.
pub fn response(said: Value) -> Result<Response, &'static str> {
    let Value::Object(mut said) = said else { return Err("no status, headers and body") };
    let status = match said.get("status") {
        None | Some(Value::Null) => Some(StatusCode::OK),
        Some(status) => status.as_u64().and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok()),
    };
    let status = status.filter(|status| (200..600).contains(&status.as_u16())).ok_or("a bad status")?;
    let headers = headers(said.get("headers")).ok_or("a bad header")?;
    let (body, media) = match said.remove("body").unwrap_or_default() {
        Value::Null => (Body::empty(), None),
        Value::String(text) => (Body::from(text), Some("text/plain; charset=utf-8")),
        other => (Body::from(other.to_string()), Some("application/json")),
    };
    let mut response = (status, body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    if let Some(media) = media {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if headers.contains_key(CONTENT_TYPE) {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response.headers_mut().extend(headers);
    Ok(response)
}

/// A value, or a list of values, for each name; none when one of them is no header.
fn headers(said: Option<&Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, values) in said.and_then(Value::as_object).into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let values = match values {
            Value::Array(values) => values.iter().collect(),
            one => vec![one],
        };
        for value in values {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            // the step has refused the others already: this is for records of older versions
            if response_headers::check(name.as_str(), Some(&text)).is_ok() {
                headers.append(name.clone(), HeaderValue::from_str(&text).ok()?);
            }
        }
    }
    Some(headers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::response;
    use serde_json::{Value, json};

    fn said(value: Value) -> axum::response::Response {
        response(value).unwrap()
    }

    #[test]
    fn status_and_headers_are_passed_on_but_for_those_that_are_kept() {
        let answer = said(json!({"status": 201, "body": "<p>", "headers": {
            "Content-Type": "text/html", "X-A": 1, "Set-Cookie": ["a=b", "jet_session=evil", "c=d"],
            "Transfer-Encoding": "chunked", "Content-Length": "999", "Connection": "close",
            "Access-Control-Allow-Origin": "x", "Content-Security-Policy": "none", "Alt-Svc": "h2=evil",
        }}));
        assert_eq!(answer.status(), 201);
        let headers: Vec<_> =
            answer.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, [("content-type", "text/html"), ("x-a", "1")]);
    }

    #[test]
    fn a_body_has_the_type_of_its_value() {
        let media = |body: Value| {
            said(json!({"body": body})).headers().get("content-type").map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(media(json!("x")).as_deref(), Some("text/plain; charset=utf-8"));
        assert_eq!(media(json!({"a": 1})).as_deref(), Some("application/json"));
        assert_eq!(media(Value::Null), None);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for wrong in [
            json!("x"),
            json!({"status": 99}),
            json!({"status": 101}),
            json!({"status": "no"}),
            json!({"headers": {"a b": "c"}}),
            json!({"headers": {"a": "b\nc"}}),
        ] {
            assert!(response(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
