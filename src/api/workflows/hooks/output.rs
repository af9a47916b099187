//! Converts the output of a `respond` step to an HTTP response: its status, its allowed headers and its body.
use crate::{
    model::Json,
    runner::{nodes, response_headers},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// The output of a `respond` step; the body stays text.
#[derive(Deserialize)]
struct RespondOutput<'a> {
    #[serde(default)]
    status: Value,
    #[serde(default)]
    headers: Value,
    #[serde(default, borrow)]
    body: Option<&'a RawValue>,
}

/// Returns the status, the headers and the text of the body.
///
/// # Errors
/// A message that names the invalid part.
pub fn response(output: &Json) -> Result<(StatusCode, HeaderMap, String), &'static str> {
    let output: RespondOutput<'_> = serde_json::from_str(output.text())
        .ok()
        .filter(|_| output.text().starts_with('{'))
        .ok_or("the run's response is not an object with status, headers and body")?;
    let status = match &output.status {
        Value::Null => Some(StatusCode::OK),
        status => nodes::status(status).ok().and_then(|status| StatusCode::from_u16(status).ok()),
    };
    let status = status.ok_or("the run's response has an invalid status")?;
    let mut headers = headers(&output.headers).ok_or("the run's response has an invalid header")?;
    let (body, media) = match output.body.map_or("null", RawValue::get) {
        "null" => (String::new(), None),
        text if text.starts_with('"') => (
            serde_json::from_str(text).map_err(|_| "the run's response has an invalid body")?,
            Some("text/plain; charset=utf-8"),
        ),
        other => (other.to_owned(), Some("application/json")),
    };
    if let Some(media) = media {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media));
    }
    Ok((status, headers, body))
}

/// Parses an object with a value or a list of values for each name; `None` if one of them is not a valid header.
fn headers(output: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, values) in output.as_object().into_iter().flatten() {
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
            // the step rejects other headers; this applies to records of older versions
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

    fn output(value: &Value) -> (StatusCode, HeaderMap, String) {
        response(&Json::of(value).unwrap()).unwrap()
    }

    #[test]
    fn status_and_allowed_headers_are_passed_on() {
        let (status, headers, body) = output(&json!({"status": 201, "body": "<p>", "headers": {
            "Content-Type": "text/html", "X-A": 1, "Set-Cookie": ["a=b", "jet_session=evil", "c=d"],
            "Transfer-Encoding": "chunked", "Content-Length": "999", "Connection": "close",
            "Access-Control-Allow-Origin": "x", "Content-Security-Policy": "none", "Alt-Svc": "h2=evil",
        }}));
        assert_eq!((status.as_u16(), body.as_str()), (201, "<p>"));
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, [("content-type", "text/html"), ("x-a", "1")]);
    }

    #[test]
    fn exactly_the_statuses_that_a_step_accepts_can_be_sent() {
        for number in 0..1100 {
            let status = json!(number);
            let answer = response(&Json::of(&json!({"status": status})).unwrap());
            assert_eq!(answer.is_ok(), crate::runner::nodes::status(&status).is_ok(), "{number}");
        }
    }

    #[test]
    fn the_content_type_follows_from_the_body() {
        let sent = |body: Value| {
            let (_, headers, text) = output(&json!({"body": body}));
            (headers.get("content-type").map(|value| value.to_str().unwrap().to_owned()), text)
        };
        let plain = Some("text/plain; charset=utf-8".to_owned());
        assert_eq!(sent(json!("x \"y\"\n")), (plain, "x \"y\"\n".to_owned()));
        assert_eq!(sent(json!({"a": 1})), (Some("application/json".to_owned()), "{\"a\":1}".to_owned()));
        assert_eq!(sent(Value::Null), (None, String::new()));
    }

    #[test]
    fn an_invalid_response_is_rejected() {
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
