//! Actions of widgets: a query or a workflow that people run on a dashboard.
use super::destination::Destination;
use crate::{
    Error, Result,
    model::{DataQuery, Link, Resource, ResourceKind, Workflow},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The query or workflow to run with the values to pass to it, or what to open.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Action {
    /// Executes a query.
    #[schemars(title = "Run a query")]
    Query {
        #[serde(rename = "queryID")]
        #[schemars(title = "Query", extend("x-widget" = "query"))]
        query_id: Uuid,
        /// Values for the query's parameters. `{{ row.id }}`, `{{ form.name }}` and `{{ vars.region }}` are replaced.
        #[serde(default)]
        #[schemars(title = "Parameters")]
        values: Map<String, Value>,
        /// Lets the actions after it run even if it changes no rows.
        #[serde(default)]
        #[schemars(title = "Continue without changed rows")]
        may_change_nothing: bool,
    },
    /// Starts a run of a workflow.
    #[schemars(title = "Start a workflow")]
    Workflow {
        #[serde(rename = "workflowID")]
        #[schemars(title = "Workflow", extend("x-widget" = "workflow"))]
        workflow_id: Uuid,
        /// Values for the workflow's inputs. `{{ row.id }}`, `{{ form.name }}` and `{{ vars.region }}` are replaced.
        #[serde(default)]
        #[schemars(title = "Inputs")]
        values: Map<String, Value>,
    },
    /// Opens a widget, a dashboard or a URL in the browser, and changes nothing.
    #[schemars(title = "Open")]
    Open {
        #[schemars(title = "Open", extend("x-widget" = "destination"))]
        to: Destination,
    },
}

/// Fails: what a config serialises is shown to visitors of a share link, who must not see what runs.
impl Serialize for Action {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("an action is not shown to visitors"))
    }
}

impl Action {
    fn target(&self) -> Option<(&'static str, &'static ResourceKind, Uuid, &Map<String, Value>)> {
        match self {
            Self::Query { query_id, values, .. } => Some(("queryID", &DataQuery::KIND, *query_id, values)),
            Self::Workflow { workflow_id, values } => Some(("workflowID", &Workflow::KIND, *workflow_id, values)),
            Self::Open { .. } => None,
        }
    }

    pub const fn is_workflow(&self) -> bool {
        matches!(self, Self::Workflow { .. })
    }

    /// Returns whether it runs on the server.
    pub const fn runs(&self) -> bool {
        !matches!(self, Self::Open { .. })
    }

    /// Returns the link to the query or workflow; `None` if it runs none. `path` is the path of the action, `entered`
    /// decides the values that can fill its placeholders.
    pub fn link(&self, path: &str, entered: &Value) -> Option<Link> {
        let (field, kind, id, values) = self.target()?;
        Some(Link { path: format!("{path}.{field}"), kind, id, given: json!({"values": values, "entered": entered}) })
    }

    /// Returns the record that it opens, with the path of its ID; `None` if it opens none.
    pub fn reference(&self, path: &str) -> Option<(String, Uuid)> {
        match self {
            Self::Open { to } => to.reference(&format!("{path}.to")),
            _ => None,
        }
    }

    /// Returns what it runs, with which values.
    pub fn given(&self) -> Value {
        let may_change_nothing = matches!(self, Self::Query { may_change_nothing: true, .. });
        json!(self.target().map(|(_, _, id, values)| json!([id, values, may_change_nothing])))
    }

    /// Checks that every `{{ … }}` in the values is a path that the browser can resolve.
    pub fn check(&self, path: &str) -> Result<()> {
        if let Self::Open { to } = self {
            return to.check(&format!("{path}.to"));
        }
        let values = self.target().map(|(_, _, _, values)| values);
        values
            .into_iter()
            .flatten()
            .try_for_each(|(name, value)| check_value(value, &format!("{path}.values.{name}"), 0))
    }
}

/// Refuses a value whose texts have placeholders that are not paths.
pub(super) fn check_value(value: &Value, path: &str, depth: usize) -> Result<()> {
    if depth > 16 {
        return Err(Error::invalid(path, "is nested too deeply"));
    }
    match value {
        Value::String(text) => check_text(text, path),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| check_value(item, &format!("{path}[{i}]"), depth + 1))
        }
        Value::Object(fields) => {
            fields.iter().try_for_each(|(name, field)| check_value(field, &format!("{path}.{name}"), depth + 1))
        }
        _ => Ok(()),
    }
}

/// Refuses a text with a placeholder that is not a path: the browser replaces them without running code.
pub fn check_text(text: &str, path: &str) -> Result<()> {
    for part in text.split("{{").skip(1) {
        let inside = part.split_once("}}").map(|(inside, _)| inside.trim());
        if !inside.is_some_and(is_path) {
            return Err(Error::invalid(
                path,
                "write placeholders as {{ row.id }}, {{ form.name }}, {{ vars.region }}, {{ user.email }} or {{ value }}",
            ));
        }
    }
    Ok(())
}

/// What the first name of a placeholder can be, besides `value`.
pub(super) const SCOPES: [&str; 4] = ["row", "form", "vars", "user"];

/// Returns whether a placeholder is a path: `value`, `row.name` or `row["any name"]`, the same with `form`, `vars` and
/// `user`, or a path into nested values such as `vars.period.from` or `row.tags[0]`.
fn is_path(text: &str) -> bool {
    if text == "value" {
        return true;
    }
    let Some(rest) = SCOPES.iter().find_map(|scope| text.strip_prefix(scope)) else { return false };
    let mut rest = Some(rest).filter(|rest| !rest.is_empty());
    while let Some(at) = rest.filter(|rest| !rest.is_empty()) {
        rest = next_name(at).map(|(_, rest)| rest);
    }
    rest.is_some()
}

/// Returns the name in the first segment of a path, and what follows; `None` if the segment is invalid.
pub(super) fn next_name(path: &str) -> Option<(&str, &str)> {
    if let Some(rest) = path.strip_prefix("[\"") {
        let (name, rest) = rest.split_once("\"]")?;
        return (!name.is_empty() && !name.contains(['"', '\\'])).then_some((name, rest));
    }
    if let Some(rest) = path.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        return (!index.is_empty() && index.bytes().all(|b| b.is_ascii_digit())).then_some((index, rest));
    }
    let rest = path.strip_prefix('.')?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    name.starts_with(|c: char| c.is_alphabetic() || c == '_').then_some((name, rest))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::check_text;

    #[test]
    fn a_placeholder_is_a_path_not_code() {
        for fine in [
            "",
            "plain",
            "{{ row.id }}",
            "{{value}}",
            "a {{ form.name }} b {{ vars.x }}",
            r#"{{ row["Order no."] }}"#,
            "{{ vars.period.from }}",
            r#"{{ row.tags[0]["a b"].c }}"#,
            "{{ user.email }}",
        ] {
            assert!(check_text(fine, "x").is_ok(), "{fine}");
        }
        for wrong in [
            "{{ row }}",
            "{{ row.a + 1 }}",
            "{{ steps.a }}",
            "{{ row.id",
            "{{ }}",
            "{{ row. }}",
            "{{ row.a[b] }}",
            "{{ row[] }}",
            "{{ row.a() }}",
            "{{ value.x }}",
            "{{ row[\"a\\\"] }}",
        ] {
            assert!(check_text(wrong, "config.action.values.id").is_err(), "{wrong}");
        }
        let error = check_text("{{ alert(1) }}", "config.action.values.id").unwrap_err().to_string();
        assert!(error.starts_with("config.action.values.id: write placeholders as"), "{error}");
    }
}
