//! `javascript`: a script that returns data, for small adapters and demos.
use super::{
    Capabilities, Connector, ConnectorInfo, Context, OpenDatasource, QueryEffect, QueryRequest, ResultFuture, Rows,
    TableInfo, options::schema_of, rows::shape,
};
use crate::{Error, model::parse, script::Sandbox};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};

pub(super) struct JavascriptConnector;

/// JavaScript datasources have no options
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {}

/// JavaScript code
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Script {
    /// The body of an async function with `params` in scope. Its return value is the result; a list of objects becomes
    /// rows.
    #[schemars(
        title = "Code",
        length(min = 1, max = 100_000),
        extend("format" = "javascript", "x-widget" = "code", "x-language" = "javascript")
    )]
    code: String,
}

impl Connector for JavascriptConnector {
    fn kind(&self) -> &'static str {
        "javascript"
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "JavaScript",
            category: "script",
            description: "A sandboxed script that returns data.",
            capabilities: Capabilities::default(),
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<Options>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Script>()
    }

    /// Scripts reach nothing that they could change.
    fn effect(&self, _: &Map<String, Value>) -> QueryEffect {
        QueryEffect::Reads
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            parse::from_value::<Options>(Value::Object(options.clone()), "options")?;
            Ok(Arc::new(Engine(context.sandbox.clone())) as Arc<dyn OpenDatasource>)
        })
    }
}

struct Engine(Sandbox);

impl OpenDatasource for Engine {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            self.0.eval("1", Map::new(), Duration::from_secs(5)).await.map_err(Error::from)?;
            Ok(None)
        })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let script: Script = parse::from_value(Value::Object((*request.options).clone()), "options")?;
            let ran = self.0.run(&script.code, request.params.scope(), request.timeout).await;
            Ok(shape(ran.map_err(|problem| problem.at("options.code"))?.value, &request.limits))
        })
    }
}
