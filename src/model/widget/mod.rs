//! Widgets: tables and charts of query results, content, actions and inputs.
pub mod action;
pub mod condition;
pub mod destination;
pub mod fill;
pub mod kinds;

pub use kinds::visible::{Columns, Visible, variables_in};

use super::{
    DataQuery, Link, Resource, ResourceKind,
    permission::{Noun, Permission},
};
use crate::{Error, Result};
use action::Action;
use fill::Entered;
use kinds::{Config, FieldChoices, Grid, ServerTable, WidgetKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A table, chart, text, action or input of a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Widget {
    /// One of `GET /widget-types`.
    r#type: String,
    /// Matches the type's `configSchema`.
    #[serde(default)]
    config: Map<String, Value>,
    /// The dashboard that the widget belongs to: only this dashboard may show it. `null` if the widget is in the
    /// library, where every dashboard may show it.
    #[serde(rename = "dashboardID", default)]
    dashboard_id: Option<Uuid>,
    /// Words to find it by.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 50)))]
    tags: Vec<String>,
    #[serde(skip)]
    parsed: Parsed,
}

/// What is known about a config, so that it is parsed and checked at most once. Lists of widgets need neither.
#[derive(Clone, Debug, Default)]
struct Parsed {
    config: OnceLock<Arc<dyn Config>>,
    is_valid: OnceLock<()>,
}

/// Where the data of a widget comes from.
#[derive(Clone, Copy, Debug)]
pub struct WidgetSource<'a> {
    pub query_id: Uuid,
    /// Values for the query's parameters.
    pub parameters: &'a Map<String, Value>,
    /// Rows per page, if they are loaded one page at a time.
    pub page_size: Option<u32>,
    /// How the query searches, sorts and filters, if it does.
    pub server: Option<&'a ServerTable>,
}

impl Widget {
    pub fn type_name(&self) -> &str {
        &self.r#type
    }

    fn kind(&self) -> Result<&'static WidgetKind> {
        kinds::ALL.iter().find(|kind| kind.name == self.r#type).ok_or_else(|| {
            let known: Vec<_> = kinds::ALL.iter().map(|kind| kind.name).collect();
            Error::invalid("type", format!("must be one of {}", known.join(", ")))
        })
    }

    fn config(&self) -> Result<&dyn Config> {
        if let Some(config) = self.parsed.config.get() {
            return Ok(&**config);
        }
        let config = self.kind()?.parse(Value::Object(self.config.clone()))?;
        Ok(&**self.parsed.config.get_or_init(|| config))
    }

    /// Returns the query that the widget shows and its parameters; `None` for a widget without data.
    pub fn source(&self) -> Result<Option<WidgetSource<'_>>> {
        let config = self.config()?;
        let (page_size, server) = (config.page_size(), config.server());
        Ok(config.query().map(|(query_id, parameters)| WidgetSource { query_id, parameters, page_size, server }))
    }

    /// Adds null for the fields of a form that were not sent, and replaces empty texts by null, except where an empty
    /// text is a value. `row` is the row of the form.
    pub fn settle(&self, form: &mut Map<String, Value>, row: &Map<String, Value>) -> Result<()> {
        self.config()?.settle(form, row);
        Ok(())
    }

    /// Returns the action at a path in the config, such as `config.action`, and those that follow it, each with its
    /// path, after checking the action's conditions and what was entered for it.
    ///
    /// # Errors
    /// `Invalid` if the widget has no such action, if the action cannot run now, or for a value that must not be sent.
    pub fn actions(&self, path: &str, entered: &Entered<'_>) -> Result<Vec<(String, Action)>> {
        let config = self.config()?;
        let found = config.actions().into_iter().find(|pressed| pressed.path == path);
        let pressed = found.ok_or_else(|| Error::invalid("action", "is not an action of this widget"))?;
        let rules = config.rules(path);
        if let Some(why) = rules.refusal(entered) {
            return Err(Error::invalid("action", why));
        }
        config.check_entered(path, entered)?;
        let at = |i| format!("{}.then[{i}]", kinds::holder_of(path));
        let then = rules.then.iter().enumerate().map(|(i, action)| (at(i), action.clone()));
        Ok([(pressed.path, pressed.action.clone())].into_iter().chain(then).collect())
    }

    /// Returns the links to the queries whose rows it shows: its own, that of the total, and those of choices.
    pub fn shown_queries(&self) -> Result<Vec<Link>> {
        let config = self.config()?;
        Ok(Self::own_query(config).into_iter().chain(config.queries()).collect())
    }

    fn own_query(config: &dyn Config) -> Option<Link> {
        let (path, kind) = ("config.queryID".to_owned(), &DataQuery::KIND);
        config.query().map(|(id, parameters)| Link { path, kind, id, given: Value::Object(parameters.clone()) })
    }

    /// Returns the links of its actions to queries, each with the values that it passes.
    pub fn executed_queries(&self) -> Result<Vec<(Link, Map<String, Value>)>> {
        let links = self.config()?.links().into_iter().filter(|link| link.kind.noun == Noun::DataQuery);
        let values = |link: &Link| link.given["values"].as_object().cloned().unwrap_or_default();
        Ok(links.map(|link| (values(&link), link)).map(|(values, link)| (link, values)).collect())
    }

    /// Returns the fields of a form whose choices come from a query.
    pub fn choices(&self) -> Result<Vec<(&str, &FieldChoices)>> {
        Ok(self.config()?.choices())
    }

    /// Returns the table whose rows people may edit; `None` for other kinds of widget.
    pub fn grid(&self) -> Result<Option<&Grid>> {
        Ok(self.config()?.grid())
    }

    /// Returns what visitors of a share link see of it. `None` if they do not see it, or if its config is not valid.
    pub fn visible(&self) -> Option<Visible<'_>> {
        self.config().ok()?.visible()
    }

    /// Returns the config without what visitors of a share link must not see: where the data comes from, and what
    /// runs.
    pub fn public_config(&self) -> Map<String, Value> {
        let public = self.config().map(|config| config.public()).unwrap_or_default();
        let shown =
            |(name, value): (&String, &Value)| Some((name.clone(), kinds::visible::common(value, public.get(name)?)));
        self.config.iter().filter_map(shown).collect()
    }
}

impl Resource for Widget {
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::Widget,
        plural: "widgets",
        id: "widgetID",
        schema: "Widget",
        label: "widget",
        lends: Some(Permission::WidgetRead),
        is_restorable: true,
    };

    fn check(&self) -> Result<()> {
        if self.parsed.is_valid.get().is_none() {
            self.kind()?.check(self.config()?, &Value::Object(self.config.clone()))?;
            self.parsed.is_valid.get_or_init(|| ());
        }
        Ok(())
    }

    const ON_DASHBOARDS: bool = true;

    fn dashboard(&self) -> Option<Uuid> {
        self.dashboard_id
    }

    fn set_dashboard(&mut self, dashboard: Option<Uuid>) {
        self.dashboard_id = dashboard;
    }

    /// Returns all but the dashboard, which does not change what the widget does.
    fn tags(&self) -> &[String] {
        &self.tags
    }

    fn effect(&self) -> Result<Value> {
        Ok(serde_json::to_value(Self { dashboard_id: None, tags: Vec::new(), ..self.clone() })?)
    }

    fn links(&self) -> Vec<Link> {
        let Ok(config) = self.config() else { return Vec::new() };
        Self::own_query(config).into_iter().chain(config.links()).chain(config.queries()).collect()
    }

    fn references(&self) -> Vec<(String, Uuid)> {
        self.config().map(|config| config.references()).unwrap_or_default()
    }
}
