//! Tenants, their members, and the settings of each member.
pub mod access;
pub mod credentials;
mod deletion;
pub mod keys;
mod roles;
pub mod shares;

use crate::{
    Error, Result,
    clock::Time,
    model::{Expected, Grants, Label, Resource, Role, Scope, Tenant, role::BuiltIn, tenant},
    store::{
        Tx,
        audit::AuditedChange,
        database::column,
        sql::{OptionalExtension, Row, SqlResult, sql},
    },
};
use credentials::Departure;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

const COLUMNS: &str = "t.id, t.name, t.logo_url, t.settings, t.created_at, t.updated_at, t.version";

/// The membership of a user in a tenant.
#[derive(Clone, Debug)]
pub struct Membership {
    pub tenant: Tenant,
    pub role_id: Uuid,
    pub role_name: String,
    pub grants: Grants,
    /// The dashboard that the role's members see first.
    pub start_dashboard_id: Option<Uuid>,
}

/// A member of a tenant.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    #[serde(rename = "userID")]
    pub user_id: Uuid,
    pub email: String,
    pub name: String,
    #[serde(rename = "roleID")]
    pub role_id: Uuid,
    pub role_name: String,
    pub joined_at: Time,
}

fn read_tenant(row: &Row<'_>) -> SqlResult<Tenant> {
    Ok(Tenant {
        id: column::id(row, 0)?,
        name: row.get(1)?,
        logo_url: row.get(2)?,
        settings: serde_json::from_str(row.text(3)?).unwrap_or_default(),
        created_at: column::time(row, 4)?,
        updated_at: column::time(row, 5)?,
        version: row.get(6)?,
    })
}

const MEMBERS: &str = "select u.id, u.email, u.name, o.id, o.name, m.joined_at from members m
   join users u on u.id = m.user_id join objects o on o.tenant_id = m.tenant_id and o.id = m.role_id";

fn read_member(row: &Row<'_>) -> SqlResult<Member> {
    Ok(Member {
        user_id: column::id(row, 0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        role_id: column::id(row, 3)?,
        role_name: row.get(4)?,
        joined_at: column::time(row, 5)?,
    })
}

fn read_role(row: &Row<'_>, at: usize) -> SqlResult<Option<Role>> {
    Ok(serde_json::from_str(row.text(at)?).ok())
}

fn read_grants(row: &Row<'_>, at: usize) -> SqlResult<Grants> {
    Ok(read_role(row, at)?.map(|role| role.grants()).unwrap_or_default())
}

impl Tx<'_> {
    /// Creates a tenant with its built-in roles. The actor becomes its Owner. The scope's tenant is the id of the new
    /// tenant.
    ///
    /// # Errors
    /// `QuotaExceeded` if the actor owns as many tenants as allowed; `Unavailable` while the disk is almost full.
    pub fn create_tenant(&self, scope: &Scope, draft: &tenant::Draft) -> Result<Tenant> {
        self.check_ownership(scope)?;
        self.db
            .prepare(sql!("insert into tenants (id, name, logo_url, settings, created_at, updated_at, version) values (?1, ?2, ?3, ?4, ?5, ?5, 1)"))?
            .execute((
                scope.tenant,
                &draft.name,
                &draft.logo_url,
                serde_json::to_string(&draft.settings)?,
                scope.now.0,
            ))?;
        for which in BuiltIn::ALL {
            let label = Label::new(which.name(), which.description())?;
            let role = self.insert(scope, Uuid::now_v7(), label, Role::built_in(which))?;
            if which == BuiltIn::Owner && !scope.actor.id.is_nil() {
                self.add_member(scope.tenant, scope.actor.id, role.id, scope.now)?;
            }
        }
        self.record_tenant_act(scope, "create", &draft.name)?;
        self.tenant(scope)
    }

    /// Checks that the actor may own one more tenant.
    fn check_ownership(&self, scope: &Scope) -> Result<()> {
        let most = self.quotas().limits.tenants_per_person;
        if most == 0 || scope.actor.id.is_nil() {
            return Ok(());
        }
        let owned: u64 = self
            .db
            .prepare(sql!(
                "select count(*) from members m join objects o on o.tenant_id = m.tenant_id and o.id = m.role_id
                 where m.user_id = ?1 and o.name = ?2"
            ))?
            .query_row((scope.actor.id, BuiltIn::Owner.name()), |row| row.get(0))?;
        if owned < most {
            return Ok(());
        }
        Err(Error::QuotaExceeded(format!("you own {owned} tenants, which is the maximum: delete one first")))
    }

    pub fn tenant(&self, scope: &Scope) -> Result<Tenant> {
        let sql = sql!("select ", COLUMNS, " from tenants t where t.id = ?1");
        let tenant = self.db.prepare(sql)?.query_row([scope.tenant], read_tenant).optional()?;
        tenant.ok_or(Error::NotFound("tenant"))
    }

    pub fn update_tenant(
        &self,
        scope: &Scope,
        expected: &Expected,
        change: impl FnOnce(&Tenant) -> Result<tenant::Draft>,
    ) -> Result<Tenant> {
        let old = self.tenant(scope)?;
        expected.check(old.version)?;
        let new = change(&old)?;
        self.quotas().disk.check()?;
        if new.name == old.name && new.logo_url == old.logo_url && new.settings == old.settings {
            return Ok(old);
        }
        let replaced = self
            .db
            .prepare(sql!(
                "update tenants set name = ?2, logo_url = ?3, settings = ?4, updated_at = ?5, version = version + 1
                 where id = ?1 and version = ?6"
            ))?
            .execute((
                scope.tenant,
                &new.name,
                &new.logo_url,
                serde_json::to_string(&new.settings)?,
                scope.now.max(old.updated_at).0,
                old.version,
            ))?;
        if replaced == 0 {
            return Err(Error::VersionConflict { current: self.tenant(scope)?.version, record: None });
        }
        self.record_tenant_act(scope, "update", &new.name)?;
        self.tenant(scope)
    }

    /// Returns the account behind a tenant: the member who joined first, usually its creator.
    pub fn account_behind(&self, tenant: Uuid) -> Result<Option<Uuid>> {
        let sql = sql!("select user_id from members where tenant_id = ?1 order by joined_at, user_id limit 1");
        let found = self.db.prepare(sql)?.query_row([tenant], |row| column::id(row, 0));
        Ok(found.optional()?)
    }

    /// Returns the ids of all tenants, oldest first.
    pub fn tenant_ids(&self) -> Result<Vec<Uuid>> {
        let mut query = self.db.prepare(sql!(
            "select id from tenants where id not in (select id from deleted_tenants) order by created_at, id"
        ))?;
        let rows = query.query_map((), |row| column::id(row, 0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    fn record_tenant_act(&self, scope: &Scope, verb: &str, name: &str) -> Result<()> {
        self.record_act(scope, &AuditedChange { verb, kind: tenant::KIND.name(), id: scope.tenant, name })
    }

    /// Returns the permissions of a user in a tenant. `None` if the user is not a member, the tenant does not exist, or
    /// the account is disabled.
    pub fn grants(&self, tenant: Uuid, user: Uuid) -> Result<Option<Grants>> {
        let grants = self
            .db
            .prepare(sql!(
                "select o.spec from members m join objects o on o.tenant_id = m.tenant_id and o.id = m.role_id
                 join users u on u.id = m.user_id where m.tenant_id = ?1 and m.user_id = ?2 and u.disabled = 0"
            ))?
            .query_row((tenant, user), |row| read_grants(row, 0))
            .optional()?;
        Ok(grants)
    }

    /// Returns the user's tenants, by name.
    pub fn memberships(&self, user: Uuid) -> Result<Vec<Membership>> {
        let sql = sql!(
            "select ",
            COLUMNS,
            ", o.id, o.name, o.spec from members m
             join tenants t on t.id = m.tenant_id
             join objects o on o.tenant_id = m.tenant_id and o.id = m.role_id
             where m.user_id = ?1 order by t.name, t.id"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map([user], |row| {
            let role = read_role(row, 9)?;
            Ok(Membership {
                tenant: read_tenant(row)?,
                role_id: column::id(row, 7)?,
                role_name: row.get(8)?,
                grants: role.as_ref().map(Role::grants).unwrap_or_default(),
                start_dashboard_id: role.and_then(|role| role.start_dashboard_id),
            })
        })?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the tenant's members, by email address.
    pub fn members(&self, scope: &Scope) -> Result<Vec<Member>> {
        let sql = sql!(MEMBERS, " where m.tenant_id = ?1 order by u.email, u.id");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map([scope.tenant], read_member)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the number of members of the tenant.
    pub fn member_count(&self, scope: &Scope) -> Result<u64> {
        let mut query = self.db.prepare(sql!("select count(*) from members where tenant_id = ?1"))?;
        Ok(query.query_row([scope.tenant], |row| row.get(0))?)
    }

    pub fn member(&self, scope: &Scope, user: Uuid) -> Result<Member> {
        let sql = sql!(MEMBERS, " where m.tenant_id = ?1 and m.user_id = ?2");
        let mut query = self.db.prepare(sql)?;
        let member = query.query_row((scope.tenant, user), read_member).optional()?;
        member.ok_or(Error::NotFound("member"))
    }

    /// Returns the member with this normalised email address.
    pub fn member_by_email(&self, scope: &Scope, email: &str) -> Result<Option<Member>> {
        let sql = sql!(MEMBERS, " where m.tenant_id = ?1 and u.email = ?2 limit 1");
        let mut query = self.db.prepare(sql)?;
        Ok(query.query_row((scope.tenant, email), read_member).optional()?)
    }

    /// Adds a member. Does nothing if the user is already a member.
    pub fn add_member(&self, tenant: Uuid, user: Uuid, role: Uuid, now: Time) -> Result<()> {
        // a cache may hold that the user is no member
        self.mark_regrant();
        self.db
            .prepare(sql!("insert into members (tenant_id, user_id, role_id, joined_at) values (?1, ?2, ?3, ?4) on conflict do nothing"))?
            .execute((tenant, user, role, now.0))?;
        Ok(())
    }

    pub fn set_member_role(&self, scope: &Scope, user: Uuid, role: Uuid) -> Result<Member> {
        let member = self.member(scope, user)?;
        self.assignable_role(scope, role)?;
        self.assignable_role(scope, member.role_id)?;
        if role != member.role_id {
            self.keep_an_owner(scope.tenant, user)?;
        }
        self.db.prepare(sql!("update members set role_id = ?3 where tenant_id = ?1 and user_id = ?2"))?.execute((
            scope.tenant,
            user,
            role,
        ))?;
        self.record_act(scope, &AuditedChange { verb: "update", kind: "member", id: user, name: &member.email })?;
        self.member(scope, user)
    }

    /// Removes a member. Their credentials are revoked or transferred, depending on `departure`.
    pub fn remove_member(&self, scope: &Scope, user: Uuid, departure: Departure) -> Result<()> {
        let member = self.member(scope, user)?;
        if user != scope.actor.id {
            self.assignable_role(scope, member.role_id)?;
        }
        self.keep_an_owner(scope.tenant, user)?;
        self.settle_credentials(scope, user, departure)?;
        self.db
            .prepare(sql!("delete from members where tenant_id = ?1 and user_id = ?2"))?
            .execute((scope.tenant, user))?;
        self.record_act(scope, &AuditedChange { verb: "delete", kind: "member", id: user, name: &member.email })
    }

    /// Checks that the caller may grant or revoke a role: it must not have permissions that they lack. Returns its
    /// name.
    pub fn assignable_role(&self, scope: &Scope, role: Uuid) -> Result<String> {
        let record = self.find::<Role>(scope, role).map_err(|error| match error {
            Error::NotFound(_) => Error::invalid("roleID", format!("no such {} in this tenant", Role::KIND.label)),
            other => other,
        })?;
        scope.check_covers(record.spec.grants(), &format!("the role {}", record.label.name))?;
        Ok(record.label.name)
    }

    /// Refuses a change that would leave the tenant without an Owner.
    fn keep_an_owner(&self, tenant: Uuid, leaving: Uuid) -> Result<()> {
        let mut query = self.db.prepare(sql!(
            "select m.user_id, o.spec from members m join objects o on o.tenant_id = m.tenant_id and o.id = m.role_id \
             where m.tenant_id = ?1"
        ))?;
        let rows = query.query_map([tenant], |row| {
            let role: Option<Role> = serde_json::from_str(row.text(1)?).ok();
            Ok((column::id(row, 0)?, role.and_then(|role| role.built_in) == Some(BuiltIn::Owner)))
        })?;
        let owners: Vec<Uuid> = rows.filter_map(Result::ok).filter(|(_, owner)| *owner).map(|(id, _)| id).collect();
        if owners == [leaving] {
            return Err(Error::conflict(
                "the last Owner cannot be removed or demoted: make another member an Owner first",
            ));
        }
        Ok(())
    }

    /// Returns the user's settings in the tenant. Empty if they were never set.
    pub fn user_config(&self, tenant: Uuid, user: Uuid) -> Result<Map<String, Value>> {
        let text: Option<String> = self
            .db
            .prepare(sql!("select config from user_configs where tenant_id = ?1 and user_id = ?2"))?
            .query_row((tenant, user), |row| row.get(0))
            .optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    pub fn set_user_config(&self, tenant: Uuid, user: Uuid, config: &Map<String, Value>, now: Time) -> Result<()> {
        self.quotas().disk.check()?;
        self.db
            .prepare(sql!("insert into user_configs (tenant_id, user_id, config, updated_at) values (?1, ?2, ?3, ?4)
                 on conflict (tenant_id, user_id) do update set config = excluded.config, updated_at = excluded.updated_at"))?
            .execute((tenant, user, serde_json::to_string(config)?, now.0))?;
        Ok(())
    }
}
