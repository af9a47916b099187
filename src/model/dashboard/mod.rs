//! Dashboards: widgets, laid out, on tabs where there are many, with variables.
mod range;
mod variable;

pub use self::variable::{Choices, Variable, VariableType, check_plain, check_values};

use super::{DataQuery, Kind, Link, Resource, Widget, data_query::is_identifier, text::check_length};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

const MAX_TABS: usize = 20;

/// Widgets on a grid.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dashboard {
    /// Pages that viewers switch between, the first of which they see first; none: everything is on one page.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub tabs: Vec<Tab>,
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub items: Vec<Item>,
    /// Where each item stands, per screen width; each tab has a grid of its own.
    #[serde(default)]
    pub layouts: BTreeMap<Breakpoint, Vec<Cell>>,
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub variables: Vec<Variable>,
    /// How often viewers reload; 0 means only on demand.
    #[serde(default)]
    #[schemars(range(max = 86_400))]
    pub refresh_seconds: u32,
}

/// A page of a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardTab")]
pub struct Tab {
    /// Names the tab in items and in addresses: letters, digits, `-` and `_`; unique on the dashboard.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,64}$"))]
    pub key: String,
    #[schemars(length(min = 1, max = 60))]
    pub title: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "DashboardItem")]
pub struct Item {
    /// Names the item in layouts and in data events; unique on the dashboard.
    #[schemars(length(min = 1, max = 64))]
    pub key: String,
    #[serde(rename = "widgetID")]
    pub widget_id: Uuid,
    /// Shown instead of the widget's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The key of the tab that it is on; needed on a dashboard with tabs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Breakpoint {
    Lg,
    Md,
    Sm,
}

/// A place on the grid, in columns and rows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LayoutCell")]
pub struct Cell {
    /// The item's key.
    pub i: String,
    pub x: u16,
    pub y: u16,
    #[schemars(range(min = 1))]
    pub w: u16,
    #[schemars(range(min = 1))]
    pub h: u16,
}

impl Resource for Dashboard {
    const KIND: Kind = Kind {
        name: "dashboard",
        plural: "dashboards",
        id: "dashboardID",
        schema: "Dashboard",
        label: "dashboard",
        lends: None,
    };
    const HEAVY: &'static [&'static str] = &["layouts"];

    fn check(&self) -> Result<()> {
        if self.items.len() > 200 {
            return Err(Error::invalid("items", "must be at most 200"));
        }
        let mut keys = HashSet::new();
        for (i, item) in self.items.iter().enumerate() {
            let at = format!("items[{i}].key");
            check_length(&at, &item.key, 1..=64)?;
            if !keys.insert(item.key.as_str()) {
                return Err(Error::invalid(at, format!("`{}` is used twice", item.key)));
            }
        }
        for (breakpoint, cells) in &self.layouts {
            check_cells(*breakpoint, cells, &keys)?;
        }
        self.check_tabs()?;
        self.check_variables()
    }

    fn links(&self) -> Vec<Link> {
        let link = |(i, item): (usize, &Item)| Link {
            path: format!("items[{i}].widgetID"),
            kind: &Widget::KIND,
            id: item.widget_id,
            given: Value::Null,
        };
        let chosen = self.variables.iter().enumerate().filter_map(|(i, variable)| {
            let path = format!("variables[{i}].source.queryID");
            let Choices { query_id: id, value_field, label_field } = variable.source.as_ref()?;
            let given = json!([value_field, label_field]);
            Some(Link { path, kind: &DataQuery::KIND, id: *id, given })
        });
        self.items.iter().enumerate().map(link).chain(chosen).collect()
    }

    /// Whoever decides which values viewers may choose decides what queries are asked for.
    const CONTEXT_TAKES: Option<&'static str> = Some("dataquery:execute");

    /// The variables: its widgets' queries are given their values.
    fn context(&self) -> Value {
        let rule = |known: &Variable| json!([known.name, known.r#type, known.default, known.options, known.source]);
        self.variables.iter().map(rule).collect()
    }

    /// Items that show `target` go, with their places. A variable that has its choices from it keeps those that are
    /// listed: it must not take any value because it has lost its rule.
    fn without(mut self, target: Uuid) -> Option<Self> {
        let gone: HashSet<String> =
            self.items.iter().filter(|item| item.widget_id == target).map(|item| item.key.clone()).collect();
        self.items.retain(|item| !gone.contains(&item.key));
        for cells in self.layouts.values_mut() {
            cells.retain(|cell| !gone.contains(&cell.i));
        }
        for variable in &mut self.variables {
            variable.source.take_if(|source| source.query_id == target);
        }
        Some(self)
    }
}

impl Dashboard {
    fn check_tabs(&self) -> Result<()> {
        if self.tabs.len() > MAX_TABS {
            return Err(Error::invalid("tabs", format!("must be at most {MAX_TABS}")));
        }
        let mut keys = HashSet::new();
        for (i, tab) in self.tabs.iter().enumerate() {
            tab.check(&format!("tabs[{i}]"))?;
            if !keys.insert(tab.key.as_str()) {
                return Err(Error::invalid(format!("tabs[{i}].key"), format!("`{}` is used twice", tab.key)));
            }
        }
        for (i, item) in self.items.iter().enumerate() {
            let wrong = match item.tab.as_deref() {
                None if keys.is_empty() => continue,
                Some(key) if keys.contains(key) => continue,
                None => "must be the key of a tab, because the dashboard has tabs".to_owned(),
                Some(_) if keys.is_empty() => "the dashboard has no tabs: leave it out or give `tabs`".to_owned(),
                Some(key) => format!("no tab has the key `{key}`"),
            };
            return Err(Error::invalid(format!("items[{i}].tab"), wrong));
        }
        Ok(())
    }

    fn check_variables(&self) -> Result<()> {
        if self.variables.len() > 50 {
            return Err(Error::invalid("variables", "must be at most 50"));
        }
        if self.refresh_seconds > 86_400 {
            return Err(Error::invalid("refreshSeconds", "must be at most 86400 (a day)"));
        }
        let mut names = HashSet::new();
        for (i, variable) in self.variables.iter().enumerate() {
            let at = format!("variables[{i}].name");
            if !is_identifier(&variable.name) {
                return Err(Error::invalid(at, "must be an identifier such as region"));
            }
            if !names.insert(variable.name.as_str()) {
                return Err(Error::invalid(at, format!("`{}` is used twice", variable.name)));
            }
            if variable.name == "tab" && !self.tabs.is_empty() {
                return Err(Error::invalid(at, "`tab` is the tab in the address: choose another name"));
            }
            variable.check(&format!("variables[{i}]"))?;
        }
        Ok(())
    }
}

impl Tab {
    fn check(&self, at: &str) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if self.key.is_empty() || self.key.len() > 64 || !self.key.chars().all(plain) {
            return Err(Error::invalid(format!("{at}.key"), "must be 1 to 64 letters, digits, `-` and `_`"));
        }
        check_length(&format!("{at}.title"), &self.title, 1..=60)
    }
}

fn check_cells(breakpoint: Breakpoint, cells: &[Cell], keys: &HashSet<&str>) -> Result<()> {
    let breakpoint = format!("{breakpoint:?}").to_lowercase();
    let mut placed = HashSet::new();
    for (i, cell) in cells.iter().enumerate() {
        let at = |field: &str| format!("layouts.{breakpoint}[{i}].{field}");
        if !keys.contains(cell.i.as_str()) {
            return Err(Error::invalid(at("i"), format!("no item has the key `{}`", cell.i)));
        }
        if !placed.insert(cell.i.as_str()) {
            return Err(Error::invalid(at("i"), format!("`{}` is placed twice", cell.i)));
        }
        if cell.w == 0 || cell.h == 0 {
            return Err(Error::invalid(at("w"), "width and height must be at least 1"));
        }
    }
    Ok(())
}
