//! Fills the placeholders in the values of an action.
use super::action::{SCOPES, next_name};
use crate::{Error, Result};
use serde_json::{Map, Value};

/// What the placeholders of an action refer to.
pub struct Entered<'a> {
    /// The row that the action belongs to.
    pub row: &'a Value,
    /// The values of a form's fields.
    pub form: &'a Value,
    /// The dashboard's variables.
    pub vars: &'a Value,
    /// The person who runs the action.
    pub user: &'a Value,
    /// The value that was entered in a cell.
    pub value: &'a Value,
}

impl Entered<'_> {
    /// Returns the value of a placeholder's path; `None` if the placeholder has no value. Fields of an empty
    /// column are empty.
    fn find(&self, path: &str) -> Option<&Value> {
        if path == "value" {
            return Some(self.value);
        }
        let scope = SCOPES.into_iter().find(|scope| path.starts_with(scope))?;
        let mut found = match scope {
            "row" => self.row,
            "form" => self.form,
            "vars" => self.vars,
            _ => self.user,
        };
        let mut rest = &path[scope.len()..];
        while !rest.is_empty() {
            let (name, after) = next_name(rest)?;
            rest = after;
            found = match found {
                Value::Null => return Some(&Value::Null).filter(|_| scope == "row"),
                Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                other => other.get(name)?,
            };
        }
        // an unset variable has no value, an empty column has
        Some(found).filter(|found| !found.is_null() || scope == "row" || scope == "form")
    }

    /// Fills in the values of an action. A placeholder that is the whole text keeps its type. Null values are omitted,
    /// so that defaults apply.
    ///
    /// # Errors
    /// `Invalid`, naming the value and the placeholder that has no value here.
    pub fn fill(&self, values: &Map<String, Value>) -> Result<Map<String, Value>> {
        let mut filled = Map::new();
        for (name, value) in values {
            let value = self.fill_value(value).map_err(|placeholder| {
                Error::invalid(format!("values.{name}"), format!("{{{{ {placeholder} }}}} has no value here"))
            })?;
            if !value.is_null() {
                filled.insert(name.clone(), value);
            }
        }
        Ok(filled)
    }

    fn fill_value(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::String(text) => self.fill_text(text),
            Value::Array(items) => items.iter().map(|item| self.fill_value(item)).collect(),
            Value::Object(fields) => {
                let filled = fields.iter().map(|(name, field)| Ok((name.clone(), self.fill_value(field)?)));
                Ok(Value::Object(filled.collect::<Result<_, String>>()?))
            }
            other => Ok(other.clone()),
        }
    }

    fn fill_text(&self, text: &str) -> Result<Value, String> {
        let trimmed = text.trim();
        if let Some(path) = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"))
            && !path.contains("{{")
        {
            return self.find(path.trim()).cloned().ok_or_else(|| path.trim().to_owned());
        }
        let mut parts = text.split("{{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (path, after) = part.split_once("}}").unwrap_or((part, ""));
            let found = self.find(path.trim()).ok_or_else(|| path.trim().to_owned())?;
            filled += &as_text(found);
            filled += after;
        }
        Ok(Value::String(filled))
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Entered;
    use serde_json::{Value, json};

    fn fill(values: Value) -> Result<Value, String> {
        let row = json!({"id": 7, "name": "Ada", "empty": null, "tags": [{"a b": true}], "big": "9007199254740993"});
        let (form, vars) =
            (json!({"note": "x", "none": null}), json!({"period": {"from": "2026-01-01"}, "unset": null}));
        let (user, value) = (json!({"email": "ada@example.com"}), json!([1]));
        let entered = Entered { row: &row, form: &form, vars: &vars, user: &user, value: &value };
        let Value::Object(values) = values else { panic!("not an object") };
        entered.fill(&values).map(Value::Object).map_err(|error| error.to_string())
    }

    #[test]
    fn a_lone_placeholder_keeps_its_type_and_others_become_text() {
        let filled = fill(json!({
            "id": "{{ row.id }}", "text": "no. {{row.id}} of {{ row[\"name\"] }}", "tag": "{{ row.tags[0][\"a b\"] }}",
            "value": "{{ value }}", "from": " {{ vars.period.from }} ", "who": "{{ user.email }}", "plain": 1.5,
            "list": ["{{ row.big }}", {"note": "{{ form.note }}"}], "gone": "{{ row.empty }}", "none": "{{ form.none }}",
        }));
        let expected = json!({
            "id": 7, "text": "no. 7 of Ada", "tag": true, "value": [1], "from": "2026-01-01", "who": "ada@example.com",
            "plain": 1.5, "list": ["9007199254740993", {"note": "x"}],
        });
        assert_eq!(fill(json!({})), Ok(json!({})));
        assert_eq!(filled, Ok(expected));
    }

    #[test]
    fn what_has_no_value_is_named() {
        for text in [
            "{{ row.missing }}",
            "a {{ form.missing }}",
            "{{ vars.unset }}",
            "{{ vars.other }}",
            "{{ user.password }}",
            "{{ row.tags[3] }}",
            "{{ row.id.more }}",
        ] {
            let refused = fill(json!({"x": [text]})).unwrap_err();
            let path = text.split("{{").nth(1).unwrap();
            assert!(refused.starts_with("values.x: {{") && refused.contains(path), "{refused}");
        }
    }
}
