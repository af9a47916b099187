//! Widgets: one picture of a query's data.
pub mod kinds;

use super::{DataQuery, Kind, Link, Resource, parse};
use crate::{Error, Result};
use kinds::WidgetKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A chart, a table, a number or a text, usually over a query.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Widget {
    /// One of `GET /widget-types`.
    pub r#type: String,
    /// Shaped by the type's `configSchema`.
    #[serde(default)]
    pub config: Map<String, Value>,
}

/// The part of a config that says where the data comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    #[serde(rename = "queryID")]
    pub query_id: Uuid,
    /// Values for the query's parameters; `{{ vars.x }}` takes a dashboard variable.
    #[serde(default)]
    pub parameters: Map<String, Value>,
}

impl Widget {
    pub fn kind(&self) -> Option<&'static WidgetKind> {
        kinds::ALL.iter().find(|kind| kind.name == self.r#type)
    }

    /// The query it draws and its parameters; `None` for a kind without data.
    pub fn source(&self) -> Result<Option<Source>> {
        if !self.config.contains_key("queryID") {
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
        (kind.check)(Value::Object(self.config.clone()))
    }

    fn links(&self) -> Vec<Link> {
        let Ok(Some(source)) = self.source() else {
            return Vec::new();
        };
        vec![Link { path: "config.queryID".to_owned(), kind: &DataQuery::KIND, id: source.query_id }]
    }
}
