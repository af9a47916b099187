//! Connections: dialled through the egress guard, pooled, and cancelled when their query's caller goes away.
use super::{invalid, run::said};
use crate::{
    Error, Result,
    connect::{
        Guard,
        sql::ServerOptions,
        stage::Stage,
        tls::{self, SslMode},
    },
};
use std::{
    collections::HashMap,
    error::Error as _,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{
    CancelToken, Client, Config, Statement,
    config::{Host, SslMode as Encrypt},
    error::SqlState,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How old a connection may get.
const LIFETIME: Duration = Duration::from_mins(30);
/// Prepared statements kept per connection.
const STATEMENTS: usize = 100;

pub(super) struct Pool {
    config: Config,
    hosts: Vec<(String, u16)>,
    tls: MakeRustlsConnect,
    guard: Guard,
    pub read_only: bool,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

pub(super) struct Connection {
    client: Client,
    cancel: CancelToken,
    pub statements: HashMap<String, Statement>,
    born: Instant,
    used: bool,
}

/// A connection for one query. Dropped before [`Lease::finish`], it cancels what runs and closes.
pub(super) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Connection>,
    _turn: OwnedSemaphorePermit,
}

impl Pool {
    pub fn new(options: &ServerOptions, guard: Guard) -> Result<Self> {
        let (mut config, hosts, mode) = configure(options)?;
        config.ssl_mode(match mode {
            SslMode::Disable => Encrypt::Disable,
            SslMode::Prefer => Encrypt::Prefer,
            _ => Encrypt::Require,
        });
        config.connect_timeout(options.connect_timeout());
        config.keepalives_idle(Duration::from_mins(1));
        if config.get_application_name().is_none() {
            config.application_name("jet-admin");
        }
        let size = options.pool_size();
        Ok(Self {
            config,
            hosts,
            tls: MakeRustlsConnect::new(tls::config(options.tls(mode))?),
            guard,
            read_only: options.read_only,
            idle: Mutex::default(),
            turns: Arc::new(Semaphore::new(size)),
        })
    }

    /// A connection: an idle one, or a new one.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)?;
        let connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.dial().await?,
        };
        Ok(Lease { pool: Arc::clone(self), connection: Some(connection), _turn: turn })
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if !connection.client.is_closed() && connection.born.elapsed() < LIFETIME {
                return Some(connection);
            }
        }
        None
    }

    pub async fn dial(&self) -> Result<Connection> {
        let mut config = self.config.clone();
        for (host, port) in &self.hosts {
            for address in self.guard.resolve(host, *port).await? {
                config.host(host).hostaddr(address.ip()).port(*port);
            }
        }
        let (client, connection) = config.connect(self.tls.clone()).await.map_err(|error| stage(&error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a database connection ended");
            }
        });
        Ok(Connection {
            cancel: client.cancel_token(),
            client,
            statements: HashMap::new(),
            born: Instant::now(),
            used: false,
        })
    }
}

impl Lease {
    pub fn client(&mut self) -> &mut Client {
        &mut self.connection().client
    }

    #[allow(clippy::expect_used)] // only `finish` and `drop` take it, and both end the lease
    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease holds a connection until it ends")
    }

    /// Whether the connection served a query before, so that it may have broken meanwhile.
    pub fn is_used(&mut self) -> bool {
        self.connection().used
    }

    /// A new connection in place of one that has broken.
    pub async fn replace(&mut self) -> Result<()> {
        self.connection = Some(self.pool.dial().await?);
        Ok(())
    }

    /// The prepared statement, from this connection's own store.
    pub async fn prepare(&mut self, text: &str) -> Result<Statement, tokio_postgres::Error> {
        let connection = self.connection();
        if let Some(statement) = connection.statements.get(text) {
            return Ok(statement.clone());
        }
        let statement = connection.client.prepare(text).await?;
        if connection.statements.len() >= STATEMENTS {
            connection.statements.clear();
        }
        connection.statements.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Forgets prepared statements, after the tables under them have changed.
    pub fn forget(&mut self) {
        self.connection().statements.clear();
    }

    /// The query is over: the connection may serve the next.
    pub fn finish(mut self) {
        if let Some(mut connection) = self.connection.take().filter(|connection| !connection.client.is_closed()) {
            connection.used = true;
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let tls = self.pool.tls.clone();
        runtime.spawn(async move {
            let cancelled = tokio::time::timeout(Duration::from_secs(10), connection.cancel.cancel_query(tls)).await;
            if !matches!(cancelled, Ok(Ok(()))) {
                tracing::debug!("a query could not be cancelled");
            }
        });
    }
}

/// The driver's settings, the hosts with their ports, and how to encrypt.
type Reach = (Config, Vec<(String, u16)>, SslMode);

/// The options as the driver wants them, without addresses: those come from the guard.
fn configure(options: &ServerOptions) -> Result<Reach> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (config, hosts, mode) = if let Some(text) = filled(&options.connection_string) {
        from_string(&text, options.ssl_mode)?
    } else {
        let host = filled(&options.host);
        let host = host.ok_or_else(|| invalid("host", "is required without a connection string"))?;
        let mut config = Config::new();
        config.user(filled(&options.user).unwrap_or_else(|| "postgres".to_owned()));
        filled(&options.database).map(|name| config.dbname(name));
        filled(&options.password).map(|password| config.password(password));
        let hosts = vec![(host, options.port.unwrap_or(5432))];
        (config, hosts, options.ssl_mode)
    };
    if hosts.is_empty() || hosts.len() > 8 || hosts.iter().any(|(host, _)| host.starts_with('/')) {
        return Err(invalid("host", "must be a host name or an address"));
    }
    Ok((config, hosts, mode))
}

fn from_string(text: &str, mode: SslMode) -> Result<Reach> {
    let wrong = |what| invalid("connectionString", what);
    let (text, named) = take_ssl_mode(text);
    let mode = named.map_or(Some(mode), |name| parse_mode(&name));
    let mode = mode.ok_or_else(|| wrong("has an unknown sslmode"))?;
    let given: Config =
        text.parse().map_err(|_| wrong("must be like postgresql://user:password@host:5432/database"))?;
    if !given.get_hostaddrs().is_empty() {
        return Err(wrong("must name hosts, not `hostaddr`"));
    }
    let ports = given.get_ports();
    let mut hosts = Vec::new();
    for (i, host) in given.get_hosts().iter().enumerate() {
        let Host::Tcp(host) = host else {
            return Err(wrong("must name a host: local sockets are not allowed"));
        };
        let port = ports.get(i).or(ports.first()).copied().unwrap_or(5432);
        hosts.push((host.clone(), port));
    }
    if hosts.is_empty() {
        return Err(wrong("must name a host"));
    }
    let mut config = Config::new();
    config.user(given.get_user().unwrap_or("postgres"));
    given.get_dbname().map(|name| config.dbname(name));
    given.get_password().map(|password| config.password(password));
    given.get_options().map(|options| config.options(options));
    given.get_application_name().map(|name| config.application_name(name));
    Ok((config, hosts, mode))
}

/// The driver does not know libpq's `verify-ca` and `verify-full`: the mode is taken out of the connection string.
fn take_ssl_mode(text: &str) -> (String, Option<String>) {
    let Some(start) = text.find("sslmode=") else {
        return (text.to_owned(), None);
    };
    let rest = &text[start..];
    let end = rest.find(['&', ' ']).unwrap_or(rest.len());
    let name = rest["sslmode=".len()..end].trim_matches('\'').to_owned();
    let after = rest[end..].trim_start_matches('&');
    (format!("{}{after}", &text[..start]), Some(name))
}

fn parse_mode(name: &str) -> Option<SslMode> {
    Some(match name {
        "disable" => SslMode::Disable,
        "allow" | "prefer" => SslMode::Prefer,
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        _ => return None,
    })
}

/// Which stage of connecting failed.
fn stage(error: &tokio_postgres::Error) -> Error {
    if let Some(refused) = error.as_db_error() {
        let stage = match refused.code() {
            code if code.code().starts_with("28") => Stage::Authentication,
            code if *code == SqlState::INVALID_CATALOG_NAME => Stage::Database,
            _ => return said(error, None),
        };
        return match said(error, None) {
            Error::Datasource(problem) => stage.refused(*problem),
            other => other,
        };
    }
    let text = error.to_string();
    let stage = if text.contains("TLS") {
        Stage::Tls
    } else if text.contains("authentication") || text.contains("configuration") {
        Stage::Authentication
    } else if error.source().is_some_and(|cause| cause.is::<std::io::Error>()) {
        Stage::Tcp
    } else {
        Stage::Protocol
    };
    stage.failed(error.source().map(ToString::to_string).unwrap_or(text))
}
