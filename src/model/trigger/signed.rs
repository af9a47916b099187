//! What a signature is over: a text with parts of the call in it.

/// A part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Body,
    /// As the call writes it.
    Timestamp,
    /// The whole address that was called.
    Url,
    Method,
    Path,
    Query,
    /// The names and values of a form, sorted by name, with nothing between them; nothing for a body that is no form.
    Form,
    /// A header's value, by its name in lower case.
    Header(String),
}

const KNOWN: &str = "{body}, {timestamp}, {url}, {method}, {path}, {query}, {form} and {header:X-Name}";

/// Reads `v0:{timestamp}:{body}`.
///
/// # Errors
/// Names what is not known.
pub fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let (name, after) = after.split_once('}').ok_or_else(|| format!("has a {{ without a }}; known are {KNOWN}"))?;
        parts.push(match (name, name.split_once(':')) {
            ("body", _) => Part::Body,
            ("timestamp", _) => Part::Timestamp,
            ("url", _) => Part::Url,
            ("method", _) => Part::Method,
            ("path", _) => Part::Path,
            ("query", _) => Part::Query,
            ("form", _) => Part::Form,
            (_, Some(("header", header))) if is_header(header) => Part::Header(header.to_ascii_lowercase()),
            _ => return Err(format!("must not hold {{{name}}}: known are {KNOWN}")),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Whether nobody could change the body without the secret.
pub fn covers_body(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Body | Part::Form))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Part, parse};

    #[test]
    fn a_text_with_parts_is_read() {
        assert_eq!(
            parse("v0:{timestamp}:{body}").unwrap(),
            [Part::Text("v0:".into()), Part::Timestamp, Part::Text(":".into()), Part::Body]
        );
        assert_eq!(parse("{url}{form}").unwrap(), [Part::Url, Part::Form]);
        assert_eq!(parse("{header:Webhook-Id}").unwrap(), [Part::Header("webhook-id".into())]);
        for wrong in ["{", "{body", "{bodies}", "{header:}", "{header:a b}", "{{body}}", "{}"] {
            assert!(parse(wrong).unwrap_err().contains("known are"), "{wrong}");
        }
    }
}
