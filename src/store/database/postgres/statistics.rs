//! Statistics of a table, which the server needs to make plans that are good for any parameters.
use super::PgSchema;
use crate::{
    Result,
    store::sql::{Connection, Sql, postgres::PgSession},
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of writes after which statistics are looked for. The server itself collects them once a minute at most, and
/// only where its automatic maintenance is turned on.
const WRITES: usize = 200;

/// Whether a table has statistics.
pub(super) struct Statistics {
    find: String,
    collect: String,
    /// How many writes there have been.
    writes: AtomicUsize,
}

impl Statistics {
    /// Returns those of the table that plans depend on.
    pub fn of(schema: PgSchema) -> Option<Self> {
        let (schema, table) = (schema.name, schema.planned_by?);
        Some(Self {
            find: format!("select 1 from pg_stats where schemaname = '{schema}' and tablename = '{table}' limit 1"),
            collect: format!("analyze {table}"),
            writes: AtomicUsize::new(0),
        })
    }

    /// Counts a write, and returns whether it is time to look for statistics.
    pub fn is_time(&self) -> bool {
        (self.writes.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(WRITES)
    }

    /// Returns whether there are statistics, and collects them if there are not. An empty table has none.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn find_or_collect(&self, session: &PgSession) -> Result<bool> {
        if self.find(session)? {
            return Ok(true);
        }
        session.execute_batch(&self.collect)?;
        self.find(session)
    }

    fn find(&self, session: &PgSession) -> Result<bool> {
        Ok(Connection::Postgres(session).prepare(Sql::composed(&self.find))?.exists(())?)
    }
}
