//! `restapi`: anything that speaks HTTP and JSON.
mod request;

use super::{
    About, Capabilities, Connector, Context, Pending, Request, Rows, Source, TableInfo,
    http::{Answer, Client},
    options::schema_of,
    rows::Column,
    tls::{SslMode, Wanted},
};
use crate::{
    Error, Result,
    error::DatasourceProblem,
    model::parse,
    script::{
        Sandbox,
        template::{follow_path, parse_path},
    },
};
use reqwest::{Method, StatusCode};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use url::Url;

pub(super) struct RestApi;

/// A base address and what every request to it carries
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    /// Such as `https://api.example.com/v1`; a query's path is added to it.
    #[schemars(title = "Base URL", length(min = 1, max = 2000))]
    base_url: String,
    /// Sent with every request.
    #[schemars(title = "Headers", length(max = 50))]
    #[serde(default)]
    headers: Vec<Pair>,
    /// Added to every request's query string.
    #[schemars(title = "Query parameters", length(max = 50))]
    #[serde(default)]
    query_params: Vec<Pair>,
    #[schemars(title = "Authentication")]
    #[serde(default)]
    auth: Auth,
    #[schemars(title = "Time-out (ms)", range(min = 100, max = 600_000), extend("default" = 30_000))]
    timeout_ms: Option<u32>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pair {
    #[schemars(title = "Name", length(min = 1, max = 200))]
    name: String,
    #[schemars(title = "Value", length(max = 8000))]
    #[serde(default)]
    value: String,
}

#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Auth {
    #[default]
    None,
    /// User name and password
    Basic {
        #[schemars(title = "User name")]
        username: String,
        #[schemars(title = "Password", extend("writeOnly" = true))]
        #[serde(default)]
        password: String,
    },
    /// A token in the `Authorization` header
    Bearer {
        #[schemars(title = "Token", extend("writeOnly" = true))]
        token: String,
    },
    /// A key in a header or in the query string
    ApiKey {
        #[schemars(title = "Name")]
        name: String,
        #[schemars(title = "Key", extend("writeOnly" = true))]
        value: String,
        #[schemars(title = "Sent in")]
        #[serde(default, rename = "in")]
        place: Place,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Place {
    #[default]
    Header,
    Query,
}

/// One request
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Call {
    #[schemars(title = "Method")]
    #[serde(default)]
    method: Verb,
    /// Added to the base URL. `{{ params.name }}` becomes part of one segment, encoded.
    #[schemars(title = "Path", length(max = 2000))]
    #[serde(default)]
    path: String,
    #[schemars(title = "Headers", length(max = 50))]
    #[serde(default)]
    headers: Vec<Pair>,
    #[schemars(title = "Query parameters", length(max = 50))]
    #[serde(default)]
    query_params: Vec<Pair>,
    /// JSON for a JSON body, an object for a form, a string for text. Templates keep their values' types.
    #[schemars(title = "Body")]
    #[serde(default)]
    body: Value,
    #[schemars(title = "Body type")]
    #[serde(default)]
    body_type: BodyType,
    /// Where the data is in the answer, such as `data.items`.
    #[schemars(title = "Response path", length(max = 500))]
    response_path: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum BodyType {
    /// JSON when there is a body.
    #[default]
    Json,
    Form,
    Text,
}

impl Connector for RestApi {
    fn kind(&self) -> &'static str {
        "restapi"
    }

    fn about(&self) -> About {
        About {
            name: "REST API",
            category: "api",
            description: "Any service that answers HTTP requests with JSON.",
            capabilities: Capabilities::default(),
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<Options>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Call>()
    }

    fn connect<'a>(&'a self, options: &'a Map<String, Value>, context: &'a Context) -> Pending<'a, Arc<dyn Source>> {
        Box::pin(async move {
            let options: Options = parse::from_value(Value::Object(options.clone()), "options")?;
            let base = Url::parse(options.base_url.trim())
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            let base = base.ok_or_else(|| {
                Error::invalid("options.baseUrl", "must be an address such as https://api.example.com")
            })?;
            if !base.username().is_empty() || base.password().is_some() {
                return Err(Error::invalid(
                    "options.baseUrl",
                    "must not hold a user or a password: use the authentication option",
                ));
            }
            let service = Service {
                client: Client::new(context.guard.clone(), Wanted { mode: SslMode::VerifyFull, ..Wanted::default() })?,
                sandbox: context.sandbox.clone(),
                timeout: Duration::from_millis(options.timeout_ms.unwrap_or(30_000).into()),
                base,
                options,
            };
            Ok(Arc::new(service) as Arc<dyn Source>)
        })
    }
}

struct Service {
    client: Client,
    sandbox: Sandbox,
    timeout: Duration,
    base: Url,
    options: Options,
}

impl Source for Service {
    /// Any answer but a refusal of the credentials will do: the base address itself need not exist.
    fn test(&self) -> Pending<'_, Option<String>> {
        Box::pin(async move {
            let outgoing = request::probe(self)?;
            let answer = self.client.send(outgoing, 64 << 10).await?;
            match answer.status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    Err(Error::datasource(format!("authentication: the server answered {}", answer.status)))
                }
                status if status.is_server_error() => Err(refused(status, &[])),
                _ => Ok(answer.server),
            }
        })
    }

    fn schema(&self) -> Pending<'_, Vec<TableInfo>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn run(&self, request: Request) -> Pending<'_, Rows> {
        Box::pin(async move {
            let query: Call = parse::from_value(Value::Object(request.options.clone()), "options")?;
            let outgoing = request::build(self, &query, &request).await?;
            let wrote = !matches!(outgoing.method, Method::GET | Method::HEAD);
            let late = |_| Error::Timeout(format!("the server did not answer within {} ms", self.timeout.as_millis()));
            let answer = tokio::time::timeout(self.timeout, self.client.send(outgoing, request.limits.bytes))
                .await
                .map_err(late)??;
            if !answer.status.is_success() {
                return Err(refused(answer.status, &answer.body));
            }
            let data = read(&answer, query.response_path.as_deref())?;
            Ok(Rows { wrote, ..shape(data, &request) })
        })
    }
}

/// The body as JSON where it is JSON, and as text otherwise; then what the response path leads to.
fn read(answer: &Answer, path: Option<&str>) -> Result<Value> {
    let whole = if answer.body.is_empty() {
        Value::Null
    } else if answer.is_json {
        serde_json::from_slice(&answer.body)
            .map_err(|error| Error::datasource(format!("the answer is not valid JSON: {error}")))?
    } else {
        String::from_utf8_lossy(&answer.body).into_owned().into()
    };
    let Some(path) = path.map(str::trim).filter(|path| !path.is_empty()) else {
        return Ok(whole);
    };
    let wrong = |why: &str| Error::invalid("options.responsePath", why.to_owned());
    let rooted = if path.starts_with('[') { format!("body{path}") } else { format!("body.{path}") };
    let segments = parse_path(&rooted).ok_or_else(|| wrong("must be a path such as data.items"))?;
    let scope = Map::from_iter([("body".to_owned(), whole)]);
    match follow_path(&segments, &scope) {
        Some(Ok(value)) => Ok(value),
        Some(Err(why)) => Err(Error::datasource(format!("the answer has nothing at {path}: {why}"))),
        None => Err(Error::datasource(format!("the answer has nothing at {path}"))),
    }
}

/// An array of objects becomes rows with columns; anything else stays what it is.
fn shape(data: Value, request: &Request) -> Rows {
    let items = match data {
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => items,
        Value::Array(mut items) => {
            let truncated = items.len() > request.limits.rows;
            items.truncate(request.limits.rows);
            return Rows { data: Arc::new(Value::Array(items)), truncated, ..Rows::default() };
        }
        other => {
            return Rows { data: Arc::new(other), ..Rows::default() };
        }
    };
    let mut columns: Map<String, Value> = Map::new();
    for (name, value) in items.iter().take(1000).filter_map(Value::as_object).flatten() {
        let known = columns.entry(name.clone()).or_insert(Value::Null);
        if known.is_null() && !value.is_null() {
            *known = type_name(value).into();
        }
    }
    let columns: Vec<Column> = columns
        .into_iter()
        .take(1000)
        .map(|(name, kind)| Column { name, r#type: kind.as_str().unwrap_or("null").to_owned() })
        .collect();
    let truncated = items.len() > request.limits.rows;
    let items = items.into_iter().take(request.limits.rows).collect();
    Rows { data: Arc::new(Value::Array(items)), columns: Some(columns), truncated, ..Rows::default() }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn refused(status: StatusCode, body: &[u8]) -> Error {
    let text: String = String::from_utf8_lossy(&body[..body.len().min(2000)]).chars().take(500).collect();
    let separator = if text.is_empty() { "" } else { ": " };
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("the server answered {status}{separator}{text}"),
        code: Some(status.as_str().to_owned()),
        transient: status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT,
        ..DatasourceProblem::default()
    }))
}
