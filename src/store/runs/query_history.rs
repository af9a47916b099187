//! The query history: each execution with its actor, time, duration and number of rows.
use crate::{
    Result,
    clock::Time,
    model::Scope,
    quota::UsageKind,
    store::{
        RunsTx,
        database::column::{self, signed},
        sql::{Row, SqlResult, sql},
        usage::row,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// The most executions that are kept of a query.
const KEPT: u32 = 1000;

/// A query execution to record.
pub struct QueryRun {
    pub query: Uuid,
    pub query_version: u64,
    /// `run`, `preview`, `explain` or `export`.
    pub mode: &'static str,
    pub duration_us: u32,
    pub row_count: Option<u64>,
    /// `hit`, `miss` or `off`.
    pub cache: &'static str,
    pub error: Option<String>,
}

/// A query execution in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "QueryRun")]
pub struct QueryRunEntry {
    pub id: Uuid,
    pub at: Time,
    pub query_version: u64,
    /// `run`, `preview`, `explain` or `export`.
    pub mode: String,
    /// Who executed the query.
    pub actor: String,
    pub duration_ms: f64,
    pub row_count: Option<u64>,
    /// `hit`, `miss` or `off`.
    pub cache: String,
    pub error: Option<String>,
}

/// Deletes the executions of a tenant (?1), among the oldest (?2) of those that match a further condition, that are from
/// before a time (?3).
const DELETE: &str = "delete from query_runs where (tenant_id, id) in (
    select tenant_id, id from (select tenant_id, id, at from query_runs where tenant_id = ?1";
const OLDEST: &str = " order by id limit ?2) as oldest where at < ?3) returning coalesce(octet_length(error), 0)";

impl RunsTx<'_> {
    pub fn record_query_run(&self, scope: &Scope, run: &QueryRun) -> Result<()> {
        let (tenant, query) = (scope.tenant.to_string(), run.query.to_string());
        let bytes = row::QUERY_RUN + run.error.as_ref().map_or(0, |error| error.len() as u64);
        self.db
            .prepare(sql!("insert into query_runs (tenant_id, id, query_id, query_version, at, actor_kind, actor_id, actor_label, duration_us, row_count, cache, error, mode)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"))?
            .execute((
                &tenant,
                Uuid::now_v7().to_string(),
                &query,
                run.query_version,
                scope.now.0,
                scope.actor.kind.as_str(),
                scope.actor.id,
                &*scope.actor.label,
                run.duration_us,
                run.row_count,
                run.cache,
                &run.error,
                run.mode,
            ))?;
        self.count_usage(scope.tenant, UsageKind::QueryHistory, signed(bytes), 1)?;
        let limit = self.quotas().limits.of(UsageKind::QueryHistory);
        if limit.is_some_and(|limit| {
            self.recent_bytes(scope.tenant, UsageKind::QueryHistory).is_ok_and(|bytes| bytes > limit)
        }) {
            // delete two per new one, so that the history shrinks below the limit even if many are written at once
            self.delete_query_runs(scope.tenant, None, None, 2)?;
        }
        Ok(())
    }

    /// Returns the newest executions of a query.
    pub fn query_runs(&self, scope: &Scope, query: Uuid, limit: u32) -> Result<Vec<QueryRunEntry>> {
        let mut rows = self.db.prepare(sql!(
            "select id, at, query_version, actor_label, duration_us, row_count, cache, error, mode from query_runs
             where tenant_id = ?1 and query_id = ?2 order by id desc limit ?3"
        ))?;
        let rows = rows.query_map((scope.tenant, query, limit.min(KEPT)), |row| {
            Ok(QueryRunEntry {
                id: column::id(row, 0)?,
                at: column::time(row, 1)?,
                query_version: row.get(2)?,
                actor: row.get(3)?,
                duration_ms: row.get::<u32>(4).map(|us| f64::from(us) / 1000.0)?,
                row_count: row.get(5)?,
                cache: row.get(6)?,
                error: row.get(7)?,
                mode: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Deletes up to `most` of the oldest executions of a tenant, or of a query, that are older than `before`. Returns
    /// how many. Ids are in chronological order, so no other rows are read.
    pub(in crate::store) fn delete_query_runs(
        &self,
        tenant: Uuid,
        query: Option<Uuid>,
        before: Option<Time>,
        most: usize,
    ) -> Result<usize> {
        let before = before.map_or(i64::MAX, |before| before.0);
        let error_size = |row: &Row<'_>| row.get::<u64>(0);
        let errors = match query {
            None => self
                .db
                .prepare(sql!(DELETE, OLDEST))?
                .query_map((tenant, most, before), error_size)?
                .collect::<SqlResult<Vec<_>>>()?,
            Some(query) => self
                .db
                .prepare(sql!(DELETE, " and query_id = ?4", OLDEST))?
                .query_map((tenant, most, before, query), error_size)?
                .collect::<SqlResult<Vec<_>>>()?,
        };
        let bytes: u64 = errors.iter().map(|error| row::QUERY_RUN + error).sum();
        self.count_usage(tenant, UsageKind::QueryHistory, -signed(bytes), -signed(errors.len() as u64))?;
        Ok(errors.len())
    }

    /// Returns queries with more executions than are kept: tenant, query, and the excess.
    pub(in crate::store) fn crowded_queries(&self) -> Result<Vec<(Uuid, Uuid, usize)>> {
        let mut query = self.db.prepare(sql!(
            "select tenant_id, query_id, count(*) - ?1 from query_runs group by tenant_id, query_id having count(*) > \
             ?1"
        ))?;
        let rows = query.query_map([KEPT], |row| Ok((column::id(row, 0)?, column::id(row, 1)?, row.get(2)?)))?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }
}
