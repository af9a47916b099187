//! Share links: where the dashboard may be embedded, and which parts of it are shown.
use super::{Widget, widget::Visible};
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::collections::HashSet;
use url::Url;

const MAX_ORIGINS: usize = 20;

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

/// Decides which widgets of a dashboard a share link shows, given the locked variables.
pub struct SharedView<'a> {
    locked: &'a Map<String, Value>,
}

impl<'a> SharedView<'a> {
    pub fn new(locked: &'a Map<String, Value>) -> Self {
        Self { locked }
    }

    /// Returns what a visitor sees of a widget. `None` if it is not shown, such as one that sets a locked variable.
    pub fn of<'w>(&self, widget: &'w Widget) -> Option<Visible<'w>> {
        widget.visible().filter(|visible| !visible.sets.iter().any(|name| self.locked.contains_key(*name)))
    }

    /// Returns the part of a widget's config that is needed to show it.
    pub fn config(&self, widget: &Widget, visible: &Visible<'_>) -> Map<String, Value> {
        let mut config = widget.public_config();
        visible.remove_locked(&mut config, self.locked);
        config
    }

    /// Returns the locked variables among these names.
    pub fn locked_values(&self, names: &HashSet<String>) -> Map<String, Value> {
        let values = self.locked.iter().filter(|(name, _)| names.contains(*name));
        values.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn widget(r#type: &str, config: &Value) -> Widget {
        serde_json::from_value(json!({"type": r#type, "config": config})).unwrap()
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

    const QUERY: &str = "0198c2f0-0000-7000-8000-000000000001";

    fn config(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn actions_and_inputs_of_locked_variables_are_not_shown() {
        let locked = config(json!({"region": "EU"}));
        let shown = SharedView::new(&locked);
        let action = json!({"type": "query", "queryID": QUERY});
        for (r#type, config, shows) in [
            ("table", json!({"queryID": QUERY}), true),
            ("text", json!({"markdown": ""}), true),
            ("button", json!({"label": "Go", "action": action}), false),
            ("form", json!({"fields": [{"name": "a"}], "action": action}), false),
            ("workflowRuns", json!({"workflowID": QUERY}), false),
            ("selectInput", json!({"variable": "region", "options": [{"value": "a"}]}), false),
            ("selectInput", json!({"variable": "status", "options": [{"value": "a"}]}), true),
            ("dateRange", json!({"from": "a", "to": "region"}), false),
            ("unknown", json!({}), false),
            ("table", json!({}), false),
        ] {
            assert_eq!(shown.of(&widget(r#type, &config)).is_some(), shows, "{type}: {config}");
        }
    }

    #[test]
    fn a_selection_of_a_locked_variable_is_removed() {
        let locked = config(json!({"region": "EU"}));
        let selects = |selects: Value| widget("table", &json!({"queryID": QUERY, "selects": selects}));
        let (one, other) = (json!({"variable": "region", "field": "r"}), json!({"variable": "status", "field": "s"}));
        let table = selects(json!([one, other, one]));
        let visible = SharedView::new(&locked).of(&table).unwrap();
        assert_eq!(SharedView::new(&locked).config(&table, &visible), config(json!({"selects": [other]})));
        assert_eq!(
            SharedView::new(&Map::new()).config(&table, &visible),
            config(json!({"selects": [one, other, one]}))
        );
    }

    #[test]
    fn only_shown_columns_are_sent() {
        let rows = json!([{"name": "Lamp", "price": 20, "secret": "x"}]);
        let bar = widget("bar", &json!({"queryID": QUERY, "x": "name", "series": [{"field": "price"}]}));
        let columns = bar.visible().unwrap().columns;
        assert_eq!(columns.of(&rows), json!([{"name": "Lamp", "price": 20}]));
        assert_eq!(columns.of(&rows[0]), json!({"name": "Lamp", "price": 20}));
        assert_eq!(columns.of(&json!([1, 2])), json!([1, 2]));
        assert_eq!(Visible::default().columns.of(&rows), json!([{}]));
        assert_eq!(Visible::all().columns.of(&rows), rows);
    }
}
