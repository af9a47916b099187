//! How long a text may be, in characters: what people count when they read a limit.
use crate::{Error, Result, error::FieldProblem};
use std::ops::RangeInclusive;

/// What [`super::data_query::is_identifier`] lets through, as the API document says it.
pub const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
/// Something that is not blank.
pub const NOT_BLANK: &str = "\\S";

/// Says what is wrong with the length of the text at `path`, if anything is. Blank text counts as empty.
pub fn length_problem(path: &str, text: &str, characters: RangeInclusive<usize>) -> Option<FieldProblem> {
    let (least, most) = characters.into_inner();
    let count = text.chars().count();
    if (least..=most).contains(&count) && (least == 0 || !text.trim().is_empty()) {
        return None;
    }
    let message = match least {
        0 => format!("must be at most {most} characters"),
        least => format!("must be {least} to {most} characters"),
    };
    Some(FieldProblem { path: path.to_owned(), message })
}

/// Refuses a text that is too short or too long.
///
/// # Errors
/// `Invalid` at `path`, with the limits.
pub fn check_length(path: &str, text: &str, characters: RangeInclusive<usize>) -> Result<()> {
    length_problem(path, text, characters).map_or(Ok(()), |problem| Err(Error::Invalid(vec![problem])))
}

#[cfg(test)]
mod tests {
    use super::length_problem;

    #[test]
    fn a_limit_counts_characters_and_not_bytes() {
        let said = |text: &str, limits| length_problem("title", text, limits).map(|problem| problem.message);
        assert_eq!(said(&"🙂".repeat(64), 1..=64), None);
        assert_eq!(said(&"🙂".repeat(65), 1..=64).as_deref(), Some("must be 1 to 64 characters"));
        assert!(said(&format!("a{}", " ".repeat(64)), 1..=64).is_some());
        assert_eq!(said("   ", 1..=64).as_deref(), Some("must be 1 to 64 characters"));
        assert_eq!(said("ab", 0..=1).as_deref(), Some("must be at most 1 characters"));
    }
}
