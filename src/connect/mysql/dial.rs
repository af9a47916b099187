//! Connections: dialled through the egress guard, set up alike, and killed when their query's caller goes away.
use super::{json::Known, reach::Reach, refusal};
use crate::{
    Result,
    connect::{
        Guard,
        pool::{self, Dial},
        sql::{ServerOptions, ignored},
        tls::{self, Check, SslMode, Wanted, given},
    },
};
use mysql_async::{
    ClientIdentity, Conn, DriverError, Error as MyError, IoError, Opts, OptsBuilder, SslOpts, prelude::Queryable,
};
use std::{io, net::SocketAddr, time::Duration};

/// The largest row; somewhat more than an answer may hold.
const PACKET: usize = 40 << 20;
/// A name that the driver is told to expect of a certificate whose name does not matter. It passes over a wrong name
/// when the failure's text holds `NotValidForName`, and the text quotes the name that was expected.
const ANY_NAME: &str = "NotValidForName.invalid";
/// SQL modes that change where quotes end, or that bring one of those.
const QUOTING: [&str; 8] =
    ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"];

pub(super) struct Dialer {
    opts: OptsBuilder,
    reach: Reach,
    tls: Option<SslOpts>,
    limit: Duration,
    guard: Guard,
    pub read_only: bool,
}

pub(super) type Pool = pool::Pool<Dialer>;

pub(super) struct Connection {
    pub conn: Conn,
    pub json: Known,
    address: SocketAddr,
    /// The session's `sql_select_limit`.
    limit: Option<u64>,
    /// Whether the session's transactions may write.
    writes: bool,
    /// Whether the server would let them, if it was not told.
    pub may_write: bool,
}

impl Dialer {
    pub fn new(options: &ServerOptions, guard: Guard) -> Result<Self> {
        let reach = Reach::new(options)?;
        let wanted = options.tls(reach.mode);
        // the driver would only find out on connecting what is wrong with them
        tls::config(wanted)?;
        let opts = OptsBuilder::default()
            .ip_or_hostname(reach.host.clone())
            .tcp_port(reach.port)
            .user(Some(reach.user.clone()))
            .pass(reach.password.clone())
            .db_name(reach.database.clone())
            .prefer_socket(false)
            .tcp_keepalive(Some(Duration::from_mins(1)))
            .max_allowed_packet(Some(PACKET))
            .wait_timeout(Some(0));
        Ok(Self {
            opts,
            tls: ssl(wanted),
            limit: options.connect_timeout(),
            guard,
            read_only: options.read_only,
            reach,
        })
    }

    /// Connections at once.
    pub fn size(&self, options: &ServerOptions) -> usize {
        self.reach.size.unwrap_or_else(|| options.pool_size())
    }

    /// Which parameters of the connection string are ignored.
    pub fn notes(&self) -> Option<String> {
        ignored(&self.reach.ignored)
    }

    /// A connection to one address, encrypted as the options say.
    async fn open(&self, address: SocketAddr) -> Result<Conn, MyError> {
        match self.attempt(address, self.tls.clone()).await {
            Err(MyError::Driver(DriverError::NoClientSslFlagFromServer)) if self.reach.mode == SslMode::Prefer => {
                self.attempt(address, None).await
            }
            other => other,
        }
    }

    async fn attempt(&self, address: SocketAddr, tls: Option<SslOpts>) -> Result<Conn, MyError> {
        let opts: Opts = self.opts.clone().resolved_ips(Some(vec![address.ip()])).ssl_opts(tls).into();
        let late = |_| {
            let text = format!("no answer within {} ms", self.limit.as_millis());
            MyError::Io(IoError::Io(io::Error::new(io::ErrorKind::TimedOut, text)))
        };
        tokio::time::timeout(self.limit, Conn::new(opts)).await.map_err(late)?
    }

    /// Makes all sessions alike: text in UTF-8, times in UTC, quotes as `Dialect::Mysql` reads them, slow readers
    /// tolerated, and nothing written unless it is asked for. Tells whether the server's own setting lets it.
    async fn set_up(&self, conn: &mut Conn) -> Result<bool, MyError> {
        let settings: Vec<(String, String)> = conn
            .query(
                "show session variables where variable_name in ('sql_mode', 'tx_read_only', 'transaction_read_only')",
            )
            .await?;
        let modes = settings.iter().find(|(name, _)| name == "sql_mode").map_or("", |(_, modes)| modes);
        let kept: Vec<&str> =
            modes.split(',').filter(|mode| !QUOTING.contains(mode) && mode.bytes().all(is_plain)).collect();
        conn.query_drop("set names utf8mb4").await?;
        conn.query_drop(format!(
            "set session time_zone = '+00:00', sql_mode = '{}', autocommit = 1, net_write_timeout = 3600",
            kept.join(",")
        ))
        .await?;
        conn.query_drop("set session transaction read only").await?;
        let refuses = |(name, value): &(String, String)| name.ends_with("read_only") && matches!(&**value, "ON" | "1");
        Ok(!self.read_only && !settings.iter().any(refuses))
    }
}

impl Dial for Dialer {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection> {
        let mut failed = None;
        for address in self.guard.resolve(&self.reach.host, self.reach.port).await? {
            match self.open(address).await {
                Ok(mut conn) => {
                    let may_write = self.set_up(&mut conn).await.map_err(|error| refusal::said(&error, None))?;
                    let json = Known::default();
                    return Ok(Connection { conn, json, address, limit: None, writes: false, may_write });
                }
                Err(error) => failed = Some(refusal::stage(&error)),
            }
        }
        Err(failed.unwrap_or_else(|| crate::Error::datasource("the host has no address")))
    }

    fn is_open(connection: &Connection) -> bool {
        !connection.conn.is_disconnected()
    }

    async fn wakes(&self, connection: &mut Connection) -> bool {
        connection.conn.ping().await.is_ok()
    }

    /// Closes without reading the rest, and kills what still runs: from the same address, since another of the host's
    /// may be another server.
    async fn abandon(&self, connection: Connection) -> bool {
        let Connection { mut conn, address, .. } = connection;
        let id = conn.id();
        if !conn.is_disconnected() {
            // dropped in the middle of a command, the driver closes at once; otherwise it would read to the end first
            let _ = tokio::time::timeout(Duration::ZERO, conn.ping()).await;
        }
        drop(conn);
        if self.guard.check(address.ip(), address.port()).is_err() {
            return false;
        }
        let Ok(mut other) = self.open(address).await else {
            return false;
        };
        match other.query_drop(format!("kill {id}")).await {
            Ok(()) => other.disconnect().await.is_ok(),
            // it has ended by itself
            Err(MyError::Server(refused)) => refused.code == 1094,
            Err(_) => false,
        }
    }
}

impl Connection {
    /// Lets a SELECT without a LIMIT of its own end after `rows`, and statements write or not.
    pub async fn settle(&mut self, rows: Option<u64>, writes: bool) -> Result<(), MyError> {
        if self.limit != rows {
            let rows = rows.map_or_else(|| "default".to_owned(), |rows| rows.to_string());
            self.conn.query_drop(format!("set session sql_select_limit = {rows}")).await?;
        }
        self.limit = rows;
        let writes = writes && self.may_write;
        if self.writes != writes {
            let access = if writes { "write" } else { "only" };
            self.conn.query_drop(format!("set session transaction read {access}")).await?;
        }
        self.writes = writes;
        Ok(())
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The driver makes its own TLS configuration: ours in its words.
fn ssl(wanted: Wanted<'_>) -> Option<SslOpts> {
    if wanted.mode == SslMode::Disable {
        return None;
    }
    let bytes = |pem: &str| pem.as_bytes().to_vec().into();
    let mut opts = SslOpts::default();
    if let Some(ca) = given(wanted.ca) {
        opts = opts.with_root_certs(vec![bytes(ca)]).with_disable_built_in_roots(true);
    }
    if let (Some(cert), Some(key)) = (given(wanted.cert), given(wanted.key)) {
        opts = opts.with_client_identity(Some(ClientIdentity::new(bytes(cert), bytes(key))));
    }
    Some(match wanted.check() {
        Check::Nothing => opts.with_danger_accept_invalid_certs(true),
        Check::Authority => {
            opts.with_danger_skip_domain_validation(true).with_danger_tls_hostname_override(Some(ANY_NAME))
        }
        Check::Full => opts,
    })
}
