//! Runs a saved query with parameters.
use crate::{
    Error, Result,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult, read,
        schema_of,
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

pub struct QueryNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The saved query to run.
    #[serde(rename = "queryID")]
    #[schemars(title = "Query", extend("x-resource" = "dataquery"))]
    query_id: Uuid,
    /// The values of the query's parameters. Templates are supported.
    #[serde(default)]
    #[schemars(title = "Parameters")]
    parameters: Map<String, Value>,
}

impl NodeKind for QueryNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "dataQuery",
            name: "Query",
            category: "Data",
            description: "Runs a saved query and returns data, columns, rowCount and truncated",
            handles: &[("out", "Next"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        if config.get("queryID").is_none_or(|id| id.is_null() || id == "") {
            return Err(Error::invalid("queryID", "is missing: select a query"));
        }
        read::<Settings>(config).map(drop)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let parameters = step.resolve(&Value::Object(settings.parameters), "parameters").await?;
            step.saw(&parameters);
            let Value::Object(parameters) = parameters else {
                return Err(Error::invalid("parameters", "must be an object").into());
            };
            let backend = &step.services.backend;
            let output = backend.execute_query(step.scope, step.instance, settings.query_id, parameters).await?;
            Ok(StepOutcome::Done(StepResult::out(output)))
        })
    }
}
