//! Lists of runs, filtered by any combination of workflow, status, trigger, and whether they are tests.
use super::instances::{COLUMNS, read};
use crate::{
    Result,
    model::{
        Scope,
        run::{Instance, RunTrigger, Status},
    },
    store::{
        Paged, RunsTx,
        database::series::newest,
        sql::{OptionalExtension, SqlResult, sql},
    },
};
use uuid::Uuid;

/// The filter of a list of runs.
#[derive(Clone, Debug, Default)]
pub struct InstanceFilter {
    pub workflow_id: Option<Uuid>,
    pub status: Option<Status>,
    pub is_test: Option<bool>,
    pub trigger: Option<RunTrigger>,
    /// Only runs created before this one.
    pub before: Option<Uuid>,
}

/// The condition on the runs of a series, and the order in which they are listed.
const SERIES: &str = "tenant_id = ?1 and status = ?2 and is_test = ?3 and cause = ?4";
const NEWEST: &str = " and id < ?5 order by id desc limit 1";

/// Runs with the same value of every filter except the workflow.
struct Series {
    status: Status,
    is_test: bool,
    trigger: RunTrigger,
}

impl InstanceFilter {
    /// Returns the series that match the filter.
    fn series(&self) -> Vec<Series> {
        let mut all = Vec::new();
        for status in Status::ALL.into_iter().filter(|status| self.status.is_none_or(|only| only == *status)) {
            for is_test in [false, true].into_iter().filter(|is_test| self.is_test.is_none_or(|only| only == *is_test))
            {
                let triggers = RunTrigger::ALL.into_iter();
                let triggers = triggers.filter(|trigger| self.trigger.is_none_or(|only| only == *trigger));
                all.extend(triggers.map(|trigger| Series { status, is_test, trigger }));
            }
        }
        all
    }
}

impl RunsTx<'_> {
    /// Returns a page of runs without their large parts, newest first.
    pub fn instances(&self, scope: &Scope, filter: &InstanceFilter, limit: u32) -> Result<Paged<Instance>> {
        let (series, tenant) = (filter.series(), scope.tenant.to_string());
        let total = self.count_instances(scope, filter, &series)?;
        let mut ids = self.newest_instances(&tenant, filter, &series, limit as usize + 1)?;
        let more = ids.len() > limit as usize;
        ids.truncate(limit as usize);
        let sql = sql!("select ", COLUMNS, " from instances where tenant_id = ?1 and id = ?2");
        let mut query = self.db.prepare(sql)?;
        let items = ids.iter().map(|id| query.query_row((&tenant, id), read)).collect::<SqlResult<Vec<_>>>()?;
        let next_cursor = ids.pop().filter(|_| more);
        Ok(Paged { items, next_cursor, total })
    }

    /// Returns the ids of the newest runs of some series.
    fn newest_instances(
        &self,
        tenant: &str,
        filter: &InstanceFilter,
        series: &[Series],
        limit: usize,
    ) -> Result<Vec<String>> {
        // greater than every id
        let end = filter.before.map_or_else(|| "~".to_owned(), |before| before.to_string());
        if series.len() == Status::ALL.len() * RunTrigger::ALL.len() * 2 && filter.workflow_id.is_none() {
            let sql = sql!("select id from instances where tenant_id = ?1 and id < ?2 order by id desc limit ?3");
            let mut query = self.db.prepare(sql)?;
            let ids = query.query_map((tenant, &end, limit), |row| row.get(0))?;
            return Ok(ids.collect::<SqlResult<_>>()?);
        }
        let workflow = filter.workflow_id.map(|id| id.to_string());
        let mut query = self.db.prepare(if workflow.is_some() {
            sql!("select id from instances where workflow_id = ?6 and ", SERIES, NEWEST)
        } else {
            sql!("select id from instances where ", SERIES, NEWEST)
        })?;
        newest(series, limit, |one, before: Option<&String>| {
            let (status, trigger) = (one.status.as_str(), one.trigger.as_str());
            let args = (tenant, status, one.is_test, trigger, before.unwrap_or(&end), &workflow);
            let found = match &workflow {
                Some(_) => query.query_row(args, |row| row.get(0)),
                None => query.query_row((args.0, args.1, args.2, args.3, args.4), |row| row.get(0)),
            };
            Ok(found.optional()?)
        })
    }

    /// Returns how many runs match the filter. Ended runs have counters. The others are counted in the index; the
    /// tenant's quota of unfinished runs limits their number.
    fn count_instances(&self, scope: &Scope, filter: &InstanceFilter, series: &[Series]) -> Result<u64> {
        let (tenant, workflow) = (scope.tenant.to_string(), filter.workflow_id.map(|id| id.to_string()));
        let books = sql!(
            "select cast(coalesce(sum(count), 0) as bigint) from ended_counts where tenant_id = ?1
               and workflow_id = coalesce(?2, workflow_id) and status = coalesce(?3, status)
               and is_test = coalesce(?4, is_test) and cause = coalesce(?5, cause)"
        );
        let (status, trigger) = (filter.status.map(Status::as_str), filter.trigger.map(RunTrigger::as_str));
        let mut total: u64 = self
            .db
            .prepare(books)?
            .query_row((&tenant, &workflow, status, filter.is_test, trigger), |row| row.get(0))?;
        let mut query = self.db.prepare(if workflow.is_some() {
            sql!("select count(*) from instances where workflow_id = ?5 and ", SERIES)
        } else {
            sql!("select count(*) from instances where ", SERIES)
        })?;
        for one in series.iter().filter(|one| !one.status.is_final()) {
            let (status, trigger) = (one.status.as_str(), one.trigger.as_str());
            total += match &workflow {
                Some(id) => query.query_row((&tenant, status, one.is_test, trigger, id), |row| row.get::<u64>(0)),
                None => query.query_row((&tenant, status, one.is_test, trigger), |row| row.get(0)),
            }?;
        }
        Ok(total)
    }
}
