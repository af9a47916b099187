//! Deletes tenants. A tenant is first marked as deleted, so that nobody can reach it, and then removed in portions, so
//! that others can write in between. Only marked tenants are removed.
use crate::{
    Result,
    clock::Time,
    model::{Expected, Scope},
    quota::UsageKind,
    store::{
        RunsTx, Store, Tx,
        database::{column, portions::ROWS_AT_ONCE},
        sql::{SqlResult, sql},
    },
};
use std::collections::HashSet;
use uuid::Uuid;

const SOME_LINKS: &str = "delete from links where (tenant_id, source_id, target_id) in (
    select tenant_id, source_id, target_id from links where tenant_id = ?1 limit ?2)";
/// The tables with their rows in the order of the key: a portion is a range.
const SOME_VERSIONS: &str = "delete from versions where tenant_id = ?1 and (object_id, version) <= (
    select object_id, version from versions where tenant_id = ?1 order by object_id, version limit 1 offset ?2)";
const SOME_ACTS: &str = "delete from audit where tenant_id = ?1 and (at, id) <= (
    select at, id from audit where tenant_id = ?1 order by at, id limit 1 offset ?2)";
const SOME_COUNTS: &str = "delete from audit_counts where (tenant_id, actor_id, action) in (
    select tenant_id, actor_id, action from audit_counts where tenant_id = ?1 limit ?2)";
const SOME_OBJECTS: &str = "delete from objects where (tenant_id, id) in (
    select tenant_id, id from objects where tenant_id = ?1 limit ?2)";

impl Store {
    /// Removes all rows of a tenant that is marked as deleted. Does nothing for any other tenant.
    ///
    /// # Errors
    /// If the store cannot be written. Calling it again continues the removal.
    pub async fn remove_tenant(&self, tenant: Uuid) -> Result<()> {
        if !self.get(|tx| tx.is_deleted(tenant))? {
            return Ok(());
        }
        self.runs.in_portions(move |tx| Ok(usize::from(tx.remove_portion(tenant)?))).await?;
        self.workspace.in_portions(move |tx| Ok(usize::from(tx.remove_portion(tenant)?))).await?;
        self.write(move |tx| tx.end_removal(tenant)).await?;
        self.runs.give_back_all().await?;
        self.workspace.give_back_all().await
    }

    /// Returns tenants that are marked as deleted but may not be completely removed.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn half_deleted_tenants(&self) -> Result<Vec<Uuid>> {
        let mut left = self.survey(|tx| tx.unremoved_tenants()).await?;
        let (marked, counted) =
            (self.survey(|tx| tx.deleted_tenants()).await?, self.runs.survey(|tx| tx.all_usage()).await?);
        // written by work that was still running when the tenant was deleted
        let late = counted.into_iter().filter(|(tenant, _, usage)| usage.bytes > 0 && marked.contains(tenant));
        left.extend(late.map(|(tenant, ..)| tenant));
        left.sort_unstable();
        left.dedup();
        Ok(left)
    }
}

impl Tx<'_> {
    /// Marks the tenant as deleted, and removes everything that gives access to it.
    ///
    /// # Errors
    /// `VersionConflict`, `NotFound`.
    pub fn delete_tenant(&self, scope: &Scope, expected: impl Into<Expected>) -> Result<()> {
        self.mark_regrant();
        expected.into().check(self.tenant(scope)?.version)?;
        let tenant = scope.tenant.to_string();
        self.db
            .prepare(sql!("insert into deleted_tenants (id, at) values (?1, ?2) on conflict do nothing"))?
            .execute((&tenant, scope.now.0))?;
        for sql in [
            sql!("delete from members where tenant_id = ?1"),
            sql!("delete from invitations where tenant_id = ?1"),
            sql!("delete from api_keys where tenant_id = ?1"),
            sql!("delete from triggers where tenant_id = ?1"),
            sql!("delete from shares where tenant_id = ?1"),
            sql!("delete from user_configs where tenant_id = ?1"),
        ] {
            self.db.prepare(sql)?.execute([&tenant])?;
        }
        Ok(())
    }

    /// Returns whether the tenant is marked as deleted.
    pub fn is_deleted(&self, tenant: Uuid) -> Result<bool> {
        Ok(self.db.prepare(sql!("select 1 from deleted_tenants where id = ?1"))?.exists([tenant])?)
    }

    fn deleted_tenants(&self) -> Result<HashSet<Uuid>> {
        let mut query = self.db.prepare(sql!("select id from deleted_tenants"))?;
        let rows = query.query_map((), |row| column::id(row, 0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    fn unremoved_tenants(&self) -> Result<Vec<Uuid>> {
        let mut query = self.db.prepare(sql!("select id from deleted_tenants where removed_at is null"))?;
        let rows = query.query_map((), |row| column::id(row, 0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Removes some rows of a deleted tenant. Returns whether there may be more.
    fn remove_portion(&self, tenant: Uuid) -> Result<bool> {
        let tenant = tenant.to_string();
        // rows that refer to others go first
        for (portion, rest) in [
            (sql!(SOME_LINKS), None),
            (sql!(SOME_VERSIONS), Some(sql!("delete from versions where tenant_id = ?1"))),
            (sql!(SOME_ACTS), Some(sql!("delete from audit where tenant_id = ?1"))),
            (sql!(SOME_COUNTS), None),
            (sql!(SOME_OBJECTS), None),
        ] {
            // a key at which a portion ends is counted from 0
            let most = if rest.is_some() { ROWS_AT_ONCE - 1 } else { ROWS_AT_ONCE };
            let mut deleted = self.db.prepare(portion)?.execute((&tenant, most))?;
            if let Some(rest) = rest.filter(|_| deleted == 0) {
                // fewer are left than a portion has
                deleted = self.db.prepare(rest)?.execute([&tenant])?;
            }
            if deleted > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes the last rows of a deleted tenant. The mark is kept.
    fn end_removal(&self, tenant: Uuid) -> Result<()> {
        let id = tenant.to_string();
        self.forget_usage(tenant)?;
        self.db.prepare(sql!("delete from deleted_files where tenant_id = ?1"))?.execute([&id])?;
        self.db.prepare(sql!("delete from tenants where id = ?1"))?.execute([id])?;
        Ok(())
    }

    /// Records that nothing is left of a deleted tenant, including its files.
    pub fn note_removed(&self, tenant: Uuid, now: Time) -> Result<()> {
        let sql = sql!("update deleted_tenants set removed_at = ?2 where id = ?1");
        self.db.prepare(sql)?.execute((tenant, now.0))?;
        Ok(())
    }

    /// Records that the row of a file is deleted and that its content must be removed.
    pub(in crate::store) fn mark_file(&self, tenant: Uuid, id: Uuid) -> Result<()> {
        let sql = sql!("insert into deleted_files (tenant_id, id) values (?1, ?2) on conflict do nothing");
        self.db.prepare(sql)?.execute((tenant, id))?;
        Ok(())
    }

    /// Deletes the records of files whose content is removed.
    pub fn unmark_files(&self, files: &[(Uuid, Uuid)]) -> Result<()> {
        let mut delete = self.db.prepare(sql!("delete from deleted_files where tenant_id = ?1 and id = ?2"))?;
        delete.send_all(files.iter().copied())?;
        Ok(())
    }
}

impl RunsTx<'_> {
    /// Removes some runs and query executions of a deleted tenant. Returns whether there may be more.
    fn remove_portion(&self, tenant: Uuid) -> Result<bool> {
        let id = tenant.to_string();
        let mut query = self.db.prepare(sql!("select id, bytes from instances where tenant_id = ?1 limit ?2"))?;
        let ids = query.query_map((&id, ROWS_AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let ids = ids.collect::<SqlResult<Vec<_>>>()?;
        if !self.delete_runs(tenant, ids)?.is_all || self.delete_query_runs(tenant, None, None, ROWS_AT_ONCE)? > 0 {
            return Ok(true);
        }
        let mut query = self.db.prepare(sql!("select hash from definitions where tenant_id = ?1 limit ?2"))?;
        let hashes = query.query_map((&id, ROWS_AT_ONCE), |row| row.get(0))?.collect::<SqlResult<Vec<_>>>()?;
        if self.delete_definitions(tenant, &hashes)? > 0 {
            return Ok(true);
        }
        self.db.prepare(sql!("delete from ended_counts where tenant_id = ?1"))?.execute([id])?;
        if UsageKind::ALL.into_iter().any(|kind| self.usage(tenant, kind).is_ok_and(|usage| usage.bytes > 0)) {
            self.forget_usage(tenant)?;
        }
        Ok(false)
    }
}
