//! Starts and stops the server, for production and for tests.
mod accept;
mod address;
mod assembly;
mod base;
mod connections;
mod pulse;

pub use address::{listening_address, local_url};
pub use connections::ConnectionTimeouts;

use crate::{
    Error, Result, api,
    auth::Signup,
    caller::Proxies,
    connect::{ObjectAddress, ObjectStorage},
    data_dir::DataDir,
    demo, housekeeping,
    quota::{FreeSpace, QuotaLimits},
    script,
    store::{Durability, PostgresUrl, RetentionLimits},
    ui,
};
use assembly::assemble;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use connections::ConnectionLimits;
use ipnet::IpNet;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::Layer;
use tower_http::{normalize_path::NormalizePathLayer, set_header::SetResponseHeaderLayer};

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub listen: String,
    pub data_dir: PathBuf,
    pub durability: Durability,
    /// The database server; without it, the databases are files in the data directory.
    pub database: Option<PostgresUrl>,
    /// The number of connections to it.
    pub database_connections: u32,
    /// Storage for uploaded files that several servers share; without it, they are in the data directory.
    pub files: Option<ObjectAddress>,
    /// How many bytes of those files are kept in the data directory.
    pub files_cache: u64,
    /// The public URL of the server; derived from the listening address if absent.
    pub public_url: Option<String>,
    pub signup: Option<Signup>,
    pub firebase_project: Option<String>,
    pub firebase_keys_url: Option<String>,
    pub oidc_issuer: Option<String>,
    pub oidc_audience: Option<String>,
    /// 32 bytes as hexadecimal digits or base64, instead of the key file.
    pub secret_key: Option<String>,
    /// Whether datasources may reach private networks; if absent, only in a demo that listens on loopback.
    pub allow_private_network: Option<bool>,
    /// Proxies whose `X-Forwarded-For` header is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API with a token.
    pub allow_origins: Vec<String>,
    /// Host names that the server accepts, in addition to its own; `*` for any.
    pub allow_hosts: Vec<String>,
    /// The maximum number of connections; if absent, derived from the number of files that the process may open.
    pub max_connections: Option<usize>,
    /// Timeouts of connections.
    pub patience: ConnectionTimeouts,
    /// Folders outside the data directory whose files datasources may open.
    pub open_folders: Vec<PathBuf>,
    /// The maximum size of an uploaded file in bytes.
    pub max_upload: u64,
    /// The URL of the SMTP server; without it, no email is sent. Requires `mail_from`.
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    /// Whether to create the sample tenant.
    pub demo: bool,
    /// How long requests and steps may take to finish after the signal to stop.
    pub shutdown_grace: Duration,
    /// Which runs, query executions and audit entries are kept.
    pub keep: RetentionLimits,
    /// The quotas of each tenant.
    pub quotas: QuotaLimits,
    /// How long, and up to how many bytes, the quarantine keeps what clean-up removed.
    pub quarantine: housekeeping::Quarantining,
    /// Free disk space in bytes below which tenants cannot add data.
    pub min_free: u64,
    /// Reads the free disk space; replaced in tests.
    pub free_space: FreeSpace,
    /// The maximum number of runs at the same time.
    pub max_runs: usize,
    /// Memory in bytes that requests, responses and runs may use at the same time.
    pub memory: usize,
    /// How long a webhook request waits for its run at most.
    pub hook_patience: Duration,
    /// The maximum number of scripts at the same time, each in its own process.
    pub max_scripts: usize,
    /// The program that runs scripts; if absent, this executable.
    pub script_worker: Option<PathBuf>,
}

impl ServerConfig {
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: "127.0.0.1:4000".to_owned(),
            data_dir,
            durability: Durability::Full,
            database: None,
            database_connections: 20,
            files: None,
            files_cache: 1 << 30,
            public_url: None,
            signup: None,
            firebase_project: None,
            firebase_keys_url: None,
            oidc_issuer: None,
            oidc_audience: None,
            secret_key: None,
            allow_private_network: None,
            trusted_proxies: Vec::new(),
            allow_origins: Vec::new(),
            allow_hosts: Vec::new(),
            max_connections: None,
            patience: ConnectionTimeouts::default(),
            open_folders: Vec::new(),
            max_upload: 100 << 20,
            smtp_url: None,
            mail_from: None,
            shutdown_grace: Duration::from_secs(10),
            keep: RetentionLimits::default(),
            quotas: QuotaLimits::default(),
            quarantine: housekeeping::Quarantining::default(),
            min_free: 512 << 20,
            free_space: FreeSpace::default(),
            max_runs: 512,
            memory: 256 << 20,
            hook_patience: Duration::from_mins(1),
            max_scripts: script::ScriptLimits::default().concurrent,
            script_worker: None,
            demo: false,
        }
    }
}

/// Reaches the file storage before anything is opened or created.
///
/// # Errors
/// `Conflict`, with why it cannot be used and what to do.
async fn reach_storage(config: &ServerConfig) -> Result<Option<Arc<ObjectStorage>>> {
    let Some(address) = &config.files else { return Ok(None) };
    if config.database.is_none() {
        return Err(Error::conflict(
            "--files requires --database: only servers with a common database share files; without one, files are in the \
             data directory, and part of its backups",
        ));
    }
    let storage = ObjectStorage::new(address.clone())?;
    storage.is_empty().await?;
    Ok(Some(Arc::new(storage)))
}

/// How long changes may take to finish at shutdown if their connections have closed.
const LAST: Duration = Duration::from_secs(5);

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub app: api::App,
    /// Held until the databases are closed.
    dir: DataDir,
    stop: CancellationToken,
    /// Closes the remaining connections after the grace period.
    abort: CancellationToken,
    grace: Duration,
    /// Ends the grace period at once.
    hurry: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    /// Opens the data directory, binds the address and starts serving.
    ///
    /// # Errors
    /// If the directory is in use or unreadable, or the address cannot be bound; the message is for the operator.
    pub async fn start(config: ServerConfig) -> Result<Self> {
        let storage = reach_storage(&config).await?;
        let dir = DataDir::open(&config.data_dir)?;
        let listener = connections::listen(&config.listen)
            .await
            .map_err(|error| Error::conflict(format!("cannot listen on {}: {error}", config.listen)))?;
        let address = listener.local_addr()?;
        let (grace, demo, keep, quarantine) =
            (config.shutdown_grace, config.demo, config.keep, (dir.quarantine(), config.quarantine));
        let proxies = Proxies::new(config.trusted_proxies.clone());
        let options = (ConnectionLimits::new(config.max_connections), config.patience, proxies);
        let app = tokio::task::spawn_blocking(move || assemble(&config, &dir, address, storage).map(|app| (app, dir)));
        let (app, dir) = app.await??;
        app.uploads.prepare().await?;
        app.executor.renew_seals().await?;
        app.store.renew_forms(crate::connect::changes_data).await?;
        app.removal.resume().await?;
        app.runner.join().await?;
        if demo {
            // a run with a concurrency limit starts on a server that has joined the others
            let service = format!("http://127.0.0.1:{}{}", address.port(), api::sample::PATH);
            demo::fill(&app, &dir.files(), service).await?;
        }
        app.runner.run()?;
        app.schedules.run();
        let stop = CancellationToken::new();
        let abort = CancellationToken::new();
        let service = NormalizePathLayer::trim_trailing_slash().layer(router(app.clone()));
        let service = base::below(Arc::from(app.identity.base()), service);
        tokio::spawn(housekeeping::run(Arc::clone(&app.store), Arc::clone(&app.uploads), keep, stop.clone()));
        tokio::spawn(housekeeping::keep_marks(Arc::clone(&app.store), quarantine, stop.clone()));
        tokio::spawn(Arc::clone(&app.store.quotas().disk).watch(stop.clone()));
        let (tokens, shield) = ((stop.clone(), abort.clone()), app.shield.clone());
        let serving = tokio::spawn(async move {
            // finish all requests, then the changes whose callers have gone away
            connections::serve(listener, service, options, tokens).await;
            shield.finish(LAST).await;
        });
        Ok(Self { address, app, dir, stop, abort, grace, hurry: CancellationToken::new(), serving })
    }

    /// Returns a token that, when cancelled during a stop, ends the wait for requests and steps.
    pub fn hurry(&self) -> CancellationToken {
        self.hurry.clone()
    }

    /// Accepts no more connections, lets requests finish within the grace period, closes the databases, and releases
    /// the data directory.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let (hurry, grace) = (self.hurry.clone(), self.grace);
        let served = async {
            tokio::select! {
                served = &mut self.serving => Some(served),
                () = tokio::time::sleep(grace) => None,
                () = hurry.cancelled() => None,
            }
        };
        let runner = &self.app.runner;
        let shut_down = async {
            tokio::select! {
                () = runner.shut_down(grace) => {}
                () = hurry.cancelled() => runner.shut_down(Duration::ZERO).await,
            }
        };
        // wait for both together: connections that follow runs stay open until the runner shuts down
        let (served, ()) = tokio::join!(served, shut_down);
        self.app.sandbox.close();
        let served = if let Some(served) = served {
            served
        } else {
            self.abort.cancel();
            self.serving.await
        };
        let store = Arc::clone(&self.app.store);
        tokio::task::spawn_blocking(move || store.close()).await?;
        // release the directory only after the databases are closed
        drop(self.dir);
        Ok(served?)
    }
}

/// Builds the router of the API and the UI, with the headers that every response has.
fn router(app: api::App) -> axum::Router {
    let no_sniff =
        SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let referrer =
        SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    api::router(app, async |State(app): State<api::App>, request: Request| {
        let path = request.uri().path();
        if api::edge::is_api(path) {
            return api::responses::problem::Problem::unknown_path().into_response();
        }
        let token = path.strip_prefix(ui::SHARE);
        let embedders = token.map(|token| api::dashboards::shared::embedders(&app, token)).unwrap_or_default();
        let page = ui::serve(&request, app.identity.base(), &embedders);
        page.unwrap_or_else(|| api::responses::problem::Problem::unknown_path().into_response())
    })
    .layer(no_sniff)
    .layer(referrer)
}
