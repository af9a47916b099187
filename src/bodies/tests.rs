//! Tests for bodies of every kind, whole and broken.
use super::{
    BodyContent, FormEvent, FormParser, Media, MediaKind, RawContent, UnknownCoding, Unpacker, form, marked, mended,
    raw, read, unmarked, unpack,
};
use crate::json::{JsonRefusal, Room};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use hyper::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpacker(codings: &'static str) -> Unpacker {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(codings));
    Unpacker::of(&headers).unwrap()
}

fn unpacked(codings: &'static str, body: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    unpack(unpacker(codings), body, 1 << 20).map_err(|broken| broken.0)
}

#[test]
fn codings_are_decoded_in_reverse_order() {
    let text = b"a text that is packed".as_slice();
    for (codings, body) in [
        ("gzip", gzip(text)),
        ("x-gzip", gzip(text)),
        ("GZIP", [gzip(&text[..5]), gzip(&text[5..])].concat()),
        ("deflate", zlib(text)),
        ("deflate", deflate(text)),
        ("deflate, gzip", gzip(&zlib(text))),
        ("identity", text.to_vec()),
        ("aws-chunked", text.to_vec()),
        ("utf-8", text.to_vec()),
        ("gzip", Vec::new()),
        ("deflate", Vec::new()),
    ] {
        let expected = if body.is_empty() { b"".as_slice() } else { text };
        assert_eq!(unpacked(codings, &body).unwrap().unwrap(), expected, "{codings}");
    }
    let mut headers = HeaderMap::new();
    for (codings, unknown) in [("br", "br"), ("gzip, zstd", "zstd"), ("gzip, gzip, gzip", "gzip, gzip, gzip")] {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(codings));
        assert_eq!(Unpacker::of(&headers).err(), Some(UnknownCoding(unknown.to_owned())));
    }
}

#[test]
fn incomplete_and_invalid_data_is_reported_and_expansion_is_limited() {
    let packed = gzip(&vec![b'x'; 100_000]);
    for cut in 1..packed.len() {
        assert!(unpacked("gzip", &packed[..cut]).unwrap_err().contains("in the middle of"), "{cut}");
    }
    let framed = zlib(&vec![b'x'; 100_000]);
    for cut in 1..framed.len() {
        assert!(unpacked("deflate", &framed[..cut]).unwrap_err().contains("in the middle of"), "{cut}");
    }
    assert!(unpacked("gzip", b"{\"a\": 1}").unwrap_err().contains("not compressed as"));
    let bomb = gzip(&vec![0; 50 << 20]);
    assert_eq!(unpacked("gzip", &bomb), Ok(None));
    assert_eq!(unpacked("gzip, gzip", &gzip(&bomb)), Ok(None));
    let mut headed = packed;
    headed.extend_from_slice(b"more");
    assert!(unpacked("gzip", &headed).is_err());
}

/// Reads a body of that type.
fn value_of(kind: &str, body: &[u8]) -> Value {
    let done = futures_util::FutureExt::now_or_never(read(Media::parse(kind), body.to_vec(), Room::of(1 << 20), None));
    match done.unwrap().unwrap() {
        BodyContent::Empty => Value::Null,
        BodyContent::Value(value) => value,
        BodyContent::Text(text) => text.into(),
        BodyContent::Bytes(bytes) => marked(&Media::parse(kind), &bytes).into(),
    }
}

fn refused(kind: &str, body: &[u8]) -> String {
    let done = futures_util::FutureExt::now_or_never(read(Media::parse(kind), body.to_vec(), Room::of(1 << 20), None));
    done.unwrap().unwrap_err().into_error(|why| crate::Error::datasource(format!("the response {why}"))).to_string()
}

fn wide(text: &str, is_big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn json_is_read_as_services_write_it() {
    let right = json!({"a": "ü"});
    let text = "{\"a\":\"ü\"}";
    for (kind, body) in [
        ("application/json", text.as_bytes().to_vec()),
        ("application/json", ["\u{feff}", text].concat().into_bytes()),
        ("text/json; charset=utf-8", text.as_bytes().to_vec()),
        ("application/hal+json", text.as_bytes().to_vec()),
        ("application/json", wide(text, false)),
        ("application/json", wide(text, true)),
        ("application/json", wide(&["\u{feff}", text].concat(), true)),
        ("application/json; charset=\"UTF-16LE\"", wide(text, false)),
        ("application/json;charset=ISO-8859-1", b"{\"a\":\"\xfc\"}".to_vec()),
        ("", text.as_bytes().to_vec()),
        ("application/x-www-form-urlencoded", b"a=%C3%BC".to_vec()),
        ("application/x-www-form-urlencoded", b"a=%FC".to_vec()),
    ] {
        if body == b"a=%FC" {
            assert_eq!(value_of(&format!("{kind}; charset=latin1"), &body), right);
            assert_eq!(value_of(kind, b"a=%FC&_charset_=iso-8859-1")["a"], "ü");
            assert_eq!(value_of(kind, b"a=%FC&charset=windows-1252")["a"], "ü");
            assert_eq!(value_of(kind, b"a=%C3%BC&charset=windows-1252")["a"], "ü");
            continue;
        }
        assert_eq!(value_of(kind, &body), right, "{kind}");
    }
    for empty in [b"".as_slice(), b" \n", b"\xef\xbb\xbf"] {
        assert_eq!(value_of("application/json", empty), Value::Null);
    }
    assert_eq!(value_of("application/json", b"{\"t\":\"cut \\ud83d\"}"), json!({"t": "cut \u{fffd}"}));
    assert!(refused("application/json", b"{\"a\":").contains("is not valid JSON"));
    assert!(refused("application/json", b"{\"a\":\"\xff\"}").contains("byte 7 is not valid UTF-8"));
    assert_eq!(value_of("", b"[INFO] started"), "[INFO] started");
}

#[test]
fn json_lines_become_a_list() {
    let two = json!([{"a": 1}, {"a": 2}]);
    for (kind, body) in [
        ("application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n"),
        ("application/jsonl; charset=utf-8", "\u{feff}{\"a\":1}\r\n\r\n{\"a\":2}"),
        ("application/json-seq", "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n"),
        ("application/json", "{\"a\":1}\n{\"a\":2}\n"),
    ] {
        assert_eq!(value_of(kind, body.as_bytes()), two, "{kind}");
    }
    assert_eq!(value_of("application/x-ndjson", b"{\"a\":1}"), json!([{"a": 1}]));
    assert_eq!(value_of("application/x-ndjson", b"1\nnull\n\"x\""), json!([1, null, "x"]));
    assert_eq!(value_of("application/json", b"{\"a\":1}\n"), json!({"a": 1}));
    assert_eq!(value_of("application/json", b"[1,\n2]"), json!([1, 2]));
    assert_eq!(value_of("application/json", b"[1]\n[2]"), json!([[1], [2]]));
    assert!(refused("application/x-ndjson", b"{\"a\":1}\n\n{\"a\":").contains("line 3 is incomplete"));
    assert!(refused("application/json", b"{\"a\":1} x").contains("something follows the end of the value"));
}

#[test]
fn text_is_decoded_as_declared_and_bytes_become_data_urls() {
    let text = "Müller;1,50 €";
    let (ansi, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    for (kind, body) in [
        ("text/csv; charset=windows-1252", ansi.to_vec()),
        ("text/csv; charset=\"ISO-8859-1\"; header=present", ansi.to_vec()),
        ("text/csv", text.as_bytes().to_vec()),
        ("text/csv; charset=unknown", text.as_bytes().to_vec()),
        ("text/csv", [b"\xff\xfe".to_vec(), wide(text, false)].concat()),
        ("text/csv; charset=windows-1252", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("application/octet-stream", text.as_bytes().to_vec()),
    ] {
        assert_eq!(value_of(kind, &body), text, "{kind}");
    }
    let xml = b"<?xml version=\"1.0\" encoding='ISO-8859-1'?><a>\xfc</a>";
    assert!(value_of("application/xml", xml).as_str().unwrap().ends_with("<a>ü</a>"));
    let html = b"<html><head><meta http-equiv=x content=\"text/html; charset=latin1\"></head>\xfc";
    assert!(value_of("text/html", html).as_str().unwrap().ends_with("ü"));
    assert!(value_of("image/svg+xml", b"<svg/>").as_str().unwrap().starts_with("<svg"));
    for (kind, body, expected) in [
        ("text/plain", b"\xff\xfa".as_slice(), "data:text/plain;base64,//o="),
        ("", b"\xff\xfa", "data:application/octet-stream;base64,//o="),
        ("image/png; x=y", b"PNG", "data:image/png;base64,UE5H"),
        ("application/octet-stream", b"a\0b", "data:application/octet-stream;base64,YQBi"),
    ] {
        assert_eq!(value_of(kind, body), expected);
        assert_eq!(unmarked(expected), expected.split(',').nth(1).unwrap());
    }
    assert_eq!(unmarked("UE5H"), "UE5H");
}

#[test]
fn a_multipart_form_has_fields_and_files() {
    let body = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello\r\n\
        --X\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nwörld\r\n\
        --X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--X--\r\n";
    let read = |kind: &str, body: &[u8]| form::parts(body, &Media::parse(kind)).map(Value::Object);
    let expected = json!({
        "a": ["hello", "wörld"],
        "f": {"filename": "x.txt", "contentType": "text/plain", "base64": "aGk="},
    });
    for kind in ["multipart/form-data; boundary=X", "Multipart/Form-Data; charset=utf-8; boundary=\"X\""] {
        assert_eq!(Media::parse(kind).kind(), MediaKind::Multipart);
        assert_eq!(read(kind, body.as_bytes()).unwrap(), expected);
    }
    assert!(read("multipart/form-data", body.as_bytes()).unwrap_err().contains("no boundary"));
    for cut in [10, 60, body.len() - 8] {
        assert!(read("multipart/form-data; boundary=X", &body.as_bytes()[..cut]).is_err(), "{cut}");
    }
    // piece by piece, and with a preamble, padding and an epilogue
    let framed = format!("before\r\n{}after", body.replace("--X\r\n", "--X \t\r\n"));
    for size in 1..40 {
        let mut parts = FormParser::new(&Media::parse("multipart/form-data; boundary=X")).unwrap();
        let (mut names, mut data) = (Vec::new(), Vec::new());
        for piece in framed.as_bytes().chunks(size) {
            let mut take = |event: FormEvent<'_>| {
                match event {
                    FormEvent::Head(head) => names.push(head.name),
                    FormEvent::Data(bytes) => data.extend_from_slice(bytes),
                }
                Ok::<_, ()>(())
            };
            parts.push(piece, &mut take).unwrap();
        }
        parts.finish().unwrap();
        assert_eq!((names.join(","), data.as_slice()), ("a,a,f".to_owned(), "hellowörldhi".as_bytes()), "{size}");
    }
    let named = |disposition: &str| {
        let body = format!("--X\r\nContent-Disposition: {disposition}\r\n\r\n\r\n--X--");
        let form = read("multipart/form-data; boundary=X", body.as_bytes()).unwrap();
        form.as_object().unwrap().iter().map(|(name, file)| (name.clone(), file["filename"].clone())).next().unwrap()
    };
    assert_eq!(named("form-data; name=\"a;b\"; filename=\"x\\\"y.txt\""), ("a;b".to_owned(), json!("x\"y.txt")));
    assert_eq!(named("form-data; name=f; filename=x; filename*=UTF-8''%E2%82%AC+.txt").1, json!("€+.txt"));
    assert_eq!(named("form-data; name=f; filename=\"\""), ("f".to_owned(), json!("")));
    let many = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(1001) + "--X--\r\n";
    assert!(read("multipart/form-data; boundary=X", many.as_bytes()).unwrap_err().contains("more than 1000"));
}

proptest! {
    #[test]
    fn mended_texts_can_be_parsed_and_valid_ones_stay_unchanged(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["a", "ü", "\\\\", "\\\"", "\\n", "\\ud83d", "\\uDE00", "\\u0041", "\\ufffd", "u", "d83d"]),
            0..12,
        ),
    ) {
        let text = format!("\"{}\"", pieces.concat());
        let once = mended(&text).into_owned();
        let read: Value = serde_json::from_str(&once).unwrap();
        let twice = mended(&once).into_owned();
        prop_assert_eq!(twice.as_str(), once.as_str());
        if let Ok(whole) = serde_json::from_str::<Value>(&text) {
            prop_assert_eq!(read, whole);
            prop_assert_eq!(once, text);
        }
    }

    #[test]
    fn no_body_causes_a_panic(
        kind in prop::sample::select(vec![
            "", "application/json", "application/x-ndjson", "text/html", "text/plain; charset=utf-16", "application/xml",
            "application/x-www-form-urlencoded", "multipart/form-data; boundary=X", "image/png",
        ]),
        body in prop::collection::vec(any::<u8>(), 0..60),
        codings in prop::sample::select(vec!["gzip", "deflate", "gzip, deflate"]),
    ) {
        let media = Media::parse(kind);
        let _ = super::lossy(&media, &body);
        let _ = form::parts(&body, &media);
        let _ = unpacked(codings, &body);
        match raw(&media, body) {
            Ok(RawContent::Json(text)) => { let _ = serde_json::from_str::<Value>(&text); }
            Ok(_) | Err(JsonRefusal::Wrong(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}
