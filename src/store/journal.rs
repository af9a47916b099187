//! The journals of runs: appended in the transaction that moves the run on, read back in order.
use super::{RunsTx, column};
use crate::{Result, clock::Time, model::Scope};
use uuid::Uuid;

/// One line of a run's journal; what the event's text means is the runner's business.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    pub seq: u64,
    pub at: Time,
    pub event: String,
}

impl RunsTx<'_> {
    pub fn append_journal(&self, scope: &Scope, instance: Uuid, entries: &[JournalEntry]) -> Result<()> {
        let (tenant, instance) = (scope.tenant.to_string(), instance.to_string());
        let sql = "insert into journal (tenant_id, instance_id, seq, at, event) values (?1, ?2, ?3, ?4, ?5)";
        let mut insert = self.db.prepare_cached(sql)?;
        for entry in entries {
            insert.execute((&tenant, &instance, entry.seq, entry.at.0, &entry.event))?;
        }
        Ok(())
    }

    /// What happened after the entry `after`; 0 means from the beginning.
    pub fn journal(&self, scope: &Scope, instance: Uuid, after: u64) -> Result<Vec<JournalEntry>> {
        let sql =
            "select seq, at, event from journal where tenant_id = ?1 and instance_id = ?2 and seq > ?3 order by seq";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map((scope.tenant.to_string(), instance.to_string(), after), |row| {
            Ok(JournalEntry { seq: row.get(0)?, at: column::time(row, 1)?, event: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
