//! URLs with templates. A value is inserted into the path or the query and can never change the host.
use super::pieces::{self, TextPiece};
use crate::{
    Error, Result,
    connect::http::address,
    runner::nodes::{StepContext, StepFailure},
    script::template::{Template, TemplatePart, as_text},
};
use url::Url;

const PART_OF_HOST: &str = "a template cannot be a part of the host: use one template for the whole beginning, such as \
     {{ 'https://' + vars.host }}/items";

/// Checks a URL before its templates are resolved.
pub fn check(text: &str, path: &str) -> Result<()> {
    let wrong = |why: &str| Error::invalid(path, why.to_owned());
    let template = Template::parse(text.trim()).map_err(|problem| wrong(&problem.to_string()))?;
    match template.parts.as_slice() {
        [TemplatePart::Text(text)] => address::absolute(text, path).map(drop),
        [TemplatePart::Text(first), ..] => match split(first) {
            Some((host, _)) => address::absolute(host, path).map(drop),
            None => Err(wrong(PART_OF_HOST)),
        },
        [TemplatePart::Expression(_)] => Ok(()),
        [TemplatePart::Expression(_), TemplatePart::Text(next), ..] if next.starts_with(['/', '?', '#']) => Ok(()),
        _ => Err(wrong(PART_OF_HOST)),
    }
}

/// Resolves the templates of a URL. A template at the start may give the scheme, the host and a path. The value of any
/// other is encoded as a part of a path segment or of the query.
pub async fn resolve(step: &StepContext<'_>, text: &str, path: &str) -> Result<Url, StepFailure> {
    check(text, path)?;
    Ok(filled(pieces::resolve(step, text.trim(), path).await?, path)?)
}

/// Builds a URL from the resolved pieces of a checked template.
fn filled(pieces: Vec<TextPiece>, path: &str) -> Result<Url> {
    let mut pieces = pieces.into_iter();
    let first = pieces.next();
    let rest = pieces.map(|piece| match piece {
        TextPiece::Text(text) => address::UrlPiece::Text(text),
        TextPiece::Value { source, value } => address::UrlPiece::Value { source, field: None, value },
    });
    let rest: Vec<_> = rest.collect();
    match first {
        Some(TextPiece::Text(text)) if rest.is_empty() => address::absolute(&text, path),
        Some(TextPiece::Text(text)) => {
            let (host, after) = split(&text).ok_or_else(|| Error::invalid(path, PART_OF_HOST))?;
            let pieces: Vec<_> = std::iter::once(address::UrlPiece::Text(after.to_owned())).chain(rest).collect();
            address::build(host, &pieces, path)
        }
        Some(TextPiece::Value { source, value }) => {
            let text = as_text(&value);
            let text = text.trim();
            if text.chars().any(char::is_control) {
                return Err(Error::invalid(path, format!("the value of `{{{{ {source} }}}}` must be one line")));
            }
            // the rest of the URL would become a part of the value's query or fragment
            if !rest.is_empty() && text.contains(['?', '#']) {
                let why = "must not contain a query or a fragment, because more of the URL follows";
                return Err(Error::invalid(path, format!("the value of `{{{{ {source} }}}}` {why}")));
            }
            address::build(text, &rest, path)
        }
        None => Err(Error::invalid(path, PART_OF_HOST)),
    }
}

/// Splits a text after its host. Returns `None` if a template may still change the host.
fn split(text: &str) -> Option<(&str, &str)> {
    let start = text.find("://")? + 3;
    let end = start + text[start..].find(['/', '\\', '?', '#']).filter(|end| *end > 0)?;
    Some(text.split_at(end))
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
            "https://\\{{ input.host }}",
            "https://user:pass@example.com",
            "https://user:{{ vars.pass }}@example.com",
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

    fn value(text: &str) -> TextPiece {
        TextPiece::Value { source: "input.x".to_owned(), value: text.into() }
    }

    fn text(text: &str) -> TextPiece {
        TextPiece::Text(text.to_owned())
    }

    #[test]
    fn a_value_at_the_start_cannot_swallow_the_rest_of_the_url() {
        let made = |first: &str, rest: Vec<TextPiece>| {
            filled(std::iter::once(value(first)).chain(rest).collect(), "url").map(String::from)
        };
        assert_eq!(made("https://h.example/a?b#c", Vec::new()).unwrap(), "https://h.example/a?b#c");
        assert_eq!(made("https://h.example/a", vec![text("/b/"), value("1")]).unwrap(), "https://h.example/a/b/1");
        for first in ["https://h.example?", "https://h.example/#", "https://h.exa\nmple", "https://u:p@h.example", "h"]
        {
            assert!(made(first, vec![text("/b")]).is_err(), "{first:?}");
        }
        for hostile in ["", "..", ".\t.", "%2e%2e"] {
            assert!(made("https://h.example/a", vec![text("/b/"), value(hostile)]).is_err(), "{hostile:?}");
        }
    }
}
