//! The options that all database servers share.
use crate::connect::{
    network::tls::{SslMode, TlsOptions},
    options::schema_of,
};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// The server's connection settings: a connection string, or the fields below it
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::connect) struct ServerOptions {
    /// Overrides the fields below.
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
    /// Whether the connection uses TLS, and how the server's certificate is verified.
    #[schemars(title = "TLS", extend("default" = "prefer"))]
    #[serde(default)]
    pub ssl_mode: SslMode,
    /// The CA certificate to trust, in PEM format. Leave empty to trust the public authorities.
    #[schemars(title = "CA certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_ca: Option<String>,
    #[schemars(title = "Client certificate", length(max = 100_000), extend("format" = "pem", "x-group" = "Advanced"))]
    ssl_cert: Option<String>,
    #[schemars(title = "Client key", length(max = 100_000), extend("writeOnly" = true, "format" = "pem", "x-group" = "Advanced"))]
    ssl_key: Option<String>,
    #[schemars(title = "Connection timeout (ms)", range(min = 100, max = 60_000), extend("default" = 10_000, "x-group" = "Advanced", "x-harmless" = true))]
    connect_timeout_ms: Option<u32>,
    /// The maximum number of open connections.
    #[schemars(title = "Pool size", range(min = 1, max = 50), extend("default" = 5, "x-group" = "Advanced", "x-harmless" = true))]
    pool_size: Option<u32>,
    /// Runs every query in a read-only transaction.
    #[schemars(title = "Read-only", extend("x-harmless" = true))]
    #[serde(default)]
    pub read_only: bool,
}

impl ServerOptions {
    /// Returns the JSON schema with the default port and the example of a connection string.
    pub fn schema(port: u16, example: &str) -> Schema {
        let mut schema = schema_of::<Self>();
        if let Some(Value::Object(properties)) = schema.ensure_object().get_mut("properties") {
            properties["port"]["default"] = port.into();
            properties["connectionString"]["description"] =
                format!("For example `{example}`. Overrides the fields below.").into();
        }
        schema
    }

    pub fn tls(&self, mode: SslMode) -> TlsOptions<'_> {
        TlsOptions { mode, ca: self.ssl_ca.as_deref(), cert: self.ssl_cert.as_deref(), key: self.ssl_key.as_deref() }
    }

    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms.unwrap_or(10_000).into())
    }

    /// Returns the maximum number of open connections.
    pub fn pool_size(&self) -> usize {
        self.pool_size.unwrap_or(5).clamp(1, 50) as usize
    }
}
