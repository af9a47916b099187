//! What a `respond` step says, as an HTTP answer: its status, its headers but for those that are not its to set, its body.
use crate::{
    model::Json,
    runner::{nodes, response_headers},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// What a `respond` step says; the body stays text.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(default)]
    status: Value,
    #[serde(default)]
    headers: Value,
    #[serde(default, borrow)]
    body: Option<&'a RawValue>,
}

/// The answer's head, and its body's text.
///
/// # Errors
/// Names what it says that HTTP cannot.
pub fn response(said: &Json) -> Result<(StatusCode, HeaderMap, String), &'static str> {
    let said: Said<'_> = serde_json::from_str(said.text())
        .ok()
        .filter(|_| said.text().starts_with('{'))
        .ok_or("no status, headers and body")?;
    let status = match &said.status {
        Value::Null => Some(StatusCode::OK),
        status => nodes::status(status).ok().and_then(|status| StatusCode::from_u16(status).ok()),
    };
    let status = status.ok_or("a bad status")?;
    let mut headers = headers(&said.headers).ok_or("a bad header")?;
    let (body, media) = match said.body.map_or("null", RawValue::get) {
        "null" => (String::new(), None),
        text if text.starts_with('"') => {
            (serde_json::from_str(text).map_err(|_| "a bad body")?, Some("text/plain; charset=utf-8"))
        }
        other => (other.to_owned(), Some("application/json")),
    };
    if let Some(media) = media {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media));
    }
    Ok((status, headers, body))
}

/// A value, or a list of values, for each name; none when one of them is no header.
fn headers(said: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, values) in said.as_object().into_iter().flatten() {
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
    use crate::model::Json;
    use axum::http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    fn said(value: &Value) -> (StatusCode, HeaderMap, String) {
        response(&Json::of(value).unwrap()).unwrap()
    }

    #[test]
    fn status_and_headers_are_passed_on_but_for_those_that_are_kept() {
        let (status, headers, body) = said(&json!({"status": 201, "body": "<p>", "headers": {
            "Content-Type": "text/html", "X-A": 1, "Set-Cookie": ["a=b", "jet_session=evil", "c=d"],
            "Transfer-Encoding": "chunked", "Content-Length": "999", "Connection": "close",
            "Access-Control-Allow-Origin": "x", "Content-Security-Policy": "none", "Alt-Svc": "h2=evil",
        }}));
        assert_eq!((status.as_u16(), body.as_str()), (201, "<p>"));
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, [("content-type", "text/html"), ("x-a", "1")]);
    }

    #[test]
    fn a_status_that_a_step_may_give_can_be_answered_and_no_other() {
        for number in 0..1100 {
            let status = json!(number);
            let answer = response(&Json::of(&json!({"status": status})).unwrap());
            assert_eq!(answer.is_ok(), crate::runner::nodes::status(&status).is_ok(), "{number}");
        }
    }

    #[test]
    fn a_body_has_the_type_of_its_value() {
        let sent = |body: Value| {
            let (_, headers, text) = said(&json!({"body": body}));
            (headers.get("content-type").map(|value| value.to_str().unwrap().to_owned()), text)
        };
        let plain = Some("text/plain; charset=utf-8".to_owned());
        assert_eq!(sent(json!("x \"y\"\n")), (plain, "x \"y\"\n".to_owned()));
        assert_eq!(sent(json!({"a": 1})), (Some("application/json".to_owned()), "{\"a\":1}".to_owned()));
        assert_eq!(sent(Value::Null), (None, String::new()));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for wrong in [
            json!("x"),
            json!({"status": 99}),
            json!({"status": 101}),
            json!({"status": "no"}),
            json!({"headers": {"a b": "c"}}),
            json!({"headers": {"x-a": "b\nc"}}),
        ] {
            assert!(response(&Json::of(&wrong).unwrap()).is_err(), "{wrong}");
        }
    }
}
