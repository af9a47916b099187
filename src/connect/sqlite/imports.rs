//! Rows of a file written to a table, in one transaction that also creates the table.
use super::{Open, edits::SqliteEdits, open::unguarded};
use crate::{
    Error, Result,
    connect::{
        edits::{EditSession, EditStatement},
        imports::{ImportRequest, ImportSession, create, fill, of_creation},
        sql::SqlDialect,
    },
};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Returns the number of rows. The transaction keeps other writers out from its beginning.
pub(super) fn import(open: &mut Open, mut request: ImportRequest) -> Result<u64> {
    let runtime = Handle::try_current().map_err(Error::internal)?;
    unguarded(open, "begin immediate")?;
    let mut session = SqliteEdits::new(&mut *open, Arc::clone(&request.hold));
    // this thread waits for the rows of the file
    let filled = runtime.block_on(write(&mut session, &mut request));
    let ended = filled.and_then(|count| request.gate.pass().and_then(|()| unguarded(open, "commit")).map(|()| count));
    if !open.connection.is_autocommit() {
        unguarded(open, "rollback")?;
    }
    ended
}

async fn write(session: &mut SqliteEdits<'_>, request: &mut ImportRequest) -> Result<u64> {
    let import = &request.import;
    if let Some(new) = &import.new {
        let created = session.command(&create(SqlDialect::Sqlite, import, new, &import.table)).await;
        created.map_err(|error| of_creation(SqlDialect::Sqlite, error, &import.table))?;
    }
    fill(session, import, &import.table, &mut request.rows).await
}

impl ImportSession for SqliteEdits<'_> {
    // a statement in the same process costs little, and values of one with many may be shorter
    const ROWS: usize = 1;

    async fn command(&mut self, sql: &str) -> Result<()> {
        let statement = EditStatement { text: sql.to_owned(), ..EditStatement::default() };
        self.read(&statement).await.map(drop).map_err(|fault| fault.error)
    }
}
