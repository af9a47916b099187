//! Which dashboards a member or an API key may open: what is stored, and what follows from it for a caller.
use super::keys::KeyHolder;
use crate::{
    Error, Result,
    model::{
        AccessLevel, ActorKind, Dashboard, DashboardAccess, Grants, Permission, Record, Resource, Role, Scope, Standing,
    },
    store::{
        Tx,
        audit::AuditedChange,
        database::column,
        sql::{OptionalExtension, SqlResult, sql},
    },
};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A role or a member, and what they may do on a dashboard.
#[derive(Clone, Debug)]
pub struct DashboardGrant {
    pub holder: GrantHolder,
    pub level: AccessLevel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantHolder {
    Role(Uuid),
    Member(Uuid),
}

/// A stored grant with the names of its holder.
#[derive(Clone, Debug)]
pub struct NamedGrant {
    pub grant: DashboardGrant,
    /// The name of the role or of the member.
    pub name: String,
    /// The member's email address.
    pub email: Option<String>,
}

impl GrantHolder {
    pub fn id(self) -> Uuid {
        match self {
            Self::Role(id) | Self::Member(id) => id,
        }
    }
}

impl Tx<'_> {
    /// Returns what a user may do in a tenant. `None` if they are not a member, the tenant does not exist, or the account
    /// is disabled.
    pub fn standing(&self, tenant: Uuid, user: Uuid) -> Result<Option<Standing>> {
        let sql = sql!(
            "select o.spec, o.id from members m join objects o on o.tenant_id = m.tenant_id and o.id = m.role_id
             join users u on u.id = m.user_id where m.tenant_id = ?1 and m.user_id = ?2 and u.disabled = 0"
        );
        let found = self
            .db
            .prepare(sql)?
            .query_row((tenant, user), |row| Ok((super::read_grants(row, 0)?, column::id(row, 1)?)));
        let Some((grants, role)) = found.optional()? else { return Ok(None) };
        Ok(Some(Standing { grants, dashboards: self.dashboard_access(tenant, [user, role], grants)? }))
    }

    /// Returns what the role of an API key allows, which its owner's standing limits further.
    pub fn standing_of_key(&self, key: &KeyHolder) -> Result<Standing> {
        let dashboards = self.dashboard_access(key.tenant, [key.owner.unwrap_or_default(), key.role], key.grants)?;
        Ok(Standing { grants: key.grants, dashboards })
    }

    /// Returns the access of a holder of grants. Those who may edit roles may open every dashboard.
    fn dashboard_access(&self, tenant: Uuid, holders: [Uuid; 2], grants: Grants) -> Result<DashboardAccess> {
        if grants.may(Permission::RoleUpdate) {
            return Ok(DashboardAccess::default());
        }
        let sql = sql!(
            "select r.dashboard_id, g.level from restricted_dashboards r
             left join dashboard_grants g on g.tenant_id = r.tenant_id and g.dashboard_id = r.dashboard_id
               and g.holder_id in (?2, ?3)
             where r.tenant_id = ?1"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((tenant, holders[0], holders[1]), |row| {
            Ok((column::id(row, 0)?, row.get::<Option<String>>(1)?))
        })?;
        let mut levels = BTreeMap::<Uuid, Option<AccessLevel>>::new();
        for row in rows {
            let (dashboard, level) = row?;
            let best = levels.entry(dashboard).or_default();
            *best = (*best).max(level.as_deref().and_then(AccessLevel::named));
        }
        Ok(DashboardAccess::new(levels))
    }

    /// Returns the present access of the actor.
    fn present_access(&self, scope: &Scope) -> Result<DashboardAccess> {
        let standing = match scope.actor.kind {
            ActorKind::Share | ActorKind::System => return Ok(DashboardAccess::default()),
            ActorKind::User => self.standing(scope.tenant, scope.actor.id)?.unwrap_or_default(),
            ActorKind::ApiKey => {
                let key = self.key_of(scope.tenant, scope.actor.id)?.ok_or(Error::NotFound("API key"))?;
                let owner = key.owner.map(|owner| self.standing(scope.tenant, owner)).transpose()?.flatten();
                owner.unwrap_or_default().and(&self.standing_of_key(&key)?)
            }
        };
        Ok(standing.dashboards)
    }

    /// Returns the dashboard that a record is or belongs to, also one in the trash. `None` for other records and for
    /// unknown IDs.
    pub fn dashboard_of(&self, tenant: Uuid, id: Uuid) -> Result<Option<Uuid>> {
        let sql = sql!("select kind, dashboard_id from objects where tenant_id = ?1 and id = ?2");
        let found: Option<(String, String)> =
            self.db.prepare(sql)?.query_row((tenant, id), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((kind, place)) = found else { return Ok(None) };
        let is_dashboard = kind.strip_prefix("trash/").unwrap_or(&kind) == Dashboard::KIND.name();
        Ok(if is_dashboard { Some(id) } else { Uuid::parse_str(&place).ok() })
    }

    /// Returns who may open a dashboard, roles first; `None` if everyone may whose role allows it.
    pub fn dashboard_grants(&self, scope: &Scope, dashboard: Uuid) -> Result<Option<Vec<NamedGrant>>> {
        let sql = sql!("select 1 from restricted_dashboards where tenant_id = ?1 and dashboard_id = ?2");
        if !self.db.prepare(sql)?.exists((scope.tenant, dashboard))? {
            return Ok(None);
        }
        let sql = sql!(
            "select g.role_id, g.user_id, g.level, coalesce(o.name, u.name, ''), u.email from dashboard_grants g
             left join objects o on o.tenant_id = g.tenant_id and o.id = g.role_id
             left join users u on u.id = g.user_id
             where g.tenant_id = ?1 and g.dashboard_id = ?2 order by g.role_id is null, 4, u.email"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, dashboard), |row| {
            let (role, user) = (column::optional_id(row, 0)?, column::optional_id(row, 1)?);
            let holder = role.map(GrantHolder::Role).or(user.map(GrantHolder::Member));
            let level = AccessLevel::named(row.text(2)?);
            let (Some(holder), Some(level)) = (holder, level) else { return Err(column::broken(2, "not a grant")) };
            Ok(NamedGrant { grant: DashboardGrant { holder, level }, name: row.get(3)?, email: row.get(4)? })
        })?;
        Ok(Some(rows.collect::<SqlResult<_>>()?))
    }

    /// Returns the restricted dashboards that the actor may open, each with its grants.
    pub fn restricted_dashboards(&self, scope: &Scope) -> Result<Vec<(Uuid, Vec<NamedGrant>)>> {
        let sql = sql!(
            "select r.dashboard_id from restricted_dashboards r
             join objects o on o.tenant_id = r.tenant_id and o.id = r.dashboard_id and o.kind = 'dashboard'
             where r.tenant_id = ?1 order by r.dashboard_id"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map([scope.tenant], |row| column::id(row, 0))?.collect::<SqlResult<Vec<Uuid>>>()?;
        let seen = rows.into_iter().filter(|id| scope.dashboards.shows(Some(*id)));
        seen.map(|id| Ok((id, self.dashboard_grants(scope, id)?.unwrap_or_default()))).collect()
    }

    /// Restricts a dashboard to these grants, or opens it to everyone whose role allows it, for `None`.
    ///
    /// # Errors
    /// `Invalid` at `grants` for an unknown role or member, and if the actor could not edit the dashboard any more.
    pub fn set_dashboard_access(
        &self,
        scope: &Scope,
        dashboard: &Record<Dashboard>,
        grants: Option<&[DashboardGrant]>,
    ) -> Result<()> {
        self.mark_regrant();
        self.quotas().disk.check()?;
        let ids = (scope.tenant.to_string(), dashboard.id.to_string());
        for sql in [
            sql!("delete from dashboard_grants where tenant_id = ?1 and dashboard_id = ?2"),
            sql!("delete from restricted_dashboards where tenant_id = ?1 and dashboard_id = ?2"),
        ] {
            self.db.prepare(sql)?.execute((&ids.0, &ids.1))?;
        }
        if let Some(grants) = grants {
            self.restrict(scope, dashboard.id, grants)?;
            if !self.present_access(scope)?.edits(Some(dashboard.id)) {
                let why = "would leave you without permission to edit this dashboard: give `edit` to yourself or to \
                     your role, too";
                return Err(Error::invalid("grants", why));
            }
        }
        let granted = self.dashboard_grants(scope, dashboard.id)?.unwrap_or_default();
        let told = granted.iter().map(|one| {
            let level = one.grant.level.name();
            match &one.email {
                Some(email) => json!({"member": email, "level": level}),
                None => json!({"role": one.name, "level": level}),
            }
        });
        let details = json!({"everyone": grants.is_none(), "grants": told.collect::<Vec<_>>()});
        let (kind, name) = (Dashboard::KIND.name(), dashboard.label.name.as_str());
        let act = AuditedChange { verb: "access", kind, id: dashboard.id, name };
        self.record_detailed_act(scope, &act, Some(&details))
    }

    fn restrict(&self, scope: &Scope, dashboard: Uuid, grants: &[DashboardGrant]) -> Result<()> {
        let sql = sql!("insert into restricted_dashboards (tenant_id, dashboard_id) values (?1, ?2)");
        self.db.prepare(sql)?.execute((scope.tenant, dashboard))?;
        for (i, DashboardGrant { holder, level }) in grants.iter().enumerate() {
            let (role, user) = match holder {
                GrantHolder::Role(id) => {
                    let missing = || Error::invalid(format!("grants[{i}].roleID"), "no such role in this tenant");
                    self.find_unread::<Role>(scope, *id).map_err(|_| missing())?;
                    (Some(*id), None)
                }
                GrantHolder::Member(id) => {
                    let missing = || Error::invalid(format!("grants[{i}].userID"), "no such member in this tenant");
                    self.member(scope, *id).map_err(|_| missing())?;
                    (None, Some(*id))
                }
            };
            let sql = sql!(
                "insert into dashboard_grants (tenant_id, dashboard_id, holder_id, role_id, user_id, level)
                 values (?1, ?2, ?3, ?4, ?5, ?6)"
            );
            self.db.prepare(sql)?.execute((scope.tenant, dashboard, holder.id(), role, user, level.name()))?;
        }
        Ok(())
    }

    /// Restricts a clone of a dashboard as the original is.
    pub fn copy_dashboard_access(&self, scope: &Scope, from: Uuid, to: Uuid) -> Result<()> {
        self.mark_regrant();
        for sql in [
            sql!(
                "insert into restricted_dashboards (tenant_id, dashboard_id)
                 select tenant_id, ?3 from restricted_dashboards where tenant_id = ?1 and dashboard_id = ?2"
            ),
            sql!(
                "insert into dashboard_grants (tenant_id, dashboard_id, holder_id, role_id, user_id, level)
                 select tenant_id, ?3, holder_id, role_id, user_id, level from dashboard_grants
                 where tenant_id = ?1 and dashboard_id = ?2"
            ),
        ] {
            self.db.prepare(sql)?.execute((scope.tenant, from, to))?;
        }
        Ok(())
    }
}
