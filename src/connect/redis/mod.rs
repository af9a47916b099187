//! `redis`: Redis, Valkey and databases that use their protocol.
mod command;
mod dial;
mod effect;
mod keys;
mod metered;
mod rules;
mod values;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, OpenDatasource, QueryEffect, QueryRequest, ResultFuture, Rows,
    TableInfo, network::tls::SslMode, options::schema_of, rows::received,
};
use crate::{Error, Result, model::parse, script::Sandbox};
use command::RedisWork;
use dial::{RedisDialer, RedisLease, RedisPool};
use rules::CommandRules;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) struct RedisConnector;

/// The server's connection settings: a URL, or the fields below
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    /// For example `redis://user:password@host:6379/0`, or `rediss://` for TLS. Overrides the fields below.
    #[schemars(title = "URL", length(max = 2000), extend("writeOnly" = true, "x-destination" = true))]
    url: Option<String>,
    #[schemars(title = "Host", length(max = 255))]
    host: Option<String>,
    #[schemars(title = "Port", extend("default" = 6379))]
    port: Option<u16>,
    /// The ACL user. Leave empty for the default user.
    #[schemars(title = "User", length(max = 255))]
    user: Option<String>,
    #[schemars(title = "Password", length(max = 1000), extend("writeOnly" = true))]
    password: Option<String>,
    #[schemars(title = "Database", range(max = 1_000_000), extend("default" = 0))]
    database: Option<u32>,
    /// Whether the connection uses TLS, and how the server's certificate is verified.
    #[schemars(title = "TLS", extend("default" = "disable"))]
    #[serde(default)]
    ssl_mode: Encryption,
    /// The CA certificate to trust, in PEM format. Leave empty to trust the public authorities.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_ca: Option<String>,
    #[schemars(title = "Client certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_cert: Option<String>,
    #[schemars(title = "Client key", length(max = 100_000), extend("writeOnly" = true, "format" = "pem", "x-group" = "Advanced"))]
    ssl_key: Option<String>,
    /// Applies separately to connecting, the TLS handshake and authentication.
    #[schemars(title = "Connection timeout (ms)", range(min = 100, max = 60_000), extend("default" = 5_000, "x-group" = "Advanced", "x-harmless" = true))]
    connect_timeout_ms: Option<u32>,
    /// The maximum number of open connections.
    #[schemars(title = "Pool size", range(min = 1, max = 50), extend("default" = 5, "x-group" = "Advanced", "x-harmless" = true))]
    pool_size: Option<u32>,
    /// Allows only commands that the server lists as read-only.
    #[schemars(title = "Read-only", extend("x-harmless" = true))]
    #[serde(default)]
    read_only: bool,
}

/// The TLS modes. There is no `prefer`, because the protocol cannot ask whether the server supports TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Encryption {
    #[default]
    Disable,
    /// Require TLS without verifying the certificate. With a CA certificate, the same as `verify-ca`.
    Require,
    /// Require TLS and a certificate from a trusted authority.
    VerifyCa,
    /// Require TLS and a trusted certificate that matches the host name.
    VerifyFull,
}

impl From<Encryption> for SslMode {
    fn from(wanted: Encryption) -> Self {
        match wanted {
            Encryption::Disable => Self::Disable,
            Encryption::Require => Self::Require,
            Encryption::VerifyCa => Self::VerifyCa,
            Encryption::VerifyFull => Self::VerifyFull,
        }
    }
}

impl Connector for RedisConnector {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "Redis",
            category: "database",
            description: "A Redis or Valkey server.",
            capabilities: Capabilities { schema: true, read_only: true, ..Capabilities::default() },
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<Options>()
    }

    fn query_schema(&self) -> Schema {
        command::schema()
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        effect::effect(options)
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let options: Options = parse::from_value(Value::Object(options.clone()), "options")?;
            let size = options.pool_size.unwrap_or(5).clamp(1, 50) as usize;
            let server = RedisServer {
                pool: Arc::new(RedisPool::new(RedisDialer::new(&options, context.guard.clone())?, size)),
                rules: CommandRules::new(options.read_only),
                sandbox: context.sandbox.clone(),
            };
            Ok(Arc::new(server) as Arc<dyn OpenDatasource>)
        })
    }
}

struct RedisServer {
    pool: Arc<RedisPool>,
    rules: CommandRules,
    sandbox: Sandbox,
}

impl OpenDatasource for RedisServer {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let version = lease.connection().version.clone();
            lease.finish();
            Ok(version)
        })
    }

    /// Lists key prefixes in place of tables.
    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let found = keys::prefixes(lease.connection()).await?;
            lease.finish();
            Ok(found)
        })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let work = command::resolve(&request, &self.sandbox).await?;
            let mut lease = self.pool.lease().await?;
            let rows = self.work(&mut lease, work, &request).await;
            // the connection is still usable after an error of the server, but not after a failure
            if rows.is_ok() {
                lease.finish();
            }
            rows?
        })
    }
}

impl RedisServer {
    /// Runs a command. The outer error is a failed connection, the inner one an error of the server.
    async fn work(&self, lease: &mut RedisLease, work: RedisWork, request: &QueryRequest) -> Result<Result<Rows>> {
        match work {
            RedisWork::Keys { pattern, most } => {
                keys::scan(lease.connection(), &pattern, most, request.limits.clone()).await.map(Ok)
            }
            RedisWork::Command(command) => {
                let written = match self.rules.judge(lease.connection(), &command).await? {
                    Ok(written) => written,
                    Err(refused) => return Ok(Err(refused)),
                };
                let (most, room) = (request.limits.bytes, request.limits.counted());
                let answer = lease.connection().ask_within(&command.packed(), most, &room).await?;
                Ok(values::read(answer, command.layout).map(|data| {
                    let affected = data.as_u64().filter(|_| command.counts);
                    Rows { affected, written, ..received(data, &request.limits) }
                }))
            }
        }
    }
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}
