//! Puts the parts together: one door for production and for tests.
mod connections;
mod pulse;

pub use connections::Patience;

use crate::{
    Error, Result,
    api::{
        self,
        edge::{Edge, Hosts},
    },
    auth::{ExternalIssuer, Identity, Outbox, Signer, Signup},
    budget::Budget,
    caller::Proxies,
    connect::{Context, Files, Guard, Queries, http::Client, keep_temporary_files_in},
    data_dir::DataDir,
    demo,
    execute::Executor,
    housekeeping,
    lanes::Accounts,
    mail::{Letter, Mailer},
    model::Scope,
    quota::{DiskSpace, FreeSpace, QuotaLimits, Quotas},
    removal::Removal,
    runner::{
        self, Runner, Workflows,
        nodes::{Backend, Services},
        triggers::{Hooks, Schedules},
    },
    script::{self, Sandbox},
    store::{Durability, Keep, Remembered, Sealer, Store},
    ui,
    uploads::Uploads,
    variables::{Variables, Vars},
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use connections::Limits;
use ipnet::IpNet;
use serde_json::{Map, Value, json};
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tower::Layer;
use tower_http::{normalize_path::NormalizePathLayer, set_header::SetResponseHeaderLayer};
use uuid::Uuid;

/// How a server is to run.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: String,
    pub data_dir: PathBuf,
    pub durability: Durability,
    /// Where people reach it; from the listening address when absent.
    pub public_url: Option<String>,
    pub signup: Option<Signup>,
    pub firebase_project: Option<String>,
    pub firebase_keys_url: Option<String>,
    pub oidc_issuer: Option<String>,
    pub oidc_audience: Option<String>,
    /// 32 bytes as hexadecimal digits or base64, instead of the key file.
    pub secret_key: Option<String>,
    /// Whether datasources may reach private networks; when absent, only those of a demo on loopback.
    pub allow_private_network: Option<bool>,
    /// Proxies whose `X-Forwarded-For` says where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API with a token.
    pub allow_origins: Vec<String>,
    /// Host names that the server answers to besides its own; `*` for any.
    pub allow_hosts: Vec<String>,
    /// How many connections there may be; from the number of files that the process may open when absent.
    pub max_connections: Option<usize>,
    /// How long a connection may keep the server waiting.
    pub patience: Patience,
    /// Folders outside the data directory whose files datasources may open.
    pub open_folders: Vec<PathBuf>,
    /// How many bytes one uploaded file may have.
    pub max_upload: u64,
    /// Where e-mail is handed over, and whose it is; without them there is none.
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    /// Fill in the sample tenant.
    pub demo: bool,
    /// How long requests and steps may go on after the signal to stop.
    pub shutdown_grace: Duration,
    /// Which runs, and executions of queries, are remembered.
    pub keep: Keep,
    /// What one tenant may store.
    pub quotas: QuotaLimits,
    /// Bytes of free disk space below which tenants add no data, and what reads them.
    pub min_free: u64,
    pub free_space: FreeSpace,
    /// How many runs are executed at once.
    pub max_runs: usize,
    /// How many bytes requests, answers and runs may hold at the same time.
    pub memory: usize,
    /// How long the caller of a webhook waits for a run at most.
    pub hook_patience: Duration,
    /// How many scripts run at once, each in a process.
    pub max_scripts: usize,
    /// The program that is started for scripts; this process's own when absent.
    pub script_worker: Option<PathBuf>,
}

impl Config {
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: "127.0.0.1:4000".to_owned(),
            data_dir,
            durability: Durability::Full,
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
            patience: Patience::default(),
            open_folders: Vec::new(),
            max_upload: 100 << 20,
            smtp_url: None,
            mail_from: None,
            shutdown_grace: Duration::from_secs(10),
            keep: Keep::default(),
            quotas: QuotaLimits::default(),
            min_free: 512 << 20,
            free_space: FreeSpace::default(),
            max_runs: 512,
            memory: 256 << 20,
            hook_patience: Duration::from_mins(1),
            max_scripts: script::Limits::default().concurrent,
            script_worker: None,
            demo: false,
        }
    }
}

/// A server at work.
pub struct Server {
    pub address: SocketAddr,
    pub app: api::App,
    stop: CancellationToken,
    /// Ends the connections that are left after the grace period.
    abort: CancellationToken,
    grace: Duration,
    serving: JoinHandle<()>,
}

impl Server {
    /// Opens the data directory, binds the address and starts to answer.
    ///
    /// # Errors
    /// When the directory is in use or unreadable, or the address cannot be bound; the message is for the operator.
    pub async fn start(config: Config) -> Result<Self> {
        let dir = DataDir::open(&config.data_dir)?;
        let listener = TcpListener::bind(&config.listen)
            .await
            .map_err(|error| Error::conflict(format!("cannot listen on {}: {error}", config.listen)))?;
        let address = listener.local_addr()?;
        let (grace, demo, keep) = (config.shutdown_grace, config.demo, config.keep);
        let proxies = Proxies::new(config.trusted_proxies.clone());
        let options = (Limits::new(config.max_connections), config.patience, proxies);
        let app = tokio::task::spawn_blocking(move || assemble(&config, &dir, address).map(|app| (app, dir))).await?;
        let (app, dir) = app?;
        app.executor.renew_seals().await?;
        if demo {
            demo::fill(&app, &dir.files(), address).await?;
        }
        app.removal.resume().await?;
        app.runner.run()?;
        app.schedules.run();
        let stop = CancellationToken::new();
        let abort = CancellationToken::new();
        let service = NormalizePathLayer::trim_trailing_slash().layer(router(app.clone()));
        tokio::spawn(housekeeping::run(Arc::clone(&app.store), keep, stop.clone()));
        tokio::spawn(Arc::clone(&app.store.quotas().disk).watch(stop.clone()));
        let tokens = (stop.clone(), abort.clone());
        let serving = tokio::spawn(async move {
            // held until the last request is answered
            let _dir = dir;
            connections::serve(listener, service, options, tokens).await;
        });
        Ok(Self { address, app, stop, abort, grace, serving })
    }

    /// Takes no more connections, lets requests end within the grace period, and lets go of the data directory.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let served = tokio::time::timeout(self.grace, &mut self.serving);
        // together: followers hang on until the runner lets them go
        let (served, ()) = tokio::join!(served, self.app.runner.shut_down(self.grace));
        self.app.sandbox.close();
        if let Ok(served) = served {
            return Ok(served?);
        }
        self.abort.cancel();
        Ok(self.serving.await?)
    }
}

fn assemble(config: &Config, dir: &DataDir, address: SocketAddr) -> Result<api::App> {
    let disk = DiskSpace::new(dir.root(), config.min_free, config.free_space.clone());
    let quotas = Arc::new(Quotas::new(config.quotas.clone(), dir, disk));
    let store = Arc::new(Store::open(dir, config.durability, Arc::clone(&quotas))?);
    let secret_key = match &config.secret_key {
        Some(key) => key.clone().into_bytes(),
        None => dir.key(&dir.secret_key(), || Ok(Sealer::generate()))?,
    };
    let sealer = Sealer::new(&secret_key)?;
    store.unlock(sealer.clone())?;
    let signer = Signer::new(&dir.key(&dir.signing_key(), Signer::generate)?)?;
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let mail = Arc::new(Mailer::new(config.smtp_url.as_deref(), config.mail_from.as_deref())?);
    let identity = Identity::new(
        Arc::clone(&store),
        signer,
        external_issuers(config)?,
        config.signup,
        public_url.trim_end_matches('/').to_owned(),
        mail.is_set().then(|| outbox(Arc::clone(&mail))),
    );
    let accounts = accounts(Arc::clone(&store));
    let sandbox = Sandbox::new(script::Limits {
        concurrent: config.max_scripts,
        worker: config.script_worker.clone(),
        accounts: accounts.clone(),
        ..script::Limits::default()
    });
    let allow_private = config.allow_private_network.unwrap_or(config.demo && address.ip().is_loopback());
    let guard = Guard::new(allow_private, [address.port()]);
    let guard = if config.demo { guard.with_open_path(api::sample::PATH) } else { guard };
    keep_temporary_files_in(&dir.temporary())?;
    let files = Files {
        own: dir.files(),
        uploads: dir.uploads(),
        shared: config.open_folders.clone(),
        quotas: Some(quotas),
        tenant: None,
    };
    let web = Client::public(guard.clone())?;
    let budget = Budget::new(config.memory);
    let context =
        Context { files, guard, sandbox: sandbox.clone(), budget: budget.clone().into(), accounts: accounts.clone() };
    let queries = Queries::new(context);
    let uploads = Arc::new(Uploads::open(Arc::clone(&store), dir.uploads(), config.max_upload)?);
    let variables = Arc::new(Variables::new(Arc::clone(&store), sealer.clone()));
    let executor = Arc::new(Executor::new(Arc::clone(&store), sealer.clone(), queries));
    let delegated = Delegated { executor: Arc::clone(&executor), variables: Arc::clone(&variables) };
    let services =
        Services { sandbox: sandbox.clone(), backend: Box::new(delegated), web, mail, budget: budget.clone().into() };
    let limits = runner::Limits { accounts, ..runner::Limits::running(config.max_runs) };
    let runner = Runner::new(Arc::clone(&store), services, limits, budget.clone());
    let workflows = Arc::new(Workflows::new(runner.clone()));
    let removal = Removal::new(Arc::clone(&store), runner.clone(), Arc::clone(&uploads), dir.files());
    let edge = Edge::new(
        Proxies::new(config.trusted_proxies.clone()),
        Hosts::new(address.ip(), &public_url, &config.allow_hosts),
        config.allow_origins.clone(),
    );
    let demo_accounts = if config.demo { demo::accounts() } else { Vec::new() };
    Ok(api::App {
        schedules: Arc::new(Schedules::new(runner.clone(), Arc::clone(&workflows))),
        hooks: Arc::new(Hooks::new(Arc::clone(&store), Arc::clone(&workflows), sealer)),
        workflows,
        store,
        identity: Arc::new(identity),
        executor,
        variables,
        runner,
        sandbox,
        budget,
        uploads,
        removal: Arc::new(removal),
        grants: Arc::new(Remembered::new(50_000)),
        offered: Arc::default(),
        visits: Arc::default(),
        about: Arc::new(api::About { demo_accounts, hook_patience: config.hook_patience }),
        edge: Arc::new(edge),
    })
}

/// The accounts behind tenants: turns are shared by people, who may have any number of tenants.
fn accounts(store: Arc<Store>) -> Accounts {
    let known = Remembered::new(50_000);
    Accounts::new(move |tenant| {
        let account = known.get(&store, tenant, || store.get(|tx| tx.account_behind(tenant)));
        account.ok().flatten().unwrap_or(tenant)
    })
}

/// Carries the letters to the owners of accounts, and tries again where the mail server is busy.
fn outbox(mail: Arc<Mailer>) -> Outbox {
    const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(2)];
    Arc::new(move |notice| {
        let mail = Arc::clone(&mail);
        let letter = Letter {
            to: vec![notice.to],
            subject: notice.subject.to_owned(),
            text: Some(notice.text),
            key: Uuid::new_v4().to_string(),
            ..Letter::default()
        };
        tokio::spawn(async move {
            for pause in PAUSES {
                let Err(error) = mail.send(&letter).await else { return };
                tracing::warn!(%error, subject = letter.subject, "a letter to the owner of an account was not sent");
                tokio::time::sleep(pause).await;
            }
        });
    })
}

/// Workflows run queries in the name of whoever may run the workflow.
struct Delegated {
    executor: Arc<Executor>,
    variables: Arc<Variables>,
}

impl Backend for Delegated {
    fn execute_query<'a>(
        &'a self,
        scope: &'a Scope,
        query: Uuid,
        parameters: Map<String, Value>,
    ) -> runner::nodes::Pending<'a, Result<Value>> {
        Box::pin(async move {
            let outcome = self.executor.saved(scope, query, parameters).await?;
            let mut output = json!({
                "data": null,
                "columns": outcome.columns,
                "rowCount": outcome.row_count,
                "affectedRows": outcome.affected_rows,
                "truncated": outcome.truncated,
            });
            // moved in: the macro would copy it
            output["data"] = Arc::unwrap_or_clone(outcome.data);
            Ok(output)
        })
    }

    fn variables(&self, scope: &Scope) -> Result<Arc<Vars>> {
        self.variables.of(scope)
    }
}

fn external_issuers(config: &Config) -> Result<Vec<ExternalIssuer>> {
    if config.firebase_project.is_none() && config.oidc_issuer.is_none() {
        return Ok(Vec::new());
    }
    let http = http_client()?;
    let mut issuers = Vec::new();
    if let Some(project) = &config.firebase_project {
        issuers.push(ExternalIssuer::firebase(project, config.firebase_keys_url.clone(), http.clone()));
    }
    if let Some(issuer) = &config.oidc_issuer {
        let audience = config.oidc_audience.as_deref();
        let audience = audience
            .ok_or_else(|| Error::conflict("--oidc-issuer needs --oidc-audience: the client id of this application"))?;
        issuers.push(ExternalIssuer::oidc(issuer, audience, http));
    }
    Ok(issuers)
}

/// A client for the operator's own addresses; trusts the bundled roots, so that it works without a CA store.
fn http_client() -> Result<reqwest::Client> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().map_err(Error::internal)
}

/// The API and the UI under one roof, with the headers that every answer carries.
fn router(app: api::App) -> axum::Router {
    let no_sniff =
        SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let referrer =
        SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    api::router(app, async |State(app): State<api::App>, request: Request| {
        let path = request.uri().path();
        if api::edge::is_api(path) {
            return api::problem::Problem::unknown_path().into_response();
        }
        let token = path.strip_prefix(ui::SHARE);
        ui::serve(&request, &token.map(|token| api::shared::embedders(&app, token)).unwrap_or_default())
    })
    .layer(no_sniff)
    .layer(referrer)
}
