//! Answers as JSON: text where bytes are UTF-8, otherwise base64 behind a mark, and the way back.
use crate::{
    Error, Result,
    connect::rows::{float, integer},
    error::DatasourceProblem,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use redis::{ServerError, Value as Answer};
use serde_json::{Map, Value, json};

/// How an answer is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As the server says it.
    Plain,
    /// Fields and values in turn, from servers without maps.
    Object,
    /// Members with their scores.
    Scored,
    /// Lines of `name:value` below headings, as `INFO` has them.
    Sections,
}

/// # Errors
/// `Datasource` for a refusal.
pub(super) fn read(answer: Answer, layout: Layout) -> Result<Value> {
    Ok(match (layout, answer) {
        (_, Answer::ServerError(error)) => return Err(Error::Datasource(Box::new(said(&error)))),
        (Layout::Object, Answer::Array(items)) => {
            object(pairs(items).map(|(name, value)| (text_of(name), json(value))))
        }
        (Layout::Scored, Answer::Array(items)) => pairs(items)
            .map(|(member, score)| json!({"member": json(member), "score": number(score)}))
            .collect::<Vec<_>>()
            .into(),
        (Layout::Sections, answer) => sections(&text_of(answer)),
        (_, answer) => json(answer),
    })
}

/// What the server said when it refused.
pub(super) fn said(error: &ServerError) -> DatasourceProblem {
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

/// What stands before bytes in base64 (RFC 2397).
const MARK: &str = "data:;base64,";

/// Bytes as text; what is no UTF-8, or looks like the mark, as base64 behind the mark. No two values have one text.
pub(super) fn text(bytes: Vec<u8>) -> String {
    let marked = |bytes: &[u8]| format!("{MARK}{}", BASE64.encode(bytes));
    match String::from_utf8(bytes) {
        Ok(text) if text_bytes(&text).is_none() => text,
        Ok(text) => marked(text.as_bytes()),
        Err(error) => marked(error.as_bytes()),
    }
}

/// The bytes that a text of [`text`] stands for. Every other text stands for itself.
pub(super) fn argument(text: String) -> Vec<u8> {
    text_bytes(&text).unwrap_or_else(|| text.into_bytes())
}

/// The bytes behind the mark, where only the mark can write them.
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
        // what a later version of the protocol adds has no shape yet
        _ => Value::Null,
    }
}

/// The bytes of a text, as the server sent them.
pub(super) fn bytes(answer: Answer) -> Vec<u8> {
    match answer {
        Answer::BulkString(bytes) => bytes,
        Answer::SimpleString(text) => text.into_bytes(),
        _ => Vec::new(),
    }
}

/// The items of a list, whatever kind of list it is.
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

/// A score: a number in the newer protocol, text in the older.
fn number(score: Answer) -> Value {
    match json(score) {
        Value::String(text) => text.parse().map_or_else(|_| text.into(), float),
        other => other,
    }
}

/// Pairs from a flat list, or from a list of pairs.
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
    use super::{Layout, argument, read, text};
    use proptest::prelude::*;
    use redis::{Value as Answer, parse_redis_value};
    use serde_json::{Value, json};

    fn answer(wire: &[u8], layout: Layout) -> Value {
        read(parse_redis_value(wire).unwrap(), layout).unwrap()
    }

    #[test]
    fn every_kind_of_answer_has_its_json() {
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
            assert_eq!(answer(wire, Layout::Plain), expected, "{}", String::from_utf8_lossy(wire));
        }
    }

    #[test]
    fn every_value_has_its_own_text_and_every_text_its_own_value() {
        let marked = text(b"\xff\xfe".to_vec());
        assert_eq!(marked, "data:;base64,//4=");
        assert_eq!(argument(marked.clone()), b"\xff\xfe");
        let twice = text(marked.clone().into_bytes());
        assert_ne!(twice, marked, "a text that looks like bytes is told from them");
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
        fn bytes_and_texts_go_there_and_back(
            bytes in prop::collection::vec(any::<u8>(), 0..20), words in "(data:;base64,)?[A-Za-z0-9+/=é]{0,12}",
        ) {
            prop_assert_eq!(argument(text(bytes.clone())), bytes);
            prop_assert_eq!(text(argument(words.clone())), words);
        }
    }

    #[test]
    fn both_protocols_have_one_layout() {
        let object = json!({"a": "1", "b": "2"});
        assert_eq!(answer(b"*4\r\n+a\r\n+1\r\n+b\r\n+2\r\n", Layout::Object), object);
        assert_eq!(answer(b"%2\r\n+a\r\n+1\r\n+b\r\n+2\r\n", Layout::Object), object);
        let scored = json!([{"member": "a", "score": 1.5}]);
        assert_eq!(answer(b"*2\r\n+a\r\n+1.5\r\n", Layout::Scored), scored);
        assert_eq!(answer(b"*1\r\n*2\r\n+a\r\n,1.5\r\n", Layout::Scored), scored);
        let info = b"$35\r\n# A\r\nx:1\r\ny:a:b\r\n\r\n# B\r\nz:2\r\njunk\r\n\r\n";
        assert_eq!(answer(info, Layout::Sections), json!({"A": {"x": "1", "y": "a:b"}, "B": {"z": "2"}}));
    }

    #[test]
    fn a_refusal_is_an_error_with_the_servers_code() {
        let refused = parse_redis_value(b"-WRONGTYPE Operation against a key\r\n").unwrap();
        assert!(matches!(&refused, Answer::ServerError(_)));
        let crate::Error::Datasource(problem) = read(refused, Layout::Plain).unwrap_err() else { panic!() };
        assert_eq!(problem.code.as_deref(), Some("WRONGTYPE"));
        assert_eq!(problem.message, "Operation against a key");
    }
}
