//! Deletes history that is no longer kept: first what exceeds the limits of each tenant, then the oldest entries of the
//! largest tenants. Uses small transactions, so that others can write in between, and returns free space to the file
//! system.
mod eviction;

use crate::{
    Result,
    clock::Time,
    quota::UsageKind,
    store::{
        RunsTx, Store, Tx,
        database::{
            Session,
            column::signed,
            db::Db,
            portions::{ROWS_AT_ONCE, fill},
        },
        sql::{OptionalExtension, Sql, SqlResult, sql},
        usage::{Usage, row},
    },
};
use eviction::{History, TenantHistory, bytes_of, is_quarter_fuller, largest};
use uuid::Uuid;

const DAY: i64 = 86_400_000;
const ENDED_BEFORE: Sql<'_> =
    sql!("select 1 from instances where tenant_id = ?1 and finished_at is not null and finished_at < ?2 limit 1");
const AUDITED_BEFORE: Sql<'_> = sql!("select 1 from audit where tenant_id = ?1 and at < ?2 limit 1");

/// Which ended runs, query executions and audit log entries are kept. Active runs are never deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionLimits {
    pub days: u32,
    /// The most ended runs of all tenants, and of each.
    pub runs: u64,
    pub runs_per_tenant: u64,
    /// The size limit of the runs database: a quarter for the query history, the rest for runs. The audit log and
    /// versions, in the other database, may each take a quarter of this.
    pub bytes: u64,
    /// How many days to keep audit log entries. 0 keeps them regardless of age.
    pub audit_days: u32,
    /// How many days to keep deleted records in the trash.
    pub trash_days: u32,
}

impl Default for RetentionLimits {
    fn default() -> Self {
        Self { days: 90, runs: 1_000_000, runs_per_tenant: 500_000, bytes: 10 << 30, audit_days: 365, trash_days: 30 }
    }
}

impl RetentionLimits {
    /// Returns the limit of a kind of history that has a quarter.
    const fn quarter(&self) -> u64 {
        self.bytes / 4
    }
}

impl Store {
    /// Deletes the ended runs and query executions that `keep` does not cover at `now`. Returns the number of deleted
    /// runs.
    ///
    /// # Errors
    /// If the store cannot be written. Deletions until then are kept.
    pub async fn prune_runs(&self, keep: RetentionLimits, now: Time) -> Result<u64> {
        let oldest = Time(now.0 - i64::from(keep.days) * DAY);
        self.prune_query_runs(oldest).await?;
        let quota = self.quotas().limits.of(UsageKind::QueryHistory);
        let delete = |tx: &RunsTx<'_>, tenant, most| tx.delete_query_runs(tenant, None, None, most);
        self.runs.prune_to_quota(UsageKind::QueryHistory, quota, delete).await?;
        let mut deleted = 0;
        for (tenant, kept) in self.kept_runs().await? {
            let before = deleted;
            if self.runs.survey(move |tx| tx.has_before(tenant, ENDED_BEFORE, oldest)).await? {
                deleted += self.delete_runs(u64::MAX, move |tx, _| tx.delete_ended_before(tenant, oldest)).await?;
            }
            let surplus = kept.ended.rows.saturating_sub(deleted - before).saturating_sub(keep.runs_per_tenant);
            let delete = move |tx: &RunsTx<'_>, most| tx.delete_oldest_runs(tenant, most, u64::MAX);
            deleted += self.delete_runs(surplus, delete).await?;
            deleted += self.prune_to_quota(tenant).await?;
            if deleted > before {
                self.delete_unused_definitions(tenant).await?;
            }
        }
        deleted += self.prune_largest(keep).await?;
        self.runs.give_back_all().await?;
        Ok(deleted)
    }

    /// Deletes the audit log entries, versions and records in the trash that are no longer kept. Returns how many.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub async fn prune_workspace(&self, keep: RetentionLimits, now: Time) -> Result<u64> {
        let mut deleted = 0;
        if keep.audit_days > 0 {
            let oldest = Time(now.0 - i64::from(keep.audit_days) * DAY);
            for tenant in self.history(UsageKind::Audit).await?.into_keys() {
                // do not write if there is nothing to delete
                if self.survey(move |tx| tx.has_before(tenant, AUDITED_BEFORE, oldest)).await? {
                    let delete =
                        move |tx: &Tx<'_>| fill(usize::MAX, |most| tx.delete_audit(tenant, Some(oldest), most));
                    deleted += self.workspace.in_portions(delete).await?;
                }
            }
        }
        let quota = self.quotas().limits.of(UsageKind::Audit);
        let delete = |tx: &Tx<'_>, tenant, most| tx.delete_audit(tenant, None, most);
        deleted += self.workspace.prune_to_quota(UsageKind::Audit, quota, delete).await?;
        let oldest = Time(now.0 - i64::from(keep.trash_days) * DAY);
        if !self.survey(move |tx| tx.expired_trash(oldest, 1)).await?.is_empty() {
            let empty = move |tx: &Tx<'_>| fill(usize::MAX, |most| tx.empty_trash(oldest, most));
            deleted += self.workspace.in_portions(empty).await?;
        }
        // leave some space, so that not every save has to delete old versions
        if let Some(most) = self.quotas().limits.of(UsageKind::Versions).map(|limit| limit - limit / 10) {
            for (tenant, _) in
                self.history(UsageKind::Versions).await?.into_iter().filter(|(_, kept)| kept.bytes > most)
            {
                deleted += self.prune_versions(tenant, most).await?;
            }
        }
        deleted += self.prune_largest_in_workspace(keep).await?;
        if deleted > 0 {
            self.workspace.give_back_all().await?;
        }
        Ok(deleted)
    }

    /// Deletes the oldest entries of the largest tenants while the audit log or the versions of all tenants exceed
    /// their share.
    async fn prune_largest_in_workspace(&self, keep: RetentionLimits) -> Result<u64> {
        let mut deleted = 0;
        for kind in [UsageKind::Audit, UsageKind::Versions] {
            loop {
                let history = self.history(kind).await?;
                let excess = bytes_of(&history).saturating_sub(keep.quarter());
                let Some((tenant, excess)) = largest(&history, excess, |kept| kept.bytes).filter(|_| excess > 0) else {
                    break;
                };
                let gone = if kind == UsageKind::Audit {
                    let most = rows_for(&history, tenant, excess);
                    let delete = move |tx: &Tx<'_>| fill(most, |most| tx.delete_audit(tenant, None, most));
                    self.workspace.portion(delete).await? as u64
                } else {
                    let left = history.get(&tenant).map_or(0, |kept| kept.bytes).saturating_sub(excess);
                    self.prune_versions(tenant, left).await?
                };
                deleted += gone;
                // current versions are kept, however large they are
                if gone == 0 {
                    break;
                }
            }
        }
        Ok(deleted)
    }

    /// Deletes a tenant's oldest versions until the rest takes at most `most` bytes.
    async fn prune_versions(&self, tenant: Uuid, most: u64) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let oldest = self.survey(move |tx| tx.oldest_versions(tenant, most, ROWS_AT_ONCE)).await?;
            let gone = self.workspace.portion(move |tx| tx.delete_versions(tenant, &oldest)).await?;
            deleted += gone as u64;
            if gone == 0 {
                return Ok(deleted);
            }
        }
    }

    async fn prune_query_runs(&self, oldest: Time) -> Result<()> {
        let usage = self.runs.survey(|tx| tx.all_usage()).await?;
        for (tenant, ..) in usage.into_iter().filter(|(_, kind, _)| *kind == UsageKind::QueryHistory) {
            if !self.runs.survey(move |tx| tx.has_oldest_before(tenant, oldest)).await? {
                continue;
            }
            let delete =
                move |tx: &RunsTx<'_>| fill(usize::MAX, |most| tx.delete_query_runs(tenant, None, Some(oldest), most));
            self.runs.in_portions(delete).await?;
        }
        for (tenant, query, mut surplus) in self.runs.survey(|tx| tx.crowded_queries()).await? {
            while surplus > 0 {
                let delete =
                    move |tx: &RunsTx<'_>| fill(surplus, |most| tx.delete_query_runs(tenant, Some(query), None, most));
                let gone = self.runs.portion(delete).await?;
                surplus = if gone == 0 { 0 } else { surplus - gone };
            }
        }
        Ok(())
    }

    /// Deletes a tenant's oldest ended runs until the rest is within its quota.
    async fn prune_to_quota(&self, tenant: Uuid) -> Result<u64> {
        let Some(limit) = self.quotas().limits.of(UsageKind::EndedRuns) else { return Ok(0) };
        let mut deleted = 0;
        loop {
            let used = self.runs.get(|tx| {
                let (ended, graphs) =
                    (tx.usage(tenant, UsageKind::EndedRuns)?, tx.usage(tenant, UsageKind::Definitions)?);
                Ok(ended.bytes + graphs.bytes)
            })?;
            let Some(excess) = used.checked_sub(limit).filter(|excess| *excess > 0) else { return Ok(deleted) };
            let gone = self.runs.portion(move |tx| tx.delete_oldest_runs(tenant, ROWS_AT_ONCE, excess)).await?;
            let graphs = self.delete_unused_definitions(tenant).await?;
            deleted += gone.runs as u64;
            if gone.is_all && graphs == 0 {
                return Ok(deleted);
            }
        }
    }

    /// Deletes the oldest runs and query executions of the largest tenants while there are too many runs, or the
    /// database is too large. The kind of history that uses more of its share goes first, so that a flood of one does
    /// not evict the other.
    async fn prune_largest(&self, keep: RetentionLimits) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let excess = self.runs.survey(|tx| tx.used_bytes()).await?.saturating_sub(keep.bytes);
            let (runs, queries) = (self.kept_runs().await?, self.history(UsageKind::QueryHistory).await?);
            let surplus = runs.values().map(|kept| kept.ended.rows).sum::<u64>().saturating_sub(keep.runs);
            let large = |history, excess| largest(history, excess, |kept| kept.bytes).filter(|_| excess > 0);
            let (of_queries, of_runs) = (large(&queries, excess), large(&runs, excess));
            let queries_first = is_quarter_fuller(bytes_of(&queries), bytes_of(&runs)) || of_runs.is_none();
            if let Some((tenant, excess)) = of_queries.filter(|_| queries_first) {
                let most = rows_for(&queries, tenant, excess);
                let delete = move |tx: &RunsTx<'_>| fill(most, |most| tx.delete_query_runs(tenant, None, None, most));
                let gone = self.runs.portion(delete).await?;
                if gone > 0 {
                    continue;
                }
            }
            let many = || largest(&runs, surplus, |kept| kept.ended.rows).filter(|_| surplus > 0);
            let next = of_runs.map(|(tenant, excess)| (tenant, u64::MAX, excess));
            let next = next.or_else(|| many().map(|(tenant, surplus)| (tenant, surplus, u64::MAX)));
            let Some((tenant, most, excess)) = next else { return Ok(deleted) };
            let most = usize::try_from(most).unwrap_or(ROWS_AT_ONCE).min(ROWS_AT_ONCE);
            let gone = self.runs.portion(move |tx| tx.delete_oldest_runs(tenant, most, excess)).await?;
            self.delete_unused_definitions(tenant).await?;
            deleted += gone.runs as u64;
            if gone.is_all {
                return Ok(deleted);
            }
        }
    }

    /// Returns the usage of runs and their graphs, by tenant. Only ended runs may be deleted.
    async fn kept_runs(&self) -> Result<History> {
        let mut history = History::new();
        for (tenant, kind, usage) in self.runs.survey(|tx| tx.all_usage()).await? {
            let kept = history.entry(tenant).or_default();
            if kind != UsageKind::QueryHistory {
                kept.bytes += usage.bytes;
            }
            if kind == UsageKind::EndedRuns {
                kept.ended = usage;
            }
        }
        Ok(history)
    }

    /// Returns the usage of any other kind of history, by tenant.
    async fn history(&self, kind: UsageKind) -> Result<History> {
        let usage = match kind {
            UsageKind::Audit | UsageKind::Versions => self.survey(|tx| tx.all_usage()).await?,
            _ => self.runs.survey(|tx| tx.all_usage()).await?,
        };
        let of_kind = usage.into_iter().filter(|(_, one, usage)| *one == kind && usage.rows > 0);
        Ok(of_kind.map(|(tenant, _, ended)| (tenant, TenantHistory { ended, bytes: ended.bytes })).collect())
    }

    /// Deletes a tenant's graphs that no run uses.
    async fn delete_unused_definitions(&self, tenant: Uuid) -> Result<usize> {
        let mut deleted = 0;
        loop {
            let unused = self.runs.survey(move |tx| tx.unused_definitions(tenant)).await?;
            let found = unused.len();
            if found > 0 {
                deleted += self.runs.portion(move |tx| tx.delete_definitions(tenant, &unused)).await?;
            }
            if found < ROWS_AT_ONCE {
                return Ok(deleted);
            }
        }
    }
}

impl<D: 'static> Db<D> {
    /// Deletes the oldest rows of each tenant whose data of a kind exceeds its quota. Writes do so, too, but a quota that
    /// was lowered also applies to tenants that write nothing. `delete` deletes at most some of a tenant's oldest rows.
    async fn prune_to_quota(
        &self,
        kind: UsageKind,
        quota: Option<u64>,
        delete: fn(&Session<'_, D>, Uuid, usize) -> Result<usize>,
    ) -> Result<u64> {
        let Some(quota) = quota else { return Ok(0) };
        let all = self.survey(|tx| tx.all_usage()).await?;
        let mut deleted = 0;
        for (tenant, ..) in all.into_iter().filter(|(_, one, used)| *one == kind && used.bytes > quota) {
            let excess = move |tx: &Session<'_, D>| {
                let used = tx.usage(tenant, kind)?;
                match used.bytes.saturating_sub(quota) {
                    0 => Ok(0),
                    excess => fill(rows_taking(used, excess), |most| delete(tx, tenant, most)),
                }
            };
            deleted += self.in_portions(excess).await?;
        }
        Ok(deleted)
    }
}

/// Estimates how many of a tenant's rows take this many bytes; at least one.
fn rows_for(history: &History, tenant: Uuid, bytes: u64) -> usize {
    rows_taking(history.get(&tenant).map_or_else(Usage::default, |kept| kept.ended), bytes)
}

fn rows_taking(all: Usage, bytes: u64) -> usize {
    let each = (all.bytes / all.rows.max(1)).max(1);
    usize::try_from(bytes / each).unwrap_or(usize::MAX).max(1)
}

impl RunsTx<'_> {
    /// Returns whether the tenant's oldest query execution is from before `oldest`. Ids are in chronological order.
    fn has_oldest_before(&self, tenant: Uuid, oldest: Time) -> Result<bool> {
        let sql = sql!("select at < ?2 from query_runs where tenant_id = ?1 order by id limit 1");
        let mut query = self.db.prepare(sql)?;
        Ok(query.query_row((tenant, oldest.0), |row| row.get(0)).optional()?.unwrap_or(false))
    }

    fn unused_definitions(&self, tenant: Uuid) -> Result<Vec<String>> {
        let sql = sql!(
            "select hash from definitions d where tenant_id = ?1 and not exists (
             select 1 from instances i where i.tenant_id = d.tenant_id and i.definition = d.hash) limit ?2"
        );
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((tenant, ROWS_AT_ONCE), |row| row.get(0))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Deletes graphs, except those that a run uses by now.
    pub(in crate::store) fn delete_definitions(&self, tenant: Uuid, hashes: &[String]) -> Result<usize> {
        if hashes.is_empty() {
            return Ok(0);
        }
        self.stop_starts()?;
        let sql = sql!(
            "delete from definitions where tenant_id = ?1 and hash = ?2 and not exists (
             select 1 from instances i where i.tenant_id = ?1 and i.definition = ?2) returning octet_length(body)"
        );
        let mut delete = self.db.prepare(sql)?;
        let mut deleted = 0;
        for hash in hashes {
            let found = delete.query_map((tenant, hash), |row| row.get::<u64>(0))?;
            for size in found.collect::<SqlResult<Vec<_>>>()? {
                self.count_usage(tenant, UsageKind::Definitions, -signed(row::DEFINITION + size), -1)?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

impl<D> Session<'_, D> {
    /// Returns whether the tenant has a row from before `oldest`, which `sql` finds.
    fn has_before(&self, tenant: Uuid, sql: Sql<'_>, oldest: Time) -> Result<bool> {
        Ok(self.db.prepare(sql)?.exists((tenant, oldest.0))?)
    }
}
