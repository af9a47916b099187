//! Share links: where the dashboard may be embedded, and which parts of it are shown.
use super::{Widget, widget::kinds::Category};
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::collections::HashSet;
use url::Url;

const MAX_ORIGINS: usize = 20;
/// Settings about where data comes from or what runs, rather than how data is shown.
const INNER: &[&str] = &["queryID", "workflowID", "parameters", "action", "rowActions", "edit"];

/// Normalises origins to the form that browsers send. Refuses anything that is not an origin.
pub fn origins(given: &[String]) -> Result<Vec<String>> {
    if given.len() > MAX_ORIGINS {
        return Err(Error::invalid("allowedOrigins", format!("must have at most {MAX_ORIGINS} items")));
    }
    let mut origins = Vec::new();
    for (i, text) in given.iter().enumerate() {
        let origin = origin(text).ok_or_else(|| {
            Error::invalid(format!("allowedOrigins[{i}]"), "must be an origin such as https://intranet.example.com")
        })?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    // the origin becomes part of a header
    let plain = url.host_str()?.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'));
    (bare && anonymous && plain && text.len() <= 255).then(|| url.origin().ascii_serialization())
}

/// Decides which parts of a dashboard a share link shows.
pub struct Shown<'a> {
    fixed: &'a Map<String, Value>,
}

impl<'a> Shown<'a> {
    /// `fixed` are the locked variables.
    pub fn new(fixed: &'a Map<String, Value>) -> Self {
        Self { fixed }
    }

    /// Returns whether a widget is shown: not if it runs actions or sets a locked variable.
    pub fn shows(&self, widget: &Widget) -> bool {
        let sets = ["variable", "from", "to"].iter().filter_map(|field| widget.config.get(*field)?.as_str());
        match widget.kind().map(|kind| kind.category) {
            Some(Category::Inputs) => !sets.into_iter().any(|name| self.fixed.contains_key(name)),
            Some(Category::Actions) | None => false,
            Some(_) => true,
        }
    }

    /// Returns the part of a widget's config that is needed to show it.
    pub fn config(&self, widget: &Widget) -> Map<String, Value> {
        let mut config = widget.config.clone();
        strip(&mut config);
        if let Some(Value::Array(selects)) = config.get_mut("selects") {
            let fixed = |select: &Value| select["variable"].as_str().is_some_and(|name| self.fixed.contains_key(name));
            selects.retain(|select| !fixed(select));
        }
        config
    }

    /// Returns the locked variables that the texts of these configs use.
    pub fn told(&self, configs: &[&Map<String, Value>]) -> Map<String, Value> {
        let mentioned = |name: &str| {
            let word = format!("vars.{name}");
            let mentions = |value: &Value| value.as_str().is_some_and(|text| text.contains(&word));
            configs.iter().any(|config| config.values().any(mentions))
        };
        let known = self.fixed.iter().filter(|(name, _)| mentioned(name));
        known.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn strip(config: &mut Map<String, Value>) {
    config.retain(|name, _| !INNER.contains(&name.as_str()));
    for value in config.values_mut() {
        match value {
            Value::Object(inner) => strip(inner),
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(strip),
            _ => {}
        }
    }
}

/// Removes the columns that a widget does not show from its rows.
pub fn drawn(widget: &Widget, data: &Value) -> Value {
    let Some(words) = words_of(widget) else { return data.clone() };
    let row = |row: &Value| match row {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(name, _)| words.contains(name.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        ),
        other => other.clone(),
    };
    match data {
        Value::Array(rows) => rows.iter().map(row).collect(),
        other => row(other),
    }
}

/// Returns whether a widget shows this column.
pub fn draws(widget: &Widget, column: &str) -> bool {
    words_of(widget).is_none_or(|words| words.contains(column))
}

/// Collects every string in a config and every name in its placeholders, some of which are columns. `None` for a widget
/// that shows all columns.
fn words_of(widget: &Widget) -> Option<HashSet<&str>> {
    let list = match widget.r#type.as_str() {
        "table" => Some("columns"),
        "keyValue" => Some("fields"),
        _ => None,
    };
    let is_empty = |name: &str| widget.config.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty);
    let all = list.is_some_and(is_empty)
        || widget.r#type == "json" && !widget.config.get("field").is_some_and(Value::is_string);
    if all {
        return None;
    }
    let mut words = HashSet::new();
    widget.config.iter().for_each(|(name, value)| gather(name, value, &mut words));
    Some(words)
}

fn gather<'a>(name: &str, value: &'a Value, words: &mut HashSet<&'a str>) {
    match value {
        _ if INNER.contains(&name) => {}
        Value::String(text) => {
            words.insert(text);
            words.extend(text.split("{{").skip(1).filter_map(column_of));
        }
        Value::Array(items) => items.iter().for_each(|item| gather("", item, words)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| gather(name, value, words)),
        _ => {}
    }
}

/// Returns the column in `row.name }}…` or `row["any name"] }}…`; for `row.name.first`, that is `name`.
fn column_of(placeholder: &str) -> Option<&str> {
    let path = placeholder.split_once("}}")?.0.trim().strip_prefix("row")?;
    match path.strip_prefix('.') {
        Some(name) => name.split(['.', '[']).next(),
        None => Some(path.strip_prefix("[\"")?.split_once("\"]")?.0),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::widget::kinds;
    use serde_json::json;

    fn widget(r#type: &str, config: &Value) -> Widget {
        Widget { r#type: r#type.to_owned(), config: config.as_object().unwrap().clone() }
    }

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let fine = ["https://Example.com", "http://localhost:3000/", "https://example.com:443", "http://[::1]:8080"];
        let read = origins(&fine.map(str::to_owned)).unwrap();
        assert_eq!(read, ["https://example.com", "http://localhost:3000", "http://[::1]:8080"]);
        let wrong = [
            "",
            "*",
            "example.com",
            "https://*.example.com",
            "https://a.com/x",
            "https://a.com?x",
            "https://a.com#x",
            "https://u@a.com",
            "ftp://a.com",
            "data:text/html,x",
            "https://a.com; script-src *",
            "https://a.com 'self'",
            "https://a;b.com",
        ];
        for wrong in wrong {
            let refused = origins(&[wrong.to_owned()]).unwrap_err().to_string();
            assert!(refused.starts_with("allowedOrigins[0]: must be an origin"), "{wrong}: {refused}");
        }
        assert!(origins(&vec!["https://a.com".to_owned(); MAX_ORIGINS + 1]).is_err());
    }

    /// Finds the fields of a config's schema that hold a query, a workflow or an action.
    fn inner_places(schema: &Value, root: &Value, name: &str, found: &mut Vec<String>, depth: usize) {
        if depth > 12 {
            return;
        }
        if matches!(schema["x-widget"].as_str(), Some("query" | "workflow" | "action")) {
            found.push(name.to_owned());
        }
        if let Some(to) = schema["$ref"].as_str() {
            inner_places(root.pointer(&to[1..]).unwrap(), root, name, found, depth + 1);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            inner_places(property, root, name, found, depth + 1);
        }
        inner_places_of_parts(schema, root, name, found, depth);
    }

    fn inner_places_of_parts(schema: &Value, root: &Value, name: &str, found: &mut Vec<String>, depth: usize) {
        let parts = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten();
        for part in parts.chain(schema.get("items")) {
            inner_places(part, root, name, found, depth + 1);
        }
    }

    #[test]
    fn every_query_and_action_in_a_config_is_removed() {
        for kind in kinds::ALL {
            let (schema, mut found) = ((kind.schema)().to_value(), Vec::new());
            inner_places(&schema, &schema, "", &mut found, 0);
            for name in &found {
                assert!(INNER.contains(&name.as_str()), "{}: {name}", kind.name);
            }
            let has = |name: &str| schema["properties"].get(name).is_some();
            assert!(!found.is_empty() || !(has("queryID") || has("action")), "{}", kind.name);
        }
    }

    #[test]
    fn actions_and_inputs_of_locked_variables_are_not_shown() {
        let fixed = json!({"region": "EU"}).as_object().unwrap().clone();
        let shown = Shown::new(&fixed);
        for (r#type, config, shows) in [
            ("table", json!({}), true),
            ("text", json!({}), true),
            ("button", json!({}), false),
            ("form", json!({}), false),
            ("workflowRuns", json!({}), false),
            ("selectInput", json!({"variable": "region"}), false),
            ("selectInput", json!({"variable": "status"}), true),
            ("dateRange", json!({"from": "a", "to": "region"}), false),
            ("unknown", json!({}), false),
        ] {
            assert_eq!(shown.shows(&widget(r#type, &config)), shows, "{type}: {config}");
        }
        let table = json!({
            "queryID": "q", "parameters": {"a": 1}, "rowActions": [{"label": "x", "action": {"queryID": "q"}}],
            "columns": [{"field": "name", "edit": {"action": {"workflowID": "w"}}}],
            "selects": [{"variable": "region", "field": "r"}, {"variable": "status", "field": "s"}],
        });
        let drawn = json!({"columns": [{"field": "name"}], "selects": [{"variable": "status", "field": "s"}]});
        assert_eq!(Value::Object(shown.config(&widget("table", &table))), drawn);
    }

    #[test]
    fn only_shown_columns_are_sent() {
        let rows = json!([{"name": "Lamp", "price": 20, "secret": "x"}]);
        let bar = widget("bar", &json!({"queryID": "secret", "category": "name", "series": [{"field": "price"}]}));
        assert_eq!(drawn(&bar, &rows), json!([{"name": "Lamp", "price": 20}]));
        assert!(draws(&bar, "price") && !draws(&bar, "secret"));
        let text =
            widget("text", &json!({"queryID": "q", "markdown": "# {{ row.name }}", "parameters": {"a": "price"}}));
        assert_eq!(drawn(&text, &rows), json!([{"name": "Lamp"}]));
        assert_eq!(drawn(&widget("table", &json!({"columns": []})), &rows), rows);
        let columns = json!({"columns": [{"field": "name"}]});
        assert_eq!(drawn(&widget("table", &columns), &rows[0]), json!({"name": "Lamp"}));
        assert_eq!(drawn(&bar, &json!([1, 2])), json!([1, 2]));
    }
}
