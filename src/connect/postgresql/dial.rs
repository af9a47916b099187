//! Connections: opened through the egress guard, and cancelled when their query's caller disconnects.
use super::{
    errors::to_error,
    settings::PgSettings,
    values::types::KnownTypes,
    wire::{LoginFailure, PgFault, PgLogin, PgWire, cancel, encrypt},
};
use crate::{
    Error, Result,
    connect::{
        Column, Guard,
        network::{
            pool::{self, Dial},
            stage::ConnectStage,
            tls::{self, SslMode, Stream},
        },
        sql::{ServerOptions, ignored},
    },
};
use postgres_types::Type;
use rustls::ClientConfig;
use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// How long a connection is idle before the operating system sends keep-alive probes.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// The settings that the text form of values depends on, as this module expects them.
pub(super) const FORMS: [&str; 3] = ["intervalstyle = 'postgres'", "bytea_output = 'hex'", "extra_float_digits = 3"];
/// Makes transactions read-only by default, so that a statement that is not allowed to write fails.
const CAREFUL: &str = "set default_transaction_read_only = on";

/// Does what `discard all` does, except that it keeps the statements that were prepared through the protocol: they are
/// still used.
const RESET: &str =
    "close all; set session authorization default; reset all; unlisten *; discard temp; discard sequences;
    select pg_advisory_unlock_all();
    do $$ declare name text; begin
        for name in select p.name from pg_prepared_statements p where p.from_sql loop
            execute format('deallocate %I', name);
        end loop;
    end $$";

pub(super) struct PgDialer {
    settings: PgSettings,
    login: PgLogin,
    tls: Option<Arc<ClientConfig>>,
    limit: Duration,
    guard: Guard,
    pub read_only: bool,
}

pub(super) type PgPool = pool::ConnectionPool<PgDialer>;
/// A connection for one query. If it is dropped before it is finished, the query is cancelled and the connection
/// closed.
pub(super) type PgLease = pool::ConnectionLease<PgDialer>;

pub(super) struct PgConnection {
    pub wire: PgWire,
    pub types: KnownTypes,
    pub statements: HashMap<String, Arc<PgStatement>>,
    /// Whether the same server process serves the whole session: only then can prepared statements and settings be kept
    /// on the server. Behind a pooler, each transaction may get another process.
    pub direct: bool,
    /// Whether its transactions are read-only by default.
    pub careful: bool,
    /// The number of decimal places of `money` values; `None` until it is needed.
    pub cents: Option<u8>,
    /// The size of the statement descriptions, in bytes.
    pub described: usize,
    /// The number of statements named so far.
    pub named: usize,
    address: SocketAddr,
    host: String,
}

/// The description of a statement.
pub(super) struct PgStatement {
    /// Its name on the server; empty if the statement is parsed again for each execution.
    pub name: String,
    pub parameters: Vec<Type>,
    pub fields: Vec<Type>,
    pub columns: Arc<[Column]>,
}

impl PgDialer {
    pub fn new(options: &ServerOptions, guard: Guard) -> Result<Self> {
        let settings = PgSettings::new(options)?;
        let config = tls::config(options.tls(settings.mode))?;
        let login = PgLogin {
            user: settings.user.clone(),
            password: settings.password.clone(),
            binding: settings.binding,
            parameters: settings.parameters.clone(),
        };
        Ok(Self {
            tls: (settings.mode != SslMode::Disable).then(|| Arc::new(config)),
            login,
            limit: options.connect_timeout(),
            guard,
            read_only: options.read_only,
            settings,
        })
    }

    /// Returns the maximum number of connections.
    pub fn size(&self, options: &ServerOptions) -> usize {
        self.settings.size.unwrap_or_else(|| options.pool_size())
    }

    /// Returns a note that lists ignored parameters of the connection string.
    pub fn notes(&self) -> Option<String> {
        ignored(&self.settings.ignored)
    }

    async fn open(&self, host: &str, port: u16) -> Result<PgConnection> {
        let tcp = self.guard.dial(host, port, self.limit).await?;
        keep_alive(&tcp)?;
        let address = tcp.peer_addr()?;
        match tokio::time::timeout(self.limit, self.greet(tcp, host, address)).await {
            Ok(greeted) => greeted.map_err(stage),
            Err(_) => Err(ConnectStage::Protocol.failed(format!("no response within {} ms", self.limit.as_millis()))),
        }
    }

    async fn encrypted(&self, tcp: TcpStream, host: &str) -> Result<(Box<dyn Stream>, Option<Vec<u8>>), LoginFailure> {
        match &self.tls {
            Some(config) => encrypt(tcp, host, config, self.settings.mode == SslMode::Prefer).await,
            None => Ok((Box::new(tcp), None)),
        }
    }

    async fn greet(&self, tcp: TcpStream, host: &str, address: SocketAddr) -> Result<PgConnection, LoginFailure> {
        let (stream, end_point) = self.encrypted(tcp, host).await?;
        let mut wire = PgWire::start(stream, end_point, &self.login).await?;
        let served = serves(&mut wire).await?;
        if self.settings.primary && served.as_ref().is_some_and(|served| served.standby) {
            return Err(io::Error::other("the server is a standby, which does not accept writes").into());
        }
        let greeted = wire.key().0;
        let direct = !self.settings.pooled && served.as_ref().is_some_and(|served| served.process == greeted);
        let mut connection = PgConnection {
            wire,
            types: KnownTypes::default(),
            statements: HashMap::new(),
            direct,
            careful: false,
            cents: None,
            described: 0,
            named: 0,
            address,
            host: host.to_owned(),
        };
        if direct {
            connection.careful = served.is_some_and(|served| !served.standby && !served.reads);
            connection.set_up().await?;
        }
        Ok(connection)
    }
}

/// The server process of a session, and whether it accepts writes.
struct ServerProcess {
    process: i32,
    standby: bool,
    /// Whether the server makes transactions read-only by default.
    reads: bool,
}

/// Asks for the process that runs the queries: behind a pooler, it differs from the one in the startup messages. `None`
/// for databases that only use the protocol and have no such functions.
async fn serves(wire: &mut PgWire) -> Result<Option<ServerProcess>, PgFault> {
    let text = "select pg_backend_pid(), pg_is_in_recovery(), current_setting('default_transaction_read_only')";
    let rows = match wire.ask(text).await {
        Err(PgFault::Refused(refusal)) if !refusal.fatal => return Ok(None),
        answered => answered?,
    };
    let cell = |at: usize| rows.first()?.get(at)?.as_deref();
    let process = cell(0).and_then(|process| process.parse().ok());
    let served = |process| ServerProcess { process, standby: cell(1) == Some("t"), reads: cell(2) == Some("on") };
    Ok(process.map(served))
}

impl Dial for PgDialer {
    type Connection = PgConnection;

    async fn dial(&self) -> Result<PgConnection> {
        let mut failed = None;
        for (host, port) in &self.settings.hosts {
            match self.open(host, *port).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| Error::datasource("the host name has no address")))
    }

    fn is_open(connection: &PgConnection) -> bool {
        connection.wire.is_ready()
    }

    async fn is_alive(&self, connection: &mut PgConnection) -> bool {
        connection.wire.is_alive()
    }

    /// Cancels at the same address: another address of the host may be another server.
    async fn abandon(&self, connection: PgConnection) -> bool {
        let PgConnection { wire, address, host, .. } = connection;
        let key = wire.key();
        if self.guard.check(address.ip(), address.port()).is_err() {
            return false;
        }
        let Ok(tcp) = TcpStream::connect(address).await else { return false };
        let Ok((stream, _)) = self.encrypted(tcp, &host).await else { return false };
        let cancelled = cancel(stream, key).await.is_ok();
        drop(wire);
        cancelled
    }
}

impl PgConnection {
    /// Applies the session settings. Settings that the server does not know are skipped: it does not use them either.
    async fn set_up(&mut self) -> Result<(), PgFault> {
        let careful = if self.careful { CAREFUL } else { "" };
        if self.tries(&format!("set {}; {careful}", FORMS.join("; set "))).await? {
            return Ok(());
        }
        for form in FORMS {
            self.tries(&format!("set {form}")).await?;
        }
        // otherwise each transaction sets it
        self.careful = self.careful && self.tries(CAREFUL).await?;
        Ok(())
    }

    /// Returns whether the server accepts a statement.
    async fn tries(&mut self, text: &str) -> Result<bool, PgFault> {
        match self.wire.ask(text).await {
            Ok(_) => Ok(true),
            Err(PgFault::Refused(refusal)) if !refusal.fatal => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Resets the session to its initial state.
    pub async fn reset(&mut self) -> Result<(), PgFault> {
        self.wire.ask(RESET).await?;
        self.set_up().await
    }

    /// Drops the descriptions of statements and types, after tables or types have changed.
    pub fn forget(&mut self) {
        self.statements.clear();
        self.described = 0;
        self.types.forget();
    }

    /// Stops keeping state on the server, because it has lost some.
    pub fn distrust(&mut self) {
        self.forget();
        self.direct = false;
        self.careful = false;
    }
}

fn keep_alive(tcp: &TcpStream) -> io::Result<()> {
    rustix::net::sockopt::set_socket_keepalive(tcp, true)?;
    Ok(rustix::net::sockopt::set_tcp_keepidle(tcp, KEEPALIVE)?)
}

/// Turns a failed connection attempt into the error of its stage.
fn stage(failed: LoginFailure) -> Error {
    match failed {
        LoginFailure::Tls(error) => ConnectStage::Tls.failed(error),
        LoginFailure::Authentication(why) => ConnectStage::Authentication.failed(why),
        LoginFailure::Fault(PgFault::Refused(refusal)) => {
            let stage = match refusal.code.as_str() {
                code if code.starts_with("28") => ConnectStage::Authentication,
                "3D000" => ConnectStage::Database,
                _ => return to_error(&PgFault::Refused(refusal), None),
            };
            match to_error(&PgFault::Refused(refusal), None) {
                Error::Datasource(problem) => stage.refused(*problem),
                other => other,
            }
        }
        LoginFailure::Fault(PgFault::Broken(error)) if tls::is_cause(&error) => ConnectStage::Tls.failed(error),
        LoginFailure::Fault(PgFault::Broken(error)) if error.kind() == io::ErrorKind::InvalidInput => {
            ConnectStage::Protocol.failed("the server does not use the PostgreSQL protocol")
        }
        LoginFailure::Fault(PgFault::Broken(error)) => ConnectStage::Protocol.failed(error),
        LoginFailure::Fault(PgFault::Ours(error)) => error,
        LoginFailure::Fault(PgFault::TooLarge) => {
            ConnectStage::Protocol.failed("the server does not use the PostgreSQL protocol")
        }
    }
}
