//! Suggestions for misspelled names.

/// Returns ` — did you mean `users`?`, or an empty string if no known name is similar.
pub(super) fn suggestion(word: &str, known: &[&str]) -> String {
    let near = known.iter().map(|one| (distance(word, one), one)).min();
    match near {
        Some((distance, one)) if distance <= (word.chars().count() / 3).max(1) => format!(" — did you mean `{one}`?"),
        _ => String::new(),
    }
}

/// Returns a list such as ``a`, `b` and `c``, with at most twenty names.
pub(super) fn list(words: &[&str]) -> String {
    let mut quoted: Vec<_> = words.iter().take(20).map(|word| format!("`{word}`")).collect();
    if words.len() > quoted.len() {
        quoted.push(format!("{} more", words.len() - quoted.len()));
    }
    match quoted.pop() {
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} and {last}", quoted.join(", ")),
        None => "none".to_owned(),
    }
}

/// Returns the edit distance, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let change = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_names_are_suggested() {
        assert_eq!(suggestion("user", &["users", "orders"]), " — did you mean `users`?");
        assert_eq!(suggestion("Users", &["users"]), " — did you mean `users`?");
        assert_eq!(suggestion("javscript", &["javascript", "delay"]), " — did you mean `javascript`?");
        assert_eq!(suggestion("zebra", &["users", "orders"]), "");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
