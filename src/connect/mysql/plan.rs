//! Decides how to run a request's statement, and whether it is allowed, before anything is sent.
use super::{kind::StatementKind, refusal::refused};
use crate::{
    Error, Result,
    connect::{
        Mode, QueryRequest,
        sql::{BoundSql, SqlDialect, StatementAnalysis, words},
    },
};

/// The transaction around a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MysqlTransaction {
    /// No transaction: the statement commits when it ends.
    Nothing,
    /// No transaction, in a session that is read-only by default: the server refuses writes.
    Careful,
    /// A read-only transaction that is rolled back.
    ReadOnly,
    /// A transaction that is rolled back.
    Undone,
}

pub(super) struct ExecutionPlan<'a> {
    pub statement: &'a BoundSql,
    pub words: Vec<String>,
    pub kind: StatementKind,
    pub mode: Mode,
    pub within: MysqlTransaction,
    /// Whether it runs only to show data, and must not be run again as a write.
    pub must_read: bool,
    /// The number of rows to skip.
    pub skip: u64,
    /// The number of rows after which the server may end a SELECT.
    pub most: Option<u64>,
}

impl<'a> ExecutionPlan<'a> {
    /// Plans a statement.
    ///
    /// # Errors
    /// `Datasource` for a statement that is not allowed in this mode, `Invalid` for one that does not support slices.
    pub fn new(
        statement: &'a BoundSql,
        request: &QueryRequest,
        read_only: bool,
        reading: &StatementAnalysis,
    ) -> Result<Self> {
        let words = words(&statement.text, SqlDialect::Mysql);
        let kind = StatementKind::of(&words);
        allowed(kind, &words, request, read_only)?;
        let reads = kind == StatementKind::Read;
        let within = match request.mode {
            Mode::Preview => MysqlTransaction::Undone,
            Mode::Explain if !reads => MysqlTransaction::Undone,
            Mode::Explain => MysqlTransaction::ReadOnly,
            // the server refuses to explain a write where it must not write, although it is not executed
            Mode::Run if !read_only && kind.explains_write(&words) => MysqlTransaction::Undone,
            Mode::Run if read_only || request.slice.is_some() => MysqlTransaction::ReadOnly,
            Mode::Run if reads && (request.must_read || !reading.writes()) => MysqlTransaction::Careful,
            Mode::Run if request.must_read => MysqlTransaction::ReadOnly,
            Mode::Run => MysqlTransaction::Nothing,
        };
        let skip = request.slice.map_or(0, |slice| slice.offset);
        let ends = u64::try_from(request.limits.rows).unwrap_or(u64::MAX).checked_add(skip.saturating_add(1));
        Ok(Self {
            statement,
            kind,
            mode: request.mode,
            within,
            must_read: request.must_read,
            skip,
            most: ends.filter(|_| reads && request.mode != Mode::Explain && within != MysqlTransaction::Nothing),
            words,
        })
    }

    /// Changes the plan to a statement that may write: it runs to completion, even if only a part of the result is
    /// kept.
    pub fn writes(&mut self) {
        self.within = MysqlTransaction::Nothing;
        self.most = None;
    }

    pub fn text(&self) -> String {
        let prefix = if self.mode == Mode::Explain { "explain format=json " } else { "" };
        format!("{prefix}{}", self.statement.text)
    }
}

fn allowed(kind: StatementKind, words: &[String], request: &QueryRequest, read_only: bool) -> Result<()> {
    if read_only && kind != StatementKind::Read {
        return Err(refused(
            "this datasource is read-only",
            "only SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE and EXPLAIN are allowed, not INTO OUTFILE or `/*! … */`",
        ));
    }
    if request.mode == Mode::Preview && kind == StatementKind::Other {
        return Err(refused(
            "this statement cannot be previewed: it may commit implicitly, so it could not be rolled back",
            "INSERT, UPDATE, DELETE, REPLACE and queries can be previewed",
        ));
    }
    if request.mode == Mode::Explain && !kind.explains(words) {
        return Err(refused(
            "this statement cannot be explained",
            "SELECT, WITH, INSERT, UPDATE, DELETE and REPLACE can be explained",
        ));
    }
    if request.slice.is_some() && kind != StatementKind::Read {
        return Err(Error::invalid("slice", "is only allowed for statements that read"));
    }
    Ok(())
}
