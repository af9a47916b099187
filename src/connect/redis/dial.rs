//! Connections: dialled through the egress guard, encrypted when asked.
use super::{Options, invalid, metered::Metered, values::said};
use crate::{
    Error, Result,
    connect::{
        Guard,
        pool::{self, Dial},
        stage::Stage,
        tls::{self, SslMode, Stream, Wanted},
    },
    error::DatasourceProblem,
    json::Room,
};
use redis::{Cmd, ConnectionAddr, IntoConnectionInfo, RedisError, Value, cmd};
use rustls::ClientConfig;
use std::{error::Error as StdError, io, sync::Arc, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the answers of a connection's set-up may take.
const SETUP: usize = 64 << 10;

/// Where the server is and who we are there.
struct Target {
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<String>,
    database: i64,
}

pub(super) struct Dialer {
    target: Target,
    tls: Option<Arc<ClientConfig>>,
    guard: Guard,
    limit: Duration,
}

pub(super) type Pool = pool::Pool<Dialer>;
pub(super) type Lease = pool::Lease<Dialer>;

/// One connection, one question at a time.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    pub version: Option<String>,
}

impl Dialer {
    pub fn new(options: &Options, guard: Guard) -> Result<Self> {
        let (target, encrypted) = target(options)?;
        let mode = match options.ssl_mode.into() {
            SslMode::Disable if encrypted => SslMode::VerifyFull,
            mode => mode,
        };
        let wanted = Wanted {
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

    /// Signs in and chooses the database. A server from before version 6 knows no `HELLO`.
    async fn greet(&self, wire: &mut Wire) -> Result<()> {
        let Target { user, password, database, .. } = &self.target;
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
                    accepted(&wire.ask(auth.arg(password), SETUP).await?, Stage::Authentication)?;
                }
            }
            answer => {
                accepted(&answer, Stage::Authentication)?;
                wire.version = version(&answer);
            }
        }
        if *database != 0 {
            accepted(&wire.ask(cmd("SELECT").arg(*database), SETUP).await?, Stage::Database)?;
        }
        Ok(())
    }
}

impl Dial for Dialer {
    type Connection = Wire;

    async fn dial(&self) -> Result<Wire> {
        let Target { host, port, .. } = &self.target;
        let tcp = self.guard.dial(host, *port, self.limit).await?;
        let late = || format!("no answer within {} ms", self.limit.as_millis());
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(tcp),
            Some(config) => match tokio::time::timeout(self.limit, tls::encrypt(config, host, tcp)).await {
                Ok(stream) => Box::new(stream.map_err(|error| Stage::Tls.failed(error))?),
                Err(_) => return Err(Stage::Tls.failed(late())),
            },
        };
        let mut wire = Wire { stream, version: None };
        match tokio::time::timeout(self.limit, self.greet(&mut wire)).await {
            Ok(greeted) => greeted.map(|()| wire),
            Err(_) => Err(Stage::Protocol.failed(late())),
        }
    }

    fn is_open(_: &Wire) -> bool {
        true
    }

    async fn wakes(&self, wire: &mut Wire) -> bool {
        matches!(tokio::time::timeout(self.limit, wire.ask(&cmd("PING"), SETUP)).await, Ok(Ok(_)))
    }

    /// An answer may still be on its way; the server notices the closed connection.
    async fn abandon(&self, wire: Wire) -> bool {
        drop(wire);
        true
    }
}

impl Wire {
    /// The answer to one command, a refusal included; at most `limit` bytes of it.
    ///
    /// # Errors
    /// `Datasource` when the connection is of no more use.
    pub async fn ask(&mut self, command: &Cmd, limit: usize) -> Result<Value> {
        self.ask_within(command, limit, &Room::of(16 * limit)).await
    }

    /// The same with what the answer takes counted in `room`.
    pub async fn ask_within(&mut self, command: &Cmd, limit: usize, room: &Room) -> Result<Value> {
        let answers = self.ask_all(std::slice::from_ref(command), limit, room).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// The answers to several commands that are sent at once.
    pub async fn ask_all(&mut self, commands: &[Cmd], limit: usize, room: &Room) -> Result<Vec<Value>> {
        let mut packed = Vec::new();
        for command in commands {
            command.write_packed_command(&mut packed);
        }
        self.stream.write_all(&packed).await.map_err(|error| broken(&error))?;
        self.stream.flush().await.map_err(|error| broken(&error))?;
        let mut reader = Metered::new(&mut self.stream, room).take(limit as u64);
        #[allow(clippy::default_trait_access)] // the decoder's crate is not one of ours to name
        let mut decoder = Default::default();
        let mut answers = Vec::with_capacity(commands.len());
        while answers.len() < commands.len() {
            match redis::parse_redis_value_async(&mut decoder, &mut reader).await {
                // news that nobody asked for
                Ok(Value::Push { .. }) => {}
                Ok(answer) => answers.push(answer),
                Err(_) if reader.get_mut().is_refused() => return Err(reader.get_mut().refused()),
                Err(_) if reader.limit() == 0 => {
                    return Err(Error::datasource(format!("the answer is larger than {limit} bytes")));
                }
                Err(error) if error.is_io_error() => return Err(lost(&error)),
                Err(_) => return Err(Stage::Protocol.failed("the answer is not in Redis' protocol")),
            }
        }
        Ok(answers)
    }
}

/// In the newer TLS a server refuses a client's certificate only after the handshake, in place of an answer.
fn broken(error: &io::Error) -> Error {
    if tls::is_cause(error) {
        return Stage::Tls.failed(error);
    }
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("the connection broke: {error}"),
        transient: true,
        ..DatasourceProblem::default()
    }))
}

fn lost(error: &RedisError) -> Error {
    let shared = error.source().and_then(|cause| cause.downcast_ref::<Arc<dyn StdError + Send + Sync>>());
    let cause = shared.and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.map_or_else(|| broken(&io::ErrorKind::UnexpectedEof.into()), broken)
}

/// The first words were not answered: most often one side encrypts and the other does not.
fn speechless(error: Error) -> Error {
    match error {
        Error::Datasource(problem) if problem.hint.is_none() => Stage::Protocol.refused(DatasourceProblem {
            hint: Some("check the port, and whether the server wants TLS".to_owned()),
            ..*problem
        }),
        other => other,
    }
}

fn accepted(answer: &Value, stage: Stage) -> Result<()> {
    match answer {
        Value::ServerError(error) => Err(stage.refused(said(error))),
        _ => Ok(()),
    }
}

/// The server's version, from what it answers to `HELLO`.
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

/// The target, and whether its address asks for encryption.
fn target(options: &Options) -> Result<(Target, bool)> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let Some(url) = filled(&options.url) else {
        let host = filled(&options.host).ok_or_else(|| invalid("host", "is required without a URL"))?;
        let target = Target {
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
    let target = Target {
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
    use super::{SETUP, Wire};
    use redis::cmd;
    use tokio::io::AsyncWriteExt;

    #[tokio::test]
    async fn no_length_of_a_hostile_server_is_believed_beyond_its_bytes() {
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
            let mut wire = Wire { stream: Box::new(ours), version: None };
            let told = wire.ask(&cmd("PING"), SETUP).await;
            assert!(told.is_err() || matches!(&told, Ok(redis::Value::Nil)), "{answer:.40}: {told:?}");
            drop(theirs);
        }
    }
}
