//! `redis`: Redis, Valkey and what speaks their protocol.
mod command;
mod dial;
mod keys;
mod metered;
mod rules;
mod values;

use super::{
    About, Capabilities, Connector, Context, Pending, Request, Rows, Source, TableInfo, options::schema_of,
    rows::shape, tls::SslMode,
};
use crate::{Error, Result, model::parse, script::Sandbox};
use command::Work;
use dial::{Dialer, Lease, Pool};
use rules::Rules;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) struct Redis;

/// A server and how to reach it: a URL, or the fields below it
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    /// Such as `redis://user:password@host:6379/0`, or `rediss://` for TLS; replaces the fields below.
    #[schemars(title = "URL", length(max = 2000), extend("writeOnly" = true, "x-destination" = true))]
    url: Option<String>,
    #[schemars(title = "Host", length(max = 255))]
    host: Option<String>,
    #[schemars(title = "Port", extend("default" = 6379))]
    port: Option<u16>,
    /// The user of an access control list; empty for the default one.
    #[schemars(title = "User", length(max = 255))]
    user: Option<String>,
    #[schemars(title = "Password", length(max = 1000), extend("writeOnly" = true))]
    password: Option<String>,
    #[schemars(title = "Database", range(max = 1_000_000), extend("default" = 0))]
    database: Option<u32>,
    /// Whether the connection is encrypted, and what of the server is verified.
    #[schemars(title = "TLS", extend("default" = "disable"))]
    #[serde(default)]
    ssl_mode: Encryption,
    /// The certificate authority to trust, as PEM; the public ones when empty.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_ca: Option<String>,
    #[schemars(title = "Client certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_cert: Option<String>,
    #[schemars(title = "Client key", length(max = 100_000), extend("writeOnly" = true, "format" = "pem", "x-group" = "Advanced"))]
    ssl_key: Option<String>,
    /// For each of connecting, encrypting and signing in.
    #[schemars(title = "Connect time-out (ms)", range(min = 100, max = 60_000), extend("default" = 5_000, "x-group" = "Advanced", "x-harmless" = true))]
    connect_timeout_ms: Option<u32>,
    /// Connections at once.
    #[schemars(title = "Pool size", range(min = 1, max = 50), extend("default" = 5, "x-group" = "Advanced", "x-harmless" = true))]
    pool_size: Option<u32>,
    /// Run only commands of which the server says that they only read.
    #[schemars(title = "Read-only", extend("x-harmless" = true))]
    #[serde(default)]
    read_only: bool,
}

/// The protocol has no way to ask whether the server encrypts: it does or it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Encryption {
    #[default]
    Disable,
    /// Encrypt, whoever answers; with a CA certificate the same as `verify-ca`.
    Require,
    /// Encrypt, and the certificate must be of a trusted authority.
    VerifyCa,
    /// Encrypt, and the certificate must also name the host.
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

impl Connector for Redis {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn about(&self) -> About {
        About {
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

    fn connect<'a>(&'a self, options: &'a Map<String, Value>, context: &'a Context) -> Pending<'a, Arc<dyn Source>> {
        Box::pin(async move {
            let options: Options = parse::from_value(Value::Object(options.clone()), "options")?;
            let size = options.pool_size.unwrap_or(5).clamp(1, 50) as usize;
            let server = Server {
                pool: Arc::new(Pool::new(Dialer::new(&options, context.guard.clone())?, size)),
                rules: Rules::new(options.read_only),
                sandbox: context.sandbox.clone(),
            };
            Ok(Arc::new(server) as Arc<dyn Source>)
        })
    }
}

struct Server {
    pool: Arc<Pool>,
    rules: Rules,
    sandbox: Sandbox,
}

impl Source for Server {
    fn test(&self) -> Pending<'_, Option<String>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let version = lease.connection().version.clone();
            lease.finish();
            Ok(version)
        })
    }

    /// Key patterns are no tables; the beginnings of the first keys tell what is there.
    fn schema(&self) -> Pending<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let found = keys::prefixes(lease.connection()).await?;
            lease.finish();
            Ok(found)
        })
    }

    fn run(&self, request: Request) -> Pending<'_, Rows> {
        Box::pin(async move {
            let work = command::resolve(&request, &self.sandbox).await?;
            let mut lease = self.pool.lease().await?;
            let rows = self.work(&mut lease, work, &request).await;
            // a refusal leaves a good connection, a failure does not
            if rows.is_ok() {
                lease.finish();
            }
            rows?
        })
    }
}

impl Server {
    /// The outer failure is the connection's, the inner one the server's refusal.
    async fn work(&self, lease: &mut Lease, work: Work, request: &Request) -> Result<Result<Rows>> {
        match work {
            Work::Keys { pattern, most } => {
                keys::scan(lease.connection(), &pattern, most, request.limits.clone()).await.map(Ok)
            }
            Work::Command(command) => {
                let wrote = match self.rules.judge(lease.connection(), &command).await? {
                    Ok(wrote) => wrote,
                    Err(refused) => return Ok(Err(refused)),
                };
                let (most, room) = (request.limits.bytes, request.limits.counted());
                let answer = lease.connection().ask_within(&command.packed(), most, &room).await?;
                Ok(values::read(answer, command.layout).map(|data| {
                    let affected = data.as_u64().filter(|_| command.counts);
                    Rows { affected, wrote, ..shape(data, &request.limits) }
                }))
            }
        }
    }
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}
