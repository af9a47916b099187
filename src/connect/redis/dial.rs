//! Connections: opened through the egress guard, with TLS if configured.
use super::{Options, invalid, metered::MeteredReader, values::to_problem};
use crate::{
    Error, Result,
    connect::{
        Guard,
        network::{
            pool::{self, Dial},
            stage::ConnectStage,
            tls::{self, SslMode, Stream, TlsOptions},
        },
    },
    error::DatasourceProblem,
    json::Room,
};
use redis::{Cmd, ConnectionAddr, IntoConnectionInfo, RedisError, Value, cmd};
use rustls::ClientConfig;
use std::{error::Error as StdError, io, sync::Arc, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The maximum size of responses while a connection is set up, in bytes.
const SETUP: usize = 64 << 10;

/// The server's address and the account.
struct RedisAddress {
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<String>,
    database: i64,
}

pub(super) struct RedisDialer {
    target: RedisAddress,
    tls: Option<Arc<ClientConfig>>,
    guard: Guard,
    limit: Duration,
}

pub(super) type RedisPool = pool::ConnectionPool<RedisDialer>;
pub(super) type RedisLease = pool::ConnectionLease<RedisDialer>;

/// A connection that handles one request at a time.
pub(super) struct RedisWire {
    stream: Box<dyn Stream>,
    pub version: Option<String>,
}

impl RedisDialer {
    pub fn new(options: &Options, guard: Guard) -> Result<Self> {
        let (target, encrypted) = target(options)?;
        let mode = match options.ssl_mode.into() {
            SslMode::Disable if encrypted => SslMode::VerifyFull,
            mode => mode,
        };
        let wanted = TlsOptions {
            mode,
            ca: options.ssl_ca.as_deref(),
            cert: options.ssl_cert.as_deref(),
            key: options.ssl_key.as_deref(),
        };
        let tls = (mode != SslMode::Disable).then(|| tls::config(wanted)).transpose()?;
        Ok(Self {
            target,
            tls: tls.map(Arc::new),
            guard,
            limit: Duration::from_millis(options.connect_timeout_ms.unwrap_or(5_000).into()),
        })
    }

    /// Authenticates and selects the database. Servers before version 6 do not support `HELLO`.
    async fn greet(&self, wire: &mut RedisWire) -> Result<()> {
        let RedisAddress { user, password, database, .. } = &self.target;
        let mut hello = cmd("HELLO");
        hello.arg(3);
        if let Some(password) = password {
            hello.arg("AUTH").arg(user.as_deref().unwrap_or("default")).arg(password);
        }
        hello.arg("SETNAME").arg("jet-admin");
        match wire.ask(&hello, SETUP).await.map_err(speechless)? {
            Value::ServerError(error) if matches!(error.code(), "ERR" | "NOPROTO") => {
                if let Some(password) = password {
                    let mut auth = cmd("AUTH");
                    user.as_ref().map(|user| auth.arg(user));
                    accepted(&wire.ask(auth.arg(password), SETUP).await?, ConnectStage::Authentication)?;
                }
            }
            answer => {
                accepted(&answer, ConnectStage::Authentication)?;
                wire.version = version(&answer);
            }
        }
        if *database != 0 {
            accepted(&wire.ask(cmd("SELECT").arg(*database), SETUP).await?, ConnectStage::Database)?;
        }
        Ok(())
    }
}

impl Dial for RedisDialer {
    type Connection = RedisWire;

    async fn dial(&self) -> Result<RedisWire> {
        let RedisAddress { host, port, .. } = &self.target;
        let tcp = self.guard.dial(host, *port, self.limit).await?;
        let late = || format!("no response within {} ms", self.limit.as_millis());
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(tcp),
            Some(config) => match tokio::time::timeout(self.limit, tls::encrypt(config, host, tcp)).await {
                Ok(stream) => Box::new(stream.map_err(|error| ConnectStage::Tls.failed(error))?),
                Err(_) => return Err(ConnectStage::Tls.failed(late())),
            },
        };
        let mut wire = RedisWire { stream, version: None };
        match tokio::time::timeout(self.limit, self.greet(&mut wire)).await {
            Ok(greeted) => greeted.map(|()| wire),
            Err(_) => Err(ConnectStage::Protocol.failed(late())),
        }
    }

    fn is_open(_: &RedisWire) -> bool {
        true
    }

    async fn is_alive(&self, wire: &mut RedisWire) -> bool {
        matches!(tokio::time::timeout(self.limit, wire.ask(&cmd("PING"), SETUP)).await, Ok(Ok(_)))
    }

    /// Closes the connection, which the server notices. A response may still be pending.
    async fn abandon(&self, wire: RedisWire) -> bool {
        drop(wire);
        true
    }
}

impl RedisWire {
    /// Runs a command and returns its response, which may be an error response, of at most `limit` bytes.
    ///
    /// # Errors
    /// `Datasource` if the connection is not usable any more.
    pub async fn ask(&mut self, command: &Cmd, limit: usize) -> Result<Value> {
        self.ask_within(command, limit, &Room::of(16 * limit)).await
    }

    /// Like [`RedisWire::ask`], counting the memory of the response in `room`.
    pub async fn ask_within(&mut self, command: &Cmd, limit: usize, room: &Room) -> Result<Value> {
        let answers = self.ask_all(std::slice::from_ref(command), limit, room).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// Sends several commands at once and returns their responses.
    pub async fn ask_all(&mut self, commands: &[Cmd], limit: usize, room: &Room) -> Result<Vec<Value>> {
        let mut packed = Vec::new();
        for command in commands {
            command.write_packed_command(&mut packed);
        }
        self.stream.write_all(&packed).await.map_err(|error| broken(&error))?;
        self.stream.flush().await.map_err(|error| broken(&error))?;
        let mut reader = MeteredReader::new(&mut self.stream, room).take(limit as u64);
        #[allow(clippy::default_trait_access)] // the decoder's crate is not a direct dependency
        let mut decoder = Default::default();
        let mut answers = Vec::with_capacity(commands.len());
        while answers.len() < commands.len() {
            match redis::parse_redis_value_async(&mut decoder, &mut reader).await {
                // push messages are not responses
                Ok(Value::Push { .. }) => {}
                Ok(answer) => answers.push(answer),
                Err(_) if reader.get_mut().is_refused() => return Err(reader.get_mut().refused()),
                Err(_) if reader.limit() == 0 => {
                    return Err(Error::datasource(format!("the result is larger than {limit} bytes")));
                }
                Err(error) if error.is_io_error() => return Err(lost(&error)),
                Err(_) => return Err(ConnectStage::Protocol.failed("the server does not use the Redis protocol")),
            }
        }
        Ok(answers)
    }
}

/// Turns an I/O error into an error. In TLS 1.3, a server may refuse the client certificate only after the handshake,
/// in place of a response.
fn broken(error: &io::Error) -> Error {
    if tls::is_cause(error) {
        return ConnectStage::Tls.failed(error);
    }
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("the connection was lost: {error}"),
        transient: true,
        ..DatasourceProblem::default()
    }))
}

fn lost(error: &RedisError) -> Error {
    let shared = error.source().and_then(|cause| cause.downcast_ref::<Arc<dyn StdError + Send + Sync>>());
    let cause = shared.and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.map_or_else(|| broken(&io::ErrorKind::UnexpectedEof.into()), broken)
}

/// Adds a hint if the first command got no response: usually only one side uses TLS.
fn speechless(error: Error) -> Error {
    match error {
        Error::Datasource(problem) if problem.hint.is_none() => ConnectStage::Protocol.refused(DatasourceProblem {
            hint: Some("check the port, and whether the server requires TLS".to_owned()),
            ..*problem
        }),
        other => other,
    }
}

fn accepted(answer: &Value, stage: ConnectStage) -> Result<()> {
    match answer {
        Value::ServerError(error) => Err(stage.refused(to_problem(error))),
        _ => Ok(()),
    }
}

/// Returns the server's version from the response to `HELLO`.
fn version(answer: &Value) -> Option<String> {
    let is_version = |key: &&(Value, Value)| matches!(&key.0, Value::BulkString(name) if name == b"version");
    match answer {
        Value::Map(fields) => match fields.iter().find(is_version)? {
            (_, Value::BulkString(version)) => Some(String::from_utf8_lossy(version).into_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the target, and whether its URL requires TLS.
fn target(options: &Options) -> Result<(RedisAddress, bool)> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let Some(url) = filled(&options.url) else {
        let host = filled(&options.host).ok_or_else(|| invalid("host", "is required without a URL"))?;
        let target = RedisAddress {
            host: host.trim().to_owned(),
            port: options.port.unwrap_or(6379),
            user: filled(&options.user),
            password: filled(&options.password),
            database: options.database.unwrap_or(0).into(),
        };
        return Ok((target, false));
    };
    let wrong = || invalid("url", "must be like redis://user:password@host:6379/0, or rediss:// for TLS");
    let url = url.trim();
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let encrypted = match scheme {
        "redis" | "valkey" => false,
        "rediss" | "valkeys" => true,
        _ => return Err(wrong()),
    };
    let info = format!("redis://{rest}").as_str().into_connection_info().map_err(|_| wrong())?;
    let ConnectionAddr::Tcp(host, port) = info.addr() else { return Err(wrong()) };
    let settings = info.redis_settings();
    let target = RedisAddress {
        host: host.clone(),
        port: *port,
        user: settings.username().map(str::to_owned),
        password: settings.password().map(str::to_owned),
        database: settings.db(),
    };
    Ok((target, encrypted))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{RedisWire, SETUP};
    use redis::cmd;
    use tokio::io::AsyncWriteExt;

    #[tokio::test]
    async fn lengths_from_a_hostile_server_are_checked_against_the_bytes() {
        let nested = "*1\r\n".repeat(10_000);
        for answer in [
            "*2147483647\r\n",
            "*9223372036854775807\r\n",
            "%2147483647\r\n",
            "~2147483647\r\n",
            ">2147483647\r\n+a\r\n",
            "$2147483647\r\nabc",
            "$-2147483648\r\n",
            "=9223372036854775807\r\ntxt:a",
            "(99999999999999999999999999999999999999999999999999",
            nested.as_str(),
        ] {
            let (ours, mut theirs) = tokio::io::duplex(SETUP);
            theirs.write_all(answer.as_bytes()).await.unwrap();
            theirs.shutdown().await.unwrap();
            let mut wire = RedisWire { stream: Box::new(ours), version: None };
            let response = wire.ask(&cmd("PING"), SETUP).await;
            assert!(response.is_err() || matches!(&response, Ok(redis::Value::Nil)), "{answer:.40}: {response:?}");
            drop(theirs);
        }
    }
}
