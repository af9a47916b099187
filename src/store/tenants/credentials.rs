//! Credentials that act on behalf of a member: API keys, share links and invitations. They do not outlive the
//! membership.
use super::keys::Invitation;
use crate::{
    Error, Result,
    clock::Time,
    model::{ActorKind, Permission, Scope},
    store::{
        Tx,
        audit::AuditedChange,
        database::column,
        sql::{OptionalExtension, SqlResult, sql},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// What happens to a member's credentials when they leave. By default all are revoked, and webhooks keep their URLs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Departure {
    /// Whether to transfer them to the caller instead.
    pub transfer: bool,
    /// Whether webhooks whose URLs the member could see get new URLs.
    pub rotate_webhooks: bool,
}

/// The credentials of a member.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberCredentials {
    pub api_keys: Vec<OwnedKey>,
    pub shares: Vec<OwnedShare>,
    pub invitations: Vec<Invitation>,
    /// The webhooks whose URLs the member can see. Anyone who knows such a URL can start runs.
    pub webhooks: Vec<OwnedWebhook>,
}

/// An API key that acts on behalf of a member.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnedKey {
    pub id: Uuid,
    pub name: String,
    #[serde(rename = "roleID")]
    pub role_id: Uuid,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

/// A share link that acts on behalf of a member.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnedShare {
    pub id: Uuid,
    #[serde(rename = "dashboardID")]
    pub dashboard_id: Uuid,
    pub dashboard_name: String,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

/// A webhook of the tenant.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnedWebhook {
    #[serde(rename = "workflowID")]
    pub workflow_id: Uuid,
    pub workflow_name: String,
    #[serde(rename = "triggerID")]
    pub trigger_id: String,
}

impl Tx<'_> {
    /// Returns the member on whose behalf the actor acts: the member, or the owner of the API key.
    pub(super) fn behalf(&self, scope: &Scope) -> Result<Option<Uuid>> {
        match scope.actor.kind {
            ActorKind::User => Ok(Some(scope.actor.id)),
            ActorKind::ApiKey => Ok(self.key_of(scope.tenant, scope.actor.id)?.and_then(|key| key.owner)),
            ActorKind::Share | ActorKind::System => Ok(None),
        }
    }

    /// Returns everything that acts on behalf of a member, and the webhooks whose URLs they know.
    ///
    /// # Errors
    /// `NotFound` if the user is not a member.
    pub fn credentials(&self, scope: &Scope, user: Uuid) -> Result<MemberCredentials> {
        self.member(scope, user)?;
        let ids = (scope.tenant, user);
        let mut query = self.db.prepare(sql!("select id, name, role_id, expires_at, last_used_at from api_keys where tenant_id = ?1 and owner_id = ?2 order by name"))?;
        let keys = query.query_map((&ids.0, &ids.1), |row| {
            Ok(OwnedKey {
                id: column::id(row, 0)?,
                name: row.get(1)?,
                role_id: column::id(row, 2)?,
                expires_at: column::optional_time(row, 3)?,
                last_used_at: column::optional_time(row, 4)?,
            })
        })?;
        let api_keys = keys.collect::<SqlResult<_>>()?;
        let mut query = self.db.prepare(sql!(
            "select s.id, s.dashboard_id, o.name, s.expires_at, s.last_used_at from shares s
             join objects o on o.tenant_id = s.tenant_id and o.id = s.dashboard_id
             where s.tenant_id = ?1 and s.owner_id = ?2 order by o.name, s.created_at"
        ))?;
        let shares = query.query_map((&ids.0, &ids.1), |row| {
            Ok(OwnedShare {
                id: column::id(row, 0)?,
                dashboard_id: column::id(row, 1)?,
                dashboard_name: row.get(2)?,
                expires_at: column::optional_time(row, 3)?,
                last_used_at: column::optional_time(row, 4)?,
            })
        })?;
        let shares = shares.collect::<SqlResult<_>>()?;
        let mut invitations = self.invitations(scope)?;
        invitations.retain(|invitation| invitation.owner_id == Some(user));
        let knows = self.grants(scope.tenant, user)?.is_some_and(|grants| grants.may(Permission::WorkflowExecute));
        let webhooks = if knows { self.webhooks(scope)? } else { Vec::new() };
        Ok(MemberCredentials { api_keys, shares, invitations, webhooks })
    }

    fn webhooks(&self, scope: &Scope) -> Result<Vec<OwnedWebhook>> {
        let mut query = self.db.prepare(sql!("select t.workflow_id, o.name, t.id from triggers t join objects o on o.tenant_id = t.tenant_id and o.id = t.workflow_id
             where t.tenant_id = ?1 and t.kind = 'webhook' and o.kind = 'workflow' order by o.name, t.id"))?;
        let rows = query.query_map([scope.tenant], |row| {
            Ok(OwnedWebhook { workflow_id: column::id(row, 0)?, workflow_name: row.get(1)?, trigger_id: row.get(2)? })
        })?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Revokes the credentials of a member who leaves, or transfers them to the caller. Each gets an entry in the audit
    /// log.
    pub(super) fn settle_credentials(&self, scope: &Scope, user: Uuid, departure: Departure) -> Result<()> {
        let left = self.credentials(scope, user)?;
        if departure.transfer {
            self.transfer(scope, user, &left)?;
        } else {
            for key in &left.api_keys {
                self.drop_api_key(scope, key.id, &key.name)?;
            }
            for share in &left.shares {
                self.drop_share(scope, share.id, &share.dashboard_name)?;
            }
            for invitation in &left.invitations {
                self.drop_invitation(scope, invitation)?;
            }
        }
        if departure.rotate_webhooks {
            permit(scope, "webhooks", Permission::WorkflowUpdate, !left.webhooks.is_empty())?;
            for webhook in &left.webhooks {
                self.rotate_token(scope, webhook.workflow_id, &webhook.trigger_id)?;
            }
            self.forget_webhooks_in_trash(scope)?;
        }
        Ok(())
    }

    /// Transfers credentials to the caller. This requires the same permissions as creating them, and a role that covers
    /// theirs.
    fn transfer(&self, scope: &Scope, from: Uuid, left: &MemberCredentials) -> Result<()> {
        let heir = self.behalf(scope)?.filter(|heir| *heir != from);
        let heir = heir.ok_or_else(|| {
            Error::invalid("credentials", "must be `revoke`: there is no other member to transfer them to")
        })?;
        permit(scope, "credentials", Permission::ApiKeyCreate, !left.api_keys.is_empty())?;
        permit(scope, "credentials", Permission::DashboardShare, !left.shares.is_empty())?;
        permit(scope, "credentials", Permission::MemberCreate, !left.invitations.is_empty())?;
        let ids = (scope.tenant, from.to_string(), heir.to_string());
        for sql in [
            sql!("update api_keys set owner_id = ?3 where tenant_id = ?1 and owner_id = ?2"),
            sql!("update shares set owner_id = ?3 where tenant_id = ?1 and owner_id = ?2"),
            sql!("update invitations set owner_id = ?3 where tenant_id = ?1 and owner_id = ?2"),
        ] {
            self.db.prepare(sql)?.execute((&ids.0, &ids.1, &ids.2))?;
        }
        for key in &left.api_keys {
            self.assignable_role(scope, key.role_id)?;
            self.record_act(scope, &AuditedChange { verb: "transfer", kind: "apikey", id: key.id, name: &key.name })?;
        }
        for share in &left.shares {
            let name = &share.dashboard_name;
            self.record_act(scope, &AuditedChange { verb: "transfer", kind: "share", id: share.id, name })?;
        }
        for invitation in &left.invitations {
            self.assignable_role(scope, invitation.role_id)?;
            let name = &invitation.email;
            self.record_act(scope, &AuditedChange { verb: "transfer", kind: "invitation", id: invitation.id, name })?;
        }
        Ok(())
    }

    /// Revokes the API keys and invitations that an API key created: if the key leaked, they may have been created by
    /// an attacker.
    pub(super) fn drop_made_by_key(&self, scope: &Scope, key: Uuid) -> Result<()> {
        let ids = (scope.tenant, key.to_string());
        let mut query =
            self.db.prepare(sql!("select id, name from api_keys where tenant_id = ?1 and created_by = ?2"))?;
        let keys = query.query_map((&ids.0, &ids.1), |row| Ok((column::id(row, 0)?, row.get::<String>(1)?)))?;
        for (id, name) in keys.collect::<SqlResult<Vec<_>>>()? {
            self.drop_api_key(scope, id, &name)?;
        }
        let mut query = self.db.prepare(sql!("select id from invitations where tenant_id = ?1 and created_by = ?2"))?;
        let made = query.query_map((&ids.0, &ids.1), |row| column::id(row, 0))?.collect::<SqlResult<Vec<_>>>()?;
        for invitation in self.invitations(scope)?.iter().filter(|one| made.contains(&one.id)) {
            self.drop_invitation(scope, invitation)?;
        }
        Ok(())
    }

    pub(super) fn drop_share(&self, scope: &Scope, id: Uuid, dashboard: &str) -> Result<()> {
        let gone = self
            .db
            .prepare(sql!("delete from shares where tenant_id = ?1 and id = ?2 returning id"))?
            .query_row((scope.tenant, id), |row| column::id(row, 0))
            .optional()?;
        gone.ok_or(Error::NotFound("link"))?;
        self.record_act(scope, &AuditedChange { verb: "delete", kind: "share", id, name: dashboard })
    }
}

/// Refuses the request if the permission is `needed` and the caller does not have it.
fn permit(scope: &Scope, field: &str, permission: Permission, needed: bool) -> Result<()> {
    if needed && !scope.grants.may(permission) {
        return Err(Error::Forbidden(format!(
            "{field}: this requires the permission {permission}, which your role does not have"
        )));
    }
    Ok(())
}
