//! The caller: their profile, their tenants and their own settings.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::SignedIn,
        requests::extract::{Body, IdOf, PathId},
    },
    clock::Time,
    store::User,
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The signed-in user.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserProfile {
    id: Uuid,
    email: String,
    name: String,
    photo_url: Option<String>,
    is_instance_admin: bool,
}

impl From<&User> for UserProfile {
    fn from(user: &User) -> Self {
        let User { id, email, name, photo_url, is_instance_admin, .. } = user.clone();
        Self { id, email, name, photo_url, is_instance_admin }
    }
}

/// The caller and their tenants.
#[derive(Serialize, JsonSchema)]
pub struct CurrentUser {
    user: UserProfile,
    tenants: Vec<TenantMembership>,
}

/// A tenant with the caller's role in it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantMembership {
    id: Uuid,
    name: String,
    logo_url: Option<String>,
    role: RoleName,
    permissions: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct RoleName {
    id: Uuid,
    name: String,
    /// The dashboard that is shown first.
    #[serde(rename = "startDashboardID")]
    start_dashboard_id: Option<Uuid>,
}

/// A user's settings in a tenant, in a format that the client defines.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserConfig {
    /// Any JSON object of at most 64 KiB.
    config: Map<String, Value>,
}

pub struct TenantId;
impl PathId for TenantId {
    const NAME: &'static str = "tenantID";
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/auth",
            get_with(me, |op| op.id("auth.me").summary("Get the current user and their tenants").tag("auth")),
        )
        .api_route(
            "/auth/config/{tenantID}",
            get_with(config, |op| op.id("auth.config").summary("Get your own settings in a tenant").tag("auth"))
                .post_with(set_config, |op| {
                    op.id("auth.setConfig").summary("Replace your own settings in a tenant").tag("auth")
                }),
        )
}

async fn me(caller: SignedIn, State(app): State<App>) -> Result<Json<CurrentUser>> {
    let user = caller.user.id;
    let memberships = app.store.read(user, move |tx| tx.memberships(user)).await?;
    let mut tenants = Vec::new();
    for membership in memberships {
        let standing = app.standing_of(membership.tenant.id, user)?.unwrap_or_default();
        tenants.push(TenantMembership {
            id: membership.tenant.id,
            name: membership.tenant.name,
            logo_url: membership.tenant.logo_url,
            role: RoleName {
                id: membership.role_id,
                name: membership.role_name,
                start_dashboard_id: membership.start_dashboard_id.filter(|id| standing.dashboards.shows(Some(*id))),
            },
            permissions: membership.grants.names(),
        });
    }
    Ok(Json(CurrentUser { tenants, user: caller.user.as_ref().into() }))
}

async fn config(caller: SignedIn, State(app): State<App>, tenant: IdOf<TenantId>) -> Result<Json<UserConfig>> {
    belongs(&app, &caller, tenant.id)?;
    let config = app.store.get(|tx| tx.user_config(tenant.id, caller.user.id))?;
    Ok(Json(UserConfig { config }))
}

async fn set_config(
    caller: SignedIn,
    State(app): State<App>,
    tenant: IdOf<TenantId>,
    Body(body): Body<UserConfig>,
) -> Result<Json<UserConfig>> {
    belongs(&app, &caller, tenant.id)?;
    if serde_json::to_string(&body.config)?.len() > 64 * 1024 {
        return Err(Error::invalid("config", "must be at most 64 KiB"));
    }
    let config = app.store.write(move |tx| {
        tx.set_user_config(tenant.id, caller.user.id, &body.config, Time::now())?;
        Ok(body.config)
    });
    Ok(Json(UserConfig { config: config.await? }))
}

fn belongs(app: &App, caller: &SignedIn, tenant: Uuid) -> Result<()> {
    match app.store.get(|tx| tx.grants(tenant, caller.user.id))? {
        Some(_) => Ok(()),
        None => Err(Error::Forbidden("you are not a member of this tenant".to_owned())),
    }
}
