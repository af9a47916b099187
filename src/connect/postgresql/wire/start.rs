//! Starts a connection: TLS, authentication and session settings.
use super::{PgError, PgFault, PgWire, binding::end_point};
use crate::connect::network::tls::{self, Stream};
use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::{
    authentication::{
        md5_hash,
        sasl::{ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256},
    },
    message::{backend::Message, frontend},
};
use rustls::ClientConfig;
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The maximum number of SCRAM iterations that a server may request; they take about half a second.
const ITERATIONS: u64 = 1_000_000;

/// Whether authentication is bound to the TLS connection, so that a man in the middle cannot relay it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::connect::postgresql) enum BindingPolicy {
    Never,
    /// If the server supports it.
    #[default]
    Prefer,
    Require,
}

/// The credentials and session settings of a connection.
#[derive(Clone, Default)]
pub(in crate::connect::postgresql) struct PgLogin {
    pub user: String,
    pub password: Option<String>,
    pub binding: BindingPolicy,
    /// Parameters of the startup message: the database and session settings.
    pub parameters: Vec<(String, String)>,
}

/// Why connecting failed.
#[derive(Debug)]
pub(in crate::connect::postgresql) enum LoginFailure {
    /// TLS failed, or the server does not offer it.
    Tls(io::Error),
    /// Authentication failed on our side, for example because the method is not supported.
    Authentication(String),
    Fault(PgFault),
}

impl<T: Into<PgFault>> From<T> for LoginFailure {
    fn from(fault: T) -> Self {
        Self::Fault(fault.into())
    }
}

/// Requests TLS. With `optional`, the connection stays unencrypted if the server does not support TLS. Also returns the
/// digest of the server's certificate for channel binding.
///
/// # Errors
/// [`LoginFailure::Tls`].
pub(in crate::connect::postgresql) async fn encrypt(
    mut tcp: TcpStream,
    host: &str,
    config: &Arc<ClientConfig>,
    optional: bool,
) -> Result<(Box<dyn Stream>, Option<Vec<u8>>), LoginFailure> {
    let mut ask = BytesMut::new();
    frontend::ssl_request(&mut ask);
    tcp.write_all(&ask).await?;
    match tcp.read_u8().await? {
        b'S' => {}
        b'N' if optional => return Ok((Box::new(tcp), None)),
        b'N' => {
            return Err(LoginFailure::Tls(io::Error::other(
                "the server does not offer TLS, which the sslmode requires",
            )));
        }
        _ => {
            return Err(
                io::Error::new(io::ErrorKind::InvalidData, "the server does not use the PostgreSQL protocol").into()
            );
        }
    }
    let stream = tls::encrypt(config, host, tcp).await.map_err(LoginFailure::Tls)?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let end_point = certificate.and_then(|certificate| end_point(certificate));
    Ok((Box::new(stream), end_point))
}

impl PgWire {
    /// Authenticates over a stream. `end_point` is the digest of the server's certificate, if the stream is encrypted.
    pub async fn start(
        stream: Box<dyn Stream>,
        end_point: Option<Vec<u8>>,
        login: &PgLogin,
    ) -> Result<Self, LoginFailure> {
        let mut wire = Self::new(stream);
        let user = ("user", login.user.as_str());
        let parameters = login.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        frontend::startup_message(std::iter::once(user).chain(parameters), &mut wire.outgoing)?;
        wire.send().await?;
        wire.authenticate(end_point, login).await?;
        wire.owed = 1;
        loop {
            match wire.next().await? {
                Message::ReadyForQuery(_) => return Ok(wire),
                Message::BackendKeyData(key) => wire.key = (key.process_id(), key.secret_key()),
                Message::ErrorResponse(body) => {
                    return Err(PgFault::Refused(PgError::read(&body)?.into()).into());
                }
                _ => {}
            }
        }
    }

    async fn authenticate(&mut self, end_point: Option<Vec<u8>>, login: &PgLogin) -> Result<(), LoginFailure> {
        let password = || {
            let missing = || LoginFailure::Authentication("the server requires a password, but none is set".to_owned());
            login.password.as_deref().map(str::as_bytes).ok_or_else(missing)
        };
        let bound = login.binding == BindingPolicy::Require;
        let mut tied = false;
        loop {
            match self.next().await? {
                Message::AuthenticationOk if bound && !tied => return Err(unbound()),
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword | Message::AuthenticationMd5Password(_) if bound => {
                    return Err(unbound());
                }
                Message::AuthenticationCleartextPassword => self.password(password()?).await?,
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(login.user.as_bytes(), password()?, body.salt());
                    self.password(hash.as_bytes()).await?;
                }
                Message::AuthenticationSasl(body) => {
                    let offered: Vec<String> = body.mechanisms().map(|name| Ok(name.to_owned())).collect()?;
                    tied = self.scram(&offered, end_point.clone(), login.binding, password()?).await?;
                }
                Message::ErrorResponse(body) => {
                    return Err(PgFault::Refused(PgError::read(&body)?.into()).into());
                }
                _ => {
                    return Err(LoginFailure::Authentication(
                        "the server requires an unsupported authentication method, such as Kerberos".to_owned(),
                    ));
                }
            }
        }
    }

    async fn password(&mut self, password: &[u8]) -> Result<(), PgFault> {
        frontend::password_message(password, &mut self.outgoing)?;
        self.send().await
    }

    /// Authenticates with SCRAM (RFC 5802). Returns whether channel binding was used.
    async fn scram(
        &mut self,
        offered: &[String],
        end_point: Option<Vec<u8>>,
        binding: BindingPolicy,
        password: &[u8],
    ) -> Result<bool, LoginFailure> {
        let has = |name: &str| offered.iter().any(|offer| offer == name);
        let end_point = end_point.filter(|_| binding != BindingPolicy::Never);
        let (mechanism, channel) = match end_point {
            Some(digest) if has(SCRAM_SHA_256_PLUS) => {
                (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(digest))
            }
            _ if binding == BindingPolicy::Require => return Err(unbound()),
            Some(_) if has(SCRAM_SHA_256) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None if has(SCRAM_SHA_256) => (SCRAM_SHA_256, ChannelBinding::unsupported()),
            _ => {
                let text = format!("the server offers only unsupported authentication methods: {}", offered.join(", "));
                return Err(LoginFailure::Authentication(text));
            }
        };
        let refused = |error: io::Error| LoginFailure::Authentication(error.to_string());
        let mut scram = ScramSha256::new(password, channel);
        frontend::sasl_initial_response(mechanism, scram.message(), &mut self.outgoing)?;
        self.send().await?;
        loop {
            match self.next().await? {
                Message::AuthenticationSaslContinue(body) => {
                    if iterations(body.data()) > ITERATIONS {
                        return Err(LoginFailure::Authentication(
                            "the server requests too many SCRAM iterations".to_owned(),
                        ));
                    }
                    scram.update(body.data()).map_err(refused)?;
                    frontend::sasl_response(scram.message(), &mut self.outgoing)?;
                    self.send().await?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    scram.finish(body.data()).map_err(refused)?;
                    return Ok(mechanism == SCRAM_SHA_256_PLUS);
                }
                Message::ErrorResponse(body) => {
                    return Err(PgFault::Refused(PgError::read(&body)?.into()).into());
                }
                _ => {
                    return Err(LoginFailure::Authentication(
                        "the server skipped a step of SCRAM authentication".to_owned(),
                    ));
                }
            }
        }
    }
}

/// Returns the number of hash iterations in the server's message.
fn iterations(message: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(message);
    let count = text.split(',').find_map(|part| part.strip_prefix("i=")?.parse().ok());
    count.unwrap_or_default()
}

fn unbound() -> LoginFailure {
    LoginFailure::Authentication(
        "channel binding is not possible on this connection, but channel_binding=require demands it".to_owned(),
    )
}
