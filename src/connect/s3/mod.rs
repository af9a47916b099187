//! `s3`: objects in a bucket of Amazon S3, or of a compatible server. Also stores the server's own objects in one.
mod address;
mod available;
mod objects;
mod operation;
mod refusal;
mod xml;

pub use address::ObjectAddress;
pub use objects::ObjectStorage;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, OpenDatasource, QueryEffect, QueryRequest, ResultFuture, Rows,
    TableInfo,
    http::{Client, HttpResponse, OutgoingRequest},
    network::{
        stage::ConnectStage,
        tls::{SslMode, TlsOptions},
    },
    options::schema_of,
};
use crate::{Error, Result, json::Room, model::parse, script::Sandbox};
use operation::S3Operation;
use reqwest::{
    Method,
    header::{HeaderMap, SERVER},
};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long the signatures of our own requests are valid.
const SIGNED: Duration = Duration::from_mins(5);
/// The maximum size of a list of a thousand keys, which is XML, in bytes.
const LIST: usize = 8 << 20;

pub(super) struct S3Connector;

/// A bucket and its credentials
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    /// Such as `https://s3.example.com`. If empty, Amazon's endpoint is used.
    #[schemars(title = "Endpoint", length(max = 2000))]
    endpoint: Option<String>,
    #[schemars(title = "Region", length(max = 100), extend("default" = "us-east-1"))]
    region: Option<String>,
    #[schemars(title = "Bucket", length(min = 1, max = 255))]
    bucket: String,
    /// Leave empty for a public bucket.
    #[schemars(title = "Access key ID", length(max = 500))]
    #[serde(rename = "accessKeyID")]
    access_key_id: Option<String>,
    #[schemars(title = "Secret access key", length(max = 500), extend("writeOnly" = true))]
    secret_access_key: Option<String>,
    /// For temporary credentials.
    #[schemars(title = "Session token", length(max = 8000), extend("writeOnly" = true))]
    session_token: Option<String>,
    /// Put the bucket name in the path instead of the host name. Most servers other than Amazon's require this.
    #[schemars(title = "Path style")]
    #[serde(default)]
    path_style: bool,
    /// The CA certificate to trust, in PEM format. Leave empty to trust the public authorities.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_ca: Option<String>,
}

impl Connector for S3Connector {
    fn kind(&self) -> &'static str {
        "s3"
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "S3",
            category: "storage",
            description: "Objects in a bucket of Amazon S3, or of a compatible server.",
            capabilities: Capabilities::default(),
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<Options>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<S3Operation>()
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        match options.get("operation").and_then(Value::as_str) {
            Some("put" | "delete") => QueryEffect::Changes,
            Some("list" | "get" | "head" | "presign") => QueryEffect::Reads,
            _ => QueryEffect::MayChange,
        }
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let options: Options = parse::from_value(Value::Object(options.clone()), "options")?;
            let tls = TlsOptions { mode: SslMode::VerifyFull, ca: options.ssl_ca.as_deref(), ..TlsOptions::default() };
            let storage = Storage {
                client: Client::new(context.guard.clone(), tls)?,
                sandbox: context.sandbox.clone(),
                bucket: bucket(&options)?,
                credentials: credentials(options)?,
            };
            Ok(Arc::new(storage) as Arc<dyn OpenDatasource>)
        })
    }
}

fn bucket(options: &Options) -> Result<Bucket> {
    let filled =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let region = filled(&options.region).unwrap_or_else(|| "us-east-1".to_owned());
    let wrong = || Error::invalid("options.endpoint", "must be a URL such as https://s3.example.com");
    let endpoint = filled(&options.endpoint).unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
    let endpoint = Url::parse(&endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let endpoint = endpoint.ok_or_else(wrong)?;
    if !endpoint.username().is_empty() || endpoint.password().is_some() {
        return Err(Error::invalid("options.endpoint", "must not contain a user or a password"));
    }
    let name = options.bucket.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !name.bytes().all(plain) || !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err(Error::invalid("options.bucket", "must be a bucket name: letters, digits, dots and hyphens"));
    }
    let style = if options.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
    Bucket::new(endpoint, style, name.to_owned(), region).map_err(|_| {
        if options.path_style {
            wrong()
        } else {
            Error::invalid("options.pathStyle", "must be on: the bucket name cannot be part of this host name")
        }
    })
}

fn credentials(options: Options) -> Result<Option<Credentials>> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (filled(options.access_key_id), filled(options.secret_access_key)) {
        (None, None) => Ok(None),
        (Some(key), Some(secret)) => Ok(Some(match filled(options.session_token) {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        })),
        (None, Some(_)) => Err(Error::invalid("options.accessKeyID", "is required with a secret access key")),
        (Some(_), None) => Err(Error::invalid("options.secretAccessKey", "is required with an access key ID")),
    }
}

struct Storage {
    client: Client,
    sandbox: Sandbox,
    bucket: Bucket,
    credentials: Option<Credentials>,
}

impl Storage {
    /// Signs and sends one request. Redirects are errors, because a signature is only valid for one host.
    async fn ask<'a, A: S3Action<'a>>(
        &self,
        action: &A,
        method: Method,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
        room: impl Into<Room>,
    ) -> Result<HttpResponse> {
        let url = action.sign(SIGNED);
        let base = self.bucket.base_url();
        if url.origin() != base.origin() || !url.path().starts_with(base.path().trim_end_matches('/')) {
            return Err(Error::invalid("options.key", "would change the URL: it must be a key in the bucket"));
        }
        let outgoing = OutgoingRequest { method, url, headers, body };
        let answer = self.client.exchange(outgoing, room).await?;
        if !answer.status.is_success() {
            return Err(refusal::read(answer.status, answer.text().as_bytes(), answer.retry_after()));
        }
        answer.check_whole()?;
        Ok(answer)
    }
}

impl OpenDatasource for Storage {
    /// Requests one key. Succeeds if the credentials may list the bucket; otherwise the error says why not.
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            let mut list = self.bucket.list_objects_v2(self.credentials.as_ref());
            list.with_max_keys(1);
            match self.ask(&list, Method::GET, HeaderMap::new(), None, LIST).await {
                Ok(answer) => Ok(answer.header(SERVER).map(str::to_owned)),
                Err(Error::Datasource(problem)) if problem.code.as_deref().is_some_and(refusal::is_authentication) => {
                    Err(ConnectStage::Authentication.refused(*problem))
                }
                Err(other) => Err(other),
            }
        })
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move { operation::run(self, &request).await })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Options, bucket};
    use serde_json::{Value, json};

    fn address(more: &Value) -> Result<String, String> {
        let mut options = json!({"bucket": "box"});
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let options: Options = serde_json::from_value(options).unwrap();
        bucket(&options).map(|bucket| bucket.base_url().to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_bucket_has_its_url() {
        for (options, expected) in [
            (json!({}), "https://box.s3.us-east-1.amazonaws.com/"),
            (json!({"region": "eu-west-1", "pathStyle": true}), "https://s3.eu-west-1.amazonaws.com/box/"),
            (json!({"endpoint": "http://127.0.0.1:9000", "pathStyle": true}), "http://127.0.0.1:9000/box/"),
            (json!({"endpoint": "https://x.example/a?b#c", "pathStyle": true}), "https://x.example/a/box/"),
        ] {
            assert_eq!(address(&options).unwrap(), expected, "{options}");
        }
        for (options, path) in [
            (json!({"endpoint": "ftp://x.example"}), "options.endpoint"),
            (json!({"endpoint": "nonsense"}), "options.endpoint"),
            (json!({"endpoint": "https://u:p@x.example"}), "options.endpoint"),
            (json!({"bucket": ".."}), "options.bucket"),
            (json!({"bucket": "a/b"}), "options.bucket"),
            (json!({"bucket": "a?b"}), "options.bucket"),
            (json!({"bucket": "Upper", "endpoint": "https://x.example"}), "options.pathStyle"),
            (json!({"endpoint": "http://127.0.0.1:9000"}), "options.pathStyle"),
        ] {
            let refused = address(&options).unwrap_err();
            assert!(refused.starts_with(path), "{options}: {refused}");
        }
    }
}
