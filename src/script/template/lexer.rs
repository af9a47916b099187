//! Finds the end of a JavaScript expression: handles strings, template literals, comments, regular expressions and
//! nesting.

/// Returns the byte position of the `}}` that closes the expression at the start of `text`.
pub(super) fn end_of_expression(text: &str) -> Result<usize, &'static str> {
    Lexer { bytes: text.as_bytes(), at: 0, open: Vec::new(), operand: false }.run()
}

const UNCLOSED: &str = "`{{` is never closed by `}}`";

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The open brackets, innermost last; `$` is a `${` in a template literal.
    open: Vec<u8>,
    /// Whether the last token ends an operand: then `/` divides, otherwise it starts a regular expression.
    operand: bool,
}

/// Keywords that are followed by an operand.
const OPERATORS: [&[u8]; 12] = [
    b"return",
    b"typeof",
    b"instanceof",
    b"in",
    b"new",
    b"delete",
    b"void",
    b"throw",
    b"case",
    b"do",
    b"else",
    b"await",
];

impl Lexer<'_> {
    fn run(mut self) -> Result<usize, &'static str> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\'' | b'"' => self.string(byte)?,
                b'`' => {
                    self.at += 1;
                    self.literal()?;
                }
                b'/' => self.slash()?,
                b'(' | b'[' | b'{' => self.opens(byte),
                b'}' if self.open.is_empty() => {
                    return match self.bytes.get(self.at + 1) {
                        Some(b'}') => Ok(self.at),
                        _ => Err("a single `}` has no matching `{`"),
                    };
                }
                b')' | b']' | b'}' => self.closes(byte)?,
                b'+' | b'-' if self.bytes.get(self.at + 1) == Some(&byte) => self.at += 2,
                _ if is_word(byte) => self.word(),
                _ => {
                    self.operand &= byte.is_ascii_whitespace();
                    self.at += 1;
                }
            }
        }
        Err(UNCLOSED)
    }

    fn opens(&mut self, bracket: u8) {
        self.open.push(bracket);
        self.operand = false;
        self.at += 1;
    }

    fn closes(&mut self, bracket: u8) -> Result<(), &'static str> {
        self.at += 1;
        self.operand = true;
        match (self.open.pop(), bracket) {
            (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}') => Ok(()),
            (Some(b'$'), b'}') => self.literal(),
            _ => Err("the brackets do not match"),
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.bytes.get(self.at).copied().is_some_and(is_word) {
            self.at += 1;
        }
        let property = start > 0 && self.bytes[start - 1] == b'.';
        self.operand = property || !OPERATORS.contains(&&self.bytes[start..self.at]);
    }

    fn string(&mut self, quote: u8) -> Result<(), &'static str> {
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'\n' => break,
                _ => self.at += 1,
            }
            if byte == quote {
                self.operand = true;
                return Ok(());
            }
        }
        Err("a string is never closed")
    }

    /// Skips the rest of a template literal, up to its end or to the next `${`.
    fn literal(&mut self) -> Result<(), &'static str> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.operand = true;
                    return Ok(());
                }
                b'$' if self.bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    self.opens(b'$');
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        Err("a template literal is never closed")
    }

    fn slash(&mut self) -> Result<(), &'static str> {
        let rest = &self.bytes[self.at..];
        match rest.get(1) {
            Some(b'/') => {
                let length = rest.iter().position(|byte| *byte == b'\n');
                self.at += length.ok_or("a `//` comment hides the closing `}}`")?;
                Ok(())
            }
            Some(b'*') => {
                let length = rest[2..].windows(2).position(|pair| pair == b"*/");
                self.at += length.ok_or("a comment is never closed")? + 4;
                Ok(())
            }
            _ if self.operand => {
                self.operand = false;
                self.at += 1;
                Ok(())
            }
            _ => self.regex(),
        }
    }

    fn regex(&mut self) -> Result<(), &'static str> {
        let mut class = false;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            match byte {
                b'[' => class = true,
                b']' => class = false,
                b'\n' => break,
                b'/' if !class => {
                    self.operand = true;
                    return Ok(());
                }
                _ => {}
            }
        }
        Err("a regular expression is never closed")
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}
