//! Counters that servers with a common database change at the same time. If each transaction updated the rows of its
//! tenant, they would wait for each other until the disk has their commits. So each adds a row, a *tally*, and from time to
//! time one server adds up what has come together. On PostgreSQL, `usage` and `ended_counts` are views of both.
use super::ledger;
use crate::{
    quota::UsageKind,
    store::sql::{Connection, Sql, SqlResult, Value},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// A tenant and a kind of data.
pub type LedgerKey = (Uuid, UsageKind);
/// Bytes and rows.
pub type Amount = (i64, i64);

/// How many tallies are added up at once.
const PORTION: usize = 5000;

/// For how long a recent total is used: what other servers add in this time may exceed a quota.
const RECENT: Duration = Duration::from_secs(1);
/// The most totals that are remembered.
const REMEMBERED: usize = 10_000;

/// Totals that were read a moment ago, with what this server has added since. To read a total adds up its tallies, and
/// each transition of a run asks for one.
#[derive(Default)]
pub struct RecentTotals(Mutex<HashMap<LedgerKey, (Instant, Amount)>>);

impl RecentTotals {
    /// Returns a total that is at most a second old.
    pub fn read(&self, db: Connection<'_>, key: LedgerKey) -> SqlResult<Amount> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some((_, amount)) = known.filter(|(read, _)| read.elapsed() < RECENT) {
            return Ok(amount);
        }
        let (now, amount) = (Instant::now(), ledger::read(db, key)?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(key, (now, amount));
        Ok(amount)
    }

    /// Adds what this server writes.
    pub fn add(&self, key: LedgerKey, by: Amount) {
        if let Some((_, amount)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key) {
            *amount = (amount.0 + by.0, amount.1 + by.1);
        }
    }
}

/// Returns whether a kind of data is counted in tallies. The others are counted by writes that follow one another.
pub fn is_tallied(kind: UsageKind) -> bool {
    matches!(kind, UsageKind::QueryHistory | UsageKind::Definitions | UsageKind::UnfinishedRuns | UsageKind::EndedRuns)
}

/// Returns where the sums of a table of counters are.
pub fn tallied_table(name: &str) -> &str {
    match name {
        "usage" => "usage_sums",
        "ended_counts" => "ended_sums",
        other => other,
    }
}

pub fn add_usage(db: Connection<'_>, changes: &[(LedgerKey, Amount)]) -> SqlResult<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let sql = Sql::composed("insert into usage_tallies (tenant_id, kind, bytes, row_count) values (?1, ?2, ?3, ?4)");
    let rows = changes.iter().map(|((tenant, kind), by)| (*tenant, kind.as_str(), by.0, by.1));
    db.prepare(sql)?.send_all(rows)?;
    Ok(())
}

/// Adds to counters of ended runs: tenant, workflow, status, test and trigger, then the change.
pub fn add_ended(db: Connection<'_>, changes: &[Vec<Value>]) -> SqlResult<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let sql = Sql::composed(
        "insert into ended_tallies (tenant_id, workflow_id, status, is_test, cause, count) values (?1, ?2, ?3, ?4, ?5, ?6)",
    );
    db.prepare(sql)?.send_all(changes.iter().map(Vec::as_slice))?;
    Ok(())
}

/// Adds up some tallies. Returns whether there may be more.
pub fn add_up(db: Connection<'_>) -> SqlResult<bool> {
    let usage = format!(
        "with gone as (delete from usage_tallies where n in
             (select n from usage_tallies order by n limit {PORTION} for update skip locked)
             returning tenant_id, kind, bytes, row_count)
           insert into usage_sums (tenant_id, kind, bytes, row_count)
             select tenant_id, kind, sum(bytes), sum(row_count) from gone group by tenant_id, kind order by tenant_id, kind
           on conflict (tenant_id, kind) do update
             set bytes = usage_sums.bytes + excluded.bytes, row_count = usage_sums.row_count + excluded.row_count"
    );
    let ended = format!(
        "with gone as (delete from ended_tallies where n in
             (select n from ended_tallies order by n limit {PORTION} for update skip locked)
             returning tenant_id, workflow_id, status, is_test, cause, count)
           insert into ended_sums (tenant_id, workflow_id, status, is_test, cause, count)
             select tenant_id, workflow_id, status, is_test, cause, sum(count) from gone
             group by tenant_id, workflow_id, status, is_test, cause order by tenant_id, workflow_id, status, is_test, cause
           on conflict (tenant_id, workflow_id, status, is_test, cause) do update set count = ended_sums.count + excluded.count"
    );
    let mut changed = 0;
    for sql in [usage, ended] {
        changed += db.prepare(Sql::composed(&sql))?.execute(())?;
    }
    Ok(changed > 0 && has_tallies(db)?)
}

/// Returns whether there are tallies to add up.
pub fn has_tallies(db: Connection<'_>) -> SqlResult<bool> {
    let sql = "select exists (select 1 from usage_tallies) or exists (select 1 from ended_tallies)";
    db.prepare(Sql::composed(sql))?.query_row((), |row| row.get(0))
}
