//! Numbers of records, and limits on them.
use crate::{
    Error, Result,
    model::{DataQuery, Resource, Scope, Widget},
    quota::{self, UsageKind},
    store::{
        Tx,
        database::{counters::Counted, page::like_pattern},
        sql::{OptionalExtension, Sql, SqlResult, sql},
    },
};

/// The most records that belong to a dashboard: it is cloned, deleted and restored with them in a single transaction,
/// for which all other writes wait.
const MOST_ON_DASHBOARD: u64 = 1000;

impl Tx<'_> {
    /// Returns the number of records: from a counter, or by counting the matches of `q`.
    pub(in crate::store) fn count<R: Resource>(&self, tenant: &str, q: Option<&str>) -> Result<u64> {
        let total = match q {
            None => {
                let committed = self
                    .db
                    .prepare(sql!("select count from object_counts where tenant_id = ?1 and kind = ?2"))?
                    .query_row((tenant, R::KIND.name()), |row| row.get::<i64>(0))
                    .optional()?;
                let counter = (Counted::Records, vec![tenant.into(), R::KIND.name().into()]);
                let added = self.ledger.map_or(0, |ledger| ledger.counters.added(&counter));
                u64::try_from(committed.unwrap_or(0) + added).ok()
            }
            Some(q) => self
                .db
                .prepare(sql!(
                    "select count(*) from objects where tenant_id = ?1 and kind = ?2 and search like ?3 escape '\\'"
                ))?
                .query_row((tenant, R::KIND.name(), like_pattern(q)), |row| row.get(0))
                .optional()?,
        };
        Ok(total.unwrap_or(0))
    }

    /// Checks that the tenant may have one more record of this kind.
    pub(super) fn check_room<R: Resource>(&self, scope: &Scope) -> Result<()> {
        match R::MAX_PER_TENANT {
            Some(most) if self.count::<R>(&scope.tenant.to_string(), None)? >= most => {
                Err(Error::conflict(format!("a tenant can have at most {most} {}", R::KIND.plural)))
            }
            _ => Ok(()),
        }
    }

    /// Checks that one more record may belong to its dashboard, if it belongs to one. `added` tells that the record is
    /// already stored with it.
    pub(super) fn check_room_on_dashboard<R: Resource>(&self, scope: &Scope, spec: &R, added: bool) -> Result<()> {
        let Some(dashboard) = spec.dashboard() else { return Ok(()) };
        let sql = sql!(
            "select count(*) from (select 1 from objects where tenant_id = ?1 and kind in (?2, ?3) and dashboard_id = ?4 and dashboard_id <> '' limit ?5) as found"
        );
        let args = (scope.tenant, Widget::KIND.name(), DataQuery::KIND.name(), dashboard, MOST_ON_DASHBOARD + 1);
        let count: u64 = self.db.prepare(sql)?.query_row(args, |row| row.get(0))?;
        if count + u64::from(!added) > MOST_ON_DASHBOARD {
            return Err(Error::conflict(format!(
                "at most {MOST_ON_DASHBOARD} widgets and queries can belong to a dashboard: delete some, or move them to the library"
            )));
        }
        Ok(())
    }

    pub(super) fn change_count(&self, tenant: &str, kind: &str, by: i64) {
        self.count_rows(Counted::Records, vec![tenant.into(), kind.into()], by);
    }

    /// Checks that the tenant may have one more row in a table without a counter. `sql` counts its rows, up to the limit
    /// in ?2.
    pub(in crate::store) fn check_rows(&self, scope: &Scope, sql: Sql<'_>, most: u64, plural: &str) -> Result<()> {
        let count: u64 = self.db.prepare(sql)?.query_row((scope.tenant, most), |row| row.get(0))?;
        if count >= most {
            return Err(Error::QuotaExceeded(format!("a tenant can have at most {most} {plural}: delete some first")));
        }
        Ok(())
    }

    /// Checks that the tenant may store this many more bytes.
    pub(super) fn check_growth(&self, scope: &Scope, bytes: u64) -> Result<()> {
        let quotas = self.quotas();
        quotas.disk.check()?;
        let Some(limit) = quotas.limits.of(UsageKind::Records).filter(|_| bytes > 0) else { return Ok(()) };
        let used = self.usage(scope.tenant, UsageKind::Records)?.bytes + bytes;
        let remedy = "delete some, also from the trash, or ask the person who runs this server for a larger quota";
        quota::check(Some(limit), used, "the tenant's records", remedy)
    }

    /// Returns how many records of each kind the tenant has, without those that are hidden from the caller.
    pub fn counts(&self, scope: &Scope) -> Result<Vec<(String, u64)>> {
        let mut query = self.db.prepare(sql!("select kind, count from object_counts where tenant_id = ?1"))?;
        let rows = query.query_map([scope.tenant], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let counts: Vec<(String, u64)> = rows.collect::<SqlResult<_>>()?;
        let shown = counts.into_iter().map(|(kind, count)| {
            let hidden = self.count_hidden(scope, &kind)?;
            Ok((kind, count.saturating_sub(hidden)))
        });
        shown.collect()
    }
}
