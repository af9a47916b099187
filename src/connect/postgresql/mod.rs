//! `postgresql`: `PostgreSQL` and what speaks its protocol.
mod catalog;
mod dial;
mod run;
mod times;
mod tls;
mod values;

use super::{
    About, Capabilities, Connector, Context, Pending, Request, Rows, Source, TableInfo,
    options::schema_of,
    sql::{Dialect, compile},
};
use crate::{Error, model::parse};
use dial::Pool;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) struct Postgresql;

/// A server and how to reach it: a connection string, or the fields below it
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    /// Such as `postgresql://user:password@host:5432/database`; replaces the fields below.
    #[schemars(title = "Connection string", length(max = 2000), extend("writeOnly" = true))]
    connection_string: Option<String>,
    #[schemars(title = "Host", length(max = 255))]
    host: Option<String>,
    #[schemars(title = "Port", extend("default" = 5432))]
    port: Option<u16>,
    #[schemars(title = "Database", length(max = 255))]
    database: Option<String>,
    #[schemars(title = "User", length(max = 255))]
    user: Option<String>,
    #[schemars(title = "Password", length(max = 1000), extend("writeOnly" = true))]
    password: Option<String>,
    /// How the connection is encrypted, and what of the server is verified.
    #[schemars(title = "TLS")]
    #[serde(default)]
    ssl_mode: SslMode,
    /// The certificate authority to trust, as PEM; the public ones when empty.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem"))]
    ssl_ca: Option<String>,
    #[schemars(title = "Client certificate", length(max = 100_000), extend("format" = "pem"))]
    ssl_cert: Option<String>,
    #[schemars(title = "Client key", length(max = 100_000), extend("writeOnly" = true, "format" = "pem"))]
    ssl_key: Option<String>,
    #[schemars(title = "Connect time-out (ms)", range(min = 100, max = 60_000), extend("default" = 10_000))]
    connect_timeout_ms: Option<u32>,
    /// Connections at once.
    #[schemars(title = "Pool size", range(min = 1, max = 50), extend("default" = 5))]
    pool_size: Option<u32>,
    /// Run every query in a read-only transaction.
    #[schemars(title = "Read-only")]
    #[serde(default)]
    read_only: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum SslMode {
    Disable,
    /// Encrypt if the server can.
    #[default]
    Prefer,
    /// Encrypt, whoever answers; with a CA certificate the same as `verify-ca`.
    Require,
    /// Encrypt, and the certificate must be of a trusted authority.
    VerifyCa,
    /// Encrypt, and the certificate must also name the host.
    VerifyFull,
}

/// An SQL statement
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    /// One statement. `{{ params.name }}` is bound as a value; `{{ ident(params.name) }}` names a column.
    #[schemars(title = "SQL", length(min = 1, max = 100_000), extend("format" = "sql"))]
    sql: String,
}

impl Connector for Postgresql {
    fn kind(&self) -> &'static str {
        "postgresql"
    }

    fn about(&self) -> About {
        About {
            name: "PostgreSQL",
            category: "database",
            description: "A PostgreSQL server, or one that speaks its protocol.",
            capabilities: Capabilities { sql: true, schema: true, read_only: true, ..Capabilities::default() },
        }
    }

    fn options_schema(&self) -> Schema {
        schema_of::<Options>()
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Query>()
    }

    fn connect<'a>(&'a self, options: &'a Map<String, Value>, context: &'a Context) -> Pending<'a, Arc<dyn Source>> {
        Box::pin(async move {
            let options: Options = parse::from_value(Value::Object(options.clone()), "options")?;
            let pool = Pool::new(&options, context.guard.clone())?;
            Ok(Arc::new(Server(Arc::new(pool))) as Arc<dyn Source>)
        })
    }
}

struct Server(Arc<Pool>);

impl Source for Server {
    fn test(&self) -> Pending<'_, Option<String>> {
        Box::pin(async move {
            let mut lease = self.0.lease().await?;
            let row = lease.client().query_one("select current_setting('server_version')", &[]).await;
            let version = row.and_then(|row| row.try_get(0)).map_err(|error| run::said(&error, None))?;
            lease.finish();
            Ok(Some(version))
        })
    }

    fn schema(&self) -> Pending<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let mut lease = self.0.lease().await?;
            let tables = catalog::tables(lease.client()).await?;
            lease.finish();
            Ok(tables)
        })
    }

    fn run(&self, request: Request) -> Pending<'_, Rows> {
        Box::pin(async move {
            let query: Query = parse::from_value(Value::Object(request.options.clone()), "options")?;
            let statement = compile(&query.sql, Dialect::Postgresql, &request.params)?;
            run::run(&self.0, &statement, &request).await
        })
    }
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}
