//! Creates the parts of a server and connects them.
use super::{ServerConfig, local_url};
use crate::{
    Error, Result,
    api::{self, edge::EdgeRules},
    auth::{ExternalIssuer, Identity, Outbox, Signer},
    budget::Budget,
    caller::{Hosts, Proxies},
    clock::Time,
    connect::{Context, Files, Guard, ObjectStorage, Queries, http::Client, keep_temporary_files_in, sqlite_seats},
    data_dir::{DataDir, Paths},
    demo,
    execute::{ExecutionOptions, Executor},
    lanes::Accounts,
    mail::{Letter, Mailer},
    model::Scope,
    quota::{DiskSpace, Quotas},
    removal::Removal,
    runner::{
        self, Runner, Workflows,
        nodes::{Backend, Services},
        triggers::{Hooks, Schedules},
    },
    script::{self, Sandbox},
    shield::Shield,
    store::{KeyKind, PostgresLimits, Remembered, Sealer, Store},
    uploads::{UploadOptions, Uploads},
    variables::{Variables, Vars},
};
use serde_json::{Map, Value, json};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use uuid::Uuid;

/// Opens the store and creates everything that uses it.
pub(super) fn assemble(
    config: &ServerConfig,
    dir: &DataDir,
    address: SocketAddr,
    storage: Option<Arc<ObjectStorage>>,
) -> Result<api::App> {
    let disk = DiskSpace::new(dir.root(), config.min_free, config.free_space.clone());
    let quotas = Arc::new(Quotas::new(config.quotas.clone(), dir, disk));
    let store = Arc::new(open_store(config, dir, &quotas)?);
    let (sealer, signer) = keys(config, dir, &store)?;
    store.unlock(sealer.clone())?;
    let public_url = config.public_url.clone().unwrap_or_else(|| local_url(address));
    let mail = Arc::new(Mailer::new(config.smtp_url.as_deref(), config.mail_from.as_deref())?);
    let signer = signer.at(&public_url);
    let identity = identity(config, signer, &store, &public_url, &mail)?;
    let (accounts, budget) = (store.accounts(), Budget::new(config.memory));
    let uploads = Arc::new(uploads(config, dir, &store, storage)?);
    let context = context(config, dir, address, (quotas, &uploads), accounts.clone(), &budget)?;
    let (sandbox, web) = (context.sandbox.clone(), Client::public(context.guard.clone())?);
    let variables = Arc::new(Variables::new(Arc::clone(&store), sealer.clone()));
    let executor = Arc::new(Executor::new(Arc::clone(&store), sealer.clone(), Queries::new(context)));
    let backend = Box::new(Delegated { executor: Arc::clone(&executor), variables: Arc::clone(&variables) });
    let services = Services { sandbox: sandbox.clone(), backend, web, mail, budget: budget.clone().into() };
    let sheets = api::sheets(accounts.clone());
    let limits = runner::RunnerLimits { accounts, ..runner::RunnerLimits::running(config.max_runs) };
    let runner = Runner::new(Arc::clone(&store), services, limits, budget.clone());
    let workflows = Arc::new(Workflows::new(runner.clone()));
    let removal = Removal::new(Arc::clone(&store), runner.clone(), Arc::clone(&uploads), Paths::clone(dir));
    let proxies = Proxies::new(config.trusted_proxies.clone());
    let hosts = Hosts::new(address.ip(), &public_url, &config.allow_hosts);
    let demo_accounts = if config.demo { demo::accounts() } else { Vec::new() };
    let parts = api::AppParts {
        schedules: Arc::new(Schedules::new(runner.clone(), Arc::clone(&workflows))),
        hooks: Arc::new(Hooks::new(Arc::clone(&store), Arc::clone(&workflows), sealer)),
        workflows,
        store,
        identity: Arc::new(identity),
        executor,
        variables,
        runner,
        sandbox,
        sheets,
        budget,
        uploads,
        removal: Arc::new(removal),
        standings: Remembered::of_permissions(50_000),
        offered: Arc::default(),
        visits: Arc::default(),
        about: api::ServerInfo {
            demo_accounts,
            public_url: public_url.clone(),
            mail_from: config.mail_from.clone().filter(|_| config.smtp_url.is_some()),
            started_at: Time::now(),
            hook_patience: config.hook_patience,
            trash_kept: Duration::from_hours(24 * u64::from(config.keep.trash_days)),
        },
        edge: Arc::new(EdgeRules::new(proxies, hosts, config.allow_origins.clone())),
        shield: Shield::default(),
    };
    Ok(parts.into())
}

fn uploads(
    config: &ServerConfig,
    dir: &DataDir,
    store: &Arc<Store>,
    storage: Option<Arc<ObjectStorage>>,
) -> Result<Uploads> {
    let quarantine = Duration::from_hours(24 * u64::from(config.quarantine.days));
    let options = UploadOptions { largest: config.max_upload, storage, cache: config.files_cache, quarantine };
    Uploads::open(Arc::clone(store), dir, options)
}

fn open_store(config: &ServerConfig, dir: &DataDir, quotas: &Arc<Quotas>) -> Result<Store> {
    let Some(url) = &config.database else { return Store::open(dir, config.durability, quotas) };
    let limits = PostgresLimits { connections: config.database_connections, durability: config.durability };
    let store = Store::connect(url, limits, quotas)?;
    store.attach(dir, url)?;
    Ok(store)
}

/// Loads the keys of the data directory, or those that the servers of a database share. They are generated at the first
/// start; a lost key is never replaced by a new one.
fn keys(config: &ServerConfig, dir: &DataDir, store: &Store) -> Result<(Sealer, Signer)> {
    let make = |kind, generate: fn() -> Result<Vec<u8>>| store.may_make_key(kind).and_then(|()| generate());
    let sealer = match &config.secret_key {
        Some(key) => Sealer::new(key.as_bytes())?,
        None => Sealer::of_file(
            &dir.secret_key(),
            &dir.key(&dir.secret_key(), || make(KeyKind::Secret, || Ok(Sealer::generate())))?,
        )?,
    };
    let signing = if let Some(shared) = store.shared_signing_key(&sealer)? {
        shared
    } else {
        let own = dir.key(&dir.signing_key(), || make(KeyKind::Signing, Signer::generate))?;
        store.share_signing_key(&sealer, own)?
    };
    let signer = Signer::new(&signing)?;
    store.check_keys(signer.key_id().to_owned(), sealer.check().to_owned(), config.secret_key.is_some())?;
    Ok((sealer, signer))
}

fn identity(
    config: &ServerConfig,
    signer: Signer,
    store: &Arc<Store>,
    public_url: &str,
    mail: &Arc<Mailer>,
) -> Result<Identity> {
    Ok(Identity::new(
        Arc::clone(store),
        signer,
        external_issuers(config)?,
        config.signup,
        public_url.trim_end_matches('/').to_owned(),
        mail.is_set().then(|| outbox(Arc::clone(mail))),
    ))
}

/// Creates the context that connectors share.
fn context(
    config: &ServerConfig,
    dir: &DataDir,
    address: SocketAddr,
    (quotas, uploads): (Arc<Quotas>, &Uploads),
    accounts: Accounts,
    budget: &Budget,
) -> Result<Context> {
    let sandbox = Sandbox::new(script::ScriptLimits {
        concurrent: config.max_scripts,
        worker: config.script_worker.clone(),
        accounts: accounts.clone(),
        ..script::ScriptLimits::default()
    });
    let allow_private = config.allow_private_network.unwrap_or(config.demo && address.ip().is_loopback());
    let guard = Guard::new(allow_private, [address.port()]);
    let guard = if config.demo { guard.with_open_path(api::sample::PATH) } else { guard };
    keep_temporary_files_in(&dir.temporary())?;
    let files = Files {
        own: dir.files(),
        uploads: uploads.root().to_path_buf(),
        contents: uploads.contents(),
        shared: config.open_folders.clone(),
        quotas: Some(quotas),
        tenant: None,
        seats: Some(sqlite_seats(accounts.clone())),
    };
    Ok(Context { files, guard, sandbox, budget: budget.clone().into(), accounts })
}

/// Sends emails to the owners of accounts, with retries.
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
                tracing::warn!(%error, subject = letter.subject, "could not send an email to the owner of an account");
                tokio::time::sleep(pause).await;
            }
        });
    })
}

/// Runs queries and reads variables for workflows, on behalf of the tenant in the scope.
struct Delegated {
    executor: Arc<Executor>,
    variables: Arc<Variables>,
}

impl Backend for Delegated {
    fn execute_query<'a>(
        &'a self,
        scope: &'a Scope,
        run: Uuid,
        query: Uuid,
        parameters: Map<String, Value>,
    ) -> runner::nodes::NodeFuture<'a, Result<Value>> {
        Box::pin(async move {
            let place = Some(json!({"run": run}));
            let ask = ExecutionOptions { place, ..ExecutionOptions::from(parameters) };
            let outcome = self.executor.saved(scope, query, ask).await?;
            let mut output = json!({
                "data": null,
                "columns": outcome.columns,
                "rowCount": outcome.row_count,
                "affectedRows": outcome.affected_rows,
                "truncated": outcome.truncated,
            });
            // `json!` would copy the data
            output["data"] = Arc::unwrap_or_clone(outcome.data);
            Ok(output)
        })
    }

    fn variables(&self, scope: &Scope) -> Result<Arc<Vars>> {
        self.variables.of(scope)
    }
}

fn external_issuers(config: &ServerConfig) -> Result<Vec<ExternalIssuer>> {
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
        let audience = audience.ok_or_else(|| {
            Error::conflict("--oidc-issuer requires --oidc-audience: set it to the client ID of this application")
        })?;
        issuers.push(ExternalIssuer::oidc(issuer, audience, http));
    }
    Ok(issuers)
}

/// Creates an HTTP client for URLs that the operator configured. It uses bundled root certificates, so that it works
/// without a system CA store.
fn http_client() -> Result<reqwest::Client> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().map_err(Error::internal)
}
