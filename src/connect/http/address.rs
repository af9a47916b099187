//! URLs with values in them. A value fills its place in the path or in the query, and never changes the server, the
//! path or the resource that the request is for. Everything that puts values into a URL uses [`build`].
use super::missing;
use crate::{Error, Result, error::FieldProblem, script::template::as_text};
use serde_json::Value;
use std::borrow::Cow;
use url::{Position, Url};

/// How many layers of percent-encoding a value may have before it is rejected.
const LAYERS: usize = 8;

/// A part of a URL, in the order of the template.
#[derive(Clone, Debug)]
pub enum UrlPiece {
    /// What the author wrote, already valid in a URL.
    Text(String),
    /// The value of a template.
    Value {
        /// The template's expression, such as `params.id`. It names the value in errors.
        source: String,
        /// The field to name in errors, if it is not the URL itself.
        field: Option<String>,
        value: Value,
    },
}

/// Which part of the URL comes next.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum UrlZone {
    Path,
    Query,
    Fragment,
}

/// Appends `pieces` to `beginning`, an absolute URL at least up to its host. `field` is the field of the URL, for
/// errors. A query parameter whose whole value is null is left out; a list or an object there is sent as JSON.
///
/// # Errors
/// `Invalid`, naming the value, if it is empty or would change the path, or if it is a list or an object in the path;
/// and if the URL is not the template with its placeholders filled.
pub fn build(beginning: &str, pieces: &[UrlPiece], field: &str) -> Result<Url> {
    let base = absolute(beginning, field)?;
    // the same URL with harmless words as values: what the author wrote, and nothing else
    let (mut whole, mut plain, mut raw) = (beginning.to_owned(), beginning.to_owned(), path_of(beginning).to_owned());
    let mut zone = after(UrlZone::Path, beginning.split_once("://").map_or(beginning, |(_, rest)| rest));
    let mut fillings = Vec::new();
    for piece in &*missing::left_out(pieces) {
        match piece {
            UrlPiece::Text(text) => {
                if text.chars().any(is_control) {
                    return Err(Error::invalid(
                        field,
                        "must not contain line breaks, tabs or other control characters",
                    ));
                }
                if zone == UrlZone::Path {
                    raw.push_str(text.split(['?', '#']).next().unwrap_or_default());
                }
                zone = after(zone, text);
                whole.push_str(text);
                plain.push_str(text);
            }
            UrlPiece::Value { value, .. } => {
                let text = as_text(value);
                if zone == UrlZone::Path {
                    if value.is_array() || value.is_object() {
                        return Err(refused(piece, field, "must be text or a number: one value per path segment"));
                    }
                    check(&text).map_err(|why| refused(piece, field, why))?;
                    raw.push_str(&text);
                }
                let encoded = if zone == UrlZone::Path { encode_segment(&text) } else { encode(&text) };
                let word = format!("0jet{}0", fillings.len());
                whole.push_str(&encoded);
                plain.push_str(&word);
                fillings.push((word, encoded));
            }
        }
    }
    if !fillings.is_empty() && climbs(&raw) {
        return Err(Error::invalid(field, "must not contain `.` or `..` as a path segment"));
    }
    let (url, expected) = (absolute(&whole, field)?, absolute(&plain, field)?);
    let filled = |text: &str| fillings.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value));
    let same = base[..Position::BeforePath] == url[..Position::BeforePath]
        && expected[..Position::BeforePath] == url[..Position::BeforePath]
        && filled(expected.path()) == url.path()
        && expected.query().map(filled) == url.query().map(str::to_owned)
        && expected.fragment().map(filled) == url.fragment().map(str::to_owned)
        && is_below(url.path(), base.path().trim_end_matches('/'));
    if same {
        Ok(url)
    } else {
        Err(Error::invalid(field, "a value would change the URL: it can only fill its placeholder"))
    }
}

/// Checks that a value in a path stays one part of one segment.
///
/// # Errors
/// Why it does not, as the end of a sentence about the value.
pub fn check(value: &str) -> Result<(), &'static str> {
    if value.trim().is_empty() {
        return Err("must not be empty: the URL would name a different resource");
    }
    if value.chars().any(is_control) {
        return Err("must not contain line breaks, tabs or other control characters");
    }
    if climbs(value) {
        return Err("must not contain `.` or `..` as a segment, in any notation");
    }
    Ok(())
}

/// Parses an `http` or `https` URL that has a host and no credentials.
///
/// # Errors
/// `Invalid` at `field`.
pub fn absolute(text: &str, field: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| Error::invalid(field, "must be a URL such as https://api.example.com/v1/items"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid(field, "must not contain a user or a password: enter them in their own fields"));
    }
    Ok(url)
}

/// Encodes a value for a query or a fragment, so that it stays one part of it.
fn encode(value: &str) -> String {
    percent(value, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Encodes a value for a part of a path segment. What has a meaning there is encoded, including semicolons and plus
/// signs.
fn encode_segment(value: &str) -> String {
    percent(value, |byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*,=:@".contains(&byte))
}

/// Encodes text that an author wrote for a path, in which only `/` has a meaning.
pub fn encode_text(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_graphic() && !b"\"#<>?`{}%\\".contains(&byte))
}

fn percent(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keep(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}

pub(super) fn after(zone: UrlZone, text: &str) -> UrlZone {
    match zone {
        UrlZone::Fragment => zone,
        _ if text.contains('#') => UrlZone::Fragment,
        UrlZone::Path if text.contains('?') => UrlZone::Query,
        _ => zone,
    }
}

fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the path of an absolute URL as it is written.
fn path_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let path = rest.find(['/', '\\', '?', '#']).map_or("", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

fn refused(piece: &UrlPiece, field: &str, why: &str) -> Error {
    let UrlPiece::Value { source, field: own, .. } = piece else { return Error::invalid(field, why) };
    let message = match own {
        Some(_) => why.to_owned(),
        None => format!("the value of `{{{{ {source} }}}}` {why}"),
    };
    Error::Invalid(vec![FieldProblem { path: own.clone().unwrap_or_else(|| field.to_owned()), message }])
}

/// Whether a character serves no purpose in a path but to change how it is read: control characters of either block,
/// and line separators.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether a segment consists of dots in any notation: encoded several times, with parameters after a semicolon,
/// between backslashes, or with characters that some servers treat as dots and slashes.
fn climbs(text: &str) -> bool {
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let dots = text.split(['/', '\\', '／', '＼', '⧸', '∕', '⁄']).any(|segment| {
            let name = segment.split(';').next().unwrap_or_default();
            let name = name.trim_matches(|c: char| c.is_whitespace() || is_control(c)).replace('‥', "..");
            let dots = name.chars().all(|c| matches!(c, '.' | '．' | '․' | '﹒' | '。' | '｡'));
            dots && matches!(name.chars().count(), 1 | 2)
        });
        if dots {
            return true;
        }
        match decoded(&text) {
            Some(next) => text = Cow::Owned(next),
            None => return false,
        }
    }
    // no legitimate name is encoded that often
    true
}

/// Removes one layer of percent-encoding; `None` if nothing is encoded.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let (mut at, mut changed) = (0, false);
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        if let Some(decoded) = digits.and_then(|digits| hex::decode(digits).ok()) {
            found.extend(decoded);
            at += 3;
            changed = true;
        } else {
            found.push(*byte);
            at += 1;
        }
    }
    changed.then(|| String::from_utf8_lossy(&found).into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn value(text: &str) -> UrlPiece {
        UrlPiece::Value { source: "params.id".to_owned(), field: None, value: text.into() }
    }

    fn text(text: &str) -> UrlPiece {
        UrlPiece::Text(text.to_owned())
    }

    #[test]
    fn a_value_in_a_path_is_one_part_of_one_segment() {
        for (given, expected) in [
            ("7", "7"),
            ("a/b?c#d", "a%2Fb%3Fc%23d"),
            ("a;b=1,c:d@e", "a%3Bb=1,c:d@e"),
            ("DOMAIN\\user", "DOMAIN%5Cuser"),
            ("100%", "100%25"),
            ("%41", "%2541"),
            ("...", "..."),
            ("..a", "..a"),
            ("Ä 東", "%C3%84%20%E6%9D%B1"),
        ] {
            let url = build("https://h.example/v1", &[text("/items/"), value(given), text("/x")], "url").unwrap();
            assert_eq!(url.as_str(), format!("https://h.example/v1/items/{expected}/x"), "{given}");
        }
    }

    #[test]
    fn a_value_that_would_change_the_path_is_rejected_and_named() {
        for given in [
            "",
            " ",
            "\t",
            ".",
            "..",
            " .. ",
            ".\t.",
            ".\n.",
            ".\r.",
            "\0",
            "a\u{85}b",
            "a\u{2028}b",
            "%2e%2e",
            "%2E.",
            "%252e%252e",
            "%25252e.",
            "..;x=1",
            "..%3bx",
            "..\\x",
            "a/../b",
            "a%2f..%2fb",
            "a\\..\\b",
            "．．",
            "‥",
            "..／x",
            "\u{feff}..",
            "..%00",
            "%%32%65%%32%65",
        ] {
            let error = build("https://h.example/v1", &[text("/items/"), value(given)], "options.path").unwrap_err();
            let message = error.to_string();
            assert!(message.contains("options.path") && message.contains("params.id"), "{given:?}: {message}");
        }
        for pieces in [vec![value("."), value(".")], vec![text("."), value(".")], vec![value("%2"), value("e.")]] {
            let mut all = vec![text("/a/")];
            all.extend(pieces);
            assert!(build("https://h.example", &all, "url").is_err(), "{all:?}");
        }
    }

    #[test]
    fn a_value_in_a_query_adds_no_parameter() {
        let url = build("https://h.example", &[text("/a?q="), value("x&y=z#..\n"), text("&b=1")], "url").unwrap();
        assert_eq!(
            url.query_pairs().into_owned().collect::<Vec<_>>(),
            [("q".to_owned(), "x&y=z#..\n".to_owned()), ("b".to_owned(), "1".to_owned())]
        );
        assert!(build("https://h.example", &[text("/a?q="), value("")], "url").is_ok());
    }

    #[test]
    fn a_parameter_without_a_value_is_left_out_and_a_segment_without_one_is_rejected() {
        let null = || UrlPiece::Value { source: "params.n".to_owned(), field: None, value: Value::Null };
        let made = |pieces: Vec<UrlPiece>| build("https://h.example", &pieces, "url").map(|url| url.to_string());
        for (pieces, expected) in [
            (vec![text("/a?q="), null()], "/a"),
            (vec![text("/a?q="), null(), text("&b=1")], "/a?b=1"),
            (vec![text("/a?b=1&q="), null()], "/a?b=1"),
            (vec![text("/a?b=1&q="), null(), text("&c="), null(), text("&d=2")], "/a?b=1&d=2"),
            (vec![text("/a?b="), null(), text("&c="), null(), text("#f")], "/a#f"),
            (vec![text("/a?q="), null(), text("&b="), value("x")], "/a?b=x"),
            // next to other text, null is an empty part of a value
            (vec![text("/a?q=x-"), null()], "/a?q=x-"),
            (vec![text("/a?q="), null(), value("y")], "/a?q=y"),
            (vec![text("/a?q="), value("")], "/a?q="),
            (vec![text("/a#"), null()], "/a#"),
        ] {
            assert_eq!(made(pieces.clone()).unwrap(), format!("https://h.example{expected}"), "{pieces:?}");
        }
        for wrong in [json!(null), json!(""), json!([]), json!([1, 2]), json!({}), json!({"a": 1})] {
            let piece = UrlPiece::Value { source: "params.n".to_owned(), field: None, value: wrong.clone() };
            for pieces in [vec![text("/a/"), piece.clone()], vec![text("/a/"), piece.clone(), text("/b?q=1")]] {
                let message = made(pieces).unwrap_err().to_string();
                assert!(message.contains("params.n") && message.contains("must"), "{wrong}: {message}");
            }
        }
        assert_eq!(
            made(vec![text("/a?q="), UrlPiece::Value { source: "x".into(), field: None, value: json!([1]) }]).unwrap(),
            "https://h.example/a?q=%5B1%5D"
        );
    }

    proptest! {
        #[test]
        fn for_any_value_the_url_is_the_template_with_its_placeholder_filled(
            hostile in "[./\\\\%25ec;?#@: \t\n\u{0}-\u{1f}\u{85}\u{ff0e}\u{ff0f}&=+a-z\u{2025}é]{0,12}",
            beginning in prop::sample::select(vec!["https://h.example/v1/t", "https://h.example", "http://h.example:81/b/"]),
        ) {
            let pieces = [text("/items/x-"), value(&hostile), text("/lines")];
            if let Ok(url) = build(beginning, &pieces, "url") {
                let base = Url::parse(beginning).unwrap();
                prop_assert_eq!(url.origin(), base.origin());
                let own: Vec<_> = url.path_segments().unwrap().collect();
                let tail = own.len() - 3;
                prop_assert_eq!(own[tail], "items");
                prop_assert_eq!(own[tail + 2], "lines");
                prop_assert_eq!(own[tail + 1], format!("x-{}", encode_segment(&hostile)));
                prop_assert!(url.query().is_none() && url.fragment().is_none());
                prop_assert_eq!(Url::parse(url.as_str()).unwrap(), url);
            }
        }
    }
}
