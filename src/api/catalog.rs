//! What there is to choose from: types of datasources, widgets and nodes, each described by its own schema.
use super::{App, permit::SignedIn, wire::Items};
use crate::{
    connect::{self, Connector},
    model::widget::kinds::{self, Category},
    runner::nodes::{self, NodeType},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A type of datasource.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatasourceType {
    r#type: &'static str,
    #[serde(flatten)]
    about: connect::About,
    /// JSON Schema of `options`; `writeOnly` marks secrets.
    options_schema: Value,
    /// JSON Schema of the `options` of its queries.
    query_options_schema: Value,
}

impl DatasourceType {
    fn of(connector: &dyn Connector) -> Self {
        Self {
            r#type: connector.kind(),
            about: connector.about(),
            options_schema: connector.options_schema().to_value(),
            query_options_schema: connector.query_schema().to_value(),
        }
    }
}

/// A type of widget.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WidgetType {
    r#type: &'static str,
    name: &'static str,
    description: &'static str,
    category: Category,
    /// JSON Schema of `config`.
    config_schema: Value,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/datasource-types",
            get_with(datasource_types, |op| {
                op.id("datasourceType.list").summary("List the types of datasources").tag("catalog")
            }),
        )
        .api_route(
            "/widget-types",
            get_with(widget_types, |op| op.id("widgetType.list").summary("List the types of widgets").tag("catalog")),
        )
        .api_route(
            "/node-types",
            get_with(node_types, |op| {
                op.id("nodeType.list").summary("List the types of workflow nodes").tag("catalog")
            }),
        )
}

async fn node_types(_: SignedIn) -> Json<Items<NodeType>> {
    Json(Items { items: nodes::catalog().to_vec() })
}

async fn datasource_types(_: SignedIn) -> Json<Items<DatasourceType>> {
    Json(Items { items: connect::all().map(DatasourceType::of).collect() })
}

async fn widget_types(_: SignedIn) -> Json<Items<WidgetType>> {
    let items = kinds::ALL.iter().map(|kind| WidgetType {
        r#type: kind.name,
        name: kind.label,
        description: kind.description,
        category: kind.category,
        config_schema: (kind.schema)().to_value(),
    });
    Json(Items { items: items.collect() })
}
