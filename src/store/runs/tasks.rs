//! Open approvals: the questions that waiting steps ask.
use crate::{
    Result,
    clock::Time,
    model::{Scope, run::ApprovalTask},
    store::{
        RunsTx,
        database::column,
        sql::{OptionalExtension, Row, SqlResult, sql},
    },
};
use uuid::Uuid;

/// An open approval.
pub struct OpenTask {
    pub task: ApprovalTask,
    pub instance: Uuid,
    pub workflow_id: Option<Uuid>,
    pub workflow_name: String,
    pub is_test: bool,
    pub node: String,
    pub iteration: String,
    pub created_at: Time,
    pub due_at: Option<Time>,
}

/// What a transition changes in the approvals of its run.
#[derive(Clone, Debug)]
pub enum TaskChange {
    Opened {
        task: ApprovalTask,
        node: String,
        iteration: String,
        at: Time,
        due: Option<Time>,
    },
    Closed {
        node: String,
        iteration: String,
    },
    /// The run has ended.
    AllClosed,
}

const SELECT: &str =
    "select t.task, t.instance_id, i.workflow_id, i.workflow_name, t.node_id, t.iteration, t.created_at, t.due_at,
    i.is_test
  from tasks t join instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id";

impl RunsTx<'_> {
    pub fn change_tasks(&self, scope: &Scope, instance: Uuid, changes: &[TaskChange]) -> Result<()> {
        let (tenant, instance) = (scope.tenant.to_string(), instance.to_string());
        for change in changes {
            match change {
                TaskChange::Opened { task, node, iteration, at, due } => {
                    let sql = sql!(
                        "insert into tasks (tenant_id, id, instance_id, node_id, iteration, task, created_at, due_at)
                       values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                    );
                    let text = serde_json::to_string(task)?;
                    let due = due.map(|due| due.0);
                    self.db.prepare(sql)?.send((&tenant, task.id, &instance, node, iteration, text, at.0, due))?;
                }
                TaskChange::Closed { node, iteration } => {
                    let sql = sql!(
                        "delete from tasks where tenant_id = ?1 and instance_id = ?2 and node_id = ?3 and iteration = ?4"
                    );
                    self.db.prepare(sql)?.send((&tenant, &instance, node, iteration))?;
                }
                TaskChange::AllClosed => {
                    let sql = sql!("delete from tasks where tenant_id = ?1 and instance_id = ?2");
                    self.db.prepare(sql)?.send((&tenant, &instance))?;
                }
            }
        }
        Ok(())
    }

    pub fn task(&self, scope: &Scope, instance: Uuid, task: Uuid) -> Result<Option<OpenTask>> {
        let sql = sql!(SELECT, " where t.tenant_id = ?1 and t.id = ?2 and t.instance_id = ?3");
        let mut query = self.db.prepare(sql)?;
        let ids = (scope.tenant, task, instance);
        Ok(query.query_row(ids, read).optional()?)
    }

    /// Returns the newest open approvals.
    pub fn tasks(&self, scope: &Scope, limit: u32) -> Result<Vec<OpenTask>> {
        let sql = sql!(SELECT, " where t.tenant_id = ?1 order by t.id desc limit ?2");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((scope.tenant, limit), read)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }
}

fn read(row: &Row<'_>) -> SqlResult<OpenTask> {
    let task = row.text(0)?;
    Ok(OpenTask {
        task: serde_json::from_str(task).map_err(|error| column::broken(0, error))?,
        instance: column::id(row, 1)?,
        workflow_id: column::optional_id(row, 2)?,
        workflow_name: row.get(3)?,
        node: row.get(4)?,
        iteration: row.get(5)?,
        created_at: column::time(row, 6)?,
        due_at: column::optional_time(row, 7)?,
        is_test: row.get(8)?,
    })
}
