//! Finds list parameters that are alone in the parentheses of an operator: only there may a list be empty.
use super::{
    SqlDialect,
    quoting::{is_word, quoted},
};

/// The operator before the parenthesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListOperator {
    In,
    NotIn,
    /// `any`, `some` and `all`, which take an array.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListParameter {
    pub operator: ListOperator,
    /// The byte offset of the operator in the code before the parameter.
    pub from: usize,
}

impl ListParameter {
    /// Returns the place between the code before a parameter and the text after it; `None` if the parameter is not
    /// alone.
    pub fn find(before: &str, after: &str, dialect: SqlDialect) -> Option<Self> {
        if !after.trim_start().starts_with(')') {
            return None;
        }
        let [third, second, first] = last_tokens(before, dialect);
        let is =
            |token: Option<(usize, &str)>, word: &str| token.is_some_and(|(_, text)| text.eq_ignore_ascii_case(word));
        if !is(first, "(") {
            return None;
        }
        let (at, _) = second?;
        if is(second, "in") {
            let negated = third.filter(|_| is(third, "not"));
            let operator = if negated.is_some() { ListOperator::NotIn } else { ListOperator::In };
            return Some(Self { operator, from: negated.map_or(at, |(at, _)| at) });
        }
        let takes_array = ["any", "some", "all"].iter().any(|word| is(second, word));
        takes_array.then_some(Self { operator: ListOperator::Any, from: at })
    }

    /// Returns whether the operator must be rewritten for an empty list: `PostgreSQL` does not support `in ()`.
    pub fn is_rewritten(self, dialect: SqlDialect) -> bool {
        dialect == SqlDialect::Postgresql && self.operator != ListOperator::Any
    }
}

/// Returns the last three tokens of code with their byte offsets, skipping comments.
fn last_tokens(code: &str, dialect: SqlDialect) -> [Option<(usize, &str)>; 3] {
    let is_word = |c: char| is_word(c, dialect);
    let (mut last, mut at) = ([None; 3], 0);
    while let Some(first) = code[at..].chars().next() {
        let length = match quoted(code, at, dialect) {
            Some(length) => length,
            None if is_word(first) => code[at..].find(|c| !is_word(c)).unwrap_or(code.len() - at),
            None => first.len_utf8(),
        };
        let token = &code[at..at + length];
        let comment = token.len() > 1 && token.starts_with(['-', '/', '#']);
        if !comment && !first.is_whitespace() {
            last = [last[1], last[2], Some((at, token))];
        }
        at += length;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::{ListOperator, ListParameter, SqlDialect};

    #[test]
    fn a_list_is_alone_in_the_parentheses_of_its_operator() {
        use ListOperator::{Any, In, NotIn};
        for (before, after, expected) in [
            ("where id in (", ")", Some((In, "in ("))),
            ("where id NOT  In(\n", " )", Some((NotIn, "NOT  In(\n"))),
            ("where id not /* a */ in -- b (\n (", "\n)", Some((NotIn, "not /* a */ in -- b (\n ("))),
            ("where id = any (", ")", Some((Any, "any ("))),
            ("where id in (", ", 2)", None),
            ("where id in (1, ", ")", None),
            ("where f(", ")", None),
            ("where 'in (' || (", ")", None),
            ("where id -- not in (\n", ")", None),
            ("\"in\" (", ")", None),
            ("begin (", ")", None),
            ("", ")", None),
        ] {
            let found = ListParameter::find(before, after, SqlDialect::Postgresql);
            let found = found.map(|place| (place.operator, &before[place.from..]));
            assert_eq!(found, expected, "{before}");
        }
    }
}
