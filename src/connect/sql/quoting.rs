//! Finds strings, quoted names and comments in each dialect.
use super::SqlDialect;

/// Returns whether a character belongs to words: names may contain any character beyond ASCII, such as `€` and a
/// no-break space, which databases do not treat as a space.
pub(super) fn is_word(c: char, dialect: SqlDialect) -> bool {
    match dialect {
        _ if c.is_alphanumeric() || c == '_' || c == '$' => true,
        SqlDialect::Clickhouse => false,
        // a byte order mark is a space
        SqlDialect::Sqlite => !c.is_ascii() && c != '\u{feff}',
        SqlDialect::Postgresql | SqlDialect::Mysql => !c.is_ascii(),
    }
}

/// Returns the length of the string, quoted name or comment at `at`; `None` for code. If it is not closed, it extends
/// to the end.
pub(super) fn quoted(sql: &str, at: usize, dialect: SqlDialect) -> Option<usize> {
    let rest = &sql[at..];
    let (postgres, mysql) = (dialect == SqlDialect::Postgresql, dialect == SqlDialect::Mysql);
    let clickhouse = dialect == SqlDialect::Clickhouse;
    let length = if line_comment(rest, mysql) {
        rest.find('\n')
    } else if rest.starts_with("/*") {
        comment(rest, postgres)
    } else if rest.starts_with('\'') {
        quotes(rest, '\'', clickhouse || mysql || (postgres && escapes(sql, at)))
    } else if rest.starts_with('"') {
        quotes(rest, '"', clickhouse || mysql)
    } else if !postgres && rest.starts_with('`') {
        quotes(rest, '`', clickhouse)
    } else if dialect == SqlDialect::Sqlite && rest.starts_with('[') {
        rest.find(']').map(|end| end + 1)
    } else if postgres && rest.starts_with('$') && !sql[..at].chars().next_back().is_some_and(|c| is_word(c, dialect)) {
        let tag = dollar_tag(rest)?;
        rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len())
    } else {
        return None;
    };
    Some(length.unwrap_or(rest.len()))
}

/// Returns whether a line comment starts here. In `MySQL`, `#` starts one too, and `--` only before a space or a
/// control character.
fn line_comment(rest: &str, mysql: bool) -> bool {
    match rest.strip_prefix("--") {
        Some(after) => !mysql || after.chars().next().is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_control()),
        None => mysql && rest.starts_with('#'),
    }
}

/// Returns whether a quoted piece is a comment.
pub(super) fn is_comment(piece: &str, dialect: SqlDialect) -> bool {
    piece.starts_with("/*") || line_comment(piece, dialect == SqlDialect::Mysql)
}

/// Returns whether the quote at `at` belongs to an `E'…'` string.
fn escapes(sql: &str, at: usize) -> bool {
    let mut before = sql[..at].chars().rev();
    matches!(before.next(), Some('e' | 'E')) && !before.next().is_some_and(|c| is_word(c, SqlDialect::Postgresql))
}

/// Returns whether the database interprets a comment: `/*! … */` is executed, `/*+ … */` is an optimizer hint.
pub(super) fn is_executed(comment: &str) -> bool {
    ["/*!", "/*M!", "/*+"].iter().any(|begin| comment.starts_with(begin))
}

/// Returns whether a placeholder of `MySQL` drivers starts here: `?` or `:name`.
pub(super) fn placeholder(rest: &str) -> bool {
    let named = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    rest.starts_with('?') || rest.strip_prefix(':').is_some_and(named)
}

/// Returns the words of a statement outside strings and comments, in lower case, and quoted names unchanged. An
/// executed comment `/*! … */` becomes `/*!`, and its content is skipped.
pub(in crate::connect) fn words(sql: &str, dialect: SqlDialect) -> Vec<String> {
    each_word(sql, dialect).collect()
}

/// Returns the words one by one, as [`words`] does, so that looking for the first does not read the whole statement.
pub(super) fn each_word(sql: &str, dialect: SqlDialect) -> impl Iterator<Item = String> {
    pieces(sql, dialect).filter_map(move |piece| match piece {
        Piece::Word(word) => Some(word.to_lowercase()),
        Piece::Quoted(text) if text.starts_with("/*!") || text.starts_with("/*M!") => Some("/*!".to_owned()),
        Piece::Quoted(text) if text.starts_with('`') || (dialect != SqlDialect::Mysql && text.starts_with('"')) => {
            let quote = &text[..1];
            let inner = &text[1..];
            let inner = inner.strip_suffix(quote).unwrap_or(inner);
            Some(inner.replace(&quote.repeat(2), quote))
        }
        Piece::Quoted(_) | Piece::Sign(_) => None,
    })
}

/// A part of a statement.
pub(super) enum Piece<'s> {
    /// A string, a quoted name or a comment.
    Quoted(&'s str),
    Word(&'s str),
    /// Any other character.
    Sign(char),
}

pub(super) fn pieces(sql: &str, dialect: SqlDialect) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &sql[at..];
        let first = rest.chars().next()?;
        let (length, piece) = if let Some(length) = quoted(sql, at, dialect) {
            (length, Piece::Quoted(&rest[..length]))
        } else if is_word(first, dialect) {
            let length = rest.find(|c| !is_word(c, dialect)).unwrap_or(rest.len());
            (length, Piece::Word(&rest[..length]))
        } else {
            (first.len_utf8(), Piece::Sign(first))
        };
        at += length;
        Some(piece)
    })
}

/// Returns the verb of a statement in lower case: the first word, or what follows the last subquery of a `with`.
pub(super) fn main_verb(sql: &str, dialect: SqlDialect) -> String {
    const VERBS: [&str; 6] = ["select", "values", "insert", "replace", "update", "delete"];
    let (mut verb, mut depth, mut is_after_subquery) = (String::new(), 0_u32, false);
    for piece in pieces(sql, dialect) {
        match piece {
            Piece::Word(word) => {
                let word = word.to_lowercase();
                if verb.is_empty() || (is_after_subquery && depth == 0 && VERBS.contains(&word.as_str())) {
                    verb = word;
                }
                if verb != "with" {
                    break;
                }
                is_after_subquery = false;
            }
            Piece::Quoted(text) => {
                is_after_subquery &= is_comment(text, dialect);
            }
            Piece::Sign(sign) => {
                match sign {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                is_after_subquery = sign == ')' || (is_after_subquery && sign.is_whitespace());
            }
        }
    }
    verb
}

/// Returns the statement without its final semicolon if it is a single query without words that change something: such
/// a query can be wrapped in parentheses.
pub(super) fn plain_query<'a>(sql: &'a str, words: &[String], dialect: SqlDialect) -> Option<&'a str> {
    const READS: [&str; 4] = ["select", "values", "table", "with"];
    const CHANGES: [&str; 6] = ["insert", "update", "delete", "merge", "into", "call"];
    let reads = words.first().is_some_and(|first| READS.contains(&first.as_str()));
    if !reads || words.iter().any(|word| CHANGES.contains(&word.as_str())) {
        return None;
    }
    let (mut at, mut depth, mut end) = (0, 0_u32, None);
    while let Some(first) = sql[at..].chars().next() {
        let quote = quoted(sql, at, dialect);
        let piece = &sql[at..at + quote.unwrap_or(first.len_utf8())];
        let comment = quote.is_some() && piece.starts_with(['-', '/']);
        match first {
            _ if comment || first.is_whitespace() => {}
            ';' => end = end.or(Some(at)),
            _ if end.is_some() => return None,
            _ if quote.is_some() => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += piece.len();
    }
    (depth == 0).then(|| &sql[..end.unwrap_or(sql.len())])
}

/// Returns the end of a quoted piece; a doubled quote does not end it.
fn quotes(text: &str, quote: char, backslash: bool) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if backslash && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + c.len_utf8());
        }
    }
    None
}

/// Returns the end of a block comment. `nested` tells whether the database allows comments in comments.
fn comment(text: &str, nested: bool) -> Option<usize> {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let rest = &text[at..];
        let close = rest.find("*/")?;
        let open = rest.find("/*").filter(|open| nested && *open < close);
        (at, depth) = match open {
            Some(open) => (at + open + 2, depth + 1),
            None => (at + close + 2, depth - 1),
        };
    }
    Some(at)
}

/// Returns the `$tag$` that opens a dollar-quoted string.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[1..end - 1];
    let is_name = |c: char| c != '$' && is_word(c, SqlDialect::Postgresql);
    let name = tag.chars().all(is_name) && !tag.starts_with(|c: char| c.is_ascii_digit());
    name.then_some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::connect::{
        Rows,
        rows::RowChange,
        sql::{BoundSql, SqlDialect},
    };

    #[test]
    fn words_exclude_strings_and_comments() {
        let found = words("Select `a``B`, 'c d', \"e\" /* f */ From `db`.t -- g\n/*! h */", SqlDialect::Mysql);
        assert_eq!(found, ["select", "a`B", "from", "db", "t", "/*!"]);
        assert_eq!(words("select \"A\", $$b c$$ from t", SqlDialect::Postgresql), ["select", "A", "from", "t"]);
    }

    #[test]
    fn names_contain_characters_beyond_ascii() {
        for (text, dialect, found) in [
            // `€$a$` is a name, so what follows is code
            ("select 1 as €$a$; delete $a$", SqlDialect::Postgresql, vec!["select", "1", "as", "€$a$", "delete"]),
            ("select 1 as \u{a0}$a$; delete", SqlDialect::Postgresql, vec!["select", "1", "as", "\u{a0}$a$", "delete"]),
            ("select $€$; delete $€$", SqlDialect::Postgresql, vec!["select"]),
            ("select €e'\\' or 'delete'", SqlDialect::Postgresql, vec!["select", "€e", "or"]),
            ("select 1 €a", SqlDialect::Mysql, vec!["select", "1", "€a"]),
            ("select 1\u{feff}delete", SqlDialect::Sqlite, vec!["select", "1", "delete"]),
            ("select 1\u{a0}delete", SqlDialect::Clickhouse, vec!["select", "1", "delete"]),
        ] {
            assert_eq!(words(text, dialect), found, "{text}");
        }
    }

    #[test]
    fn the_verb_is_the_first_word() {
        for (text, verb) in [
            ("select 1", "select"),
            ("  -- drop\n /* x */ ((Insert into t", "insert"),
            (";; commit", "commit"),
            ("-- all", ""),
            ("/* open", ""),
            ("", ""),
        ] {
            let statement = BoundSql { text: text.to_owned(), ..BoundSql::default() };
            assert_eq!(statement.verb(SqlDialect::Postgresql), verb);
        }
        let nested = BoundSql { text: "/* a /* b */ drop */ select".to_owned(), ..BoundSql::default() };
        assert_eq!(nested.verb(SqlDialect::Postgresql), "select");
        assert_eq!(nested.verb(SqlDialect::Sqlite), "drop");
    }

    #[test]
    fn statements_that_only_delete_are_known() {
        for (text, deletes) in [
            ("delete from t", true),
            ("-- all\n DROP table t", true),
            ("with a as (select 1) delete from t where x in (select * from a)", true),
            ("with a as (select 1) insert into t select * from a", false),
            ("with a as (select 'delete') select * from a", false),
            ("with a as (select replace(x, 'a', 'b') from t) delete from t where x in (select * from a)", true),
            ("with a as (select 1 as \"update\"), b(x) as (values (1)) /* ) */ delete from t", true),
            ("with recursive \"insert\"(n) as (select 1 union select n + 1 from \"insert\") delete from t", true),
            ("with a as (select 1), b as (select 2) replace into t select (3) delete", false),
            ("with a as (select (1)) update t set x = (select 1) -- delete", false),
            ("update t set x = 'delete'", false),
            ("replace into t values (1)", false),
            ("", false),
        ] {
            let statement = BoundSql { text: text.to_owned(), ..BoundSql::default() };
            assert_eq!(statement.only_deletes(SqlDialect::Sqlite), deletes, "{text}");
        }
    }

    #[test]
    fn what_becomes_of_the_rows_is_told_only_where_it_is_certain() {
        for (text, change) in [
            ("insert into t values (1)", Some(RowChange::Added)),
            ("with a as (select 1) insert into t select * from a returning *", Some(RowChange::Added)),
            ("insert into t values ('update')", Some(RowChange::Added)),
            ("insert into t values (1) on conflict do nothing", Some(RowChange::Added)),
            ("insert into t values (1) on conflict (a) do update set b = 1", None),
            ("insert into t values (1) on duplicate key update b = 1", None),
            ("insert or replace into t values (1)", None),
            ("replace into t values (1)", None),
            ("-- insert\nUPDATE t set a = 1", Some(RowChange::Changed)),
            ("/* x */ delete from t where a in (select 1)", Some(RowChange::Deleted)),
            ("merge into t using s on true when matched then delete", None),
            ("create table t (a int)", None),
        ] {
            for dialect in [SqlDialect::Postgresql, SqlDialect::Mysql, SqlDialect::Sqlite] {
                let statement = BoundSql { text: text.to_owned(), ..BoundSql::default() };
                let rows = |affected| Rows { affected, ..Rows::default() };
                assert_eq!(statement.describe(rows(Some(1)), dialect).change, change, "{text}");
                assert_eq!(statement.describe(rows(None), dialect).change, None, "{text}");
            }
        }
    }
}
