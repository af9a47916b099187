//! The options of a database server, the same for every kind.
use crate::connect::{
    options::schema_of,
    tls::{SslMode, Wanted},
};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// A server and how to reach it: a connection string, or the fields below it
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::connect) struct ServerOptions {
    /// Replaces the fields below.
    #[schemars(title = "Connection string", length(max = 2000), extend("writeOnly" = true, "x-destination" = true))]
    pub connection_string: Option<String>,
    #[schemars(title = "Host", length(max = 255))]
    pub host: Option<String>,
    #[schemars(title = "Port")]
    pub port: Option<u16>,
    #[schemars(title = "Database", length(max = 255))]
    pub database: Option<String>,
    #[schemars(title = "User", length(max = 255))]
    pub user: Option<String>,
    #[schemars(title = "Password", length(max = 1000), extend("writeOnly" = true))]
    pub password: Option<String>,
    /// How the connection is encrypted, and what of the server is verified.
    #[schemars(title = "TLS", extend("default" = "prefer"))]
    #[serde(default)]
    pub ssl_mode: SslMode,
    /// The certificate authority to trust, as PEM; the public ones when empty.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_ca: Option<String>,
    #[schemars(title = "Client certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_cert: Option<String>,
    #[schemars(title = "Client key", length(max = 100_000), extend("writeOnly" = true, "format" = "pem", "x-group" = "Advanced"))]
    ssl_key: Option<String>,
    #[schemars(title = "Connect time-out (ms)", range(min = 100, max = 60_000), extend("default" = 10_000, "x-group" = "Advanced", "x-harmless" = true))]
    connect_timeout_ms: Option<u32>,
    /// Connections at once.
    #[schemars(title = "Pool size", range(min = 1, max = 50), extend("default" = 5, "x-group" = "Advanced", "x-harmless" = true))]
    pool_size: Option<u32>,
    /// Run every query in a read-only transaction.
    #[schemars(title = "Read-only", extend("x-harmless" = true))]
    #[serde(default)]
    pub read_only: bool,
}

impl ServerOptions {
    /// Their shape, with what differs from one kind of server to the next.
    pub fn schema(port: u16, example: &str) -> Schema {
        let mut schema = schema_of::<Self>();
        if let Some(Value::Object(properties)) = schema.ensure_object().get_mut("properties") {
            properties["port"]["default"] = port.into();
            properties["connectionString"]["description"] =
                format!("Such as `{example}`; replaces the fields below.").into();
        }
        schema
    }

    pub fn tls(&self, mode: SslMode) -> Wanted<'_> {
        Wanted { mode, ca: self.ssl_ca.as_deref(), cert: self.ssl_cert.as_deref(), key: self.ssl_key.as_deref() }
    }

    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms.unwrap_or(10_000).into())
    }

    /// Connections at once.
    pub fn pool_size(&self) -> usize {
        self.pool_size.unwrap_or(5).clamp(1, 50) as usize
    }
}
