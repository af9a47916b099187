//! `restapi`: any service that speaks HTTP and JSON. The connectors of other HTTP services use its [`Service`].
mod call;
mod pages;
mod request;

pub(super) use call::{NamedValue, Pagination, ParameterLocation, RestCall};

use super::{
    Capabilities, Connector, ConnectorInfo, Context, OpenDatasource, QueryEffect, QueryRequest, ResultFuture, Rows,
    TableInfo, Written,
    http::{Api, Document, HttpResponse, Opening, auth::Auth, content::HttpVerb},
    network::tls::{SslMode, TlsOptions},
    options::schema_of,
};
use crate::{
    Error, Result,
    budget::Account,
    model::parse,
    script::{Globals, Sandbox},
};
use reqwest::StatusCode;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use url::Url;

/// The maximum size of the response to a connection test, in bytes.
const PROBE: usize = 1 << 20;

pub(super) struct RestApiConnector;

/// A base URL, and what is sent with every request
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Options")]
pub(super) struct RestApiOptions {
    /// Such as `https://api.example.com/v1`. The path of a query is added to it.
    #[schemars(title = "Base URL", length(min = 1, max = 2000))]
    base_url: String,
    /// Sent with every request. The values of headers such as `Authorization`, and of those marked as secret, are
    /// stored as secrets.
    // harmless: every query can send such headers itself
    #[schemars(title = "Headers", length(max = 50), extend("x-harmless" = true))]
    #[serde(default)]
    headers: Vec<Fixed>,
    /// Added to the query string of every request. The values of parameters such as `api_key`, and of those marked as
    /// secret, are stored as secrets.
    #[schemars(title = "Query parameters", length(max = 50), extend("x-harmless" = true))]
    #[serde(default)]
    query_params: Vec<Fixed>,
    #[schemars(title = "Authentication")]
    #[serde(default)]
    auth: Auth,
    /// The CA certificate to trust, in PEM format. Leave empty to trust the public authorities.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_ca: Option<String>,
    #[schemars(title = "Client certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_cert: Option<String>,
    #[schemars(title = "Client key", length(max = 100_000), extend("writeOnly" = true, "format" = "pem", "x-group" = "Advanced"))]
    ssl_key: Option<String>,
    #[schemars(title = "Timeout (ms)", range(min = 100, max = 600_000), extend("default" = 30_000, "x-group" = "Advanced", "x-harmless" = true))]
    timeout_ms: Option<u32>,
}

/// A name and a value that are sent with every request
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fixed {
    #[schemars(title = "Name", length(min = 1, max = 200))]
    name: String,
    /// Absent if it is secret and stays unchanged.
    #[schemars(title = "Value", length(max = 8000))]
    #[serde(default)]
    value: String,
    /// Whether the value is sealed and never shown again.
    #[schemars(title = "Secret")]
    #[serde(default)]
    secret: bool,
}

impl Connector for RestApiConnector {
    fn kind(&self) -> &'static str {
        "restapi"
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "REST API",
            category: "api",
            description: "Any service that answers HTTP requests with JSON.",
            capabilities: Capabilities::default(),
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<RestApiOptions>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<RestCall>()
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        let method = options.get("method").map_or(Ok(HttpVerb::Get), HttpVerb::deserialize);
        method.map_or(QueryEffect::MayChange, effect_of)
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let settled = parse::from_value(Value::Object(options.clone()), "options")?;
            let service = Service::open(self.kind(), settled, options, context, "baseUrl")?;
            Ok(Arc::new(service) as Arc<dyn OpenDatasource>)
        })
    }
}

/// Returns what a request with a method does. Some services read with POST.
pub(super) fn effect_of(method: HttpVerb) -> QueryEffect {
    match method {
        HttpVerb::Get | HttpVerb::Head => QueryEffect::Reads,
        HttpVerb::Post => QueryEffect::MayChange,
        HttpVerb::Put | HttpVerb::Patch | HttpVerb::Delete => QueryEffect::Changes,
    }
}

/// An HTTP service, and what is sent with every request.
pub(super) struct Service {
    api: Api,
    pub sandbox: Sandbox,
    budget: Account,
    base: Url,
    headers: Vec<Fixed>,
    query_params: Vec<Fixed>,
}

/// How to make one call.
pub(super) struct CallOptions<'a> {
    /// The values that templates in the call can use.
    pub scope: Globals,
    pub request: &'a QueryRequest,
    /// Whether the call makes changes. If not set, its method decides.
    pub writes: Option<bool>,
    /// Checks each response before its data is taken.
    pub check: &'a (dyn Fn(&Document) -> Result<()> + Sync),
}

impl Service {
    /// Opens a service. `settled` holds the options that result from `given`, the datasource's own options; `address`
    /// names the option that holds the base URL.
    ///
    /// # Errors
    /// `Invalid` if the options cannot be used.
    pub fn open(
        kind: &str,
        settled: RestApiOptions,
        given: &Map<String, Value>,
        context: &Context,
        address: &str,
    ) -> Result<Self> {
        let at = format!("options.{address}");
        let base = Url::parse(settled.base_url.trim()).ok();
        let base = base.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base = base.ok_or_else(|| Error::invalid(&at, "must be a URL such as https://api.example.com"))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(Error::invalid(at, "must not contain a user or a password: use the authentication option"));
        }
        let api = Api::open(Opening {
            context,
            kind,
            options: given,
            auth: settled.auth,
            tls: TlsOptions {
                mode: SslMode::VerifyFull,
                ca: settled.ssl_ca.as_deref(),
                cert: settled.ssl_cert.as_deref(),
                key: settled.ssl_key.as_deref(),
            },
            timeout: Duration::from_millis(settled.timeout_ms.unwrap_or(30_000).into()),
        })?;
        let (headers, query_params) = (settled.headers, settled.query_params);
        let (sandbox, budget) = (context.sandbox.clone(), context.budget.clone());
        Ok(Self { api, sandbox, budget, base, headers, query_params })
    }

    /// Returns the account for responses to this server's own requests.
    pub fn budget(&self) -> &Account {
        &self.budget
    }

    /// Makes a call, with all its pages, and returns its data.
    pub async fn perform(&self, call: &RestCall, terms: CallOptions<'_>) -> Result<Rows> {
        let prepared = request::prepare(self, call, &terms).await?;
        let written = match terms.writes {
            Some(true) => Written::Something,
            Some(false) => Written::Nothing,
            None => Written::perhaps(!matches!(call.method, HttpVerb::Get | HttpVerb::Head)),
        };
        let rows = self.api.within(pages::read(self, call, prepared, &terms)).await?;
        Ok(Rows { written, ..rows })
    }

    /// Makes a call and returns its response, whatever its status is.
    pub async fn ask(&self, call: &RestCall, terms: &CallOptions<'_>) -> Result<HttpResponse> {
        let prepared = request::prepare(self, call, terms).await?;
        self.api.within(self.api.send(prepared.outgoing(), terms.request.limits.text())).await
    }
}

impl OpenDatasource for Service {
    /// Accepts any response that does not reject the credentials: the base URL itself need not exist.
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            let outgoing = request::probe(self)?.outgoing();
            let answer = self.api.within(self.api.send(outgoing, PROBE)).await?;
            match answer.status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    Err(Error::datasource(format!("authentication: the server answered {}", answer.status)))
                }
                status if status.is_server_error() => Err(answer.refusal()),
                _ => Ok(answer.header(reqwest::header::SERVER).map(str::to_owned)),
            }
        })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let call: RestCall = parse::from_value(Value::Object((*request.options).clone()), "options")?;
            let scope = request.params.scope();
            self.perform(&call, CallOptions { scope, request: &request, writes: None, check: &|_| Ok(()) }).await
        })
    }
}
