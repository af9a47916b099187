//! Reads the few parts of XML that need no parser.

/// How deep elements may be nested. Lists require three levels.
const DEPTH: usize = 8;

/// Returns the text of the first element of that name.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let text = plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(500).collect();
    (!text.is_empty()).then_some(text)
}

/// Whether elements are nested no deeper than lists require. The parser for lists is recursive: deep nesting would
/// overflow the stack and end the process.
pub(super) fn is_shallow(xml: &str) -> bool {
    let mut rest = xml.trim_start();
    if rest.starts_with("<?xml ") {
        rest = rest.split_once("?>").map_or("", |(_, rest)| rest);
    }
    let mut depth = 0_usize;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        // lists have no comments, sections or declarations, in which a tag would not be one
        let Some(end) = end_of_tag(rest).filter(|_| !rest.starts_with(['!', '?'])) else { return false };
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !tag.ends_with('/') {
            depth += 1;
        }
        if depth > DEPTH {
            return false;
        }
    }
    true
}

/// Returns where the tag ends. A `>` in quotes is part of the tag.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().position(|byte| match (quote, byte) {
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        (None, b'>') => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::is_shallow;

    #[test]
    fn only_flat_documents_pass() {
        for xml in ["", "text", "<a/>", "<?xml version=\"1.0\"?>\n<a><b x=\"1>2\"/><b>it's</b></a>"] {
            assert!(is_shallow(xml), "{xml}");
        }
        assert!(is_shallow(&format!("<a>{}</a>", "<b/><c></c>".repeat(10_000))));
        for xml in ["<a>", "<a b=\"/>\">", "<a b='/'>", "<a b='\"/>'>"] {
            assert!(!is_shallow(&xml.repeat(9)), "{xml}");
        }
        for xml in ["<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", "<a><!-- <b> --></a>", "<a><?x \" ?></a>", "<a"] {
            assert!(!is_shallow(xml), "{xml}");
        }
    }
}
