//! Converts between responses and JSON: bytes are text if they are UTF-8, else base64 with a prefix.
use crate::{
    Error, Result,
    connect::rows::{float, integer},
    error::DatasourceProblem,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use redis::{ServerError, Value as Answer};
use serde_json::{Map, Value, json};

/// How to lay out a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseLayout {
    /// As the server sends it.
    Plain,
    /// As an object. Servers without maps send alternating fields and values.
    Object,
    /// As members with their scores.
    Scored,
    /// As sections with `name:value` lines, in the format of `INFO`.
    Sections,
}

/// Converts a response to JSON.
///
/// # Errors
/// `Datasource` for an error response.
pub(super) fn read(answer: Answer, layout: ResponseLayout) -> Result<Value> {
    Ok(match (layout, answer) {
        (_, Answer::ServerError(error)) => return Err(Error::Datasource(Box::new(to_problem(&error)))),
        (ResponseLayout::Object, Answer::Array(items)) => {
            object(pairs(items).map(|(name, value)| (text_of(name), json(value))))
        }
        (ResponseLayout::Scored, Answer::Array(items)) => pairs(items)
            .map(|(member, score)| json!({"member": json(member), "score": number(score)}))
            .collect::<Vec<_>>()
            .into(),
        (ResponseLayout::Sections, answer) => sections(&text_of(answer)),
        (_, answer) => json(answer),
    })
}

/// Converts an error response.
pub(super) fn to_problem(error: &ServerError) -> DatasourceProblem {
    let code = error.code();
    let hint = matches!(code, "MOVED" | "ASK")
        .then(|| "the server is part of a cluster: connect to the node that holds the key".to_owned());
    DatasourceProblem {
        message: error.details().unwrap_or(code).to_owned(),
        code: Some(code.to_owned()),
        hint,
        transient: matches!(code, "LOADING" | "TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN" | "BUSY"),
        ..DatasourceProblem::default()
    }
}

/// The prefix of bytes in base64, a data URL (RFC 2397).
const MARK: &str = "data:;base64,";

/// Converts bytes to text. Bytes that are not UTF-8, or that would be read as base64, become base64 with a prefix, so
/// that different values always have different texts.
pub(super) fn text(bytes: Vec<u8>) -> String {
    let marked = |bytes: &[u8]| format!("{MARK}{}", BASE64.encode(bytes));
    match String::from_utf8(bytes) {
        Ok(text) if text_bytes(&text).is_none() => text,
        Ok(text) => marked(text.as_bytes()),
        Err(error) => marked(error.as_bytes()),
    }
}

/// Converts a text of [`text`] back to bytes. Any other text is returned unchanged.
pub(super) fn argument(text: String) -> Vec<u8> {
    text_bytes(&text).unwrap_or_else(|| text.into_bytes())
}

/// Decodes base64 with the prefix, if [`text`] would encode the bytes that way.
fn text_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(text.strip_prefix(MARK)?).ok()?;
    let plain = std::str::from_utf8(&bytes).is_ok_and(|text| text_bytes(text).is_none());
    (!plain).then_some(bytes)
}

pub(super) fn json(answer: Answer) -> Value {
    match answer {
        Answer::Int(value) => integer(value),
        Answer::BulkString(bytes) | Answer::BigNumber(bytes) => text(bytes).into(),
        Answer::SimpleString(text) | Answer::VerbatimString { text, .. } => text.into(),
        Answer::Okay => "OK".into(),
        Answer::Array(items) | Answer::Set(items) | Answer::Push { data: items, .. } => {
            items.into_iter().map(json).collect::<Vec<_>>().into()
        }
        Answer::Map(fields) => object(fields.into_iter().map(|(name, value)| (text_of(name), json(value)))),
        Answer::Attribute { data, .. } => json(*data),
        Answer::Double(value) => float(value),
        Answer::Boolean(value) => value.into(),
        Answer::ServerError(error) => format!("{} {}", error.code(), error.details().unwrap_or_default()).into(),
        // types of later protocol versions
        _ => Value::Null,
    }
}

/// Returns the bytes of a string.
pub(super) fn bytes(answer: Answer) -> Vec<u8> {
    match answer {
        Answer::BulkString(bytes) => bytes,
        Answer::SimpleString(text) => text.into_bytes(),
        _ => Vec::new(),
    }
}

/// Returns the items of an array or a set.
pub(super) fn items(answer: Answer) -> Vec<Answer> {
    match answer {
        Answer::Array(items) | Answer::Set(items) => items,
        _ => Vec::new(),
    }
}

fn object(fields: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(fields.collect::<Map<_, _>>())
}

fn sections(text: &str) -> Value {
    let mut sections = Map::new();
    let mut heading = "Server".to_owned();
    for line in text.lines() {
        if let Some(next) = line.strip_prefix('#') {
            next.trim().clone_into(&mut heading);
        } else if let Some((name, value)) = line.split_once(':') {
            sections.entry(heading.as_str()).or_insert_with(|| json!({}))[name] = value.into();
        }
    }
    sections.into()
}

fn text_of(answer: Answer) -> String {
    match json(answer) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Converts a score, which is a number in RESP3 and text in RESP2.
fn number(score: Answer) -> Value {
    match json(score) {
        Value::String(text) => text.parse().map_or_else(|_| text.into(), float),
        other => other,
    }
}

/// Returns pairs from a flat list or a list of pairs.
fn pairs(items: Vec<Answer>) -> impl Iterator<Item = (Answer, Answer)> {
    let mut flat = items.into_iter().flat_map(|item| match item {
        Answer::Array(pair) => pair,
        other => vec![other],
    });
    std::iter::from_fn(move || Some((flat.next()?, flat.next().unwrap_or_default())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ResponseLayout, argument, read, text};
    use proptest::prelude::*;
    use redis::{Value as Answer, parse_redis_value};
    use serde_json::{Value, json};

    fn answer(wire: &[u8], layout: ResponseLayout) -> Value {
        read(parse_redis_value(wire).unwrap(), layout).unwrap()
    }

    #[test]
    fn every_type_of_response_is_converted_to_json() {
        for (wire, expected) in [
            (&b"$-1\r\n"[..], json!(null)),
            (b"*-1\r\n", json!(null)),
            (b"_\r\n", json!(null)),
            (b":42\r\n", json!(42)),
            (b":9007199254740993\r\n", json!("9007199254740993")),
            (b"(3492890328409238509324850943850943825024385\r\n", json!("3492890328409238509324850943850943825024385")),
            (b"+OK\r\n", json!("OK")),
            (b"$3\r\na\r\n\r\n", json!("a\r\n")),
            (b"$2\r\n\xff\xfe\r\n", json!("data:;base64,//4=")),
            (b",1.5\r\n", json!(1.5)),
            (b",inf\r\n", json!("Infinity")),
            (b"#t\r\n", json!(true)),
            (b"=8\r\ntxt:text\r\n", json!("text")),
            (b"~2\r\n:1\r\n:2\r\n", json!([1, 2])),
            (b"%2\r\n$1\r\na\r\n:1\r\n:7\r\n_\r\n", json!({"a": 1, "7": null})),
            (b"*2\r\n*1\r\n:1\r\n-WRONGTYPE no\r\n", json!([[1], "WRONGTYPE no"])),
        ] {
            assert_eq!(answer(wire, ResponseLayout::Plain), expected, "{}", String::from_utf8_lossy(wire));
        }
    }

    #[test]
    fn values_and_texts_map_one_to_one() {
        let marked = text(b"\xff\xfe".to_vec());
        assert_eq!(marked, "data:;base64,//4=");
        assert_eq!(argument(marked.clone()), b"\xff\xfe");
        let twice = text(marked.clone().into_bytes());
        assert_ne!(twice, marked, "a text that looks like encoded bytes differs from them");
        assert_eq!(argument(twice), marked.into_bytes());
        for plain in
            ["", "//4=", "data:;base64,", "data:;base64,aGk=", "data:;base64,//4", "data:image/png;base64,//4="]
        {
            assert_eq!(text(plain.as_bytes().to_vec()), plain);
            assert_eq!(argument(plain.to_owned()), plain.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn bytes_and_texts_round_trip(
            bytes in prop::collection::vec(any::<u8>(), 0..20), words in "(data:;base64,)?[A-Za-z0-9+/=é]{0,12}",
        ) {
            prop_assert_eq!(argument(text(bytes.clone())), bytes);
            prop_assert_eq!(text(argument(words.clone())), words);
        }
    }

    #[test]
    fn both_protocol_versions_have_the_same_layout() {
        let object = json!({"a": "1", "b": "2"});
        assert_eq!(answer(b"*4\r\n+a\r\n+1\r\n+b\r\n+2\r\n", ResponseLayout::Object), object);
        assert_eq!(answer(b"%2\r\n+a\r\n+1\r\n+b\r\n+2\r\n", ResponseLayout::Object), object);
        let scored = json!([{"member": "a", "score": 1.5}]);
        assert_eq!(answer(b"*2\r\n+a\r\n+1.5\r\n", ResponseLayout::Scored), scored);
        assert_eq!(answer(b"*1\r\n*2\r\n+a\r\n,1.5\r\n", ResponseLayout::Scored), scored);
        let info = b"$35\r\n# A\r\nx:1\r\ny:a:b\r\n\r\n# B\r\nz:2\r\njunk\r\n\r\n";
        assert_eq!(answer(info, ResponseLayout::Sections), json!({"A": {"x": "1", "y": "a:b"}, "B": {"z": "2"}}));
    }

    #[test]
    fn an_error_response_keeps_the_servers_code() {
        let refused = parse_redis_value(b"-WRONGTYPE Operation against a key\r\n").unwrap();
        assert!(matches!(&refused, Answer::ServerError(_)));
        let crate::Error::Datasource(problem) = read(refused, ResponseLayout::Plain).unwrap_err() else { panic!() };
        assert_eq!(problem.code.as_deref(), Some("WRONGTYPE"));
        assert_eq!(problem.message, "Operation against a key");
    }
}
