//! HTTP in, HTTP out: the whole route table, and what every request passes through.
mod answers;
mod api_keys;
mod audit_logs;
mod auth;
mod body;
mod catalog;
mod changes;
pub mod choices;
mod content;
pub mod crud;
mod dashboards;
mod data_queries;
mod datasources;
mod document;
pub mod documented;
pub mod edge;
mod export;
pub mod extract;
mod feed;
mod files;
pub mod fixed;
mod health;
mod held;
mod hooks;
mod identity;
mod instances;
mod invitations;
mod large;
mod lend;
mod live;
mod members;
mod openapi;
pub mod permit;
pub mod problem;
mod ranges;
mod roles;
mod run_values;
pub mod sample;
mod session;
pub mod setup;
pub mod shared;
mod shares;
mod sheet;
mod tenants;
mod triggers;
mod usage;
mod variables;
mod widgets;
pub mod wire;
mod workflows;

use crate::{
    Result,
    auth::{Identity, limit::Visits},
    budget::Budget,
    execute::Executor,
    model::{Dashboard, DataQuery, Datasource, File, Grants, Role, Variable, Widget, Workflow},
    removal::Removal,
    runner::{
        Runner, Workflows,
        triggers::{Hooks, Schedules},
    },
    script::Sandbox,
    shield::Shield,
    store::{Remembered, Store},
    turns::Turns,
    uploads::Uploads,
    variables::Variables,
};
use aide::axum::ApiRouter;
use axum::{Router, middleware};
use changes::Changes;
use problem::Problem;
pub use sheet::turns as sheets;
use std::{sync::Arc, time::Duration};
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

/// What handlers share.
#[derive(Clone)]
pub struct App {
    pub store: Arc<Store>,
    pub identity: Arc<Identity>,
    pub executor: Arc<Executor>,
    pub variables: Arc<Variables>,
    pub runner: Runner,
    pub workflows: Arc<Workflows>,
    pub schedules: Arc<Schedules>,
    pub hooks: Arc<Hooks>,
    pub sandbox: Sandbox,
    /// Turns at writing sheets.
    pub sheets: Arc<Turns>,
    /// The bytes that requests and answers hold.
    pub budget: Budget,
    pub uploads: Arc<Uploads>,
    pub removal: Arc<Removal>,
    /// What users may do in tenants; nothing for a stranger.
    pub grants: Arc<Remembered<(Uuid, Uuid), Option<Grants>>>,
    /// The choices of dashboard variables that are known.
    pub offered: Arc<choices::Offered>,
    /// How often shared dashboards are asked for.
    pub visits: Arc<Visits>,
    pub about: Arc<About>,
    pub edge: Arc<edge::Edge>,
    /// Finishes changes whose callers have gone.
    pub shield: Shield,
}

impl App {
    /// What a user may do in a tenant now; nothing for a stranger and for a disabled account.
    pub fn grants_of(&self, tenant: Uuid, user: Uuid) -> Result<Option<Grants>> {
        self.grants.get(&self.store, (tenant, user), || self.store.get(|tx| tx.grants(tenant, user)))
    }
}

/// What the server knows of itself.
pub struct About {
    /// Told before anyone signs in.
    pub demo_accounts: Vec<setup::DemoAccount>,
    /// Whether there is an SMTP server to hand letters to.
    pub sends_mail: bool,
    /// How long the caller of a webhook waits for a run at most.
    pub hook_patience: Duration,
}

/// Everything below `/api` and the identity service; `elsewhere` answers every other path.
pub fn router<H, T>(app: App, elsewhere: H) -> Router
where
    H: axum::handler::Handler<T, App>,
    T: 'static,
{
    let (routes, document, cancelled) = openapi::documented(all(), app.identity.base());
    let changes = Changes { shield: app.shield.clone(), cancelled: Arc::new(cancelled) };
    let guard = middleware::from_fn_with_state(Arc::clone(&app.edge), edge::guard);
    routes
        .merge(openapi::routes(document))
        .merge(sample::routes())
        .merge(health::routes())
        .fallback(elsewhere)
        .with_state(app)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(middleware::from_fn_with_state(changes, changes::carry_out))
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(Problem::panicked())))
        .layer(guard)
        .layer(middleware::from_fn(problem::finish))
}

/// The API document (`OpenAPI` 3.1, JSON), which needs no running server.
pub fn document() -> bytes::Bytes {
    openapi::documented(all(), "").1
}

fn all() -> ApiRouter<App> {
    identity::routes().merge(hooks::routes()).nest("/api/v1", routes())
}

fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(setup::routes())
        .merge(session::routes())
        .merge(auth::routes())
        .merge(invitations::open_routes())
        .merge(shared::routes())
        .merge(tenants::routes())
        .merge(catalog::routes())
        .nest("/tenants/{tenantID}", tenant_routes())
}

/// One line per module; every path below a tenant.
fn tenant_routes() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(usage::routes())
        .merge(members::routes())
        .merge(invitations::routes())
        .merge(crud::routes::<Role>().merge(roles::routes()))
        .merge(api_keys::routes())
        .merge(audit_logs::routes())
        .merge(plain::<Datasource>().merge(datasources::routes()))
        .merge(crud::kept_routes::<File>().merge(files::routes()))
        .merge(crud::routes::<Variable>())
        .merge(plain::<DataQuery>().merge(data_queries::routes()))
        .merge(plain::<Widget>().merge(widgets::routes()))
        .merge(plain::<Dashboard>().merge(dashboards::routes()).merge(shares::routes()))
        .merge(
            plain::<Workflow>()
                .merge(workflows::routes())
                .merge(triggers::routes())
                .merge(instances::routes())
                .merge(run_values::routes())
                .merge(feed::routes()),
        )
}

/// The routes of a resource that can also be cloned.
fn plain<R: crud::Crud>() -> ApiRouter<App> {
    crud::routes::<R>().merge(crud::clone_route::<R>())
}
