//! Connections: opened through the egress guard with the same session settings, and killed when their query's caller
//! disconnects.
use super::{
    refusal,
    settings::MysqlSettings,
    values::json::JsonColumns,
    wire::{MysqlFault, MysqlLogin, MysqlWire},
};
use crate::{
    Result,
    connect::{
        Guard,
        network::{
            pool::{self, Dial},
            stage::ConnectStage,
            tls::{self, SslMode},
        },
        sql::{ServerOptions, ignored},
    },
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// SQL modes that change how quotes are parsed, or that include such a mode.
const QUOTING: [&str; 8] =
    ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"];

pub(super) struct MysqlDialer {
    login: MysqlLogin,
    settings: MysqlSettings,
    limit: Duration,
    guard: Guard,
    pub read_only: bool,
}

pub(super) type MysqlPool = pool::ConnectionPool<MysqlDialer>;

pub(super) struct MysqlConnection {
    pub wire: MysqlWire,
    pub json: JsonColumns,
    address: SocketAddr,
    /// The session's `sql_select_limit`.
    limit: Option<u64>,
    /// Whether the session's transactions are currently allowed to write.
    writes: bool,
    /// Whether transactions may write according to the datasource and the server's defaults.
    pub may_write: bool,
}

impl MysqlDialer {
    pub fn new(options: &ServerOptions, guard: Guard) -> Result<Self> {
        let settings = MysqlSettings::new(options)?;
        let config = tls::config(options.tls(settings.mode))?;
        let login = MysqlLogin {
            host: settings.host.clone(),
            user: settings.user.clone(),
            password: settings.password.clone(),
            database: settings.database.clone(),
            tls: (settings.mode != SslMode::Disable).then(|| Arc::new(config)),
            optional: settings.mode == SslMode::Prefer,
        };
        Ok(Self { login, limit: options.connect_timeout(), guard, read_only: options.read_only, settings })
    }

    /// Returns the maximum number of connections.
    pub fn size(&self, options: &ServerOptions) -> usize {
        self.settings.size.unwrap_or_else(|| options.pool_size())
    }

    /// Returns a note that lists ignored parameters of the connection string.
    pub fn notes(&self) -> Option<String> {
        ignored(&self.settings.ignored)
    }

    /// Connects to one address, with TLS as the options require.
    async fn open(&self, address: SocketAddr) -> Result<MysqlWire, MysqlFault> {
        let opening = async {
            let tcp = TcpStream::connect(address).await?;
            tcp.set_nodelay(true)?;
            MysqlWire::start(tcp, &self.login).await
        };
        let late = |_| {
            let text = format!("no response within {} ms", self.limit.as_millis());
            MysqlFault::Broken(io::Error::new(io::ErrorKind::TimedOut, text))
        };
        tokio::time::timeout(self.limit, opening).await.map_err(late)?
    }

    /// Applies the session settings: UTF-8 text, times in UTC, quotes as `Dialect::Mysql` parses them, tolerance for
    /// slow readers, and read-only transactions by default. Returns whether transactions may write according to the
    /// datasource and the server's defaults.
    async fn set_up(&self, wire: &mut MysqlWire) -> Result<bool, MysqlFault> {
        let settings = wire
            .ask("show session variables where variable_name in ('sql_mode', 'tx_read_only', 'transaction_read_only')")
            .await?;
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .filter_map(|row| Some((row.first()?.as_deref()?, row.get(1)?.as_deref().unwrap_or_default())))
            .collect();
        let modes = settings.iter().find(|(name, _)| *name == "sql_mode").map_or("", |(_, modes)| modes);
        let kept: Vec<&str> =
            modes.split(',').filter(|mode| !QUOTING.contains(mode) && mode.bytes().all(is_plain)).collect();
        if settings.iter().any(|(name, _)| *name == "sql_mode") {
            // this must succeed: with other quoting rules, the parsing of quotes would be wrong and values could become
            // SQL
            wire.ask(&format!("set session sql_mode = '{}'", kept.join(","))).await?;
        }
        let settings_of_all = ["time_zone = '+00:00'", "autocommit = 1", "net_write_timeout = 3600"];
        wire.ask_if_known("names utf8mb4").await?;
        if !wire.ask_if_known(&format!("session {}", settings_of_all.join(", "))).await? {
            for setting in settings_of_all {
                wire.ask_if_known(&format!("session {setting}")).await?;
            }
        }
        wire.ask("set session transaction read only").await?;
        let refuses = |(name, value): &(&str, &str)| name.ends_with("read_only") && matches!(*value, "ON" | "1");
        Ok(!self.read_only && !settings.iter().any(refuses))
    }
}

impl Dial for MysqlDialer {
    type Connection = MysqlConnection;

    async fn dial(&self) -> Result<MysqlConnection> {
        let mut failed = None;
        for address in self.guard.resolve(&self.settings.host, self.settings.port).await? {
            match self.open(address).await {
                Ok(mut wire) => {
                    let set_up = tokio::time::timeout(self.limit, self.set_up(&mut wire)).await;
                    let late =
                        |_| ConnectStage::Protocol.failed(format!("no response within {} ms", self.limit.as_millis()));
                    let may_write = set_up.map_err(late)?.map_err(|fault| refusal::to_error(&fault, None))?;
                    let json = JsonColumns::new(self.settings.database.clone());
                    return Ok(MysqlConnection { wire, json, address, limit: None, writes: false, may_write });
                }
                Err(error) => failed = Some(refusal::stage(&error)),
            }
        }
        Err(failed.unwrap_or_else(|| crate::Error::unreachable("the host name has no address")))
    }

    fn is_open(connection: &MysqlConnection) -> bool {
        connection.wire.is_ready()
    }

    async fn is_alive(&self, connection: &mut MysqlConnection) -> bool {
        matches!(tokio::time::timeout(self.limit, connection.wire.ping()).await, Ok(Ok(())))
    }

    /// Closes the connection without reading the rest, and kills its query at the same address: another address of the
    /// host may be another server.
    async fn abandon(&self, connection: MysqlConnection) -> bool {
        let MysqlConnection { wire, address, .. } = connection;
        let id = wire.id;
        drop(wire);
        if self.guard.check(address.ip(), address.port()).is_err() {
            return false;
        }
        let Ok(mut other) = self.open(address).await else {
            return false;
        };
        match other.ask(&format!("kill {id}")).await {
            Ok(_) => true,
            // the connection no longer exists
            Err(MysqlFault::Refused(refused)) => refused.code == 1094,
            Err(_) => false,
        }
    }
}

impl MysqlConnection {
    /// Sets the row limit for SELECT statements without a LIMIT, and whether transactions may write.
    pub async fn settle(&mut self, rows: Option<u64>, writes: bool) -> Result<(), MysqlFault> {
        if self.limit != rows {
            let rows = rows.map_or_else(|| "default".to_owned(), |rows| rows.to_string());
            self.wire.ask(&format!("set session sql_select_limit = {rows}")).await?;
        }
        self.limit = rows;
        let writes = writes && self.may_write;
        if self.writes != writes {
            let access = if writes { "write" } else { "only" };
            self.wire.ask(&format!("set session transaction read {access}")).await?;
        }
        self.writes = writes;
        Ok(())
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
