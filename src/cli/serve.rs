//! `jet-admin serve`: runs the server until it is told to stop.
use super::{Place, runtime, say};
use crate::{
    Result,
    auth::Signup,
    demo,
    server::{Config, Server},
    store::{Durability, Keep},
};
use clap::{Args, ValueEnum, builder::BoolishValueParser};
use std::{io::IsTerminal, path::PathBuf, time::Duration};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

#[derive(Args)]
pub(super) struct Serve {
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, env = "JET_ADMIN_LISTEN", default_value = "127.0.0.1:4000", value_name = "ADDRESS")]
    listen: String,
    #[command(flatten)]
    place: Place,
    /// Fill in a sample tenant, in a temporary data directory unless one is given.
    #[arg(long, env = "JET_ADMIN_DEMO", value_parser = BoolishValueParser::new())]
    demo: bool,
    /// Open the admin UI in the browser.
    #[arg(long, env = "JET_ADMIN_OPEN", value_parser = BoolishValueParser::new())]
    open: bool,
    /// What an acknowledged write survives: a power failure (full) or the death of the process (normal).
    #[arg(long, env = "JET_ADMIN_DURABILITY", value_enum, default_value_t = Durability::Full)]
    durability: Durability,
    /// Where people reach the server, for links; from the listening address when absent.
    #[arg(long, env = "JET_ADMIN_PUBLIC_URL", value_name = "URL", value_parser = web_address)]
    public_url: Option<String>,
    /// Who may make an account; without it open until the first account, then by invitation.
    #[arg(long, env = "JET_ADMIN_SIGNUP", value_enum)]
    signup: Option<Signup>,
    /// Accept ID tokens of this Firebase project.
    #[arg(long, env = "JET_ADMIN_FIREBASE_PROJECT", value_name = "ID")]
    firebase_project: Option<String>,
    /// Where that project's keys are published (a JSON Web Key Set).
    #[arg(long, env = "JET_ADMIN_FIREBASE_KEYS_URL", value_name = "URL", requires = "firebase_project")]
    firebase_keys_url: Option<String>,
    /// Accept ID tokens of this OIDC issuer.
    #[arg(long, env = "JET_ADMIN_OIDC_ISSUER", value_name = "URL", requires = "oidc_audience")]
    oidc_issuer: Option<String>,
    /// The audience (client id) that those tokens must be for.
    #[arg(long, env = "JET_ADMIN_OIDC_AUDIENCE", value_name = "ID", requires = "oidc_issuer")]
    oidc_audience: Option<String>,
    /// The key that seals datasource secrets and secret variables (32 bytes as hexadecimal digits or base64), instead of the key file.
    #[arg(long, env = "JET_ADMIN_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    secret_key: Option<String>,
    /// Whether datasources may reach private networks and this machine; without it only when listening on loopback alone.
    #[arg(long, env = "JET_ADMIN_ALLOW_PRIVATE_NETWORK", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    allow_private_network: Option<bool>,
    /// A folder whose database files datasources of every tenant may open; may be given more than once.
    #[arg(long, env = "JET_ADMIN_OPEN_FOLDER", value_name = "DIR", value_delimiter = ':')]
    open_folder: Vec<PathBuf>,
    /// How many MiB one uploaded file may have.
    #[arg(long, env = "JET_ADMIN_MAX_UPLOAD", default_value_t = 100, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=2048))]
    max_upload: u64,
    /// The SMTP server for e-mail: smtp://user:password@host:port or smtps://; ?tls= says required, opportunistic or none.
    #[arg(long, env = "JET_ADMIN_SMTP_URL", hide_env_values = true, value_name = "URL", requires = "mail_from")]
    smtp_url: Option<String>,
    /// The sender of that e-mail, such as `Jet <jet@example.com>`.
    #[arg(long, env = "JET_ADMIN_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// How many seconds requests and steps may go on after the signal to stop.
    #[arg(long, env = "JET_ADMIN_SHUTDOWN_GRACE", default_value_t = 10, value_name = "SECONDS")]
    shutdown_grace: u64,
    /// How many days ended runs and executions of queries are remembered.
    #[arg(long, env = "JET_ADMIN_KEEP_DAYS", default_value_t = 90, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36500))]
    keep_days: u32,
    /// How many ended runs are remembered, the newest.
    #[arg(long, env = "JET_ADMIN_KEEP_RUNS", default_value_t = 1_000_000, value_name = "COUNT")]
    keep_runs: u64,
    /// How many MiB all runs may take on the disk; beyond that the oldest ended ones are forgotten.
    #[arg(long, env = "JET_ADMIN_KEEP_MIB", default_value_t = 10_240, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    keep_mib: u64,
    /// How many runs are executed at once; the others wait their turn.
    #[arg(long, env = "JET_ADMIN_MAX_RUNS", default_value_t = 512, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_runs: u32,
    /// How many MiB requests, answers and runs may hold at the same time; beyond that callers are asked to try again.
    #[arg(long, env = "JET_ADMIN_MEMORY_MIB", default_value_t = 256, value_name = "MIB", value_parser = clap::value_parser!(u32).range(64..=65_536))]
    memory_mib: u32,
    #[arg(long, env = "JET_ADMIN_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// Such as `info`, `debug` or `jet_admin=debug,warn`.
    #[arg(long, env = "JET_ADMIN_LOG_LEVEL", default_value = "info", value_name = "LEVEL", value_parser = log_filter)]
    log_level: EnvFilter,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Serve {
    pub(super) fn run(self) -> Result<()> {
        self.log();
        let runtime = runtime()?;
        let served = runtime.block_on(self.serve());
        // a script's builtin cannot be interrupted: its thread must not keep the process
        runtime.shutdown_background();
        served
    }

    fn log(&self) {
        let log = tracing_subscriber::fmt()
            .with_env_filter(self.log_level.clone())
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        match self.log_format {
            LogFormat::Text => log.init(),
            LogFormat::Json => log.json().init(),
        }
    }

    async fn serve(self) -> Result<()> {
        // from the start: whoever reads that it listens may tell it to stop at once
        let stop = told_to_stop()?;
        let temporary = if self.demo && self.place.data_dir.is_none() { Some(tempfile::tempdir()?) } else { None };
        let data_dir = match &temporary {
            Some(folder) => folder.path().join("data"),
            None => self.place.path()?,
        };
        let config = Config {
            listen: self.listen,
            durability: self.durability,
            public_url: self.public_url,
            signup: self.signup,
            firebase_project: self.firebase_project,
            firebase_keys_url: self.firebase_keys_url,
            oidc_issuer: self.oidc_issuer,
            oidc_audience: self.oidc_audience,
            secret_key: self.secret_key,
            allow_private_network: self.allow_private_network.or(self.demo.then_some(true)),
            open_folders: self.open_folder,
            max_upload: self.max_upload << 20,
            smtp_url: self.smtp_url,
            mail_from: self.mail_from,
            demo: self.demo,
            shutdown_grace: Duration::from_secs(self.shutdown_grace.min(3600)),
            keep: Keep { days: self.keep_days, runs: self.keep_runs, bytes: self.keep_mib << 20 },
            max_runs: self.max_runs as usize,
            memory: (self.memory_mib as usize) << 20,
            ..Config::new(data_dir.clone())
        };
        let server = Server::start(config).await?;
        let kept = if temporary.is_some() { ", gone when it stops" } else { "" };
        say(&format!("jet-admin {} · data in {}{kept}", env!("CARGO_PKG_VERSION"), data_dir.display()));
        if let Some(account) = demo::accounts().first().filter(|_| self.demo) {
            say(&format!("sign in as {} with the password {}", account.email, account.password));
        }
        let url = format!("http://{}", server.address);
        say(&format!("listening on {url}"));
        if self.open {
            let _ = open::that_detached(&url);
        }
        stop.await;
        tracing::info!("stopping");
        server.stop().await
    }
}

/// A level for everything, or levels by module. A lone word that is no level would be a module's name, and log nothing else.
fn log_filter(text: &str) -> Result<EnvFilter, String> {
    let lone = text.split(',').map(str::trim).filter(|part| !part.contains('='));
    match lone.into_iter().find(|part| part.parse::<LevelFilter>().is_err()) {
        Some(part) => Err(format!("`{part}` is no level: off, error, warn, info, debug or trace")),
        None => EnvFilter::try_new(text).map_err(|error| error.to_string()),
    }
}

/// An address that browsers can be sent to, in its normal form without a last slash.
fn web_address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.query().is_none() && url.fragment().is_none());
    let url = url.ok_or("must be the http or https address of this server, such as https://admin.example.com")?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Ends with SIGINT or SIGTERM, also with one that comes before it is waited for.
#[cfg(unix)]
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
