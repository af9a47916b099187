//! Changes to rows of a table, in one transaction.
use super::{
    dial::{MysqlConnection, MysqlPool},
    refusal::{placeholders, refused, to_error},
    run::cells,
    undo,
    values::{argument, column},
    wire::{MysqlFault, ResultHead},
};
use crate::{
    Error, Result,
    budget::Hold,
    connect::{
        EditCounts, EditRequest, ResultLimits, Rows,
        edits::{EditAttempts, EditFault, EditSession, EditStatement, apply},
        rows::{Collector, with_unique_names},
        sql::SqlDialect,
    },
    error::DatasourceProblem,
};
use mysql_common::Value as Sql;
use std::sync::Arc;

/// The maximum size of a row as text, in bytes.
const BYTES: usize = 8 << 20;

/// Writes changes, or rolls them back for a preview.
pub(super) async fn edit(pool: &Arc<MysqlPool>, request: &EditRequest) -> Result<EditCounts> {
    if pool.dialer.read_only {
        return Err(refused("this datasource is read-only", "allow writing in the datasource's settings"));
    }
    let mut lease = pool.lease().await?;
    let connection = lease.connection();
    let mut attempts = EditAttempts::default();
    let done = loop {
        let done = transact(connection, request).await;
        if !connection.wire.is_ready() || !attempts.continues(SqlDialect::Mysql, &done, &request.gate) {
            break done;
        }
    };
    // in the middle of a response, dropping the lease stops the statement
    if connection.wire.is_ready() {
        lease.finish();
    }
    done
}

async fn transact(connection: &mut MysqlConnection, request: &EditRequest) -> Result<EditCounts> {
    let failed = |fault: MysqlFault| to_error(&fault, None);
    connection.settle(None, true).await.map_err(failed)?;
    connection.wire.ask("start transaction").await.map_err(failed)?;
    let applied = apply_all(connection, request).await;
    let wire = &mut connection.wire;
    if let Ok(counts) = applied
        && !request.preview
        && request.gate.pass().is_ok()
    {
        return match wire.ask("commit").await {
            Ok(_) => Ok(counts),
            Err(fault @ MysqlFault::Refused(_)) => Err(to_error(&fault, None)),
            Err(_) => Err(refused(
                "the connection was lost during the commit: the changes may have been written",
                "reload the rows to see whether they were",
            )),
        };
    }
    if wire.is_ready() {
        wire.ask("rollback").await.map_err(failed)?;
    }
    if applied.is_ok() && !request.preview {
        request.gate.pass()?;
    }
    applied
}

async fn apply_all(connection: &mut MysqlConnection, request: &EditRequest) -> Result<EditCounts> {
    let names: Vec<String> = request.edits.schema.iter().chain([&request.edits.table]).cloned().collect();
    let check = undo::check::<EditsFailure>(&mut connection.wire, &names, "the rows cannot be edited as a whole");
    check.await.map_err(|failure| EditFault::from(failure).error)?;
    apply(&mut MysqlEdits { connection, hold: Arc::clone(&request.hold), refuses_notes: false }, &request.edits).await
}

/// A failure of the server or the connection, or of our side.
pub(super) enum EditsFailure {
    Theirs(MysqlFault),
    Ours(Error),
}

impl From<MysqlFault> for EditsFailure {
    fn from(fault: MysqlFault) -> Self {
        Self::Theirs(fault)
    }
}

impl From<Error> for EditsFailure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<EditsFailure> for EditFault {
    fn from(failure: EditsFailure) -> Self {
        match failure {
            EditsFailure::Theirs(MysqlFault::Ours(error)) | EditsFailure::Ours(error) => error.into(),
            EditsFailure::Theirs(fault) => to_error(&fault, None).into(),
        }
    }
}

pub(super) struct MysqlEdits<'a> {
    pub connection: &'a mut MysqlConnection,
    pub hold: Arc<Hold>,
    /// Whether a note counts as a refusal, too: the server rounds decimals with nothing but a note.
    pub refuses_notes: bool,
}

impl EditSession for MysqlEdits<'_> {
    const DIALECT: SqlDialect = SqlDialect::Mysql;

    async fn read(&mut self, statement: &EditStatement) -> Result<Rows, EditFault> {
        Ok(self.run(statement).await.map(|(_, rows)| rows)?)
    }

    async fn write(&mut self, statement: &EditStatement) -> Result<u64, EditFault> {
        let (affected, _) = self.run(statement).await?;
        self.refuse_changed_values().await?;
        Ok(affected)
    }
}

impl MysqlEdits<'_> {
    /// Runs a statement, and returns the number of changed rows and the rows that it returned.
    async fn run(&mut self, statement: &EditStatement) -> Result<(u64, Rows), EditsFailure> {
        let MysqlConnection { wire, json, .. } = &mut *self.connection;
        let prepared = wire.prepare(&statement.text).await?;
        let bound: Vec<Sql> = statement.arguments.iter().map(argument).collect();
        if prepared.takes() != bound.len() {
            return Err(placeholders().into());
        }
        json.learn(wire, &prepared.columns, false).await?;
        let columns = match wire.execute(&prepared, &bound).await? {
            ResultHead::Done(affected) => {
                wire.finish(&prepared).await?;
                return Ok((affected, Rows::default()));
            }
            ResultHead::Rows(columns) => columns,
        };
        let parsed: Vec<bool> = columns.iter().map(|column| json.holds(column)).collect();
        let described = columns.iter().zip(&parsed).map(|(one, parsed)| column(one, *parsed)).collect();
        let limits = ResultLimits { rows: 2, bytes: BYTES, hold: Arc::clone(&self.hold) };
        let mut collector = Collector::new(with_unique_names(described), limits);
        while let Some(row) = wire.row(Some(&self.hold)).await? {
            collector.push(cells(&row, &columns, &parsed)?)?;
        }
        wire.skip().await?;
        wire.finish(&prepared).await?;
        Ok((0, collector.finish()))
    }

    /// Refuses what a server that is not strict accepts with a warning: it has stored another value.
    async fn refuse_changed_values(&mut self) -> Result<(), EditsFailure> {
        let wire = &mut self.connection.wire;
        if wire.warnings == 0 {
            return Ok(());
        }
        let warnings = wire.ask("show warnings").await?;
        let text = |row: &[Option<String>], at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let counts = |row: &&Vec<Option<String>>| self.refuses_notes || text(row, 0) != "Note";
        let Some(row) = warnings.iter().find(counts) else { return Ok(()) };
        Err(EditsFailure::Ours(Error::Datasource(Box::new(DatasourceProblem {
            message: text(row, 2),
            // a data exception, with the state that the warning itself lacks
            code: Some(format!("{} (22000)", text(row, 1))),
            ..DatasourceProblem::default()
        }))))
    }
}
