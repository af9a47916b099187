//! Forgetting old runs, the oldest first, and giving their room back to the file system.
use super::{RunsTx, Store};
use crate::{Result, clock::Time};
use rusqlite::params_from_iter;
use std::collections::HashMap;

/// Runs that are forgotten in one transaction, and pages that are given back in one: others write in between.
const RUNS_AT_ONCE: usize = 200;
const PAGES_AT_ONCE: u32 = 2000;

/// Which runs are kept. What has not ended is never forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub days: u32,
    pub runs: u64,
    /// What all of them may take in the file.
    pub bytes: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self { days: 90, runs: 1_000_000, bytes: 10 << 30 }
    }
}

impl Store {
    /// Forgets the ended runs that `keep` does not cover at `now`; answers how many.
    ///
    /// # Errors
    /// When the store cannot be written; what was forgotten by then stays forgotten.
    pub async fn prune_runs(&self, keep: Keep, now: Time) -> Result<u64> {
        let oldest = Time(now.0 - i64::from(keep.days) * 86_400_000);
        self.runs.write(move |tx| tx.prune_query_runs(oldest)).await?;
        let mut forgotten = 0;
        loop {
            // counting takes a moment: not once for every few runs
            let surplus = self.runs.read(move |tx| tx.surplus(keep, oldest)).await?;
            if surplus == 0 {
                break;
            }
            let mut left = surplus;
            while left > 0 {
                let most = usize::try_from(left).unwrap_or(RUNS_AT_ONCE).min(RUNS_AT_ONCE);
                let gone = self.runs.write(move |tx| tx.forget_runs(most)).await? as u64;
                forgotten += gone;
                left = if gone == 0 { 0 } else { left.saturating_sub(gone) };
            }
        }
        if forgotten > 0 {
            self.runs.write(|tx| tx.forget_definitions()).await?;
        }
        while self.runs.write(|tx| tx.give_back(PAGES_AT_ONCE)).await? {}
        Ok(forgotten)
    }
}

impl RunsTx<'_> {
    /// How many of the oldest ended runs are not to be kept.
    fn surplus(&self, keep: Keep, oldest: Time) -> Result<u64> {
        let count = |sql: &str, args: &[i64]| {
            self.db.prepare_cached(sql)?.query_row(params_from_iter(args), |row| row.get::<_, u64>(0))
        };
        let old = "select count(*) from instances where finished_at is not null and finished_at < ?1";
        let (old, all) = (count(old, &[oldest.0])?, count("select coalesce(sum(count), 0) from ended_counts", &[])?);
        let full = self.used_bytes()? > keep.bytes;
        let over = if full { all.min(RUNS_AT_ONCE as u64) } else { 0 };
        Ok(old.max(all.saturating_sub(keep.runs)).max(over))
    }

    /// Forgets the `most` oldest runs that have ended.
    fn forget_runs(&self, most: usize) -> Result<usize> {
        let sql = "delete from instances where (tenant_id, id) in (
             select tenant_id, id from instances where finished_at is not null order by finished_at limit ?1)
           returning tenant_id, coalesce(workflow_id, ''), status, is_test, cause";
        let mut gone: HashMap<[String; 5], usize> = HashMap::new();
        let mut delete = self.db.prepare_cached(sql)?;
        let mut rows = delete.query([most])?;
        while let Some(row) = rows.next()? {
            let of = [row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?.to_string(), row.get(4)?];
            *gone.entry(of).or_default() += 1;
        }
        let sql = "update ended_counts set count = count - ?6
           where tenant_id = ?1 and workflow_id = ?2 and status = ?3 and is_test = cast(?4 as integer) and cause = ?5";
        let mut uncount = self.db.prepare_cached(sql)?;
        for ([tenant, workflow, status, is_test, cause], count) in &gone {
            uncount.execute((tenant, workflow, status, is_test, cause, count))?;
        }
        Ok(gone.values().sum())
    }

    /// Forgets graphs that no run has.
    fn forget_definitions(&self) -> Result<usize> {
        let sql = "delete from definitions where not exists (
           select 1 from instances i where i.tenant_id = definitions.tenant_id and i.definition = definitions.hash)";
        Ok(self.db.execute(sql, ())?)
    }

    /// What the file holds, without the room that is free in it.
    fn used_bytes(&self) -> Result<u64> {
        let read = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        Ok(read("page_count")?.saturating_sub(read("freelist_count")?) * read("page_size")?)
    }

    /// Gives so many free pages back; whether there are more.
    fn give_back(&self, pages: u32) -> Result<bool> {
        self.db.execute_batch(&format!("pragma incremental_vacuum({pages})"))?;
        Ok(self.db.pragma_query_value(None, "freelist_count", |row| row.get::<_, u64>(0))? > 0)
    }
}
