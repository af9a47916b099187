//! Reads the allowed values of a column from check constraints such as `status in ('new', 'done')`.
use super::{
    SqlDialect,
    quoting::{is_word, quoted, words},
};

/// The most values that are read.
const MOST: usize = 200;

/// Returns the column of a constraint and its allowed values; `None` for any other constraint.
pub(in crate::connect) fn allowed_values(constraint: &str, dialect: SqlDialect) -> Option<(String, Vec<String>)> {
    let tokens = tokens(constraint, dialect)?;
    let mut rest = tokens.as_slice();
    if let [Token::Word(check), after @ ..] = rest
        && check.eq_ignore_ascii_case("check")
    {
        rest = after;
    }
    let [Token::Word(column), operator, rest @ ..] = rest else { return None };
    let list = match (operator, rest) {
        (Token::Word(word), list) if word.eq_ignore_ascii_case("in") => list,
        (Token::Sign('='), [Token::Word(any), Token::Word(array), list @ ..])
            if any.eq_ignore_ascii_case("any") && array.eq_ignore_ascii_case("array") =>
        {
            list
        }
        _ => return None,
    };
    let mut values = Vec::new();
    for (i, token) in list.iter().enumerate() {
        match token {
            Token::Text(value) if i % 2 == 0 => values.push(value.clone()),
            Token::Word(value) if i % 2 == 0 && value.starts_with(|c: char| c.is_ascii_digit()) => {
                values.push(value.clone());
            }
            Token::Sign(',') if i % 2 == 1 => {}
            _ => return None,
        }
    }
    (list.len() % 2 == 1 && values.len() <= MOST).then(|| (column.clone(), values))
}

/// Returns the check constraints in a `create table` statement.
pub(in crate::connect) fn checks_in(create: &str) -> Vec<&str> {
    let dialect = SqlDialect::Sqlite;
    let (mut found, mut at, mut starts, mut depth) = (Vec::new(), 0, None, 0_usize);
    while let Some(first) = create[at..].chars().next() {
        let quote = quoted(create, at, dialect);
        let is_word_part = |c: char| is_word(c, dialect);
        let is_word = quote.is_none() && is_word_part(first);
        let word = create[at..].find(|c: char| !is_word_part(c));
        let length = match quote {
            Some(length) => length,
            None if is_word => word.unwrap_or(create.len() - at),
            None => first.len_utf8(),
        };
        match first {
            _ if quote.is_some() => {}
            _ if is_word && create[at..at + length].eq_ignore_ascii_case("check") => {
                starts = Some((at + length, depth));
            }
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                let whole = starts.take_if(|(_, outside)| *outside == depth).map(|(start, _)| &create[start..=at]);
                found.extend(whole.filter(|constraint| constraint.trim_start().starts_with('(')));
            }
            _ => {}
        }
        at += length;
    }
    found
}

#[derive(Debug)]
enum Token {
    /// A name, a keyword or a number.
    Word(String),
    Text(String),
    Sign(char),
}

/// Splits a constraint into tokens, without parentheses and casts. `None` if a quote is not closed.
fn tokens(constraint: &str, dialect: SqlDialect) -> Option<Vec<Token>> {
    // MySQL returns the texts of a constraint as `_utf8mb4\'new\'`, MariaDB as `'new'`
    let is_escaped = dialect == SqlDialect::Mysql && constraint.contains("_utf8mb4\\'");
    let text = if is_escaped { constraint.replace("\\'", "'") } else { constraint.to_owned() };
    let backslash = dialect == SqlDialect::Mysql && !is_escaped;
    let (mut tokens, mut rest) = (Vec::new(), text.as_str());
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("::") {
            rest = after_type(after);
            continue;
        }
        let length = match first {
            '\'' | '"' | '`' => {
                let (inside, length) = unquoted(rest, first, backslash)?;
                tokens.push(if first == '\'' { Token::Text(inside) } else { Token::Word(inside) });
                length
            }
            c if c != '$' && is_word(c, dialect) => {
                let end = rest.find(|c: char| !is_word(c, dialect) && c != '.').unwrap_or(rest.len());
                // the character set of the text that follows
                if !(first == '_' && rest[end..].starts_with('\'')) {
                    tokens.push(Token::Word(rest[..end].to_owned()));
                }
                end
            }
            c => {
                if !c.is_whitespace() && !"()[]".contains(c) {
                    tokens.push(Token::Sign(c));
                }
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Some(tokens)
}

/// Returns what follows the type of a cast.
fn after_type(cast: &str) -> &str {
    let end = cast.find(|c: char| !is_word(c, SqlDialect::Postgresql) && !"\". ".contains(c)).unwrap_or(cast.len());
    // `'a'::text or …` is another condition, not a type
    let is_condition = words(&cast[..end], SqlDialect::Postgresql).iter().any(|word| word == "or" || word == "and");
    if is_condition { "?" } else { &cast[end..] }
}

/// Returns the text in quotes, and the length with the quotes.
fn unquoted(text: &str, quote: char, backslash: bool) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            inside.extend(chars.next().map(|(_, c)| c));
        } else if c != quote {
            inside.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            inside.push(quote);
        } else {
            return Some((inside, at + c.len_utf8()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{SqlDialect, allowed_values, checks_in};

    #[test]
    fn the_values_of_a_list_are_read_in_each_dialect() {
        let listed = |constraint: &str| {
            let dialect = if constraint.contains('`') { SqlDialect::Mysql } else { SqlDialect::Postgresql };
            allowed_values(constraint, dialect).map(|(column, values)| (column, values.join("|")))
        };
        for (constraint, column, values) in [
            ("CHECK ((status = ANY (ARRAY['new'::text, 'it''s done'::text])))", "status", "new|it's done"),
            (
                "CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
                "status",
                "a|b",
            ),
            ("CHECK ((\"Odd \"\"name\" = ANY (ARRAY[1, 2, 3])))", "Odd \"name", "1|2|3"),
            ("(status in ('a', 'b'))", "status", "a|b"),
            ("(\"status\" IN ('a,b', 'c'))", "status", "a,b|c"),
            ("`status` in ('it\\'s','b')", "status", "it's|b"),
            ("(`status` in (_utf8mb4\\'a\\',_utf8mb4\\'b\\'))", "status", "a|b"),
        ] {
            assert_eq!(listed(constraint), Some((column.to_owned(), values.to_owned())), "{constraint}");
        }
        for other in [
            "CHECK ((price > 0))",
            "CHECK ((status = ANY (ARRAY['a'::text, 'b'::text])) OR (price > 0))",
            "(status in ('a', 'b') or price > 0)",
            "(status not in ('a'))",
            "(lower(status) in ('a', 'b'))",
            "(status in ('a', null))",
            "(status in ())",
            "json_valid(`data`)",
            "(status in ('a",
            "status = 'a'::text or status = 'b'",
            "",
        ] {
            assert_eq!(listed(other), None, "{other}");
        }
    }

    #[test]
    fn the_constraints_of_a_statement_are_found() {
        let create = "create table t (a text default 'check (x)' check (a in ('x)', 'y')), -- check (b)\n \
                      \"check\" int, constraint c CHECK((b > (1))), check(1))";
        assert_eq!(checks_in(create), [" (a in ('x)', 'y'))", "((b > (1)))", "(1)"]);
        for broken in ["check (", "check )", "check ('", "create table check", ")))"] {
            assert!(checks_in(broken).is_empty(), "{broken}");
        }
    }
}
