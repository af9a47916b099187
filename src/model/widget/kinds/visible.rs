//! What visitors of a share link see of a widget.
use super::{super::destination::Destination, parts::Selection};
use serde_json::{Map, Value};
use std::collections::HashSet;
use uuid::Uuid;

/// What visitors get of a widget, besides the fields that its config serialises.
#[derive(Debug, Default)]
pub struct Visible<'a> {
    /// The columns of its rows.
    pub columns: Columns<'a>,
    /// The variables that it sets.
    pub sets: Vec<&'a str>,
    /// The names of the variables that its texts show.
    pub variables: Vec<&'a str>,
    selects: &'a [Selection],
    opens: Option<&'a Destination>,
}

/// Columns of a result.
#[derive(Debug)]
pub enum Columns<'a> {
    All,
    Named(HashSet<&'a str>),
}

impl Default for Columns<'_> {
    fn default() -> Self {
        Self::Named(HashSet::new())
    }
}

impl Columns<'_> {
    pub fn contains(&self, column: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(column),
        }
    }

    /// Removes all other columns from rows, or from a single row.
    pub fn of(&self, data: &Value) -> Value {
        let row = |row: &Value| match (self, row) {
            (Self::Named(_), Value::Object(fields)) => {
                let shown = fields.iter().filter(|(name, _)| self.contains(name));
                Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
            }
            (_, other) => other.clone(),
        };
        match data {
            Value::Array(rows) => rows.iter().map(row).collect(),
            other => row(other),
        }
    }
}

impl<'a> Visible<'a> {
    /// Shows every column.
    pub fn all() -> Self {
        Self { columns: Columns::All, ..Self::default() }
    }

    /// Shows these columns.
    pub fn of(columns: impl IntoIterator<Item = &'a String>) -> Self {
        Self::default().and(columns)
    }

    /// Sets these variables.
    pub fn setting(variables: impl IntoIterator<Item = &'a String>) -> Self {
        Self { sets: variables.into_iter().map(String::as_str).collect(), ..Self::default() }
    }

    /// Also shows these columns.
    #[must_use]
    pub fn and(mut self, columns: impl IntoIterator<Item = &'a String>) -> Self {
        if let Columns::Named(names) = &mut self.columns {
            names.extend(columns.into_iter().map(String::as_str));
        }
        self
    }

    /// Also shows a text with placeholders.
    #[must_use]
    pub fn filling(mut self, text: &'a str) -> Self {
        if let Columns::Named(names) = &mut self.columns {
            names.extend(names_in(text, "row"));
        }
        self.variables.extend(names_in(text, "vars"));
        self
    }

    /// Also sets variables and opens something when a row is selected.
    #[must_use]
    pub fn selecting(self, selects: &'a [Selection], opens: Option<&'a Destination>) -> Self {
        let shown = Self { selects, opens, ..self }.and(selects.iter().map(|select| &select.field));
        match opens {
            Some(Destination::Url { url }) => shown.filling(url),
            _ => shown,
        }
    }

    /// Returns what selecting a row opens.
    pub const fn opens(&self) -> Option<&'a Destination> {
        self.opens
    }

    /// Returns the widget that selecting a row opens.
    pub const fn opened_widget(&self) -> Option<Uuid> {
        match self.opens {
            Some(Destination::Widget { widget_id }) => Some(*widget_id),
            _ => None,
        }
    }

    /// Removes the selections that set a locked variable from a config.
    pub fn remove_locked(&self, config: &mut Map<String, Value>, locked: &Map<String, Value>) {
        let mut selects = self.selects.iter();
        if let Some(Value::Array(given)) = config.get_mut(Selection::FIELD) {
            given.retain(|_| selects.next().is_some_and(|select| !locked.contains_key(&select.variable)));
        }
    }
}

/// Returns the parts of `given` that are also in `public`, which is the same value without some of its fields.
pub fn common(given: &Value, public: &Value) -> Value {
    match (given, public) {
        (Value::Object(given), Value::Object(public)) => {
            let shown = given.iter().filter_map(|(name, value)| Some((name.clone(), common(value, public.get(name)?))));
            Value::Object(shown.collect())
        }
        (Value::Array(given), Value::Array(public)) => {
            given.iter().zip(public).map(|(given, public)| common(given, public)).collect()
        }
        (Value::Object(_) | Value::Array(_), _) => Value::Null,
        (given, _) => given.clone(),
    }
}

/// Returns the names of the variables in the placeholders of some values, each once.
pub fn variables_in(values: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    values.values().for_each(|value| collect_variables(value, &mut found));
    found
}

fn collect_variables(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for name in names_in(text, "vars") {
                if !found.iter().any(|known| known == name) {
                    found.push(name.to_owned());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_variables(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect_variables(field, found)),
        _ => {}
    }
}

/// Returns the names after `scope` in placeholders: `name` in `{{ row.name }}`, `{{ row["name"] }}` and
/// `{{ row.name.first }}`.
fn names_in<'a>(text: &'a str, scope: &'a str) -> impl Iterator<Item = &'a str> {
    text.split("{{").skip(1).filter_map(move |placeholder| {
        let path = placeholder.split_once("}}")?.0.trim().strip_prefix(scope)?;
        match path.strip_prefix('.') {
            Some(name) => name.split(['.', '[']).next(),
            None => Some(path.strip_prefix("[\"")?.split_once("\"]")?.0),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_read_from_placeholders() {
        let text = r#"{{ row.a }} {{row["b c"].d}} {{ vars.e.from }} {{ row.f[0] }} row.g {{ rows.h }} {{ row.i"#;
        assert_eq!(names_in(text, "row").collect::<Vec<_>>(), ["a", "b c", "f"]);
        assert_eq!(names_in(text, "vars").collect::<Vec<_>>(), ["e"]);
    }

    #[test]
    fn only_common_parts_are_kept_as_they_were_given() {
        let given = json!({"z": 5.0, "hidden": 1, "a": [{"x": null, "y": {}}, {"x": 2}], "odd": {"id": 1}});
        let public = json!({"a": [{"x": 0}, {"x": 0}], "more": 1, "z": 5, "odd": "text"});
        assert_eq!(common(&given, &public).to_string(), r#"{"z":5.0,"a":[{"x":null},{"x":2}],"odd":null}"#);
        assert_eq!(common(&given, &Value::Null), Value::Null);
    }
}
