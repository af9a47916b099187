//! `graphql`: a GraphQL service over HTTP. Parameters reach it as variables.
mod document;
mod introspection;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, OpenDatasource, QueryEffect, QueryRequest, ResultFuture, Rows,
    TableInfo, Written,
    http::{Document, content::HttpVerb},
    options::schema_of,
    restapi::{CallOptions, NamedValue, RestApiOptions, RestCall, Service},
    rows::{received, rows_at},
};
use crate::{Error, Result, error::DatasourceProblem, model::parse, script::template::as_text};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// The maximum size of a service's schema, in bytes.
const SCHEMA: usize = 16 << 20;
/// The time limit for this server's own queries.
const LOOK: Duration = Duration::from_secs(10);

pub(super) struct GraphQlConnector;

/// An operation and its variables
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Question {
    /// A GraphQL document. Pass parameters as variables: templates are not allowed here.
    #[schemars(title = "Query", length(min = 1, max = 100_000), extend("format" = "graphql"))]
    query: String,
    /// A value for each variable, such as `{"id": "{{ params.id }}"}`. Templates keep their values' types.
    #[schemars(title = "Variables")]
    #[serde(default)]
    variables: Map<String, Value>,
    /// The operation to run if the query has several.
    #[schemars(title = "Operation name", length(max = 200))]
    operation_name: Option<String>,
    /// The path to the rows in `data`, such as `users.nodes`.
    #[schemars(title = "Response path", length(max = 500))]
    response_path: Option<String>,
    /// Return partial data if a part of the query fails.
    #[schemars(title = "Allow partial data")]
    #[serde(default)]
    allow_partial: bool,
}

impl Connector for GraphQlConnector {
    fn kind(&self) -> &'static str {
        "graphql"
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "GraphQL",
            category: "api",
            description: "A GraphQL service over HTTP.",
            capabilities: Capabilities { schema: true, ..Capabilities::default() },
        }
    }

    /// Returns the options of any HTTP service, with one endpoint instead of a base URL.
    fn options_schema(&self) -> Schema {
        let mut schema = schema_of::<RestApiOptions>();
        let object = schema.ensure_object();
        object.insert("description".to_owned(), "An endpoint, and what is sent with every request".into());
        object.insert("required".to_owned(), json!(["endpoint"]));
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            let mut endpoint = properties.shift_remove("baseUrl").unwrap_or_default();
            properties.shift_remove("queryParams");
            endpoint["title"] = "Endpoint".into();
            endpoint["description"] = "Such as `https://api.example.com/graphql`.".into();
            properties.shift_insert(0, "endpoint".to_owned(), endpoint);
        }
        schema
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Question>()
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        let text = |name: &str| options.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        match document::chosen(text("query").unwrap_or_default(), text("operationName")).map(|chosen| chosen.kind) {
            Ok("query") => QueryEffect::Reads,
            Ok("mutation") => QueryEffect::Changes,
            _ => QueryEffect::MayChange,
        }
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let mut settled = options.clone();
            let endpoint = settled.shift_remove("endpoint").unwrap_or_default();
            settled.insert("baseUrl".to_owned(), endpoint);
            let settled = parse::from_value(Value::Object(settled), "options")?;
            let service = Service::open(self.kind(), settled, options, context, "endpoint")?;
            Ok(Arc::new(Endpoint(service)) as Arc<dyn OpenDatasource>)
        })
    }
}

struct Endpoint(Service);

impl Endpoint {
    async fn ask(&self, operation: &Question, request: &QueryRequest) -> Result<Rows> {
        if operation.query.contains("{{") {
            return Err(Error::invalid(
                "options.query",
                "must not contain a template: declare a variable and set its value in `variables`",
            ));
        }
        let name = operation.operation_name.as_deref().filter(|name| !name.is_empty());
        let chosen = document::chosen(&operation.query, name)?;
        if chosen.kind == "subscription" {
            return Err(Error::invalid(
                "options.query",
                "must be a query or a mutation: subscriptions are not supported",
            ));
        }
        let mut body = json!({"query": operation.query, "variables": operation.variables});
        if let Some(name) = name {
            body["operationName"] = name.into();
        }
        let accept = "application/graphql-response+json, application/json;q=0.9".to_owned();
        let call = RestCall {
            method: HttpVerb::Post,
            headers: vec![NamedValue { name: "accept".to_owned(), value: accept }],
            body,
            ..RestCall::default()
        };
        let terms = CallOptions { scope: request.params.scope(), request, writes: None, check: &|_| Ok(()) };
        let mut answer = self.0.ask(&call, &terms).await?;
        let limits = &request.limits;
        let json = if answer.status.is_success() {
            let path = operation.response_path.as_deref().unwrap_or_default();
            answer.value(limits.values(), rows_at(&format!("data.{path}"), limits)).await?
        } else {
            // an error response may contain errors in GraphQL's own format
            let values = answer.values_if_small().filter(|values| values["errors"].is_array());
            values.ok_or_else(|| answer.refusal())?
        };
        let data = data(operation, json)?;
        let written = if chosen.kind == "mutation" { Written::Something } else { Written::Nothing };
        Ok(Rows { written, ..received(data, limits) })
    }
}

fn data(operation: &Question, mut answer: Value) -> Result<Value> {
    let Some(fields) = answer.as_object_mut() else {
        return Err(Error::unreachable("the response is not in GraphQL's format"));
    };
    let data = fields.remove("data").unwrap_or_default();
    let errors = fields.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if let Some(first) = errors.first()
        && (data.is_null() || !operation.allow_partial)
    {
        return Err(failed(&operation.query, first, errors.len() - 1));
    }
    let path = operation.response_path.as_deref().unwrap_or_default();
    let found = Document::new(data).take(path).map_err(|why| Error::invalid("options.responsePath", why))?;
    found.ok_or_else(|| Error::datasource(format!("the data has nothing at {path}")))
}

/// Converts an error of the service: its message, its path in the response and its position in the query.
fn failed(query: &str, error: &Value, others: usize) -> Error {
    let mut message: String = error["message"].as_str().unwrap_or("the query failed").chars().take(500).collect();
    let steps = error["path"].as_array().map(Vec::as_slice).unwrap_or_default();
    let steps: Vec<_> = steps.iter().take(20).map(|step| as_text(step).into_owned()).collect();
    if !steps.is_empty() {
        message = format!("{message} (at {})", steps.join("."));
    }
    let place = &error["locations"][0];
    let place = place["line"].as_u64().zip(place["column"].as_u64());
    if let Some((line, column)) = place {
        message = format!("{message} (line {line}, column {column})");
    }
    if others > 0 {
        message = format!("{message} (and {others} more)");
    }
    Error::Datasource(Box::new(DatasourceProblem {
        message,
        code: error["extensions"]["code"].as_str().map(|code| code.chars().take(100).collect()),
        position: place.and_then(|(line, column)| document::position(query, line, column)),
        ..DatasourceProblem::default()
    }))
}

impl OpenDatasource for Endpoint {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            self.ask(&fixed("{ __typename }"), &QueryRequest::own(64 << 10, LOOK, self.0.budget())).await?;
            Ok(None)
        })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let rows =
                self.ask(&fixed(introspection::QUERY), &QueryRequest::own(SCHEMA, LOOK, self.0.budget())).await?;
            introspection::tables(&rows.data)
        })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let operation = parse::from_value(Value::Object((*request.options).clone()), "options")?;
            self.ask(&operation, &request).await
        })
    }
}

/// Creates one of this server's own queries.
fn fixed(query: &str) -> Question {
    Question {
        query: query.to_owned(),
        variables: Map::new(),
        operation_name: None,
        response_path: None,
        allow_partial: false,
    }
}
