//! Puts the parts together: one door for production and for tests.
use crate::{
    Error, Result, api,
    auth::{ExternalIssuer, Identity, Outbox, Signer, Signup},
    budget::Budget,
    clock::Time,
    connect::{Context, Files, Guard, Queries, http::Client},
    data_dir::DataDir,
    demo,
    execute::Executor,
    mail::{Letter, Mailer},
    model::Scope,
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
    ServiceExt,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use serde_json::{Map, Value, json};
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tower::Layer;
use tower_http::{
    cors::{AllowHeaders, Any, CorsLayer},
    normalize_path::NormalizePathLayer,
    set_header::SetResponseHeaderLayer,
};
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
    /// Whether datasources may reach private networks; when absent, only if bound to loopback.
    pub allow_private_network: Option<bool>,
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
    /// How many runs are executed at once.
    pub max_runs: usize,
    /// How many bytes requests, answers and runs may hold at the same time.
    pub memory: usize,
    /// How long the caller of a webhook waits for a run at most.
    pub hook_patience: Duration,
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
            open_folders: Vec::new(),
            max_upload: 100 << 20,
            smtp_url: None,
            mail_from: None,
            shutdown_grace: Duration::from_secs(10),
            keep: Keep::default(),
            max_runs: 512,
            memory: 256 << 20,
            hook_patience: Duration::from_mins(1),
            demo: false,
        }
    }
}

/// A server at work.
pub struct Server {
    pub address: SocketAddr,
    pub app: api::App,
    stop: CancellationToken,
    grace: Duration,
    serving: JoinHandle<std::io::Result<()>>,
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
        let app = tokio::task::spawn_blocking(move || assemble(&config, &dir, address).map(|app| (app, dir))).await?;
        let (app, dir) = app?;
        if demo {
            demo::fill(&app, &dir.files(), address).await?;
        }
        app.runner.run()?;
        app.schedules.run();
        let stop = CancellationToken::new();
        let service = NormalizePathLayer::trim_trailing_slash().layer(router(app.clone()));
        let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(keep_house(Arc::clone(&app.store), keep, stop.clone()));
        let serving = tokio::spawn(async move {
            // held until the last request is answered
            let _dir = dir;
            axum::serve(listener, service).with_graceful_shutdown(stopped).await
        });
        Ok(Self { address, app, stop, grace, serving })
    }

    /// Takes no more connections, lets requests end within the grace period, and lets go of the data directory.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let served = tokio::time::timeout(self.grace, &mut self.serving);
        // together: followers hang on until the runner lets them go
        let (served, ()) = tokio::join!(served, self.app.runner.shut_down(self.grace));
        if let Ok(served) = served {
            return Ok(served??);
        }
        self.serving.abort();
        Ok(())
    }
}

/// Forgets old history, once at the start and then every ten minutes.
async fn keep_house(store: Arc<Store>, keep: Keep, stop: CancellationToken) {
    let mut interval = tokio::time::interval(Duration::from_mins(10));
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = stop.cancelled() => return,
        }
        match store.prune_runs(keep, Time::now()).await {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "old runs were forgotten"),
            Err(error) => tracing::warn!(%error, "old runs were not forgotten"),
        }
    }
}

fn assemble(config: &Config, dir: &DataDir, address: SocketAddr) -> Result<api::App> {
    let store = Arc::new(Store::open(dir, config.durability)?);
    let secret_key = match &config.secret_key {
        Some(key) => key.clone().into_bytes(),
        None => dir.key(&dir.secret_key(), || Ok(Sealer::generate()))?,
    };
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
    let sandbox = Sandbox::new(script::Limits::default());
    let guard = Guard::new(config.allow_private_network.unwrap_or(address.ip().is_loopback()), [address.port()]);
    let guard = if config.demo { guard.with_open_path(api::sample::PATH) } else { guard };
    let files = Files { own: dir.files(), uploads: dir.uploads(), shared: config.open_folders.clone() };
    let web = Client::public(guard.clone())?;
    let budget = Budget::new(config.memory);
    let queries = Queries::new(Context { files, guard, sandbox: sandbox.clone(), budget: budget.clone().into() });
    let uploads = Uploads::open(Arc::clone(&store), dir.uploads(), config.max_upload)?;
    let sealer = Sealer::new(&secret_key)?;
    let variables = Arc::new(Variables::new(Arc::clone(&store), sealer.clone()));
    let executor = Arc::new(Executor::new(Arc::clone(&store), sealer.clone(), queries));
    let delegated = Delegated { executor: Arc::clone(&executor), variables: Arc::clone(&variables) };
    let services =
        Services { sandbox: sandbox.clone(), backend: Box::new(delegated), web, mail, budget: budget.clone().into() };
    let runner = Runner::new(Arc::clone(&store), services, runner::Limits::running(config.max_runs));
    let workflows = Arc::new(Workflows::new(runner.clone()));
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
        uploads: Arc::new(uploads),
        grants: Arc::new(Remembered::new(50_000)),
        visits: Arc::default(),
        about: Arc::new(api::About { demo_accounts, hook_patience: config.hook_patience }),
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
    let cors = CorsLayer::new()
        // safe for any origin: the API takes bearer tokens only, and the UI's cookie is SameSite=Strict
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_mins(10));
    let no_sniff =
        SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let referrer =
        SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    api::router(app, async |State(app): State<api::App>, request: Request| {
        let path = request.uri().path();
        if path.starts_with("/api") || path.starts_with("/identitytoolkit") || path.starts_with("/securetoken") {
            return api::problem::Problem::unknown_path().into_response();
        }
        let token = path.strip_prefix(ui::SHARE);
        ui::serve(&request, &token.map(|token| api::shared::embedders(&app, token)).unwrap_or_default())
    })
    .layer(cors)
    .layer(no_sniff)
    .layer(referrer)
}
