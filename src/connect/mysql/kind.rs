//! Classifies statements by their words, which decides what is allowed. Unknown statements get the strictest class.

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatementKind {
    /// Returns rows. The server detects whether it also writes through a function.
    Read,
    /// Changes rows, which can be rolled back.
    Write,
    /// Anything else: it may commit implicitly, change the session, or have effects outside the database.
    Other,
}

impl StatementKind {
    /// Classifies a statement by its [`crate::connect::sql::words`].
    pub fn of(words: &[String]) -> Self {
        let into_file = words.windows(2).any(|pair| pair[0] == "into" && matches!(&*pair[1], "outfile" | "dumpfile"));
        if into_file || words.iter().any(|word| word == "/*!") {
            return Self::Other;
        }
        match words.first().map_or("", String::as_str) {
            "select" | "with" | "values" | "table" | "show" | "describe" | "desc" | "explain" => Self::Read,
            "insert" | "update" | "delete" | "replace" => Self::Write,
            _ => Self::Other,
        }
    }

    /// Returns whether the statement explains one that changes rows, without executing it.
    pub fn explains_write(self, words: &[String]) -> bool {
        let [verb, rest @ ..] = words else { return false };
        let explains = self == Self::Read && matches!(verb.as_str(), "describe" | "desc" | "explain");
        let is_write = |word: &String| matches!(word.as_str(), "insert" | "update" | "delete" | "replace");
        explains && rest.iter().any(is_write) && !rest.iter().any(|word| matches!(word.as_str(), "analyze" | "analyse"))
    }

    /// Returns whether the server can explain the statement.
    pub fn explains(self, words: &[String]) -> bool {
        let about = matches!(words.first().map_or("", String::as_str), "show" | "describe" | "desc" | "explain");
        self != Self::Other && !about
    }
}

#[cfg(test)]
mod tests {
    use super::StatementKind;
    use crate::connect::sql::{SqlDialect, words};

    #[test]
    fn statements_are_classified_by_their_words() {
        for (sql, kind) in [
            ("select 1", StatementKind::Read),
            ("  /* a */ -- b\n # c\n (SELECT 1) union select 2", StatementKind::Read),
            ("with x as (select 1) select * from x", StatementKind::Read),
            ("show tables", StatementKind::Read),
            ("Insert into t values (1)", StatementKind::Write),
            ("replace into t values ('select')", StatementKind::Write),
            ("select 1 into outfile '/tmp/x'", StatementKind::Other),
            ("select 1 into /* x */ dumpfile '/tmp/x'", StatementKind::Other),
            ("select 'into outfile'", StatementKind::Read),
            ("/*! delete from t */", StatementKind::Other),
            ("/*M!100000 delete from t */", StatementKind::Other),
            ("select 1 /*!50000 into outfile '/tmp/x' */", StatementKind::Other),
            ("select /* a */ 1 --/*! comment\n", StatementKind::Other),
            ("select 1 -- /*! comment\n", StatementKind::Read),
            ("`select` 1", StatementKind::Read),
            ("call p()", StatementKind::Other),
            ("set autocommit = 0", StatementKind::Other),
            ("create table t (a int)", StatementKind::Other),
            ("begin not atomic delete from t; end", StatementKind::Other),
            ("set statement max_statement_time = 1 for delete from t", StatementKind::Other),
            ("execute immediate 'delete from t'", StatementKind::Other),
            ("", StatementKind::Other),
        ] {
            assert_eq!(StatementKind::of(&words(sql, SqlDialect::Mysql)), kind, "{sql}");
        }
    }
}
