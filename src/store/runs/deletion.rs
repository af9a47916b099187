//! Deletes runs and their journals in portions.
use crate::{
    Result,
    clock::Time,
    quota::UsageKind,
    store::{
        RunsTx, Store,
        database::{
            column::signed,
            portions::{Portion, ROWS_AT_ONCE},
        },
        sql::{SqlResult, sql},
    },
};
use std::collections::HashMap;
use uuid::Uuid;

/// The journal of a run larger than this may be too long to delete in one transaction.
const LARGE: u64 = 256 << 10;
/// How many entries of such a journal are deleted between two checks of the time.
const LINES_AT_ONCE: usize = 100;

/// The result of a portion.
#[derive(Clone, Copy, Debug)]
pub struct DeletedRuns {
    pub runs: usize,
    /// Whether nothing was left to delete.
    pub is_all: bool,
}

impl Store {
    /// Repeats `delete` until nothing is left or `most` runs are deleted. `delete` gets the most runs that it may
    /// delete.
    pub(in crate::store) async fn delete_runs(
        &self,
        most: u64,
        delete: impl Fn(&RunsTx<'_>, usize) -> Result<DeletedRuns> + Clone + Send + 'static,
    ) -> Result<u64> {
        let mut deleted = 0;
        while deleted < most {
            let delete = delete.clone();
            let next = usize::try_from(most - deleted).unwrap_or(ROWS_AT_ONCE).min(ROWS_AT_ONCE);
            let gone = self.runs.portion(move |tx| delete(tx, next)).await?;
            deleted += gone.runs as u64;
            if gone.is_all {
                break;
            }
        }
        Ok(deleted)
    }
}

impl RunsTx<'_> {
    /// Deletes a portion of a tenant's runs that ended before `oldest`.
    pub(in crate::store) fn delete_ended_before(&self, tenant: Uuid, oldest: Time) -> Result<DeletedRuns> {
        let sql = sql!(
            "select id, bytes from instances
           where tenant_id = ?1 and finished_at is not null and finished_at < ?2 order by finished_at limit ?3"
        );
        let mut query = self.db.prepare(sql)?;
        let found = query.query_map((tenant, oldest.0, ROWS_AT_ONCE), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let ids = found.collect::<SqlResult<Vec<_>>>()?;
        self.delete_runs(tenant, ids)
    }

    /// Deletes the oldest ended runs of a tenant: at most `most`, stopping once `bytes` bytes are freed.
    pub(in crate::store) fn delete_oldest_runs(&self, tenant: Uuid, most: usize, bytes: u64) -> Result<DeletedRuns> {
        let sql = sql!(
            "select id, bytes from instances
           where tenant_id = ?1 and finished_at is not null order by finished_at limit ?2"
        );
        let mut query = self.db.prepare(sql)?;
        let mut rows = query.query((tenant, most))?;
        let (mut ids, mut freed) = (Vec::new(), 0);
        while let Some(row) = rows.next()?.filter(|_| freed < bytes) {
            let bytes = row.get(1)?;
            ids.push((row.get(0)?, bytes));
            freed += bytes;
        }
        drop(rows);
        self.delete_runs(tenant, ids)
    }

    /// Deletes runs, ended or not, and their journals until the time of a portion is over.
    pub(in crate::store) fn delete_runs(&self, tenant: Uuid, ids: Vec<(String, u64)>) -> Result<DeletedRuns> {
        let sql = sql!(
            "delete from instances where tenant_id = ?1 and id = ?2
           returning coalesce(workflow_id, ''), status, is_test, cause, bytes, finished_at is not null"
        );
        let mut ended: HashMap<(String, String, bool, String), i64> = HashMap::new();
        let mut delete = self.db.prepare(sql)?;
        let mut delete_entries =
            self.db.prepare(sql!("delete from journal where tenant_id = ?1 and instance_id = ?2"))?;
        let text = tenant.to_string();
        let mut gone = DeletedRuns { runs: 0, is_all: ids.is_empty() };
        let portion = Portion::begin();
        for (id, bytes) in ids {
            // at least one, however long it takes
            if (gone.runs > 0 && portion.is_over()) || (bytes > LARGE && !self.delete_journal(&text, &id, &portion)?) {
                break;
            }
            let (of, bytes, has_ended) = delete.query_row((&text, &id), |row| {
                Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), row.get::<u64>(4)?, row.get::<bool>(5)?))
            })?;
            // after the run: nobody can write to its journal any more
            delete_entries.send((&text, id))?;
            let kind = if has_ended { UsageKind::EndedRuns } else { UsageKind::UnfinishedRuns };
            self.count_usage(tenant, kind, -signed(bytes), -1)?;
            if has_ended {
                *ended.entry(of).or_default() += 1;
            }
            gone.runs += 1;
        }
        for ((workflow, status, is_test, cause), count) in ended {
            self.count_ended(tenant, (&workflow, &status, is_test, &cause), -count);
        }
        Ok(gone)
    }

    /// Deletes a long journal from its end until the time of a portion is over. Returns whether all of it was deleted.
    /// The next portion deletes the rest.
    fn delete_journal(&self, tenant: &str, run: &str, portion: &Portion) -> Result<bool> {
        let sql = sql!(
            "delete from journal where tenant_id = ?1 and instance_id = ?2 and seq in (
             select seq from journal where tenant_id = ?1 and instance_id = ?2 order by seq desc limit ?3)"
        );
        let mut delete = self.db.prepare(sql)?;
        loop {
            if delete.execute((tenant, run, LINES_AT_ONCE))? < LINES_AT_ONCE {
                return Ok(true);
            }
            if portion.is_over() {
                return Ok(false);
            }
        }
    }
}
