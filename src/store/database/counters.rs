//! Counters of rows, so that lists need not count them. The changes of a commit are added up and written once.
use super::tallies;
use crate::store::sql::{Connection, Sql, SqlResult, Value, sql};
use std::{cell::RefCell, collections::HashMap};

/// A table of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// By tenant and kind.
    Records,
    /// By tenant, actor and action.
    Acts,
    /// By tenant, workflow, status, test and trigger.
    EndedRuns,
}

/// A table, and the key of one of its counters.
pub type Counter = (Counted, Vec<Value>);

impl Counted {
    /// Returns the statement that adds to a counter, whose change is the last parameter. A tenant that was removed in
    /// the same commit has no counters.
    fn add(self) -> Sql<'static> {
        match self {
            Self::Records => {
                sql!(
                    "insert into object_counts (tenant_id, kind, count)
                   select ?1, ?2, ?3 where exists (select 1 from tenants where id = ?1)
                 on conflict (tenant_id, kind) do update set count = object_counts.count + excluded.count"
                )
            }
            Self::Acts => {
                sql!(
                    "insert into audit_counts (tenant_id, actor_id, action, count)
                   select ?1, ?2, ?3, ?4 where exists (select 1 from tenants where id = ?1)
                 on conflict (tenant_id, actor_id, action) do update set count = audit_counts.count + excluded.count"
                )
            }
            Self::EndedRuns => {
                sql!(
                    "insert into ended_counts (tenant_id, workflow_id, status, is_test, cause, count)
                   values (?1, ?2, ?3, ?4, ?5, ?6)
                 on conflict (tenant_id, workflow_id, status, is_test, cause) do update set count = ended_counts.count + excluded.count"
                )
            }
        }
    }

    /// Returns the statement that deletes a counter if nothing is left.
    fn clear(self) -> Sql<'static> {
        match self {
            Self::Records => sql!("delete from object_counts where tenant_id = ?1 and kind = ?2 and count <= 0"),
            Self::Acts => {
                sql!("delete from audit_counts where tenant_id = ?1 and actor_id = ?2 and action = ?3 and count <= 0")
            }
            Self::EndedRuns => {
                sql!("delete from ended_counts
                 where tenant_id = ?1 and workflow_id = ?2 and status = ?3 and is_test = ?4 and cause = ?5 and count <= 0")
            }
        }
    }
}

/// What the current transaction adds to counters.
#[derive(Default)]
pub struct Counters(RefCell<Changes>);

#[derive(Default)]
struct Changes {
    all: HashMap<Counter, i64>,
    /// The changes of the current write, which are undone if it fails.
    pending: Vec<(Counter, i64)>,
}

impl Counters {
    pub fn add(&self, counter: Counter, by: i64) {
        let mut changes = self.0.borrow_mut();
        *changes.all.entry(counter.clone()).or_default() += by;
        changes.pending.push((counter, by));
    }

    /// Returns what this transaction has added to a counter so far.
    pub fn added(&self, counter: &Counter) -> i64 {
        self.0.borrow().all.get(counter).copied().unwrap_or(0)
    }

    /// Ends the current write. Undoes its changes unless it was kept.
    pub fn settle(&self, kept: bool) {
        let mut changes = self.0.borrow_mut();
        for (counter, by) in std::mem::take(&mut changes.pending) {
            if !kept && let Some(all) = changes.all.get_mut(&counter) {
                *all -= by;
            }
        }
    }

    /// Writes the changes in the transaction of the batch.
    pub fn flush(&self, db: Connection<'_>) -> SqlResult<()> {
        let mut all: Vec<_> = std::mem::take(&mut self.0.borrow_mut().all).into_iter().collect();
        // in the same order by all writers, so that none waits for another in a circle
        all.sort_unstable();
        let mut tallied = Vec::new();
        for ((table, mut values), by) in all.into_iter().filter(|(_, by)| *by != 0) {
            values.push(by.into());
            if table == Counted::EndedRuns && db.is_shared() {
                tallied.push(values);
                continue;
            }
            db.prepare(table.add())?.send(values.as_slice())?;
            if by < 0 {
                values.pop();
                db.prepare(table.clear())?.send(values.as_slice())?;
            }
        }
        tallies::add_ended(db, &tallied)
    }

    /// Forgets all changes, because the transaction was not committed.
    pub fn clear(&self) {
        *self.0.borrow_mut() = Changes::default();
    }
}
