//! Who may open a dashboard, and what they may do there.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{List, Permit, Read, Update},
        records::{crud::about, wire::Items},
        requests::extract::{At, Body},
    },
    model::{
        AccessLevel, Dashboard, Resource, Role, Scope,
        permission::{Noun, Verb},
    },
    store::{DashboardGrant, GrantHolder, NamedGrant, Tx},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use uuid::Uuid;

/// The most roles and members that a dashboard is restricted to.
const MOST: usize = 200;

/// Who may open a dashboard from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccessSettings {
    /// Whether everyone may open it whose role allows it. If false, only `grants` count.
    everyone: bool,
    /// The roles and members that may open it. None of them may do more than their role allows on any dashboard.
    #[serde(default)]
    #[schemars(length(max = 200))]
    grants: Vec<AccessGrantDraft>,
}

/// A role or a member, and what they may do.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccessGrantDraft {
    /// The role; leave it out for a member.
    #[serde(rename = "roleID", default)]
    role_id: Option<Uuid>,
    /// The member; leave it out for a role.
    #[serde(rename = "userID", default)]
    user_id: Option<Uuid>,
    level: AccessLevel,
}

/// Who may open a dashboard.
#[derive(Serialize, JsonSchema)]
struct AccessReport {
    /// Whether everyone may open it whose role allows it.
    everyone: bool,
    /// What the caller may do, if their role allows it.
    level: AccessLevel,
    /// Roles first. Members who may edit roles may open every dashboard, and are not listed for that.
    grants: Vec<AccessGrant>,
}

/// A role or a member that may open a restricted dashboard.
#[derive(Serialize, JsonSchema)]
struct AccessGrant {
    #[serde(rename = "roleID")]
    role_id: Option<Uuid>,
    #[serde(rename = "userID")]
    user_id: Option<Uuid>,
    level: AccessLevel,
    /// The name of the role or the member; empty if the caller may not see it.
    name: String,
    /// The email address of a member; `null` for a role, and if the caller may not see it.
    email: Option<String>,
}

/// A restricted dashboard that the caller may open.
#[derive(Serialize, JsonSchema)]
struct RestrictedDashboard {
    #[serde(rename = "dashboardID")]
    dashboard_id: Uuid,
    /// What the caller may do, if their role allows it.
    level: AccessLevel,
    /// The names of the roles that may open it; empty texts if the caller may not see them.
    roles: Vec<String>,
    /// How many members may open it, besides those with these roles.
    members: usize,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/dashboards/access",
            get_with(list, |op| {
                about::<Dashboard>(op, "accessOfAll", "").summary("List the dashboards that not everyone may open")
            }),
        )
        .api_route(
            "/dashboards/{dashboardID}/access",
            get_with(show, |op| about::<Dashboard>(op, "access", "").summary("Tell who may open a dashboard"))
                .put_with(replace, |op| {
                    about::<Dashboard>(op, "setAccess", "").summary("Decide who may open a dashboard")
                }),
        )
}

impl AccessGrant {
    fn of(scope: &Scope, NamedGrant { grant, name, email }: NamedGrant) -> Self {
        let level = grant.level;
        let sees = |noun| scope.grants.shows(noun);
        match grant.holder {
            GrantHolder::Role(id) => {
                let name = if sees(Role::KIND.noun) { name } else { String::new() };
                Self { role_id: Some(id), user_id: None, level, name, email: None }
            }
            GrantHolder::Member(id) if sees(Noun::Member) => {
                Self { role_id: None, user_id: Some(id), level, name, email }
            }
            GrantHolder::Member(id) => {
                Self { role_id: None, user_id: Some(id), level, name: String::new(), email: None }
            }
        }
    }
}

fn report(tx: &Tx<'_>, scope: &Scope, dashboard: Uuid) -> Result<AccessReport> {
    let grants = tx.dashboard_grants(scope, dashboard)?;
    Ok(AccessReport {
        everyone: grants.is_none(),
        level: scope.dashboards.level(dashboard).unwrap_or(AccessLevel::View),
        grants: grants.unwrap_or_default().into_iter().map(|grant| AccessGrant::of(scope, grant)).collect(),
    })
}

async fn list(
    Permit { scope, .. }: Permit<Dashboard, List>,
    State(app): State<App>,
) -> Result<Json<Items<RestrictedDashboard>>> {
    let found = app.store.read(scope.tenant, move |tx| {
        let restricted = tx.restricted_dashboards(&scope)?.into_iter().map(|(dashboard_id, grants)| {
            let grants: Vec<_> = grants.into_iter().map(|grant| AccessGrant::of(&scope, grant)).collect();
            RestrictedDashboard {
                dashboard_id,
                level: scope.dashboards.level(dashboard_id).unwrap_or(AccessLevel::View),
                members: grants.iter().filter(|grant| grant.user_id.is_some()).count(),
                roles: grants.into_iter().filter(|grant| grant.role_id.is_some()).map(|grant| grant.name).collect(),
            }
        });
        Ok(restricted.collect())
    });
    Ok(Json(Items { items: found.await? }))
}

async fn show(
    Permit { scope, .. }: Permit<Dashboard, Read>,
    State(app): State<App>,
    at: At<Dashboard>,
) -> Result<Json<AccessReport>> {
    let found = app.store.read(scope.tenant, move |tx| {
        tx.find_unread::<Dashboard>(&scope, at.id)?;
        report(tx, &scope, at.id)
    });
    Ok(Json(found.await?))
}

async fn replace(
    Permit { scope, .. }: Permit<Dashboard, Update>,
    State(app): State<App>,
    at: At<Dashboard>,
    Body(settings): Body<AccessSettings>,
) -> Result<Json<AccessReport>> {
    let grants = settings.checked()?;
    let saved = app.store.write(move |tx| {
        let dashboard = tx.find::<Dashboard>(&scope, at.id)?;
        tx.set_dashboard_access(&scope, &dashboard, grants.as_deref())?;
        let mut found = report(tx, &scope, at.id)?;
        // the caller keeps it, or the change is refused
        found.level = AccessLevel::Edit;
        if !scope.grants.allows(Dashboard::KIND.noun, Verb::Read) {
            found.grants.clear();
        }
        Ok(found)
    });
    Ok(Json(saved.await?))
}

impl AccessSettings {
    /// Returns the grants; `None` for everyone.
    fn checked(self) -> Result<Option<Vec<DashboardGrant>>> {
        if self.everyone {
            let is_plain = self.grants.is_empty();
            let why = "must be empty if everyone may open the dashboard: leave it out";
            return if is_plain { Ok(None) } else { Err(Error::invalid("grants", why)) };
        }
        if self.grants.len() > MOST {
            return Err(Error::invalid("grants", format!("must have at most {MOST} items")));
        }
        let mut seen = HashSet::new();
        let grants = self.grants.into_iter().enumerate().map(|(i, draft)| {
            let wrong = |why: &str| Err(Error::invalid(format!("grants[{i}]"), why));
            let holder = match (draft.role_id, draft.user_id) {
                (Some(role), None) => GrantHolder::Role(role),
                (None, Some(user)) => GrantHolder::Member(user),
                _ => return wrong("must have either `roleID` or `userID`"),
            };
            if !seen.insert(holder.id()) {
                return wrong("is listed twice: keep one of them");
            }
            Ok(DashboardGrant { holder, level: draft.level })
        });
        grants.collect::<Result<_>>().map(Some)
    }
}
