//! Texts that people read follow `docs/glossary.md`.
use crate::house::{files, read};

/// Returns the phrases in the glossary's last table.
fn avoided() -> Vec<String> {
    let glossary = read("docs/glossary.md".as_ref());
    let (_, table) = glossary.split_once("## Phrases to avoid").expect("the table of phrases");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    rows.filter(|phrase| *phrase != "not").map(str::to_owned).collect()
}

/// Returns whether `text`, in lower case, contains `phrase` as whole words.
fn contains(text: &str, phrase: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(phrase)
        .any(|(at, _)| !is_word(text[..at].chars().next_back()) && !is_word(text[at + phrase.len()..].chars().next()))
}

#[test]
fn texts_contain_no_avoided_phrases() {
    let phrases = avoided();
    assert!(phrases.len() >= 12, "{phrases:?}");
    let endings = [".rs", ".ts", ".tsx", ".mjs", ".md", ".toml", ".py", ".css", ".html"];
    let written = ["src", "assets/admin/src", "assets/admin/scripts", "tests", "benches", "docs"]
        .into_iter()
        .flat_map(|folder| files(folder, &endings))
        .chain(["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile"].map(Into::into));
    let mut found = Vec::new();
    for file in written.filter(|file| !file.ends_with("docs/glossary.md")) {
        // "E-Mail" is the German word, in tests of the translation
        for (number, line) in read(&file).replace("E-Mail", "").to_lowercase().lines().enumerate() {
            let phrase = phrases.iter().find(|phrase| contains(line, phrase));
            found.extend(phrase.map(|phrase| format!("{}:{}: {phrase}", file.display(), number + 1)));
        }
    }
    assert!(found.is_empty(), "see docs/glossary.md:\n{}", found.join("\n"));
}
