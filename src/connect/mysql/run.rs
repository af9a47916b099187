//! Runs a prepared statement in the transaction of its plan.
use super::{
    dial::{MysqlConnection, MysqlPool},
    kind::StatementKind,
    output::MysqlOutput,
    plan::{ExecutionPlan, MysqlTransaction},
    refusal::{READ_ONLY, placeholders, refused, to_error},
    undo,
    values::{argument, column, decode, json::JsonColumns},
    wire::{MysqlFault, MysqlWire, ResultHead, values},
};
use crate::{
    Error, Result,
    connect::{
        Mode, QueryRequest, Rows, Sink, Written,
        sql::{BoundSql, SessionIsolation, StatementAnalysis, only_shows},
    },
};
use mysql_common::{Value as Sql, constants::StatusFlags, packets::Column as Described};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the server may take to clear a session that is closed afterwards.
const RESET: Duration = Duration::from_secs(2);

pub(super) async fn run(
    pool: &Arc<MysqlPool>,
    statement: &BoundSql,
    request: &QueryRequest,
    reading: &StatementAnalysis,
) -> Result<Rows> {
    let mut plan = ExecutionPlan::new(statement, request, pool.dialer.read_only, reading)?;
    let mut output = MysqlOutput::kept(request.limits.clone());
    let mut done = execute(pool, &mut plan, reading, &mut output).await;
    if plan.within == MysqlTransaction::Careful && !plan.must_read && done.as_ref().is_err_and(writes) {
        // the query writes through a function: run it again as a write, to completion
        reading.set_writes();
        plan.writes();
        output = MysqlOutput::kept(request.limits.clone());
        done = execute(pool, &mut plan, reading, &mut output).await;
    }
    let done = done.map_err(|failure| failure.into_error(statement, plan.must_read))?;
    let rows = output.finish().await?;
    let affected = match (plan.mode, plan.kind, done.affected) {
        (Mode::Explain, ..) => None,
        // the rows that a write returns are the rows that it changed
        (_, StatementKind::Write, None) => Some(done.returned),
        (Mode::Preview, StatementKind::Read, None) => Some(0),
        // the effect of a procedure is unknown
        _ if reading.verb == "call" => None,
        (_, _, affected) => affected,
    };
    let written = match done.changes {
        _ if plan.within != MysqlTransaction::Nothing => Written::Nothing,
        Some(1..) => Written::Something,
        // without counters, the server refused an earlier execution because it writes
        None if plan.kind == StatementKind::Read && reading.writes() => Written::Something,
        _ => Written::Perhaps,
    };
    Ok(Rows { affected, written, truncated: rows.truncated || done.more, ..rows })
}

pub(super) async fn stream(
    pool: &Arc<MysqlPool>,
    statement: &BoundSql,
    request: &QueryRequest,
    reading: &StatementAnalysis,
    sink: Sink,
) -> Result<()> {
    let mut plan = ExecutionPlan::new(statement, request, pool.dialer.read_only, reading)?;
    let mut output = MysqlOutput::sent(request.limits.clone(), sink.clone());
    let mut done = execute(pool, &mut plan, reading, &mut output).await;
    let is_to_repeat = plan.within == MysqlTransaction::Careful && !plan.must_read && !output.is_sent();
    if is_to_repeat && done.as_ref().is_err_and(writes) {
        reading.set_writes();
        plan.writes();
        output = MysqlOutput::sent(request.limits.clone(), sink);
        done = execute(pool, &mut plan, reading, &mut output).await;
    }
    let done = done.map_err(|failure| failure.into_error(statement, plan.must_read))?;
    if done.more {
        return Err(refused(
            "the statement returned several results, but only one can be exported",
            "call a procedure that returns one result",
        ));
    }
    output.finish().await.map(drop)
}

/// A failure of the server or the connection, or of our side.
enum MysqlFailure {
    Theirs(MysqlFault),
    Ours(Error),
}

impl From<MysqlFault> for MysqlFailure {
    fn from(error: MysqlFault) -> Self {
        Self::Theirs(error)
    }
}

impl From<Error> for MysqlFailure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl MysqlFailure {
    /// Returns the error to report. `must_read` tells whether the statement was to show data only.
    fn into_error(self, statement: &BoundSql, must_read: bool) -> Error {
        if must_read && writes(&self) {
            return only_shows();
        }
        match self {
            Self::Theirs(MysqlFault::Ours(error)) | Self::Ours(error) => error,
            Self::Theirs(error) => to_error(&error, Some(statement)),
        }
    }
}

fn writes(failure: &MysqlFailure) -> bool {
    matches!(failure, MysqlFailure::Theirs(MysqlFault::Refused(refused)) if refused.code == READ_ONLY)
}

/// The outcome of a statement.
struct Done {
    /// Number of changed rows, if the statement returned no rows.
    affected: Option<u64>,
    /// Number of returned rows, kept or not.
    returned: u64,
    /// Whether the response was read completely.
    whole: bool,
    /// Whether more results with rows followed the first.
    more: bool,
    /// The number of rows that were written, by functions, too; `None` if the server does not count them.
    changes: Option<u64>,
}

async fn execute(
    pool: &Arc<MysqlPool>,
    plan: &mut ExecutionPlan<'_>,
    reading: &StatementAnalysis,
    output: &mut MysqlOutput,
) -> Result<Done, MysqlFailure> {
    let mut lease = pool.lease().await?;
    let session = reading.session;
    let own = session == SessionIsolation::Own || plan.kind == StatementKind::Other;
    if own {
        lease.renew().await?;
    }
    if plan.within == MysqlTransaction::Careful
        && !plan.must_read
        && session == SessionIsolation::Reset
        && calls_stored(lease.connection(), reading).await?
    {
        plan.writes();
    }
    let done = counted(lease.connection(), plan, output).await;
    match &done {
        // the rest of the response is not read: dropping the lease stops the statement
        Ok(done) if !done.whole => drop(lease),
        Err(MysqlFailure::Ours(_)) => drop(lease),
        // the statement may have changed the session, and the next query needs a clean one. The server notices a closed
        // connection only later, and would keep its locks until then
        _ if own || session == SessionIsolation::Reset => {
            let is_in_step = matches!(&done, Ok(_) | Err(MysqlFailure::Theirs(MysqlFault::Refused(_))));
            if is_in_step {
                let _ = timeout(RESET, lease.connection().wire.reset()).await;
            }
            lease.close();
        }
        _ => lease.finish(),
    }
    done
}

/// Returns whether a stored function is called: it may write, whatever it declares.
async fn calls_stored(connection: &mut MysqlConnection, reading: &StatementAnalysis) -> Result<bool, MysqlFailure> {
    if let Some(known) = reading.known_calls() {
        return Ok(known);
    }
    let marks = vec!["?"; reading.calls.len()].join(", ");
    let text = format!(
        "select 1 from information_schema.routines
         where routine_type = 'FUNCTION' and lower(routine_name) in ({marks}) limit 1"
    );
    let names: Vec<Sql> = reading.calls.iter().map(|name| Sql::Bytes(name.clone().into_bytes())).collect();
    let found = connection.wire.ask_with(&text, &names).await?;
    Ok(reading.learn_calls(!found.is_empty()))
}

/// Runs a statement, and counts the rows that it writes if its response does not tell: functions and procedures may.
async fn counted(
    connection: &mut MysqlConnection,
    plan: &ExecutionPlan<'_>,
    output: &mut MysqlOutput,
) -> Result<Done, MysqlFailure> {
    if plan.within != MysqlTransaction::Nothing || plan.kind == StatementKind::Write {
        return attempt(connection, plan, output).await;
    }
    let before = changes(&mut connection.wire).await?;
    let done = attempt(connection, plan, output).await?;
    if !done.whole {
        return Ok(done);
    }
    // the statement was executed, whatever became of its connection
    let after = changes(&mut connection.wire).await.unwrap_or_default();
    let changes = after.zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok(Done { changes, ..done })
}

/// Returns how many rows the session has written. `None` for MySQL: it also counts those of internal tables.
async fn changes(wire: &mut MysqlWire) -> Result<Option<u64>, MysqlFailure> {
    let text = "show session status where variable_name in ('Handler_delete', 'Handler_update', 'Handler_write', \
                'Handler_tmp_write')";
    // a server that refuses tells nothing
    let rows = match wire.ask(text).await {
        Err(MysqlFault::Refused(_)) => return Ok(None),
        rows => rows?,
    };
    let counters = rows.iter().filter_map(|row| Some((row.first()?.as_deref()?, row.get(1)?.as_deref()?)));
    let (internal, tables): (Vec<_>, Vec<_>) =
        counters.partition(|(name, _)| name.eq_ignore_ascii_case("Handler_tmp_write"));
    Ok((!internal.is_empty()).then(|| tables.iter().filter_map(|(_, count)| count.parse::<u64>().ok()).sum()))
}

async fn attempt(
    connection: &mut MysqlConnection,
    plan: &ExecutionPlan<'_>,
    output: &mut MysqlOutput,
) -> Result<Done, MysqlFailure> {
    connection.settle(plan.most, plan.within == MysqlTransaction::Nothing).await?;
    match plan.within {
        MysqlTransaction::Nothing | MysqlTransaction::Careful => return perform(connection, plan, output).await,
        MysqlTransaction::ReadOnly => drop(connection.wire.ask("start transaction read only").await?),
        // with a read-only default, this transaction is read-only, too
        MysqlTransaction::Undone if !connection.may_write => drop(connection.wire.ask("start transaction").await?),
        MysqlTransaction::Undone => drop(connection.wire.ask("start transaction read write").await?),
    }
    if plan.mode == Mode::Preview
        && let Err(error) = undo::check(&mut connection.wire, &plan.words, "this statement cannot be previewed").await
    {
        connection.wire.ask("rollback").await?;
        return Err(error);
    }
    let done = match perform(connection, plan, output).await {
        Ok(done) if !done.whole => return Ok(done),
        Err(MysqlFailure::Theirs(fault)) if !matches!(fault, MysqlFault::Refused(_)) => return Err(fault.into()),
        Err(MysqlFailure::Ours(error)) => return Err(error.into()),
        other => other,
    };
    let wire = &mut connection.wire;
    let status = done.is_ok().then_some(wire.status);
    wire.ask("rollback").await?;
    if plan.mode == Mode::Preview {
        let open = status.is_none_or(|status| status.contains(StatusFlags::SERVER_STATUS_IN_TRANS));
        if !open || undo::incomplete(wire).await? {
            return Err(MysqlFailure::Ours(refused(
                "the server could not roll back everything: some changes of this preview remain",
                "the statement uses a table or a function without transactions",
            )));
        }
    }
    done
}

/// Prepares the statement, runs it and reads its result.
async fn perform(
    connection: &mut MysqlConnection,
    plan: &ExecutionPlan<'_>,
    output: &mut MysqlOutput,
) -> Result<Done, MysqlFailure> {
    let MysqlConnection { wire, json, .. } = connection;
    let statement = wire.prepare(&plan.text()).await?;
    let bound: Vec<Sql> = plan.statement.arguments.iter().map(argument).collect();
    if statement.takes() != bound.len() {
        return Err(MysqlFailure::Ours(placeholders()));
    }
    let returns = plan.kind == StatementKind::Write && plan.words.iter().any(|word| word == "returning");
    json.learn(wire, &statement.columns, returns).await?;
    let head = wire.execute(&statement, &bound).await?;
    let done = answer(wire, head, plan, json, output).await?;
    wire.finish(&statement).await?;
    Ok(done)
}

/// Reads a result: a read up to the requested rows, a statement that may write to the end.
async fn answer(
    wire: &mut MysqlWire,
    head: ResultHead,
    plan: &ExecutionPlan<'_>,
    json: &JsonColumns,
    output: &mut MysqlOutput,
) -> Result<Done, MysqlFailure> {
    let columns = match head {
        ResultHead::Rows(columns) => columns,
        ResultHead::Done(affected) => {
            wire.skip().await?;
            output.begin(Vec::new());
            return Ok(Done { affected: Some(affected), returned: 0, whole: true, more: false, changes: None });
        }
    };
    let explains = plan.mode == Mode::Explain;
    let parsed: Vec<bool> = columns.iter().map(|column| explains || json.holds(column)).collect();
    output.begin(columns.iter().zip(&parsed).map(|(one, parsed)| column(one, *parsed)).collect());
    let (mut skip, mut wanted, mut returned) = (plan.skip, true, 0);
    while let Some(row) = wire.row(Some(output.hold())).await? {
        returned += 1;
        if skip > 0 {
            skip -= 1;
        } else if wanted {
            wanted = output.push(cells(&row, &columns, &parsed)?).await?;
        } else if plan.within != MysqlTransaction::Nothing && plan.kind == StatementKind::Read {
            return Ok(Done { affected: None, returned, whole: false, more: false, changes: None });
        }
    }
    let more = wire.skip().await?;
    Ok(Done { affected: None, returned, whole: true, more, changes: None })
}

pub(super) fn cells(row: &[u8], columns: &[Described], parsed: &[bool]) -> Result<Vec<Value>> {
    let found = values(row, columns).ok_or_else(|| Error::unreachable("a row does not follow the MySQL protocol"))?;
    let cells = found.into_iter().zip(columns).zip(parsed);
    cells.map(|((value, column), parsed)| decode(value, column, *parsed)).collect()
}
