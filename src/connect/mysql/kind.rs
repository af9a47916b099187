//! Classifies statements by their words, which decides what is allowed. Unknown statements get the strictest class.

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Returns rows. The server detects whether it also writes through a function.
    Read,
    /// Changes rows, which can be rolled back.
    Write,
    /// Anything else: it may commit implicitly, change the session, or have effects outside the database.
    Other,
}

impl Kind {
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

    /// Returns whether the server can explain the statement.
    pub fn explains(self, words: &[String]) -> bool {
        let about = matches!(words.first().map_or("", String::as_str), "show" | "describe" | "desc" | "explain");
        self != Self::Other && !about
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use crate::connect::sql::{Dialect, words};

    #[test]
    fn statements_are_classified_by_their_words() {
        for (sql, kind) in [
            ("select 1", Kind::Read),
            ("  /* a */ -- b\n # c\n (SELECT 1) union select 2", Kind::Read),
            ("with x as (select 1) select * from x", Kind::Read),
            ("show tables", Kind::Read),
            ("Insert into t values (1)", Kind::Write),
            ("replace into t values ('select')", Kind::Write),
            ("select 1 into outfile '/tmp/x'", Kind::Other),
            ("select 1 into /* x */ dumpfile '/tmp/x'", Kind::Other),
            ("select 'into outfile'", Kind::Read),
            ("/*! delete from t */", Kind::Other),
            ("/*M!100000 delete from t */", Kind::Other),
            ("select 1 /*!50000 into outfile '/tmp/x' */", Kind::Other),
            ("select /* a */ 1 --/*! comment\n", Kind::Other),
            ("select 1 -- /*! comment\n", Kind::Read),
            ("`select` 1", Kind::Read),
            ("call p()", Kind::Other),
            ("set autocommit = 0", Kind::Other),
            ("create table t (a int)", Kind::Other),
            ("begin not atomic delete from t; end", Kind::Other),
            ("set statement max_statement_time = 1 for delete from t", Kind::Other),
            ("execute immediate 'delete from t'", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(&words(sql, Dialect::Mysql)), kind, "{sql}");
        }
    }
}
