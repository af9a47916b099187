//! Deleting what is no longer kept: each tenant's own surplus first, then the largest tenants' oldest; always in small
//! transactions, so that others write in between, and giving the space back to the file system.
use super::{Db, RunsTx, Session, Store, Usage, instances::signed, usage::row};
use crate::{Result, clock::Time, quota::UsageKind};
use rusqlite::OptionalExtension;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Rows that are deleted in one transaction, and pages that are given back in one.
pub(super) const ROWS_AT_ONCE: usize = 200;
const PAGES_AT_ONCE: u32 = 2000;
const DAY: i64 = 86_400_000;

/// Which ended runs, executions of queries and audit entries are kept. What has not ended is never deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub days: u32,
    /// Ended runs of all tenants, and of one.
    pub runs: u64,
    pub runs_per_tenant: u64,
    /// What the file of all runs may take.
    pub bytes: u64,
    /// Days of the audit log; 0 keeps it without a limit of age.
    pub audit_days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { days: 90, runs: 1_000_000, runs_per_tenant: 500_000, bytes: 10 << 30, audit_days: 365 }
    }
}

/// What a tenant has in the file of runs.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    ended: Usage,
    /// Everything, ended or not.
    bytes: u64,
}

impl Store {
    /// Deletes the ended runs and executions of queries that `keep` does not cover at `now`; answers how many runs.
    ///
    /// # Errors
    /// When the store cannot be written; what was deleted by then stays deleted.
    pub async fn prune_runs(&self, keep: Keep, now: Time) -> Result<u64> {
        let oldest = Time(now.0 - i64::from(keep.days) * DAY);
        self.prune_query_runs(oldest).await?;
        let mut deleted = 0;
        for (tenant, share) in self.shares().await? {
            let before = deleted;
            if self.runs.read(move |tx| tx.has_before(tenant, "instances", "finished_at", oldest)).await? {
                deleted += self.portions(move |tx| tx.delete_ended_before(tenant, oldest)).await?;
            }
            let surplus = share.ended.rows.saturating_sub(deleted - before).saturating_sub(keep.runs_per_tenant);
            deleted += self.surplus(tenant, surplus).await?;
            deleted += self.prune_to_quota(tenant).await?;
            if deleted > before {
                self.delete_unused_definitions(tenant).await?;
            }
        }
        deleted += self.prune_largest(keep).await?;
        self.runs.give_back_all().await?;
        Ok(deleted)
    }

    /// Deletes the audit entries and versions that are no longer kept; answers how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn prune_workspace(&self, keep: Keep, now: Time) -> Result<u64> {
        let mut deleted = 0;
        let usage = self.workspace.read(|tx| tx.all_usage()).await?;
        for (tenant, kind, usage) in usage {
            let limit = self.quotas().limits.of(kind);
            match kind {
                UsageKind::Audit if keep.audit_days > 0 => {
                    let oldest = Time(now.0 - i64::from(keep.audit_days) * DAY);
                    // nothing is written where nothing is old
                    while self.read(move |tx| tx.has_before(tenant, "audit", "at", oldest)).await? {
                        let gone = self.write(move |tx| tx.delete_audit(tenant, Some(oldest), ROWS_AT_ONCE)).await?;
                        deleted += gone as u64;
                        if gone < ROWS_AT_ONCE {
                            break;
                        }
                    }
                }
                // some room, so that saving does not have to look for the oldest each time
                UsageKind::Versions => {
                    let Some(most) = limit.map(|limit| limit - limit / 10).filter(|most| usage.bytes > *most) else {
                        continue;
                    };
                    loop {
                        let oldest = self.read(move |tx| tx.oldest_versions(tenant, most, ROWS_AT_ONCE)).await?;
                        let gone = self.write(move |tx| tx.delete_versions(tenant, &oldest)).await?;
                        deleted += gone as u64;
                        if gone == 0 {
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
        if deleted > 0 {
            self.workspace.give_back_all().await?;
        }
        Ok(deleted)
    }

    async fn prune_query_runs(&self, oldest: Time) -> Result<()> {
        let usage = self.runs.read(|tx| tx.all_usage()).await?;
        for (tenant, ..) in usage.into_iter().filter(|(_, kind, _)| *kind == UsageKind::QueryHistory) {
            if !self.runs.read(move |tx| tx.has_oldest_before(tenant, oldest)).await? {
                continue;
            }
            self.portions(move |tx| tx.delete_query_runs(tenant, None, Some(oldest), ROWS_AT_ONCE)).await?;
        }
        for (tenant, query, mut surplus) in self.runs.read(|tx| tx.crowded_queries()).await? {
            while surplus > 0 {
                let most = surplus.min(ROWS_AT_ONCE);
                let gone = self.runs.write(move |tx| tx.delete_query_runs(tenant, Some(query), None, most)).await?;
                surplus = if gone == 0 { 0 } else { surplus - gone };
            }
        }
        Ok(())
    }

    /// Repeats a deletion until it finds less than a whole portion; answers how many were deleted.
    async fn portions(&self, delete: impl Fn(&RunsTx<'_>) -> Result<usize> + Clone + Send + 'static) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let delete = delete.clone();
            let gone = self.runs.write(move |tx| delete(tx)).await?;
            deleted += gone as u64;
            if gone < ROWS_AT_ONCE {
                return Ok(deleted);
            }
        }
    }

    /// Deletes so many of a tenant's oldest ended runs.
    async fn surplus(&self, tenant: Uuid, mut surplus: u64) -> Result<u64> {
        let mut deleted = 0;
        while surplus > 0 {
            let most = usize::try_from(surplus).unwrap_or(ROWS_AT_ONCE).min(ROWS_AT_ONCE);
            let gone = self.runs.write(move |tx| tx.delete_oldest_runs(tenant, most, u64::MAX)).await? as u64;
            deleted += gone;
            surplus = if gone == 0 { 0 } else { surplus.saturating_sub(gone) };
        }
        Ok(deleted)
    }

    /// Deletes a tenant's oldest ended runs until they fit its quota.
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
            let gone = self.runs.write(move |tx| tx.delete_oldest_runs(tenant, ROWS_AT_ONCE, excess)).await?;
            let graphs = self.delete_unused_definitions(tenant).await?;
            if gone + graphs == 0 {
                return Ok(deleted);
            }
            deleted += gone as u64;
        }
    }

    /// While all runs together are too many or too large: deletes the oldest of the largest tenants. A tenant that has
    /// less than the average loses nothing.
    async fn prune_largest(&self, keep: Keep) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let used = self.runs.read(|tx| tx.used_bytes()).await?;
            let shares = self.shares().await?;
            let Some((tenant, most, excess)) = largest(&shares, keep, used) else { return Ok(deleted) };
            let gone = self.runs.write(move |tx| tx.delete_oldest_runs(tenant, most, excess)).await? as u64;
            self.delete_unused_definitions(tenant).await?;
            if gone == 0 {
                return Ok(deleted);
            }
            deleted += gone;
        }
    }

    async fn shares(&self) -> Result<BTreeMap<Uuid, Share>> {
        let mut shares: BTreeMap<Uuid, Share> = BTreeMap::new();
        for (tenant, kind, usage) in self.runs.read(|tx| tx.all_usage()).await? {
            let share = shares.entry(tenant).or_default();
            share.bytes += usage.bytes;
            if kind == UsageKind::EndedRuns {
                share.ended = usage;
            }
        }
        Ok(shares)
    }

    /// Deletes the graphs of a tenant that no run refers to.
    async fn delete_unused_definitions(&self, tenant: Uuid) -> Result<usize> {
        let mut deleted = 0;
        loop {
            let unused = self.runs.read(move |tx| tx.unused_definitions(tenant)).await?;
            let found = unused.len();
            if found > 0 {
                deleted += self.runs.write(move |tx| tx.delete_definitions(tenant, &unused)).await?;
            }
            if found < ROWS_AT_ONCE {
                return Ok(deleted);
            }
        }
    }
}

/// Whose oldest runs go next, how many of them and how many bytes at most; none when all fit or nothing may go.
fn largest(shares: &BTreeMap<Uuid, Share>, keep: Keep, used: u64) -> Option<(Uuid, usize, u64)> {
    let tenants = shares.values().filter(|share| share.bytes > 0).count() as u64;
    let all: Share = shares.values().fold(Share::default(), |all, share| Share {
        ended: Usage { rows: all.ended.rows + share.ended.rows, ..Usage::default() },
        bytes: all.bytes + share.bytes,
    });
    let candidates = || shares.iter().filter(|(_, share)| share.ended.rows > 0);
    if used > keep.bytes {
        let large = candidates().filter(|(_, share)| share.bytes.saturating_mul(tenants) >= all.bytes);
        let (tenant, share) = large.max_by_key(|(_, share)| share.bytes)?;
        // not further than to the average
        let above = share.bytes - all.bytes / tenants.max(1);
        let excess = if tenants > 1 { (used - keep.bytes).min(above.max(1)) } else { used - keep.bytes };
        return Some((*tenant, ROWS_AT_ONCE, excess));
    }
    let surplus = all.ended.rows.checked_sub(keep.runs).filter(|surplus| *surplus > 0)?;
    let many = candidates().filter(|(_, share)| share.ended.rows.saturating_mul(tenants) >= all.ended.rows);
    let (tenant, share) = many.max_by_key(|(_, share)| share.ended.rows)?;
    let above = share.ended.rows - all.ended.rows / tenants.max(1);
    let surplus = if tenants > 1 { surplus.min(above.max(1)) } else { surplus };
    Some((*tenant, usize::try_from(surplus).unwrap_or(ROWS_AT_ONCE).min(ROWS_AT_ONCE), u64::MAX))
}

impl RunsTx<'_> {
    /// Deletes a portion of a tenant's runs that ended before `oldest`.
    pub fn delete_ended_before(&self, tenant: Uuid, oldest: Time) -> Result<usize> {
        let sql = "select id from instances
           where tenant_id = ?1 and finished_at is not null and finished_at < ?2 order by finished_at limit ?3";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_map((tenant.to_string(), oldest.0, ROWS_AT_ONCE), |row| row.get(0))?;
        let ids = found.collect::<rusqlite::Result<Vec<String>>>()?;
        self.delete_runs(tenant, &ids)
    }

    /// Deletes the oldest ended runs of a tenant: at most `most`, and no more once they had `bytes`.
    fn delete_oldest_runs(&self, tenant: Uuid, most: usize, bytes: u64) -> Result<usize> {
        let sql = "select id, bytes from instances
           where tenant_id = ?1 and finished_at is not null order by finished_at limit ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query((tenant.to_string(), most))?;
        let (mut ids, mut freed) = (Vec::new(), 0);
        while let Some(row) = rows.next()?.filter(|_| freed < bytes) {
            ids.push(row.get(0)?);
            freed += row.get::<_, u64>(1)?;
        }
        drop(rows);
        self.delete_runs(tenant, &ids)
    }

    /// Deletes runs with their journals, ended or not.
    pub(super) fn delete_runs(&self, tenant: Uuid, ids: &[String]) -> Result<usize> {
        let sql = "delete from instances where tenant_id = ?1 and id = ?2
           returning coalesce(workflow_id, ''), status, is_test, cause, bytes, finished_at is not null";
        let mut ended: HashMap<(String, String, bool, String), i64> = HashMap::new();
        let mut delete = self.db.prepare_cached(sql)?;
        let text = tenant.to_string();
        for id in ids {
            let (of, bytes, has_ended) = delete.query_row((&text, id), |row| {
                Ok((
                    (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?),
                    row.get::<_, u64>(4)?,
                    row.get::<_, bool>(5)?,
                ))
            })?;
            let kind = if has_ended { UsageKind::EndedRuns } else { UsageKind::UnfinishedRuns };
            self.count_usage(tenant, kind, -signed(bytes), -1)?;
            if has_ended {
                *ended.entry(of).or_default() += 1;
            }
        }
        let sql = "update ended_counts set count = count - ?6
           where tenant_id = ?1 and workflow_id = ?2 and status = ?3 and is_test = ?4 and cause = ?5";
        let mut uncount = self.db.prepare_cached(sql)?;
        for ((workflow, status, is_test, cause), count) in &ended {
            uncount.execute((&text, workflow, status, is_test, cause, count))?;
        }
        self.db.prepare_cached("delete from ended_counts where tenant_id = ?1 and count <= 0")?.execute([text])?;
        Ok(ids.len())
    }

    /// Whether the tenant's oldest execution of a query is from before `oldest`: their ids are in the order of time.
    fn has_oldest_before(&self, tenant: Uuid, oldest: Time) -> Result<bool> {
        let sql = "select at < ?2 from query_runs where tenant_id = ?1 order by id limit 1";
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_row((tenant.to_string(), oldest.0), |row| row.get(0)).optional()?.unwrap_or(false))
    }

    fn unused_definitions(&self, tenant: Uuid) -> Result<Vec<String>> {
        let sql = "select hash from definitions d where tenant_id = ?1 and not exists (
             select 1 from instances i where i.tenant_id = d.tenant_id and i.definition = d.hash) limit ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map((tenant.to_string(), ROWS_AT_ONCE), |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes those graphs, unless a run refers to them by now.
    pub(super) fn delete_definitions(&self, tenant: Uuid, hashes: &[String]) -> Result<usize> {
        let sql = "delete from definitions where tenant_id = ?1 and hash = ?2 and not exists (
             select 1 from instances i where i.tenant_id = ?1 and i.definition = ?2) returning octet_length(body)";
        let mut delete = self.db.prepare_cached(sql)?;
        let mut deleted = 0;
        for hash in hashes {
            let found = delete.query_map((tenant.to_string(), hash), |row| row.get::<_, u64>(0))?;
            for size in found.collect::<rusqlite::Result<Vec<_>>>()? {
                self.count_usage(tenant, UsageKind::Definitions, -signed(row::DEFINITION + size), -1)?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

impl<D> Session<'_, D> {
    /// Whether a table has a row of the tenant's whose time is before `oldest`.
    fn has_before(&self, tenant: Uuid, table: &str, time: &str, oldest: Time) -> Result<bool> {
        let sql = format!("select 1 from {table} where tenant_id = ?1 and {time} is not null and {time} < ?2 limit 1");
        Ok(self.db.prepare_cached(&sql)?.exists((tenant.to_string(), oldest.0))?)
    }

    /// What the file holds, without the space that is free in it.
    pub(super) fn used_bytes(&self) -> Result<u64> {
        let read = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        Ok(read("page_count")?.saturating_sub(read("freelist_count")?) * read("page_size")?)
    }

    /// Gives so many free pages back; whether there are more.
    fn give_back(&self, pages: u32) -> Result<bool> {
        let free = || self.db.pragma_query_value(None, "freelist_count", |row| row.get::<_, u64>(0));
        let before = free()?;
        if before > 0 {
            self.db.execute_batch(&format!("pragma incremental_vacuum({pages})"))?;
        }
        // a file that cannot shrink says so by staying as it is
        let after = free()?;
        Ok(after > 0 && after < before)
    }
}

impl<D: 'static> Db<D> {
    /// Gives all free pages back to the file system.
    pub(super) async fn give_back_all(&self) -> Result<()> {
        while self.write(|tx| tx.give_back(PAGES_AT_ONCE)).await? {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Keep, Share, Usage, Uuid, largest};

    fn shares(of: &[(u64, u64)]) -> BTreeMap<Uuid, Share> {
        let share = |(at, (rows, bytes)): (usize, &(u64, u64))| {
            let ended = Usage { rows: *rows, bytes: *bytes };
            (Uuid::from_u128(at as u128), Share { ended, bytes: *bytes })
        };
        of.iter().enumerate().map(share).collect()
    }

    #[test]
    fn the_largest_loses_its_oldest_and_nobody_below_the_average() {
        let keep = Keep { runs: 100, bytes: 1000, ..Keep::default() };
        let next = |of: &[(u64, u64)], used| largest(&shares(of), keep, used).map(|(id, ..)| id.as_u128());
        assert_eq!(next(&[(5, 50), (90, 2000)], 2050), Some(1));
        assert_eq!(next(&[(60, 50), (50, 60)], 110), Some(0), "too many runs");
        assert_eq!(next(&[(5, 50), (0, 2000)], 2050), None, "what has not ended does not push out another's");
        assert_eq!(next(&[(5, 50), (5, 60)], 110), None);
        assert_eq!(next(&[(500, 5000)], 5000), Some(0), "alone, it is held to the limit");
    }
}
