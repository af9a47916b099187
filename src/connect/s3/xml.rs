//! Looks into XML without building a tree.
use quick_xml::{Reader, escape::unescape, events::Event};

/// How deep elements may be nested. Lists require three levels.
const DEPTH: usize = 8;

/// Returns the text of the first element of that name, up to 500 characters.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.name().as_ref() == name.as_bytes() => {
                let inside = reader.read_text(start.name()).ok()?.decode().ok()?;
                let text: String =
                    unescape(&inside).ok()?.trim().chars().filter(|c| !c.is_control()).take(500).collect();
                return (!text.is_empty()).then_some(text);
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Returns whether elements are nested no deeper than lists require. The parser for lists is recursive: deep nesting
/// would overflow the stack and end the process.
pub(super) fn is_shallow(xml: &str) -> bool {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) if depth == DEPTH => return false,
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) => return true,
            Ok(Event::Decl(_) | Event::Empty(_) | Event::Text(_) | Event::GeneralRef(_)) => {}
            // lists have no comments, sections or declarations
            Ok(_) | Err(_) => return false,
        }
    }
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
