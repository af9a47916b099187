//! Counts how much each tenant stores, in the transactions that write it.
use super::{
    RunsTx, Store,
    database::{
        Session,
        column::{self, signed},
        counters::Counted,
        db::Db,
        ledger,
    },
    sql::{Sql, SqlResult, Value, sql},
};
use crate::{
    Result,
    quota::{Quotas, UsageKind},
};
use std::collections::HashMap;
use uuid::Uuid;

/// The bytes and rows of a kind of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub bytes: u64,
    pub rows: u64,
}

/// The size of a row without its texts, in bytes: keys, numbers and index entries.
pub(super) mod row {
    pub(in crate::store) const RECORD: u64 = 600;
    pub(in crate::store) const VERSION: u64 = 200;
    pub(in crate::store) const AUDIT: u64 = 700;
    pub(in crate::store) const QUERY_RUN: u64 = 400;
    pub(in crate::store) const INSTANCE: u64 = 1500;
    pub(in crate::store) const JOURNAL: u64 = 120;
    pub(in crate::store) const DEFINITION: u64 = 150;
}

/// How many bytes ended runs may exceed their quota by, in addition to a quarter of it, until the oldest are deleted.
const SLACK: u64 = 4 << 20;

/// How the data in each database is counted: its kind, the size of a row without its texts, and the statement that sums up
/// the texts by tenant.
const WORKSPACE: [(UsageKind, u64, Sql<'_>); 3] = [
    (
        UsageKind::Records,
        row::RECORD,
        sql!(
            "select tenant_id, cast(sum(octet_length(name) + octet_length(description) + octet_length(spec)) as bigint),
               count(*) from objects group by tenant_id"
        ),
    ),
    (
        UsageKind::Versions,
        row::VERSION,
        sql!(
            "select tenant_id, cast(sum(octet_length(name) + octet_length(description) + octet_length(spec)) as bigint),
               count(*) from versions group by tenant_id"
        ),
    ),
    (
        UsageKind::Audit,
        row::AUDIT,
        sql!(
            "select tenant_id, cast(sum(octet_length(object_name) + octet_length(actor_label)
               + coalesce(octet_length(details), 0)) as bigint), count(*) from audit group by tenant_id"
        ),
    ),
];
const RUNS: [(UsageKind, u64, Sql<'_>); 4] = [
    (
        UsageKind::QueryHistory,
        row::QUERY_RUN,
        sql!(
            "select tenant_id, cast(sum(coalesce(octet_length(error), 0)) as bigint), count(*) from query_runs
             group by tenant_id"
        ),
    ),
    (
        UsageKind::Definitions,
        row::DEFINITION,
        sql!("select tenant_id, cast(sum(octet_length(body)) as bigint), count(*) from definitions group by tenant_id"),
    ),
    (
        UsageKind::UnfinishedRuns,
        0,
        sql!(
            "select tenant_id, cast(sum(bytes) as bigint), count(*) from instances where finished_at is null
             group by tenant_id"
        ),
    ),
    (
        UsageKind::EndedRuns,
        0,
        sql!(
            "select tenant_id, cast(sum(bytes) as bigint), count(*) from instances where finished_at is not null
             group by tenant_id"
        ),
    ),
];

impl<D> Session<'_, D> {
    /// Returns the quotas that writes must respect.
    pub(super) fn quotas(&self) -> &Quotas {
        self.quotas
    }

    /// Returns a tenant's limit for a kind of data; `None` for unlimited kinds.
    pub fn limit(&self, kind: UsageKind) -> Option<u64> {
        self.quotas.limits.of(kind)
    }

    /// Counts bytes and rows that a write adds, or removes if negative.
    pub(super) fn count_usage(&self, tenant: Uuid, kind: UsageKind, bytes: i64, rows: i64) -> Result<()> {
        match self.ledger {
            Some(ledger) => Ok(ledger.add(self.db, (tenant, kind), (bytes, rows))?),
            None => Ok(()),
        }
    }

    /// Adds to a counter of rows.
    pub(super) fn count_rows(&self, table: Counted, key: Vec<Value>, by: i64) {
        if let Some(ledger) = self.ledger {
            ledger.counters.add((table, key), by);
        }
    }

    /// Returns what a tenant stores of a kind of data, including the changes of this write.
    pub fn usage(&self, tenant: Uuid, kind: UsageKind) -> Result<Usage> {
        let (bytes, rows) = match self.ledger {
            Some(ledger) => ledger.now(self.db, (tenant, kind))?,
            None => ledger::read(self.db, (tenant, kind))?,
        };
        let positive = |value| u64::try_from(value).unwrap_or(0);
        Ok(Usage { bytes: positive(bytes), rows: positive(rows) })
    }

    /// Returns the bytes of a kind of data as [`Session::usage`], possibly without what other servers have added in the last
    /// second.
    pub fn recent_bytes(&self, tenant: Uuid, kind: UsageKind) -> Result<u64> {
        match self.ledger {
            Some(ledger) => Ok(u64::try_from(ledger.recently(self.db, (tenant, kind))?.0).unwrap_or(0)),
            None => Ok(self.usage(tenant, kind)?.bytes),
        }
    }

    /// Returns the committed totals of every tenant and kind.
    pub fn all_usage(&self) -> Result<Vec<(Uuid, UsageKind, Usage)>> {
        let mut query = self.db.prepare(sql!("select tenant_id, kind, bytes, row_count from usage"))?;
        let rows = query.query_map((), |row| {
            let kind = UsageKind::parse(row.text(1)?);
            Ok((column::id(row, 0)?, kind, Usage { bytes: row.get(2)?, rows: row.get(3)? }))
        })?;
        let known = rows.filter_map(|row| row.map(|(id, kind, usage)| Some((id, kind?, usage))).transpose());
        Ok(known.collect::<SqlResult<_>>()?)
    }

    /// Resets the counters of a tenant that has no data left.
    pub(super) fn forget_usage(&self, tenant: Uuid) -> Result<()> {
        for kind in UsageKind::ALL {
            let now = self.usage(tenant, kind)?;
            let (bytes, rows) =
                (i64::try_from(now.bytes).unwrap_or(i64::MAX), i64::try_from(now.rows).unwrap_or(i64::MAX));
            self.count_usage(tenant, kind, -bytes, -rows)?;
        }
        Ok(())
    }

    /// Returns, by tenant, the difference between the counters of `kind` and the result of `sql` (tenant, bytes of texts,
    /// rows), with `size` bytes for the rest of each row.
    fn drift(&self, kind: UsageKind, size: u64, sql: Sql<'_>) -> Result<Vec<(Uuid, i64, i64)>> {
        let mut counted: HashMap<Uuid, (i64, i64)> = HashMap::new();
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((), |row| Ok((column::id(row, 0)?, (row.get::<i64>(1)?, row.get::<i64>(2)?))))?;
        for row in rows {
            let (tenant, (bytes, rows)) = row?;
            counted.insert(tenant, (bytes + rows * signed(size), rows));
        }
        for (tenant, known, usage) in self.all_usage()? {
            if known == kind {
                let total = counted.entry(tenant).or_default();
                total.0 -= i64::try_from(usage.bytes).unwrap_or(i64::MAX);
                total.1 -= i64::try_from(usage.rows).unwrap_or(i64::MAX);
            }
        }
        Ok(counted.into_iter().filter(|(_, by)| *by != (0, 0)).map(|(tenant, by)| (tenant, by.0, by.1)).collect())
    }
}

impl<D: 'static> Db<D> {
    /// Recounts a kind of data and corrects the counters. Data and counters are read in the same transaction, so that
    /// concurrent writes do not cause wrong corrections.
    async fn recount(&self, kind: UsageKind, size: u64, sql: Sql<'static>) -> Result<usize> {
        let wrong = self.survey(move |tx| tx.drift(kind, size, sql)).await?;
        let count = wrong.len();
        if count > 0 {
            self.write(move |tx| {
                for (tenant, bytes, rows) in wrong {
                    tx.count_usage(tenant, kind, bytes, rows)?;
                    if let Some(ledger) = tx.ledger {
                        ledger.doubt((tenant, kind));
                    }
                }
                Ok(())
            })
            .await?;
        }
        Ok(count)
    }
}

impl Store {
    /// Recounts what every tenant stores, and corrects the counters. Returns how many were wrong.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn recount_usage(&self) -> Result<usize> {
        let mut wrong = 0;
        for (kind, size, sql) in WORKSPACE {
            wrong += self.workspace.recount(kind, size, sql).await?;
        }
        for (kind, size, sql) in RUNS {
            wrong += self.runs.recount(kind, size, sql).await?;
        }
        Ok(wrong)
    }
}

impl RunsTx<'_> {
    /// Refuses a new run of `bytes` if the tenant's unfinished runs would exceed their quota, or if its ended runs are
    /// deleted more slowly than new ones are created.
    ///
    /// # Errors
    /// `QuotaExceeded`.
    pub fn admit_run(&self, tenant: Uuid, bytes: u64) -> Result<()> {
        let limits = &self.quotas().limits;
        if let Some(limit) = limits.of(UsageKind::UnfinishedRuns) {
            let used = self.recent_bytes(tenant, UsageKind::UnfinishedRuns)? + bytes;
            let remedy =
                "cancel runs, answer their approvals, or ask the person who runs this server for a larger quota";
            crate::quota::check(Some(limit), used, "the tenant's unfinished runs", remedy)?;
        }
        if let Some(limit) = limits.of(UsageKind::EndedRuns) {
            let used =
                self.recent_bytes(tenant, UsageKind::EndedRuns)? + self.recent_bytes(tenant, UsageKind::Definitions)?;
            let remedy = "old runs are being deleted: try again in a moment";
            crate::quota::check(Some(limit + limit / 4 + SLACK), used, "the tenant's ended runs", remedy)?;
        }
        Ok(())
    }
}
