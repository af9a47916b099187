//! The HTTP API: the route table, and the middleware that every request passes through.
mod access;
mod accounts;
mod catalog;
pub mod dashboards;
mod data;
mod document;
pub mod edge;
mod exports;
mod health;
mod instance;
pub mod records;
mod requests;
pub mod responses;
pub mod sample;
mod setup;
mod tenants;
mod workflows;

use crate::{
    Result,
    auth::{Identity, limit::Visits},
    budget::Budget,
    clock::Time,
    execute::Executor,
    model::{Dashboard, DataQuery, Datasource, File, Role, Standing, Variable, Widget, Workflow},
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
use dashboards::choices::OfferedValues;
use edge::changes::{self, Changes};
pub use exports::sheet::turns as sheets;
use records::crud;
use responses::problem::{self, Problem};
use schemars::JsonSchema;
use serde::Serialize;
use std::{ops::Deref, sync::Arc, time::Duration};
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

/// The state that handlers share: one pointer, because axum clones it several times for each request.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl From<AppParts> for App {
    fn from(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }
}

/// The parts of the server that handlers use.
pub struct AppParts {
    pub store: Arc<Store>,
    pub identity: Arc<Identity>,
    pub executor: Arc<Executor>,
    pub variables: Arc<Variables>,
    pub runner: Runner,
    pub workflows: Arc<Workflows>,
    pub schedules: Arc<Schedules>,
    pub hooks: Arc<Hooks>,
    pub sandbox: Sandbox,
    /// Turns for writing spreadsheets.
    pub sheets: Arc<Turns>,
    /// The memory that requests and responses use.
    pub budget: Budget,
    pub uploads: Arc<Uploads>,
    pub removal: Arc<Removal>,
    /// What users may do in tenants, cached; `None` for users who are not members.
    pub standings: Remembered<(Uuid, Uuid), Option<Standing>>,
    /// The cached choices of dashboard variables.
    pub offered: Arc<OfferedValues>,
    /// Counts requests for shared dashboards.
    pub visits: Arc<Visits>,
    pub about: ServerInfo,
    pub edge: Arc<edge::EdgeRules>,
    /// Completes changes whose callers have gone away.
    pub shield: Shield,
}

impl App {
    /// Returns what a user may do in a tenant now; `None` if the user is not a member or the account is disabled.
    pub fn standing_of(&self, tenant: Uuid, user: Uuid) -> Result<Option<Standing>> {
        self.standings.get(&self.store, (tenant, user), || self.store.get(|tx| tx.standing(tenant, user)))
    }
}

/// Information about the server.
pub struct ServerInfo {
    /// Accounts that the sign-in page lists.
    pub demo_accounts: Vec<DemoAccount>,
    /// The URL that people open the server with.
    pub public_url: String,
    /// The sender of emails; `None` if the server cannot send email.
    pub mail_from: Option<String>,
    pub started_at: Time,
    /// How long a webhook request waits for its run at most.
    pub hook_patience: Duration,
    /// How long deleted records are kept in the trash.
    pub trash_kept: Duration,
}

/// A sample account, whose password is public.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DemoAccount {
    pub email: String,
    pub password: String,
    pub role: String,
}

/// Returns the routes of the API and the identity service; `elsewhere` handles all other paths.
pub fn router<H, T>(app: App, elsewhere: H) -> Router
where
    H: axum::handler::Handler<T, App>,
    T: 'static,
{
    let (routes, cancelled) = document::openapi::served(all);
    let base = app.identity.base().to_owned();
    let changes = Arc::new(Changes { shield: app.shield.clone(), cancelled });
    let guard = middleware::from_fn_with_state(Arc::clone(&app.edge), edge::guard);
    routes
        .merge(document::openapi::routes(move || document::openapi::document_of(all, &base)))
        .merge(sample::routes())
        .merge(health::routes())
        .fallback(elsewhere)
        .with_state(app)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(middleware::from_fn_with_state(changes, changes::carry_out))
        .layer(middleware::from_fn(edge::compression::compress))
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(Problem::panicked())))
        .layer(guard)
        .layer(middleware::from_fn(problem::finish))
}

/// Returns the API document (`OpenAPI` 3.1, JSON) without a running server.
pub fn document() -> bytes::Bytes {
    document::openapi::document_of(all, "")
}

fn all() -> ApiRouter<App> {
    accounts::identity::routes().merge(workflows::hooks::routes()).nest("/api/v1", routes())
}

fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(setup::routes())
        .merge(instance::routes())
        .merge(accounts::session::routes())
        .merge(accounts::profile::routes())
        .merge(tenants::invitations::open_routes())
        .merge(dashboards::shared::routes())
        .merge(tenants::routes())
        .merge(catalog::routes())
        .nest("/tenants/{tenantID}", tenant_routes())
}

/// Returns the routes below a tenant, one line per module.
fn tenant_routes() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(tenants::usage::routes())
        .merge(tenants::members::routes())
        .merge(tenants::invitations::routes())
        .merge(crud::routes::<Role>().merge(tenants::roles::routes()))
        .merge(tenants::api_keys::routes())
        .merge(tenants::audit_logs::routes())
        .merge(plain::<Datasource>().merge(data::datasources::routes()))
        .merge(crud::routes_without_create::<File>().merge(data::files::routes()).merge(data::tables::routes()))
        .merge(crud::routes::<Variable>())
        .merge(records::trash::routes())
        .merge(plain::<DataQuery>().merge(data::data_queries::routes()))
        .merge(plain::<Widget>().merge(dashboards::widgets::routes()))
        .merge(plain::<Dashboard>().merge(dashboards::routes()).merge(dashboards::shares::routes()))
        .merge(
            plain::<Workflow>()
                .merge(workflows::routes())
                .merge(workflows::triggers::routes())
                .merge(workflows::instances::routes())
                .merge(workflows::run_values::routes())
                .merge(workflows::feed::routes())
                .merge(workflows::transfer::routes()),
        )
}

/// Returns the routes of a resource that can be cloned.
fn plain<R: crud::Crud>() -> ApiRouter<App> {
    crud::routes::<R>().merge(crud::clone_route::<R>())
}
