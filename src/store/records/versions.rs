//! The saved versions of records.
use crate::{
    Error, Result,
    clock::Time,
    model::{Label, Record, Resource, Scope},
    quota::UsageKind,
    store::{
        Tx,
        audit::AuditedChange,
        database::column::{self, signed},
        sql::{OptionalExtension, SqlResult, sql},
        usage::row,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// The number of versions that are kept of a record.
const VERSIONS_KEPT: u64 = 200;
const SIZE: &str = "octet_length(name) + octet_length(description) + octet_length(spec)";

/// Returns the size of a version in the database.
pub(super) fn version_size(label: &Label, spec: &str) -> u64 {
    row::VERSION + (label.name.len() + label.description.len() + spec.len()) as u64
}

/// A saved version, without its content.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Version")]
pub struct VersionEntry {
    pub version: u64,
    pub at: Time,
    /// Who saved it.
    pub by: String,
    pub name: String,
}

impl Tx<'_> {
    /// Returns the versions of an existing record, newest first.
    pub fn versions<R: Resource>(&self, scope: &Scope, id: Uuid) -> Result<Vec<VersionEntry>> {
        self.find::<R>(scope, id)?;
        let mut query = self.db.prepare(sql!(
            "select version, at, by, name from versions where tenant_id = ?1 and object_id = ?2 order by version desc"
        ))?;
        let rows = query.query_map((scope.tenant, id), |row| {
            Ok(VersionEntry { version: row.get(0)?, at: column::time(row, 1)?, by: row.get(2)?, name: row.get(3)? })
        })?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns a version with its description and spec.
    pub fn version<R: Resource>(&self, scope: &Scope, id: Uuid, version: u64) -> Result<(VersionEntry, String, R)> {
        self.find::<R>(scope, id)?;
        let row = self
            .db
            .prepare(sql!("select version, at, by, name, description, spec from versions where tenant_id = ?1 and object_id = ?2 and version = ?3"))?
            .query_row((scope.tenant, id, version), |row| {
                let entry = VersionEntry {
                    version: row.get(0)?,
                    at: column::time(row, 1)?,
                    by: row.get(2)?,
                    name: row.get(3)?,
                };
                Ok((entry, row.get::<String>(4)?, row.get::<String>(5)?))
            })
            .optional()?;
        let (entry, description, spec) = row.ok_or(Error::NotFound("version"))?;
        Ok((entry, description, serde_json::from_str(&spec)?))
    }

    /// Saves the new version of a record, its triggers, and an entry of the audit log.
    pub(super) fn after_write<R: Resource>(
        &self,
        scope: &Scope,
        record: &Record<R>,
        spec: &str,
        verb: &str,
    ) -> Result<()> {
        self.db
            .prepare(sql!(
                "insert into versions (tenant_id, object_id, version, name, description, spec, at, by, parts)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute((
                scope.tenant,
                record.id,
                record.version,
                &record.label.name,
                &record.label.description,
                spec,
                record.updated_at.0,
                &*scope.actor.label,
                self.parts_of::<R>(scope, record.id)?,
            ))?;
        self.count_usage(scope.tenant, UsageKind::Versions, signed(version_size(&record.label, spec)), 1)?;
        self.save_triggers(scope, record)?;
        let act = AuditedChange { verb, kind: R::KIND.name(), id: record.id, name: &record.label.name };
        self.record_detailed_act(scope, &act, Some(&json!({"version": record.version})))
    }

    /// Returns how many versions are kept of a record.
    pub(super) fn version_count(&self, tenant: Uuid, id: Uuid) -> Result<u64> {
        let mut query =
            self.db.prepare(sql!("select count(*) from versions where tenant_id = ?1 and object_id = ?2"))?;
        Ok(query.query_row((tenant, id), |row| row.get(0))?)
    }

    /// Deletes a record's oldest versions before the version `next` of `size` bytes is written: those beyond the number
    /// that is kept, and as many as necessary for the limits of the record and the tenant. Returns the bytes that were
    /// freed.
    pub(super) fn make_room_for_version(&self, scope: &Scope, id: Uuid, next: u64, size: u64) -> Result<u64> {
        let limits = &self.quotas().limits;
        let (tenant, text) = (scope.tenant.to_string(), id.to_string());
        let mut too_much = 0;
        if let (Some(one), Some(all)) = (limits.versions_of_one(), limits.of(UsageKind::Versions)) {
            let mut query =
                self.db.prepare(sql!("select versions_bytes from objects where tenant_id = ?1 and id = ?2"))?;
            let own: u64 = query.query_row((&tenant, &text), |row| row.get(0))?;
            let others = self.usage(scope.tenant, UsageKind::Versions)?.bytes;
            too_much = (own + size).saturating_sub(one).max((others + size).saturating_sub(all));
        }
        let oldest_kept = (next + 1).saturating_sub(VERSIONS_KEPT);
        if too_much == 0 && oldest_kept <= 1 {
            return Ok(0);
        }
        // all of them may have to go
        let before = if too_much > 0 { u64::MAX >> 1 } else { oldest_kept };
        let mut query = self.db.prepare(sql!(
            "select version, ",
            SIZE,
            " from versions where tenant_id = ?1 and object_id = ?2 and version < ?3 order by version"
        ))?;
        let mut rows = query.query((&tenant, &text, before))?;
        let (mut last, mut freed, mut count) = (None, 0, 0);
        while let Some(row) = rows.next()? {
            let version: u64 = row.get(0)?;
            if version >= oldest_kept && freed >= too_much {
                break;
            }
            (last, count) = (Some(version), count + 1);
            freed += row::VERSION + row.get::<u64>(1)?;
        }
        drop(rows);
        if let Some(last) = last {
            self.db
                .prepare(sql!("delete from versions where tenant_id = ?1 and object_id = ?2 and version <= ?3"))?
                .execute((&tenant, &text, last))?;
            self.count_usage(scope.tenant, UsageKind::Versions, -signed(freed), -count)?;
        }
        Ok(freed)
    }

    /// Returns up to `portion` of the tenant's oldest versions to delete until the rest takes at most `most` bytes.
    /// Never returns a record's current version.
    pub(in crate::store) fn oldest_versions(
        &self,
        tenant: Uuid,
        most: u64,
        portion: usize,
    ) -> Result<Vec<(String, u64)>> {
        let Some(mut excess) = self.usage(tenant, UsageKind::Versions)?.bytes.checked_sub(most) else {
            return Ok(Vec::new());
        };
        let sql = sql!(
            "select v.object_id, v.version, octet_length(v.name) + octet_length(v.description) + octet_length(v.spec)
           from versions v join objects o on o.tenant_id = v.tenant_id and o.id = v.object_id
           where v.tenant_id = ?1 and v.version < o.version order by v.at, v.version limit ?2"
        );
        let mut query = self.db.prepare(sql)?;
        let mut rows = query.query((tenant, portion))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()?.filter(|_| excess > 0) {
            found.push((row.get(0)?, row.get(1)?));
            excess = excess.saturating_sub(row::VERSION + row.get::<u64>(2)?);
        }
        Ok(found)
    }

    /// Deletes versions that still exist and are not current. Returns how many.
    pub(in crate::store) fn delete_versions(&self, tenant: Uuid, versions: &[(String, u64)]) -> Result<usize> {
        let text = tenant.to_string();
        let sql = sql!(
            "delete from versions where tenant_id = ?1 and object_id = ?2 and version = ?3
               and version < (select version from objects o where o.tenant_id = ?1 and o.id = ?2) returning ",
            SIZE
        );
        let mut delete = self.db.prepare(sql)?;
        let mut deleted = 0;
        for (object, version) in versions {
            let size = delete.query_row((&text, object, version), |row| row.get::<u64>(0)).optional()?;
            let Some(bytes) = size.map(|size| signed(row::VERSION + size)) else { continue };
            self.db
                .prepare(sql!(
                    "update objects set versions_bytes = versions_bytes - ?3 where tenant_id = ?1 and id = ?2"
                ))?
                .execute((&text, object, bytes))?;
            self.count_usage(tenant, UsageKind::Versions, -bytes, -1)?;
            deleted += 1;
        }
        Ok(deleted)
    }
}
