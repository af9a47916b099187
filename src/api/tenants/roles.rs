//! Extra rules of roles: of built-in ones only the start page can be changed, and nobody can grant more permissions
//! than they have.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{List, Permit},
        records::{crud::Crud, wire::Items},
    },
    model::{Role, Scope, permission},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

impl Crud for Role {
    fn hydrate(_: &App, _: &Scope, _: Uuid, spec: &Self) -> Result<Self> {
        own(spec).cloned()
    }

    fn patchable(_: &App, _: &Scope, _: Uuid, spec: &Self) -> Result<Self> {
        Ok(spec.clone())
    }

    fn check_patch(spec: &Self, patch: &Map<String, Value>) -> Result<()> {
        if patch.keys().all(|field| field == "startDashboardID") { Ok(()) } else { own(spec).map(drop) }
    }

    fn prepare(_: &App, scope: &Scope, _: Uuid, mut spec: Self, old: Option<&Self>) -> Result<Self> {
        spec.built_in = old.and_then(|old| old.built_in);
        old.into_iter().chain([&spec]).try_for_each(|role| covered(scope, role))?;
        Ok(spec)
    }

    fn release(scope: &Scope, spec: &Self) -> Result<()> {
        covered(scope, own(spec)?)
    }

    fn present(_: &App, _: &Scope, wire: &mut Map<String, Value>, _: bool) -> Result<()> {
        // a built-in role's permissions come from the code, not from what was stored
        let role: Role = serde_json::from_value(Value::Object(
            wire.iter()
                .filter(|(name, _)| ["permissions", "builtIn"].contains(&name.as_str()))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
        ))?;
        wire.insert("permissions".into(), role.grants().names().into());
        Ok(())
    }
}

/// Returns the role unless it is built in.
///
/// # Errors
/// `Conflict` for a built-in role.
fn own(role: &Role) -> Result<&Role> {
    match role.built_in {
        Some(which) => Err(Error::conflict(format!("{} is built in: create a new role instead", which.name()))),
        None => Ok(role),
    }
}

fn covered(scope: &Scope, role: &Role) -> Result<()> {
    scope.check_covers(role.grants(), "the role")
}

/// A permission and what it allows.
#[derive(Serialize, JsonSchema)]
pub struct PermissionInfo {
    name: String,
    description: &'static str,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/permissions",
        get_with(permissions, |op| op.id("permission.list").summary("List all permissions").tag("roles")),
    )
}

async fn permissions(_: Permit<Role, List>) -> Json<Items<PermissionInfo>> {
    let items = permission::Permission::ALL
        .iter()
        .map(|known| PermissionInfo { name: known.to_string(), description: known.description() })
        .collect();
    Json(Items { items })
}
