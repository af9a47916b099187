//! Runs a statement in a read-only transaction, or in one that is committed or rolled back.
use super::{
    PgServer,
    dial::{PgConnection, PgLease, PgStatement},
    errors::to_error,
    exchange::{Exchange, PgFailure, PgOutput, begin, unreadable},
    transaction::{PgTransaction, written},
    values::{bytes::DecodeProblem, forms::formats},
    wire::PgFault,
};
use crate::{
    Error, Result,
    connect::{
        Mode, QueryRequest, Rows, Sink, Written,
        sql::{BoundSql, SessionIsolation, StatementAnalysis, irreversible, only_shows},
    },
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the server may take to clear a session that is closed afterwards.
const RESET: Duration = Duration::from_secs(2);

/// Statements that a rollback does not undo, or that would end the transaction to roll back. The server itself refuses
/// statements such as VACUUM in a transaction.
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
/// The error code of a statement that writes in a read-only transaction.
const READ_ONLY: &str = "25006";
/// The maximum number of attempts, each with what the previous ones found out.
const TRIES: usize = 12;

/// Runs a request. A preview undoes what a rollback undoes: sequence numbers, advisory locks and effects of functions
/// outside the database (`dblink`, `pg_read_file`, …) remain.
pub(super) async fn run(server: &PgServer, statement: &BoundSql, request: &QueryRequest) -> Result<Rows> {
    let explained = (request.mode == Mode::Explain).then(|| statement.after("explain (format json) "));
    PgExecution::new(server, explained.as_ref().unwrap_or(statement), request, None).run().await
}

/// Streams all rows.
pub(super) async fn stream(server: &PgServer, statement: &BoundSql, request: &QueryRequest, sink: &Sink) -> Result<()> {
    PgExecution::new(server, statement, request, Some(sink)).run().await.map(drop)
}

pub(super) struct PgExecution<'a> {
    server: &'a PgServer,
    pub statement: &'a BoundSql,
    pub request: &'a QueryRequest,
    pub read_only: bool,
    /// Where to stream rows; `None` to collect them.
    sink: Option<&'a Sink>,
    pub reading: Arc<StatementAnalysis>,
    transaction: PgTransaction,
    /// The statement with the row limit added, so that the server can plan for it.
    limited: Option<String>,
    /// Whether rows without a declared type are requested in binary.
    pub records: bool,
    /// Whether something may have been committed or sent, so that the statement must not be retried.
    done: bool,
    tried: Vec<Remedy>,
}

/// What to try once after a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Remedy {
    /// Use a new connection.
    Replace,
    /// Drop the descriptions of statements and types.
    Forget,
    /// Stop keeping state on the server.
    Distrust,
}

impl<'a> PgExecution<'a> {
    fn new(server: &'a PgServer, statement: &'a BoundSql, request: &'a QueryRequest, sink: Option<&'a Sink>) -> Self {
        // explaining and paging must not change anything, even if the statement calls functions that write
        let reads = request.mode == Mode::Explain || request.slice.is_some() || request.must_read;
        let read_only = server.pool.dialer.read_only || reads;
        let reading = server.statements.reading(&statement.text);
        let plain = request.mode == Mode::Run && request.slice.is_none() && sink.is_none();
        let most = request.limits.rows.saturating_add(1);
        let limited = plain.then(|| reading.limited(most)).flatten();
        Self {
            server,
            statement,
            request,
            read_only,
            sink,
            reading,
            transaction: PgTransaction::Whole,
            limited,
            records: true,
            done: false,
            tried: Vec::new(),
        }
    }

    async fn run(mut self) -> Result<Rows> {
        if self.request.mode == Mode::Preview && LASTING.contains(&self.reading.verb.as_str()) {
            return Err(irreversible());
        }
        if self.read_only && self.reading.verb == "copy" {
            // even in a read-only transaction, it can write files and start programs
            return Err(Error::datasource("`copy` is not allowed in a read-only query"));
        }
        let mut lease = self.server.pool.lease().await?;
        if self.reading.session == SessionIsolation::Own {
            lease.renew().await?;
        }
        let result = self.persist(&mut lease).await;
        // a connection is still good after a refused statement, but not in the middle of a response
        if lease.connection().wire.is_ready() {
            give_back(lease, self.reading.session).await;
        }
        result.map_err(|failure| match failure {
            PgFailure::Fault(PgFault::Ours(error)) | PgFailure::Ours(error) => error,
            PgFailure::Fault(PgFault::Refused(refusal)) if self.request.must_read && refusal.code == READ_ONLY => {
                only_shows()
            }
            PgFailure::Fault(fault) => {
                let limited = self.limited.as_ref().map(|_| self.statement.after(StatementAnalysis::BEFORE));
                to_error(&fault, Some(limited.as_ref().unwrap_or(self.statement)))
            }
            PgFailure::Value(problem, column) => unreadable(problem, &column),
            PgFailure::Changed => unreadable(DecodeProblem::Stale, ""),
        })
    }

    /// Retries until the statement succeeds or fails for a reason that has no remedy.
    async fn persist(&mut self, lease: &mut PgLease) -> Result<Rows, PgFailure> {
        let mut failure = None;
        for _ in 0..TRIES {
            match self.attempt(lease).await {
                Ok(rows) => return Ok(rows),
                Err(failed) => failure = Some(self.mend(failed, lease).await?),
            }
        }
        Err(failure.unwrap_or(PgFailure::Changed))
    }

    /// Applies a remedy for a failure and returns `Ok` to retry, or `Err` if the failure is final.
    async fn mend(&mut self, failure: PgFailure, lease: &mut PgLease) -> Result<PgFailure, PgFailure> {
        if self.done || matches!(failure, PgFailure::Ours(_)) {
            return Err(failure);
        }
        match &failure {
            // nothing was committed: a connection that broke while idle is replaced once
            PgFailure::Fault(fault) if fault.breaks() => {
                if !lease.was_reused() || !self.first(Remedy::Replace) {
                    return Err(failure);
                }
                lease.replace().await.map_err(PgFailure::Ours)?;
                return Ok(failure);
            }
            PgFailure::Fault(PgFault::Refused(refusal)) => {
                if !self.adapt(&refusal.code.clone(), &refusal.message.clone(), lease.connection())? {
                    return Err(failure);
                }
            }
            PgFailure::Value(DecodeProblem::Unknown(oid), _) => {
                let PgConnection { types, wire, .. } = lease.connection();
                types.learn(wire, [*oid]).await?;
            }
            PgFailure::Value(DecodeProblem::Money, _) => lease.connection().learn_cents().await?,
            PgFailure::Value(DecodeProblem::Textual, _) if self.records => self.records = false,
            PgFailure::Value(DecodeProblem::Stale, _) | PgFailure::Changed if self.first(Remedy::Forget) => {
                lease.connection().forget();
            }
            _ => return Err(failure),
        }
        Ok(failure)
    }

    /// Marks a remedy as tried. Returns whether it was not tried before.
    fn first(&mut self, remedy: Remedy) -> bool {
        let first = !self.tried.contains(&remedy);
        self.tried.push(remedy);
        first
    }

    /// Changes how the statement runs according to an error code. Returns false if the code suggests no other way.
    fn adapt(&mut self, code: &str, message: &str, connection: &mut PgConnection) -> Result<bool, PgFailure> {
        let may_write = !self.read_only && self.request.mode == Mode::Run;
        match code {
            // the statement writes, through a function or a rule
            READ_ONLY if self.transaction == PgTransaction::Reading && may_write => {
                self.reading.set_writes();
                self.transaction = PgTransaction::Whole;
                self.limited = None;
            }
            "25001" if self.request.mode == Mode::Preview => return Err(PgFailure::Ours(irreversible())),
            // the statement cannot run in a transaction
            "25001" | "2D000" if self.transaction == PgTransaction::Whole && may_write => {
                self.transaction = PgTransaction::Alone;
            }
            // a table of the statement has changed
            "0A000" if self.first(Remedy::Forget) => connection.forget(),
            // the server has lost the prepared statement, or has another one of that name
            "26000" | "42P05" | "08P01" if self.first(Remedy::Distrust) => connection.distrust(),
            // a type within a row has no binary form
            "42883" if self.records && message.contains("binary output") => self.records = false,
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn attempt(&mut self, lease: &mut PgLease) -> Result<Rows, PgFailure> {
        let connection = lease.connection();
        if let Some(slice) = self.request.slice {
            return self.page(connection, slice).await;
        }
        if self.transaction == PgTransaction::Whole {
            self.transaction = self.choose(connection).await?;
        }
        if self.transaction != PgTransaction::Reading {
            self.limited = None;
        }
        let mut prepared = None;
        if let Some(limited) = &self.limited {
            match connection.prepare(limited).await {
                Ok(found) => prepared = Some(found),
                Err(fault) if fault.breaks() => return Err(fault.into()),
                // the error should refer to the original statement
                Err(_) => self.limited = None,
            }
        }
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => connection.prepare(&self.statement.text).await?,
        };
        match self.transaction {
            PgTransaction::Reading => self.read(connection, &prepared).await,
            PgTransaction::Whole => self.whole(connection, &prepared).await,
            PgTransaction::Alone => self.alone(connection, &prepared).await,
        }
    }

    fn most(&self) -> i32 {
        match self.sink {
            Some(_) => 0,
            None => i32::try_from(self.request.limits.rows.saturating_add(1)).unwrap_or(i32::MAX),
        }
    }

    pub async fn exchange(
        &mut self,
        connection: &mut PgConnection,
        exchange: Exchange<'_>,
    ) -> Result<(String, Rows), PgFailure> {
        let mut output = PgOutput::new(Arc::clone(&exchange.prepared.columns), &self.request.limits, self.sink);
        let tag = connection.exchange(&exchange, &mut output).await;
        self.done |= output.is_sent();
        Ok((tag?, output.finish().await.map_err(PgFailure::Ours)?))
    }

    /// Runs a read-only statement in one round trip.
    async fn read(&mut self, connection: &mut PgConnection, prepared: &PgStatement) -> Result<Rows, PgFailure> {
        let formats = formats(&prepared.fields, self.records);
        // a session that is read-only by default needs no transaction, unless the query must not write at all
        let explicit = self.read_only || !connection.careful;
        let text = self.limited.as_ref().unwrap_or(&self.statement.text).clone();
        let exchange = Exchange {
            text: &text,
            prepared,
            bound: connection.bind(prepared, &self.statement.arguments).await?,
            before: explicit.then(|| begin(connection, " read only", &formats)),
            // a rollback also undoes settings that the query may have made
            after: explicit.then_some(if self.read_only { "rollback" } else { "commit" }),
            most: self.most(),
            formats,
        };
        let (_, rows) = self.exchange(connection, exchange).await?;
        Ok(Rows { written: Written::Nothing, ..rows })
    }

    /// Runs the statement to completion in a transaction.
    async fn whole(&mut self, connection: &mut PgConnection, prepared: &PgStatement) -> Result<Rows, PgFailure> {
        let formats = formats(&prepared.fields, self.records);
        let how = match (self.read_only, connection.careful) {
            (true, _) => " read only",
            (false, true) => " read write",
            // the server's default applies
            (false, false) => "",
        };
        let exchange = Exchange {
            text: &self.statement.text,
            prepared,
            bound: connection.bind(prepared, &self.statement.arguments).await?,
            before: Some(begin(connection, how, &formats)),
            after: None,
            most: 0,
            formats,
        };
        let ran = match self.exchange(connection, exchange).await {
            Ok((tag, rows)) => self.close(connection, &tag, rows, !prepared.fields.is_empty()).await,
            Err(failure) => Err(failure),
        };
        if ran.is_err() && connection.wire.is_ready() {
            connection.wire.ask("rollback").await?;
        }
        ran
    }

    /// Ends the transaction after the statement has run.
    async fn close(
        &mut self,
        connection: &mut PgConnection,
        tag: &str,
        rows: Rows,
        answers: bool,
    ) -> Result<Rows, PgFailure> {
        let affected = self.affected(tag, answers);
        if self.request.mode == Mode::Preview {
            // check deferred constraints as a commit would
            connection.wire.ask("set constraints all immediate").await?;
            connection.wire.ask("rollback").await?;
            return Ok(Rows { affected, ..rows });
        }
        if self.read_only {
            connection.wire.ask("rollback").await?;
            return Ok(Rows { affected, ..rows });
        }
        let written = match affected {
            // a number of changed rows tells enough
            Some(_) => Written::Perhaps,
            None => written(connection).await?,
        };
        self.done = true;
        connection.wire.ask("commit").await?;
        Ok(Rows { affected, written, ..rows })
    }

    /// Returns the number of changed rows; `None` for reads, and for procedures, whose effect is unknown.
    fn affected(&self, tag: &str, answers: bool) -> Option<u64> {
        let verb = tag.split(' ').next().unwrap_or_default();
        let count = tag.rsplit(' ').next().and_then(|count| count.parse().ok());
        let changes = matches!(verb, "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY");
        match (changes, answers) {
            (true, _) => count,
            _ if matches!(self.reading.verb.as_str(), "call" | "do") => None,
            (false, false) => Some(count.unwrap_or_default()),
            (false, true) => None,
        }
    }

    /// Runs the statement without a transaction.
    async fn alone(&mut self, connection: &mut PgConnection, prepared: &PgStatement) -> Result<Rows, PgFailure> {
        if connection.careful {
            // only this statement uses the session
            connection.wire.ask("set default_transaction_read_only = off").await?;
        }
        let formats = formats(&prepared.fields, self.records);
        let bound = connection.bind(prepared, &self.statement.arguments).await?;
        let text = &self.statement.text;
        self.done = true;
        let exchange = Exchange { text, prepared, bound, before: None, after: None, most: 0, formats };
        let (tag, rows) = self.exchange(connection, exchange).await?;
        Ok(Rows { affected: self.affected(&tag, !prepared.fields.is_empty()), written: Written::Perhaps, ..rows })
    }
}

/// Returns the connection to the pool, resetting the session if the statement may have changed it.
async fn give_back(mut lease: PgLease, session: SessionIsolation) {
    match session {
        SessionIsolation::Own => {
            // the server notices a closed connection only later, and would keep its locks until then
            if lease.connection().direct {
                let _ = timeout(RESET, lease.connection().reset()).await;
            }
            lease.close();
        }
        // the result need not wait for the reset
        SessionIsolation::Reset if lease.connection().direct => drop(tokio::spawn(async move {
            match lease.connection().reset().await {
                Ok(()) => lease.finish(),
                Err(_) => lease.close(),
            }
        })),
        SessionIsolation::Shared | SessionIsolation::Reset => lease.finish(),
    }
}
