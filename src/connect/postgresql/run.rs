//! One statement in one transaction: bound, read through a portal up to the limits, committed or undone.
use super::{
    Server,
    dial::{Lease, Prepared},
    values::{Argument, Cell},
};
use crate::{
    Error, Result,
    connect::{
        Column, Mode, Request, Rows, Sink, Slice,
        rows::Collector,
        sql::{Compiled, Reading, Session, lasting, no_pages},
        stream::Batch,
    },
    error::DatasourceProblem,
};
use futures_util::{TryStreamExt, future::join3};
use serde_json::Value;
use std::{
    pin::{Pin, pin},
    sync::Arc,
};
use tokio_postgres::{
    Error as PgError, Row, RowStream, Transaction,
    error::{ErrorPosition, SqlState},
    types::ToSql,
};

/// What a rollback does not take back, or what would end the transaction that is to be rolled back. The server itself
/// refuses VACUUM and its like within a transaction.
const LASTING: [&str; 15] = [
    "abort",
    "begin",
    "checkpoint",
    "commit",
    "copy",
    "deallocate",
    "discard",
    "end",
    "execute",
    "load",
    "prepare",
    "release",
    "rollback",
    "savepoint",
    "start",
];

/// Answers a request. A preview takes back what the database takes back: numbers drawn from sequences, advisory locks,
/// and what functions do outside the database (`dblink`, `pg_read_file`, …) stay as they are.
pub(super) async fn run(server: &Server, statement: &Compiled, request: &Request) -> Result<Rows> {
    let explained = (request.mode == Mode::Explain).then(|| statement.after("explain (format json) "));
    Job::new(server, explained.as_ref().unwrap_or(statement), request, None).run().await
}

/// Sends every row as it comes.
pub(super) async fn stream(server: &Server, statement: &Compiled, request: &Request, sink: &Sink) -> Result<()> {
    Job::new(server, statement, request, Some(sink)).run().await.map(drop)
}

struct Job<'a> {
    server: &'a Server,
    statement: &'a Compiled,
    request: &'a Request,
    read_only: bool,
    /// Where rows go that are not gathered.
    sink: Option<&'a Sink>,
    reading: Arc<Reading>,
    /// The same statement for a single round trip to the server.
    quick: Option<String>,
    /// Whether a transaction was open, so that something may have run.
    began: bool,
    /// Whether rows are on their way, so that it is too late to start again.
    sent: bool,
}

/// Why an attempt failed.
enum Failure {
    Server(PgError),
    Ours(Error),
}

impl From<PgError> for Failure {
    fn from(error: PgError) -> Self {
        Self::Server(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl Failure {
    fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Server(error) => error.code(),
            Self::Ours(_) => None,
        }
    }

    fn broken(&self) -> bool {
        let closed = matches!(self, Self::Server(error) if error.is_closed());
        closed || self.code().is_some_and(|code| code.code().starts_with("57P"))
    }
}

impl<'a> Job<'a> {
    fn new(server: &'a Server, statement: &'a Compiled, request: &'a Request, sink: Option<&'a Sink>) -> Self {
        // neither a plan nor a page changes anything, whatever functions are in it
        let read_only = server.pool.dialer.read_only || request.mode == Mode::Explain || request.slice.is_some();
        let reading = server.statements.reading(&statement.text);
        let plain = request.mode == Mode::Run && request.slice.is_none() && sink.is_none();
        let most = request.limits.rows.saturating_add(1);
        let quick = plain.then(|| reading.limited(most)).flatten();
        Self { server, statement, request, read_only, sink, reading, quick, began: false, sent: false }
    }

    async fn run(mut self) -> Result<Rows> {
        let preview = self.request.mode == Mode::Preview;
        if preview && LASTING.contains(&self.reading.verb.as_str()) {
            return Err(lasting());
        }
        if self.read_only && self.reading.verb == "copy" {
            // a read-only transaction lets it write files and start programs
            return Err(Error::datasource("`copy` is not allowed where nothing may be written"));
        }
        let mut lease = self.server.pool.lease().await?;
        if self.reading.session == Session::Own {
            lease.renew().await?;
        }
        let mut result = self.attempt(&mut lease).await;
        if result.as_ref().is_err_and(Failure::broken) && !self.began && lease.rested() {
            // an idle connection that has broken is replaced, once: nothing has run on it
            lease.replace().await?;
            result = self.attempt(&mut lease).await;
        }
        let code = result.as_ref().err().and_then(Failure::code).cloned();
        if code == Some(SqlState::FEATURE_NOT_SUPPORTED) && !self.sent {
            // a table under a prepared statement has changed
            lease.connection().forget();
            result = self.attempt(&mut lease).await;
        } else if code == Some(SqlState::ACTIVE_SQL_TRANSACTION) && preview {
            result = Err(lasting().into());
        } else if code == Some(SqlState::ACTIVE_SQL_TRANSACTION) && !self.read_only {
            result = self.alone(&mut lease).await;
        }
        match result {
            Ok(rows) => {
                give_back(lease, self.reading.session);
                Ok(rows)
            }
            Err(Failure::Server(error)) => {
                // a refused statement leaves a good connection; a broken one is not kept, nor one in the middle of rows
                if error.as_db_error().is_some() {
                    give_back(lease, self.reading.session);
                }
                let quick = self.quick.map(|_| self.statement.after(Reading::BEFORE));
                Err(said(&error, Some(quick.as_ref().unwrap_or(self.statement))))
            }
            Err(Failure::Ours(error)) => Err(error),
        }
    }

    async fn attempt(&mut self, lease: &mut Lease) -> Result<Rows, Failure> {
        if let Some(quick) = self.quick.take() {
            let rows = self.at_once(lease, &quick).await;
            if !matches!(rows, Ok(None)) {
                self.quick = Some(quick);
                return rows.map(Option::unwrap_or_default);
            }
        }
        let prepared = lease.connection().prepare(&self.statement.text).await?;
        let builder = lease.connection().client.build_transaction();
        let transaction = builder.read_only(self.read_only).start().await?;
        self.began = true;
        let read = match self.request.slice {
            Some(slice) => self.page(&transaction, &prepared, slice).await,
            None => self.whole(&transaction, &prepared).await,
        };
        match read {
            Ok(rows) if self.request.mode == Mode::Preview => {
                // what a commit would check, a preview checks too
                transaction.batch_execute("set constraints all immediate").await?;
                transaction.rollback().await?;
                Ok(rows)
            }
            // undoing a read also undoes what it may have set in the session
            Ok(rows) if self.read_only => {
                transaction.rollback().await?;
                Ok(rows)
            }
            Ok(rows) => {
                transaction.commit().await?;
                Ok(rows)
            }
            Err(error) => {
                if error.code().is_some() {
                    transaction.rollback().await?;
                }
                Err(error)
            }
        }
    }

    /// A plain query in one round trip: alone, or between the begin and the end of a read-only transaction, all sent
    /// together. None when it cannot go that way; then nothing has run.
    async fn at_once(&mut self, lease: &mut Lease, quick: &str) -> Result<Option<Rows>, Failure> {
        let prepared = match lease.connection().prepare(quick).await {
            Ok(prepared) => prepared,
            Err(error) if error.as_db_error().is_some() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let client = &lease.connection().client;
        let guarded = self.read_only || self.request.cacheable;
        let bound = arguments(self.statement);
        let query = async {
            let mut found = pin!(client.query_raw(&prepared.statement, bound.iter().map(as_sql)).await?);
            self.rows(prepared.columns, Some(found.as_mut())).await
        };
        if !guarded {
            return Ok(Some(Rows { wrote: true, ..query.await? }));
        }
        let (began, rows, ended) =
            join3(client.batch_execute("begin read only"), query, client.batch_execute("rollback")).await;
        began?;
        match rows {
            // a function in it writes: it gets a transaction that may
            Err(failure) if !self.read_only && failure.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => Ok(None),
            Err(failure) => Err(failure),
            Ok(rows) => ended.map(|()| Some(rows)).map_err(Failure::from),
        }
    }

    /// VACUUM and its like run outside transactions; they take and answer nothing.
    async fn alone(&mut self, lease: &mut Lease) -> Result<Rows, Failure> {
        let prepared = lease.connection().prepare(&self.statement.text).await?;
        let affected = lease.connection().client.execute(&prepared.statement, &[]).await?;
        let rows = self.rows(Arc::default(), None).await?;
        Ok(Rows { affected: Some(affected), wrote: true, ..rows })
    }

    /// The portal gives no more rows than wanted, while a statement that writes still runs to its end.
    async fn whole(&mut self, transaction: &Transaction<'_>, prepared: &Prepared) -> Result<Rows, Failure> {
        let answers = !prepared.columns.is_empty();
        let writes = ["insert", "update", "delete", "merge"].contains(&self.reading.verb.as_str());
        // a preview wants the count of all that a statement would change, and that comes after its last row
        let all = self.sink.is_some() || !answers || (writes && self.request.mode == Mode::Preview);
        let most = self.request.limits.rows.saturating_add(1);
        let most = if all { 0 } else { i32::try_from(most).unwrap_or(i32::MAX) };
        let bound = arguments(self.statement);
        let portal = transaction.bind_raw(&prepared.statement, bound.iter().map(as_sql)).await?;
        let mut found = pin!(transaction.query_portal_raw(&portal, most).await?);
        let rows = self.rows(Arc::clone(&prepared.columns), Some(found.as_mut())).await?;
        let affected = found.rows_affected().filter(|_| !answers || writes);
        let request = self.request;
        let wrote = !self.read_only
            && request.mode == Mode::Run
            && (!answers || !request.cacheable || has_written(transaction).await?);
        Ok(Rows { affected, wrote, ..rows })
    }

    /// A cursor passes over rows within the server.
    async fn page(
        &mut self,
        transaction: &Transaction<'_>,
        prepared: &Prepared,
        slice: Slice,
    ) -> Result<Rows, Failure> {
        if prepared.columns.is_empty() {
            return Err(no_pages().into());
        }
        let declaration = format!("declare page no scroll cursor for {}", self.statement.text);
        let declaration = transaction.prepare(&declaration).await.map_err(|error| match error.code() {
            Some(&SqlState::SYNTAX_ERROR) => no_pages().into(),
            _ => Failure::from(error),
        })?;
        let bound = arguments(self.statement);
        transaction.execute_raw(&declaration, bound.iter().map(as_sql)).await?;
        let mut left = slice.offset;
        while left > 0 {
            let step = left.min(1 << 30);
            let passed = transaction.execute(&format!("move forward {step} from page"), &[]).await?;
            left = if passed < step { 0 } else { left - step };
        }
        let fetch = format!("fetch forward {} from page", self.request.limits.rows.saturating_add(1));
        let mut found = pin!(transaction.query_raw(&fetch, std::iter::empty::<&(dyn ToSql + Sync)>()).await?);
        self.rows(Arc::clone(&prepared.columns), Some(found.as_mut())).await
    }

    /// Gathers the rows up to the limits, or sends them all.
    async fn rows(&mut self, columns: Arc<[Column]>, mut found: Option<Pin<&mut RowStream>>) -> Result<Rows, Failure> {
        let most = self.request.limits.bytes;
        if let Some(sink) = self.sink {
            let mut batch = Batch::new(columns);
            while let Some(row) = next(&mut found).await? {
                self.sent = true;
                for part in batch.push(cells(&row)?, most)? {
                    sink.send(part).await?;
                }
            }
            for part in batch.finish() {
                sink.send(part).await?;
            }
            return Ok(Rows::default());
        }
        let mut collector = Collector::new(columns, self.request.limits.clone());
        let mut wanted = true;
        while let Some(row) = next(&mut found).await? {
            wanted = wanted && collector.push(cells(&row)?)?;
        }
        Ok(collector.finish())
    }
}

/// Lets others have the connection, without what the statement may have left in its session.
fn give_back(mut lease: Lease, session: Session) {
    match session {
        Session::Shared => lease.finish(),
        Session::Own => lease.close(),
        // the answer need not wait for it
        Session::Reset => drop(tokio::spawn(async move {
            match lease.connection().reset().await {
                Ok(()) => lease.finish(),
                Err(_) => lease.close(),
            }
        })),
    }
}

async fn next(found: &mut Option<Pin<&mut RowStream>>) -> Result<Option<Row>, PgError> {
    match found {
        Some(found) => found.try_next().await,
        None => Ok(None),
    }
}

fn cells(row: &Row) -> Result<Vec<Value>, PgError> {
    (0..row.len()).map(|i| row.try_get::<_, Cell>(i).map(|cell| cell.0)).collect()
}

fn arguments(statement: &Compiled) -> Vec<Argument<'_>> {
    statement.arguments.iter().map(Argument).collect()
}

fn as_sql<'a>(argument: &'a Argument<'_>) -> &'a (dyn ToSql + Sync) {
    argument
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
