//! Who is asking, for which tenant, and what they may do.
use super::permission::Grants;
use crate::{Error, Result, clock::Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The right to look into one tenant: every tenant-scoped query takes it.
#[derive(Clone, Debug)]
pub struct Scope {
    pub tenant: Uuid,
    pub actor: Actor,
    pub grants: Grants,
    pub now: Time,
}

/// Who does something, as the audit log names them.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Uuid,
    pub label: Arc<str>,
    pub request: RequestInfo,
}

/// Where an act came from; empty for the server's own.
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
    /// Whoever holds a link to a shared dashboard.
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
    /// The one rule of delegation: nobody hands out, changes, replaces or takes away what may do more than they may.
    /// `what` names it: "the role Owner".
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn check_covers(&self, grants: Grants, what: &str) -> Result<()> {
        if self.grants.covers(grants) {
            return Ok(());
        }
        Err(Error::Forbidden(format!("{what} may do more than you may")))
    }

    /// The server acting on its own for `tenant`: timers, the demo, the command line.
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
            now: Time::now(),
        }
    }
}
