//! Says in plain words why a text is no JSON that can be parsed.
use super::JsonRefusal;
use serde_json::Error;

/// The most characters of a number or a path that a text repeats.
const LONGEST: usize = 80;

/// Returns why `text` was refused with `error`.
pub(super) fn refusal(text: &[u8], error: Error) -> JsonRefusal {
    if !error.to_string().starts_with("number out of range") {
        return JsonRefusal::Syntax(error);
    }
    let Some((path, number)) = first_endless(text) else { return JsonRefusal::Syntax(error) };
    let place = if path.is_empty() { String::new() } else { format!(" in `{}`", short(&path)) };
    JsonRefusal::Wrong(format!(
        "has the number {}{place}, which is too large: send a smaller number, or text",
        short(&number)
    ))
}

/// Returns what an error of the syntax means, with its place.
pub(super) fn words(error: &Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let plain = match what {
        "trailing characters" => "something follows the end of the value",
        "trailing comma" => "nothing follows a comma",
        "expected value" => "a value is missing or not quoted",
        "expected ident" => "`true`, `false` or `null` is misspelled",
        "expected `:`" => "a colon is missing after the name of a field",
        "expected `,` or `}`" => "a comma or `}` is missing",
        "expected `,` or `]`" => "a comma or `]` is missing",
        "key must be a string" => "the name of a field is not in double quotes",
        "invalid number" => "a number is malformed",
        "number out of range" => "a number is too large",
        "invalid escape" => "a text contains an unknown escape sequence after `\\`",
        "invalid unicode code point" => "a text is not valid UTF-8",
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "a text contains half of a character: an escape sequence `\\u…` without its other half"
        }
        "recursion limit exceeded" => "its values are nested too deeply",
        other if other.starts_with("control character") => "a text contains a line break or another control character",
        other if other.starts_with("EOF while parsing") => "it ends too early",
        other => other,
    };
    if error.line() == 0 {
        plain.to_owned()
    } else {
        format!("{plain} (line {}, column {})", error.line(), error.column())
    }
}

/// A place in an object or in an array.
enum Step {
    Field(String),
    Item(usize),
}

/// Returns the first number that no double holds, after its path.
fn first_endless(text: &[u8]) -> Option<(String, String)> {
    let (mut steps, mut at) = (Vec::new(), 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' => steps.push(Step::Field(String::new())),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' => drop(steps.pop()),
            b',' => {
                if let Some(Step::Item(index)) = steps.last_mut() {
                    *index += 1;
                }
            }
            b'"' => {
                let end = end_of_string(text, at);
                let follows = text[end..].iter().find(|byte| !byte.is_ascii_whitespace());
                if let (Some(b':'), Some(Step::Field(name))) = (follows, steps.last_mut()) {
                    *name = serde_json::from_slice(&text[at..end]).unwrap_or_default();
                }
                at = end;
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let length = text[at..].iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count();
                let number = String::from_utf8_lossy(&text[at..at + length]);
                if number.parse::<f64>().is_ok_and(f64::is_infinite) {
                    return Some((path_of(&steps), number.into_owned()));
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Returns the index after the string that starts at `start`.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn path_of(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Item(index) => path.extend(["[", &index.to_string(), "]"]),
            Step::Field(name) if path.is_empty() => path.push_str(name),
            Step::Field(name) => path.extend([".", name.as_str()]),
        }
    }
    path
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{Error, json::parse};

    fn told(text: &str) -> String {
        parse(text.as_bytes(), &(1 << 20).into()).unwrap_err().into_error(|why| Error::invalid("", why)).to_string()
    }

    #[test]
    fn a_number_that_is_too_large_is_named_with_its_field() {
        for (text, place) in [
            ("1e400", "the number 1e400, which"),
            (r#"{"a": {"b\"": [1, {"c": "1e999"}, {"d": -1e400}]}}"#, "the number -1e400 in `a.b\"[2].d`, which"),
            ("[[], [2, 1.5e309]]", "the number 1.5e309 in `[1][1]`, which"),
        ] {
            let text = told(text);
            assert!(text.contains(place) && text.contains("send a smaller number"), "{text}");
        }
    }

    #[test]
    fn errors_of_the_syntax_are_in_plain_words() {
        for (text, words) in [
            ("{} {}", "something follows the end of the value (line 1, column 4)"),
            ("{\"a\": tru}", "misspelled"),
            ("{\"a\": 1,}", "nothing follows a comma"),
            ("{\"a\" 1}", "a colon is missing"),
            ("{\"a\": 1 \"b\": 2}", "a comma or `}` is missing"),
            ("[1 2]", "a comma or `]` is missing"),
            ("{a: 1}", "not in double quotes"),
            ("\n{\"a\": }", "a value is missing or not quoted (line 2, column 7)"),
            ("\"a\nb\"", "a line break"),
            ("\"\\x\"", "unknown escape sequence"),
            ("01", "malformed"),
            ("{\"a\":", "is not valid JSON because it is incomplete"),
        ] {
            let found = told(text);
            assert!(found.contains(words), "{text}: {found}");
        }
        assert!(told(&"[".repeat(100_000)).contains("nested too deeply"));
    }
}
