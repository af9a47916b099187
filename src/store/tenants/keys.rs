//! Invitations and API keys: secrets that are shown once and stored as hashes.
use crate::{
    Error, Result,
    clock::Time,
    model::{Grants, Permission, Role, Scope},
    store::{
        Tx,
        audit::AuditedChange,
        database::column,
        sql::{OptionalExtension, Row, Sql, SqlParams, SqlResult, sql},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// A pending invitation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub id: Uuid,
    pub email: String,
    #[serde(rename = "roleID")]
    pub role_id: Uuid,
    pub role_name: String,
    pub created_at: Time,
    /// The member who invites. The invitation stops working when they leave.
    #[serde(rename = "ownerID")]
    pub owner_id: Option<Uuid>,
    pub expires_at: Time,
}

/// An API key, without the secret.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    pub id: Uuid,
    pub name: String,
    /// The first characters, to tell keys apart.
    pub prefix: String,
    #[serde(rename = "roleID")]
    pub role_id: Uuid,
    pub role_name: String,
    pub created_at: Time,
    /// The member on whose behalf the key acts. It never has more permissions than they have, and stops working when
    /// they leave.
    #[serde(rename = "ownerID")]
    pub owner_id: Option<Uuid>,
    /// The email address of that member. Null if they have left.
    pub owner_email: Option<String>,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

/// The holder of an API key.
pub struct KeyHolder {
    pub tenant: Uuid,
    pub id: Uuid,
    pub name: String,
    /// The permissions of its role, which its owner's role limits further.
    pub grants: Grants,
    pub role: Uuid,
    pub owner: Option<Uuid>,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

impl Invitation {
    fn read(row: &Row<'_>) -> SqlResult<Self> {
        Ok(Self {
            id: column::id(row, 0)?,
            email: row.get(1)?,
            role_id: column::id(row, 2)?,
            role_name: row.get(3)?,
            created_at: column::time(row, 4)?,
            expires_at: column::time(row, 5)?,
            owner_id: column::optional_id(row, 6)?,
        })
    }
}

/// The most invitations, and the most API keys, of a tenant.
const MOST: u64 = 1000;
const INVITATION: &str =
    "select i.id, i.email, i.role_id, o.name, i.created_at, i.expires_at, i.owner_id, i.tenant_id, t.name from invitations i
    join objects o on o.tenant_id = i.tenant_id and o.id = i.role_id join tenants t on t.id = i.tenant_id";

const KEY: &str =
    "select k.tenant_id, k.id, k.name, o.spec, k.expires_at, k.last_used_at, k.owner_id, k.role_id from api_keys k
    join objects o on o.tenant_id = k.tenant_id and o.id = k.role_id where ";

impl Tx<'_> {
    /// Creates an invitation. Replaces an older one for the same email address.
    ///
    /// # Errors
    /// `Invalid` if the address belongs to a member; `Forbidden` if the role of either invitation has permissions that
    /// the caller does not have.
    pub fn create_invitation(
        &self,
        scope: &Scope,
        email: &str,
        role: Uuid,
        token_hash: &str,
        expires_at: Time,
    ) -> Result<Invitation> {
        let role_name = self.assignable_role(scope, role)?;
        if let Some(member) = self.member_by_email(scope, email)? {
            let name = if member.name.is_empty() { email.to_owned() } else { format!("{} ({email})", member.name) };
            let message = format!(
                "{name} is already a member with the role {}: change the role in the list of members",
                member.role_name
            );
            return Err(Error::invalid("email", message));
        }
        let (tenant, id, owner_id) = (scope.tenant.to_string(), Uuid::now_v7(), self.behalf(scope)?);
        for old in self.invitations(scope)?.iter().filter(|old| old.email == email) {
            self.assignable_role(scope, old.role_id)?;
        }
        self.db
            .prepare(sql!("delete from invitations where tenant_id = ?1 and (email = ?2 or expires_at < ?3)"))?
            .execute((&tenant, email, scope.now.0))?;
        self.check_rows(
            scope,
            sql!("select count(*) from (select 1 from invitations where tenant_id = ?1 limit ?2) as found"),
            MOST,
            "invitations",
        )?;
        self.db
            .prepare(sql!(
                "insert into invitations (tenant_id, id, token_hash, email, role_id, created_at, created_by, \
                 expires_at, owner_id) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute((&tenant, id, token_hash, email, role, scope.now.0, scope.actor.id, expires_at.0, owner_id))?;
        self.record_act(scope, &AuditedChange { verb: "create", kind: "invitation", id, name: email })?;
        let email = email.to_owned();
        Ok(Invitation { id, email, role_id: role, role_name, created_at: scope.now, owner_id, expires_at })
    }

    /// Returns the pending invitations, newest first.
    pub fn invitations(&self, scope: &Scope) -> Result<Vec<Invitation>> {
        let sql = sql!(INVITATION, " where i.tenant_id = ?1 and i.expires_at > ?2 order by i.created_at desc, i.id");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, scope.now.0), Invitation::read)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Revokes an invitation.
    ///
    /// # Errors
    /// `Forbidden` if its role has permissions that the caller does not have.
    pub fn delete_invitation(&self, scope: &Scope, id: Uuid) -> Result<()> {
        let sql = sql!(INVITATION, " where i.tenant_id = ?1 and i.id = ?2");
        let found = self.db.prepare(sql)?.query_row((scope.tenant, id), Invitation::read).optional()?;
        let invitation = found.ok_or(Error::NotFound("invitation"))?;
        self.assignable_role(scope, invitation.role_id)?;
        self.drop_invitation(scope, &invitation)
    }

    pub(super) fn drop_invitation(&self, scope: &Scope, invitation: &Invitation) -> Result<()> {
        self.db
            .prepare(sql!("delete from invitations where tenant_id = ?1 and id = ?2"))?
            .execute((scope.tenant, invitation.id))?;
        self.record_act(
            scope,
            &AuditedChange { verb: "delete", kind: "invitation", id: invitation.id, name: &invitation.email },
        )
    }

    /// Returns the pending invitation of a link, with the id and name of the tenant.
    ///
    /// # Errors
    /// `NotFound`, also if the member who invites may no longer grant its role.
    pub fn invitation_by_token(&self, token_hash: &str, now: Time) -> Result<(Invitation, Uuid, String)> {
        let sql = sql!(INVITATION, " where i.token_hash = ?1 and i.expires_at > ?2");
        let found = self
            .db
            .prepare(sql)?
            .query_row((token_hash, now.0), |row| Ok((Invitation::read(row)?, column::id(row, 7)?, row.get(8)?)))
            .optional()?;
        let (invitation, tenant, name) = found.ok_or(Error::NotFound("invitation"))?;
        if !self.still_invites(tenant, &invitation)? {
            return Err(Error::NotFound("invitation"));
        }
        Ok((invitation, tenant, name))
    }

    /// Returns whether this email address (in lower case) is invited to any tenant.
    pub fn is_invited(&self, email: &str, now: Time) -> Result<bool> {
        let sql = sql!(INVITATION, " where i.email = ?1 and i.expires_at > ?2");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((email, now.0), |row| Ok((Invitation::read(row)?, column::id(row, 7)?)))?;
        let open = rows.collect::<SqlResult<Vec<_>>>()?;
        open.iter().try_fold(false, |invited, (one, tenant)| Ok(invited || self.still_invites(*tenant, one)?))
    }

    /// Returns whether the member who invites may still invite and grant its role.
    fn still_invites(&self, tenant: Uuid, invitation: &Invitation) -> Result<bool> {
        let Some(owner) = invitation.owner_id else { return Ok(false) };
        let Some(grants) = self.grants(tenant, owner)? else { return Ok(false) };
        let mut scope = Scope::system(tenant);
        scope.grants = grants;
        Ok(grants.may(Permission::MemberCreate) && self.assignable_role(&scope, invitation.role_id).is_ok())
    }

    /// Makes the actor a member with the role of the invitation, and deletes the invitation.
    ///
    /// # Errors
    /// `Conflict` if they are already a member. The invitation is kept.
    pub fn accept_invitation(&self, scope: &Scope, invitation: &Invitation) -> Result<()> {
        match self.member(scope, scope.actor.id) {
            Ok(member) => {
                return Err(Error::conflict(format!(
                    "you are already a member of this tenant with the role {}: ask an Owner to change it",
                    member.role_name
                )));
            }
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        self.add_member(scope.tenant, scope.actor.id, invitation.role_id, scope.now)?;
        self.db
            .prepare(sql!("delete from invitations where tenant_id = ?1 and id = ?2"))?
            .execute((scope.tenant, invitation.id))?;
        self.record_act(
            scope,
            &AuditedChange { verb: "create", kind: "member", id: scope.actor.id, name: &scope.actor.label },
        )
    }

    /// Creates an API key. Only its hash is stored.
    pub fn create_api_key(
        &self,
        scope: &Scope,
        name: &str,
        role: Uuid,
        prefix: &str,
        hash: &str,
        expires_at: Option<Time>,
    ) -> Result<ApiKey> {
        let role_name = self.assignable_role(scope, role)?;
        let (id, owner_id) = (Uuid::now_v7(), self.behalf(scope)?);
        self.check_rows(
            scope,
            sql!("select count(*) from (select 1 from api_keys where tenant_id = ?1 limit ?2) as found"),
            MOST,
            "API keys",
        )?;
        self.db
            .prepare(sql!(
                "insert into api_keys (tenant_id, id, name, prefix, hash, role_id, created_at, created_by, expires_at, \
                 owner_id) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            ))?
            .execute((
                scope.tenant,
                id,
                name,
                prefix,
                hash,
                role,
                scope.now.0,
                scope.actor.id,
                expires_at.map(|at| at.0),
                owner_id,
            ))
            .map_err(|error| {
                if error.is_duplicate() {
                    return Error::conflict(format!("there is already an API key named \"{name}\""));
                }
                error.into()
            })?;
        self.record_act(scope, &AuditedChange { verb: "create", kind: "apikey", id, name })?;
        Ok(ApiKey {
            id,
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            role_id: role,
            role_name,
            created_at: scope.now,
            owner_email: owner_id.and_then(|id| self.member(scope, id).ok()).map(|member| member.email),
            owner_id,
            expires_at,
            last_used_at: None,
        })
    }

    /// Returns the tenant's API keys, by name.
    pub fn api_keys(&self, scope: &Scope) -> Result<Vec<ApiKey>> {
        let mut query = self.db.prepare(sql!("select k.id, k.name, k.prefix, k.role_id, o.name, k.created_at, k.expires_at, k.last_used_at, k.owner_id, u.email from api_keys k
             join objects o on o.tenant_id = k.tenant_id and o.id = k.role_id
             left join members m on m.tenant_id = k.tenant_id and m.user_id = k.owner_id
             left join users u on u.id = m.user_id where k.tenant_id = ?1 order by k.name"))?;
        let rows = query.query_map([scope.tenant], |row| {
            Ok(ApiKey {
                id: column::id(row, 0)?,
                name: row.get(1)?,
                prefix: row.get(2)?,
                role_id: column::id(row, 3)?,
                role_name: row.get(4)?,
                created_at: column::time(row, 5)?,
                expires_at: column::optional_time(row, 6)?,
                last_used_at: column::optional_time(row, 7)?,
                owner_id: column::optional_id(row, 8)?,
                owner_email: row.get(9)?,
            })
        })?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Revokes an API key.
    ///
    /// # Errors
    /// `Forbidden` if its role has permissions that the caller does not have.
    pub fn delete_api_key(&self, scope: &Scope, id: Uuid) -> Result<()> {
        let found: Option<(String, Uuid)> = self
            .db
            .prepare(sql!("select name, role_id from api_keys where tenant_id = ?1 and id = ?2"))?
            .query_row((scope.tenant, id), |row| Ok((row.get(0)?, column::id(row, 1)?)))
            .optional()?;
        let (name, role) = found.ok_or(Error::NotFound("API key"))?;
        self.assignable_role(scope, role)?;
        self.drop_api_key(scope, id, &name)
    }

    pub(super) fn drop_api_key(&self, scope: &Scope, id: Uuid, name: &str) -> Result<()> {
        let gone = self
            .db
            .prepare(sql!("delete from api_keys where tenant_id = ?1 and id = ?2"))?
            .execute((scope.tenant, id))?;
        if gone == 0 {
            return Ok(());
        }
        self.record_act(scope, &AuditedChange { verb: "delete", kind: "apikey", id, name })?;
        self.drop_made_by_key(scope, id)
    }

    /// Returns the holder of the API key with this hash.
    pub fn key_holder(&self, hash: &str) -> Result<Option<KeyHolder>> {
        self.key_where(sql!(KEY, "k.hash = ?1"), [hash])
    }

    /// Returns the current holder of the API key with this id.
    pub fn key_of(&self, tenant: Uuid, id: Uuid) -> Result<Option<KeyHolder>> {
        self.key_where(sql!(KEY, "k.tenant_id = ?1 and k.id = ?2"), (tenant, id))
    }

    fn key_where(&self, sql: Sql<'_>, parameters: impl SqlParams) -> Result<Option<KeyHolder>> {
        let holder = self
            .db
            .prepare(sql)?
            .query_row(parameters, |row| {
                let role: Option<Role> = serde_json::from_str(row.text(3)?).ok();
                Ok(KeyHolder {
                    tenant: column::id(row, 0)?,
                    id: column::id(row, 1)?,
                    name: row.get(2)?,
                    grants: role.map(|role| role.grants()).unwrap_or_default(),
                    expires_at: column::optional_time(row, 4)?,
                    last_used_at: column::optional_time(row, 5)?,
                    owner: column::optional_id(row, 6)?,
                    role: column::id(row, 7)?,
                })
            })
            .optional()?;
        Ok(holder)
    }

    /// Records the use of an API key, at most once a minute.
    pub fn touch_api_key(&self, tenant: Uuid, id: Uuid, now: Time) -> Result<()> {
        self.db
            .prepare(sql!("update api_keys set last_used_at = ?3 where tenant_id = ?1 and id = ?2 and coalesce(last_used_at, 0) + 60000 < ?3"))?
            .execute((tenant, id, now.0))?;
        Ok(())
    }
}
