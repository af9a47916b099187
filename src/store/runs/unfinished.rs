//! Unfinished runs of all tenants, which the runner resumes when it starts and monitors while it runs.
use super::instances::status;
use crate::{
    Result,
    clock::Time,
    model::run::Status,
    store::{
        RunsTx,
        database::column,
        sql::{OptionalExtension, Row, SqlError, SqlResult, sql},
    },
};
use uuid::Uuid;

/// An unfinished run, with what the runner needs to resume it.
pub struct Unfinished {
    pub tenant: Uuid,
    pub id: Uuid,
    pub workflow_id: Option<Uuid>,
    /// The hash of its graph.
    pub definition: String,
    pub status: Status,
    pub is_test: bool,
    pub due_at: Option<Time>,
    /// The number of the last entry in its journal.
    pub seq: u64,
    /// The run whose step waits for this one, and whether that run has ended.
    pub parent: Option<(Uuid, bool)>,
    /// Whether it has started other runs, which may have ended or may have to be cancelled.
    pub is_called: bool,
    /// Whether it waits for a run that it started, or for an approval.
    pub is_awaiting: bool,
}

const SELECT: &str =
    "select i.tenant_id, i.id, i.status, i.due_at, i.workflow_id, i.definition, i.is_test, i.seq, i.parent_id,
     exists (select 1 from instances p where p.tenant_id = i.tenant_id and p.id = i.parent_id and p.finished_at is not null),
     exists (select 1 from instances c where c.tenant_id = i.tenant_id and c.parent_id = i.id),
     exists (select 1 from instances c where c.tenant_id = i.tenant_id and c.parent_id = i.id and c.finished_at is null)
       or exists (select 1 from tasks t where t.tenant_id = i.tenant_id and t.instance_id = i.id)
   from instances i where i.finished_at is null and i.owner = ?1";

impl RunsTx<'_> {
    /// Returns up to `limit` unfinished runs of this server in all tenants, by tenant and oldest first, after the run with
    /// this tenant and id.
    pub fn unfinished(&self, after: Option<(Uuid, Uuid)>, limit: u32) -> Result<Vec<Unfinished>> {
        let sql = sql!(SELECT, " and (i.tenant_id, i.id) > (?2, ?3) order by i.tenant_id, i.id limit ?4");
        let (tenant, id) = after.map(|(tenant, id)| (tenant.to_string(), id.to_string())).unwrap_or_default();
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((&*self.life(), tenant, id, limit), read)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    /// Returns a run of this server if it is unfinished.
    pub fn unfinished_run(&self, tenant: Uuid, id: Uuid) -> Result<Option<Unfinished>> {
        let sql = sql!(SELECT, " and i.tenant_id = ?2 and i.id = ?3");
        let mut query = self.db.prepare(sql)?;
        Ok(query.query_row((&*self.life(), tenant, id), read).optional()?)
    }
}

fn read(row: &Row<'_>) -> SqlResult<Unfinished> {
    Ok(Unfinished {
        tenant: column::id(row, 0)?,
        id: column::id(row, 1)?,
        status: status(row, 2)?,
        due_at: column::optional_time(row, 3)?,
        workflow_id: column::optional_id(row, 4)?,
        definition: row.get(5)?,
        is_test: row.get(6)?,
        seq: row.get(7)?,
        parent: column::optional_id(row, 8)?.map(|parent| Ok::<_, SqlError>((parent, row.get(9)?))).transpose()?,
        is_called: row.get(10)?,
        is_awaiting: row.get(11)?,
    })
}
