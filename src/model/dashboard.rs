//! Dashboards: widgets, laid out, with variables.
use super::{DataQuery, Kind, Link, Resource, Widget, data_query::is_identifier};
use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Widgets on a grid.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dashboard {
    #[serde(default)]
    pub items: Vec<Item>,
    /// Where each item stands, per screen width.
    #[serde(default)]
    pub layouts: BTreeMap<Breakpoint, Vec<Cell>>,
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// How often viewers reload; 0 means only on demand.
    #[serde(default)]
    #[schemars(range(max = 86_400))]
    pub refresh_seconds: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "DashboardItem")]
pub struct Item {
    /// Names the item in layouts and in data events; unique on the dashboard.
    pub key: String,
    #[serde(rename = "widgetID")]
    pub widget_id: Uuid,
    /// Shown instead of the widget's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
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
    pub w: u16,
    pub h: u16,
}

/// A value that viewers set and widgets use as `{{ vars.name }}`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "DashboardVariable")]
pub struct Variable {
    pub name: String,
    #[serde(default)]
    pub r#type: VariableType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default)]
    pub default: Value,
    /// The choices of a `select`.
    #[serde(default)]
    pub options: Vec<String>,
    /// The query that has the choices of a `select`, in the place of `options`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Choices>,
}

/// A query whose rows are the choices of a variable; it is run with its parameters' defaults.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "VariableChoices")]
pub struct Choices {
    #[serde(rename = "queryID")]
    pub query_id: Uuid,
    /// The column with the values.
    pub value_field: String,
    /// The column with the words for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_field: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum VariableType {
    #[default]
    Text,
    Number,
    Select,
    Date,
    /// Two days: `{{ vars.period.from }}` and `{{ vars.period.to }}`.
    DateRange,
}

impl Variable {
    /// Whether a stranger may give it this value; null clears it.
    ///
    /// # Errors
    /// Says what the value must be.
    pub fn check_value(&self, value: &Value, max_length: usize) -> Result<(), String> {
        let text = match value {
            Value::Null => return Ok(()),
            Value::Number(_) if matches!(self.r#type, VariableType::Number) => return Ok(()),
            Value::Object(days) if matches!(self.r#type, VariableType::DateRange) && is_range(days) => return Ok(()),
            Value::String(text) => text,
            _ => return Err(self.r#type.rule().to_owned()),
        };
        if text.chars().count() > max_length {
            return Err(format!("must be at most {max_length} characters"));
        }
        let fits = match self.r#type {
            VariableType::Text => true,
            VariableType::Number | VariableType::DateRange => false,
            VariableType::Select => self.source.is_some() || self.options.contains(text),
            VariableType::Date => is_day(text),
        };
        if fits { Ok(()) } else { Err(self.r#type.rule().to_owned()) }
    }
}

impl Variable {
    fn check_source(&self, at: &str) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        if self.r#type != VariableType::Select {
            return Err(Error::invalid(at, "only a select has choices from a query"));
        }
        if source.value_field.is_empty() {
            return Err(Error::invalid(format!("{at}.valueField"), "choose the column with the values"));
        }
        Ok(())
    }
}

impl VariableType {
    const fn rule(self) -> &'static str {
        match self {
            Self::Text => "must be a text",
            Self::Number => "must be a number",
            Self::Select => "must be one of the options",
            Self::Date => "must be a day such as 2026-01-31",
            Self::DateRange => "must be two days such as {\"from\": \"2026-01-01\", \"to\": \"2026-01-31\"}",
        }
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_range(days: &Map<String, Value>) -> bool {
    let day = |name: &str| days.get(name).and_then(Value::as_str).filter(|day| is_day(day));
    days.len() == 2 && day("from").zip(day("to")).is_some_and(|(from, to)| from <= to)
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
            if item.key.is_empty() || item.key.len() > 64 {
                return Err(Error::invalid(at, "must be 1 to 64 characters"));
            }
            if !keys.insert(item.key.as_str()) {
                return Err(Error::invalid(at, format!("`{}` is used twice", item.key)));
            }
        }
        for (breakpoint, cells) in &self.layouts {
            check_cells(*breakpoint, cells, &keys)?;
        }
        self.check_variables()
    }

    fn links(&self) -> Vec<Link> {
        let link = |(i, item): (usize, &Item)| Link {
            path: format!("items[{i}].widgetID"),
            kind: &Widget::KIND,
            id: item.widget_id,
        };
        let chosen = self.variables.iter().enumerate().filter_map(|(i, variable)| {
            let path = format!("variables[{i}].source.queryID");
            Some(Link { path, kind: &DataQuery::KIND, id: variable.source.as_ref()?.query_id })
        });
        self.items.iter().enumerate().map(link).chain(chosen).collect()
    }
}

impl Dashboard {
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
            variable.check_source(&format!("variables[{i}].source"))?;
        }
        Ok(())
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

impl Dashboard {
    /// The same dashboard without the items that show `widget`.
    #[must_use]
    pub fn without(mut self, widget: Uuid) -> Self {
        let gone: HashSet<String> =
            self.items.iter().filter(|item| item.widget_id == widget).map(|item| item.key.clone()).collect();
        self.items.retain(|item| !gone.contains(&item.key));
        for cells in self.layouts.values_mut() {
            cells.retain(|cell| !gone.contains(&cell.i));
        }
        self
    }
}
