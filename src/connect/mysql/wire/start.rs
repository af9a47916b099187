//! Starts a connection: greeting, TLS and authentication.
use super::{
    MysqlFault, MysqlWire,
    bytes::{PacketReader, lossy},
    garbled,
};
use crate::connect::network::tls;
use mysql_common::{
    constants::CapabilityFlags,
    crypto,
    packets::{AuthPlugin, AuthPluginData},
};
use rustls::ClientConfig;
use std::{io, sync::Arc};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// `utf8mb4`.
const CHARSET: u8 = 45;
/// The maximum number of packets in authentication.
const STEPS: usize = 16;
/// The maximum length of the server's public key, as PEM.
const KEY: usize = 1 << 10;
/// The length of the nonce of authentication, in bytes.
const NONCE: usize = 20;

/// The credentials and settings of a connection.
pub(in crate::connect::mysql) struct MysqlLogin {
    pub host: String,
    pub user: String,
    pub password: Option<String>,
    pub database: Option<String>,
    pub tls: Option<Arc<ClientConfig>>,
    /// Whether the connection may be unencrypted if the server does not support TLS.
    pub optional: bool,
}

/// The server's first packet.
struct Greeting {
    id: u32,
    nonce: Vec<u8>,
    capabilities: CapabilityFlags,
    plugin: Vec<u8>,
}

impl MysqlWire {
    /// Starts a connection over `tcp`.
    pub async fn start(mut tcp: TcpStream, login: &MysqlLogin) -> Result<Self, MysqlFault> {
        let (greeting, mut sequence) = greet(&mut tcp).await?;
        let mut wanted = wanted(login) & greeting.capabilities;
        let encrypts = login.tls.is_some() && greeting.capabilities.contains(CapabilityFlags::CLIENT_SSL);
        let stream: Box<dyn tls::Stream> = match &login.tls {
            Some(config) if encrypts => {
                wanted |= CapabilityFlags::CLIENT_SSL;
                let mut packet = vec![32, 0, 0, sequence];
                packet.extend_from_slice(&preamble(wanted));
                tcp.write_all(&packet).await?;
                sequence += 1;
                Box::new(tls::encrypt(config, &login.host, tcp).await.map_err(MysqlFault::Tls)?)
            }
            Some(_) if !login.optional => {
                return Err(MysqlFault::Tls(io::Error::other("the server does not offer TLS")));
            }
            _ => Box::new(tcp),
        };
        let mut wire = Self::new(stream);
        (wire.id, wire.sequence, wire.busy) = (greeting.id, sequence, true);
        wire.short_ends = wanted.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF);
        let plugin = match AuthPlugin::from_bytes(&greeting.plugin) {
            AuthPlugin::CachingSha2Password => AuthPlugin::CachingSha2Password,
            _ => AuthPlugin::MysqlNativePassword,
        };
        let proof = plugin.gen_data(login.password.as_deref(), &greeting.nonce);
        let proof = proof.as_deref().unwrap_or_default();
        let mut answer = preamble(wanted);
        answer.extend_from_slice(login.user.as_bytes());
        answer.extend_from_slice(&[0, u8::try_from(proof.len()).unwrap_or_default()]);
        answer.extend_from_slice(proof);
        if let Some(database) = &login.database {
            answer.extend_from_slice(database.as_bytes());
            answer.push(0);
        }
        answer.extend_from_slice(plugin.as_bytes());
        answer.push(0);
        wire.write(&answer).await?;
        wire.sign_in(login, plugin, greeting.nonce, encrypts).await?;
        Ok(wire)
    }

    /// Responds to the server's authentication requests until it accepts.
    async fn sign_in(
        &mut self,
        login: &MysqlLogin,
        mut plugin: AuthPlugin<'static>,
        mut nonce: Vec<u8>,
        encrypted: bool,
    ) -> Result<(), MysqlFault> {
        let password = login.password.as_deref();
        let mut switched = false;
        for _ in 0..STEPS {
            let packet = self.word().await?;
            match (packet.first(), packet.get(1)) {
                (Some(0), _) => return self.done(&packet).map(drop),
                (Some(0xFF), _) => return Err(self.refused(&packet)),
                (Some(0xFE), Some(_)) if !switched => {
                    switched = true;
                    let mut reader = PacketReader::new(&packet[1..]);
                    plugin = known(reader.name())?;
                    nonce = reader.rest().strip_suffix(&[0]).unwrap_or(reader.rest()).to_vec();
                    if nonce.len() != NONCE {
                        return Err(garbled());
                    }
                    let proof = plugin.gen_data(password, &nonce);
                    self.write(proof.as_ref().map_or(&[][..], |proof: &AuthPluginData<'_>| proof)).await?;
                }
                (Some(0xFE), _) => {
                    return Err(MysqlFault::Authentication(
                        "the server requires the old password format, which is not supported".to_owned(),
                    ));
                }
                (Some(1), Some(3)) if plugin == AuthPlugin::CachingSha2Password => {}
                (Some(1), Some(4)) if plugin == AuthPlugin::CachingSha2Password => {
                    let mut secret = password.unwrap_or_default().as_bytes().to_vec();
                    secret.push(0);
                    if !encrypted {
                        secret = self.sealed(secret, &nonce).await?;
                    }
                    self.write(&secret).await?;
                }
                _ => return Err(garbled()),
            }
        }
        Err(MysqlFault::Authentication("the server did not finish authentication".to_owned()))
    }

    /// Encrypts the password with the server's public key.
    async fn sealed(&mut self, mut secret: Vec<u8>, nonce: &[u8]) -> Result<Vec<u8>, MysqlFault> {
        self.write(&[2]).await?;
        let packet = self.word().await?;
        let key = match packet.split_first() {
            Some((1, key)) if key.len() <= KEY => key.to_vec(),
            Some((0xFF, _)) => return Err(self.refused(&packet)),
            _ => return Err(garbled()),
        };
        secret.iter_mut().zip(nonce.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        // it panics for invalid keys, and takes long for some
        let sealed = tokio::task::spawn_blocking(move || crypto::encrypt(&secret, &key)).await;
        sealed.map_err(|_| MysqlFault::Authentication("the server's public key is not valid".to_owned()))
    }
}

/// Reads the greeting and not a byte more, because TLS may follow. Also returns the number of the next packet.
async fn greet(tcp: &mut TcpStream) -> Result<(Greeting, u8), MysqlFault> {
    use tokio::io::AsyncReadExt;
    let mut header = [0; 4];
    tcp.read_exact(&mut header).await?;
    let length = usize::from(header[0]) | usize::from(header[1]) << 8;
    if header[2] != 0 {
        return Err(garbled());
    }
    let mut packet = vec![0; length];
    tcp.read_exact(&mut packet).await?;
    if packet.first() == Some(&0xFF) {
        let code = packet.get(1..3).map_or(0, |code| u16::from_le_bytes([code[0], code[1]]));
        let text = lossy(packet.get(3..).unwrap_or_default());
        let message = text.strip_prefix('#').and_then(|rest| rest.get(5..)).map_or(text.clone(), str::to_owned);
        return Err(MysqlFault::Refused(super::MysqlError { code, state: "HY000".to_owned(), message }));
    }
    let greeting = read_greeting(&packet).ok_or_else(garbled)?;
    Ok((greeting, header[3].wrapping_add(1)))
}

fn read_greeting(packet: &[u8]) -> Option<Greeting> {
    let mut reader = PacketReader::new(packet);
    if reader.byte()? != 10 {
        return None;
    }
    reader.name();
    let id = reader.long()?;
    let mut nonce = reader.take(8)?.to_vec();
    reader.byte()?;
    let low = reader.short()?;
    reader.take(3)?;
    let high = reader.short()?;
    let length = reader.byte()?;
    reader.take(10)?;
    let capabilities = CapabilityFlags::from_bits_truncate(u32::from(low) | u32::from(high) << 16);
    if !capabilities.contains(CapabilityFlags::CLIENT_PROTOCOL_41 | CapabilityFlags::CLIENT_SECURE_CONNECTION) {
        return None;
    }
    nonce.extend_from_slice(reader.take(usize::from(length).saturating_sub(8).max(13))?);
    nonce.resize(NONCE, 0);
    Some(Greeting { id, nonce, capabilities, plugin: reader.name().to_vec() })
}

/// Returns the capabilities to announce. Files are never sent, but a server's request for one must be recognized. An
/// update counts the rows that it found, as other databases do, not only those with other values than before.
fn wanted(login: &MysqlLogin) -> CapabilityFlags {
    let database =
        login.database.as_ref().map_or_else(CapabilityFlags::empty, |_| CapabilityFlags::CLIENT_CONNECT_WITH_DB);
    database
        | CapabilityFlags::CLIENT_PROTOCOL_41
        | CapabilityFlags::CLIENT_SECURE_CONNECTION
        | CapabilityFlags::CLIENT_LONG_PASSWORD
        | CapabilityFlags::CLIENT_FOUND_ROWS
        | CapabilityFlags::CLIENT_TRANSACTIONS
        | CapabilityFlags::CLIENT_LOCAL_FILES
        | CapabilityFlags::CLIENT_MULTI_RESULTS
        | CapabilityFlags::CLIENT_PS_MULTI_RESULTS
        | CapabilityFlags::CLIENT_DEPRECATE_EOF
        | CapabilityFlags::CLIENT_PLUGIN_AUTH
}

/// Returns the first part of the response to the greeting.
fn preamble(capabilities: CapabilityFlags) -> Vec<u8> {
    let mut out = capabilities.bits().to_le_bytes().to_vec();
    out.extend_from_slice(&u32::try_from(super::ROW).unwrap_or(u32::MAX).to_le_bytes());
    out.push(CHARSET);
    out.extend_from_slice(&[0; 23]);
    out
}

/// Returns a supported authentication method by its name.
fn known(name: &[u8]) -> Result<AuthPlugin<'static>, MysqlFault> {
    match AuthPlugin::from_bytes(name) {
        AuthPlugin::CachingSha2Password => Ok(AuthPlugin::CachingSha2Password),
        AuthPlugin::MysqlNativePassword => Ok(AuthPlugin::MysqlNativePassword),
        AuthPlugin::MysqlOldPassword => Err(MysqlFault::Authentication(
            "the server requires the old password format, which is not supported".to_owned(),
        )),
        AuthPlugin::MysqlClearPassword => Err(MysqlFault::Authentication(
            "the server requires the password in clear text, which is not allowed".to_owned(),
        )),
        other => {
            let name = lossy(other.as_bytes());
            Err(MysqlFault::Authentication(format!("the server requires an unsupported authentication method: {name}")))
        }
    }
}
