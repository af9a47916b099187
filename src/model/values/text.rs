//! Limits on the length of texts, in characters: people read a limit as characters, not bytes.
use crate::{Error, Result, error::FieldProblem};
use std::ops::RangeInclusive;

/// The pattern of [`is_identifier`] for the API document.
pub const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
/// The pattern of a text that is not blank.
pub const NOT_BLANK: &str = "\\S";

/// Returns whether a name is at most 64 letters, digits and `_`, and does not start with a digit.
pub fn is_identifier(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns the problem with the length of the text at `path`, if any. Blank text counts as empty.
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

/// Checks that a text is neither too short nor too long.
///
/// # Errors
/// `Invalid` at `path`, naming the limits.
pub fn check_length(path: &str, text: &str, characters: RangeInclusive<usize>) -> Result<()> {
    length_problem(path, text, characters).map_or(Ok(()), |problem| Err(Error::Invalid(vec![problem])))
}

#[cfg(test)]
mod tests {
    use super::length_problem;

    #[test]
    fn a_limit_counts_characters_not_bytes() {
        let problem_of = |text: &str, limits| length_problem("title", text, limits).map(|problem| problem.message);
        assert_eq!(problem_of(&"🙂".repeat(64), 1..=64), None);
        assert_eq!(problem_of(&"🙂".repeat(65), 1..=64).as_deref(), Some("must be 1 to 64 characters"));
        assert!(problem_of(&format!("a{}", " ".repeat(64)), 1..=64).is_some());
        assert_eq!(problem_of("   ", 1..=64).as_deref(), Some("must be 1 to 64 characters"));
        assert_eq!(problem_of("ab", 0..=1).as_deref(), Some("must be at most 1 characters"));
    }
}
