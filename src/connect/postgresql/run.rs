//! One statement in one transaction: bound, read through a portal up to the limits, committed or undone.
use super::{
    dial::{Lease, Pool},
    values::{Argument, Cell},
};
use crate::{
    Error, Result,
    connect::{Column, Request, Rows, rows::Collector, sql::Compiled},
    error::DatasourceProblem,
};
use futures_util::TryStreamExt;
use serde_json::Value;
use std::sync::Arc;
use tokio_postgres::{
    Error as PgError, Statement, Transaction,
    error::{ErrorPosition, SqlState},
    types::ToSql,
};

pub(super) async fn run(pool: &Arc<Pool>, statement: &Compiled, request: &Request) -> Result<Rows> {
    let mut lease = pool.lease().await?;
    let mut job = Job { statement, request, read_only: pool.dialer.read_only, began: false };
    let mut result = job.attempt(&mut lease).await;
    if result.as_ref().is_err_and(broken) && !job.began && lease.rested().is_some() {
        // an idle connection that has broken is replaced, once: nothing has run on it
        lease.replace().await?;
        result = job.attempt(&mut lease).await;
    }
    let code = result.as_ref().err().and_then(PgError::code).cloned();
    if code == Some(SqlState::FEATURE_NOT_SUPPORTED) {
        // a table under a prepared statement has changed
        lease.connection().forget();
        result = job.attempt(&mut lease).await;
    } else if code == Some(SqlState::ACTIVE_SQL_TRANSACTION) && !pool.dialer.read_only {
        result = job.alone(&mut lease).await;
    }
    // a refused statement leaves a good connection; a broken one is not kept
    lease.finish();
    result.map_err(|error| said(&error, Some(statement)))
}

fn broken(error: &PgError) -> bool {
    error.is_closed() || error.code().is_some_and(|code| code.code().starts_with("57P"))
}

struct Job<'a> {
    statement: &'a Compiled,
    request: &'a Request,
    read_only: bool,
    /// Whether a transaction was open, so that something may have run.
    began: bool,
}

impl Job<'_> {
    async fn attempt(&mut self, lease: &mut Lease) -> Result<Rows, PgError> {
        let prepared = lease.connection().prepare(&self.statement.text).await?;
        let builder = lease.connection().client.build_transaction();
        let transaction = builder.read_only(self.read_only).start().await?;
        self.began = true;
        match read(&transaction, &prepared, self).await {
            // undoing a read also undoes what it may have set in the session
            Ok(rows) if self.read_only => transaction.rollback().await.map(|()| rows),
            Ok(rows) => transaction.commit().await.map(|()| rows),
            Err(error) => {
                transaction.rollback().await?;
                Err(error)
            }
        }
    }

    /// VACUUM and its like run outside transactions; they take and answer nothing.
    async fn alone(&self, lease: &mut Lease) -> Result<Rows, PgError> {
        let prepared = lease.connection().prepare(&self.statement.text).await?;
        let affected = lease.connection().client.execute(&prepared, &[]).await?;
        Ok(Rows {
            data: Arc::new(Value::Array(Vec::new())),
            columns: Some(Vec::new()),
            affected: Some(affected),
            wrote: true,
            ..Rows::default()
        })
    }
}

/// The portal gives no more rows than wanted, while a statement that writes still runs to its end.
async fn read(transaction: &Transaction<'_>, prepared: &Statement, job: &Job<'_>) -> Result<Rows, PgError> {
    let Job { statement, request, read_only, .. } = *job;
    let arguments: Vec<Argument<'_>> = statement.arguments.iter().map(Argument).collect();
    let arguments = arguments.iter().map(|argument| argument as &(dyn ToSql + Sync));
    let portal = transaction.bind_raw(prepared, arguments).await?;
    let columns = prepared
        .columns()
        .iter()
        .map(|column| Column { name: column.name().to_owned(), r#type: column.type_().name().to_owned() });
    let columns: Vec<Column> = columns.collect();
    let answers = !columns.is_empty();
    let width = columns.len();
    let mut collector = Collector::new(columns, request.limits);
    let most = i32::try_from(request.limits.rows.saturating_add(1)).unwrap_or(i32::MAX);
    let stream = transaction.query_portal_raw(&portal, if answers { most } else { 0 }).await?;
    let mut stream = std::pin::pin!(stream);
    let mut wanted = true;
    while let Some(row) = stream.try_next().await? {
        if wanted {
            let values: Result<Vec<Value>, PgError> =
                (0..width).map(|i| row.try_get::<_, Cell>(i).map(|cell| cell.0)).collect();
            wanted = collector.push(values?);
        }
    }
    let affected = stream.rows_affected().filter(|_| !answers);
    let wrote = !read_only && (!answers || !request.cacheable || has_written(transaction).await?);
    let mut rows = collector.finish();
    if !answers {
        rows.data = Arc::new(Value::Array(Vec::new()));
    }
    Ok(Rows { affected: affected.or_else(|| changed(statement, &rows)), wrote, ..rows })
}

/// How many rows a statement with `returning` changed, when all of them came back.
fn changed(statement: &Compiled, rows: &Rows) -> Option<u64> {
    let first: String = statement.text.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let writes = ["insert", "update", "delete", "merge"].contains(&first.to_ascii_lowercase().as_str());
    let count = rows.data.as_array().map_or(0, Vec::len) as u64;
    (writes && !rows.truncated).then_some(count)
}

/// A transaction that has written has a number of its own.
async fn has_written(transaction: &Transaction<'_>) -> Result<bool, PgError> {
    let row = transaction.query_one("select pg_current_xact_id_if_assigned() is not null", &[]).await?;
    row.try_get(0)
}

/// What the server said.
pub(super) fn said(error: &PgError, statement: Option<&Compiled>) -> Error {
    let Some(refused) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        return Error::Datasource(Box::new(DatasourceProblem {
            message: format!("{error}{cause}"),
            transient: error.is_closed(),
            ..DatasourceProblem::default()
        }));
    };
    let position = match refused.position() {
        Some(ErrorPosition::Original(position)) => statement.map(|statement| statement.origin(*position)),
        _ => None,
    };
    let code = refused.code().code();
    let passing = ["08", "40", "53", "57P"].iter().any(|class| code.starts_with(class));
    let detail = refused.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("{}{detail}", refused.message()),
        code: Some(code.to_owned()),
        position,
        hint: refused.hint().map(str::to_owned),
        transient: passing,
    }))
}
