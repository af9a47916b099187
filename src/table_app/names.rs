//! Names of parameters, form fields and result columns, and labels for people.
use std::collections::HashSet;

/// The most bytes of a name, so that no database shortens it when a suffix is added.
const LONGEST: usize = 40;

/// Gives out identifiers, each once without regard to case.
pub struct AppNames(HashSet<String>);

impl Default for AppNames {
    fn default() -> Self {
        // the parameters of the generated queries, and what is reserved in a dashboard's URL
        let taken = ["search", "sort", "direction", "limit", "offset", "value", "label", "tab"];
        Self(taken.map(str::to_owned).into())
    }
}

impl AppNames {
    /// Returns an identifier for a name in any script.
    pub fn give(&mut self, name: &str) -> String {
        let mut plain = String::new();
        for c in name.chars() {
            if c.is_ascii_alphanumeric() || c == '_' {
                plain.push(c);
            } else if !plain.is_empty() && !plain.ends_with('_') {
                plain.push('_');
            }
        }
        plain.truncate(LONGEST);
        let plain = plain.trim_end_matches('_');
        let start = match plain.chars().next() {
            None => "column".to_owned(),
            Some(c) if c.is_ascii_digit() => format!("c_{plain}"),
            Some(_) => plain.to_owned(),
        };
        let mut given = start.clone();
        for number in 2.. {
            if self.0.insert(given.to_lowercase()) {
                break;
            }
            given = format!("{start}_{number}");
        }
        given
    }
}

/// Returns a label: `customer_name` becomes "Customer name". Other names stay as they are.
pub fn label(name: &str) -> String {
    let is_code = name.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '_');
    let words = if is_code { name.replace('_', " ") } else { name.to_owned() };
    let words = words.trim();
    let mut letters = words.chars();
    let upper = match letters.next() {
        Some(first) if is_code => first.to_uppercase().chain(letters).collect(),
        _ => words.to_owned(),
    };
    let upper = if upper == "Id" { "ID".to_owned() } else { upper };
    if upper.is_empty() { name.chars().take(255).collect() } else { upper.chars().take(255).collect() }
}

#[cfg(test)]
mod tests {
    use super::{AppNames, label};

    #[test]
    fn a_name_in_any_script_gets_its_own_identifier() {
        let mut names = AppNames::default();
        let given = ["id", "ID", "Order no.", "order no", "2nd", "größe", "名前", "価格", "", "search", "_x"]
            .map(|name| names.give(name));
        let expected = [
            "id",
            "ID_2",
            "Order_no",
            "order_no_2",
            "c_2nd",
            "gr_e",
            "column",
            "column_2",
            "column_3",
            "search_2",
            "_x",
        ];
        assert_eq!(given, expected);
        assert!(names.give(&"long_".repeat(30)).len() <= 42);
    }

    #[test]
    fn a_label_is_made_of_words() {
        for (name, expected) in [
            ("customer_name", "Customer name"),
            ("id", "ID"),
            ("größe", "Größe"),
            ("OrderNo", "OrderNo"),
            ("Order \"no\"", "Order \"no\""),
            ("_", "_"),
        ] {
            assert_eq!(label(name), expected);
        }
    }
}
