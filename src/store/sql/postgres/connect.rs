//! Connects to a PostgreSQL server.
use super::{PgSession, wait::wait};
use crate::{
    Error, Result,
    store::sql::{SqlError, SqlResult},
};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject};
use std::{
    fmt, io,
    path::Path,
    str::FromStr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::form_urlencoded;

const CONNECTING: Duration = Duration::from_secs(3);
/// After which a connection without any answer from the network is closed.
const SILENCE: Duration = Duration::from_secs(10);

/// Drives the connections, so that statements can wait on any thread.
static CONNECTIONS: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("store-network").enable_all().build()
});

/// The address of a database, with what the connections to it need.
#[derive(Clone)]
pub struct PostgresUrl {
    config: Config,
    /// How the server's certificate is verified; `None` without encryption.
    tls: Option<MakeRustlsConnect>,
    keeps_prepared: bool,
    shown: String,
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Shows the server and the database, without the user and the password.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What is ours in the query part of the URL. The rest is for the driver.
#[derive(Default)]
struct UrlOptions {
    mode: Option<String>,
    authority: Option<String>,
    prepare: Option<String>,
}

impl PostgresUrl {
    /// Returns whether connections keep prepared statements from one transaction to the next.
    pub fn keeps_prepared(&self) -> bool {
        self.keeps_prepared
    }

    /// Returns the same address, with prepared statements that are kept, or not.
    #[must_use]
    pub fn with_prepared(&self, keeps_prepared: bool) -> Self {
        Self { keeps_prepared, ..self.clone() }
    }
}

impl FromStr for PostgresUrl {
    type Err = Error;

    /// Parses a URL such as `postgres://user:password@host:5432/database?sslmode=verify-full`.
    fn from_str(text: &str) -> Result<Self> {
        let refused = |why: &str| Error::conflict(format!("the database URL {why}"));
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(refused("must start with postgres://"));
        }
        // several hosts with ports are no URL for other parsers
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (options, rest) = own_options(query);
        let mut config = Config::from_str(&format!("{address}?{rest}")).map_err(|error| {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            refused(&format!("cannot be used: {why}"))
        })?;
        if config.get_hosts().is_empty() {
            return Err(refused("has no host: postgres://user:password@host/database"));
        }
        if config.get_dbname().is_none() {
            return Err(refused("names no database: postgres://user:password@host/database"));
        }
        let tls = options.tls(config.get_hosts().iter().all(is_here)).map_err(|why| refused(&why))?;
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(CONNECTING).tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        if config.get_application_name().is_none() {
            config.application_name("jet-admin");
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let keeps_prepared = match options.prepare.as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(_) => return Err(refused("has an unknown value of `prepare`: use on or off")),
        };
        let shown = shown(&config);
        Ok(Self { config, tls, keeps_prepared, shown })
    }
}

/// Takes our own options out of the query part of a URL.
fn own_options(query: &str) -> (UrlOptions, String) {
    let mut options = UrlOptions::default();
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        match &*name {
            "sslmode" => options.mode = Some(value),
            "sslrootcert" => options.authority = Some(value),
            "prepare" => options.prepare = Some(value),
            // the driver takes a plus sign literally
            _ => _ = rest.append_pair(&name, &value),
        }
    }
    (options, rest.finish().replace('+', "%20"))
}

impl UrlOptions {
    /// Certificates are always verified: a connection that is encrypted for somebody else protects nothing.
    fn tls(&self, is_here: bool) -> Result<Option<MakeRustlsConnect>, String> {
        match self.mode.as_deref() {
            Some("disable") => return Ok(None),
            None if is_here && self.authority.is_none() => return Ok(None),
            None | Some("require" | "verify-ca" | "verify-full") => {}
            Some(_) => return Err("has an unknown value of `sslmode`: use disable or verify-full".to_owned()),
        }
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = &self.authority {
            roots = RootCertStore::empty();
            let certificates = CertificateDer::pem_file_iter(Path::new(path))
                .map_err(|error| format!("names the certificate authority {path}, which cannot be read: {error}"))?;
            for certificate in certificates {
                let added = certificate.map_err(|error| error.to_string());
                added
                    .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()))
                    .map_err(|error| format!("names {path}, which is no certificate: {error}"))?;
            }
        }
        Ok(Some(MakeRustlsConnect::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())))
    }
}

/// Returns whether a host is this machine, so that nobody can listen in between.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn shown(config: &Config) -> String {
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let port = config.get_ports().get(at).or(config.get_ports().first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("postgres://{hosts}/{}", config.get_dbname().unwrap_or_default())
}

/// Opens connections for a pool.
#[derive(Clone, Debug)]
pub struct ConnectPostgres {
    pub url: PostgresUrl,
    /// Set when the store is closed: connections are discarded, and no new ones are opened.
    pub closed: Arc<AtomicBool>,
}

impl ConnectPostgres {
    pub fn new(url: PostgresUrl) -> Self {
        Self { url, closed: Arc::default() }
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// If the server cannot be reached or refuses the user.
    pub fn open(&self) -> SqlResult<PgSession> {
        let Ok(runtime) = &*CONNECTIONS else { return Err(SqlError::Silent) };
        let connecting = runtime.spawn(connect(self.url.clone()));
        let client = wait(connecting, CONNECTING * 2).ok_or(SqlError::Silent)?;
        Ok(PgSession::new(client.map_err(|_| SqlError::Silent)??, self.url.keeps_prepared))
    }
}

async fn connect(url: PostgresUrl) -> SqlResult<Client> {
    // its errors reach those who wait for its answers
    Ok(match url.tls {
        None => {
            let (client, connection) = url.config.connect(NoTls).await?;
            tokio::spawn(connection);
            client
        }
        Some(tls) => {
            let (client, connection) = url.config.connect(tls).await?;
            tokio::spawn(connection);
            client
        }
    })
}

impl r2d2::ManageConnection for ConnectPostgres {
    type Connection = PgSession;
    type Error = SqlError;

    fn connect(&self) -> SqlResult<PgSession> {
        if self.closed.load(Ordering::Acquire) {
            return Err(SqlError::Silent);
        }
        self.open()
    }
    fn is_valid(&self, session: &mut PgSession) -> SqlResult<()> {
        session.execute_batch("")
    }
    fn has_broken(&self, session: &mut PgSession) -> bool {
        session.is_broken() || self.closed.load(Ordering::Acquire)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_credentials() {
        let url: PostgresUrl = "postgres://jet:s3cret@db.example:5433/tools?sslmode=disable".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5433/tools");
        assert_eq!(format!("{url:?}"), "postgres://db.example:5433/tools");
    }

    #[test]
    fn several_hosts_are_tried_each_with_its_port() {
        let url: PostgresUrl =
            "postgres://jet:s3%20cret@one.example:5433,two.example:5434/tools?options=-c%20geqo%3Doff".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://one.example:5433,two.example:5434/tools");
        assert_eq!(url.config.get_password(), Some(&b"s3 cret"[..]));
        assert_eq!(url.config.get_options(), Some("-c geqo=off"));
        assert_eq!(url.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn certificates_are_verified_except_on_this_machine() {
        let is_encrypted = |text: &str| text.parse::<PostgresUrl>().unwrap().tls.is_some();
        assert!(is_encrypted("postgres://jet@db.example/tools"));
        assert!(is_encrypted("postgres://jet@127.0.0.1/tools?sslmode=verify-full"));
        assert!(!is_encrypted("postgres://jet@127.0.0.1/tools"));
        assert!(!is_encrypted("postgres://jet@localhost/tools?prepare=off"));
        assert!(!is_encrypted("postgres://jet@db.example/tools?sslmode=disable"));
    }

    #[test]
    fn a_wrong_url_is_refused_with_what_is_wrong() {
        for (text, expected) in [
            ("mysql://jet@db.example/tools", "must start with postgres://"),
            ("tools", "must start with postgres://"),
            ("postgres://jet:s3cret@db.example:port/tools", "cannot be used"),
            ("postgres://jet@db.example", "names no database"),
            ("postgres://jet@db.example/tools?sslmode=prefer", "`sslmode`: use disable or verify-full"),
            ("postgres://jet@db.example/tools?sslrootcert=/none.pem", "/none.pem, which cannot be read"),
            ("postgres://jet@db.example/tools?prepare=no", "use on or off"),
            ("postgres://jet:s3cret@db.example/tools?color=red", "color"),
        ] {
            let refused = text.parse::<PostgresUrl>().unwrap_err().to_string();
            assert!(refused.contains(expected), "{text}: {refused}");
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }
}
