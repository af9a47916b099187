//! Share links, stored as hashes.
use crate::{
    Error, Result,
    clock::Time,
    model::{Dashboard, Record, Scope},
    store::{
        Tx,
        audit::AuditedChange,
        database::column,
        sql::{OptionalExtension, Row, SqlResult, sql},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The most share links of a dashboard.
const MAX_SHARES: u32 = 100;

/// A share link, without its secret.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    pub id: Uuid,
    /// The origins that may embed the dashboard.
    pub allowed_origins: Vec<String>,
    /// Locked variables and their values: viewers cannot change them.
    pub variables: Map<String, Value>,
    pub created_at: Time,
    pub created_by: String,
    /// The member on whose behalf the link works. It stops working when they leave.
    #[serde(rename = "ownerID")]
    pub owner_id: Option<Uuid>,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

/// A share link to create.
pub struct NewShare {
    pub token_hash: String,
    pub allowed_origins: Vec<String>,
    pub variables: Map<String, Value>,
    pub expires_at: Option<Time>,
}

/// The dashboard that a share link shows.
#[derive(Clone, Debug)]
pub struct SharedWith {
    pub tenant: Uuid,
    pub dashboard: Uuid,
    pub share: Share,
}

const COLUMNS: &str = "id, allowed_origins, variables, created_at, created_by, expires_at, last_used_at, owner_id";

impl Share {
    fn read(row: &Row<'_>) -> SqlResult<Self> {
        Ok(Self {
            id: column::id(row, 0)?,
            allowed_origins: column::json(row, 1)?,
            variables: column::json(row, 2)?,
            created_at: column::time(row, 3)?,
            created_by: row.get(4)?,
            expires_at: column::optional_time(row, 5)?,
            last_used_at: column::optional_time(row, 6)?,
            owner_id: column::optional_id(row, 7)?,
        })
    }
}

impl Tx<'_> {
    pub fn create_share(&self, scope: &Scope, dashboard: &Record<Dashboard>, new: NewShare) -> Result<Share> {
        let (tenant, id, owner_id) = (scope.tenant.to_string(), Uuid::now_v7(), self.behalf(scope)?);
        let count: u32 = self
            .db
            .prepare(sql!("select count(*) from shares where tenant_id = ?1 and dashboard_id = ?2"))?
            .query_row((&tenant, dashboard.id), |row| row.get(0))?;
        if count >= MAX_SHARES {
            return Err(Error::conflict(format!(
                "a dashboard can have at most {MAX_SHARES} share links: revoke one first"
            )));
        }
        self.db
            .prepare(sql!("insert into shares (tenant_id, id, dashboard_id, token_hash, allowed_origins, variables, created_at, created_by, expires_at, owner_id)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"))?
            .execute((
                &tenant,
                id,
                dashboard.id,
                &new.token_hash,
                serde_json::to_string(&new.allowed_origins)?,
                serde_json::to_string(&new.variables)?,
                scope.now.0,
                &*scope.actor.label,
                new.expires_at.map(|at| at.0),
                owner_id,
            ))?;
        self.record_act(scope, &AuditedChange { verb: "create", kind: "share", id, name: &dashboard.label.name })?;
        Ok(Share {
            id,
            allowed_origins: new.allowed_origins,
            variables: new.variables,
            created_at: scope.now,
            created_by: scope.actor.label.to_string(),
            owner_id,
            expires_at: new.expires_at,
            last_used_at: None,
        })
    }

    /// Returns the share links of a dashboard, newest first, including expired ones.
    pub fn shares(&self, scope: &Scope, dashboard: Uuid) -> Result<Vec<Share>> {
        let sql = sql!(
            "select ",
            COLUMNS,
            " from shares where tenant_id = ?1 and dashboard_id = ?2 order by created_at desc, id desc"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, dashboard), Share::read)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns the dashboards with share links that work at `now`, and how many each has.
    pub fn shared_dashboards(&self, scope: &Scope, now: Time) -> Result<Vec<(Uuid, u32)>> {
        let sql = sql!(
            "select dashboard_id, count(*) from shares where tenant_id = ?1 and (expires_at is null or expires_at > ?2)
             group by dashboard_id"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, now.0), |row| Ok((column::id(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    pub fn delete_share(&self, scope: &Scope, dashboard: &Record<Dashboard>, id: Uuid) -> Result<()> {
        let gone = self
            .db
            .prepare(sql!("delete from shares where tenant_id = ?1 and dashboard_id = ?2 and id = ?3"))?
            .execute((scope.tenant, dashboard.id, id))?;
        if gone == 0 {
            return Err(Error::NotFound("link"));
        }
        self.record_act(scope, &AuditedChange { verb: "delete", kind: "share", id, name: &dashboard.label.name })
    }

    /// Returns the dashboard of the share link with this hash, unless the link has expired at `now`.
    pub fn shared_with(&self, hash: &str, now: Time) -> Result<Option<SharedWith>> {
        let sql = sql!(
            "select ",
            COLUMNS,
            ", tenant_id, dashboard_id from shares where token_hash = ?1 and (expires_at is null or expires_at > ?2)"
        );
        let found = self.db.prepare(sql)?.query_row((hash, now.0), |row| {
            Ok(SharedWith { share: Share::read(row)?, tenant: column::id(row, 8)?, dashboard: column::id(row, 9)? })
        });
        Ok(found.optional()?)
    }

    /// Records the use of a share link, at most once a minute.
    pub fn touch_share(&self, tenant: Uuid, id: Uuid, now: Time) -> Result<()> {
        self.db
            .prepare(sql!("update shares set last_used_at = ?3 where tenant_id = ?1 and id = ?2 and coalesce(last_used_at, 0) + 60000 < ?3"))?
            .execute((tenant, id, now.0))?;
        Ok(())
    }
}
