//! Share links of dashboards. A link's URL is shown only once.
use super::{choices, values::variables};
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Permit, Share as May},
        records::{answers::NoContent, crud::about, wire::Items},
        requests::extract::{At, Body, IdOf, PathId},
    },
    auth::{hash_secret, random_secret},
    clock::Time,
    model::{Dashboard, dashboard::check_values, share::origins},
    store::{NewShare, Share},
};
use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with},
};
use axum::{Json, extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A new share link.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShareDraft {
    /// When the link expires; never if absent.
    expires_at: Option<Time>,
    /// Origins whose pages may embed the dashboard, such as `https://intranet.example.com`. Empty: no page may.
    #[serde(default)]
    #[schemars(length(max = 20))]
    allowed_origins: Vec<String>,
    /// Values of locked variables, which visitors cannot change.
    #[serde(default)]
    variables: Map<String, Value>,
}

/// A dashboard that people without an account can see.
#[derive(Serialize, JsonSchema)]
pub struct LinkedDashboard {
    #[serde(rename = "dashboardID")]
    dashboard_id: Uuid,
    /// The number of its share links that have not expired.
    count: u32,
}

/// A new share link with its URL, which is shown only once.
#[derive(Serialize, JsonSchema)]
pub struct NewLink {
    #[serde(flatten)]
    share: Share,
    url: String,
}

pub struct ShareId;
impl PathId for ShareId {
    const NAME: &'static str = "shareID";
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/shares",
            get_with(list_all, |op| {
                about::<Dashboard>(op, "sharesOfAll", "").summary("List the dashboards that have share links")
            }),
        )
        .api_route(
            "/dashboards/{dashboardID}/shares",
            get_with(list, |op| about::<Dashboard>(op, "shares", "List the share links of")).post_with(create, |op| {
                about::<Dashboard>(op, "share", "Create a share link of").response::<201, Json<NewLink>>()
            }),
        )
        .api_route(
            "/dashboards/{dashboardID}/shares/{shareID}",
            delete_with(remove, |op| about::<Dashboard>(op, "unshare", "Revoke a share link of")),
        )
}

async fn list(
    Permit { scope, .. }: Permit<Dashboard, May>,
    State(app): State<App>,
    at: At<Dashboard>,
) -> Result<Json<Items<Share>>> {
    let shares = app.store.read(scope.tenant, move |tx| {
        tx.find::<Dashboard>(&scope, at.id)?;
        tx.shares(&scope, at.id)
    });
    Ok(Json(Items { items: shares.await? }))
}

async fn list_all(
    Permit { scope, .. }: Permit<Dashboard, May>,
    State(app): State<App>,
) -> Result<Json<Items<LinkedDashboard>>> {
    let shown = scope.dashboards.clone();
    let found = app.store.read(scope.tenant, move |tx| tx.shared_dashboards(&scope, scope.now)).await?;
    let found = found.into_iter().filter(|(dashboard, _)| shown.shows(Some(*dashboard)));
    let items = found.map(|(dashboard_id, count)| LinkedDashboard { dashboard_id, count });
    Ok(Json(Items { items: items.collect() }))
}

async fn create(
    Permit { scope, .. }: Permit<Dashboard, May>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(draft): Body<ShareDraft>,
) -> Result<(StatusCode, Json<NewLink>)> {
    if draft.expires_at.is_some_and(|expires_at| expires_at <= scope.now) {
        return Err(Error::invalid("expiresAt", "must be in the future"));
    }
    let dashboard = app.store.get(|tx| tx.find::<Dashboard>(&scope, at.id))?.spec;
    check_values(&dashboard.variables, &draft.variables)?;
    let values = variables(&dashboard.variables, draft.variables.clone(), dashboard.local(scope.now))?;
    choices::check(&app, &scope, &dashboard.variables, &draft.variables, &values).await?;
    let token = random_secret();
    let new = NewShare {
        token_hash: hash_secret(&token),
        allowed_origins: origins(&draft.allowed_origins)?,
        variables: draft.variables,
        expires_at: draft.expires_at,
    };
    let made = app.store.write(move |tx| {
        let dashboard = tx.find::<Dashboard>(&scope, at.id)?;
        check_values(&dashboard.spec.variables, &new.variables)?;
        tx.create_share(&scope, &dashboard, new)
    });
    let url = format!("{}/share/{token}", app.identity.public_url());
    Ok((StatusCode::CREATED, Json(NewLink { share: made.await?, url })))
}

async fn remove(
    Permit { scope, .. }: Permit<Dashboard, May>,
    State(app): State<App>,
    at: At<Dashboard>,
    share: IdOf<ShareId>,
) -> Result<NoContent> {
    app.store
        .write(move |tx| {
            let dashboard = tx.find::<Dashboard>(&scope, at.id)?;
            tx.delete_share(&scope, &dashboard, share.id)
        })
        .await?;
    Ok(NoContent)
}
