//! HTTP as real services use it: encodings, compression, JSON lines, empty values, redirects and retry hints.
use super::{House, Source, object};
use crate::support::{
    packing::{deflate, gzip, zlib},
    recorder::{Recorder, Seen},
};
use axum::{body::Body, http::Response};
use serde_json::{Value, json};

const JSON: &[u8] = b"{\"a\": [1, 2]}";

fn answer(seen: &Seen) -> Response<Body> {
    let plain = || Response::builder().header("content-type", "application/json");
    let typed = |kind: &str| Response::builder().header("content-type", kind.to_owned());
    let packed = |coding: &str| plain().header("content-encoding", coding.to_owned());
    let half = gzip(JSON);
    let (ansi, _, _) = encoding_rs::WINDOWS_1252.encode("Müller;1,50 €");
    match seen.path.as_str() {
        "/mark" => plain().body(Body::from([b"\xef\xbb\xbf", JSON].concat())),
        "/surrogate" => plain().body(Body::from("{\"id\": 1, \"t\": \"cut \\ud83d\"}")),
        "/lines" => typed("application/x-ndjson").body(Body::from("{\"a\": 1}\n{\"a\": 2}\n")),
        "/lines-as-json" => plain().body(Body::from("{\"a\": 1}\n{\"a\": 2}\n")),
        "/cut-lines" => typed("application/x-ndjson").body(Body::from("{\"a\": 1}\n{\"a\":")),
        "/ansi" => typed("text/csv; charset=windows-1252").body(Body::from(ansi.to_vec())),
        "/form" => typed("application/x-www-form-urlencoded").body(Body::from("a=1&b=x+y&b=z")),
        "/gzip" => packed("gzip").body(Body::from(gzip(JSON))),
        "/zlib" => packed("deflate").body(Body::from(zlib(JSON))),
        "/deflate" => packed("deflate").body(Body::from(deflate(JSON))),
        "/twice" => packed("deflate, gzip").body(Body::from(gzip(&zlib(JSON)))),
        "/brotli" => packed("br").body(Body::from("x")),
        "/half" => packed("gzip").body(Body::from(half[..half.len() - 6].to_vec())),
        "/not-packed" => packed("gzip").body(Body::from(JSON)),
        "/cut" => plain().body(Body::from("{\"a\": [1,")),
        "/repeated" => plain().header("x-a", "1").header("x-a", "2").body(Body::from("{}")),
        "/moved" => Response::builder().status(302).header("location", "/größe?q=ü".as_bytes()).body(Body::empty()),
        "/refused" => typed("text/plain; charset=windows-1252").status(400).body(Body::from(ansi.to_vec())),
        "/later" => plain().status(503).header("retry-after", "90").body(Body::empty()),
        "/limited" => plain().status(403).header("retry-after", "90").body(Body::empty()),
        "/date" => plain().status(429).header("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT").body(Body::empty()),
        "/away" => {
            let moved = Response::builder().status(307).header("location", "/elsewhere");
            moved.header("retry-after", "3600").body(Body::empty())
        }
        _ => plain().body(Body::from(json!({"path": seen.path, "query": seen.query}).to_string())),
    }
    .unwrap()
}

async fn service() -> (Recorder, Source) {
    let recorder = Recorder::start(answer).await;
    let mut source = Source::new("restapi", json!({"baseUrl": recorder.url()}));
    source.0.id = uuid::Uuid::new_v4();
    (recorder, source)
}

#[tokio::test]
async fn responses_are_decoded_as_declared() {
    let house = House::new();
    let (recorder, source) = service().await;
    for (path, expected) in [
        ("mark", json!({"a": [1, 2]})),
        ("surrogate", json!({"id": 1, "t": "cut \u{fffd}"})),
        ("lines", json!([{"a": 1}, {"a": 2}])),
        ("lines-as-json", json!([{"a": 1}, {"a": 2}])),
        ("ansi", json!("Müller;1,50 €")),
        ("form", json!({"a": "1", "b": ["x y", "z"]})),
        ("gzip", json!({"a": [1, 2]})),
        ("zlib", json!({"a": [1, 2]})),
        ("deflate", json!({"a": [1, 2]})),
        ("twice", json!({"a": [1, 2]})),
        ("moved", json!({"path": "/gr%C3%B6%C3%9Fe", "query": [["q", "ü"]]})),
    ] {
        assert_eq!(house.data(&source, json!({"options": {"path": path}}), json!({})).await, expected, "{path}");
    }
    assert!(recorder.take().iter().all(|one| one.header("accept-encoding") == "gzip, deflate"));
    let head = json!({"options": {"path": "repeated", "method": "HEAD"}});
    assert_eq!(house.data(&source, head, json!({})).await["headers"]["x-a"], "1, 2");
    let limited = json!({"options": {"path": "lines"}, "maxRows": 1});
    let cut = house.run(&source, limited, json!({})).await.unwrap();
    assert_eq!((cut.data.as_ref().clone(), cut.truncated), (json!([{"a": 1}]), true));
}

#[tokio::test]
async fn unreadable_responses_are_reported_with_the_reason() {
    let house = House::new();
    let (_recorder, source) = service().await;
    for (path, message, hint) in [
        ("cut-lines", "line 2 is incomplete", None),
        ("brotli", "compressed as `br`", Some("Accept-Encoding")),
        ("half", "ends in the middle of its compressed data", None),
        ("not-packed", "is not compressed as its Content-Encoding says", None),
        ("cut", "incomplete", None),
        ("refused", "400 Bad Request: Müller;1,50 €", None),
        ("later", "503", Some("try again after 90 seconds")),
        ("limited", "403", Some("try again after 90 seconds")),
        ("date", "429", Some("try again after")),
        ("away", "307", Some("try again after 3600 seconds")),
    ] {
        let error = house.run(&source, json!({"options": {"path": path}}), json!({})).await.unwrap_err();
        let jet_admin::Error::Datasource(problem) = error else { panic!("{path}: {error}") };
        assert!(problem.message.contains(message), "{path}: {}", problem.message);
        let shown = problem.hint.as_deref().unwrap_or_default();
        let hint = hint.map(|hint| hint.replace("3600 seconds", "60 minutes"));
        assert!(hint.is_none_or(|hint| shown.contains(&hint)), "{path}: {shown}");
        assert_eq!(problem.retry_after.is_some(), shown.contains("try again"), "{path}");
    }
}

#[tokio::test]
async fn a_missing_value_is_omitted_from_a_query_and_refused_in_a_path() {
    let house = House::new();
    let (recorder, source) = service().await;
    let declared = json!([{"name": "a"}, {"name": "l", "type": "array"}, {"name": "r", "required": true}]);
    let pair = |name: &str, value: &str| json!({"name": name, "value": value});
    let ask = async |options: Value, values: Value| {
        let mut given = object(json!({"r": "x"}));
        given.extend(object(values));
        house.run(&source, json!({"options": options, "parameters": declared}), Value::Object(given)).await
    };
    let query = json!([pair("a", "{{ params.a }}"), pair("l", "{{ params.l }}"), pair("m", "m-{{ params.a }}")]);
    let options = json!({"path": "items", "queryParams": query, "headers": [pair("x-a", "{{ params.a }}")]});
    for (values, expected) in [
        (json!({}), vec![("m", "m-")]),
        (json!({"a": null, "l": []}), vec![("m", "m-")]),
        (json!({"a": "", "l": [null, "x", ""]}), vec![("a", ""), ("l", "x"), ("l", ""), ("m", "m-")]),
        (json!({"a": "0"}), vec![("a", "0"), ("m", "m-0")]),
    ] {
        ask(options.clone(), values.clone()).await.unwrap();
        let seen = recorder.take().remove(0);
        let sent: Vec<_> = seen.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(sent, expected, "{values}");
        assert_eq!(seen.headers.contains_key("x-a"), values["a"].is_string(), "{values}");
    }
    for path in ["items/{{ params.a }}", "items/{{ params.a }}/parts", "{{ params.a }}", "items/{{ params.l }}"] {
        for values in [json!({}), json!({"a": "", "l": []}), json!({"a": " ", "l": [1]})] {
            let error = ask(json!({"method": "DELETE", "path": path}), values).await.unwrap_err();
            assert!(matches!(error, jet_admin::Error::Invalid(_)) && error.to_string().contains("params."), "{error}");
        }
    }
    for missing in [json!({"r": null}), json!({"r": ""})] {
        let error = ask(json!({"path": "items"}), missing).await.unwrap_err().to_string();
        assert!(error.starts_with("parameters.r: is required"), "{error}");
    }
    let form = json!({"method": "POST", "path": "f", "bodyType": "form", "body": {"a": "{{ params.a }}", "b": "1"}});
    ask(form, json!({})).await.unwrap();
    let seen = recorder.take();
    assert_eq!((seen.len(), seen[0].text().as_str()), (1, "b=1"), "no other request was sent");
}
