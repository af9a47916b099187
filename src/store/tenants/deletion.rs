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
    },
};
use std::collections::HashSet;
use uuid::Uuid;

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
            .prepare_cached("insert into deleted_tenants (id, at) values (?1, ?2) on conflict do nothing")?
            .execute((&tenant, scope.now.0))?;
        for table in ["members", "invitations", "api_keys", "triggers", "shares", "user_configs"] {
            self.db.execute(&format!("delete from {table} where tenant_id = ?1"), [&tenant])?;
        }
        Ok(())
    }

    /// Returns whether the tenant is marked as deleted.
    pub fn is_deleted(&self, tenant: Uuid) -> Result<bool> {
        Ok(self.db.prepare_cached("select 1 from deleted_tenants where id = ?1")?.exists([tenant.to_string()])?)
    }

    fn deleted_tenants(&self) -> Result<HashSet<Uuid>> {
        let mut query = self.db.prepare("select id from deleted_tenants")?;
        let rows = query.query_map((), |row| column::id(row, 0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn unremoved_tenants(&self) -> Result<Vec<Uuid>> {
        let mut query = self.db.prepare("select id from deleted_tenants where removed_at is null")?;
        let rows = query.query_map((), |row| column::id(row, 0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Removes some rows of a deleted tenant. Returns whether there may be more.
    fn remove_portion(&self, tenant: Uuid) -> Result<bool> {
        let tenant = tenant.to_string();
        // rows that refer to others go first
        for (table, key) in [
            ("links", "rowid"),
            ("versions", "object_id, version"),
            ("audit", "at, id"),
            ("audit_counts", "rowid"),
            ("objects", "rowid"),
        ] {
            let all = format!("delete from {table} where tenant_id = ?1");
            let own = format!("select {key} from {table} where tenant_id = ?1");
            let is_ordered = key != "rowid";
            let portion = if is_ordered {
                format!("{all} and ({key}) <= ({own} order by {key} limit 1 offset ?2 - 1)")
            } else {
                format!("delete from {table} where rowid in ({own} limit ?2)")
            };
            let mut deleted = self.db.prepare_cached(&portion)?.execute((&tenant, ROWS_AT_ONCE))?;
            if deleted == 0 && is_ordered {
                // fewer are left than a portion has
                deleted = self.db.prepare_cached(&all)?.execute([&tenant])?;
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
        self.db.execute("delete from deleted_files where tenant_id = ?1", [&id])?;
        self.db.execute("delete from tenants where id = ?1", [id])?;
        Ok(())
    }

    /// Records that nothing is left of a deleted tenant, including its files.
    pub fn note_removed(&self, tenant: Uuid, now: Time) -> Result<()> {
        let sql = "update deleted_tenants set removed_at = ?2 where id = ?1";
        self.db.prepare_cached(sql)?.execute((tenant.to_string(), now.0))?;
        Ok(())
    }

    /// Records that the row of a file is deleted and that its content must be removed.
    pub(in crate::store) fn mark_file(&self, tenant: Uuid, id: Uuid) -> Result<()> {
        let sql = "insert into deleted_files (tenant_id, id) values (?1, ?2) on conflict do nothing";
        self.db.prepare_cached(sql)?.execute((tenant.to_string(), id.to_string()))?;
        Ok(())
    }

    /// Deletes the records of files whose content is removed.
    pub fn unmark_files(&self, files: &[(Uuid, Uuid)]) -> Result<()> {
        let mut delete = self.db.prepare_cached("delete from deleted_files where tenant_id = ?1 and id = ?2")?;
        for (tenant, id) in files {
            delete.execute((tenant.to_string(), id.to_string()))?;
        }
        Ok(())
    }
}

impl RunsTx<'_> {
    /// Removes some runs and query executions of a deleted tenant. Returns whether there may be more.
    fn remove_portion(&self, tenant: Uuid) -> Result<bool> {
        let id = tenant.to_string();
        let mut query = self.db.prepare_cached("select id, bytes from instances where tenant_id = ?1 limit ?2")?;
        let ids = query.query_map((&id, ROWS_AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
        if !self.delete_runs(tenant, ids)?.is_all || self.delete_query_runs(tenant, None, None, ROWS_AT_ONCE)? > 0 {
            return Ok(true);
        }
        let mut query = self.db.prepare_cached("select hash from definitions where tenant_id = ?1 limit ?2")?;
        let hashes = query.query_map((&id, ROWS_AT_ONCE), |row| row.get(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        if self.delete_definitions(tenant, &hashes)? > 0 {
            return Ok(true);
        }
        self.db.prepare_cached("delete from ended_counts where tenant_id = ?1")?.execute([id])?;
        if UsageKind::ALL.into_iter().any(|kind| self.usage(tenant, kind).is_ok_and(|usage| usage.bytes > 0)) {
            self.forget_usage(tenant)?;
        }
        Ok(false)
    }
}
