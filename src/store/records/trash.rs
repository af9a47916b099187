//! Deleted records that can be restored. Their rows stay in `objects` as the kind `trash/<kind>`, so that versions,
//! triggers and secrets are kept, and nothing finds them but this module.
use super::{
    deletion::{Removed, require_all},
    versions::version_size,
};
use crate::{
    Error, Result,
    clock::Time,
    model::{self, AccessLevel, Dashboard, Record, Resource, ResourceKind, Role, Scope, kind_named, permission::Verb},
    quota::UsageKind,
    store::{
        Tx,
        audit::AuditedChange,
        database::{
            column::{self, signed},
            page::like_pattern,
        },
        hidden,
        sql::{OptionalExtension, Row, SqlError, SqlResult, Value, sql},
    },
};
use std::iter;
use uuid::Uuid;

/// A deleted record.
#[derive(Clone)]
pub struct DeletedRecord {
    pub id: Uuid,
    pub kind: &'static ResourceKind,
    pub name: String,
    /// The same for all records that were deleted together.
    pub deletion: Uuid,
    pub deleted_at: Time,
    pub deleted_by: String,
    /// The dashboard that it is, or belongs to.
    pub dashboard: Option<Uuid>,
}

/// A deleted record with what the list of the trash tells about it.
pub struct ListedDeletion {
    pub record: DeletedRecord,
    /// Of a dashboard: how many widgets and queries belong to it, and were deleted with it.
    pub parts: u64,
}

/// Which deleted records to list, newest first.
pub struct TrashFilter {
    /// The kinds to include.
    pub kinds: Vec<&'static ResourceKind>,
    /// Text in the name or description, ignoring case.
    pub q: Option<String>,
    /// The last record of the previous page.
    pub before: Option<(Time, Uuid)>,
}

/// The number of kinds of records.
const KINDS: usize = 8;
const _: () = assert!(model::KINDS.len() == KINDS, "the statements of the trash name each kind");
/// Greater than every ID.
const LAST: &str = "~";
const COLUMNS: &str = "t.id, t.kind, t.name, t.deletion, t.deleted_at, t.deleted_by, o.dashboard_id,
    (select count(*) from trash p join objects q on q.tenant_id = p.tenant_id and q.id = p.id
      where p.tenant_id = t.tenant_id and p.deletion = t.deletion and q.dashboard_id = t.id)";
/// The deleted records of a tenant of up to eight kinds, without those that were deleted with the dashboard that they
/// belong to, and without the hidden dashboards in ?10 and what belongs to them.
const DELETED: &str = " from trash t join objects o on o.tenant_id = t.tenant_id and o.id = t.id
    where t.tenant_id = ?1 and t.kind in (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      and not exists (select 1 from trash d
        where d.tenant_id = t.tenant_id and d.id = o.dashboard_id and d.deletion = t.deletion)
      and replace(?10, t.id, '') = ?10 and replace(?10, o.dashboard_id, '') = ?10";
const PAGE: &str = " and (t.deleted_at, t.id) < (?11, ?12) order by t.deleted_at desc, t.id desc limit ?13";

impl Tx<'_> {
    pub(super) fn move_to_trash(&self, scope: &Scope, record: &Removed<'_>) -> Result<()> {
        let (tenant, id) = (scope.tenant.to_string(), record.id.to_string());
        self.db
            .prepare(sql!(
                "insert into trash (tenant_id, id, kind, name, deletion, deleted_at, deleted_by)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))?
            .execute((
                &tenant,
                &id,
                record.kind.name(),
                record.name,
                record.deletion.to_string(),
                scope.now.0,
                &*scope.actor.label,
            ))?;
        // the name becomes free
        let sql = sql!("update objects set kind = 'trash/' || kind, name = id where tenant_id = ?1 and id = ?2");
        self.db.prepare(sql)?.execute((&tenant, &id))?;
        for sql in [
            sql!("delete from links where tenant_id = ?1 and source_id = ?2"),
            sql!("delete from shares where tenant_id = ?1 and dashboard_id = ?2"),
            sql!("update triggers set scheduled_for = null, due_at = null where tenant_id = ?1 and workflow_id = ?2"),
        ] {
            self.db.prepare(sql)?.execute((&tenant, &id))?;
        }
        let grown = signed(id.len() as u64) - signed(record.name.len() as u64);
        self.count_usage(scope.tenant, UsageKind::Records, grown, 0)
    }

    /// Returns a page of deleted records, and how many there are in all.
    pub fn trash(&self, scope: &Scope, filter: &TrashFilter, limit: u32) -> Result<(Vec<ListedDeletion>, u64)> {
        let kinds = (0..KINDS).map(|at| filter.kinds.get(at).map_or("", |kind| kind.name()).to_owned());
        let of = iter::once(scope.tenant.to_string()).chain(kinds).chain([hidden::ids(scope)]);
        let of: Vec<Value> = of.map(Value::from).collect();
        let pattern = filter.q.as_deref().map(|q| Value::from(like_pattern(q)));
        let (at, id) = filter.before.map_or((i64::MAX, LAST.to_owned()), |(at, id)| (at.0, id.to_string()));
        let (count, list) = match &pattern {
            None => (sql!("select count(*)", DELETED), sql!("select ", COLUMNS, DELETED, PAGE)),
            Some(_) => (
                sql!("select count(*)", DELETED, " and o.search like ?11 escape '\\'"),
                sql!("select ", COLUMNS, DELETED, " and o.search like ?14 escape '\\'", PAGE),
            ),
        };
        let args: Vec<Value> = of.iter().cloned().chain(pattern.clone()).collect();
        let total = self.db.prepare(count)?.query_row(args.as_slice(), |row| row.get(0))?;
        let args: Vec<Value> = of.into_iter().chain([at.into(), id.into(), limit.into()]).chain(pattern).collect();
        let mut query = self.db.prepare(list)?;
        let listed = |row: &Row<'_>| Ok(ListedDeletion { record: read(row)?, parts: row.get(7)? });
        let rows = query.query_map(args.as_slice(), listed)?;
        Ok((rows.collect::<SqlResult<_>>()?, total))
    }

    /// Returns a deleted record, followed by those that were deleted together with it.
    ///
    /// # Errors
    /// `NotFound` if it is not in the trash.
    pub fn deleted_together(&self, scope: &Scope, id: Uuid) -> Result<Vec<DeletedRecord>> {
        let tenant = scope.tenant.to_string();
        let mut query = self.db.prepare(sql!(
            "select t.id, t.kind, t.name, t.deletion, t.deleted_at, t.deleted_by, o.dashboard_id from trash t
               join objects o on o.tenant_id = t.tenant_id and o.id = t.id
             where t.tenant_id = ?1 and t.deletion = (select deletion from trash where tenant_id = ?1 and id = ?2)
             order by t.id <> ?2, t.kind, t.name"
        ))?;
        let rows = query.query_map((tenant, id), read)?.collect::<SqlResult<Vec<_>>>()?;
        match rows.first() {
            Some(first) if scope.dashboards.shows(first.dashboard) => Ok(rows),
            _ => Err(Error::NotFound("deleted record")),
        }
    }

    /// Takes records out of the trash, as the first step of restoring them.
    ///
    /// # Errors
    /// `Conflict` if a name is taken.
    pub fn take_from_trash(&self, scope: &Scope, records: &[DeletedRecord]) -> Result<()> {
        let tenant = scope.tenant.to_string();
        for record in records {
            let id = record.id.to_string();
            self.db
                .prepare(sql!("update objects set kind = ?3, name = ?4 where tenant_id = ?1 and id = ?2"))?
                .execute((&tenant, &id, record.kind.name(), &record.name))
                .map_err(|error| name_is_taken(error, record))?;
            let sql = sql!("delete from trash where tenant_id = ?1 and id = ?2 returning start_of");
            let start_of: Option<Option<String>> =
                self.db.prepare(sql)?.query_row((&tenant, &id), |row| row.get(0)).optional()?;
            if let Some(roles) = start_of.flatten() {
                self.restore_start_page(scope, record.id, &serde_json::from_str::<Vec<Uuid>>(&roles)?)?;
            }
            let grown = signed(record.name.len() as u64) - signed(id.len() as u64);
            self.count_usage(scope.tenant, UsageKind::Records, grown, 0)?;
        }
        Ok(())
    }

    /// Keeps with a deleted dashboard the roles whose start page it was.
    pub(super) fn remember_start_page(&self, scope: &Scope, dashboard: Uuid, roles: &[Uuid]) -> Result<()> {
        if roles.is_empty() {
            return Ok(());
        }
        let sql = sql!("update trash set start_of = ?3 where tenant_id = ?1 and id = ?2");
        self.db.prepare(sql)?.execute((scope.tenant, dashboard, serde_json::to_string(roles)?))?;
        Ok(())
    }

    /// Makes a restored dashboard the start page again of the roles that have no other one, if the caller may.
    fn restore_start_page(&self, scope: &Scope, dashboard: Uuid, roles: &[Uuid]) -> Result<()> {
        if !scope.grants.allows(Role::KIND.noun, Verb::Update) {
            return Ok(());
        }
        for role in roles {
            let change = |old: &Record<Role>| {
                let mut spec = old.spec.clone();
                spec.start_dashboard_id.get_or_insert(dashboard);
                Ok((old.label.clone(), spec))
            };
            match self.replace(scope, *role, None, change, true) {
                Ok(_) | Err(Error::NotFound(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Restores a record that was taken out of the trash, as a new version.
    ///
    /// # Errors
    /// `Invalid` for a link to a record that no longer exists; `Conflict` if there are too many records of its kind.
    pub fn reinstate<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<()> {
        self.check_room::<R>(scope)?;
        let old = self.find::<R>(scope, id)?;
        self.check_room_on_dashboard(scope, &old.spec, true)?;
        let links = old.spec.links();
        self.check_place(scope, id, &old.spec, &links)?;
        // an earlier version of the server may have stored it in another form
        let text = serde_json::to_string(&old.spec)?;
        let (tenant, key) = (scope.tenant.to_string(), id.to_string());
        let sql = sql!("select octet_length(spec) from objects where tenant_id = ?1 and id = ?2");
        let before: u64 = self.db.prepare(sql)?.query_row((&tenant, &key), |row| row.get(0))?;
        let record = Record { updated_at: scope.now.max(old.updated_at), version: old.version + 1, ..old };
        let version = version_size(&record.label, &text);
        let freed = self.make_room_for_version(scope, id, record.version, version)?;
        let replaced = self
            .db
            .prepare(sql!(
                "update objects set updated_at = ?3, version = ?4, versions_bytes = versions_bytes + ?5, spec = ?6
                 where tenant_id = ?1 and id = ?2 and version = ?7"
            ))?
            .execute((
                &tenant,
                &key,
                record.updated_at.0,
                record.version,
                signed(version) - signed(freed),
                &text,
                record.version - 1,
            ))?;
        self.check_replaced(scope, id, replaced)?;
        self.count_usage(scope.tenant, UsageKind::Records, signed(text.len() as u64) - signed(before), 0)?;
        self.save_links(scope, id, &links)?;
        self.change_count(&tenant, R::KIND.name(), 1);
        self.after_write(scope, &record, &text, "restore")
    }

    /// Forgets the tokens of webhooks in the trash: restored, they get new URLs.
    pub(in crate::store) fn forget_webhooks_in_trash(&self, scope: &Scope) -> Result<()> {
        let sql = sql!(
            "delete from triggers where tenant_id = ?1 and kind = 'webhook'
            and workflow_id in (select id from trash where tenant_id = ?1)"
        );
        self.db.prepare(sql)?.execute([scope.tenant])?;
        Ok(())
    }

    /// Deletes a record in the trash for good, and with a dashboard what belongs to it.
    ///
    /// # Errors
    /// `NotFound` if it is not in the trash; `Forbidden` if the caller may not delete what belongs to it.
    pub fn purge(&self, scope: &Scope, id: Uuid) -> Result<()> {
        let sql = sql!("select kind, name from trash where tenant_id = ?1 and id = ?2");
        let found: Option<(&ResourceKind, String)> =
            self.db.prepare(sql)?.query_row((scope.tenant, id), |row| Ok((kind(row, 0)?, row.get(1)?))).optional()?;
        let (kind, name) = found.ok_or(Error::NotFound("deleted record"))?;
        if let Some(dashboard) = self.dashboard_of(scope.tenant, id)? {
            scope.dashboards.require(dashboard, AccessLevel::Edit)?;
        }
        let belonging = self.belonging_in_trash(scope, id)?;
        let lacking = belonging.iter().filter(|(_, kind, _)| !scope.grants.allows(kind.noun, Verb::Delete));
        let lacking = lacking.map(|(_, kind, _)| format!("{}:{}", kind.name(), Verb::Delete.name()));
        require_all("to delete it for good together with what belongs to it", lacking)?;
        for (id, kind, name) in belonging {
            self.erase(scope.tenant, id)?;
            self.record_act(scope, &AuditedChange { verb: "purge", kind: kind.name(), id, name: &name })?;
        }
        self.erase(scope.tenant, id)?;
        self.record_act(scope, &AuditedChange { verb: "purge", kind: kind.name(), id, name: &name })
    }

    /// Returns the deleted records that belong to a deleted dashboard: without it, they could not be restored.
    fn belonging_in_trash(&self, scope: &Scope, dashboard: Uuid) -> Result<Vec<(Uuid, &'static ResourceKind, String)>> {
        let sql = sql!("select t.id, t.kind, t.name from trash t join objects o on o.tenant_id = t.tenant_id and o.id = t.id
            where t.tenant_id = ?1 and o.kind in ('trash/widget', 'trash/dataquery') and o.dashboard_id = ?2 and o.dashboard_id <> ''");
        let mut query = self.db.prepare(sql)?;
        let rows =
            query.query_map((scope.tenant, dashboard), |row| Ok((column::id(row, 0)?, kind(row, 1)?, row.get(2)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns up to `most` records of all tenants that were deleted before `oldest`.
    pub(in crate::store) fn expired_trash(&self, oldest: Time, most: usize) -> Result<Vec<(Uuid, Uuid)>> {
        let sql = sql!("select tenant_id, id from trash where deleted_at < ?1 order by deleted_at limit ?2");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((oldest.0, most), |row| Ok((column::id(row, 0)?, column::id(row, 1)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Deletes up to `most` of them for good. Returns how many.
    pub(in crate::store) fn empty_trash(&self, oldest: Time, most: usize) -> Result<usize> {
        let expired = self.expired_trash(oldest, most)?;
        expired.iter().try_for_each(|(tenant, id)| self.erase(*tenant, *id))?;
        Ok(expired.len())
    }
}

fn kind(row: &Row<'_>, at: usize) -> SqlResult<&'static ResourceKind> {
    let name: String = row.get(at)?;
    kind_named(&name).ok_or_else(|| column::broken(at, format!("unknown kind {name}")))
}

fn read(row: &Row<'_>) -> SqlResult<DeletedRecord> {
    let (id, kind) = (column::id(row, 0)?, kind(row, 1)?);
    let is_dashboard = kind.noun == Dashboard::KIND.noun;
    Ok(DeletedRecord {
        id,
        kind,
        name: row.get(2)?,
        deletion: column::id(row, 3)?,
        deleted_at: column::time(row, 4)?,
        deleted_by: row.get(5)?,
        dashboard: if is_dashboard { Some(id) } else { Uuid::parse_str(row.text(6)?).ok() },
    })
}

fn name_is_taken(error: SqlError, record: &DeletedRecord) -> Error {
    if error.is_duplicate() {
        let label = record.kind.label;
        return Error::conflict(format!(
            "there is another {label} named \"{}\" now: rename it, then restore this one",
            record.name
        ));
    }
    error.into()
}
