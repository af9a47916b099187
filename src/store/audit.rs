//! Who did what: written with each change, in its transaction.
use super::{Tx, column, instances::signed, usage::row};
use crate::{Result, clock::Time, model::Scope, quota::UsageKind};
use rusqlite::types::Value as Sql;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write;
use uuid::Uuid;

/// The kinds whose changes change what someone may do.
const AUTHORITY: [&str; 5] = ["tenant", "member", "role", "apikey", "share"];

/// What was done, to which object.
pub struct Act<'a> {
    pub verb: &'a str,
    pub kind: &'a str,
    pub id: Uuid,
    pub name: &'a str,
}

/// One row of the audit log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    pub id: Uuid,
    pub at: Time,
    pub actor: AuditActor,
    /// `<kind>.<verb>`, such as `widget.update`.
    pub action: String,
    pub object: AuditObject,
    pub request_id: Option<String>,
    /// The caller's IP address.
    pub ip: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditActor {
    /// `user`, `apiKey` or `system`.
    pub kind: String,
    pub id: String,
    pub label: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditObject {
    pub kind: String,
    pub id: String,
    pub name: String,
}

/// Which rows to read; absent means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor_id: Option<Uuid>,
    pub action: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<Uuid>,
    pub since: Option<Time>,
    pub until: Option<Time>,
    /// Rows before this one, in time.
    pub before: Option<(Time, Uuid)>,
}

impl AuditFilter {
    fn conditions(&self, scope: &Scope) -> (String, Vec<Sql>) {
        let mut args: Vec<Sql> = vec![scope.tenant.to_string().into()];
        let mut sql = "tenant_id = ?1".to_owned();
        let mut add = |column: &str, operator: &str, value: Option<Sql>| {
            if let Some(value) = value {
                args.push(value);
                let _ = write!(sql, " and {column} {operator} ?{}", args.len());
            }
        };
        add("actor_id", "=", self.actor_id.map(|id| id.to_string().into()));
        add("action", "=", self.action.clone().map(Into::into));
        add("object_kind", "=", self.object_kind.clone().map(Into::into));
        add("object_id", "=", self.object_id.map(|id| id.to_string().into()));
        add("at", ">=", self.since.map(|at| at.0.into()));
        add("at", "<", self.until.map(|at| at.0.into()));
        (sql, args)
    }
}

impl Tx<'_> {
    /// Writes one row; callers do it in the transaction of what they tell about.
    pub fn record_act(&self, scope: &Scope, act: &Act<'_>) -> Result<()> {
        let actor = &scope.actor;
        if AUTHORITY.contains(&act.kind) {
            self.mark_regrant();
        }
        self.db
            .prepare_cached(
                "insert into audit (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name, request_id, address)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute((
                scope.tenant.to_string(),
                Uuid::now_v7().to_string(),
                scope.now.0,
                actor.kind.as_str(),
                actor.id.to_string(),
                &*actor.label,
                format!("{}.{}", act.kind, act.verb),
                act.kind,
                act.id.to_string(),
                act.name,
                actor.request.id.as_deref(),
                actor.request.address.map(|address| address.to_string()),
            ))?;
        let bytes = row::AUDIT + (act.name.len() + actor.label.len()) as u64;
        self.count_usage(scope.tenant, UsageKind::Audit, signed(bytes), 1)?;
        let limit = self.quotas().limits.of(UsageKind::Audit);
        if let Some(limit) = limit.filter(|_| self.ledger.is_some())
            && self.usage(scope.tenant, UsageKind::Audit)?.bytes > limit
        {
            self.delete_audit(scope.tenant, None, 2)?;
        }
        Ok(())
    }

    /// Deletes the oldest entries of a tenant, those before `before` where it is given, at most `most`; answers how many.
    pub fn delete_audit(&self, tenant: Uuid, before: Option<Time>, most: usize) -> Result<usize> {
        let mut delete = self.db.prepare_cached(
            "delete from audit where rowid in (
               select rowid from audit where tenant_id = ?1 and at < ?2 order by at, id limit ?3)
             returning octet_length(object_name) + octet_length(actor_label)",
        )?;
        let before = before.map_or(i64::MAX, |before| before.0);
        let texts = delete.query_map((tenant.to_string(), before, most), |row| row.get::<_, u64>(0))?;
        let texts = texts.collect::<rusqlite::Result<Vec<_>>>()?;
        let bytes: u64 = texts.iter().map(|text| row::AUDIT + text).sum();
        self.count_usage(tenant, UsageKind::Audit, -signed(bytes), -signed(texts.len() as u64))?;
        Ok(texts.len())
    }

    /// The newest `limit` rows that fit, newest first.
    pub fn audit(&self, scope: &Scope, filter: &AuditFilter, limit: u32) -> Result<Vec<AuditEntry>> {
        let (mut sql, mut args) = filter.conditions(scope);
        if let Some((at, id)) = filter.before {
            args.push(at.0.into());
            args.push(id.to_string().into());
            let _ = write!(sql, " and (at, id) < (?{}, ?{})", args.len() - 1, args.len());
        }
        args.push(limit.into());
        let sql = format!(
            "select id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name, request_id, address
             from audit where {sql} order by at desc, id desc limit ?{}",
            args.len()
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let rows = query.query_map(rusqlite::params_from_iter(args), |row| {
            Ok(AuditEntry {
                id: column::id(row, 0)?,
                at: column::time(row, 1)?,
                actor: AuditActor { kind: row.get(2)?, id: row.get(3)?, label: row.get(4)? },
                action: row.get(5)?,
                object: AuditObject { kind: row.get(6)?, id: row.get(7)?, name: row.get(8)? },
                request_id: row.get(9)?,
                ip: row.get(10)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many rows fit: known without counting for the whole log; a filter looks at the tenant's own rows only, which
    /// age and quota bound.
    pub fn audit_count(&self, scope: &Scope, filter: &AuditFilter) -> Result<u64> {
        if (AuditFilter { before: None, ..filter.clone() }) == AuditFilter::default() {
            return Ok(self.usage(scope.tenant, UsageKind::Audit)?.rows);
        }
        let (sql, args) = filter.conditions(scope);
        let sql = format!("select count(*) from audit where {sql}");
        Ok(self.db.prepare_cached(&sql)?.query_row(rusqlite::params_from_iter(args), |row| row.get(0))?)
    }
}
