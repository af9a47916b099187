//! The defaults of columns.
use super::fields::AppField;

/// Words that are defaults in SQL. SQLite takes any other word for a text.
const WORDS: [&str; 8] =
    ["true", "false", "null", "current_timestamp", "current_date", "current_time", "current_user", "localtimestamp"];

impl<'a> AppField<'a> {
    /// Returns the default, if it can be part of a query.
    pub fn default(&self) -> Option<&'a str> {
        let default = self.column.default.as_deref()?;
        let is_name = default.chars().all(|c| c.is_alphabetic() || c == '_');
        let is_known = !is_name || WORDS.contains(&default.to_lowercase().as_str());
        (is_known && !default.starts_with('"') && !default.contains("{{") && default.len() < 2000).then_some(default)
    }

    /// Returns whether the database uses a default that cannot be part of a query.
    pub fn has_hidden_default(&self) -> bool {
        self.column.default.is_some() && self.default().is_none()
    }
}

/// Returns the value of a default that is a literal, such as `'open'::text`.
pub fn literal(default: &str) -> Option<String> {
    let Some(quoted) = default.strip_prefix('\'') else {
        let is_word = matches!(&*default.to_lowercase(), "true" | "false");
        return (is_word || is_number(default)).then(|| default.to_owned());
    };
    let whole = quoted.replace("''", "\u{0}");
    let (text, rest) = whole.split_once('\'')?;
    (rest.is_empty() || rest.starts_with("::")).then(|| text.replace('\u{0}', "'"))
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn defaults_are_shown_if_they_are_literals() {
        for (default, shown) in [
            ("'open'::text", Some("open")),
            ("'it''s'", Some("it's")),
            ("0.50", Some("0.50")),
            ("-1", Some("-1")),
            ("TRUE", Some("TRUE")),
            ("now()", None),
            ("nextval('ids'::regclass)", None),
            ("'a' || 'b'", None),
            ("current_date", None),
            ("'", None),
        ] {
            assert_eq!(literal(default).as_deref(), shown, "{default}");
        }
    }
}
