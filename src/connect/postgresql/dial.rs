//! Connections: dialled through the egress guard, and cancelled when their query's caller goes away.
use super::{
    reach::Reach,
    said::said,
    types::Types,
    wire::{Failed, Fault, Login, Wire, cancel, encrypt},
};
use crate::{
    Error, Result,
    connect::{
        Column, Guard,
        pool::{self, Dial},
        sql::{ServerOptions, ignored},
        stage::Stage,
        tls::{self, SslMode, Stream},
    },
};
use postgres_types::Type;
use rustls::ClientConfig;
use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// How long an idle connection rests before the operating system asks whether the other side is still there.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// What the text form of values depends on, as it is read here.
pub(super) const FORMS: [&str; 3] = ["intervalstyle = 'postgres'", "bytea_output = 'hex'", "extra_float_digits = 3"];
/// Lets a statement that nobody has allowed to write fail where it tries to.
const CAREFUL: &str = "set default_transaction_read_only = on";

/// What `discard all` does, but for the statements that are prepared here: they are still used.
const RESET: &str =
    "close all; set session authorization default; reset all; unlisten *; discard temp; discard sequences;
    select pg_advisory_unlock_all();
    do $$ declare name text; begin
        for name in select p.name from pg_prepared_statements p where p.from_sql loop
            execute format('deallocate %I', name);
        end loop;
    end $$";

pub(super) struct Dialer {
    reach: Reach,
    login: Login,
    tls: Option<Arc<ClientConfig>>,
    limit: Duration,
    guard: Guard,
    pub read_only: bool,
}

pub(super) type Pool = pool::Pool<Dialer>;
/// A connection for one query. Dropped before it is finished, it cancels what runs and closes.
pub(super) type Lease = pool::Lease<Dialer>;

pub(super) struct Connection {
    pub wire: Wire,
    pub types: Types,
    pub statements: HashMap<String, Arc<Prepared>>,
    /// Whether the process that serves us now will serve us next time: only then it may keep anything for us, be it a
    /// prepared statement or a setting. Behind a pooler, it is another for each transaction.
    pub direct: bool,
    /// Whether its transactions only read unless they are told to write.
    pub careful: bool,
    /// The digits after the point of an amount of money; none before the first.
    pub cents: Option<u8>,
    /// What is known of its statements, in bytes.
    pub described: usize,
    /// How many statements it has given names to.
    pub named: usize,
    address: SocketAddr,
    host: String,
}

/// What is known of a statement.
pub(super) struct Prepared {
    /// What the server knows it by; empty for one that it reads anew each time.
    pub name: String,
    pub parameters: Vec<Type>,
    pub fields: Vec<Type>,
    pub columns: Arc<[Column]>,
}

impl Dialer {
    pub fn new(options: &ServerOptions, guard: Guard) -> Result<Self> {
        let reach = Reach::new(options)?;
        let config = tls::config(options.tls(reach.mode))?;
        let login = Login {
            user: reach.user.clone(),
            password: reach.password.clone(),
            binding: reach.binding,
            parameters: reach.parameters.clone(),
        };
        Ok(Self {
            tls: (reach.mode != SslMode::Disable).then(|| Arc::new(config)),
            login,
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

    async fn open(&self, host: &str, port: u16) -> Result<Connection> {
        let tcp = self.guard.dial(host, port, self.limit).await?;
        keep_alive(&tcp)?;
        let address = tcp.peer_addr()?;
        match tokio::time::timeout(self.limit, self.greet(tcp, host, address)).await {
            Ok(greeted) => greeted.map_err(stage),
            Err(_) => Err(Stage::Protocol.failed(format!("no answer within {} ms", self.limit.as_millis()))),
        }
    }

    async fn encrypted(&self, tcp: TcpStream, host: &str) -> Result<(Box<dyn Stream>, Option<Vec<u8>>), Failed> {
        match &self.tls {
            Some(config) => encrypt(tcp, host, config, self.reach.mode == SslMode::Prefer).await,
            None => Ok((Box::new(tcp), None)),
        }
    }

    async fn greet(&self, tcp: TcpStream, host: &str, address: SocketAddr) -> Result<Connection, Failed> {
        let (stream, end_point) = self.encrypted(tcp, host).await?;
        let mut wire = Wire::start(stream, end_point, &self.login).await?;
        let served = serves(&mut wire).await?;
        if self.reach.primary && served.as_ref().is_some_and(|served| served.standby) {
            return Err(io::Error::other("the server is a standby, and takes no writes").into());
        }
        let greeted = wire.key().0;
        let direct = !self.reach.pooled && served.as_ref().is_some_and(|served| served.process == greeted);
        let mut connection = Connection {
            wire,
            types: Types::default(),
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

/// Who answers, and whether it takes writes.
struct Served {
    process: i32,
    standby: bool,
    /// Whether the server's own setting is that transactions only read.
    reads: bool,
}

/// Asks who answers: a pooler greets in its own name. None for what only speaks the protocol, and need not have
/// processes.
async fn serves(wire: &mut Wire) -> Result<Option<Served>, Fault> {
    let text = "select pg_backend_pid(), pg_is_in_recovery(), current_setting('default_transaction_read_only')";
    let rows = match wire.ask(text).await {
        Err(Fault::Refused(refusal)) if !refusal.fatal => return Ok(None),
        answered => answered?,
    };
    let cell = |at: usize| rows.first()?.get(at)?.as_deref();
    let process = cell(0).and_then(|process| process.parse().ok());
    let served = |process| Served { process, standby: cell(1) == Some("t"), reads: cell(2) == Some("on") };
    Ok(process.map(served))
}

impl Dial for Dialer {
    type Connection = Connection;

    async fn dial(&self) -> Result<Connection> {
        let mut failed = None;
        for (host, port) in &self.reach.hosts {
            match self.open(host, *port).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| Error::datasource("the host has no address")))
    }

    fn is_open(connection: &Connection) -> bool {
        connection.wire.is_ready()
    }

    async fn wakes(&self, connection: &mut Connection) -> bool {
        connection.wire.is_alive()
    }

    /// Cancels at the same address, since another of the host's may be another server.
    async fn abandon(&self, connection: Connection) -> bool {
        let Connection { wire, address, host, .. } = connection;
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

impl Connection {
    /// Makes all sessions alike. A server that does not know a form does not use it.
    async fn set_up(&mut self) -> Result<(), Fault> {
        let careful = if self.careful { CAREFUL } else { "" };
        if self.tries(&format!("set {}; {careful}", FORMS.join("; set "))).await? {
            return Ok(());
        }
        for form in FORMS {
            self.tries(&format!("set {form}")).await?;
        }
        // otherwise each transaction is told
        self.careful = self.careful && self.tries(CAREFUL).await?;
        Ok(())
    }

    /// Whether the server takes a statement.
    async fn tries(&mut self, text: &str) -> Result<bool, Fault> {
        match self.wire.ask(text).await {
            Ok(_) => Ok(true),
            Err(Fault::Refused(refusal)) if !refusal.fatal => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Takes everything out of the session that was not there when it began.
    pub async fn reset(&mut self) -> Result<(), Fault> {
        self.wire.ask(RESET).await?;
        self.set_up().await
    }

    /// Forgets what is known of statements and types, after tables or types under them have changed.
    pub fn forget(&mut self) {
        self.statements.clear();
        self.described = 0;
        self.types.forget();
    }

    /// From now on nothing is kept on the server: it has not kept what it should.
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

/// Which stage of connecting failed.
fn stage(failed: Failed) -> Error {
    match failed {
        Failed::Tls(error) => Stage::Tls.failed(error),
        Failed::Authentication(why) => Stage::Authentication.failed(why),
        Failed::Fault(Fault::Refused(refusal)) => {
            let stage = match refusal.code.as_str() {
                code if code.starts_with("28") => Stage::Authentication,
                "3D000" => Stage::Database,
                _ => return said(&Fault::Refused(refusal), None),
            };
            match said(&Fault::Refused(refusal), None) {
                Error::Datasource(problem) => stage.refused(*problem),
                other => other,
            }
        }
        Failed::Fault(Fault::Broken(error)) if tls::is_cause(&error) => Stage::Tls.failed(error),
        Failed::Fault(Fault::Broken(error)) if error.kind() == io::ErrorKind::InvalidInput => {
            Stage::Protocol.failed("the answer is not in PostgreSQL's protocol")
        }
        Failed::Fault(Fault::Broken(error)) => Stage::Protocol.failed(error),
        Failed::Fault(Fault::Ours(error)) => error,
        Failed::Fault(Fault::TooLarge) => Stage::Protocol.failed("the answer is not in PostgreSQL's protocol"),
    }
}
