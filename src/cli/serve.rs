//! `jet-admin serve`: runs the server until a signal stops it.
use super::{
    DatabaseOption, DirectoryOption, FilesOption,
    log::{self, LogFormat},
    runtime, say,
    signals::Signals,
    storage::Storage,
};
use crate::{
    Result,
    auth::Signup,
    caller::{Hosts, Proxies},
    demo,
    server::{Server, ServerConfig, listening_address, local_url},
    store::Durability,
};
use clap::{Args, builder::BoolishValueParser};
use ipnet::IpNet;
use std::{path::PathBuf, time::Duration};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

#[derive(Args)]
pub(super) struct Serve {
    /// Address to listen on: host:port, a port on this machine only (4000), or a port on all addresses (:4000); port 0
    /// picks a free port.
    #[arg(long, env = "JET_ADMIN_LISTEN", default_value = "127.0.0.1:4000", value_name = "ADDRESS", value_parser = listening_address)]
    listen: String,
    #[command(flatten)]
    place: DirectoryOption,
    #[command(flatten)]
    database: DatabaseOption,
    #[command(flatten)]
    files: FilesOption,
    /// Size in MiB of the copies of those files that this server keeps in its data directory.
    #[arg(long, env = "JET_ADMIN_FILES_CACHE", default_value_t = 1024, value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..=16_777_216))]
    files_cache: u64,
    /// Create a sample tenant, in a temporary data directory unless one is given.
    #[arg(long, env = "JET_ADMIN_DEMO", value_parser = BoolishValueParser::new())]
    demo: bool,
    /// Open the admin UI in the browser.
    #[arg(long, env = "JET_ADMIN_OPEN", value_parser = BoolishValueParser::new())]
    open: bool,
    /// What an acknowledged write survives: a power failure (full) or a crash of the process (normal).
    #[arg(long, env = "JET_ADMIN_DURABILITY", value_enum, default_value_t = Durability::Full)]
    durability: Durability,
    /// Public URL of the server, used in links; derived from the listening address by default.
    #[arg(long, env = "JET_ADMIN_PUBLIC_URL", value_name = "URL", value_parser = web_address)]
    public_url: Option<String>,
    /// Who may create an account; by default anyone until there is an account, then only with an invitation.
    #[arg(long, env = "JET_ADMIN_SIGNUP", value_enum)]
    signup: Option<Signup>,
    /// Accept ID tokens of this Firebase project.
    #[arg(long, env = "JET_ADMIN_FIREBASE_PROJECT", value_name = "ID")]
    firebase_project: Option<String>,
    /// URL of that project's public keys (a JSON Web Key Set).
    #[arg(long, env = "JET_ADMIN_FIREBASE_KEYS_URL", value_name = "URL", requires = "firebase_project")]
    firebase_keys_url: Option<String>,
    /// Accept ID tokens of this OIDC issuer.
    #[arg(long, env = "JET_ADMIN_OIDC_ISSUER", value_name = "URL", requires = "oidc_audience")]
    oidc_issuer: Option<String>,
    /// Audience (client ID) that those tokens must have.
    #[arg(long, env = "JET_ADMIN_OIDC_AUDIENCE", value_name = "ID", requires = "oidc_issuer")]
    oidc_audience: Option<String>,
    /// Key that seals datasource secrets and secret variables (32 bytes as hexadecimal digits or base64), instead of
    /// the key file.
    #[arg(long, env = "JET_ADMIN_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    secret_key: Option<String>,
    /// Whether datasources may reach private networks and this machine; by default only in a demo that listens on
    /// loopback.
    #[arg(long, env = "JET_ADMIN_ALLOW_PRIVATE_NETWORK", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    allow_private_network: Option<bool>,
    /// Proxy whose X-Forwarded-For header is trusted, as an address or a network; may be given more than once.
    #[arg(long, env = "JET_ADMIN_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = Proxies::parse)]
    trusted_proxy: Vec<IpNet>,
    /// Host name that the server accepts, in addition to its own and that of the public URL; `*` for any.
    #[arg(long, env = "JET_ADMIN_ALLOW_HOST", value_name = "HOST", value_delimiter = ',', value_parser = Hosts::parse)]
    allow_host: Vec<String>,
    /// Origin whose pages may call the API with a token, such as `https://app.example.com`; may be given more than
    /// once.
    #[arg(long, env = "JET_ADMIN_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    allow_origin: Vec<String>,
    /// Maximum number of open connections; by default half of the number of files that the process may open.
    #[arg(long, env = "JET_ADMIN_MAX_CONNECTIONS", value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections: Option<u32>,
    /// Folder whose database files the datasources of all tenants may open; may be given more than once.
    #[arg(long, env = "JET_ADMIN_OPEN_FOLDER", value_name = "DIR", value_delimiter = ':')]
    open_folder: Vec<PathBuf>,
    /// Maximum size of an uploaded file in MiB.
    #[arg(long, env = "JET_ADMIN_MAX_UPLOAD", default_value_t = 100, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=2048))]
    max_upload: u64,
    /// SMTP server for email: smtp://user:password@host:port or smtps://; `?tls=` sets encryption to required,
    /// opportunistic or none.
    #[arg(long, env = "JET_ADMIN_SMTP_URL", hide_env_values = true, value_name = "URL", requires = "mail_from")]
    smtp_url: Option<String>,
    /// Sender of that email, such as `Jet <jet@example.com>`.
    #[arg(long, env = "JET_ADMIN_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Seconds that requests and steps may take to finish after the signal to stop.
    #[arg(long, env = "JET_ADMIN_SHUTDOWN_GRACE", default_value_t = 10, value_name = "SECONDS")]
    shutdown_grace: u64,
    #[command(flatten)]
    storage: Storage,
    /// Maximum number of runs at the same time; others wait.
    #[arg(long, env = "JET_ADMIN_MAX_RUNS", default_value_t = 512, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_runs: u32,
    /// Memory in MiB that requests, responses and runs may use at the same time; beyond that, callers are asked to
    /// retry.
    #[arg(long, env = "JET_ADMIN_MEMORY_MIB", default_value_t = 256, value_name = "MIB", value_parser = clap::value_parser!(u32).range(64..=65_536))]
    memory_mib: u32,
    /// Maximum number of scripts at the same time, each in a process of up to 96 MiB; others wait.
    #[arg(long, env = "JET_ADMIN_MAX_SCRIPTS", default_value_t = 4, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(2..=64))]
    max_scripts: u32,
    /// Format of the log.
    #[arg(long, env = "JET_ADMIN_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// Log level, such as `info`, `debug` or `jet_admin=debug,warn`.
    #[arg(long, env = "JET_ADMIN_LOG_LEVEL", default_value = "info", value_name = "LEVEL", value_parser = log_filter)]
    log_level: EnvFilter,
}

impl Serve {
    pub(super) fn run(self) -> Result<()> {
        log::start(self.log_level.clone(), self.log_format);
        let runtime = runtime()?;
        let served = runtime.block_on(self.serve());
        // do not wait for threads that are blocked on a disk or a name lookup
        runtime.shutdown_background();
        served
    }

    async fn serve(self) -> Result<()> {
        // before the server announces itself: a signal may follow immediately
        let mut stop = Signals::new()?;
        let temporary = if self.demo && self.place.data_dir.is_none() { Some(tempfile::tempdir()?) } else { None };
        let data_dir = match &temporary {
            Some(folder) => folder.path().join("data"),
            None => self.place.path()?,
        };
        let config = ServerConfig {
            listen: self.listen,
            durability: self.durability,
            database: self.database.url()?,
            database_connections: self.database.database_connections,
            files: self.files.address()?,
            files_cache: self.files_cache << 20,
            public_url: self.public_url,
            signup: self.signup,
            firebase_project: self.firebase_project,
            firebase_keys_url: self.firebase_keys_url,
            oidc_issuer: self.oidc_issuer,
            oidc_audience: self.oidc_audience,
            secret_key: self.secret_key,
            allow_private_network: self.allow_private_network,
            trusted_proxies: self.trusted_proxy,
            allow_hosts: self.allow_host,
            allow_origins: self.allow_origin,
            max_connections: self.max_connections.map(|most| most as usize),
            open_folders: self.open_folder,
            max_upload: self.max_upload << 20,
            smtp_url: self.smtp_url,
            mail_from: self.mail_from,
            demo: self.demo,
            shutdown_grace: Duration::from_secs(self.shutdown_grace.min(3600)),
            keep: self.storage.keep(),
            quotas: self.storage.quotas(),
            quarantine: self.storage.quarantine(),
            min_free: self.storage.min_free(),
            max_runs: self.max_runs as usize,
            memory: (self.memory_mib as usize) << 20,
            max_scripts: self.max_scripts as usize,
            ..ServerConfig::new(data_dir)
        };
        let places = places(&config, temporary.is_some());
        let server = Server::start(config).await?;
        say(&format!("jet-admin {} · data in {places}", env!("CARGO_PKG_VERSION")));
        announce(&server, self.demo, self.open);
        stop.next().await;
        tracing::info!("stopping");
        let hurry = server.hurry();
        tokio::spawn(async move {
            stop.next().await;
            tracing::info!("second signal: stopping without waiting for requests and steps");
            hurry.cancel();
        });
        server.stop().await
    }
}

/// Says where the data is.
fn places(config: &ServerConfig, is_temporary: bool) -> String {
    let kept = if is_temporary { " (deleted when the server stops)" } else { "" };
    let database = config.database.as_ref().map_or_else(String::new, |url| format!(" and {url}"));
    let files = config.files.as_ref().map_or_else(String::new, |address| format!(", files in {address}"));
    format!("{}{kept}{database}{files}", config.data_dir.display())
}

/// Prints where the server listens, and opens it in a browser if requested.
fn announce(server: &Server, demo: bool, open: bool) {
    if let Some(account) = demo::accounts().first().filter(|_| demo) {
        say(&format!("sign in as {} with the password {}", account.email, account.password));
    }
    let url = local_url(server.address);
    if server.address.ip().is_unspecified() {
        say("accepting connections on all addresses of this machine");
    }
    say(&format!("listening on {url}"));
    if open {
        let _ = open::that_detached(&url);
    }
}

/// Parses a level, or levels by module. A word that is not a level is rejected, because `EnvFilter` would take it for
/// the name of a module and log nothing else.
fn log_filter(text: &str) -> Result<EnvFilter, String> {
    let lone = text.split(',').map(str::trim).filter(|part| !part.contains('='));
    match lone.into_iter().find(|part| part.parse::<LevelFilter>().is_err()) {
        Some(part) => Err(format!("`{part}` is not a log level: use off, error, warn, info, debug or trace")),
        None => EnvFilter::try_new(text).map_err(|error| error.to_string()),
    }
}

/// Parses an http or https URL and returns it in normal form, without a trailing slash.
fn web_address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.query().is_none() && url.fragment().is_none());
    let url = url.ok_or("must be the http or https URL of this server, such as https://admin.example.com")?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Parses an origin and returns it in the form that browsers send.
fn origin(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let bare = url.filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none());
    let bare = bare.ok_or("must be a scheme and a host such as https://app.example.com; `*` is not supported")?;
    Ok(bare.origin().ascii_serialization())
}
