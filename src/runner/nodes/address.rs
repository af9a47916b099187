//! Addresses with templates in them: a value fills its place in the path or in the query, and never changes the host.
use super::{
    Failed, Step,
    pieces::{self, Piece},
};
use crate::{
    Error, Result,
    script::template::{Part, Template},
};
use url::{Url, form_urlencoded::byte_serialize};

const NO_ADDRESS: &str = "must be an address such as https://api.example.com/v1/items";
const PART_OF_HOST: &str = "a template cannot be a part of the host: make the whole beginning one template, such as \
     {{ 'https://' + vars.host }}/items";

/// What is wrong with an address before its templates are resolved.
pub(super) fn check(text: &str, path: &str) -> Result<()> {
    let wrong = |why: &str| Error::invalid(path, why.to_owned());
    let template = Template::parse(text.trim()).map_err(|problem| wrong(&problem.to_string()))?;
    match template.parts.as_slice() {
        [Part::Text(text)] => parse(text, path).map(drop),
        [Part::Text(first), ..] if ends_host(first) => parse(first, path).map(drop),
        [Part::Expression(_)] => Ok(()),
        [Part::Expression(_), Part::Text(next), ..] if next.starts_with(['/', '?', '#']) => Ok(()),
        _ => Err(wrong(PART_OF_HOST)),
    }
}

/// The address with its templates resolved. One at the very beginning gives the whole beginning; any other is encoded as
/// a part of a path's segment or of the query.
pub(super) async fn resolve(step: &Step<'_>, text: &str, path: &str) -> Result<Url, Failed> {
    check(text, path)?;
    let pieces = pieces::resolve(step, text.trim(), path).await?;
    let mixed = pieces.len() > 1;
    let mut whole = String::new();
    let mut beginning = None;
    for piece in pieces {
        match piece {
            Piece::Text(text) => whole.push_str(&text),
            Piece::Value(value) if beginning.is_none() => whole.push_str(value.trim()),
            Piece::Value(value) => whole.push_str(&encoded(&value)),
        }
        if beginning.is_none() {
            beginning = Some(parse(&whole, path)?);
        }
    }
    let url = parse(&whole, path)?;
    if beginning.is_none_or(|beginning| beginning.origin() != url.origin()) {
        return Err(Error::invalid(path, PART_OF_HOST).into());
    }
    if mixed && climbs(&whole) {
        return Err(Error::invalid(path, "must not hold `.` or `..` as a segment of its path").into());
    }
    Ok(url)
}

fn parse(text: &str, path: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| Error::invalid(path, NO_ADDRESS))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid(path, "must not hold a user or a password: they have fields of their own"));
    }
    Ok(url)
}

/// Whether the host is over by the end of `text`.
fn ends_host(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']))
}

/// A value as a part of an address that cannot be more than that.
fn encoded(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Whether a whole segment is of dots, in any way to write them.
fn climbs(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.trim().to_ascii_lowercase().replace("%2e", ".");
        matches!(plain.as_str(), "." | "..")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_template_cannot_be_a_part_of_the_host() {
        for right in [
            "https://api.example.com/items",
            "https://api.example.com",
            " https://api.example.com/{{ input.id }}/x?q={{ input.q }}",
            "{{ vars.url }}",
            "{{ vars.base }}/items/{{ input.id }}",
            "{{ vars.base }}?a={{ input.a }}",
        ] {
            assert!(check(right, "url").is_ok(), "{right}");
        }
        for wrong in [
            "",
            "api.example.com/items",
            "ftp://example.com",
            "https:///{{ input.host }}",
            "https://user:pass@example.com",
            "https://{{ input.host }}/items",
            "https://api.example.com{{ input.more }}",
            "https://api.{{ input.domain }}/items",
            "https://api.example.com:{{ input.port }}/",
            "{{ vars.base }}{{ input.path }}",
            "{{ vars.base }}.example.com/items",
            "{{ input.scheme }}://example.com/",
            "https://example.com/{{ ",
        ] {
            assert!(check(wrong, "url").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_stays_in_its_place() {
        assert_eq!(encoded("a/b?c#d&e=f%g h+\\é"), "a%2Fb%3Fc%23d%26e%3Df%25g%20h%2B%5C%C3%A9");
        assert_eq!(encoded("a-b_c.d"), "a-b_c.d");
        for path in ["https://h/a/../b", "https://h/..", "https://h/a/%2E./b", "https://h/.%2e?x", "https://h/./a"] {
            assert!(climbs(path), "{path}");
        }
        for path in ["https://h/a..b", "https://h/...", "https://h/a?b=../c", "https://h/a#/../b"] {
            assert!(!climbs(path), "{path}");
        }
    }
}
