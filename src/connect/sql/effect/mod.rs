//! What statements do with data, as far as their text tells.
mod tokens;

use super::SqlDialect;
use crate::connect::QueryEffect;
use serde_json::{Map, Value};
use tokens::{Token, tokens};

/// Verbs of statements that always change data or the schema.
const CHANGES: [&str; 22] = [
    "alter", "attach", "comment", "copy", "create", "delete", "detach", "drop", "grant", "import", "insert", "load",
    "merge", "refresh", "reindex", "rename", "replace", "revoke", "truncate", "undrop", "update", "upsert",
];
/// Verbs of statements that only show something.
const SHOWS: [&str; 6] = ["check", "checksum", "exists", "help", "show", "use"];
/// Verbs of queries.
const QUERIES: [&str; 5] = ["from", "select", "table", "values", "with"];
/// Verbs that can change rows within a query, or after its `with`.
const WITHIN: [&str; 5] = ["delete", "insert", "merge", "replace", "update"];
/// What precedes names in a `with`, rather than the verb after it.
const BEFORE_NAMES: [&str; 7] = ["by", "default", "recursive", "set", "to", "using", "with"];
/// What follows a column that is called `update`, rather than the verb.
const OPERATORS: [&str; 12] =
    ["and", "as", "between", "collate", "from", "ilike", "in", "is", "like", "not", "or", "over"];
/// Built-in functions with side effects.
const SIDE_EFFECTS: [&str; 20] = [
    "lo_creat",
    "lo_create",
    "lo_export",
    "lo_from_bytea",
    "lo_import",
    "lo_put",
    "lo_unlink",
    "load_extension",
    "lowrite",
    "nextval",
    "pg_cancel_backend",
    "pg_logical_emit_message",
    "pg_notify",
    "pg_promote",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_switch_wal",
    "pg_terminate_backend",
    "setval",
    "writefile",
];
/// How the names of functions begin whose effects a read-only transaction does not prevent: they work over other
/// connections, on files, or on the server itself, or execute a text that can do so.
const SIDE_EFFECT_FAMILIES: [&str; 11] = [
    "dblink",
    "pg_backup_",
    "pg_copy_",
    "pg_create_",
    "pg_drop_",
    "pg_file_",
    "pg_logical_slot_get_",
    "pg_replication_",
    "pg_stat_reset",
    "pg_wal_replay_",
    "query_to_xml",
];
/// Pragmas of SQLite that do something without a value.
const ACTING_PRAGMAS: [&str; 4] = ["incremental_vacuum", "optimize", "shrink_memory", "wal_checkpoint"];
/// Pragmas of SQLite whose value in parentheses only selects what is shown.
const SHOWING_PRAGMAS: [&str; 9] = [
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_xinfo",
];

/// Returns what a query with these options does.
pub(in crate::connect) fn effect(options: &Map<String, Value>, dialect: SqlDialect) -> QueryEffect {
    options.get("sql").and_then(Value::as_str).map_or(QueryEffect::MayChange, |sql| effect_of(sql, dialect))
}

/// Returns what the statements of a text do: that of the one with the strongest effect.
fn effect_of(sql: &str, dialect: SqlDialect) -> QueryEffect {
    let tokens = tokens(sql, dialect);
    let statements = tokens.split(|token| *token == Token::Sign(';'));
    statements.map(|one| statement(one, dialect)).max().unwrap_or(QueryEffect::Reads)
}

fn statement(tokens: &[Token], dialect: SqlDialect) -> QueryEffect {
    let begin = tokens.iter().position(|token| *token != Token::Sign('('));
    let Some(tokens) = begin.map(|begin| &tokens[begin..]) else { return QueryEffect::Reads };
    let Token::Word(verb) = &tokens[0] else { return QueryEffect::MayChange };
    match verb.as_str() {
        "explain" | "describe" | "desc" => explained(&tokens[1..], dialect, false),
        // MariaDB's form of `explain analyze`
        "analyze" | "analyse" if dialect == SqlDialect::Mysql => explained(&tokens[1..], dialect, true),
        "pragma" if dialect == SqlDialect::Sqlite => pragma(&tokens[1..]),
        "do" if dialect != SqlDialect::Mysql => QueryEffect::Changes,
        verb if QUERIES.contains(&verb) => query(tokens, dialect),
        verb if SHOWS.contains(&verb) => QueryEffect::Reads,
        verb if CHANGES.contains(&verb) => QueryEffect::Changes,
        // `call`, `execute`, `set`, and what is unknown here
        _ => QueryEffect::MayChange,
    }
}

/// Returns what explaining a statement does: it runs only if it is analyzed. `tokens` follow the verb.
fn explained(tokens: &[Token], dialect: SqlDialect, mut is_analyzed: bool) -> QueryEffect {
    let runs_something = is_analyzed;
    for (i, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        match word.as_str() {
            "analyze" | "analyse" => {
                let value = tokens.get(i + 1);
                is_analyzed = !["false", "off", "0"].iter().any(|no| value.is_some_and(|value| value.is(no)));
            }
            verb if QUERIES.contains(&verb) || CHANGES.contains(&verb) || verb == "execute" => {
                // `analyze table` updates statistics
                let is_statement = !(runs_something && verb == "table");
                return match is_analyzed {
                    true if is_statement => statement(&tokens[i..], dialect),
                    true => QueryEffect::MayChange,
                    false => QueryEffect::Reads,
                };
            }
            _ => {}
        }
    }
    if is_analyzed { QueryEffect::MayChange } else { QueryEffect::Reads }
}

/// Returns what a query does: whether a part of it, or the statement after its `with`, changes rows.
fn query(tokens: &[Token], dialect: SqlDialect) -> QueryEffect {
    let mut effect = QueryEffect::Reads;
    let (mut depth, mut is_before_verb) = (0_u32, tokens[0].is("with"));
    for (i, token) in tokens.iter().enumerate() {
        if has_side_effects(tokens, i) {
            effect = QueryEffect::MayChange;
        }
        let word = match token {
            Token::Sign('(') => {
                depth += 1;
                continue;
            }
            Token::Sign(')') => {
                depth = depth.saturating_sub(1);
                continue;
            }
            Token::Word(word) => word.as_str(),
            _ => continue,
        };
        let (before, after) = (i.checked_sub(1).map(|before| &tokens[before]), tokens.get(i + 1));
        if is_name(tokens, i) {
            continue;
        }
        let is_at_verb = is_before_verb && depth == 0 && !before.is_some_and(precedes_name);
        if word == "into" && !(dialect == SqlDialect::Mysql && after == Some(&Token::Sign('@'))) {
            return QueryEffect::Changes;
        }
        if WITHIN.contains(&word) {
            let begins_part = before == Some(&Token::Sign('(')) && begins_statement(word, after);
            if begins_part || is_at_verb {
                return QueryEffect::Changes;
            }
        }
        is_before_verb &= !(is_at_verb && i > 0 && QUERIES.contains(&word));
    }
    effect
}

/// Returns whether a function with side effects is called at `i`: also by a quoted name, and by one with its schema.
fn has_side_effects(tokens: &[Token], i: usize) -> bool {
    let (Token::Word(name) | Token::Name(name)) = &tokens[i] else { return false };
    let before = i.checked_sub(1).map(|before| &tokens[before]);
    if tokens.get(i + 1) != Some(&Token::Sign('(')) || before.is_some_and(|before| before.is("as")) {
        return false;
    }
    // `U&"…"`, whose escapes are not read here
    let is_escaped = before == Some(&Token::Sign('&')) && name.contains('\\');
    is_escaped
        || SIDE_EFFECTS.contains(&name.as_str())
        || SIDE_EFFECT_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Returns whether the word at `i` is a column or an alias: it follows `as`, or the dot after a name.
fn is_name(tokens: &[Token], i: usize) -> bool {
    let before = |steps: usize| i.checked_sub(steps).map(|at| &tokens[at]);
    match (before(2), before(1)) {
        (Some(Token::Word(word)), Some(Token::Sign('.'))) => !word.starts_with(|first: char| first.is_ascii_digit()),
        (Some(Token::Name(_) | Token::Text | Token::Sign(')' | ']')), Some(Token::Sign('.'))) => true,
        (_, Some(Token::Word(word))) => word == "as",
        _ => false,
    }
}

/// Returns whether what follows in a `with` is the name of a subquery or of a column.
fn precedes_name(token: &Token) -> bool {
    match token {
        Token::Word(word) => BEFORE_NAMES.contains(&word.as_str()),
        Token::Sign(sign) => *sign == ',',
        _ => false,
    }
}

/// Returns whether a verb after a parenthesis begins a statement, rather than being a column or a function.
fn begins_statement(verb: &str, after: Option<&Token>) -> bool {
    match (verb, after) {
        ("delete", Some(after)) => after.is("from"),
        ("update", Some(Token::Word(word))) => !OPERATORS.contains(&word.as_str()),
        ("update", Some(Token::Name(_))) => true,
        ("insert" | "merge" | "replace", Some(after)) => after.is("into"),
        _ => false,
    }
}

/// Returns what a pragma of SQLite does. `tokens` follow the verb.
fn pragma(tokens: &[Token]) -> QueryEffect {
    let sets = tokens.contains(&Token::Sign('='));
    let end = tokens.iter().position(|token| *token == Token::Sign('('));
    let name = tokens[..end.unwrap_or(tokens.len())].last();
    let is_one_of = |names: &[&str]| name.is_some_and(|name| names.iter().any(|one| name.is(one)));
    match end {
        _ if sets => QueryEffect::Changes,
        Some(_) if is_one_of(&SHOWING_PRAGMAS) => QueryEffect::Reads,
        None if !is_one_of(&ACTING_PRAGMAS) => QueryEffect::Reads,
        _ => QueryEffect::MayChange,
    }
}

#[cfg(test)]
mod tests;
