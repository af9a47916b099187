//! Dashboards: widgets on a grid, with tabs and variables.
mod range;
mod variable;

pub use self::variable::{Choices, DashboardVariable, VariableType, check_plain, check_values};

use super::{
    DataQuery, Link, Resource, ResourceKind, Widget,
    permission::{Noun, Permission},
    text::check_length,
    text::is_identifier,
    widget::{
        condition::{ConditionSource, Conditions, RowCondition},
        fill::Entered,
    },
};
use crate::{Error, Result, clock::Time};
use chrono::DateTime;
use chrono_tz::Tz;
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
    /// The tabs, in order; viewers see the first one first. If empty, everything is on one page.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub tabs: Vec<Tab>,
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub items: Vec<Item>,
    /// The position of each item, per screen width. Each tab has its own grid.
    #[serde(default)]
    pub layouts: BTreeMap<Breakpoint, Vec<LayoutCell>>,
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub variables: Vec<DashboardVariable>,
    /// How often widgets reload, in seconds. 0 reloads only on demand.
    #[serde(default)]
    #[schemars(range(max = 86_400))]
    pub refresh_seconds: u32,
    /// IANA time zone, such as Europe/Berlin, of days and periods. If absent, relative ranges use UTC, and charts the
    /// time zone of the viewer.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub time_zone: Option<String>,
    /// Words to find it by.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 50)))]
    pub tags: Vec<String>,
}

/// A tab of a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardTab")]
pub struct Tab {
    /// Identifies the tab in items and URLs: letters, digits, `-` and `_`. Unique within the dashboard.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,64}$"))]
    pub key: String,
    #[schemars(length(min = 1, max = 60))]
    pub title: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "DashboardItem")]
pub struct Item {
    /// Identifies the item in layouts and data events. Unique within the dashboard.
    #[schemars(length(min = 1, max = 64))]
    pub key: String,
    #[serde(rename = "widgetID")]
    pub widget_id: Uuid,
    /// Shown instead of the widget's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The key of the item's tab. Required on a dashboard with tabs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
    /// Shown only if all these conditions are met. They compare variables and the person.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    #[schemars(with = "Vec<RowCondition>", length(max = 10))]
    pub when: Conditions,
    /// Shown only in a drawer that a selected row or an action opens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drawer: bool,
}

impl Item {
    /// Returns whether its conditions are met, for these values of the variables.
    pub fn is_shown(&self, vars: &Value, user: &Value) -> bool {
        let none = Value::Null;
        self.when.are_met(&Entered { row: &none, form: &none, vars, user, value: &none })
    }

    /// Returns whether its conditions on the person are met, so that it is shown for some values of the variables.
    pub fn is_for(&self, user: &Value) -> bool {
        let none = Value::Null;
        let personal = self.when.only(|one| one.from == ConditionSource::User);
        personal.are_met(&Entered { row: &none, form: &none, vars: &none, user, value: &none })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Breakpoint {
    Lg,
    Md,
    Sm,
}

/// A position on the grid, in columns and rows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutCell {
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
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::Dashboard,
        plural: "dashboards",
        id: "dashboardID",
        schema: "Dashboard",
        label: "dashboard",
        lends: None,
        is_restorable: true,
    };
    const OMITTED_IN_LISTS: &'static [&'static str] = &["layouts"];

    fn check(&self) -> Result<()> {
        if self.items.len() > 200 {
            return Err(Error::invalid("items", "must have at most 200 items"));
        }
        let mut keys = HashSet::new();
        for (i, item) in self.items.iter().enumerate() {
            item.when.check(&format!("items[{i}].when"), &[ConditionSource::Vars, ConditionSource::User])?;
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
        if self.time_zone.is_some() && self.zone().is_none() {
            return Err(Error::invalid("timeZone", "must be an IANA time zone such as Europe/Berlin"));
        }
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
            let Choices { query_id: id, value_field, label_field, parameters } = variable.source.as_ref()?;
            let given = json!([value_field, label_field, parameters]);
            Some(Link { path, kind: &DataQuery::KIND, id: *id, given })
        });
        self.items.iter().enumerate().map(link).chain(chosen).collect()
    }

    /// The values that viewers may select decide what the queries return.
    const CONTEXT_TAKES: Option<Permission> = Some(Permission::DataQueryExecute);

    /// Returns the variables: the queries of the dashboard's widgets get their values.
    fn tags(&self) -> &[String] {
        &self.tags
    }

    fn context(&self) -> Value {
        let rule =
            |known: &DashboardVariable| json!([known.name, known.r#type, known.default, known.options, known.source]);
        self.variables.iter().map(rule).collect()
    }

    /// Removes items that show `target`, and their positions. A variable that takes its choices from `target` keeps its
    /// listed options: without the query it must not accept every value.
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
    fn zone(&self) -> Option<Tz> {
        self.time_zone.as_deref()?.parse().ok()
    }

    /// Returns `now` in the dashboard's time zone, from which relative ranges are counted.
    pub fn local(&self, now: Time) -> DateTime<Tz> {
        now.utc().with_timezone(&self.zone().unwrap_or(Tz::UTC))
    }

    fn check_tabs(&self) -> Result<()> {
        if self.tabs.len() > MAX_TABS {
            return Err(Error::invalid("tabs", format!("must have at most {MAX_TABS} items")));
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
                Some(_) if keys.is_empty() => "the dashboard has no tabs: leave it out, or add `tabs`".to_owned(),
                Some(key) => format!("no tab has the key `{key}`"),
            };
            return Err(Error::invalid(format!("items[{i}].tab"), wrong));
        }
        Ok(())
    }

    fn check_variables(&self) -> Result<()> {
        if self.variables.len() > 50 {
            return Err(Error::invalid("variables", "must have at most 50 items"));
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
                return Err(Error::invalid(at, "`tab` is reserved for the tab in the URL: enter another name"));
            }
            let above = self.variables[..i].iter().map(|other| other.name.as_str()).collect();
            variable.check(&format!("variables[{i}]"), &above)?;
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

fn check_cells(breakpoint: Breakpoint, cells: &[LayoutCell], keys: &HashSet<&str>) -> Result<()> {
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
