//! Connections: dialled through the egress guard, and cancelled when their query's caller goes away.
use super::{invalid, run::said};
use crate::{
    Error, Result,
    connect::{
        Column, Guard,
        pool::{self, Dial},
        rows::told_apart,
        sql::ServerOptions,
        stage::Stage,
        tls::{self, SslMode},
    },
};
use std::{collections::HashMap, error::Error as _, sync::Arc, time::Duration};
use tokio_postgres::{
    CancelToken, Client, Config, Statement,
    config::{Host, SslMode as Encrypt},
    error::SqlState,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Prepared statements kept per connection.
const STATEMENTS: usize = 100;

/// What `discard all` does, but for statements that the driver has prepared: it goes on using them.
const RESET: &str =
    "close all; set session authorization default; reset all; unlisten *; discard temp; discard sequences;
    select pg_advisory_unlock_all();
    do $$ declare name text; begin
        for name in select p.name from pg_prepared_statements p where p.from_sql loop
            execute format('deallocate %I', name);
        end loop;
    end $$";

pub(super) struct Dialer {
    config: Config,
    hosts: Vec<(String, u16)>,
    tls: MakeRustlsConnect,
    guard: Guard,
    pub read_only: bool,
}

pub(super) type Pool = pool::Pool<Dialer>;
/// A connection for one query. Dropped before it is finished, it cancels what runs and closes.
pub(super) type Lease = pool::Lease<Dialer>;

pub(super) struct Connection {
    pub client: Client,
    cancel: CancelToken,
    statements: HashMap<String, Prepared>,
}

/// A statement that the server knows, and the columns of its rows.
#[derive(Clone)]
pub(super) struct Prepared {
    pub statement: Statement,
    pub columns: Arc<[Column]>,
}

impl Dialer {
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
        let tls = MakeRustlsConnect::new(tls::config(options.tls(mode))?);
        Ok(Self { config, hosts, tls, guard, read_only: options.read_only })
    }
}

impl Dial for Dialer {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection> {
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
        Ok(Connection { cancel: client.cancel_token(), client, statements: HashMap::new() })
    }

    fn is_open(connection: &Connection) -> bool {
        !connection.client.is_closed()
    }

    async fn abandon(&self, connection: Connection) -> bool {
        connection.cancel.cancel_query(self.tls.clone()).await.is_ok()
    }
}

impl Connection {
    /// The prepared statement, from this connection's own store.
    pub async fn prepare(&mut self, text: &str) -> Result<Prepared, tokio_postgres::Error> {
        if let Some(prepared) = self.statements.get(text) {
            return Ok(prepared.clone());
        }
        let statement = self.client.prepare(text).await?;
        let column = |column: &tokio_postgres::Column| Column {
            name: column.name().to_owned(),
            r#type: column.type_().name().to_owned(),
        };
        let columns = told_apart(statement.columns().iter().map(column).collect());
        let prepared = Prepared { statement, columns };
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(text.to_owned(), prepared.clone());
        Ok(prepared)
    }

    /// Takes everything out of the session that was not there when it began.
    pub async fn reset(&self) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(RESET).await
    }

    /// Forgets prepared statements, after the tables under them have changed.
    pub fn forget(&mut self) {
        self.statements.clear();
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
    let mode = named.map_or(Some(mode), |name| SslMode::named(&name));
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
