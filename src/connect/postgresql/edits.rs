//! Changes to rows of a table, in one transaction.
use super::{
    PgServer,
    dial::{PgConnection, PgLease},
    errors::{problem, to_error},
    exchange::{Exchange, PgFailure, PgOutput, begin, unreadable},
    values::{bytes::DecodeProblem, forms::formats},
    wire::{PgFault, WireFormat},
};
use crate::{
    Result,
    budget::Hold,
    connect::{
        CommitGate, EditCounts, EditRequest, ResultLimits, Rows,
        edits::{EditAttempts, EditFault, EditSession, EditStatement, apply},
        sql::SqlDialect,
    },
};
use std::sync::Arc;

/// The maximum number of attempts to read a row, each with what the previous ones found out.
const TRIES: usize = 12;
/// The maximum size of a row as text, in bytes.
const BYTES: usize = 8 << 20;
/// Error codes that mean that the descriptions of statements are out of date, or were lost.
const STALE: [&str; 4] = ["0A000", "26000", "42P05", "08P01"];

/// Writes changes, or rolls them back for a preview.
pub(super) async fn edit(server: &PgServer, request: &EditRequest) -> Result<EditCounts> {
    if server.pool.dialer.read_only {
        return Err(problem("this datasource is read-only", "allow writing in the datasource's settings"));
    }
    let mut lease = server.pool.lease().await?;
    let (mut is_first, mut attempts) = (true, EditAttempts::default());
    loop {
        start(&mut lease).await?;
        let mut session = PgEdits { connection: lease.connection(), hold: Arc::clone(&request.hold), stale: false };
        let applied = apply(&mut session, &request.edits).await;
        let stale = session.stale;
        let ended = end(lease.connection(), applied, request.preview, &request.gate).await;
        let connection = lease.connection();
        // in the middle of a response, dropping the lease stops the statement
        let is_ready = connection.wire.is_ready();
        if stale && is_ready && is_first {
            // nothing was committed, and a table may have changed since its statements were prepared
            connection.forget();
            is_first = false;
            continue;
        }
        if is_ready && attempts.continues(SqlDialect::Postgresql, &ended, &request.gate) {
            continue;
        }
        if is_ready {
            lease.finish();
        }
        return ended;
    }
}

/// Begins a transaction, on a new connection if the present one broke while it was idle.
pub(super) async fn start(lease: &mut PgLease) -> Result<()> {
    loop {
        let connection = lease.connection();
        let how = if connection.careful { " read write" } else { "" };
        let text = begin(connection, how, &[WireFormat::Text]);
        match connection.wire.ask(&text).await {
            Ok(_) => return Ok(()),
            Err(fault) if fault.breaks() && lease.was_reused() => lease.replace().await?,
            Err(fault) => return Err(to_error(&fault, None)),
        }
    }
}

/// Ends the transaction: commits only changes that were all applied.
pub(super) async fn end<T>(
    connection: &mut PgConnection,
    applied: Result<T>,
    preview: bool,
    gate: &CommitGate,
) -> Result<T> {
    let wire = &mut connection.wire;
    let checked = match applied {
        // checks deferred constraints as a commit would
        Ok(counts) => match wire.ask("set constraints all immediate").await {
            Ok(_) if preview => Ok(counts),
            Ok(_) => gate.pass().map(|()| counts),
            Err(fault) => Err(to_error(&fault, None)),
        },
        Err(error) => Err(error),
    };
    if checked.is_ok() && !preview {
        return match wire.ask("commit").await {
            Ok(_) => checked,
            Err(fault) if fault.breaks() => Err(problem(
                "the connection was lost during the commit: the changes may have been written",
                "reload the rows to see whether they were",
            )),
            Err(fault) => Err(to_error(&fault, None)),
        };
    }
    if wire.is_ready() {
        wire.ask("rollback").await.map_err(|fault| to_error(&fault, None))?;
    }
    checked
}

pub(super) struct PgEdits<'a> {
    pub connection: &'a mut PgConnection,
    pub hold: Arc<Hold>,
    /// Set if the descriptions of statements are out of date.
    pub stale: bool,
}

impl EditSession for PgEdits<'_> {
    const DIALECT: SqlDialect = SqlDialect::Postgresql;

    async fn read(&mut self, statement: &EditStatement) -> Result<Rows, EditFault> {
        self.run(statement).await.map(|(_, rows)| rows)
    }

    async fn write(&mut self, statement: &EditStatement) -> Result<u64, EditFault> {
        let (tag, _) = self.run(statement).await?;
        Ok(tag.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default())
    }
}

impl PgEdits<'_> {
    /// Runs a statement. Only reading a row fails for a value that could not be decoded, so that nothing is written
    /// twice.
    async fn run(&mut self, statement: &EditStatement) -> Result<(String, Rows), EditFault> {
        for _ in 0..TRIES {
            let failure = match self.attempt(statement).await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let learned = match &failure {
                PgFailure::Value(DecodeProblem::Unknown(oid), _) => {
                    let PgConnection { types, wire, .. } = &mut *self.connection;
                    types.learn(wire, [*oid]).await
                }
                PgFailure::Value(DecodeProblem::Money, _) => self.connection.learn_cents().await,
                _ => return Err(self.fault(failure)),
            };
            learned.map_err(|fault| self.fault(fault.into()))?;
        }
        Err(unreadable(DecodeProblem::Stale, "").into())
    }

    async fn attempt(&mut self, statement: &EditStatement) -> Result<(String, Rows), PgFailure> {
        let prepared = self.connection.prepare(&statement.text).await?;
        let exchange = Exchange {
            text: &statement.text,
            prepared: &prepared,
            bound: self.connection.bind(&prepared, &statement.arguments).await?,
            // a column of a table is not a row without a declared type
            formats: formats(&prepared.fields, false),
            most: 0,
            before: None,
            after: None,
        };
        let limits = ResultLimits { rows: 2, bytes: BYTES, hold: Arc::clone(&self.hold) };
        let mut output = PgOutput::new(Arc::clone(&prepared.columns), &limits, None);
        let tag = self.connection.exchange(&exchange, &mut output).await?;
        Ok((tag, output.finish().await.map_err(PgFailure::Ours)?))
    }

    fn fault(&mut self, failure: PgFailure) -> EditFault {
        self.stale |= matches!(failure, PgFailure::Changed | PgFailure::Value(DecodeProblem::Stale, _))
            || failure.code().is_some_and(|code| STALE.contains(&code));
        match failure {
            PgFailure::Fault(PgFault::Ours(error)) | PgFailure::Ours(error) => error.into(),
            PgFailure::Fault(PgFault::Refused(mut refusal)) => {
                let argument = refusal.context.as_deref().and_then(argument);
                if let Some(column) = refusal.column.take().filter(|column| !refusal.message.contains(column)) {
                    refusal.message = format!("{}: {column}", refusal.message);
                }
                EditFault { error: to_error(&PgFault::Refused(refusal), None), argument }
            }
            PgFailure::Fault(fault) => to_error(&fault, None).into(),
            PgFailure::Value(problem, column) => unreadable(problem, &column).into(),
            PgFailure::Changed => unreadable(DecodeProblem::Stale, "").into(),
        }
    }
}

/// Returns the index of the argument in a context such as `unnamed portal parameter $1 = 'x'`.
fn argument(context: &str) -> Option<usize> {
    let (_, rest) = context.split_once("parameter $")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse::<usize>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::argument;

    #[test]
    fn the_argument_is_found_in_the_context_of_an_error() {
        assert_eq!(argument("unnamed portal parameter $2 = 'abc'"), Some(1));
        assert_eq!(argument("unnamed portal parameter $10"), Some(9));
        for other in ["", "PL/pgSQL function f() line 3 at RAISE", "parameter $", "parameter $0"] {
            assert_eq!(argument(other), None, "{other}");
        }
    }
}
