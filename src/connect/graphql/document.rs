//! Finds the operations of a GraphQL document without parsing the rest.
use crate::{Error, Result};

/// An operation of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GraphQlOperation<'a> {
    /// `query`, `mutation` or `subscription`.
    pub kind: &'a str,
    pub name: Option<&'a str>,
}

/// Returns the operation to run.
///
/// # Errors
/// `Invalid` if the document has no operation, or several without a name to select one.
pub(super) fn chosen<'a>(document: &'a str, name: Option<&str>) -> Result<GraphQlOperation<'a>> {
    let mut found = operations(document);
    if let Some(name) = name {
        let missing = || Error::invalid("options.operationName", format!("the query has no operation `{name}`"));
        return found.into_iter().find(|operation| operation.name == Some(name)).ok_or_else(missing);
    }
    match found.len() {
        0 => Err(Error::invalid("options.query", "contains no operation: enter `query { … }` or `mutation { … }`")),
        1 => Ok(found.remove(0)),
        _ => Err(Error::invalid("options.operationName", "is required: the query has several operations")),
    }
}

fn operations(document: &str) -> Vec<GraphQlOperation<'_>> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    // the words since the last definition ended
    let mut words: Vec<&str> = Vec::new();
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string(rest),
            c if c.is_ascii_alphabetic() || c == '_' => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let piece = &rest[..length];
        match first {
            '{' | '(' | '[' => {
                if depth == 0 && matches!(words.first(), None | Some(&("query" | "mutation" | "subscription"))) {
                    // variables and selections of one operation both begin here: only the first of them counts
                    if words.last() != Some(&"") {
                        let kind = words.first().copied().unwrap_or("query");
                        let name = words.get(1).copied().filter(|name| *name != "@");
                        found.push(GraphQlOperation { kind, name });
                        words.push("");
                    }
                }
                depth += 1;
            }
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && first == '}' {
                    words.clear();
                }
            }
            '@' if depth == 0 && words.last() != Some(&"") => words.push("@"),
            c if depth == 0 && (c.is_ascii_alphabetic() || c == '_') && words.last() != Some(&"") => words.push(piece),
            _ => {}
        }
        rest = &rest[length..];
    }
    found
}

/// Returns the length of the string that starts here. One without an end takes the rest.
fn string(text: &str) -> usize {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut from = 0;
        while let Some(end) = block[from..].find("\"\"\"") {
            if !block[..from + end].ends_with('\\') {
                return from + end + 6;
            }
            from += end + 3;
        }
        return text.len();
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            '\n' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns the 1-based character position of a line and column, both 1-based.
pub(super) fn position(document: &str, line: u64, column: u64) -> Option<u32> {
    let lines = usize::try_from(line.checked_sub(1)?).ok()?;
    let before: usize = document.split_inclusive('\n').take(lines).map(|line| line.chars().count()).sum();
    u32::try_from(before as u64 + column).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{chosen, operations, position};

    #[test]
    fn operations_are_found_among_everything_else() {
        for (document, expected) in [
            ("{ a }", &[("query", None)][..]),
            ("query { a }", &[("query", None)]),
            ("query A($x: [Int!]! = [1]) @live(if: true) { a(b: {c: $x}) { d } }", &[("query", Some("A"))]),
            ("# mutation { x }\nquery Q { a(t: \"} mutation M {\") }", &[("query", Some("Q"))]),
            ("query Q { a(t: \"\"\"} \\\"\"\" mutation M { x }\"\"\") }", &[("query", Some("Q"))]),
            ("fragment F on mutation { a } mutation M { x { ...F } }", &[("mutation", Some("M"))]),
            ("query A { a } mutation B { b }", &[("query", Some("A")), ("mutation", Some("B"))]),
            ("mutation @x { b }", &[("mutation", None)]),
            ("subscription S { a }", &[("subscription", Some("S"))]),
            ("", &[]),
            ("nonsense", &[]),
        ] {
            let found: Vec<_> = operations(document).into_iter().map(|one| (one.kind, one.name)).collect();
            assert_eq!(found, expected, "{document}");
        }
        assert_eq!(chosen("query A { a } mutation B { b }", Some("B")).unwrap().kind, "mutation");
        assert!(chosen("query A { a } mutation B { b }", None).is_err());
        assert!(chosen("query A { a }", Some("B")).is_err());
    }

    #[test]
    fn a_line_and_a_column_become_a_position() {
        assert_eq!(position("ab\nçd\n", 2, 2), Some(5));
        assert_eq!(position("ab", 0, 1), None);
    }
}
