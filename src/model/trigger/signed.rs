//! The text that a signature covers: literal text and parts of the call.

/// A part of the signed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedPart {
    Text(String),
    Body,
    /// As written in the call.
    Timestamp,
    /// The full URL of the call.
    Url,
    Method,
    Path,
    Query,
    /// The names and values of a form, sorted by name and joined without separators. Empty for a body that is not a
    /// form.
    Form,
    /// The value of the header with this name in lower case.
    Header(String),
}

const KNOWN: &str = "{body}, {timestamp}, {url}, {method}, {path}, {query}, {form} and {header:X-Name}";

/// Parses a text such as `v0:{timestamp}:{body}`.
///
/// # Errors
/// Names the unknown placeholder, and lists the known ones.
pub fn parse(text: &str) -> Result<Vec<SignedPart>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(SignedPart::Text(before.to_owned()));
        }
        let (name, after) = after.split_once('}').ok_or_else(|| format!("has a {{ without a }}: use {KNOWN}"))?;
        parts.push(match (name, name.split_once(':')) {
            ("body", _) => SignedPart::Body,
            ("timestamp", _) => SignedPart::Timestamp,
            ("url", _) => SignedPart::Url,
            ("method", _) => SignedPart::Method,
            ("path", _) => SignedPart::Path,
            ("query", _) => SignedPart::Query,
            ("form", _) => SignedPart::Form,
            (_, Some(("header", header))) if is_header(header) => SignedPart::Header(header.to_ascii_lowercase()),
            _ => return Err(format!("must not contain {{{name}}}: use {KNOWN}")),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(SignedPart::Text(rest.to_owned()));
    }
    Ok(parts)
}

fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Returns whether the signature covers the body.
pub fn covers_body(parts: &[SignedPart]) -> bool {
    parts.iter().any(|part| matches!(part, SignedPart::Body | SignedPart::Form))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{SignedPart, parse};

    #[test]
    fn a_text_with_placeholders_is_parsed() {
        assert_eq!(
            parse("v0:{timestamp}:{body}").unwrap(),
            [SignedPart::Text("v0:".into()), SignedPart::Timestamp, SignedPart::Text(":".into()), SignedPart::Body]
        );
        assert_eq!(parse("{url}{form}").unwrap(), [SignedPart::Url, SignedPart::Form]);
        assert_eq!(parse("{header:Webhook-Id}").unwrap(), [SignedPart::Header("webhook-id".into())]);
        for wrong in ["{", "{body", "{bodies}", "{header:}", "{header:a b}", "{{body}}", "{}"] {
            assert!(parse(wrong).unwrap_err().contains("use {body}"), "{wrong}");
        }
    }
}
