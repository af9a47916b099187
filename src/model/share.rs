//! Share links: where the dashboard may be embedded, and which parts of it are shown.
use super::{
    Widget,
    dashboard::Item,
    widget::{
        Visible,
        condition::{ConditionSource, RowCondition},
        fill::Entered,
    },
};
use crate::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use url::Url;
use uuid::Uuid;

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

    /// Returns whether an item may be shown: its conditions on the person and on locked variables are met.
    pub fn may_show(&self, item: &Item) -> bool {
        let (vars, nobody, none) = (json!(self.locked), json!({}), Value::Null);
        let decided = item.when.only(|one| !self.is_free(one));
        decided.are_met(&Entered { row: &none, form: &none, vars: &vars, user: &nobody, value: &none })
    }

    /// Returns the conditions of an item that depend on what visitors set.
    pub fn conditions(&self, item: &Item) -> Vec<RowCondition> {
        item.when.iter().filter(|one| self.is_free(one)).cloned().collect()
    }

    fn is_free(&self, condition: &RowCondition) -> bool {
        condition.from == ConditionSource::Vars && !self.locked.contains_key(&condition.field)
    }

    /// Returns the part of a widget's config that is needed to show it. `keys` are the keys of the items that visitors
    /// see, by their widgets: outside of the tenant, an item is known by its key.
    pub fn config(&self, widget: &Widget, visible: &Visible<'_>, keys: &HashMap<Uuid, &str>) -> Map<String, Value> {
        let mut config = widget.public_config();
        visible.remove_locked(&mut config, self.locked);
        if let Some(key) = visible.opened_widget().and_then(|id| keys.get(&id)) {
            config.insert("opens".to_owned(), json!({"type": "widget", "widgetID": key}));
        }
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
        let none = HashMap::new();
        assert_eq!(SharedView::new(&locked).config(&table, &visible, &none), config(json!({"selects": [other]})));
        assert_eq!(
            SharedView::new(&Map::new()).config(&table, &visible, &none),
            config(json!({"selects": [one, other, one]}))
        );
    }

    #[test]
    fn a_selection_opens_what_visitors_may_see_and_no_more() {
        let free = Map::new();
        let form = "0198c2f0-0000-7000-8000-000000000002";
        let opened = |opens: Value, keys: &HashMap<Uuid, &str>| {
            let table = widget("table", &json!({"queryID": QUERY, "columns": [{"field": "a"}], "opens": opens}));
            let shown = SharedView::new(&free);
            let visible = shown.of(&table).unwrap();
            let found = shown.config(&table, &visible, keys).get("opens").cloned();
            (found, visible.columns.contains("id"))
        };
        let (none, keys) = (HashMap::new(), HashMap::from([(Uuid::parse_str(form).unwrap(), "details")]));
        let inside = json!({"type": "widget", "widgetID": form});
        assert_eq!(opened(inside.clone(), &none), (None, false));
        let known = json!({"type": "widget", "widgetID": "details"});
        assert_eq!(opened(inside, &keys), (Some(known), false));
        let other = json!({"type": "dashboard", "dashboardID": form, "variables": {"id": "{{ row.id }}"}});
        assert_eq!(opened(other, &keys), (None, false));
        let url = json!({"type": "url", "url": "https://example.com/{{ row.id }}"});
        assert_eq!(opened(url.clone(), &keys), (Some(url), true));
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
