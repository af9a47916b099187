//! The types of datasources, widgets, nodes and triggers, each with the schema of its settings.
use super::{
    App,
    access::permit::SignedIn,
    records::wire::Items,
    responses::fixed::{Fixed, FixedResponse},
};
use crate::{
    connect::{self, Connector},
    model::{
        trigger,
        widget::kinds::{self, Category},
    },
    runner::nodes::{self, NodeType},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::http::HeaderMap;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Serialize;
use serde_json::Value;
use std::sync::LazyLock;

/// A type of datasource.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatasourceType {
    r#type: &'static str,
    #[serde(flatten)]
    about: connect::ConnectorInfo,
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

/// A type of trigger.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TriggerType {
    r#type: &'static str,
    name: &'static str,
    description: &'static str,
    /// JSON Schema of the fields specific to this type; `writeOnly` marks secrets.
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
        .api_route(
            "/trigger-types",
            get_with(trigger_types, |op| {
                op.id("triggerType.list").summary("List the types of workflow triggers").tag("catalog")
            }),
        )
}

/// Only the client may cache the types, and must revalidate them, because an upgrade of the server may change them.
const CACHE: &str = "private, no-cache";

static NODE_TYPES: LazyLock<Fixed<Items<NodeType>>> =
    LazyLock::new(|| Fixed::of(&Items { items: nodes::catalog().to_vec() }));

async fn node_types(_: SignedIn, headers: HeaderMap) -> FixedResponse<Items<NodeType>> {
    NODE_TYPES.answer(&headers, CACHE)
}

static DATASOURCE_TYPES: LazyLock<Fixed<Items<DatasourceType>>> =
    LazyLock::new(|| Fixed::of(&Items { items: connect::all().map(DatasourceType::of).collect() }));

async fn datasource_types(_: SignedIn, headers: HeaderMap) -> FixedResponse<Items<DatasourceType>> {
    DATASOURCE_TYPES.answer(&headers, CACHE)
}

static WIDGET_TYPES: LazyLock<Fixed<Items<WidgetType>>> = LazyLock::new(|| {
    let items = kinds::ALL.iter().map(|kind| WidgetType {
        r#type: kind.name,
        name: kind.label,
        description: kind.description,
        category: kind.category,
        config_schema: (kind.schema)().to_value(),
    });
    Fixed::of(&Items { items: items.collect() })
});

async fn widget_types(_: SignedIn, headers: HeaderMap) -> FixedResponse<Items<WidgetType>> {
    WIDGET_TYPES.answer(&headers, CACHE)
}

static TRIGGER_TYPES: LazyLock<Fixed<Items<TriggerType>>> = LazyLock::new(|| {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let items = trigger::KINDS.iter().map(|kind| TriggerType {
        r#type: kind.name,
        name: kind.label,
        description: kind.description,
        config_schema: (kind.schema)(&mut settings.clone().into_generator()).to_value(),
    });
    Fixed::of(&Items { items: items.collect() })
});

async fn trigger_types(_: SignedIn, headers: HeaderMap) -> FixedResponse<Items<TriggerType>> {
    TRIGGER_TYPES.answer(&headers, CACHE)
}
