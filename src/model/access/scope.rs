//! The actor of a request, the tenant, and the permissions.
use super::{dashboards::DashboardAccess, permission::Grants};
use crate::{Error, Result, clock::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Access to one tenant. Every tenant-scoped function of the store takes it.
#[derive(Clone, Debug)]
pub struct Scope {
    pub tenant: Uuid,
    pub actor: Actor,
    pub grants: Grants,
    /// Which dashboards the actor may open.
    pub dashboards: DashboardAccess,
    pub now: Time,
}

/// What someone may do in a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub grants: Grants,
    pub dashboards: DashboardAccess,
}

impl Standing {
    /// Returns what both may do.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { grants: self.grants.and(other.grants), dashboards: self.dashboards.and(&other.dashboards) }
    }
}

/// The actor, as the audit log names it.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Uuid,
    pub label: Arc<str>,
    pub request: RequestInfo,
}

/// The request behind an action. Empty for actions of the server itself.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    pub id: Option<Arc<str>>,
    pub address: Option<std::net::IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ActorKind {
    User,
    ApiKey,
    /// Anyone with a share link.
    Share,
    System,
}

impl ActorKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "apiKey",
            Self::Share => "share",
            Self::System => "system",
        }
    }
}

impl Scope {
    /// Returns the same scope with access to every dashboard, for rules that hold whatever the actor may open.
    #[must_use]
    pub fn everywhere(&self) -> Self {
        Self { dashboards: DashboardAccess::default(), ..self.clone() }
    }

    /// Enforces the rule of delegation: nobody can grant, change, replace or revoke more permissions than they have.
    /// `what` names the subject in the error, such as "the role Owner".
    ///
    /// # Errors
    /// `Forbidden` if `grants` includes a permission that this scope lacks.
    pub fn check_covers(&self, grants: Grants, what: &str) -> Result<()> {
        if self.grants.covers(grants) {
            return Ok(());
        }
        Err(Error::Forbidden(format!("{what} has permissions that you do not have")))
    }

    /// Returns the scope of the server itself in `tenant`: for timers, the demo and the command line.
    pub fn system(tenant: Uuid) -> Self {
        Self {
            tenant,
            actor: Actor {
                kind: ActorKind::System,
                id: Uuid::nil(),
                label: Arc::from("system"),
                request: RequestInfo::default(),
            },
            grants: Grants::all(),
            dashboards: DashboardAccess::default(),
            now: Time::now(),
        }
    }
}
