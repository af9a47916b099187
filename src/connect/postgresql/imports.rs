//! Rows of a file written to a table, in one transaction that also creates the table.
use super::{
    PgServer,
    edits::{PgEdits, end, start},
    errors::{problem, to_error},
};
use crate::{
    Result,
    connect::{
        imports::{ImportRequest, ImportSession, create, fill, of_creation},
        sql::SqlDialect,
    },
};
use std::sync::Arc;

/// Returns the number of rows.
pub(super) async fn import(server: &PgServer, mut request: ImportRequest) -> Result<u64> {
    if server.pool.dialer.read_only {
        return Err(problem("this datasource is read-only", "allow writing in the datasource's settings"));
    }
    let mut lease = server.pool.lease().await?;
    start(&mut lease).await?;
    // a table of this name may have been dropped, and statements on it are still described
    lease.connection().forget();
    let mut session = PgEdits { connection: lease.connection(), hold: Arc::clone(&request.hold), stale: false };
    let filled = write(&mut session, &mut request).await;
    let ended = end(lease.connection(), filled, false, &request.gate).await;
    // in the middle of a response, dropping the lease stops the statement
    if lease.connection().wire.is_ready() {
        lease.finish();
    }
    ended
}

async fn write(session: &mut PgEdits<'_>, request: &mut ImportRequest) -> Result<u64> {
    let import = &request.import;
    if let Some(new) = &import.new {
        let created = session.command(&create(SqlDialect::Postgresql, import, new, &import.table)).await;
        created.map_err(|error| of_creation(SqlDialect::Postgresql, error, &import.table))?;
    }
    fill(session, import, &import.table, &mut request.rows).await
}

impl ImportSession for PgEdits<'_> {
    const ROWS: usize = 500;
    const SAVEPOINTS: bool = true;

    async fn command(&mut self, sql: &str) -> Result<()> {
        self.connection.wire.ask(sql).await.map(drop).map_err(|fault| to_error(&fault, None))
    }
}
