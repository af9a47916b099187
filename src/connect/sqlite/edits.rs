//! Changes to rows of a table, in one transaction.
use super::{Open, open::unguarded, run::rows};
use crate::{
    Error, Result,
    budget::Hold,
    connect::{
        EditCounts, EditRequest, Mode, Params, QueryRequest, ResultLimits, Rows,
        edits::{EditFault, EditSession, EditStatement, apply},
        sql::{BoundSql, SqlDialect},
    },
};
use futures_util::FutureExt;
use std::{sync::Arc, time::Duration};

/// The maximum size of a row as text, in bytes.
const BYTES: usize = 8 << 20;

/// Writes changes, or rolls them back for a preview. The transaction keeps other writers out from its beginning, so
/// that the rows cannot change between the check and the change.
pub(super) fn edit(open: &mut Open, request: &EditRequest) -> Result<EditCounts> {
    unguarded(open, "begin immediate")?;
    let mut session = SqliteEdits::new(&mut *open, Arc::clone(&request.hold));
    // statements run on this thread, so that nothing is waited for
    let applied = apply(&mut session, &request.edits).now_or_never();
    let applied = applied.unwrap_or_else(|| Err(Error::internal("a statement on a file did not end")));
    let ended = match applied {
        Ok(counts) if !request.preview => request.gate.pass().and_then(|()| unguarded(open, "commit")).map(|()| counts),
        other => other,
    };
    if !open.connection.is_autocommit() {
        unguarded(open, "rollback")?;
    }
    ended
}

pub(super) struct SqliteEdits<'a> {
    open: &'a mut Open,
    own: QueryRequest,
}

impl<'a> SqliteEdits<'a> {
    /// In an open transaction. `hold` counts the memory of the rows that are read.
    pub fn new(open: &'a mut Open, hold: Arc<Hold>) -> Self {
        let own = QueryRequest {
            options: Arc::default(),
            params: Params::default(),
            mode: Mode::Run,
            slice: None,
            limits: ResultLimits { rows: 2, bytes: BYTES, hold },
            timeout: Duration::MAX,
            must_read: false,
        };
        Self { open, own }
    }
}

impl EditSession for SqliteEdits<'_> {
    const DIALECT: SqlDialect = SqlDialect::Sqlite;

    async fn read(&mut self, statement: &EditStatement) -> Result<Rows, EditFault> {
        let bound = BoundSql::own(statement.text.clone(), statement.arguments.clone());
        Ok(rows(self.open, &bound, &self.own)?)
    }

    async fn write(&mut self, statement: &EditStatement) -> Result<u64, EditFault> {
        Ok(self.read(statement).await?.affected.unwrap_or_default())
    }
}
