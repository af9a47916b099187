//! The parts of statements that decide what they do: without comments and the contents of strings.
use crate::connect::sql::{
    SqlDialect,
    quoting::{Piece, is_comment, pieces},
};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word of code, in lower case.
    Word(String),
    /// A quoted name, without its quotes and in lower case; empty for a placeholder.
    Name(String),
    Text,
    /// Any other character except spaces.
    Sign(char),
}

impl Token {
    /// Returns whether it is the word, which must be in lower case.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found == word)
    }
}

/// Splits statements. Placeholders are names: a statement with other text in braces does not run.
pub(super) fn tokens(sql: &str, dialect: SqlDialect) -> Vec<Token> {
    let mut found = Vec::new();
    add(sql, dialect, &mut found);
    found
}

fn add(sql: &str, dialect: SqlDialect, found: &mut Vec<Token>) {
    let mut is_placeholder = false;
    let mut pieces = pieces(sql, dialect).peekable();
    while let Some(piece) = pieces.next() {
        if let Piece::Sign(sign @ ('{' | '}')) = piece
            && pieces.next_if(|next| matches!(next, Piece::Sign(other) if *other == sign)).is_some()
        {
            is_placeholder = sign == '{';
            if is_placeholder {
                found.push(Token::Name(String::new()));
            }
            continue;
        }
        match piece {
            _ if is_placeholder => {}
            Piece::Quoted(text) if executed(text, dialect).is_some() => {
                add(executed(text, dialect).unwrap_or_default(), dialect, found);
            }
            Piece::Quoted(text) if is_comment(text, dialect) => {}
            Piece::Quoted(text) if is_quoted_name(text, dialect) => {
                found.push(Token::Name(text.trim_matches(['`', '[', ']', '"']).to_lowercase()));
            }
            Piece::Quoted(_) => found.push(Token::Text),
            Piece::Word(word) => found.push(Token::Word(word.to_lowercase())),
            Piece::Sign(sign) if sign.is_whitespace() => {}
            Piece::Sign(sign) => found.push(Token::Sign(sign)),
        }
    }
}

/// Returns the statement in a comment that MySQL and MariaDB execute.
fn executed(comment: &str, dialect: SqlDialect) -> Option<&str> {
    let inner = comment.strip_prefix("/*!").or_else(|| comment.strip_prefix("/*M!"));
    let inner = inner.filter(|_| dialect == SqlDialect::Mysql)?;
    let inner = inner.strip_suffix("*/").unwrap_or(inner);
    Some(inner.trim_start_matches(|version: char| version.is_ascii_digit()))
}

fn is_quoted_name(text: &str, dialect: SqlDialect) -> bool {
    text.starts_with(['`', '[']) || (dialect != SqlDialect::Mysql && text.starts_with('"'))
}
