//! Widgets: tables and charts of query results, content, actions and inputs.
pub mod action;
pub mod kinds;

use super::{DataQuery, Kind, Link, Resource, parse};
use crate::{Error, Result};
use kinds::WidgetKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A table, chart, text, action or input of a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Widget {
    /// One of `GET /widget-types`.
    pub r#type: String,
    /// Matches the type's `configSchema`.
    #[serde(default)]
    pub config: Map<String, Value>,
}

/// The part of a config that decides where the data comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    #[serde(rename = "queryID")]
    pub query_id: Uuid,
    /// Values for the query's parameters. Use `{{ vars.x }}` for a dashboard variable.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Whether rows are loaded one page at a time.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub server_paging: bool,
    /// Rows per page.
    #[serde(default = "Source::default_page_size", skip_serializing)]
    #[schemars(skip)]
    pub page_size: u32,
}

impl Source {
    fn default_page_size() -> u32 {
        10
    }
}

impl Widget {
    pub fn kind(&self) -> Option<&'static WidgetKind> {
        kinds::ALL.iter().find(|kind| kind.name == self.r#type)
    }

    /// Returns the query that the widget shows and its parameters; `None` for a widget without data.
    pub fn source(&self) -> Result<Option<Source>> {
        if self.config.get("queryID").is_none_or(Value::is_null) {
            return Ok(None);
        }
        parse::from_value(Value::Object(self.config.clone()), "config").map(Some)
    }
}

impl Resource for Widget {
    const KIND: Kind = Kind {
        name: "widget",
        plural: "widgets",
        id: "widgetID",
        schema: "Widget",
        label: "widget",
        lends: Some("widget:read"),
    };

    fn check(&self) -> Result<()> {
        let Some(kind) = self.kind() else {
            let known: Vec<_> = kinds::ALL.iter().map(|kind| kind.name).collect();
            return Err(Error::invalid("type", format!("must be one of {}", known.join(", "))));
        };
        kind.check(&Value::Object(self.config.clone()))
    }

    fn links(&self) -> Vec<Link> {
        let drawn = self.source().ok().flatten().map(|source| Link {
            path: "config.queryID".to_owned(),
            kind: &DataQuery::KIND,
            id: source.query_id,
            given: Value::Object(source.parameters),
        });
        let started = self.kind().map(|kind| kind.links(Value::Object(self.config.clone())));
        drawn.into_iter().chain(started.unwrap_or_default()).collect()
    }
}
